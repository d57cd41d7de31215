"""A forgotten password: asking for the link, and the page that the link opens."""

from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from tmr.auth.blueprint import blueprint
from tmr.auth.factors.checking import account_has_factor
from tmr.auth.revocation import LEFT_BEHIND_WORDS, RESET, Event, revoke
from tmr.auth.sign_in.credentials import NO_ADDRESS, NewPassword
from tmr.auth.sign_up.email_address import canonical
from tmr.auth.sign_up.mailed_links import answer_expired_link, open_link
from tmr.domain.security_events import FACTORS_TAKEN, PASSWORD_RESET
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.event_log import note
from tmr.web.services import now, services
from tmr.web.session.guards import public
from tmr.web.session.throttling import RESET_BY_ACCOUNT, count, count_reset_mail, count_reset_mail_from_here

DONE = (
    f"Your new password is set, and all your devices are signed out. {LEFT_BEHIND_WORDS.capitalize()} have ended too. "
    "Sign in with your new password."
)
STILL_LOCKED = "Your records stay locked: your recovery code opens them, or the password from before."


@blueprint.get("/forgot")
@public
def forgot() -> Response:
    """Ask for the address of the account, or say that this installation sends no mail."""
    return htmx.render("auth/passwords/forgot.html", email="", error="", sends_mail=services().settings.sends_mail)


@blueprint.post("/forgot")
@public
def ask_for_reset() -> Response:
    """Queue the mail. An address with an account and one without get the same answer after the same work."""
    email = request.form.get("email", "").strip()
    canonical_email = canonical(email)
    if canonical_email is None:
        count_reset_mail_from_here()
        context: dict[str, Any] = {"email": email, "error": NO_ADDRESS, "sends_mail": services().settings.sends_mail}
        return htmx.render("auth/passwords/forgot.html", status=422, **context)
    count_reset_mail(services().repository.find_owner(canonical_email), canonical_email)
    if services().settings.sends_mail:
        hashes = [email_hash.hex() for email_hash in services().repository.email_hashes(canonical_email)]
        services().repository.defer("reset", hashes[0], email_hash=",".join(hashes))
    return htmx.render("auth/sign_up/mail_sent.html", email=email)


@blueprint.get("/reset/<token>")
@public
def show_reset(token: str) -> Response:
    """Show the form for a new password; the link is used up only when that is saved."""
    link = open_link(token, RESET)
    if link is None:
        return answer_expired_link()
    with link.uow as uow:
        email = uow.account.email()
    return _render_reset(email, token, NewPassword(), 200)


@blueprint.post("/reset/<token>")
@public
def reset(token: str) -> Response:
    """Set the new password and end every session. The second factor stays, and is asked for at the next sign-in.

    In an account whose address nobody had confirmed it goes: someone else may have made that with this address.
    """
    link = open_link(token, RESET)
    if link is None:
        return answer_expired_link()
    with link.uow as uow:
        owner, email, name = uow.owner, uow.account.email(), uow.account.preferences().name
    count(RESET_BY_ACCOUNT, str(owner))
    form = NewPassword.parse(request.form, email, name)
    if form.errors:
        return _render_reset(email, token, form, 422)
    # Hashed between two units of work: that takes long, and must not hold a connection.
    return _use_link(token, form, services().hash_password(form.password))


def _use_link(token: str, form: NewPassword, hashed: str) -> Response:
    link = open_link(token, RESET)
    if link is None:
        return answer_expired_link()
    with link.uow as uow:
        uow.account.hold()  # before the row of the link, as every change that ends links does
        is_first = uow.tokens.burn(token, RESET, now())
        return _save_password(uow, form, hashed) if is_first else answer_expired_link()


def _save_password(uow: UnitOfWork, form: NewPassword, hashed: str) -> Response:
    is_confirmed = uow.account.standing().verified_at is not None
    has_others = account_has_factor(uow) or bool(uow.identities.list())
    revoke(uow, Event.PASSWORD_RESET if is_confirmed else Event.TAKEN_OVER, now())
    if not is_confirmed:  # a link that was mailed to the address has just confirmed it
        uow.account.verify(now())
        if has_others:
            note(uow, FACTORS_TAKEN)
    uow.account.set_password(hashed, form.strength, now())
    note(uow, PASSWORD_RESET)
    is_locked = uow.lock.is_on
    uow.commit()
    flash(f"{DONE} {STILL_LOCKED}" if is_locked else DONE)
    return redirect(url_for("auth.sign_in"), 303)


def _render_reset(email: str, token: str, form: NewPassword, status: int) -> Response:
    return htmx.render("auth/passwords/reset.html", status=status, form=form, token=token, email=email)
