"""Confirming who is there again, before anything that could lock the owner out or take all the data away."""

from typing import Any

from flask import flash, redirect, request
from werkzeug.wrappers import Response

from tmr.auth.blueprint import blueprint
from tmr.auth.factors.checking import account_has_factor, burn_code
from tmr.domain.security_events import CONFIRMED
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.event_log import note, note_refused_confirmation
from tmr.web.return_path import safe_path
from tmr.web.services import services
from tmr.web.session.current import renew_session, unit_of_work, without_connection
from tmr.web.session.guards import sign_in_required
from tmr.web.session.throttling import count_confirmation

SETTINGS = "/settings/security"
WRONG_CODE = "That code is wrong or was already used. Wait for the next one, or use a recovery code."
WRONG_PASSWORD = "That is not your password."  # noqa: S105 - a message


@blueprint.get("/reauthenticate")
@sign_in_required
def confirm() -> Response:
    """Ask for the strongest proof that this account has."""
    return _render_confirmation(unit_of_work(), request.args.get("next"))


@blueprint.post("/reauthenticate")
@sign_in_required
def take_confirmation() -> Response:
    """Check the proof; the session goes on under a new token and counts as confirmed for ten minutes."""
    wanted = request.form.get("next")
    error = _what_is_wrong(unit_of_work())
    if error:
        note_refused_confirmation()
        return _render_confirmation(unit_of_work(), wanted, error)
    uow = unit_of_work()  # another one if a password was checked: the first was closed for that
    note(uow, CONFIRMED)
    renew_session(uow)
    flash("Confirmed. You won't be asked again for ten minutes.")
    return redirect(safe_path(wanted, SETTINGS), 303)


def _what_is_wrong(uow: UnitOfWork) -> str:
    """Return an error or nothing. With a second factor its code is asked for, the password only without one."""
    if account_has_factor(uow):
        return "" if burn_code(uow, request.form.get("code", "")) else WRONG_CODE
    count_confirmation(uow)
    password_hash = uow.account.password_hash()
    typed = request.form.get("password", "")
    return "" if without_connection(lambda: services().verify_password(typed, password_hash)) else WRONG_PASSWORD


def _render_confirmation(uow: UnitOfWork, wanted: str | None, error: str = "") -> Response:
    context: dict[str, Any] = {
        "next": wanted,
        "email": uow.account.email(),
        "has_totp": uow.totp.exists(),
        "has_passkey": uow.passkeys.count() > 0,
        "has_password": uow.account.standing().has_password,
        "identities": uow.identities.list(),
        "error": error,
    }
    return htmx.render("auth/factors/confirm.html", status=422 if error else 200, **context)
