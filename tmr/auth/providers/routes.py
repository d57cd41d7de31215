"""Signing in with Google or another OpenID provider; linking an identity there, and unlinking it."""

import secrets
from uuid import UUID

import msgspec
from flask import abort, flash, redirect, request, session, url_for
from werkzeug.wrappers import Response

from tmr.auth.blueprint import blueprint
from tmr.auth.providers import account_linking
from tmr.auth.providers.openid import Claims, Journey, ProviderError, client_of
from tmr.auth.revocation import Event
from tmr.auth.sign_in.steps import end_all_else
from tmr.config import Provider
from tmr.domain.security_events import CONFIRMED, IDENTITY_UNLINKED
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.event_log import note
from tmr.web.return_path import safe_path
from tmr.web.services import now, services
from tmr.web.session.current import is_confirmed, is_signed_in, renew_session, unit_of_work
from tmr.web.session.guards import ask_to_confirm, ask_to_sign_in, confirmation_required, public
from tmr.web.session.throttling import count_journey, count_sign_in_without_password, is_first_use

SECURITY = "/settings/security"
JOURNEY, JOURNEY_SECONDS = "openid", 600  # its key in the signed session cookie, and how long it works
SIGN_IN, LINK, CONFIRM = "sign in", "link", "confirm"
UNREACHABLE = "The sign-in provider did not answer properly. Nothing was changed. Try again or sign in another way."
STALE = "That sign-in took too long or was started in another browser. Please start again."
LAST_WAY = "That is the only way to sign in to this account. Set a password or add a passkey first."


class Waiting(msgspec.Struct):
    """What this browser was sent to the provider for, once and for ten minutes; ``began`` is in seconds since 1970."""

    journey: Journey
    purpose: str
    next: str
    owner: str
    began: float


@blueprint.post("/auth/google")
@public
def start_google() -> Response:
    """Send the browser to the provider: to sign in, to link an identity, or to confirm who is there."""
    purpose = request.form.get("purpose", SIGN_IN)
    if purpose not in (SIGN_IN, LINK, CONFIRM):
        abort(400)
    if purpose != SIGN_IN and not is_signed_in():
        return ask_to_sign_in()
    if purpose == LINK and not is_confirmed():
        return ask_to_confirm(SECURITY)
    count_journey()
    journey = Journey(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48))
    owner = str(unit_of_work().owner) if purpose != SIGN_IN else ""
    waiting = Waiting(journey, purpose, safe_path(request.form.get("next"), ""), owner, now().timestamp())
    try:
        url = client_of(_provider()).address(journey, _callback_url(), now(), is_fresh=purpose == CONFIRM)
    except ProviderError:
        return _refuse(UNREACHABLE)
    session[JOURNEY] = msgspec.json.encode(waiting).decode()
    return redirect(url, 303)


@blueprint.get("/auth/google/callback")
@public
def return_from_google() -> Response:
    """Finish what the browser was sent for, if it is that browser and was sent less than ten minutes ago."""
    waiting = _take_journey()
    if waiting is None:
        return _refuse(STALE)  # not counted by a limit: it cost no more than reading a cookie
    if "code" not in request.args:
        return _refuse("Sign-in cancelled. Nothing was changed.")
    count_sign_in_without_password()
    try:
        claims = client_of(_provider()).claims(waiting.journey, request.args["code"], _callback_url(), now())
    except ProviderError:
        return _refuse(UNREACHABLE)
    if waiting.purpose == SIGN_IN:
        return account_linking.sign_in(claims, safe_path(waiting.next, url_for("records.home")))
    if not is_signed_in() or str(unit_of_work().owner) != waiting.owner:
        return _refuse(STALE)
    if waiting.purpose == CONFIRM:
        return _confirm(claims, waiting)
    return _link(claims) if is_confirmed() else ask_to_confirm(SECURITY)  # the provider may have taken minutes


@blueprint.post(f"{SECURITY}/identities/<uuid:identity_id>/unlink")
@confirmation_required(SECURITY)
def unlink_google(identity_id: UUID) -> Response:
    """Unlink an identity, unless it is the only way in, and end all other sessions."""
    uow = unit_of_work()
    if _is_only_way(uow):
        uow.identities.get(identity_id)  # 404 if it is not there
        flash(LAST_WAY)
        return redirect(SECURITY, 303)
    uow.identities.remove(identity_id)
    note(uow, IDENTITY_UNLINKED)
    end_all_else(uow, Event.FACTOR_CHANGED)
    flash("Unlinked.")
    return redirect(SECURITY, 303)


def _link(claims: Claims) -> Response:
    flash("Linked." if account_linking.link(unit_of_work(), claims) else "It is already linked to an account.")
    return redirect(SECURITY, 303)


def _confirm(claims: Claims, waiting: Waiting) -> Response:
    """Confirm who is there by a fresh visit to the provider, if the account has no stronger proof."""
    uow = unit_of_work()
    is_old = (
        claims.authenticated_at is not None and claims.authenticated_at < waiting.began - 60
    )  # for clocks that differ
    if is_old or not account_linking.may_confirm(uow, claims):
        flash("That did not confirm that it is you.")
        return redirect(url_for("auth.confirm", next=safe_path(waiting.next, SECURITY)), 303)
    note(uow, CONFIRMED)
    renew_session(uow)
    flash("Confirmed. You won't be asked again for ten minutes.")
    return redirect(safe_path(waiting.next, SECURITY), 303)


def _take_journey() -> Waiting | None:
    """Return what this browser was sent for, if the state is the same, fresh, and was never used; else None."""
    try:
        waiting = msgspec.json.decode(session.pop(JOURNEY, ""), type=Waiting)
    except msgspec.MsgspecError:
        return None
    is_same = secrets.compare_digest(waiting.journey.state.encode(), request.args.get("state", "").encode())
    is_fresh = 0 <= now().timestamp() - waiting.began <= JOURNEY_SECONDS
    is_accepted = is_same and is_fresh and is_first_use(f"openid {waiting.journey.state}")
    return waiting if is_accepted else None


def _is_only_way(uow: UnitOfWork) -> bool:
    has_other = uow.account.standing().has_password or uow.passkeys.count() > 0
    return not has_other and len(uow.identities.list()) == 1


def _provider() -> Provider:
    provider = services().settings.provider
    if provider is None:
        abort(404)
    return provider


def _callback_url() -> str:
    return f"{services().settings.base_url}/auth/google/callback"


def _refuse(notice: str) -> Response:
    flash(notice)
    return redirect(SECURITY if is_signed_in() else url_for("auth.sign_in"), 303)
