"""Completing a sign-up: the owner of an address has confirmed it, so the account becomes theirs."""

from uuid import UUID

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from tmr.auth.revocation import Event, revoke
from tmr.auth.sign_in import pending
from tmr.auth.sign_in.pending import Pending
from tmr.auth.sign_in.steps import complete_sign_in
from tmr.auth.sign_up.email_address import canonical
from tmr.auth.sign_up.email_change import CONFIRM_SIGN_UP
from tmr.domain.security_events import EMAIL_VERIFIED
from tmr.repository.errors import EmailTakenError
from tmr.repository.queue.mails import Mail
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.event_log import note
from tmr.web.services import now, services
from tmr.web.session.current import end_session

TAKEN = "There is already an account with this address. Sign in, or reset your password."


def is_confirmed_address(canonical_email: str) -> bool:
    """Whether there is an account with this address, and its owner has confirmed it."""
    holder = services().repository.find_owner(canonical_email)
    if holder is None:
        return False
    with services().repository.for_owner(holder) as uow:
        return uow.account.standing().verified_at is not None


def mail_sign_up(uow: UnitOfWork, waiting: Pending, *, is_taken: bool) -> None:
    """Let this browser wait for a sign-up code, and mail the code with a link. The caller commits.

    With ``is_taken`` the address has an account already: its owner gets a note that says so instead, and this browser
    sees no difference.
    """
    token = pending.begin(uow, waiting)
    code = pending.new_code(uow, token, waiting)
    uow.tokens.remove(CONFIRM_SIGN_UP)
    link = uow.tokens.add(CONFIRM_SIGN_UP, None, pending.LASTS, now())
    values = {"code": f"{code[:4]} {code[4:]}", "link": f"/verify/{link}"}
    email = uow.account.email()
    uow.mails.add(Mail(email, "sign_up_taken", {}) if is_taken else Mail(email, "sign_up", values), now())


def complete_sign_up(uow: UnitOfWork, next_path: str, *, keep: bool) -> Response:
    """Give the sign-up its address, which its owner has just confirmed, and sign in."""
    email = uow.account.email()
    holder = services().repository.find_owner(canonical(email) or email)
    if holder is not None and holder != uow.owner:
        return _take_over(uow, holder, next_path, keep=keep)
    try:
        uow.account.set_email(email, canonical(email) or email)
    except EmailTakenError:
        uow.forget_sign_up(now())
        uow.commit()
        return _answer_taken()
    _mark_confirmed(uow)
    return complete_sign_in(uow, next_path, keep=keep, is_new_account=True)


def _take_over(newcomer: UnitOfWork, holder: UUID, next_path: str, *, keep: bool) -> Response:
    """Give an account whose address was never confirmed to the person who has confirmed it now.

    It gets the password that they chose, and the account that their sign-up made is removed.
    """
    password_hash, strength = newcomer.account.password_hash(), newcomer.account.preferences().password_strength
    newcomer.forget_sign_up(now())
    newcomer.commit()
    with services().repository.for_owner(holder) as uow:
        standing = uow.account.standing()
        if standing.verified_at or standing.disabled_at:
            return _answer_taken()
        # A stranger may have signed up with this address before its owner did, and must not keep a way in: the
        # pre-hijacking attacks of Sudhodanan and Paverd, USENIX Security 2022.
        end_session()  # of this browser first: what ends it later would wait for what is revoked here
        revoke(uow, Event.TAKEN_OVER, now())
        uow.account.set_password(password_hash, strength, now())
        _mark_confirmed(uow)
        return complete_sign_in(uow, next_path, keep=keep, is_new_account=True)


def _mark_confirmed(uow: UnitOfWork) -> None:
    email = uow.account.email()
    services().repository.forget_invitations(now(), canonical(email) or email)
    uow.account.verify(now())
    note(uow, EMAIL_VERIFIED)


def _answer_taken() -> Response:
    flash(TAKEN)
    return redirect(url_for("auth.sign_in"), 303)
