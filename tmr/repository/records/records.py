"""The records of one owner: sealed in two columns, opened here and nowhere else."""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, bindparam, select, update

from tmr.crypto.envelope import RECORDS
from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Wire
from tmr.domain.kinds import children_of
from tmr.domain.record import Record
from tmr.repository.database.connections import insert_many, size_of, uuid_array
from tmr.repository.errors import RecordNotFoundError, StaleVersionError
from tmr.repository.growth import Growth
from tmr.repository.history.noting import Notes
from tmr.repository.history.versions import Versions
from tmr.repository.keys.owner_keys import OwnerKeys
from tmr.repository.own_fields.standing import StandingNames
from tmr.repository.records.batches import RecordBatches
from tmr.repository.records.counts import RecordCounts
from tmr.repository.records.links import RecordLinks
from tmr.repository.scans.kept import Kept
from tmr.repository.scans.looking import Looking
from tmr.repository.scans.scans import RecordScans
from tmr.repository.schema import records
from tmr.repository.schema.columns import is_among

TRASH_KEPT = dt.timedelta(days=30)
BATCH_ROWS = 500
COLUMNS = (
    records.c.id,
    records.c.version,
    records.c.created_at,
    records.c.updated_at,
    records.c.key_id,
    records.c.summary_sealed,
)
ALL_COLUMNS = (*COLUMNS, records.c.detail_sealed)

_PAGE = """
    SELECT id, version, created_at, updated_at, key_id, summary_sealed, NULL,
           (SELECT live FROM record_counts c WHERE c.owner_id = %(owner)s AND c.kind = %(kind)s)
      FROM records
     WHERE owner_id = %(owner)s AND kind = %(kind)s AND deleted_at IS NULL
     ORDER BY created_at DESC, id DESC OFFSET %(offset)s LIMIT %(limit)s
"""
_CREATED = """
    SELECT id, created_at FROM records
     WHERE owner_id = %(owner)s AND kind = %(kind)s AND deleted_at IS NULL
"""
_IDS_BY_AGE = """
    SELECT id::text FROM records
     WHERE owner_id = %(owner)s AND kind = %(kind)s AND deleted_at IS NULL ORDER BY created_at, id
"""
_VERSIONS = """
    SELECT uuid_send(id), version FROM records
     WHERE owner_id = %(owner)s AND kind = %(kind)s AND deleted_at IS NULL AND id = ANY(%(ids)s::uuid[])
"""
_NEXT = """
    SELECT id, version, created_at, updated_at, key_id, summary_sealed, detail_sealed
      FROM records
     WHERE owner_id = %(owner)s AND kind = %(kind)s AND deleted_at IS NULL
       AND (created_at, id) > (%(created)s, %(last_id)s)
     ORDER BY created_at, id LIMIT %(limit)s
"""


class NewRecord(msgspec.Struct, frozen=True):
    """What ``add_many`` takes: values, the times that a restored record had, and its id-to-be."""

    values: Mapping[str, Wire]
    created_at: dt.datetime
    updated_at: dt.datetime
    record_id: UUID = msgspec.field(default_factory=uuid4)


class Change(msgspec.Struct, frozen=True):
    """What ``update_many`` takes: the fields of one record that get new values."""

    record_id: UUID
    values: Mapping[str, Wire]


class Changed(msgspec.Struct, frozen=True):
    """What ``update_many`` did to one record: what it was, whole, and its values now."""

    before: Record
    values: dict[str, Wire]


