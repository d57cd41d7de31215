"""Legal orders: an export of one account, sealed for an authority, and the notice to its owner, now or on a date."""

import datetime as dt
from pathlib import Path
from uuid import UUID

import msgspec

from tmr.domain.security_events import LEGAL_EXPORT, LEGAL_NOTICE_DEFERRED, EventType
from tmr.errors import OperatorError
from tmr.operations.backups.age import sealed_draft
from tmr.privacy.export.archive import archive
from tmr.privacy.export.closed_archive import closed_archive
from tmr.repository.access.disclosures import LEGAL_ORDER
from tmr.repository.access.legal_orders import Order, notice_of
from tmr.repository.accounts.security_log import SecurityEvent
from tmr.repository.accounts.sessions import Device
from tmr.repository.repository import Repository
from tmr.repository.unit_of_work import UnitOfWork


class LegalOrderError(OperatorError):
    """The order cannot be met, or its notice postponed, like that; the message says why."""


class LegalOrder(msgspec.Struct, frozen=True):
    """What to do: seal an account's export for ``recipient`` at ``path``, and tell its owner at ``notify_at``."""

    owner: UUID
    reference: str
    recipient: str
    path: Path
    notify_at: dt.datetime


def meet(repository: Repository, order: LegalOrder, now: dt.datetime, *, sends_mail: bool) -> bool:
    """Write the sealed export and note the order; both or neither. Return whether it has the records opened.

    Where their owner has locked them it has the account, and the records as they are kept, which no key here opens.

    Raises:
        SettingsError: no age public key, or something is at the path already.
        LegalOrderError: the notice would come later than 12 months from now.
    """
    refuse_too_late(order.notify_at, now)
    with repository.for_owner(order.owner, is_snapshot=True) as reading:
        is_open = reading.lock.is_open
        pieces = archive(reading, now) if is_open else closed_archive(reading, now)
        draft = sealed_draft(pieces, order.recipient, order.path)
    try:
        with repository.for_owner(order.owner) as uow:
            order_id = uow.legal_orders.add(Order(order.reference, order.recipient), order.notify_at, now)
            uow.disclosures.add(LEGAL_ORDER, now, order_id)
            _note(uow, LEGAL_EXPORT, order.reference, order_id, now)
            _tell(uow, now, sends_mail=sends_mail)
            uow.commit()
        # Only now, so that a copy never exists under its name without its note in the log.
        draft.rename(order.path)
    finally:
        draft.unlink(missing_ok=True)
    return is_open


def extend(repository: Repository, owner: UUID, reference: str, notify_at: dt.datetime, now: dt.datetime) -> None:
    """Postpone the notice of an order, to 12 months after it was met at the latest; the log gets an entry.

    Raises:
        LegalOrderError: there is no such order whose owner has not been told, or the new time is not later than the
            old one, or too late.
    """
    with repository.for_owner(owner) as uow:
        waiting = [order for order in uow.legal_orders.untold() if order.order.reference == reference]
        if not waiting:
            raise LegalOrderError("No order with this reference waits for its notice.")
        refuse_too_late(notify_at, waiting[-1].made_at)
        if notify_at <= max(waiting[-1].notify_at, now):
            raise LegalOrderError(
                f"The owner is told on {waiting[-1].notify_at:%Y-%m-%d}. A notice can only be postponed to a later day."
            )
        uow.legal_orders.defer(waiting[-1].id, notify_at)
        _note(uow, LEGAL_NOTICE_DEFERRED, f"{reference}, to {notify_at:%Y-%m-%d}", waiting[-1].id, now)
        uow.commit()


def refuse_too_late(notify_at: dt.datetime, made_at: dt.datetime) -> None:
    """Raise ``LegalOrderError`` for a notice that comes more than 12 months after the order was met."""
    latest = a_year_after(made_at)
    if notify_at > latest:
        raise LegalOrderError(f"A notice is deferred for 12 months at most: to {latest:%Y-%m-%d} at the latest.")


def a_year_after(day: dt.datetime) -> dt.datetime:
    """Return the same day of the next year; 28 February for a leap day."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return day.replace(year=day.year + 1, day=28)


def _note(uow: UnitOfWork, event_type: EventType, about: str, order_id: UUID, now: dt.datetime) -> None:
    """Write to the account's log at once; its owner can read it once they have been told about the order."""
    event = SecurityEvent(event_type.name, Device("", ""), about=about, order=str(order_id))
    uow.note(event_type, event, now, sends_mail=False)  # the notice has a mail of its own, when its date has come


def tell_owner(repository: Repository, owner: UUID, now: dt.datetime, *, sends_mail: bool) -> None:
    """Tell an owner about the orders whose date has come: in the log, on the privacy page and by mail."""
    with repository.for_owner(owner) as uow:
        _tell(uow, now, sends_mail=sends_mail)
        uow.commit()


def _tell(uow: UnitOfWork, now: dt.datetime, *, sends_mail: bool) -> None:
    for order in uow.legal_orders.due(now):
        uow.legal_orders.mark_told(order.id, now)
        uow.disclosures.mark_told(order.id, now)
        if sends_mail:
            uow.mails.add(notice_of(order, uow.account.email()), now)
