"""Looking through all records of a kind: their stored arrays, opened one by one and not yet named.

Nothing of a record stays in memory but what the caller keeps of it: an account may store hundreds of megabytes. They
are read some at a time, each portion by a statement of its own. A cursor of the server would have to be closed by a
caller who stops half-way; closed by the garbage collector, amid another statement of its connection, it hung.
"""

import datetime as dt
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from itertools import chain
from sys import getsizeof
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from tmr.crypto.envelope import RECORDS
from tmr.domain.fields.kind import Kind
from tmr.domain.record import Record, Scanned
from tmr.repository.database import connections
from tmr.repository.database.connections import next_portion, read_all, size_of, uuid_array
from tmr.repository.keys.owner_keys import OwnerKeys
from tmr.repository.records.counts import RecordCounts
from tmr.repository.records.sealed_columns import Opened, SealedColumns
from tmr.repository.scans.kept import Kept
from tmr.repository.scans.kept_ids import Chosen
from tmr.repository.scans.kept_texts import OpenedRecords, form_of
from tmr.repository.scans.looking import Looking

_ROWS = """
    SELECT uuid_send(id), key_id, summary_sealed{more}
      FROM records WHERE owner_id = %(owner)s AND kind = %(kind)s AND deleted_at IS NULL
"""
_OLDER = "AND (created_at, id) < (%(created)s, %(last)s) ORDER BY created_at DESC, id DESC LIMIT %(limit)s"
_SEEN = """
    SELECT string_agg(uuid_send(id) || int4send(version), '')
      FROM (SELECT id, version FROM records
             WHERE owner_id = %(owner)s AND kind = %(kind)s AND deleted_at IS NULL
             ORDER BY created_at DESC, id DESC) AS all_of_them
"""
_BY_AGE = _ROWS.format(more=", created_at") + _OLDER
_SEEN_BY_AGE = _ROWS.format(more=", int4send(version), created_at") + _OLDER
_WHOLE_BY_AGE = _ROWS.format(more=", detail_sealed, created_at") + _OLDER
_AMONG = _ROWS.format(more="") + "AND id = ANY(%(ids)s::uuid[])"
_IDS_BY_CHANGE = """
    SELECT uuid_send(id) FROM records WHERE owner_id = %(owner)s AND kind = %(kind)s AND deleted_at IS NULL {naming}
     ORDER BY updated_at DESC, id DESC
"""
_NAMING = """
    AND id IN (SELECT record_id FROM record_links WHERE owner_id = %(owner)s AND target_id = ANY(%(naming)s::uuid[]))
"""
_LINKED = """
    SELECT r.kind, r.id, r.version, r.created_at, r.updated_at, r.key_id, r.summary_sealed
      FROM record_links l JOIN records r ON r.owner_id = l.owner_id AND r.id = l.record_id
     WHERE l.owner_id = %(owner)s AND l.target_id = %(target)s AND r.kind = ANY(%(kinds)s) AND r.deleted_at IS NULL
     ORDER BY r.created_at, r.id
"""
_WHOLE = """
    SELECT kind, id, version, created_at, updated_at, key_id, summary_sealed, detail_sealed FROM records
     WHERE owner_id = %(owner)s AND id = ANY(%(ids)s) AND kind = ANY(%(kinds)s) AND deleted_at IS NULL
"""
KEPT_FROM = 1_000  # records of all kinds: smaller accounts are searched as quickly without anything kept of them
NAME_BYTES = 200  # an id and a place in a dict, beside the name itself
_LATEST = dt.datetime.max.replace(tzinfo=dt.UTC), UUID(int=2**128 - 1)

Rows = list[Any]
Portion = tuple[Rows, int]  # with how many bytes they have
Choose = Callable[[Iterable[Scanned]], list[Scanned]]


