"""What records are called: for links, which hold ids and show names."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import Connection, select

from tmr.domain.fields.folding import with_spellings
from tmr.domain.fields.kind import Kind
from tmr.domain.fields.types.links import Link, link_ids
from tmr.domain.kinds import BY_KEY
from tmr.domain.record import Record
from tmr.repository.keys.owner_keys import OwnerKeys
from tmr.repository.records.records import COLUMNS, Records
from tmr.repository.records.sealed_columns import SealedColumns
from tmr.repository.schema import records
from tmr.repository.schema.columns import is_among


class RecordNames:
    """The names of the records of one owner, by their ids."""

    def __init__(self, connection: Connection, owner_keys: OwnerKeys, collection: Records) -> None:
        self._connection = connection
        self._owner = owner_keys.owner
        self._sealed_columns = SealedColumns(owner_keys)
        self._records = collection
        self._known: dict[str, dict[str, str]] = {}
        self._folded: dict[str, dict[str, str]] = {}

    def some(self, ids: Iterable[str]) -> dict[str, str]:
        """Return what the records with these ids are called; missing ones are left out."""
        wanted = {UUID(text) for text in ids}
        if not wanted:
            return {}
        query = select(records.c.kind, *COLUMNS).where(
            records.c.owner_id == self._owner, is_among(records.c.id, wanted), records.c.deleted_at.is_(None)
        )
        rows = [row for row in self._connection.execute(query) if row.kind in BY_KEY]
        opened = (record for row in rows for record in self._sealed_columns.open_all(BY_KEY[row.kind], [row[1:]]))
        return {str(record.id): record.title for record in opened}

    def anywhere(self, ids: Iterable[UUID]) -> dict[UUID, str]:
        """Return what records are called that may be in the trash, those that are named by others with their names."""
        found = self._anywhere(set(ids))
        linked = {UUID(link) for record in found for link in _links_of_name(record)}
        names = {str(record.id): record.title for record in self._anywhere(linked)} if linked else {}
        return {record.id: record.kind.title_of(record.values, names) for record in found}

    def _anywhere(self, ids: set[UUID]) -> list[Record]:
        query = select(records.c.kind, *COLUMNS).where(records.c.owner_id == self._owner, is_among(records.c.id, ids))
        rows = [row for row in self._connection.execute(query) if row.kind in BY_KEY]
        return [record for row in rows for record in self._sealed_columns.open_all(BY_KEY[row.kind], [row[1:]])]

    def all_of(self, kind: Kind) -> dict[str, str]:
        """Return what every record of a kind is called, last changed first; looked up once in a unit of work."""
        if kind.key not in self._known:
            self._known[kind.key] = self._all_of(kind)
        return self._known[kind.key]

    def latest_of(self, kind: Kind, most: int) -> list[str]:
        """Return the names of the records of a kind that were changed last, each name once."""
        shown, _ = self._records.page(kind, 0, most)
        return list(dict.fromkeys(record.title for record in shown))

    def _all_of(self, kind: Kind) -> dict[str, str]:
        slots = [(name, kind.by_name[name].number) for name in kind.name_fields]
        return {
            str(UUID(bytes=row.id)): kind.title_of({name: row.summary[number] for name, number in slots})
            for row in self._records.scan(kind)
        }

    def linked_by(self, kind: Kind) -> dict[str, str]:
        """Return the folded name of every record that one of ``kind`` can link to, as search compares it."""
        targets = {field.type.target for field in kind.record_links if isinstance(field.type, Link)}
        names: dict[str, str] = {}
        for key in targets:
            names |= self._searchable(BY_KEY[key])
        return names

    def _searchable(self, kind: Kind) -> dict[str, str]:
        if kind.key not in self._folded:
            self._folded[kind.key] = {record_id: with_spellings(name) for record_id, name in self.all_of(kind).items()}
        return self._folded[kind.key]


def _links_of_name(record: Record) -> list[str]:
    links = [field.name for field in record.kind.record_links if field.name in record.kind.name_fields]
    return [link for name in links for link in link_ids(record.values.get(name))]
