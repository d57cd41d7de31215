"""Legal orders: an export of one account, sealed for those who asked, and the notice to its owner, now or on a date."""

import datetime as dt
from pathlib import Path
from uuid import UUID

import msgspec

from tmr.operations.age import sealed_draft
from tmr.privacy.archive import archive
from tmr.repository.claims import Repository
from tmr.repository.legal_orders import Order, notice_of
from tmr.repository.security_log import SecurityEvent
from tmr.repository.sessions import Device
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.security_events import LEGAL_EXPORT


class LegalOrder(msgspec.Struct, frozen=True):
    """What to do: seal an account's export for ``recipient`` at ``path``, and tell its owner at ``notify_at``."""

    owner: UUID
    reference: str
    recipient: str
    path: Path
    notify_at: dt.datetime


def meet(repository: Repository, order: LegalOrder, now: dt.datetime, *, sends_mail: bool) -> None:
    """Write the sealed export and note the order; both or neither.

    Raises:
        SettingsError: no age public key, or something is at the path already.
    """
    with repository.for_owner(order.owner, is_snapshot=True) as reading:
        draft = sealed_draft(archive(reading, now), order.recipient, order.path)
    try:
        with repository.for_owner(order.owner) as uow:
            uow.legal_orders.add(Order(order.reference, order.recipient), order.notify_at, now)
            _tell(uow, now, sends_mail=sends_mail)
            uow.commit()
        # Only now, so that no copy is anywhere under its name without its note.
        draft.rename(order.path)
    finally:
        draft.unlink(missing_ok=True)


def tell_owner(repository: Repository, owner: UUID, now: dt.datetime, *, sends_mail: bool) -> None:
    """Tell an owner, in the log, on the privacy page and by mail, of the orders whose date has come."""
    with repository.for_owner(owner) as uow:
        _tell(uow, now, sends_mail=sends_mail)
        uow.commit()


def _tell(uow: UnitOfWork, now: dt.datetime, *, sends_mail: bool) -> None:
    for order in uow.legal_orders.due(now):
        uow.log.add(SecurityEvent(LEGAL_EXPORT.name, Device("", ""), about=order.order.reference), now)
        uow.legal_orders.mark_told(order.id, now)
        if sends_mail:
            uow.mails.add(notice_of(order, uow.account.email()), now)
