"""Passkeys: add, name, remove; sign in with one alone, as the second step, or to confirm who one is."""

import base64
from uuid import UUID

from flask import flash, redirect, request, session, url_for
from werkzeug.wrappers import Response

from tmr.auth.blueprint import blueprint
from tmr.auth.factors import passkeys
from tmr.auth.factors.passkeys import PasskeyRefusedError
from tmr.auth.revocation import Event
from tmr.auth.sign_in import pending
from tmr.auth.sign_in.pending import Pending
from tmr.auth.sign_in.steps import complete_sign_in, end_all_else
from tmr.domain.security_events import CONFIRMED, PASSKEY_ADDED, PASSKEY_REMOVED
from tmr.repository.accounts.passkeys import MAX_PASSKEYS, Credential
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.return_path import safe_path
from tmr.web.security_events import note
from tmr.web.services import now, services
from tmr.web.session.current import is_signed_in, renew_session, unit_of_work
from tmr.web.session.guards import confirmation_required, public, sign_in_required
from tmr.web.session.throttling import count_sign_in_without_password, is_first_use

SECURITY = "/settings/security"
PAGE = f"{SECURITY}/passkeys"
KEPT, SECONDS = "passkey", 300
ADD, USE = "add", "use"
REFUSED = "That passkey was not accepted. Nothing was changed. Try again or sign in another way."
FULL = f"You can have at most {MAX_PASSKEYS} passkeys. Remove one first."
LAST_WAY = "That is the only way to sign in to this account. Set a password first."
LABEL_LETTERS = 60


@blueprint.get(PAGE)
@sign_in_required
def show_passkeys() -> Response:
    """Lead to their place on the security page."""
    return redirect(f"{SECURITY}#passkeys", 303)


@blueprint.post(f"{PAGE}/options")
@confirmation_required(SECURITY)
def offer_passkey() -> Response:
    """Give the browser what it needs to make a passkey."""
    uow = unit_of_work()
    challenge = _new_challenge(ADD)
    known = uow.passkeys.list()
    options = passkeys.creation_options(_site(), uow.owner, uow.account.email(), challenge, known)
    return Response(options, mimetype="application/json")


@blueprint.post(PAGE)
@confirmation_required(SECURITY)
def add_passkey() -> Response:
    """Keep a passkey; with the first factor of an account come its recovery codes."""
    uow = unit_of_work()
    if uow.passkeys.count() >= MAX_PASSKEYS:
        return _say(FULL)
    try:
        found = passkeys.registered(_site(), request.form.get("credential", ""), _challenge(ADD))
    except PasskeyRefusedError:
        return _say(REFUSED)
    label = request.form.get("label", "").strip()[:LABEL_LETTERS] or "Passkey"
    if not uow.passkeys.add(Credential(label, found.credential_id, found.public_key), found.sign_count, now()):
        return _say("That passkey has already been added.")
    codes = [] if uow.recovery_codes.left() else uow.recovery_codes.renew()
    note(uow, PASSKEY_ADDED)
    end_all_else(uow, Event.FACTOR_CHANGED)
    if codes:
        return htmx.render("auth/factors/recovery_codes.html", codes=codes, is_new=True)
    return _say("Passkey added.")


@blueprint.post(f"{PAGE}/<uuid:passkey_id>/rename")
@sign_in_required
def rename_passkey(passkey_id: UUID) -> Response:
    """Give a passkey another name."""
    with unit_of_work() as uow:
        uow.passkeys.rename(passkey_id, request.form.get("label", "").strip()[:LABEL_LETTERS] or "Passkey")
        uow.commit()
    return _say("Saved.")


@blueprint.post(f"{PAGE}/<uuid:passkey_id>/remove")
@confirmation_required(SECURITY)
def remove_passkey(passkey_id: UUID) -> Response:
    """Forget a passkey, unless it is the only way in; without any factor left the recovery codes go with it."""
    uow = unit_of_work()
    uow.passkeys.remove(passkey_id)
    has_passkey = uow.passkeys.count() > 0
    if not (has_passkey or uow.account.standing().has_password or uow.identities.list()):
        return _say(LAST_WAY)  # nothing is committed
    if not has_passkey and not uow.totp.exists():
        uow.recovery_codes.remove()
    note(uow, PASSKEY_REMOVED)
    end_all_else(uow, Event.FACTOR_CHANGED)
    return _say("Passkey removed. All your other devices are signed out.")


