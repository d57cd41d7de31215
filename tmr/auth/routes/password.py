"""The security page of the settings: changing the password."""

from flask import flash, make_response, redirect, request
from werkzeug.wrappers import Response

from tmr.auth.blueprint import blueprint
from tmr.auth.forms import NewPassword
from tmr.web import htmx
from tmr.web.guards import public, sign_in_required
from tmr.web.identity import renew_sessions, unit_of_work
from tmr.web.parts import parts
from tmr.web.throttling import ASKED_AGAIN_BY_ACCOUNT, count

PAGE = "/settings/security"
WRONG = "That is not your password. Nothing was changed."
CHANGED = "Your password is changed, and every other device is signed out."


@blueprint.get("/.well-known/change-password")
@public
def find_password_page() -> Response:
    """Lead password managers to the page (W3C, A Well-Known URL for Changing Passwords)."""
    return redirect(PAGE, 303)


@blueprint.get(PAGE)
@sign_in_required
def show_security() -> Response:
    """Show how this account is protected."""
    return _page(NewPassword(), 200)


@blueprint.post(f"{PAGE}/password")
@sign_in_required
def change_password() -> Response:
    """Change the password after asking for the one there is; all other sessions end and this one gets a new token."""
    uow = unit_of_work()
    count(ASKED_AGAIN_BY_ACCOUNT, str(uow.owner))
    form = NewPassword.parse(request.form, uow.account.email())
    if not parts().verify_password(form.current, uow.account.password_hash()):
        form.errors["current"] = WRONG
    if form.errors:
        return _page(form, 422)
    uow.account.set_password_hash(parts().hash_password(form.password))
    response = renew_sessions(make_response(redirect(PAGE, 303)))
    flash(CHANGED)
    return response


def _page(form: NewPassword, status: int) -> Response:
    email = unit_of_work().account.email()
    return htmx.render("auth/security.html", status=status, form=form, email=email)
