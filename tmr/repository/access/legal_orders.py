"""Legal orders: that an account's data was handed over, under which reference, and when its owner is told."""

import datetime as dt
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import ColumnElement, Connection, insert, select, update

from tmr.crypto.envelope import ACCOUNT
from tmr.repository.keys.owner_keys import OwnerKeys
from tmr.repository.queue.mails import Mail
from tmr.repository.schema import legal_orders


class Order(msgspec.Struct):
    """What was asked for, and for whom the export was sealed; kept sealed."""

    reference: str
    recipient: str


class LegalOrder(msgspec.Struct, frozen=True):
    """An order that was met. Until ``notified_at`` its owner does not know of it."""

    id: UUID
    made_at: dt.datetime
    notify_at: dt.datetime
    notified_at: dt.datetime | None
    order: Order


class LegalOrders:
    """The legal orders on the account that a unit of work is bound to."""

    def __init__(self, connection: Connection, owner_keys: OwnerKeys) -> None:
        self._connection = connection
        self._owner_keys = owner_keys

    def add(self, order: Order, notify_at: dt.datetime, now: dt.datetime) -> UUID:
        """Note an order that was met."""
        order_id, key_id = uuid4(), self._owner_keys.newest(ACCOUNT).key_id
        sealed = self._owner_keys.seal_json(key_id, order, "legal_orders", "order_sealed", order_id.bytes)
        row = {"id": order_id, "made_at": now, "notify_at": notify_at, "key_id": key_id, "order_sealed": sealed}
        self._connection.execute(insert(legal_orders).values(owner_id=self._owner_keys.owner, **row))
        return order_id

    def due(self, now: dt.datetime) -> list[LegalOrder]:
        """Return the orders whose owner is due to be told, and lock them until the transaction ends."""
        query = select(legal_orders).where(
            self._is_owners(), legal_orders.c.notified_at.is_(None), legal_orders.c.notify_at <= now
        )
        rows = self._connection.execute(query.order_by(legal_orders.c.made_at).with_for_update(skip_locked=True))
        return [self._open_row(row) for row in rows]

    def untold(self) -> list[LegalOrder]:
        """Return the orders whose owner has not been told yet."""
        query = select(legal_orders).where(self._is_owners(), legal_orders.c.notified_at.is_(None))
        return [self._open_row(row) for row in self._connection.execute(query.order_by(legal_orders.c.made_at))]

    def told(self) -> list[LegalOrder]:
        """Return the orders whose owner has been told, the newest first."""
        query = select(legal_orders).where(self._is_owners(), legal_orders.c.notified_at.is_not(None))
        return [self._open_row(row) for row in self._connection.execute(query.order_by(legal_orders.c.made_at.desc()))]

    def defer(self, order_id: UUID, notify_at: dt.datetime) -> None:
        """Change the time at which the owner is told."""
        query = update(legal_orders).where(self._is_owners(), legal_orders.c.id == order_id)
        self._connection.execute(query.values(notify_at=notify_at))

    def mark_told(self, order_id: UUID, now: dt.datetime) -> None:
        """Note that the owner was told."""
        query = update(legal_orders).where(self._is_owners(), legal_orders.c.id == order_id)
        self._connection.execute(query.values(notified_at=now))

    def _open_row(self, row: object) -> LegalOrder:
        key_id, sealed, order_id = row.key_id, row.order_sealed, row.id  # type: ignore[attr-defined]
        content = self._owner_keys.unseal_json(key_id, sealed, "legal_orders", "order_sealed", order_id.bytes)
        times = row.made_at, row.notify_at, row.notified_at  # type: ignore[attr-defined]
        return LegalOrder(order_id, *times, msgspec.convert(content, Order))

    def _is_owners(self) -> ColumnElement[bool]:
        return legal_orders.c.owner_id == self._owner_keys.owner


def notice_of(order: LegalOrder, to: str) -> Mail:
    """Return the mail that tells the owner about an order."""
    return Mail(to, "legal_order", {"reference": order.order.reference, "when": f"{order.made_at:%Y-%m-%d %H:%M} UTC"})