@blueprint.post("/login/passkey/options")
@public
def ask_for_passkey() -> Response:
    """Give the browser what it needs to use a passkey: one of this account where that is known, else any."""
    found = None if is_signed_in() else pending.find()
    uow = unit_of_work() if is_signed_in() else found[0] if found else None
    known = uow.passkeys.list() if uow else []
    if found:
        found[0].close()
    return Response(passkeys.request_options(_site(), _new_challenge(USE), known), mimetype="application/json")


@blueprint.post("/login/passkey")
@public
def sign_in_with_passkey() -> Response:
    """Sign in: a passkey is two factors in one, what one has and who one is."""
    count_sign_in_without_password()
    try:
        uow = _signed_by()
    except PasskeyRefusedError:
        flash(REFUSED)
        return redirect(url_for("auth.sign_in"), 303)
    with uow:
        waiting = _waiting_for(uow)
        next_path = safe_path(waiting.next if waiting else request.form.get("next"), url_for("records.home"))
        return complete_sign_in(uow, next_path, keep=bool(waiting and waiting.keep))


@blueprint.post("/reauthenticate/passkey")
@sign_in_required
def confirm_with_passkey() -> Response:
    """Take a passkey of this account for a confirmation."""
    wanted = safe_path(request.form.get("next"), SECURITY)
    uow, credential = unit_of_work(), request.form.get("credential", "")
    try:
        _check(uow, credential, passkeys.credential_id(credential), _challenge(USE))
    except PasskeyRefusedError:
        flash(REFUSED)
        return redirect(url_for("auth.confirm", next=wanted), 303)
    note(uow, CONFIRMED)
    renew_session(uow)
    flash("Confirmed. You won't be asked again for ten minutes.")
    return redirect(wanted, 303)


def _waiting_for(uow: UnitOfWork) -> Pending | None:
    """Return the sign-in of this account that waits in this browser, used up; None if there is none."""
    found = pending.find()
    pending.forget()
    if found is None:
        return None
    with found[0] as other:
        is_same = other.owner == uow.owner
    return found[1] if is_same and pending.burn(uow) else None


def _signed_by() -> UnitOfWork:
    """Return a unit of work of the account whose passkey signed this request's challenge; the caller commits.

    Raises:
        PasskeyRefusedError: no such passkey, or what it signed is not good.
    """
    challenge, credential = _challenge(USE), request.form.get("credential", "")
    credential_id = passkeys.credential_id(credential)
    owner = services().repository.find_by_passkey(credential_id)
    if owner is None:
        raise PasskeyRefusedError
    uow = services().repository.for_owner(owner)
    try:
        _check(uow, credential, credential_id, challenge)
    except BaseException:
        uow.close()
        raise
    return uow


def _check(uow: UnitOfWork, credential: str, credential_id: bytes, challenge: bytes) -> None:
    passkey = uow.passkeys.find(credential_id)
    if passkey is None or uow.account.standing().disabled_at:
        raise PasskeyRefusedError
    sign_count = passkeys.new_sign_count(_site(), credential, challenge, passkey)
    if not uow.passkeys.note_use(passkey, sign_count, now()):
        raise PasskeyRefusedError


def _new_challenge(purpose: str) -> bytes:
    challenge = passkeys.new_challenge()
    session[KEPT] = [purpose, base64.b64encode(challenge).decode(), now().timestamp()]
    return challenge


def _challenge(purpose: str) -> bytes:
    """Return the challenge this browser was given for ``purpose``; it is good once, for five minutes."""
    kept_purpose, text, began = session.pop(KEPT, ["", "", 0])
    is_fresh = 0 <= now().timestamp() - began <= SECONDS
    if kept_purpose != purpose or not is_fresh or not is_first_use(f"passkey {text}"):
        raise PasskeyRefusedError
    return base64.b64decode(text)


def _site() -> str:
    return services().settings.base_url


def _say(words: str) -> Response:
    flash(words)
    return redirect(SECURITY, 303)
