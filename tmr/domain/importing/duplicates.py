"""Which rows of a file are stored already, and which appear in it twice."""

from collections.abc import Iterable, Mapping
from uuid import UUID

import msgspec

from tmr.domain.fields.folding import searchable
from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Wire
from tmr.domain.fields.urls import url_hash
from tmr.domain.record import Scanned

URL_HASH_SLOT = 1


class Marks(msgspec.Struct, frozen=True):
    """What tells one record from another: its name, the values only it can have, and those that set namesakes apart."""

    name: tuple[str, ...]
    unique: tuple[tuple[str, str], ...]
    apart: Mapping[str, str]


class Duplicates:
    """Finds the stored record that a row repeats, by the kind's ``Identity``.

    A stored record matches by a unique field, unless no part of a name of several parts is the same; or by its whole
    name, unless a field that sets apart is filled in both and differs. Rows of one file match each other only by a
    unique field, or by their name and every field that sets apart.
    """

    def __init__(self, kind: Kind, stored: Iterable[Scanned]) -> None:
        self._kind = kind
        self._by_unique: dict[tuple[str, str], list[tuple[UUID, Marks]]] = {}
        self._by_name: dict[tuple[str, ...], list[tuple[UUID, Marks]]] = {}
        self._marks_of_file: set[object] = set()
        wanted = {*kind.identity.together, *kind.identity.unique, *kind.identity.apart}
        slots = [(name, kind.by_name[name].number) for name in wanted if kind.by_name[name].section == "summary"]
        for row in stored:
            values = {name: row.summary[slot] if slot < len(row.summary) else None for name, slot in slots}
            self.put(UUID(bytes=row.id), self._marks(values, row.summary[URL_HASH_SLOT]))

    def marks(self, values: Mapping[str, Wire]) -> Marks:
        """Return what tells a record with these values from others."""
        return self._marks(values, url_hash(values.get("url")))

    def find_stored(self, marks: Marks) -> list[UUID]:
        """Return the ids of the stored records that these marks can mean, the likeliest first."""
        by_unique = [pair for mark in marks.unique for pair in self._by_unique.get(mark, ())]
        alike = [record_id for record_id, known in by_unique if _is_alike(known.name, marks.name)]
        same = [record_id for record_id, known in self._by_name.get(marks.name, ()) if _agree(known, marks)]
        return list(dict.fromkeys([*alike, *same]))

    def is_repeated(self, marks: Marks) -> bool:
        """Whether an earlier row of this file had the same marks; remembers these for the rows to come."""
        parts = [(at, part) for at, part in enumerate(marks.name) if part] if len(marks.name) > 1 else [()]
        row_marks: set[object] = {(mark, part) for mark in marks.unique for part in parts}
        others = {name: value for name, value in marks.apart.items() if name not in self._kind.identity.unique}
        # Two postings with different links and no date are two, even under one name.
        if others or not marks.unique:
            row_marks.add((marks.name, tuple(sorted(others.items()))))
        is_repeated = bool(row_marks & self._marks_of_file)
        self._marks_of_file |= row_marks
        return is_repeated

    def put(self, record_id: UUID, marks: Marks) -> None:
        """Make a stored record one that ``find_stored`` can return."""
        for mark in marks.unique:
            self._by_unique.setdefault(mark, []).append((record_id, marks))
        self._by_name.setdefault(marks.name, []).append((record_id, marks))

    def _marks(self, values: Mapping[str, Wire], hashed: Wire) -> Marks:
        texts = {name: _folded(values.get(name)) for name in (*self._kind.identity.unique, *self._kind.identity.apart)}
        if "url" in texts:
            texts["url"] = str(hashed or "")
        name = tuple(_folded(values.get(name)) for name in self._kind.identity.together)
        unique = tuple((name, texts[name]) for name in self._kind.identity.unique if texts[name])
        return Marks(name, unique, {name: texts[name] for name in self._kind.identity.apart if texts[name]})


def _folded(value: Wire) -> str:
    text = ";".join(value) if isinstance(value, list) else "" if value is None else str(value)
    return " ".join(searchable(text).split())


def _is_alike(name: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether records with these names and one link may be the same: many roles link to one careers page."""
    return len(name) < 2 or any(part and part == same for part, same in zip(name, other, strict=True))


def _agree(known: Marks, marks: Marks) -> bool:
    return all(known.apart.get(name, value) == value for name, value in marks.apart.items())
