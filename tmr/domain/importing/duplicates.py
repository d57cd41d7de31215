"""Which rows of a file are stored already, and which stand in it twice."""

from collections.abc import Iterable, Mapping
from uuid import UUID

import msgspec

from tmr.domain.field_types import Wire
from tmr.domain.folding import searchable
from tmr.domain.kinds import Kind
from tmr.domain.records import Scanned


class Known(msgspec.Struct, frozen=True):
    """What tells a stored record from another one."""

    id: UUID
    url_hash: str | None
    applied_on: Wire


class Duplicates:
    """Finds the stored record that a row repeats.

    A stored record matches by its url; or by company and title, unless both have an applied-on date or both have a
    url and those differ. Rows of one file match each other only by url, or by company, title and applied-on date.
    """

    def __init__(self, kind: Kind, stored: Iterable[Scanned]) -> None:
        self._by_url: dict[str, UUID] = {}
        self._by_name: dict[tuple[str, str], list[Known]] = {}
        self._marks_of_file: set[object] = set()
        slots = [kind.by_name[name].number for name in ("company", "title", "applied_on")]
        for row in stored:
            company, title, applied_on = (row.summary[slot] for slot in slots)
            self._put(UUID(bytes=row.id), row.summary[1], company, title, applied_on)

    def find_stored(self, values: Mapping[str, Wire], url_hash: str | None) -> UUID | None:
        """Return the stored record that these values repeat, or None."""
        if url_hash and url_hash in self._by_url:
            return self._by_url[url_hash]
        same = self._by_name.get(_name(values["company"], values["title"]), ())
        return next((known.id for known in same if _agree(known, values["applied_on"], url_hash)), None)

    def is_repeated(self, values: Mapping[str, Wire], url_hash: str | None) -> bool:
        """Whether an earlier row of this file was the same; remembers this one."""
        marks: set[object] = {url_hash} if url_hash else set()
        if values["applied_on"] or not url_hash:  # two links without a date are two postings, whatever their names
            marks.add((*_name(values["company"], values["title"]), values["applied_on"]))
        is_repeated = bool(marks & self._marks_of_file)
        self._marks_of_file |= marks
        return is_repeated

    def _put(self, record_id: UUID, url_hash: Wire, company: Wire, title: Wire, applied_on: Wire) -> None:
        known = Known(record_id, url_hash if isinstance(url_hash, str) else None, applied_on)
        if known.url_hash:
            self._by_url.setdefault(known.url_hash, record_id)
        self._by_name.setdefault(_name(company, title), []).append(known)


def _name(company: Wire, title: Wire) -> tuple[str, str]:
    return " ".join(searchable(str(company)).split()), " ".join(searchable(str(title)).split())


def _agree(known: Known, applied_on: Wire, url_hash: str | None) -> bool:
    dates_differ = bool(known.applied_on and applied_on and known.applied_on != applied_on)
    urls_differ = bool(known.url_hash and url_hash and known.url_hash != url_hash)
    return not dates_differ and not urls_differ
