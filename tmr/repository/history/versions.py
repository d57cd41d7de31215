"""Earlier versions of records, kept sealed as long as the record itself."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Integer, Uuid, delete, func, insert, literal, select, text, tuple_
from sqlalchemy.dialects.postgresql import ARRAY

from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Wire
from tmr.domain.record import Record
from tmr.repository.history.step import Trace
from tmr.repository.keys.owner_keys import OwnerKeys
from tmr.repository.records.sealed_columns import SealedColumns
from tmr.repository.schema import record_versions, records, version_files

MOST_VERSIONS = 50  # of each record, earlier ones
# Not by their numbers: an undo makes a version of which the earlier one is not always kept.
_FORGET_OLDEST = text(
    """
    DELETE FROM record_versions v
     USING (SELECT record_id, version, row_number() OVER (PARTITION BY record_id ORDER BY version DESC) AS place
              FROM record_versions WHERE owner_id = :owner AND record_id = ANY(:ids)) known
     WHERE v.owner_id = :owner AND v.record_id = known.record_id AND v.version = known.version AND known.place > :most
    """
)
Values = dict[str, Wire]


class Versions:
    """What records were before, for the owner that a unit of work is bound to."""

    def __init__(self, connection: Connection, owner_keys: OwnerKeys) -> None:
        self._connection = connection
        self._owner = owner_keys.owner
        self._sealed_columns = SealedColumns(owner_keys, "record_versions")

    def keep(self, replaced: Sequence[Record], key_id: int, import_id: UUID | None) -> None:
        """Keep these records as they are, before they are written; of each the oldest beyond ``MOST_VERSIONS`` goes."""
        if not replaced:
            return
        self._connection.execute(insert(record_versions), [self._row(record, key_id, import_id) for record in replaced])
        naming = [
            {"owner_id": self._owner, "file_id": UUID(file_id), "record_id": record.id, "version": record.version}
            for record in replaced
            for file_id in dict.fromkeys(record.kind.files_of(record.values))
        ]
        if naming:
            self._connection.execute(insert(version_files), naming)
        many = [record.id for record in replaced if record.version > MOST_VERSIONS]
        if many:
            self._connection.execute(_FORGET_OLDEST, {"owner": self._owner, "ids": many, "most": MOST_VERSIONS})

    def some(self, kind: Kind, wanted: Collection[tuple[UUID, int]]) -> dict[tuple[UUID, int], Values]:
        """Return the values of these versions, by record and version; what is not kept any more is left out."""
        if not wanted:
            return {}
        query = select(*_SEALED).where(self._is_owners(), self._is_among(wanted))
        return {(row[0], row[1]): self._open(kind, row) for row in self._connection.execute(query)}

    def of(self, record: Record) -> Iterator[Record]:
        """Yield the earlier versions of a record, the newest first."""
        query = select(*_SEALED, record_versions.c.made_at).where(
            self._is_owners(), record_versions.c.record_id == record.id, record_versions.c.version < record.version
        )
        for row in self._connection.execute(query.order_by(record_versions.c.version.desc())).all():
            yield Record(row[0], record.kind, row[1], record.created_at, row.made_at, self._open(record.kind, row))

    def changed_by(self, kind: Kind, import_id: UUID) -> list[Trace]:
        """Return what an import did to each record that it changed."""
        same = (records.c.owner_id == record_versions.c.owner_id) & (records.c.id == record_versions.c.record_id)
        version = record_versions.c.version
        query = (
            select(record_versions.c.record_id, func.min(version), func.max(version) + 1)
            .join(records, same)
            .where(self._is_owners(), record_versions.c.import_id == import_id)
            .where(records.c.kind == kind.key)
            .group_by(record_versions.c.record_id)
        )
        rows = self._connection.execute(query)
        return [Trace(kind.key, *row, was_there=True, is_there=True) for row in rows]

    def written_by_imports(self, present: Collection[Record]) -> set[UUID]:
        """Return those of these records whose values, as they are now, an import wrote."""
        replaced = [(record.id, record.version - 1) for record in present]
        query = select(record_versions.c.record_id).where(self._is_owners(), self._is_among(replaced))
        return set(self._connection.scalars(query.where(record_versions.c.import_id.is_not(None))))

    def forget(self, record_id: UUID) -> int:
        """Delete every earlier version of a record; return how many."""
        query = delete(record_versions).where(self._is_owners(), record_versions.c.record_id == record_id)
        return self._connection.execute(query).rowcount

    def _row(self, record: Record, key_id: int, import_id: UUID | None) -> dict[str, Any]:
        place = {"owner_id": self._owner, "record_id": record.id, "version": record.version, "key_id": key_id}
        sealed = self._sealed_columns.seal(record.kind, record.values, record.id.bytes, key_id)
        return {**place, "made_at": record.updated_at, "import_id": import_id, **sealed}

    def _open(self, kind: Kind, row: Sequence[Any]) -> Values:
        return self._sealed_columns.values(kind, row[0].bytes, *row[2:5])

    def _is_owners(self) -> Any:
        return record_versions.c.owner_id == self._owner

    def _is_among(self, versions: Collection[tuple[UUID, int]]) -> Any:
        # Two parameters, however many versions these are; a statement may have 65,535.
        ids, numbers = [record_id for record_id, _ in versions], [version for _, version in versions]
        pairs = (
            func.unnest(literal(ids, ARRAY(Uuid)), literal(numbers, ARRAY(Integer)))
            .table_valued("id", "version")
            .render_derived()
        )
        return tuple_(record_versions.c.record_id, record_versions.c.version).in_(select(pairs.c.id, pairs.c.version))


_SEALED = (
    record_versions.c.record_id,
    record_versions.c.version,
    record_versions.c.key_id,
    record_versions.c.summary_sealed,
    record_versions.c.detail_sealed,
)
