"""Signing up: an email address and a password, nothing else."""

from flask import make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from tmr.auth.blueprint import blueprint
from tmr.auth.forms import Credentials
from tmr.auth.services import register
from tmr.repository.errors import EmailTakenError
from tmr.web import htmx
from tmr.web.guards import public
from tmr.web.identity import start_session
from tmr.web.throttling import SIGN_UP_BY_ADDRESS, client_address, count

TAKEN = "There is an account with this address. Sign in, or use another address."


@blueprint.get("/signup")
@public
def new_account() -> Response:
    """Show the form."""
    return htmx.render("auth/sign_up.html", form=Credentials())


@blueprint.post("/signup")
@public
def create_account() -> Response:
    """Make the account and sign in."""
    count(SIGN_UP_BY_ADDRESS, client_address())
    form = Credentials.parse_new(request.form)
    if form.errors:
        return htmx.render("auth/sign_up.html", form=form, status=422)
    try:
        owner = register(form)
    except EmailTakenError:
        form.errors["email"] = TAKEN
        return htmx.render("auth/sign_up.html", form=form, status=422)
    return start_session(make_response(redirect(url_for("records.home"), 303)), owner, keep=False)
