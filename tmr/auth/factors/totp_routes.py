"""The authenticator app and the recovery codes: adding, renewing and removing them."""

import base64
from binascii import Error as Base64Error
from typing import Any

from flask import flash, redirect, request, session
from werkzeug.wrappers import Response

from tmr.auth.blueprint import blueprint
from tmr.auth.factors.totp import key_uri, new_secret, qr_code, step_of
from tmr.auth.revocation import Event
from tmr.auth.sign_in.steps import end_all_else
from tmr.domain.security_events import RECOVERY_CODES_RENEWED, TOTP_ADDED, TOTP_REMOVED
from tmr.repository.errors import DecryptionError
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.event_log import note
from tmr.web.services import now
from tmr.web.session.current import unit_of_work
from tmr.web.session.guards import confirmation_required
from tmr.web.session.throttling import FACTOR_BY_ACCOUNT, count, count_second_factor

SECURITY = "/settings/security"
PAGE = f"{SECURITY}/totp"
OFFER = "totp"  # its key in the signed session cookie
WRONG = "That code is wrong. Check that your phone's clock is right, and enter the code it shows now."


@blueprint.get(PAGE)
@confirmation_required(PAGE)
def show_totp() -> Response:
    """Show a new secret for the app. It has no effect until a code made from it is entered."""
    return _render_totp(unit_of_work())


@blueprint.post(PAGE)
@confirmation_required(PAGE)
def add_totp() -> Response:
    """Save the secret if the code is right, end all other sessions, and show the recovery codes, once."""
    uow = unit_of_work()
    count_second_factor(uow.owner, "enrolling")
    secret = _offered_secret(uow)
    step = step_of(secret, request.form.get("code", ""), now())
    if step is None:
        return _render_totp(uow, WRONG)
    count(FACTOR_BY_ACCOUNT, str(uow.owner))
    uow.totp.set(secret, step, now())
    codes = uow.recovery_codes.renew()
    note(uow, TOTP_ADDED)
    end_all_else(uow, Event.FACTOR_CHANGED)
    return htmx.render("auth/factors/recovery_codes.html", codes=codes, is_new=True)


@blueprint.post(f"{PAGE}/disable")
@confirmation_required(SECURITY)
def remove_totp() -> Response:
    """Remove the authenticator app; if no passkey is left either, the recovery codes go too."""
    uow = unit_of_work()
    if uow.totp.exists():
        uow.totp.remove()
        if not uow.passkeys.count():
            uow.recovery_codes.remove()
        note(uow, TOTP_REMOVED)
        end_all_else(uow, Event.FACTOR_CHANGED)
        flash("Authenticator app removed. All your other devices are signed out.")
    return redirect(SECURITY, 303)


@blueprint.post(f"{SECURITY}/recovery-codes")
@confirmation_required(SECURITY)
def renew_recovery_codes() -> Response:
    """Replace the recovery codes by ten new ones, and show those, once."""
    uow = unit_of_work()
    if not uow.totp.exists() and not uow.passkeys.count():
        flash("Recovery codes replace a second factor. Add one first.")
        return redirect(SECURITY, 303)
    count(FACTOR_BY_ACCOUNT, str(uow.owner))
    codes = uow.recovery_codes.renew()
    note(uow, RECOVERY_CODES_RENEWED)
    end_all_else(uow, Event.FACTOR_CHANGED)
    return htmx.render("auth/factors/recovery_codes.html", codes=codes, is_new=False)


def _offered_secret(uow: UnitOfWork) -> str:
    """Return the secret that this browser was shown, or a new one; it waits in a cookie, sealed for this account."""
    try:
        return uow.totp.unseal_offer(base64.b64decode(session.get(OFFER, ""), validate=True))
    except (DecryptionError, Base64Error, ValueError):
        secret = new_secret()
        session[OFFER] = base64.b64encode(uow.totp.seal_offer(secret)).decode()
        return secret


def _render_totp(uow: UnitOfWork, error: str = "") -> Response:
    secret = _offered_secret(uow)
    uri = key_uri(secret, uow.account.email())
    context: dict[str, Any] = {
        "secret": secret,
        "uri": uri,
        "qr": qr_code(uri),
        "error": error,
        "is_replacing": uow.totp.exists(),
    }
    return htmx.render("auth/factors/totp.html", status=422 if error else 200, **context)
