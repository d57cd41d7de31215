"""Mailed links that confirm an address: opening the page changes nothing, pressing its button does."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from tmr.auth.blueprint import blueprint
from tmr.auth.revocation import Event, revoke
from tmr.auth.sign_in import pending
from tmr.auth.sign_up import email_change
from tmr.auth.sign_up.completion import complete_sign_up
from tmr.auth.sign_up.email_change import BOTH_ENDS, CONFIRM_SIGN_UP
from tmr.auth.sign_up.mailed_links import answer_expired_link, open_link
from tmr.repository.errors import EmailTakenError
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.services import now, services
from tmr.web.session.cookies import PENDING, drop_cookie, read_cookie
from tmr.web.session.current import know_device
from tmr.web.session.guards import public
from tmr.web.session.throttling import ASKED_AGAIN_BY_ACCOUNT, count

PURPOSES = (CONFIRM_SIGN_UP, *BOTH_ENDS)
WRONG = "That is not the password that was chosen for this account at sign-up."
ONE_END = "Thank you. Your address changes once you confirm the link in the other email too."
CHANGED = "Your email address is changed and all your devices were signed out. Sign in with the new address."
TAKEN = "There is already an account with that address, so nothing was changed."


@blueprint.get("/verify/<token>")
@public
def show_verification(token: str) -> Response:
    """Ask for the press of a button: programs that open links in mails must not confirm anything."""
    link = open_link(token, *PURPOSES)
    if link is None:
        return answer_expired_link()
    with link.uow as uow:
        return _render_verification(uow, link.purpose, token)


@blueprint.post("/verify/<token>")
@public
def verify(token: str) -> Response:
    """Confirm the address that the link was mailed to."""
    link = open_link(token, *PURPOSES)
    if link is None:
        return answer_expired_link()
    uow, purpose = link
    if purpose != CONFIRM_SIGN_UP:
        with uow:
            return _confirm_change(uow, token, purpose)
    # Ended here, and opened again below: checking a password takes long, and must not hold a connection.
    with uow:
        owner, stored = uow.owner, uow.account.password_hash()
    if _began_here(owner) or _is_password(owner, stored):
        return _complete_sign_up(token)
    return _answer_wrong_password(token)


def _is_password(owner: UUID, stored: str | None) -> bool:
    """Whether the password that was typed here is the one that was chosen at sign-up, in another browser.

    Without this check a stranger could sign up with your address, let you confirm it, and know the account's password.
    """
    count(ASKED_AGAIN_BY_ACCOUNT, str(owner))
    return services().verify_password(request.form.get("password", ""), stored)


def _complete_sign_up(token: str) -> Response:
    link = open_link(token, CONFIRM_SIGN_UP)
    if link is None:
        return answer_expired_link()
    with link.uow as uow:
        uow.account.hold()
        if not uow.tokens.burn(token, CONFIRM_SIGN_UP, now()):  # another request with the same link was first
            return answer_expired_link()
        drop_cookie(PENDING)
        uow.tokens.remove(pending.PURPOSE)
        return complete_sign_up(uow, url_for("records.home"), keep=False)


def _answer_wrong_password(token: str) -> Response:
    link = open_link(token, CONFIRM_SIGN_UP)
    if link is None:
        return answer_expired_link()
    with link.uow as uow:
        return _render_verification(uow, CONFIRM_SIGN_UP, token, WRONG)


def _confirm_change(uow: UnitOfWork, token: str, purpose: str) -> Response:
    uow.account.hold()
    try:
        is_changed = uow.tokens.burn(token, purpose, now()) and email_change.confirm(uow, purpose)
    except EmailTakenError:
        flash(TAKEN)
        return redirect(url_for("records.home"), 303)
    if is_changed:
        revoke(uow, Event.EMAIL_CHANGED, now())
        know_device(uow)  # again: it has just been forgotten with all others
    uow.commit()
    flash(CHANGED if is_changed else ONE_END)
    return redirect(url_for("auth.sign_in" if is_changed else "records.home"), 303)


def _began_here(owner: UUID) -> bool:
    """Whether this browser waits for the sign-up of ``owner``, so that its person knows the password."""
    token = read_cookie(PENDING)
    return bool(token) and services().repository.find_by_token(token) == owner


def _render_verification(uow: UnitOfWork, purpose: str, token: str, error: str = "") -> Response:
    change = email_change.waiting(uow)
    context: dict[str, Any] = {
        "token": token,
        "email": change.email if change and purpose in BOTH_ENDS else uow.account.email(),
        "is_sign_up": purpose == CONFIRM_SIGN_UP,
        "needs_password": purpose == CONFIRM_SIGN_UP and not _began_here(uow.owner),
        "error": error,
    }
    return htmx.render("auth/sign_up/verify.html", status=422 if error else 200, **context)
