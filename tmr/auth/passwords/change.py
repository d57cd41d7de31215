"""Changing the password, and where password managers find the page."""

from flask import flash, redirect, request
from werkzeug.wrappers import Response

from tmr.auth.blueprint import blueprint
from tmr.auth.checkup import show_checkup
from tmr.auth.revocation import Event
from tmr.auth.sign_in.credentials import NewPassword
from tmr.auth.sign_in.steps import end_all_else
from tmr.domain.security_events import PASSWORD_CHANGED
from tmr.web.event_log import note
from tmr.web.services import now, services
from tmr.web.session.current import unit_of_work, without_connection
from tmr.web.session.guards import confirmation_required, public
from tmr.web.session.throttling import ASKED_AGAIN_BY_ACCOUNT, count

PAGE = "/settings/security"
WRONG = "That is not your password. Nothing was changed."
CHANGED = (
    "Your password is changed, and all your other devices are signed out. Calendar links and support access have ended "
    "too. Create new ones where you need them."
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
    count(ASKED_AGAIN_BY_ACCOUNT, str(uow.owner))
    form = NewPassword.parse(request.form, uow.account.email(), uow.account.preferences().name)
    stored = uow.account.password_hash()
    if stored and not without_connection(lambda: services().verify_password(form.current, stored)):
        form.errors["current"] = WRONG
    if form.errors:
        return show_checkup(form, 422)
    hashed = without_connection(lambda: services().hash_password(form.password))
    uow = unit_of_work()  # another one than above: the first was closed while hashing
    uow.account.set_password(hashed, form.strength, now())
    note(uow, PASSWORD_CHANGED)
    end_all_else(uow, Event.PASSWORD_CHANGED)
    flash(CHANGED)
    return redirect(PAGE, 303)
