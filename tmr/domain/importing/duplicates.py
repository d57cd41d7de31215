"""Which rows of a file are stored already, and which stand in it twice."""

from collections.abc import Iterable, Mapping
from uuid import UUID

import msgspec

from tmr.domain.field_types import Wire
from tmr.domain.folding import searchable
from tmr.domain.kind import Kind
from tmr.domain.records import Scanned
from tmr.domain.urls import url_hash

URL_HASH_SLOT = 1


class Marks(msgspec.Struct, frozen=True):
    """What tells one record from another: its name, what only it can have, and what sets namesakes apart."""

    name: tuple[str, ...]
    unique: tuple[tuple[str, str], ...]
    apart: Mapping[str, str]


class Duplicates:
    """Finds the stored record that a row repeats, after the kind's ``Identity``.

    A stored record matches by a unique field; or by its name, unless a field that sets apart is filled in both and
    differs. Rows of one file match each other only by a unique field, or by name and all that sets apart.
    """

    def __init__(self, kind: Kind, stored: Iterable[Scanned]) -> None:
        self._kind = kind
        self._by_unique: dict[tuple[str, str], UUID] = {}
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

    def find_stored(self, marks: Marks) -> UUID | None:
        """Return the stored record that has these marks, or None."""
        by_unique = next((self._by_unique[one] for one in marks.unique if one in self._by_unique), None)
        same = self._by_name.get(marks.name, ())
        return by_unique or next((record_id for record_id, known in same if _agree(known, marks)), None)

    def is_repeated(self, marks: Marks) -> bool:
        """Whether an earlier row of this file was the same; remembers this one."""
        found: set[object] = set(marks.unique)
        others = {name: value for name, value in marks.apart.items() if name not in self._kind.identity.unique}
        # Two postings with links of their own and no date are two, whatever their names.
        if others or not marks.unique:
            found.add((marks.name, tuple(sorted(others.items()))))
        is_repeated = bool(found & self._marks_of_file)
        self._marks_of_file |= found
        return is_repeated

    def put(self, record_id: UUID, marks: Marks) -> None:
        """Remember a stored record."""
        for one in marks.unique:
            self._by_unique.setdefault(one, record_id)
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


def _agree(known: Marks, marks: Marks) -> bool:
    return all(known.apart.get(name, value) == value for name, value in marks.apart.items())
