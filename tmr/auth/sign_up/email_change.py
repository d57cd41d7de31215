"""Changing the address of an account: confirmed by a mailed link at both ends before anything changes."""

import datetime as dt

import msgspec

from tmr.auth.sign_up.email_address import canonical
from tmr.domain.security_events import EMAIL_CHANGED
from tmr.repository.accounts.accounts import EmailChange
from tmr.repository.queue.mails import Mail
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.security_events import note, notice_mail
from tmr.web.services import now, services

CONFIRM_SIGN_UP = "confirm sign-up"
CONFIRM_OLD, CONFIRM_NEW = "confirm at the old address", "confirm at the new address"
BOTH_ENDS = (CONFIRM_OLD, CONFIRM_NEW)
LASTS = dt.timedelta(minutes=10)


def begin(uow: UnitOfWork, email: str) -> None:
    """Mail a link to both ends; a taken address gets a note that says so, and the answer here is the same."""
    cancel(uow)
    change = EmailChange(email, now() + LASTS)
    _keep(uow, change)
    for purpose, to in ((CONFIRM_OLD, uow.account.email()), (CONFIRM_NEW, email)):
        token = uow.tokens.add(purpose, None, LASTS, now())
        values = {"link": f"/verify/{token}", "new": email}
        is_taken = purpose == CONFIRM_NEW and services().repository.find_owner(canonical(email) or email) is not None
        uow.mails.add(Mail(to, "address_taken" if is_taken else "confirm_address", {} if is_taken else values), now())


def cancel(uow: UnitOfWork) -> None:
    """Void the links of a change that waits."""
    uow.tokens.remove(*BOTH_ENDS)
    _keep(uow, None)


def waiting(uow: UnitOfWork) -> EmailChange | None:
    """Return the change that waits, or None."""
    change = uow.account.preferences().email_change
    return change if change and change.expires_at > now() else None


def confirm(uow: UnitOfWork, purpose: str) -> bool:
    """Note that one end has confirmed; whether both have, so that the address is changed now.

    Raises:
        EmailTakenError: meanwhile somebody else has the new address.
    """
    change = waiting(uow)
    if change is None:
        return False
    change = msgspec.structs.replace(change, confirmed=sorted({*change.confirmed, purpose}))
    _keep(uow, change)
    if len(change.confirmed) < len(BOTH_ENDS):
        return False
    change_now(uow, change.email)
    uow.account.verify(now())
    return True


def change_now(uow: UnitOfWork, email: str) -> None:
    """Change the address and tell both ends.

    Raises:
        EmailTakenError: the new address leads to another account.
    """
    before = uow.account.email()
    uow.account.set_email(email, canonical(email) or email)
    _keep(uow, None)
    note(uow, EMAIL_CHANGED)
    if services().settings.sends_mail:
        uow.mails.add(notice_mail(before, EMAIL_CHANGED), now())


def _keep(uow: UnitOfWork, change: EmailChange | None) -> None:
    uow.account.change_preferences(email_change=change)
