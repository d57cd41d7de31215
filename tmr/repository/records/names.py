"""What records are called: for links, which hold ids and show names."""

from collections.abc import Iterable
from functools import partial
from itertools import islice
from uuid import UUID

from sqlalchemy import Connection, select

from tmr.domain.fields.folding import searchable, with_spellings
from tmr.domain.fields.kind import Kind
from tmr.domain.fields.types.links import Link, link_ids
from tmr.domain.kinds import BY_KEY
from tmr.domain.record import Record, Scanned
from tmr.domain.searching import having_words, name_filter
from tmr.repository.database.connections import FEW, next_portion, size_of
from tmr.repository.keys.owner_keys import OwnerKeys
from tmr.repository.records.records import COLUMNS, Records
from tmr.repository.records.sealed_columns import SealedColumns
from tmr.repository.schema import records
from tmr.repository.schema.columns import is_among

FEW_NAMES = 500
JOINT = "·"  # between the parts of a name, and in none of its fields


class RecordNames:
    """The names of the records of one owner, by their ids."""

    def __init__(self, connection: Connection, owner_keys: OwnerKeys, collection: Records) -> None:
        self._connection = connection
        self._owner = owner_keys.owner
        self._sealed_columns = SealedColumns(owner_keys)
        self._records = collection
        self._known: dict[str, dict[str, str]] = {}
        self._folded: dict[str, dict[str, str]] = {}
        self._having: dict[tuple[str, str], dict[str, str]] = {}

    def some(self, ids: Iterable[str]) -> dict[str, str]:
        """Return what the records with these ids are called; missing ones are left out."""
        wanted, limit = sorted({UUID(text) for text in ids}), FEW
        names: dict[str, str] = {}
        while wanted:
            some, wanted = wanted[:limit], wanted[limit:]
            query = select(records.c.kind, *COLUMNS).where(
                records.c.owner_id == self._owner, is_among(records.c.id, some), records.c.deleted_at.is_(None)
            )
            rows = self._connection.execute(query).all()
            size = size_of(rows)
            self._records.looking.note(len(rows), size)
            limit = next_portion(len(rows), size) if rows else limit
            for row in rows:
                opened = self._sealed_columns.open_all(BY_KEY[row.kind], [row[1:]]) if row.kind in BY_KEY else ()
                names |= {str(record.id): record.title for record in opened}
        return names

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
            self._known[kind.key] = _names_of(kind, self._records.scan(kind))
        return self._known[kind.key]

    def latest_of(self, kind: Kind, most: int) -> list[str]:
        """Return the names of the records of a kind that were changed last, each name once."""
        shown, _ = self._records.page(kind, 0, most)
        return list(dict.fromkeys(record.title for record in shown))

    def linked_by(self, kind: Kind, q: str = "") -> dict[str, str]:
        """Return the folded name of every record that one of ``kind`` can link to, as search compares it.

        With ``q``, those may be left out whose names have no word of it.
        """
        targets = {field.type.target for field in kind.record_links if isinstance(field.type, Link)}
        names: dict[str, str] = {}
        for key in targets:
            names |= self._with_words(BY_KEY[key], q) if q else self._searchable(BY_KEY[key])
        return names

    def _with_words(self, kind: Kind, q: str) -> dict[str, str]:
        """Return the folded names with a word of ``q``: if texts are kept, few need a name; else all of them."""
        # A record without a name is called after its kind, which its texts need not have.
        stands_alone = JOINT not in q and not any(word in searchable(kind.title) for word in searchable(q).split())
        if kind.key in self._folded or not stands_alone or not self._records.is_kept(kind):
            return self._searchable(kind)
        if (kind.key, q) not in self._having:
            rows = self._records.with_texts(kind)
            some = self._records.search(kind, name_filter(q)) if rows is None else having_words(rows, q)
            few = list(islice(some, FEW_NAMES))
            self._having[kind.key, q] = _folded_names(kind, few) if len(few) < FEW_NAMES else self._searchable(kind)
        return self._having[kind.key, q]

    def _searchable(self, kind: Kind) -> dict[str, str]:
        if kind.key not in self._folded:
            self._folded[kind.key] = self._records.names_to_search(kind, partial(_folded_names, kind))
        return self._folded[kind.key]


def _names_of(kind: Kind, rows: Iterable[Scanned]) -> dict[str, str]:
    return {str(UUID(bytes=row.id)): kind.title_at(row.summary) for row in rows}


def _folded_names(kind: Kind, rows: Iterable[Scanned]) -> dict[str, str]:
    return {record_id: with_spellings(name) for record_id, name in _names_of(kind, rows).items()}


def _links_of_name(record: Record) -> list[str]:
    links = [field.name for field in record.kind.record_links if field.name in record.kind.name_fields]
    return [link for name in links for link in link_ids(record.values.get(name))]
