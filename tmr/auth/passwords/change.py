"""Changing the password, and where password managers find the page."""

from flask import flash, redirect, request
from werkzeug.wrappers import Response

from tmr.auth.blueprint import blueprint
from tmr.auth.checkup import show_checkup
from tmr.auth.lock.password_slot import RENEW_KEY, STILL_LOCKED, opens_by_password, rewriting_of_slot
from tmr.auth.lock.strength import LEAST_GUESSES_LOG10, TOO_EASY
from tmr.auth.revocation import LEFT_BEHIND_WORDS, Event
from tmr.auth.sign_in.credentials import NewPassword
from tmr.auth.sign_in.steps import end_all_else
from tmr.domain.security_events import PASSWORD_CHANGED
from tmr.web.event_log import note, note_refused_confirmation
from tmr.web.services import now, services
from tmr.web.session.current import unit_of_work, without_connection
from tmr.web.session.guards import confirmation_required, public
from tmr.web.session.throttling import count_confirmation

PAGE = "/settings/security"
WRONG = "That is not your password. Nothing was changed."
CHANGED = (
    "Your password is changed, and all your other devices are signed out. "
    f"{LEFT_BEHIND_WORDS.capitalize()} have ended too. Create new ones where you need them."
)


@blueprint.get("/.well-known/change-password")
@public
def find_password_page() -> Response:
    """Redirect password managers to the page (W3C, A Well-Known URL for Changing Passwords)."""
    return redirect(PAGE, 303)


@blueprint.post(f"{PAGE}/password")
@confirmation_required(PAGE)
def change_password() -> Response:
    """Change the password after checking the current one; all other sessions end, and this one gets a new token."""
    uow = unit_of_work()
    count_confirmation(uow)
    form = NewPassword.parse(request.form, uow.account.email(), uow.account.preferences().name)
    stored = uow.account.password_hash()
    if stored and not without_connection(lambda: services().verify_password(form.current, stored)):
        form.errors["current"] = WRONG
        note_refused_confirmation()
    is_locked = opens_by_password(unit_of_work())
    if is_locked and form.guesses_log10 < LEAST_GUESSES_LOG10:
        form.errors.setdefault("password", f"{TOO_EASY} Your records are locked: choose a longer one.")
    if form.errors:
        return show_checkup(form, 422)
    hashed = without_connection(lambda: services().hash_password(form.password))
    rewrite = rewriting_of_slot(form.current, form.password) if is_locked else None
    uow = unit_of_work()  # another one than above: the first was closed while hashing
    uow.hold_account()
    uow.lock.hold()  # it may be turned on at this moment
    uow.account.set_password(hashed, form.strength, now())
    # The lock may have been turned on while hashing.
    is_by_password = opens_by_password(uow)
    is_left_behind = is_by_password and not (rewrite and rewrite(uow))
    note(uow, PASSWORD_CHANGED)
    end_all_else(uow, Event.PASSWORD_CHANGED)
    flash(f"{CHANGED} {STILL_LOCKED if is_left_behind else RENEW_KEY}" if is_by_password else CHANGED)
    return redirect(PAGE, 303)
