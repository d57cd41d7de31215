"""Earlier versions of records, kept sealed for as long as a change can be taken back."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Connection, delete, insert, select, tuple_

from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Wire
from tmr.domain.record import Record
from tmr.repository.keys.owner_keys import OwnerKeys
from tmr.repository.records.sealed_columns import SealedColumns
from tmr.repository.schema import record_versions, records


class Undone(msgspec.Struct, frozen=True):
    """What the undo of one change did: what the record was (None if it was deleted), and what it is now."""

    before: Record | None
    record: Record


class RecordHistory:
    """What records were before, for the owner that a unit of work is bound to."""

    def __init__(self, connection: Connection, owner_keys: OwnerKeys) -> None:
        self._connection = connection
        self._owner = owner_keys.owner
        self._sealed_columns = SealedColumns(owner_keys, "record_versions")

    def row(
        self, record: Record, key_id: int, until: dt.datetime, import_id: UUID | None, values: Mapping[str, Wire]
    ) -> dict[str, Any]:
        """Return the row that keeps ``values``, sealed for this table, until an instant."""
        place = {"owner_id": self._owner, "record_id": record.id, "version": record.version, "key_id": key_id}
        sealed = self._sealed_columns.seal(record.kind, values, record.id.bytes, key_id)
        return {**place, "expires_at": until, "import_id": import_id, **sealed}

    def keep(self, rows: Sequence[dict[str, Any]]) -> None:
        """Keep earlier versions."""
        self._connection.execute(insert(record_versions), rows)

    def take(self, kind: Kind, current: Iterable[Record], now: dt.datetime) -> dict[UUID, dict[str, Wire]]:
        """Return the values before the last change of each of these records that can be had, and forget them."""
        columns = record_versions.c
        query = delete(record_versions).where(
            columns.owner_id == self._owner,
            tuple_(columns.record_id, columns.version).in_([(one.id, one.version - 1) for one in current]),
            columns.expires_at > now,
        )
        sealed = (columns.key_id, columns.summary_sealed, columns.detail_sealed)
        rows = self._connection.execute(query.returning(columns.record_id, *sealed))
        return {row[0]: self._sealed_columns.values(kind, row[0].bytes, *row[1:]) for row in rows}

    def changed_by(self, kind: Kind, import_id: UUID) -> dict[UUID, int]:
        """Return the version that an import made of each record that it changed, by its id."""
        same = (records.c.owner_id == record_versions.c.owner_id) & (records.c.id == record_versions.c.record_id)
        query = (
            select(record_versions.c.record_id, record_versions.c.version)
            .join(records, same)
            .where(record_versions.c.owner_id == self._owner, record_versions.c.import_id == import_id)
            .where(records.c.kind == kind.key)
            .order_by(record_versions.c.version)
        )
        return {row.record_id: row.version + 1 for row in self._connection.execute(query)}

    def forget(self, now: dt.datetime) -> int:
        """Delete earlier versions whose time is over; return how many."""
        query = delete(record_versions).where(
            record_versions.c.owner_id == self._owner, record_versions.c.expires_at <= now
        )
        return self._connection.execute(query).rowcount
