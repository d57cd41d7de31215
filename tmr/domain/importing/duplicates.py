"""Which rows of a file are stored already, which appear in it twice, and which look like another one."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from uuid import UUID

import msgspec

from tmr.domain.companies.names import company_key
from tmr.domain.companies.roles import are_words_alike, title_words
from tmr.domain.fields.folding import searchable
from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Wire
from tmr.domain.fields.urls import names_one_posting, url_hash
from tmr.domain.record import Scanned

URL_HASH_SLOT = 1
MOST_OF_COMPANY = 40  # records of one company that a row is compared with to see if it looks like one of them
MOST_LETTERS = 1_500_000  # of titles that are looked at for likeness in one file; a comparison counts as a few
LETTERS_OF_COMPARISON = 8
MOST_ALIKE = 100  # stored records that a row is compared with by each of its marks, of those that say the same one


class Marks(msgspec.Struct, frozen=True):
    """What tells one record from another: its name, the values only it can have, and those that set namesakes apart.

    ``shared`` are the fields that must agree for a unique value to mean one record; ``reference`` is the number of the
    posting, which stored records do not have on its own. ``has_number``: its link is that of one posting.
    """

    name: tuple[str, ...]
    unique: tuple[tuple[str, str], ...]
    apart: Mapping[str, str]
    shared: Mapping[str, str]
    reference: str = ""
    rest: str = ""
    has_number: bool = False


class Like(msgspec.Struct, frozen=True):
    """What a row looks like: a stored record, or the row of the file that is at this place."""

    record_id: UUID | None = None
    place: str = ""


class _Alike(msgspec.Struct):
    """Stored records with one mark in common that say the same in ``fields``, which set them apart from others."""

    fields: Mapping[str, str]
    ids: list[UUID] = []


Groups = dict[tuple[str, ...], _Alike]


class Duplicates:
    """Finds the stored record that a row repeats, by the kind's ``Identity``.

    A stored record matches by a unique field, unless a field of ``shared`` differs; or by its whole name, unless a
    field that sets apart is filled in both and differs. Rows of one file match each other by a unique field likewise,
    or by their name and every field that sets apart.

    A row that is neither may still look like one: the same role at the same company, written in another way, found on
    another board, or applied for again.
    """

    def __init__(self, kind: Kind, stored: Iterable[Scanned]) -> None:
        self._kind = kind
        self._stored: dict[UUID, Marks] = {}
        self._by_unique: dict[tuple[str, str], Groups] = {}
        self._by_name: dict[tuple[str, ...], Groups] = {}
        self._by_instant: dict[tuple[dt.datetime, tuple[str, ...]], list[UUID]] = {}
        self._links_of_file: dict[tuple[object, ...], set[str]] = {}
        self._names_of_file: dict[tuple[object, ...], set[str]] = {}
        self._of_company: dict[str, list[tuple[Marks, Like]]] | None = None
        self._keys: dict[str, str] = {}
        self._words: dict[str, frozenset[str]] = {}
        self._letters_left = MOST_LETTERS
        identity = kind.identity
        wanted = {*identity.together, *identity.unique, *identity.apart, *identity.shared}
        self._folded_fields = [name for name in wanted if name != "url"]  # a url is compared by its hash
        # A shared value needs the title beside it: one page with all vacancies is the link of many roles. The other
        # shared fields set records with one link apart only where both are filled and neither is in the other.
        self._needed = tuple(name for name in identity.shared if name in identity.together)
        self._places = tuple(name for name in identity.shared if name not in identity.together)
        self._alike_at = [identity.together.index(name) for name in identity.alike or ()]
        slots = [(name, kind.by_name[name].number) for name in wanted if kind.by_name[name].section == "summary"]
        for row in stored:
            values = {name: row.summary[slot] if slot < len(row.summary) else None for name, slot in slots}
            self.put(UUID(bytes=row.id), self._marks(values, row.summary[URL_HASH_SLOT]))

    def marks(self, values: Mapping[str, Wire], reference: str = "", rest: str = "") -> Marks:
        """Return what tells a record with these values from others."""
        url = values.get("url")
        return self._marks(values, url_hash(url), reference, rest, has_number=names_one_posting(url))

    def find_stored(self, marks: Marks) -> list[UUID]:
        """Return the ids of the stored records that these marks can mean, the likeliest first, up to a number."""
        alike = [
            record_id
            for mark in marks.unique
            for known in _nearest(self._by_unique.get(mark, {}), marks.shared)
            if self._agree(known.fields, marks.shared, self._needed)
            for record_id in known.ids[:MOST_ALIKE]
        ]
        same = [
            record_id
            for known in _nearest(self._by_name.get(marks.name, {}), marks.apart)
            if self._agree(known.fields, marks.apart)
            for record_id in known.ids[:MOST_ALIKE]
        ]
        return list(dict.fromkeys([*alike[:MOST_ALIKE], *same[:MOST_ALIKE]]))

    def know_instants(self, added: Mapping[UUID, dt.datetime]) -> None:
        """Remember when the stored records were added, for ``find_added_at``."""
        for record_id, marks in self._stored.items():
            for mark in (marks.name, *marks.unique) if record_id in added else ():
                self._by_instant.setdefault((added[record_id], mark), []).append(record_id)

    def find_added_at(self, marks: Marks, instant: dt.datetime) -> list[UUID]:
        """Return the ids of the stored records that these marks can mean and that were added then, up to a number."""
        found = (self._by_instant.get((instant, mark), [])[:MOST_ALIKE] for mark in (*marks.unique, marks.name))
        ids = dict.fromkeys(record_id for some in found for record_id in some)
        return [record_id for record_id in ids if self._can_mean(self._stored[record_id], marks)]

    def _can_mean(self, known: Marks, marks: Marks) -> bool:
        is_alike = any(mark in known.unique for mark in marks.unique)
        if is_alike and self._agree(known.shared, marks.shared, self._needed):
            return True
        return known.name == marks.name and self._agree(known.apart, marks.apart)

    def is_repeated(self, marks: Marks) -> bool:
        """Whether an earlier row of this file had the same marks; remembers these for the rows to come."""
        place = " ".join(marks.shared[name] for name in self._places).strip()
        title = tuple(marks.shared.get(name, "") for name in self._needed)
        is_repeated = False
        for mark in marks.unique:
            is_repeated |= _met(self._links_of_file, (mark, title, marks.reference), place)
        others = {name: value for name, value in marks.apart.items() if name not in self._kind.identity.unique}
        name = (marks.name, tuple(sorted(others.items())), marks.reference, marks.rest)
        link = "".join(value for _, value in marks.unique)
        return _met(self._names_of_file, name, link) or is_repeated

    def find_like(self, marks: Marks) -> Like | None:
        """Return what a row that is not the same looks like: a stored record, else an earlier row that was met.

        In a very large file the last rows look like nothing: a proposal lists a few hundred at most.
        """
        if self._letters_left <= 0:
            return None
        if not self._kind.identity.alike or not self._company(marks):
            return None
        known = self._companies().get(self._company(marks), ())
        return next((like for one, like in islice(known, MOST_OF_COMPANY) if self._is_like_role(one, marks)), None)

    def meet(self, marks: Marks, place: str) -> None:
        """Make a row of the file one that later rows can look like."""
        if self._kind.identity.alike:
            self._companies().setdefault(self._company(marks), []).append((marks, Like(place=place)))

    def put(self, record_id: UUID, marks: Marks) -> None:
        """Make a stored record one that ``find_stored`` can return."""
        self._stored[record_id] = marks
        for mark in marks.unique:
            _put(self._by_unique.setdefault(mark, {}), marks.shared, record_id)
        _put(self._by_name.setdefault(marks.name, {}), marks.apart, record_id)

    def _companies(self) -> dict[str, list[tuple[Marks, Like]]]:
        if self._of_company is None:
            self._of_company = {}
            for record_id, marks in self._stored.items():
                self._of_company.setdefault(self._company(marks), []).append((marks, Like(record_id)))
        return self._of_company

    def _company(self, marks: Marks) -> str:
        name = marks.name[self._alike_at[0]]
        if name not in self._keys:
            self._keys[name] = company_key(name)
        return self._keys[name]

    def _title(self, marks: Marks) -> frozenset[str]:
        title = marks.name[self._alike_at[1]]
        if title not in self._words:
            self._letters_left -= len(title)
            self._words[title] = title_words(title)
        return self._words[title]

    def _is_like_role(self, known: Marks, marks: Marks) -> bool:
        self._letters_left -= LETTERS_OF_COMPARISON
        if marks.has_number and any(mark in known.unique for mark in marks.unique):
            return True
        is_told_apart = any(one and other and one != other for one, other in _told(known, marks))
        if is_told_apart or not all(
            self._is_like(name, known.shared[name], marks.shared[name]) for name in self._places
        ):
            return False
        return are_words_alike(self._title(known), self._title(marks))

    def _agree(self, known: Mapping[str, str], marks: Mapping[str, str], needed: Iterable[str] = ()) -> bool:
        """Whether nothing that both say differs; those that are needed have to be the same even where one is empty."""
        if any(known.get(name, "") != marks.get(name, "") for name in needed):
            return False
        return all(self._is_like(name, known.get(name, ""), value) for name, value in marks.items())

    def _is_like(self, name: str, known: str, value: str) -> bool:
        if not known or not value or known == value:
            return True
        return name in self._places and (known in value or value in known)  # Berlin, and Berlin in Germany

    def _marks(
        self, values: Mapping[str, Wire], hashed: Wire, reference: str = "", rest: str = "", *, has_number: bool = False
    ) -> Marks:
        identity = self._kind.identity
        texts = {name: _folded(values.get(name)) for name in self._folded_fields}
        texts["url"] = str(hashed or "")
        unique = tuple((name, texts[name]) for name in identity.unique if texts[name])
        apart = {name: texts[name] for name in identity.apart if texts[name]}
        name = tuple(texts[name] for name in identity.together)
        return Marks(name, unique, apart, {name: texts[name] for name in identity.shared}, reference, rest, has_number)


def _told(known: Marks, marks: Marks) -> tuple[tuple[str, str], tuple[str, str]]:
    return (known.reference, marks.reference), (known.rest, marks.rest)


def _key(fields: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(f"{name}={text}" for name, text in sorted(fields.items()))


def _put(groups: Groups, fields: Mapping[str, str], record_id: UUID) -> None:
    groups.setdefault(_key(fields), _Alike(fields)).ids.append(record_id)


def _nearest(groups: Groups, fields: Mapping[str, str]) -> Iterator[_Alike]:
    """Yield the first groups, and of the later ones that which says exactly the same."""
    yield from islice(groups.values(), MOST_ALIKE)
    if len(groups) > MOST_ALIKE and (same := groups.get(_key(fields))):
        yield same


def _folded(value: Wire) -> str:
    if value is None:
        return ""
    return " ".join(searchable(";".join(value) if isinstance(value, list) else str(value)).split())


def _met(known: dict[tuple[object, ...], set[str]], key: tuple[object, ...], detail: str) -> bool:
    """Whether ``key`` was met with this detail, or one of the two without any; remembers both."""
    details = known.setdefault(key, set())
    is_met = bool(details) and (not detail or "" in details or detail in details)
    details.add(detail)
    return is_met
