"""Changing an account's address: a link mailed to each of the two addresses must be confirmed first."""

import datetime as dt

import msgspec

from tmr.auth.sign_up.email_address import canonical
from tmr.domain.security_events import EMAIL_CHANGED
from tmr.repository.accounts.accounts import EmailChange
from tmr.repository.queue.mails import Mail, notice_mail
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.event_log import note
from tmr.web.services import now, services

CONFIRM_SIGN_UP = "confirm sign-up"
CONFIRM_OLD, CONFIRM_NEW = "confirm at the old address", "confirm at the new address"
BOTH_ENDS = (CONFIRM_OLD, CONFIRM_NEW)
LASTS = dt.timedelta(minutes=10)


def begin(uow: UnitOfWork, email: str) -> None:
    """Mail a link to both addresses. A taken one gets a note instead, and the person who asked sees no difference."""
    cancel(uow)  # only the newest change can be confirmed
    _store_change(uow, EmailChange(email, now() + LASTS))
    for purpose, to in ((CONFIRM_OLD, uow.account.email()), (CONFIRM_NEW, email)):
        token = uow.tokens.add(purpose, None, LASTS, now())
        values = {"link": f"/verify/{token}", "new": email}
        is_taken = purpose == CONFIRM_NEW and services().repository.find_owner(canonical(email) or email) is not None
        uow.mails.add(Mail(to, "address_taken" if is_taken else "confirm_address", {} if is_taken else values), now())


def cancel(uow: UnitOfWork) -> None:
    """Cancel the pending change, so that its links stop working."""
    uow.tokens.remove(*BOTH_ENDS)
    _store_change(uow, None)


def waiting(uow: UnitOfWork) -> EmailChange | None:
    """Return the pending change, or None if there is none or it has expired."""
    change = uow.account.preferences().email_change
    return change if change and change.expires_at > now() else None


def confirm(uow: UnitOfWork, purpose: str) -> bool:
    """Record that the address behind ``purpose`` has confirmed; True once both have and the change is made.

    Raises:
        EmailTakenError: someone else has got the new address in the meantime.
    """
    change = waiting(uow)
    if change is None:
        return False
    change = msgspec.structs.replace(change, confirmed=sorted({*change.confirmed, purpose}))
    _store_change(uow, change)
    if len(change.confirmed) < len(BOTH_ENDS):
        return False
    change_now(uow, change.email)
    uow.account.verify(now())
    return True


def change_now(uow: UnitOfWork, email: str) -> None:
    """Change the address, and tell both the old and the new one. The caller commits.

    Raises:
        EmailTakenError: another account has the new address.
    """
    before = uow.account.email()
    uow.account.set_email(email, canonical(email) or email)
    _store_change(uow, None)
    note(uow, EMAIL_CHANGED)  # which mails the address that the account has now
    if services().settings.sends_mail:
        uow.mails.add(notice_mail(before, EMAIL_CHANGED.words, now()), now())


def _store_change(uow: UnitOfWork, change: EmailChange | None) -> None:
    uow.account.change_preferences(email_change=change)
