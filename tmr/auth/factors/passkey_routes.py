"""Passkeys: adding, naming and removing them; signing in with one alone or as the second step; confirming with one."""

from uuid import UUID

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from tmr.auth.blueprint import blueprint
from tmr.auth.factors import passkeys
from tmr.auth.factors.ceremony import (
    ADD,
    CREDENTIAL_FIELD,
    SECRET_FIELD,
    USE,
    check_signature,
    new_challenge,
    origin,
    request_options,
    take_challenge,
    used_passkey,
)
from tmr.auth.factors.passkeys import PasskeyRefusedError
from tmr.auth.lock.opening import opens_by_carried, opens_by_passkey
from tmr.auth.revocation import Event
from tmr.auth.sign_in import pending
from tmr.auth.sign_in.pending import Pending
from tmr.auth.sign_in.steps import complete_sign_in, end_all_else
from tmr.domain.security_events import CONFIRMED, LOCK_PASSKEY_REMOVED, PASSKEY_ADDED, PASSKEY_REMOVED
from tmr.repository.accounts.passkeys import MAX_PASSKEYS, Credential, Passkey
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.event_log import note
from tmr.web.return_path import safe_path
from tmr.web.services import now, services
from tmr.web.session.cookies import PENDING, read_cookie
from tmr.web.session.current import is_signed_in, renew_session, unit_of_work
from tmr.web.session.guards import confirmation_required, public, sign_in_required
from tmr.web.session.throttling import (
    FACTOR_BY_ACCOUNT,
    count,
    count_confirmation,
    count_sign_in_without_password,
)

SECURITY = "/settings/security"
PAGE = f"{SECURITY}/passkeys"
REFUSED = "That passkey was not accepted. Nothing was changed. Try again or sign in another way."
FULL = f"You can have at most {MAX_PASSKEYS} passkeys. Remove one first."
LAST_WAY = "That is the only way to sign in to this account. Set a password first."
LABEL_LETTERS = 60


@blueprint.get(PAGE)
@sign_in_required
def show_passkeys() -> Response:
    """Redirect to the passkeys on the security page."""
    return redirect(f"{SECURITY}#passkeys", 303)


@blueprint.post(f"{PAGE}/options")
@confirmation_required(SECURITY)
def offer_passkey() -> Response:
    """Return, as JSON, what the browser needs to make a passkey."""
    uow = unit_of_work()
    challenge = new_challenge(ADD)
    known = uow.passkeys.list()
    options = passkeys.creation_options(origin(), uow.owner, uow.account.email(), challenge, known)
    return Response(options, mimetype="application/json")


@blueprint.post(PAGE)
@confirmation_required(SECURITY)
def add_passkey() -> Response:
    """Save a new passkey; if it is the first factor of the account, show its recovery codes."""
    uow = unit_of_work()
    if not uow.has_room(uow.passkeys.list, MAX_PASSKEYS):
        return _redirect_saying(FULL)
    try:
        registered = passkeys.registered(origin(), request.form.get(CREDENTIAL_FIELD, ""), take_challenge(ADD))
    except PasskeyRefusedError:
        return _redirect_saying(REFUSED)
    count(FACTOR_BY_ACCOUNT, str(uow.owner))
    label = request.form.get("label", "").strip()[:LABEL_LETTERS] or "Passkey"
    credential = Credential(label, registered.credential_id, registered.public_key)
    if not uow.passkeys.add(credential, registered.sign_count, now()):
        return _redirect_saying("That passkey has already been added.")
    codes = [] if uow.recovery_codes.left() else uow.recovery_codes.renew()
    note(uow, PASSKEY_ADDED)
    end_all_else(uow, Event.FACTOR_CHANGED)
    if codes:
        return htmx.render("auth/factors/recovery_codes.html", codes=codes, is_new=True)
    return _redirect_saying("Passkey added.")


@blueprint.post(f"{PAGE}/<uuid:passkey_id>/rename")
@sign_in_required
def rename_passkey(passkey_id: UUID) -> Response:
    """Rename a passkey; an empty name becomes ``Passkey``."""
    with unit_of_work() as uow:
        uow.passkeys.rename(passkey_id, request.form.get("label", "").strip()[:LABEL_LETTERS] or "Passkey")
        uow.commit()
    return _redirect_saying("Saved.")


