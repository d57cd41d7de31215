"""Records that were written together: by one bulk action, which has its instant, or by one import."""

import datetime as dt
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, exists, select

from tmr.domain.fields.kind import Kind
from tmr.repository.keys.owner_keys import OwnerKeys
from tmr.repository.schema import record_links, records


class RecordBatches:
    """Finds the records of such a batch, for the owner that a unit of work is bound to."""

    def __init__(self, connection: Connection, owner_keys: OwnerKeys) -> None:
        self._connection = connection
        self._owner = owner_keys.owner

    def deleted_at(self, kind: Kind, at: dt.datetime) -> list[UUID]:
        """Return the ids of the records that were marked as deleted at that very instant."""
        query = select(records.c.id).where(*self._of(kind), records.c.deleted_at == at)
        return list(self._connection.scalars(query))

    def changed_at(self, kind: Kind, at: dt.datetime) -> list[tuple[UUID, int]]:
        """Return id and version of the records whose last change was at that very instant."""
        query = select(records.c.id, records.c.version).where(*self._live(kind), records.c.updated_at == at)
        return [(row.id, row.version) for row in self._connection.execute(query)]

    def added_by(self, kind: Kind, import_id: UUID, *, untouched: bool = False) -> list[UUID]:
        """Return the ids of the records that an import added and that are still there.

        With ``untouched``, only of those that were not changed since, and that no record added otherwise refers to.
        """
        query = select(records.c.id).where(*self._live(kind), records.c.import_id == import_id)
        if untouched:
            query = query.where(records.c.version == 1, ~self._is_named_by_others(import_id))
        return list(self._connection.scalars(query))

    def _is_named_by_others(self, import_id: UUID) -> ColumnElement[bool]:
        other = records.alias()
        names = (record_links.c.owner_id == records.c.owner_id) & (record_links.c.target_id == records.c.id)
        is_same = (other.c.owner_id == record_links.c.owner_id) & (other.c.id == record_links.c.record_id)
        is_there = other.c.deleted_at.is_(None) & other.c.import_id.is_distinct_from(import_id)
        return exists().where(names, is_same, is_there).correlate(records)

    def _live(self, kind: Kind) -> tuple[ColumnElement[bool], ...]:
        return (*self._of(kind), records.c.deleted_at.is_(None))

    def _of(self, kind: Kind) -> tuple[ColumnElement[bool], ...]:
        return (records.c.owner_id == self._owner, records.c.kind == kind.key)