class RecordScans:
    """The records of one owner, as those pages read them that look through all of a kind.

    What does not open is left out and noted. All of it counts for ``Looking``.
    """

    def __init__(
        self,
        connection: Connection,
        owner_keys: OwnerKeys,
        counts: RecordCounts,
        kept: Kept | None,
        looking: Looking | None = None,
    ) -> None:
        self._connection = connection
        self._owner_keys = owner_keys
        self._owner = owner_keys.owner
        self._sealed_columns = SealedColumns(owner_keys)
        self._kept = kept
        self.looking = looking or Looking()
        self.counts = counts

    def each(self, kind: Kind) -> Iterator[Scanned]:
        """Yield all records, last added first."""
        return self._sealed_columns.scan(kind, self._noted(self._by_age(_BY_AGE, kind)))

    def each_with_age(self, kind: Kind) -> Iterator[tuple[dt.datetime, Scanned]]:
        """Yield all records with when they were added, last added first."""
        created_at = _LATEST[0]

        def noting_age() -> Iterator[Any]:
            nonlocal created_at
            for row in self._noted(self._by_age(_BY_AGE, kind)):
                created_at = row[-1]
                yield row

        for opened in self._sealed_columns.scan(kind, noting_age()):
            yield created_at, opened

    def scan(self, kind: Kind, naming: Sequence[bytes] | None = None) -> Iterator[Scanned]:
        """Yield all records, last changed first; with ``naming``, only those that name one of these."""
        # Read by their ids, which stand still: one that is changed meanwhile would else go to the front, and be missed.
        statement = _IDS_BY_CHANGE.format(naming="" if naming is None else _NAMING)
        targets = uuid_array(naming or ())
        return self.among(kind, [row_id for (row_id,) in self._fetch(statement, kind, naming=targets)])

    def among(self, kind: Kind, ids: Sequence[bytes]) -> Iterator[Scanned]:
        """Yield those of these records that are there, in this order."""
        return self._sealed_columns.scan(kind, self._noted(self._by_id(kind, ids)))

    def chosen(self, kind: Kind, question: Hashable, choose: Choose) -> list[Scanned]:
        """Return what ``choose`` keeps of ``each``; it must depend on nothing but each record and ``question``.

        The ids of that are kept, so that for the same question no others are opened but those that changed since.
        """
        if self._kept is None:
            return choose(self.each(kind))
        ids, mark = self._kept.ids, self.counts.marks().get(kind.key)
        kept = ids.find(self._owner, kind.key, question)
        if kept is not None and kept.mark == mark:
            return choose(self.among(kind, kept.chosen))
        rows, seen = self._chosen_of_all(kind, choose) if kept is None else self._chosen_since(kind, kept, choose)
        if mark is not None:  # else this transaction changed some of them, and may yet be rolled back
            ids.keep(self._owner, kind.key, Chosen.of(mark, question, rows, seen))
        return rows

    def compared(self, kind: Kind, question: Hashable, choose: Choose) -> list[Scanned]:
        """Return what ``choose`` keeps of ``each`` when it compares all of them, such as the nearest to a day.

        The ids of that are kept, so that for the same question no others are opened until a record of the kind changes.
        """
        ids, mark = self._kept.ids if self._kept else None, self.counts.marks().get(kind.key) if self._kept else None
        if ids is None or mark is None:
            return choose(self.each(kind))
        part = f"{kind.key}, compared"
        kept = ids.find(self._owner, part, question)
        if kept is not None and kept.mark == mark:
            return choose(self.among(kind, kept.chosen))
        rows = choose(self.each(kind))
        ids.keep(self._owner, part, Chosen.of(mark, question, rows, b""))
        return rows

    def _chosen_of_all(self, kind: Kind, choose: Choose) -> tuple[list[Scanned], bytes]:
        seen: list[bytes] = []

        def noting() -> Iterator[Portion]:
            for rows, size in self._by_age(_SEEN_BY_AGE, kind):
                seen.append(b"".join([row[0] + row[3] for row in rows]))
                yield rows, size

        rows = choose(self._sealed_columns.scan(kind, self._noted(noting())))
        return rows, b"".join(seen)

    def _chosen_since(self, kind: Kind, kept: Chosen, choose: Choose) -> tuple[list[Scanned], bytes]:
        """Open what was chosen and is as it was, and what has come or changed since; what is gone is not there."""
        [(seen,)] = self._fetch(_SEEN, kind)
        return choose(self.among(kind, kept.to_open(seen or b""))), seen or b""

    def search(self, kind: Kind, may_match: Callable[[str], bool] | None) -> Iterable[Scanned]:
        """Return all records, or those whose stored text passes with their detail, last added first; some at a time."""
        if may_match is None:
            return self.each(kind)
        if kept := self._kept_of(kind):
            opened, rows = kept.opened, kept.rows  # in this order: they are replaced in the other one
            return self._sealed_columns.search(kind, opened, may_match) if rows is None else rows
        return self._sealed_columns.search(kind, self._opened(kind), may_match)

    def with_texts(self, kind: Kind) -> list[Scanned] | None:
        """Return all records with their texts, last added first, if that is kept and ready; else None."""
        kept = self._kept_of(kind)
        return kept.rows if kept else None

    def is_kept(self, kind: Kind) -> bool:
        """Whether ``search`` has opened all records of ``kind`` already, a moment ago."""
        return self._kept_of(kind) is not None

    def names_to_search(self, kind: Kind, name: Callable[[Iterable[Scanned]], dict[str, str]]) -> dict[str, str]:
        """Return the folded names of all records of ``kind``, as ``name`` makes them, and keep them for the search."""
        mark, form = self._mark_to_keep(kind), form_of(kind)
        if self._kept is None or mark is None:
            return name(self.each(kind))
        texts, part, drops = self._kept.texts, f"names of {kind.key}", self._kept.texts.drops
        known: dict[str, str] | None = texts.find(self._owner, part, mark, form)
        if known is None:
            known = name(self._summaries(kind))
            size = sum(map(getsizeof, known.values())) + len(known) * NAME_BYTES
            if texts.reserve(self._owner, size):
                texts.keep(self._owner, part, (mark, form, known, size), drops)
        return known

    def _summaries(self, kind: Kind) -> Iterable[Scanned]:
        """Return all records, in no order, without opening them again if they are kept."""
        kept = self._kept_of(kind)
        if kept is None:
            return self.each(kind)
        opened, rows = kept.opened, kept.rows
        return self._sealed_columns.search(kind, opened, None) if rows is None else rows

    def linked_of(self, kinds: Sequence[Kind], target: UUID) -> dict[str, list[Record]]:
        """Return the records of all these kinds that name ``target``, by the kind's key, oldest first."""
        by_kind: dict[str, list[Record]] = {kind.key: [] for kind in kinds}
        for record in self._of_kinds(_LINKED, kinds, target=target):
            by_kind[record.kind.key].append(record)
        return by_kind

    def whole(self, kinds: Sequence[Kind], ids: Sequence[UUID]) -> dict[UUID, Record]:
        """Return records of several kinds whole, by their ids; missing and damaged ones are left out."""
        return {record.id: record for record in self._of_kinds(_WHOLE, kinds, ids=list(ids))} if ids else {}

    def _of_kinds(self, statement: str, kinds: Sequence[Kind], **values: object) -> list[Record]:
        known = {kind.key: kind for kind in kinds}
        rows = read_all(self._connection, statement, {"owner": self._owner, "kinds": list(known), **values})
        self.looking.note(len(rows), size_of(rows))
        return [record for key, *row in rows for record in self._sealed_columns.open_all(known[key], [row])]

    def _kept_of(self, kind: Kind) -> OpenedRecords | None:
        mark = self._mark_to_keep(kind)
        if self._kept is None or mark is None:
            return None
        kept: OpenedRecords | None = self._kept.texts.find(self._owner, kind.key, mark, form_of(kind))
        return kept

    def _mark_to_keep(self, kind: Kind) -> str | None:
        """Return the mark under which texts are kept; None where nothing may be: also of records under a lock."""
        if self._kept is None or self.counts.at_claim < KEPT_FROM or self._owner_keys.is_locked(RECORDS):
            return None
        return self.counts.marks().get(kind.key)

    def _opened(self, kind: Kind) -> Iterable[Opened]:
        """Return all records, opened, to be kept once all of them were looked at."""
        opened, mark = self._sealed_columns.open_texts(self._read_whole(kind)), self._mark_to_keep(kind)
        if self._kept is None or mark is None:
            return opened
        return self._kept.texts.while_opening(self._owner, kind, mark, opened)

    def _read_whole(self, kind: Kind) -> Iterator[Any]:
        return self._noted(self._by_age(_WHOLE_BY_AGE, kind))

    def _by_age(self, statement: str, kind: Kind) -> Iterator[Portion]:
        """Yield all rows in portions, those that are changed meanwhile too: when a record was added never changes."""
        limit, (created, last) = connections.FEW, _LATEST
        while rows := self._fetch(statement, kind, created=created, last=last, limit=limit):
            created, last = rows[-1][-1], UUID(bytes=rows[-1][0])
            size = size_of(rows)
            is_last, limit = len(rows) < limit, next_portion(len(rows), size)
            yield rows, size
            if is_last:
                break

    def _by_id(self, kind: Kind, ids: Sequence[bytes]) -> Iterator[Portion]:
        start, limit = 0, connections.FEW
        while wanted := ids[start : start + limit]:
            found, start = self._fetch(_AMONG, kind, ids=uuid_array(wanted)), start + limit
            by_id, size = {row[0]: row for row in found}, size_of(found)
            limit = next_portion(len(found), size) if found else limit
            yield [by_id[row_id] for row_id in wanted if row_id in by_id], size

    def _noted(self, portions: Iterable[Portion]) -> Iterator[Any]:
        def noted() -> Iterator[Rows]:
            for rows, size in portions:
                self.looking.note(len(rows), size)
                yield rows

        return chain.from_iterable(noted())

    def _fetch(self, statement: str, kind: Kind, **values: object) -> Rows:
        return read_all(self._connection, statement, {"owner": self._owner, "kind": kind.key, **values})