@blueprint.post(f"{PAGE}/<uuid:passkey_id>/remove")
@confirmation_required(SECURITY)
def remove_passkey(passkey_id: UUID) -> Response:
    """Remove a passkey, unless it is the only way in; if no factor is left, the recovery codes go too."""
    uow = unit_of_work()
    opened = uow.passkeys.remove(passkey_id)
    has_passkey = uow.passkeys.count() > 0
    if not (has_passkey or uow.account.standing().has_password or uow.identities.list()):
        return _redirect_saying(LAST_WAY)  # without a commit, so the passkey stays
    if not has_passkey and not uow.totp.exists():
        uow.recovery_codes.remove()
    note(uow, LOCK_PASSKEY_REMOVED if opened else PASSKEY_REMOVED)
    end_all_else(uow, Event.FACTOR_CHANGED)
    return _redirect_saying("Passkey removed. All your other devices are signed out.")


@blueprint.post("/login/passkey/options")
@public
def ask_for_passkey() -> Response:
    """Return, as JSON, what the browser needs to use a passkey: one of the account if it is known, else any."""
    sign_in = None if is_signed_in() else pending.find()
    uow = unit_of_work() if is_signed_in() else sign_in.uow if sign_in else None
    known = uow.passkeys.list() if uow else []
    if sign_in:
        sign_in.uow.close()
    return Response(request_options(USE, known), mimetype="application/json")


@blueprint.post("/login/passkey")
@public
def sign_in_with_passkey() -> Response:
    """Sign in. No second step follows: a passkey shows both what people have and who they are.

    What the browser derives of the passkey opens locked records, if it was let in, and so does the password of the
    step before.
    """
    count_sign_in_without_password()
    try:
        uow, passkey = _find_signer()
    except PasskeyRefusedError:
        flash(REFUSED)
        return redirect(url_for("auth.sign_in"), 303)
    with uow:
        waiting = _burn_pending_sign_in(uow)
        next_path = safe_path(waiting.next if waiting else request.form.get("next"), url_for("records.home"))
        opens = opens_by_passkey(uow, passkey.id, request.form.get(SECRET_FIELD, ""))
        if opens is None and waiting:
            opens = opens_by_carried(uow, waiting, read_cookie(PENDING))
        return complete_sign_in(uow, next_path, keep=bool(waiting and waiting.keep), opens=opens)


@blueprint.post("/reauthenticate/passkey")
@sign_in_required
def confirm_with_passkey() -> Response:
    """Confirm who is there by a passkey of this account."""
    wanted = safe_path(request.form.get("next"), SECURITY)
    uow = unit_of_work()
    count_confirmation(uow, "passkey")
    try:
        used_passkey(uow, USE)
    except PasskeyRefusedError:
        flash(REFUSED)
        return redirect(url_for("auth.confirm", next=wanted), 303)
    note(uow, CONFIRMED)
    renew_session(uow)
    flash("Confirmed. You won't be asked again for ten minutes.")
    return redirect(wanted, 303)


def _burn_pending_sign_in(uow: UnitOfWork) -> Pending | None:
    """Use up the sign-in to this account that this browser waits for, and return it; None if there is none."""
    sign_in = pending.find()
    pending.forget()
    if sign_in is None:
        return None
    with sign_in.uow as waiting_uow:
        is_same = waiting_uow.owner == uow.owner
    return sign_in.waiting if is_same and pending.burn(uow) else None


def _find_signer() -> tuple[UnitOfWork, Passkey]:
    """Return a unit of work of the account whose passkey signed this request's challenge, and which; it commits later.

    Raises:
        PasskeyRefusedError: there is no such passkey, or its signature is wrong.
    """
    challenge, credential = take_challenge(USE), request.form.get(CREDENTIAL_FIELD, "")
    credential_id = passkeys.credential_id(credential)
    owner = services().repository.find_by_passkey(credential_id)
    if owner is None:
        raise PasskeyRefusedError
    uow = services().repository.for_owner(owner)
    try:
        return uow, check_signature(uow, credential, credential_id, challenge)
    except BaseException:
        uow.close()
        raise


def _redirect_saying(notice: str) -> Response:
    flash(notice)
    return redirect(SECURITY, 303)
