"""The owner of an address has shown that it is theirs: the account that waited for that becomes theirs."""

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
from tmr.web.security_events import note
from tmr.web.services import now, services

TAKEN = "There is already an account with this address. Sign in, or reset your password."


def is_confirmed_address(canonical_email: str) -> bool:
    """Whether an address leads to an account whose owner has confirmed it."""
    holder = services().repository.find_owner(canonical_email)
    if holder is None:
        return False
    with services().repository.for_owner(holder) as uow:
        return uow.account.standing().verified_at is not None


def mail_sign_up(uow: UnitOfWork, waiting: Pending, *, is_taken: bool) -> None:
    """Let this browser wait for the code of a sign-up, and mail it with the link; an owner gets a note instead."""
    token = pending.begin(uow, waiting)
    code = pending.new_code(uow, token, waiting)
    uow.tokens.remove(CONFIRM_SIGN_UP)
    link = uow.tokens.add(CONFIRM_SIGN_UP, None, pending.LASTS, now())
    values = {"code": f"{code[:4]} {code[4:]}", "link": f"/verify/{link}"}
    email = uow.account.email()
    uow.mails.add(Mail(email, "sign_up_taken", {}) if is_taken else Mail(email, "sign_up", values), now())


def complete_sign_up(uow: UnitOfWork, next_path: str, *, keep: bool) -> Response:
    """Complete a sign-up whose address was just shown to be its owner's, and sign in."""
    email = uow.account.email()
    holder = services().repository.find_owner(canonical(email) or email)
    if holder is not None and holder != uow.owner:
        return _take_over(uow, holder, next_path, keep=keep)
    try:
        uow.account.set_email(email, canonical(email) or email)
    except EmailTakenError:
        uow.forget_sign_up()
        uow.commit()
        return _refuse()
    _settle(uow)
    return complete_sign_in(uow, next_path, keep=keep, is_new_account=True)


def _take_over(newcomer: UnitOfWork, holder: UUID, next_path: str, *, keep: bool) -> Response:
    """Give an account whose address was never confirmed to the one who confirmed it, with the password they chose."""
    password_hash, rated = newcomer.account.password_hash(), newcomer.account.preferences().password_strength
    newcomer.forget_sign_up()
    newcomer.commit()
    with services().repository.for_owner(holder) as held:
        standing = held.account.standing()
        if standing.verified_at or standing.disabled_at:
            return _refuse()
        # Whoever typed an address that they did not own must not come back by a way of their own: the pre-hijacking
        # attacks of Sudhodanan and Paverd, USENIX Security 2022.
        revoke(held, Event.TAKEN_OVER, now())
        held.account.set_password(password_hash, rated, now())
        _settle(held)
        return complete_sign_in(held, next_path, keep=keep, is_new_account=True)


def _settle(uow: UnitOfWork) -> None:
    email = uow.account.email()
    services().repository.forget_invitations(now(), canonical(email) or email)
    uow.account.verify(now())
    note(uow, EMAIL_VERIFIED)


def _refuse() -> Response:
    flash(TAKEN)
    return redirect(url_for("auth.sign_in"), 303)
