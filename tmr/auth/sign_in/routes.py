"""Signing in and out."""

from flask import redirect, request, url_for
from flask import session as form_session
from werkzeug.wrappers import Response

from tmr.auth.blueprint import blueprint
from tmr.auth.lock.opening import opening_at_sign_in
from tmr.auth.passwords.hashing import CrowdError, ask_from
from tmr.auth.sign_in.credentials import Credentials
from tmr.auth.sign_in.steps import find_by_password
from tmr.auth.sign_in.steps import sign_in as begin_sign_in
from tmr.domain.security_events import SIGNED_OUT
from tmr.web import htmx
from tmr.web.error_pages import answer as answer_error
from tmr.web.event_log import note
from tmr.web.return_path import safe_path
from tmr.web.services import services
from tmr.web.session.current import end_session, forget_cookie, unit_of_work
from tmr.web.session.guards import public, sign_in_required
from tmr.web.session.throttling import client_site, count_password

REFUSED = "Wrong email address or password."

blueprint.app_errorhandler(CrowdError)(lambda _error: answer_error(503))  # whichever page hashes
blueprint.before_app_request(lambda: ask_from(client_site()))


@blueprint.get("/login")
@public
def sign_in() -> Response:
    """Show the sign-in form; ``next`` in the query is where to go afterwards."""
    return _render_sign_in(Credentials(), request.args.get("next"), 200)


@blueprint.post("/login")
@public
def create_session() -> Response:
    """Check the password and sign in. An unknown address and a wrong password get one answer after the same work."""
    form, wanted = Credentials.parse(request.form), request.form.get("next")
    owner = services().repository.find_owner(form.canonical_email)
    count_password(owner, form.canonical_email)  # first: a form that is refused counts too
    if form.errors:
        return _render_sign_in(form, wanted, 422)
    checked_hash = find_by_password(form, owner)
    answer = None
    if owner and checked_hash:
        opening, next_path = opening_at_sign_in(owner, form.password), safe_path(wanted, url_for("records.home"))
        answer = begin_sign_in(owner, checked_hash, next_path, keep=form.keep, opening=opening)
    if answer is None:
        form.errors["password"] = REFUSED
        # The log is written by the queue: done here, it would take longer for an address that has an account.
        hashes = [email_hash.hex() for email_hash in services().repository.email_hashes(form.canonical_email)]
        services().repository.defer("refused", hashes[0], email_hash=",".join(hashes))
        return _render_sign_in(form, wanted, 422)
    return answer


@blueprint.post("/logout")
@sign_in_required
def destroy_session() -> Response:
    """End the session, and tell the browser to drop what it cached and stored."""
    note(unit_of_work(), SIGNED_OUT)
    end_session()
    form_session.clear()
    forget_cookie()
    response = redirect(url_for("records.home"), 303)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def _render_sign_in(form: Credentials, wanted: str | None, status: int) -> Response:
    return htmx.render("auth/sign_in/sign_in.html", form=form, next=wanted, status=status)
