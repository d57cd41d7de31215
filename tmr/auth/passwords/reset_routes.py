"""A forgotten password: asking for the link, and the page that the link opens."""

from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from tmr.auth.blueprint import blueprint
from tmr.auth.passwords.reset import RESET
from tmr.auth.revocation import Event, revoke
from tmr.auth.sign_in.credentials import NO_ADDRESS, NewPassword
from tmr.auth.sign_up.email_address import canonical
from tmr.auth.sign_up.mailed_links import open_link, over
from tmr.domain.security_events import PASSWORD_RESET
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.security_events import note
from tmr.web.services import now, services
from tmr.web.session.guards import public
from tmr.web.session.throttling import RESET_BY_ACCOUNT, count, count_reset_mail, count_reset_mail_from_here

DONE = (
    "Your new password is set, and all your devices are signed out. Calendar links and support access have ended too. "
    "Sign in with your new password."
)


@blueprint.get("/forgot")
@public
def forgot() -> Response:
    """Ask for the address."""
    return htmx.render("auth/passwords/forgot.html", email="", error="", sends_mail=services().settings.sends_mail)


@blueprint.post("/forgot")
@public
def ask_for_reset() -> Response:
    """Queue the mail; known and unknown addresses get one answer after the same work."""
    email = request.form.get("email", "").strip()
    known = canonical(email)
    if known is None:
        count_reset_mail_from_here()
        context: dict[str, Any] = {"email": email, "error": NO_ADDRESS, "sends_mail": services().settings.sends_mail}
        return htmx.render("auth/passwords/forgot.html", status=422, **context)
    count_reset_mail(services().repository.find_owner(known), known)
    if services().settings.sends_mail:
        hashes = [one.hex() for one in services().repository.email_hashes(known)]
        services().repository.defer("reset", hashes[0], email_hash=",".join(hashes))
    return htmx.render("auth/sign_up/mail_sent.html", email=email)


@blueprint.get("/reset/<token>")
@public
def show_reset(token: str) -> Response:
    """Show the form; the link is used up by sending it only."""
    found = open_link(token, RESET)
    if found is None:
        return over()
    with found[0] as uow:
        email = uow.account.email()
    return _page(email, token, NewPassword(), 200)


@blueprint.post("/reset/<token>")
@public
def reset(token: str) -> Response:
    """Set the new password and end every session. The second factor stays, and is asked for at the next sign-in."""
    found = open_link(token, RESET)
    if found is None:
        return over()
    with found[0] as uow:
        owner, email, name = uow.owner, uow.account.email(), uow.account.preferences().name
    count(RESET_BY_ACCOUNT, str(owner))
    form = NewPassword.parse(request.form, email, name)
    if form.errors:
        return _page(email, token, form, 422)
    return _set(token, form, services().hash_password(form.password))


def _set(token: str, form: NewPassword, hashed: str) -> Response:
    found = open_link(token, RESET)
    if found is None:
        return over()
    with found[0] as uow:
        return _keep(uow, form, hashed) if uow.tokens.burn(token, RESET, now()) else over()


def _keep(uow: UnitOfWork, form: NewPassword, hashed: str) -> Response:
    is_confirmed = uow.account.standing().verified_at is not None
    revoke(uow, Event.PASSWORD_RESET if is_confirmed else Event.TAKEN_OVER, now())
    if not is_confirmed:  # the link came to this address
        uow.account.verify(now())
    uow.account.set_password(hashed, form.strength, now())
    note(uow, PASSWORD_RESET)
    uow.commit()
    flash(DONE)
    return redirect(url_for("auth.sign_in"), 303)


def _page(email: str, token: str, form: NewPassword, status: int) -> Response:
    return htmx.render("auth/passwords/reset.html", status=status, form=form, token=token, email=email)
