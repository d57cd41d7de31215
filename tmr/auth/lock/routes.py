"""Unlocking and locking the records of the account that is signed in."""

from functools import partial

from flask import abort, current_app, flash, request, url_for
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response

from tmr.auth.blueprint import blueprint
from tmr.auth.lock.opening import BUSY, IDLE_CHOICES, open_here, open_here_by_code, open_here_by_passkey
from tmr.domain.security_events import RECORDS_CLOSED
from tmr.repository.keys.owner_keys import SessionSecret
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.error_pages import WORDS, answer
from tmr.web.event_log import note
from tmr.web.lock.closed_page import CODE_FIELD, CREDENTIAL_FIELD, FORMS, PASSWORD_FIELD, SECRET_FIELD, answer_closed
from tmr.web.return_path import safe_path
from tmr.web.services import now
from tmr.web.session.current import give_new_secret, is_signed_in, unit_of_work
from tmr.web.session.guards import sign_in_required

TOO_MANY = "Too many tries. Wait a little, then try again. Nothing was changed or lost."
BY_CODE = (
    "Unlocked with your recovery code. If your password no longer unlocks your records, set it again in Settings, "
    "Privacy, Lock."
)


@blueprint.before_app_request
def open_before_handling() -> Response | None:
    """Open the records for a form that was sent while they were closed, and comes again with the password.

    Only then does the handler see it. It is for pages of people who are signed in, where the token against forgery has
    been checked by now: a script's token opens nothing by a password, and other pages claim no session.
    """
    if request.method != "POST" or request.mimetype not in FORMS or request.endpoint in (None, "auth.unlock"):
        return None
    access = getattr(current_app.view_functions.get(str(request.endpoint)), "access", "")
    if not access.startswith("signed in") or not is_signed_in():
        return None
    if not any(request.form.get(field) for field in (CODE_FIELD, CREDENTIAL_FIELD)) and (
        PASSWORD_FIELD not in request.form
    ):
        return None
    return _open_by_form(request.form.get(PASSWORD_FIELD, ""), request.form.get(CODE_FIELD, ""))


@blueprint.get("/unlock")
@sign_in_required
def show_unlock() -> Response:
    """Ask for the password or the recovery code, unless the records are open."""
    uow = unit_of_work()
    if uow.lock.is_open:
        return htmx.go(_wanted(request.args.get("next")))
    return answer_closed(elsewhere=uow.lock.open_elsewhere(uow.session_id, now()))


@blueprint.post("/unlock")
@sign_in_required
def unlock() -> Response:
    """Open the records in this session, and go on to where they were asked for.

    A page that is there already is told so: its editors send themselves again.
    """
    code = request.form.get(CODE_FIELD) or request.form.get("recovery_code", "")
    if refused := _open_by_form(request.form.get(PASSWORD_FIELD) or request.form.get("password", ""), code):
        return refused
    if htmx.is_htmx():
        return htmx.trigger(htmx.render("lock/opened.fragment.html", "lock/opened.fragment.html"), "tmr:unlocked")
    if code:
        flash(BY_CODE)
    return htmx.go(
        safe_path(request.form.get("next"), "/settings/privacy/lock") if code else _wanted(request.form.get("next"))
    )


@blueprint.post("/lock")
@sign_in_required
def lock() -> Response:
    """Close the records, in this session or in every one; no confirmation is asked for."""
    if not unit_of_work().lock.is_on:
        abort(404)
    is_everywhere = request.form.get("where") == "everywhere"
    give_new_secret(lambda uow, session: _close(uow, None if is_everywhere else session))
    return htmx.go(url_for("auth.show_unlock"))


def _close(uow: UnitOfWork, session: SessionSecret | None) -> None:
    if uow.lock.close(session.id) if session else uow.lock.close_everywhere():
        note(uow, RECORDS_CLOSED)


@blueprint.post("/lock/idle")
@sign_in_required
def change_idle() -> Response:
    """Save for how long unlocked records stay open without a request; it holds from the next unlock on.

    No confirmation is asked for: to open them for longer takes what opens them.
    """
    minutes = next((minutes for minutes, _words in IDLE_CHOICES if str(minutes) == request.form.get("minutes")), None)
    if minutes is None:
        abort(answer(422, words=WORDS[400]))
    with unit_of_work() as uow:
        uow.account.change_preferences(unlock_minutes=minutes)
        uow.commit()
    return htmx.saved("/settings/sessions", "layouts/parts/_notice.html", "Saved. It holds from the next unlock on.")


def _open_by_form(password: str, code: str) -> Response | None:
    """Open the records by the passkey, the code or else the password that a form came with.

    Answer what is wrong with what was typed still there, also where there were too many tries, or too much to do.
    """
    field, open_by = PASSWORD_FIELD, partial(open_here, password)
    if request.form.get(CREDENTIAL_FIELD):
        field, open_by = CREDENTIAL_FIELD, partial(open_here_by_passkey, request.form.get(SECRET_FIELD, ""))
    elif code:
        field, open_by = CODE_FIELD, partial(open_here_by_code, code)
    try:
        error = open_by()
    except TooManyRequests:
        return answer_closed(TOO_MANY, field, status=429)
    return answer_closed(error, field, status=503 if error == BUSY else 423) if error else None


def _wanted(path: str | None) -> str:
    return safe_path(path, url_for("records.home"))
