"""Erasing all data with its key, or the whole account."""

import logging

from flask import flash, redirect, request
from flask import session as form_session
from werkzeug.wrappers import Response

from tmr.domain.security_events import DATA_ERASED, LOCK_OFF
from tmr.privacy.blueprint import blueprint
from tmr.privacy.erasure.ledger import LedgerError
from tmr.privacy.settings_page import show_settings
from tmr.repository.errors import DatabaseError, PoolTimeoutError
from tmr.repository.lock.kept_slots import password_slot
from tmr.repository.queue.mails import Mail
from tmr.web import htmx
from tmr.web.event_log import note, note_refused_confirmation
from tmr.web.services import now, services
from tmr.web.session.current import forget_cookie, unit_of_work, without_connection
from tmr.web.session.guards import confirmation_required
from tmr.web.session.throttling import count_confirmation

logger = logging.getLogger(__name__)

WRONG = "That is not your password. Nothing was deleted."
CLOSED = (
    "This password signs you in, but it does not open your records. Unlock them first, or begin again in Settings, "
    "Privacy, Lock: they are deleted after seven days then. Nothing was deleted."
)
CLOSED_TO_PASSWORDS = (
    "Your records are locked. Unlock them first, or begin again in Settings, Privacy, Lock: they are deleted after "
    "seven days then. Nothing was deleted."
)
OTHER_ADDRESS = "That is not the email address of this account. Nothing was deleted."
ERASED = "All your data is deleted, and the key that sealed it is destroyed. Your account stays."
ACCOUNT_ERASED = (
    "Your account and everything in it is deleted, and its keys are destroyed. Thank you for using TrackMyRoles."
)


@blueprint.post("/settings/privacy/erase-data")
@confirmation_required("/settings/privacy?erase=data")
def erase_data() -> Response:
    """Erase every record and its key after checking the password; the account stays.

    Locked records go at once for whoever opens them alone: a password can be reset by mail, and that opens none.
    """
    if errors := _password_errors() or _lock_errors():
        return show_settings(unit_of_work(), erasing="data", errors=errors, status=422)
    with unit_of_work() as uow:
        was_locked = uow.lock.is_on
        uow.erase_data(now())
        note(uow, DATA_ERASED)
        if was_locked:
            note(uow, LOCK_OFF)
        uow.commit()
    _publish_ledger()
    return htmx.saved("/settings/privacy", "layouts/parts/_notice.html", ERASED)


@blueprint.post("/settings/privacy/erase-account")
@confirmation_required("/settings/privacy?erase=account")
def erase_account() -> Response:
    """Erase the account after checking its password and address, and mail that address one last time."""
    errors = _password_errors()
    with unit_of_work() as uow:
        email = uow.account.email()
        if request.form.get("email", "").strip().casefold() != email.strip().casefold():
            errors |= {"email": OTHER_ADDRESS}
        if errors:
            return show_settings(uow, erasing="account", errors=errors, status=422)
        farewell = Mail(email, "farewell", {"when": f"{now():%Y-%m-%d %H:%M} UTC"})
        uow.erase_account(now(), farewell if services().settings.sends_mail else None)
        uow.commit()
    _publish_ledger()
    return _answer_signed_out()


def _password_errors() -> dict[str, str]:
    """Return the error to show at the password, if any. An account without one was just confirmed in another way."""
    count_confirmation(unit_of_work())
    stored, typed = unit_of_work().account.password_hash(), request.form.get("password", "")
    is_right = stored is None or without_connection(lambda: services().verify_password(typed, stored))
    if is_right:
        return {}
    note_refused_confirmation()
    return {"password": WRONG}


def _lock_errors() -> dict[str, str]:
    """Return the error to show at the password, if locked records are closed here and it does not open them."""
    uow, typed = unit_of_work(), request.form.get("password", "")
    if uow.lock.is_open:
        return {}
    kept = password_slot(uow.lock.slots())
    if kept is None:
        return {"password": CLOSED_TO_PASSWORDS}
    opening = without_connection(lambda: services().open_by_password(kept, typed))
    return {} if unit_of_work().lock.is_right(opening.slot, opening.key) else {"password": CLOSED}


def _publish_ledger() -> None:
    """Write the ledger file. If that fails, the worker writes it from the database's mirror within a minute."""
    try:
        services().publish_erasures(now())
    except (OSError, LedgerError, DatabaseError, PoolTimeoutError) as error:
        logger.error("the erasure ledger waits to be written: %s", error)


def _answer_signed_out() -> Response:
    form_session.clear()
    forget_cookie()
    flash(ACCOUNT_ERASED)
    response = redirect("/", 303)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response
