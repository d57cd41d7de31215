"""Deleted records: kept for 30 days, and deleted for good then or when their owner says so."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, delete, func, or_, select

from tmr.domain.fields.kind import Kind
from tmr.domain.kinds import BY_KEY, children_of
from tmr.domain.record import Record
from tmr.repository.errors import RecordNotFoundError
from tmr.repository.history.steps import Steps
from tmr.repository.keys.owner_keys import OwnerKeys
from tmr.repository.records.records import ALL_COLUMNS, BATCH_ROWS, COLUMNS, TRASH_KEPT, Records
from tmr.repository.records.sealed_columns import SealedColumns
from tmr.repository.schema import record_links, records
from tmr.repository.schema.columns import is_among

AT_A_TIME = 5_000  # records that one statement deletes for good


class Deleted(msgspec.Struct, frozen=True):
    """A record in the trash, and when it went there."""

    record: Record
    deleted_at: dt.datetime

    @property
    def gone_at(self) -> dt.datetime:
        """When it is deleted for good."""
        return self.deleted_at + TRASH_KEPT


class Trash:
    """The deleted records of the owner that a unit of work is bound to."""

    def __init__(self, connection: Connection, owner_keys: OwnerKeys, collection: Records, steps: Steps) -> None:
        self._connection = connection
        self._owner = owner_keys.owner
        self._sealed_columns = SealedColumns(owner_keys)
        self._records = collection
        self._steps = steps

    def page(self, offset: int, limit: int) -> list[Deleted]:
        """Return what was deleted last, without what went along with another record."""
        query = select(records.c.kind, *COLUMNS, records.c.deleted_at).where(*self._is_deleted(), ~_went_along())
        order = (records.c.deleted_at.desc(), records.c.id)
        rows = self._connection.execute(query.order_by(*order).offset(offset).limit(limit)).all()
        known = [(row, BY_KEY[row.kind]) for row in rows if row.kind in BY_KEY]
        opened = ((row, self._sealed_columns.open_all(kind, [row[1:7]])) for row, kind in known)
        return [Deleted(record, row.deleted_at) for row, found in opened for record in found]

    def everything(self) -> Iterator[Deleted]:
        """Yield all that is in the trash whole, the last deleted first, in batches, so that memory stays flat."""
        query = select(records.c.kind, *ALL_COLUMNS, records.c.deleted_at).where(*self._is_deleted())
        order, done = (records.c.deleted_at.desc(), records.c.id), 0
        while rows := self._connection.execute(query.order_by(*order).offset(done).limit(BATCH_ROWS)).all():
            done += len(rows)
            for row in (row for row in rows if row.kind in BY_KEY):
                for record in self._sealed_columns.open_all(BY_KEY[row.kind], [row[1:8]]):
                    yield Deleted(record, row.deleted_at)

    def count(self) -> int:
        """Return how many records ``page`` would return without a limit."""
        query = select(func.count()).select_from(records).where(*self._is_deleted(), ~_went_along())
        return self._connection.scalar(query) or 0

    def along_with(self, ids: Iterable[UUID]) -> dict[UUID, int]:
        """Return how many records went to the trash along with each of these, where any did."""
        other, linked = records.alias(), record_links
        query = (
            select(other.c.id, func.count())
            .join(record_links, (linked.c.owner_id == other.c.owner_id) & (linked.c.target_id == other.c.id))
            .join(records, (records.c.owner_id == other.c.owner_id) & (records.c.id == linked.c.record_id))
            .where(*self._is_deleted(), is_among(other.c.id, ids), records.c.deleted_at == other.c.deleted_at)
            .where(_is_child(other.c.kind))
            .group_by(other.c.id)
        )
        return {row[0]: row[1] for row in self._connection.execute(query)}

    def has(self, kind: Kind, record_id: UUID) -> bool:
        """Whether a record is in the trash; raise ``RecordNotFoundError`` if it is nowhere."""
        is_it = (records.c.owner_id == self._owner, records.c.kind == kind.key, records.c.id == record_id)
        row = self._connection.execute(select(records.c.deleted_at).where(*is_it)).first()
        if row is None:
            raise RecordNotFoundError
        return row.deleted_at is not None

    def forget(self, kind: Kind, record_id: UUID) -> list[UUID]:
        """Delete a record in the trash for good, with every deleted one that belongs to it; return their ids."""
        gone = self._with_children(kind, [record_id])
        return self._forget(is_among(records.c.id, gone))

    def empty(self) -> list[UUID]:
        """Delete for good all that is in the trash; return the ids."""
        return self._forget(records.c.deleted_at.is_not(None))

    def forget_old(self, now: dt.datetime) -> list[UUID]:
        """Delete for good what went to the trash 30 days ago; return the ids."""
        return self._forget(records.c.deleted_at <= now - TRASH_KEPT)

    def _forget(self, which: ColumnElement[bool]) -> list[UUID]:
        gone: list[UUID] = []
        # Locked in the order that every change does, and some at a time: no statement takes too long for a request.
        some = select(records.c.id).where(*self._is_deleted(), which).order_by(records.c.id).limit(AT_A_TIME)
        while ids := self._connection.scalars(some.with_for_update()).all():
            self._connection.execute(
                delete(records).where(records.c.owner_id == self._owner, is_among(records.c.id, ids))
            )
            self._records.links.forget_targets(ids)
            gone += ids
        if gone:
            self._steps.forget_records(gone)
        return gone

    def _with_children(self, kind: Kind, ids: Sequence[UUID]) -> list[UUID]:
        query = select(records.c.id).where(*self._is_deleted(), records.c.kind == kind.key, is_among(records.c.id, ids))
        found = list(self._connection.scalars(query))
        children = [
            child_id
            for child in (children_of(kind.key) if found else ())
            for child_id in self._with_children(child, self._records.links.deleted_sources(found, child.key))
        ]
        return found + children

    def _is_deleted(self) -> tuple[ColumnElement[bool], ...]:
        return (records.c.owner_id == self._owner, records.c.deleted_at.is_not(None))


def _went_along() -> ColumnElement[bool]:
    """Whether a deleted record belongs to another one that was deleted with it: it comes back with that one.

    The links of each record are counted, since the database looks those up one record at a time. ``EXISTS`` it would
    make a join, and then compare each record with all of a thousand that were deleted at the same instant.
    """
    other = records.alias()
    count = (
        select(func.count())
        .select_from(record_links, other)
        .where(record_links.c.owner_id == records.c.owner_id, record_links.c.record_id == records.c.id)
        .where(other.c.owner_id == records.c.owner_id, other.c.id == record_links.c.target_id)
        .where(other.c.deleted_at == records.c.deleted_at, _is_child(other.c.kind))
        .correlate(records)
        .scalar_subquery()
    )
    return count > 0


def _is_child(of: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether the kind of a record is one that belongs to records of the kind ``of``."""
    pairs = [(key, child.key) for key in BY_KEY for child in children_of(key)]
    return or_(*(and_(of == parent, records.c.kind == child) for parent, child in pairs))