class Records(RecordScans):
    """The records of the owner that a unit of work is bound to."""

    def __init__(
        self,
        connection: Connection,
        owner_keys: OwnerKeys,
        growth: Growth,
        counts: RecordCounts,
        kept: Kept | None = None,
        looking: Looking | None = None,
    ) -> None:
        super().__init__(connection, owner_keys, counts, kept, looking)
        self._growth = growth
        self.is_changed = False  # whether any record was added, changed, deleted or restored
        self.batches = RecordBatches(connection, owner_keys)
        self.history = Versions(connection, owner_keys)
        self.notes = Notes()
        self.links = RecordLinks(connection, owner_keys.owner)
        self.own_names = StandingNames(connection, owner_keys)

    @property
    def damaged(self) -> set[UUID]:
        """Ids of the records that did not open so far."""
        return set(self._sealed_columns.damaged)

    # Reading ---------------------------------------------------------------------------------------------------

    def page(self, kind: Kind, offset: int, limit: int) -> tuple[list[Record], int]:
        """Return records with their summaries, last added first, and how many there are in all."""
        self.counts.write()
        rows = self._fetch(_PAGE, kind, offset=offset, limit=limit)
        total = rows[0][7] if rows else self.counts.of(kind)
        return self._sealed_columns.open_all(kind, rows), total or 0

    def get_many(self, kind: Kind, ids: Sequence[UUID], *, with_detail: bool = False) -> list[Record]:
        """Return the records with these ids, in this order; missing and damaged ones are left out."""
        query = self._live(ALL_COLUMNS if with_detail else COLUMNS, kind).where(is_among(records.c.id, ids))
        rows = self._connection.execute(query).all()
        self.looking.note(len(rows), size_of(rows))
        by_id = {record.id: record for record in self._sealed_columns.open_all(kind, rows)}
        return [by_id[record_id] for record_id in ids if record_id in by_id]

    def get(self, kind: Kind, record_id: UUID) -> Record:
        """Return one record whole.

        Raises:
            RecordNotFoundError: not there, deleted, of another kind, or another owner's.
            DamagedRecordError: a sealed value does not open.
        """
        row = self._connection.execute(self._live(ALL_COLUMNS, kind).where(records.c.id == record_id)).first()
        if row is None:
            raise RecordNotFoundError
        return self._sealed_columns.open(kind, row)

    def get_for_edit(self, kind: Kind, record_id: UUID) -> Record:
        """Return one record whole, and lock it until the transaction ends; raises as ``get``."""
        return self._locked(kind, [record_id])[record_id]

    def everything(self, kind: Kind) -> Iterator[Record]:
        """Yield all records whole, oldest first, in batches, so that memory stays flat."""
        created, last_id = dt.datetime.min.replace(tzinfo=dt.UTC), UUID(int=0)
        while rows := self._fetch(_NEXT, kind, created=created, last_id=last_id, limit=BATCH_ROWS):
            yield from self._sealed_columns.open_all(kind, rows)
            created, last_id = rows[-1][2], rows[-1][0]

    def versions(self, kind: Kind, ids: Sequence[bytes]) -> dict[bytes, int]:
        """Return the versions of these records, by their ids; missing ones are left out."""
        return dict(self._fetch(_VERSIONS, kind, ids=uuid_array(ids)))

    def created(self, kind: Kind) -> dict[UUID, dt.datetime]:
        """Return when every record of a kind was added, by its id."""
        return dict(self._fetch(_CREATED, kind))

    def numbers(self, kind: Kind) -> dict[str, int]:
        """Return the place of every record in the order of the export, from 1, by its id."""
        return {record_id: number for number, (record_id,) in enumerate(self._fetch(_IDS_BY_AGE, kind), 1)}

    def linked(self, kind: Kind, target: UUID, *, with_detail: bool = False) -> list[Record]:
        """Return the records of ``kind`` that name ``target``, oldest first."""
        ids = self.links.sources([target], kind.key, {None})
        return sorted(
            self.get_many(kind, ids, with_detail=with_detail), key=lambda record: (record.created_at, record.id)
        )

    # Writing ---------------------------------------------------------------------------------------------------

    def add(self, kind: Kind, values: Mapping[str, Wire], now: dt.datetime) -> Record:
        """Store a new record and return it."""
        [record_id] = self.add_many(kind, [NewRecord(values, now, now)])
        return self.get(kind, record_id)

    def add_many(self, kind: Kind, new: Iterable[NewRecord], import_id: UUID | None = None) -> list[UUID]:
        """Store many new records in batches; return their ids in order, or raise ``TooManyRecordsError``."""
        ids: list[UUID] = []
        waiting = iter(new)
        while batch := list(islice(waiting, BATCH_ROWS)):
            self.counts.require_room_for(kind, len(batch))
            ids += self._insert(kind, batch, import_id)
            self.counts.note(kind, len(batch))
            if import_id is None:
                self.notes.added(kind, ids[-len(batch) :], batch[0].updated_at)
        return ids

    def write(self, current: Record, changes: Mapping[str, Wire], version: int | None, now: dt.datetime) -> Record:
        """Change fields of a record from ``get_for_edit`` that is still at ``version`` (None: at any version).

        Raises:
            StaleVersionError: it has changed since; nothing was written.
        """
        if version is not None and version != current.version:
            raise StaleVersionError(current)
        written = self.write_many([(current, changes)], now)
        return current.rewritten(written[0].values, now) if written else current

    def update_many(
        self, kind: Kind, changes: Sequence[Change], now: dt.datetime, import_id: UUID | None = None
    ) -> list[Changed]:
        """Change fields of many records, whatever version they are at; return those that really changed.

        Raises:
            RecordNotFoundError: one of them is not there; nothing was written.
        """
        current = self._locked(kind, [change.record_id for change in changes])
        pairs = [(current[change.record_id], change.values) for change in changes]
        return self.write_many(pairs, now, import_id)

    def remove(self, kind: Kind, ids: Sequence[UUID], now: dt.datetime) -> list[UUID]:
        """Move records to the trash, and those that belong to them; return the ids that were there."""
        removed = self._remove(kind, ids, now)
        self.notes.removed(kind, removed, now)
        return list(removed)

    def restore(self, kind: Kind, ids: Sequence[UUID], now: dt.datetime) -> list[UUID]:
        """Bring records back from the trash with what went along; return the ids of those; raise as ``add_many``."""
        restored = self._restore(kind, ids, now)
        self.notes.restored(kind, restored, now)
        return list(restored)

    # Inside ----------------------------------------------------------------------------------------------------

    def _remove(self, kind: Kind, ids: Sequence[UUID], now: dt.datetime) -> dict[UUID, int]:
        # Locked first, in the order that every change does: an update alone takes rows in the order in which it meets
        # them, and two of them that meet some rows the other way round would wait for each other.
        held = self._live((records.c.id, records.c.version), kind).where(is_among(records.c.id, ids))
        rows = self._connection.execute(held.order_by(records.c.id).with_for_update())
        removed = {row.id: row.version for row in rows}
        self.is_changed |= bool(removed)
        if removed:
            self._connection.execute(update(records).where(*self._are(kind, list(removed))).values(deleted_at=now))
        self.counts.note(kind, -len(removed))
        for child in children_of(kind.key) if removed else ():
            self._remove(child, self.links.sources(removed, child.key), now)
        return removed

    def _restore(self, kind: Kind, ids: Sequence[UUID], now: dt.datetime) -> dict[UUID, int]:
        marked = select(records.c.id, records.c.deleted_at, records.c.version).where(
            *self._are(kind, ids), records.c.deleted_at > now - TRASH_KEPT
        )
        found = self._connection.execute(marked.order_by(records.c.id).with_for_update()).all()
        # A record whose parent is still deleted stays deleted.
        orphans = self.links.without_live_target([row.id for row in found]) if kind.parent else set()
        restorable = [row for row in found if row.id not in orphans]
        restored = {row.id: row.version for row in restorable}
        self.is_changed |= bool(restored)
        if restored:
            self.counts.require_room_for(kind, len(restored))
            self._connection.execute(update(records).where(*self._are(kind, list(restored))).values(deleted_at=None))
            self.counts.note(kind, len(restored))
        for child in children_of(kind.key) if restored else ():
            together = self.links.sources(restored, child.key, {row.deleted_at for row in restorable})
            self._restore(child, together, now)
        return restored

    def _live(self, columns: Iterable[ColumnElement[Any]], kind: Kind) -> Select[Any]:
        return select(*columns).where(
            records.c.owner_id == self._owner, records.c.kind == kind.key, records.c.deleted_at.is_(None)
        )

    def _are(self, kind: Kind, ids: Sequence[UUID]) -> tuple[ColumnElement[bool], ...]:
        return (records.c.owner_id == self._owner, records.c.kind == kind.key, is_among(records.c.id, ids))

    def locked(self, kind: Kind, ids: Sequence[UUID]) -> list[Record]:
        """Return records whole, in this order, and lock them until the transaction ends, so that nothing changes them.

        Raises:
            RecordNotFoundError: one of them is not there.
        """
        by_id = self._locked(kind, ids)
        return [by_id[record_id] for record_id in ids]

    def _locked(self, kind: Kind, ids: Sequence[UUID]) -> dict[UUID, Record]:
        """Lock all of these records, or raise ``RecordNotFoundError``; return them by their ids."""
        by_id = self._lock(kind, ids)
        if len(by_id) != len(set(ids)):
            raise RecordNotFoundError
        return by_id

    def locked_anywhere(self, kind: Kind, ids: Collection[UUID]) -> tuple[dict[UUID, Record], set[UUID]]:
        """Lock records as ``locked`` does, in the trash or not; return those that are there, and which are deleted."""
        columns, are = (*ALL_COLUMNS, records.c.deleted_at), self._are(kind, list(ids))
        query = select(*columns).where(*are).order_by(records.c.id).with_for_update()
        rows = self._connection.execute(query).all()
        opened = self._sealed_columns.open_all(kind, rows)
        return {record.id: record for record in opened}, {row.id for row in rows if row.deleted_at}

    def _lock(self, kind: Kind, ids: Collection[UUID]) -> dict[UUID, Record]:
        """Lock those records that are there, always in the order of their ids, so that no two changes can deadlock."""
        query = (
            self._live(ALL_COLUMNS, kind).where(is_among(records.c.id, ids)).order_by(records.c.id).with_for_update()
        )
        return {row.id: self._sealed_columns.open(kind, row) for row in self._connection.execute(query)}

    def write_many(
        self,
        pairs: Sequence[tuple[Record, Mapping[str, Wire]]],
        now: dt.datetime,
        import_id: UUID | None = None,
        *,
        has_version: Collection[UUID] | None = None,
    ) -> list[Changed]:
        """Change fields of records that ``locked`` returned; return those that really changed.

        With ``has_version`` it is an undo, for which a full account has some room. These are the records of which an
        earlier version has the values that they have now: what they are is not kept once more.
        """
        known = has_version or ()
        merged = [(current, {**current.values, **self.own_names.kept(changes)}) for current, changes in pairs]
        changed = [(current, values) for current, values in merged if values != current.values]
        if changed:
            rows = [self._changed_row(*pair, now) for pair in changed]
            # The row that is replaced goes on as its earlier version, so the account grows by the new one.
            kept = [(current, row) for (current, _), row in zip(changed, rows, strict=True) if current.id not in known]
            size = sum(len(row["new_summary_sealed"]) + len(row["new_detail_sealed"]) for _, row in kept)
            self._growth.add(size, is_undo=has_version is not None)
            self.history.keep([current for current, _ in kept], rows[0]["new_key"], import_id)
            if import_id is None:
                self.notes.changed(changed, now)
            self._rewrite(changed, rows)
            for kind in {current.kind.key: current.kind for current, _ in changed}.values():
                self.counts.touch(kind)
        return [Changed(current, values) for current, values in changed]

    def _changed_row(self, current: Record, values: Mapping[str, Wire], now: dt.datetime) -> dict[str, Any]:
        key_id = self._owner_keys.newest(RECORDS).key_id
        sealed = self._sealed_columns.seal(current.kind, values, current.id.bytes, key_id)
        renamed = {f"new_{name}": sealed_value for name, sealed_value in sealed.items()}
        return {"row_id": current.id, "new_version": current.version + 1, "now": now, "new_key": key_id, **renamed}

    def _rewrite(self, changed: Sequence[tuple[Record, dict[str, Wire]]], rows: Sequence[dict[str, Any]]) -> None:
        statement = (
            update(records)
            .where(records.c.owner_id == self._owner, records.c.id == bindparam("row_id"))
            .values(
                version=bindparam("new_version"),
                updated_at=bindparam("now"),
                key_id=bindparam("new_key"),
                summary_sealed=bindparam("new_summary_sealed"),
                detail_sealed=bindparam("new_detail_sealed"),
            )
        )
        self._connection.execute(statement, rows)
        self.is_changed = True
        self.links.follow(changed)

    def _insert(self, kind: Kind, batch: Sequence[NewRecord], import_id: UUID | None) -> list[UUID]:
        # The ids are made here and not by the database: the addresses of the sealed values need them before the insert.
        ids, key_id = [draft.record_id for draft in batch], self._owner_keys.newest(RECORDS).key_id
        sealed = [
            self._sealed_columns.seal(kind, self.own_names.kept(draft.values), row.bytes, key_id)
            for draft, row in zip(batch, ids, strict=True)
        ]
        self._growth.add(sum(len(value) for columns in sealed for value in columns.values()))
        columns: dict[str, list[Any]] = {
            "id": ids,
            "created_at": [draft.created_at for draft in batch],
            "updated_at": [draft.updated_at for draft in batch],
            "summary_sealed": [sealed_value["summary_sealed"] for sealed_value in sealed],
            "detail_sealed": [sealed_value["detail_sealed"] for sealed_value in sealed],
        }
        shared = {"owner_id": self._owner, "kind": kind.key, "version": 1, "import_id": import_id, "key_id": key_id}
        insert_many(self._connection, "records", shared, columns)
        self.is_changed = True
        self.links.add(
            [(row, target) for row, draft in zip(ids, batch, strict=True) for target in kind.linked_ids(draft.values)]
        )
        return ids
