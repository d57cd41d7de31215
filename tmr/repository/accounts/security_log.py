"""The account's own security log: append-only for the app, sealed, each entry chained to the one before."""

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, func, insert, select

from tmr.crypto.address import length_prefixed
from tmr.crypto.envelope import ACCOUNT
from tmr.crypto.keyring import Keyring
from tmr.domain.security_events import SIGN_IN_REFUSED_OFTEN, EventType
from tmr.repository.accounts.accounts import hold_account
from tmr.repository.accounts.sessions import Device
from tmr.repository.keys.owner_keys import OwnerKeys
from tmr.repository.queue.rate_limits import Limit, Limits
from tmr.repository.schema import legal_orders, security_events

REFUSALS_NOTED = Limit("refused sign-ins in the log", 20, dt.timedelta(days=1))
REFUSALS_SUMMED_UP = Limit("refused sign-ins summed up", 1, dt.timedelta(days=1))


class SecurityEvent(msgspec.Struct):
    """What happened, by its name, from where; ``about`` names a place, never content. Kept sealed.

    An event about a legal order (``order`` is its id) is hidden until the owner has been told about the order.
    """

    name: str
    device: Device
    session: str = ""
    about: str = ""
    order: str = ""


class LoggedEvent(msgspec.Struct, frozen=True):
    """An entry of the log."""

    position: int
    happened_at: dt.datetime
    event: SecurityEvent


class SecurityLog:
    """The log of the owner that a unit of work is bound to."""

    def __init__(self, connection: Connection, owner_keys: OwnerKeys) -> None:
        self._connection = connection
        self._owner_keys = owner_keys

    def add(self, event: SecurityEvent, now: dt.datetime) -> None:
        """Append an entry.

        The account is held until the transaction ends, so that no two entries follow the same one: what holds something
        else of it from here on waits for nobody.
        """
        hold_account(self._connection, self._owner_keys.owner)
        last = self._connection.execute(self._rows().order_by(security_events.c.position.desc()).limit(1)).first()
        position, before = (last.position + 1, last.chain_hash) if last else (1, b"")
        key_id = self._owner_keys.newest(ACCOUNT).key_id
        place = ("security_events", "event_sealed", position.to_bytes(4, "big"))
        sealed = self._owner_keys.seal_json(key_id, event, *place)
        row = {"owner_id": self._owner_keys.owner, "position": position, "happened_at": now, "key_id": key_id}
        chain = _chain(self._owner_keys.keyring, self._owner_keys.owner, before, (position, now, sealed))
        self._connection.execute(insert(security_events).values(**row, event_sealed=sealed, chain_hash=chain))

    def list(self, limit: int | None = None) -> list[LoggedEvent]:
        """Return the entries that may be shown, the newest first, numbered from the first that may."""
        untold = self._untold()
        query = self._rows().order_by(security_events.c.position.desc()).limit(None if untold else limit)
        entries = [self._open_row(row) for row in self._connection.execute(query)]
        if not untold:
            return entries
        shown = [entry for entry in entries if entry.event.order not in untold]
        # With its own number an entry that is not shown would leave a gap that tells of it.
        numbered = zip(range(len(shown), 0, -1), shown, strict=True)
        return [msgspec.structs.replace(entry, position=number) for number, entry in numbered][:limit]

    def since(self, at: dt.datetime) -> Iterator[LoggedEvent]:
        """Yield the entries from ``at`` on, the newest first, also those that may not be shown yet."""
        query = self._rows().where(security_events.c.happened_at >= at).order_by(security_events.c.position.desc())
        yield from map(self._open_row, self._connection.execute(query).all())

    def count(self) -> int:
        """Return how many entries there are that may be shown."""
        if self._untold():
            return len(self.list())
        return int(self._connection.scalar(select(func.count()).where(self._is_owners())) or 0)

    def _untold(self) -> set[str]:
        untold = (legal_orders.c.owner_id == self._owner_keys.owner, legal_orders.c.notified_at.is_(None))
        return {str(order_id) for order_id in self._connection.scalars(select(legal_orders.c.id).where(*untold))}

    def is_whole(self) -> bool:
        """Whether every entry follows the one before it, from the first, unchanged."""
        rows = self._connection.execute(self._rows().order_by(security_events.c.position))
        return is_chain_whole(self._owner_keys.keyring, self._owner_keys.owner, rows)

    def _open_row(self, row: Any) -> LoggedEvent:
        place = ("security_events", "event_sealed", row.position.to_bytes(4, "big"))
        content = self._owner_keys.unseal_json(row.key_id, row.event_sealed, *place)
        return LoggedEvent(row.position, row.happened_at, msgspec.convert(content, SecurityEvent))

    def _rows(self) -> Select[Any]:
        return select(security_events).where(self._is_owners())

    def _is_owners(self) -> ColumnElement[bool]:
        return security_events.c.owner_id == self._owner_keys.owner


def is_chain_whole(keyring: Keyring, owner: UUID, rows: Iterable[Any]) -> bool:
    """Whether the entries of one owner, in order, follow each other from the first, unchanged; nothing is opened."""
    before, key_ids = b"", keyring.key_ids("audit")[::-1]
    for expected, row in enumerate(rows, start=1):
        entry = (row.position, row.happened_at, row.event_sealed)
        made = [key_id for key_id in key_ids if _chain(keyring, owner, before, entry, key_id) == row.chain_hash]
        if row.position != expected or not made:
            return False
        before, key_ids = row.chain_hash, key_ids[key_ids.index(made[0]) :]  # an earlier key makes no later entry
    return True


def _chain(
    keyring: Keyring, owner: UUID, before: bytes, entry: tuple[int, dt.datetime, bytes], key_id: str | None = None
) -> bytes:
    position, at, sealed = entry
    instant = at.astimezone(dt.UTC).isoformat(timespec="microseconds").encode()
    parts = (owner.bytes, position.to_bytes(4, "big"), instant, sealed)
    return keyring.keyed_hash("audit", length_prefixed(before, *parts), key_id)


def refusal_to_note(refusal: EventType, limits: Limits, subject: str, now: dt.datetime) -> EventType | None:
    """Return what the log is to say about a refusal of ``subject``, if anything.

    After 20 in a day, one last entry says that there were more: whoever guesses could fill the log otherwise.
    """
    if not limits.hit(REFUSALS_NOTED, subject, now):
        return refusal
    return None if limits.hit(REFUSALS_SUMMED_UP, subject, now) else SIGN_IN_REFUSED_OFTEN
