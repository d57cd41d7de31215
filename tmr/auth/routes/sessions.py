"""Signing in and out."""

from flask import make_response, redirect, request, url_for
from flask import session as form_session
from werkzeug.wrappers import Response

from tmr.auth.blueprint import blueprint
from tmr.auth.forms import Credentials
from tmr.auth.services import find_by_password
from tmr.web import htmx
from tmr.web.guards import public, sign_in_required
from tmr.web.identity import end_session, forget_cookie, start_session
from tmr.web.return_path import safe_path
from tmr.web.throttling import (
    SIGN_IN_BY_ACCOUNT,
    SIGN_IN_BY_ADDRESS,
    SIGN_IN_OVERALL,
    client_address,
    count,
)

REFUSED = "The address or the password is not right."


@blueprint.get("/login")
@public
def sign_in() -> Response:
    """Show the form."""
    return htmx.render("auth/sign_in.html", form=Credentials(), next=request.args.get("next"))


@blueprint.post("/login")
@public
def create_session() -> Response:
    """Check the password and begin a session; unknown address and wrong password get one answer."""
    form = Credentials.parse(request.form)
    count(SIGN_IN_OVERALL, "all")
    count(SIGN_IN_BY_ADDRESS, client_address())
    count(SIGN_IN_BY_ACCOUNT, form.canonical_email)
    owner = None if form.errors else find_by_password(form)
    if owner is None:
        form.errors.setdefault("password", REFUSED)
        return htmx.render("auth/sign_in.html", form=form, next=request.form.get("next"), status=422)
    location = safe_path(request.form.get("next"), url_for("records.home"))
    return start_session(make_response(redirect(location, 303)), owner, keep=form.keep)


@blueprint.post("/logout")
@sign_in_required
def destroy_session() -> Response:
    """End the session; the browser forgets what it cached."""
    end_session()
    form_session.clear()
    response = forget_cookie(make_response(redirect(url_for("records.home"), 303)))
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response
