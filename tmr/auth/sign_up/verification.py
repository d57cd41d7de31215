"""Mailed links that confirm an address: the page they open changes nothing, its button does."""

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
from tmr.auth.sign_up.mailed_links import open_link, over
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
    """Ask for the press of a button: programs that follow links must not confirm anything."""
    found = open_link(token, *PURPOSES)
    if found is None:
        return over()
    with found[0] as uow:
        return _page(uow, found[1], token)


@blueprint.post("/verify/<token>")
@public
def verify(token: str) -> Response:
    """Confirm the address that the link was mailed to."""
    found = open_link(token, *PURPOSES)
    if found is None:
        return over()
    uow, purpose = found
    if purpose != CONFIRM_SIGN_UP:
        with uow:
            return _change(uow, token, purpose)
    with uow:
        owner, stored = uow.owner, uow.account.password_hash()
    if _began_here(owner) or _is_password(owner, stored):
        return _complete_sign_up(token)
    return _page_again(token)


def _is_password(owner: UUID, stored: str | None) -> bool:
    """Whether the password is the one that was chosen in another browser.

    Else whoever typed somebody else's address would have a password to the account that its owner confirms.
    """
    count(ASKED_AGAIN_BY_ACCOUNT, str(owner))
    return services().verify_password(request.form.get("password", ""), stored)


def _complete_sign_up(token: str) -> Response:
    found = open_link(token, CONFIRM_SIGN_UP)
    if found is None:
        return over()
    with found[0] as uow:
        if not uow.tokens.burn(token, CONFIRM_SIGN_UP, now()):
            return over()
        drop_cookie(PENDING)
        uow.tokens.remove(pending.PURPOSE)
        return complete_sign_up(uow, url_for("records.home"), keep=False)


def _page_again(token: str) -> Response:
    found = open_link(token, CONFIRM_SIGN_UP)
    if found is None:
        return over()
    with found[0] as uow:
        return _page(uow, CONFIRM_SIGN_UP, token, WRONG)


def _change(uow: UnitOfWork, token: str, purpose: str) -> Response:
    try:
        is_done = uow.tokens.burn(token, purpose, now()) and email_change.confirm(uow, purpose)
    except EmailTakenError:
        flash(TAKEN)
        return redirect(url_for("records.home"), 303)
    if is_done:
        revoke(uow, Event.EMAIL_CHANGED, now())
        know_device(uow)
    uow.commit()
    flash(CHANGED if is_done else ONE_END)
    return redirect(url_for("auth.sign_in" if is_done else "records.home"), 303)


def _began_here(owner: UUID) -> bool:
    token = read_cookie(PENDING)
    return bool(token) and services().repository.find_by_token(token) == owner


def _page(uow: UnitOfWork, purpose: str, token: str, error: str = "") -> Response:
    change = email_change.waiting(uow)
    context: dict[str, Any] = {
        "token": token,
        "email": change.email if change and purpose in BOTH_ENDS else uow.account.email(),
        "is_sign_up": purpose == CONFIRM_SIGN_UP,
        "needs_password": purpose == CONFIRM_SIGN_UP and not _began_here(uow.owner),
        "error": error,
    }
    return htmx.render("auth/sign_up/verify.html", status=422 if error else 200, **context)
