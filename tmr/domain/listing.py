"""Which records a list shows, and in what order: parsed from an address, applied to opened summaries."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from urllib.parse import urlencode

import msgspec

from tmr.domain.field_types import Choice, Date, Field, StageChoice, Tags, ValueRefusedError, Wire
from tmr.domain.folding import searchable
from tmr.domain.kinds import Kind
from tmr.domain.pipeline import STAGE_BY_KEY
from tmr.domain.records import Scanned

PAGE_SIZES = (25, 50, 100)
OPEN, CLOSED = "open", "closed"
MAX_QUERY = 200


class Criteria(msgspec.Struct, frozen=True, kw_only=True):
    """What a person asked to see. The defaults are the whole list, last changed first."""

    q: str = ""
    choices: dict[str, tuple[str, ...]] = {}
    date_field: str = "applied_on"
    date_from: str = ""
    date_to: str = ""
    sort: str = ""
    page: int = 1

    @property
    def is_plain(self) -> bool:
        """Whether the database's own order answers it, without opening every record."""
        return not (self.q or self.choices or self.date_from or self.date_to or self.sort)

    @property
    def is_filtered(self) -> bool:
        """Whether it leaves records out."""
        return bool(self.q or self.choices or self.date_from or self.date_to)

    def query(self, **changes: object) -> str:
        """Return the query string of these criteria with ``changes``; defaults are left out."""
        new = msgspec.structs.replace(self, **changes)
        pairs = [("q", new.q), *((name, word) for name, words in new.choices.items() for word in words)]
        if new.date_from or new.date_to:
            pairs += [("date", new.date_field), ("from", new.date_from), ("to", new.date_to)]
        pairs += [("sort", new.sort), ("page", str(new.page) if new.page > 1 else "")]
        return urlencode([(name, value) for name, value in pairs if value])

    def only(self, field: str, word: str) -> str:
        """Return the query string in which ``word`` is the one choice of ``field``; empty for none."""
        return self.query(choices=_without_empty({**self.choices, field: (word,) if word else ()}), page=1)

    def sorted_by(self, field: str) -> str:
        """Return the query string that sorts by ``field``: up, then down, then not at all."""
        following = {field: f"-{field}", f"-{field}": ""}
        return self.query(sort=following.get(self.sort, field), page=1)


def param_of(field: Field) -> str:
    """Return the name that a field's filter has in an address: one tag is a ``tag``."""
    return "tag" if isinstance(field.type, Tags) else field.name


def _by_param(kind: Kind) -> dict[str, Field]:
    return {param_of(field): field for field in kind.summary}


def parse_criteria(kind: Kind, values: Callable[[str], Sequence[str]]) -> Criteria:
    """Read criteria; what is not understood is left out. ``values`` returns all values of a parameter."""

    def first(name: str) -> str:
        return next(iter(values(name)), "").strip()

    choices = {param: _words(field, values(param)) for param, field in _by_param(kind).items()}
    dates = [field.name for field in kind.summary if isinstance(field.type, Date)]
    page = first("page")
    return Criteria(
        q=first("q").replace("\0", "")[:MAX_QUERY],
        choices=_without_empty(choices),
        date_field=first("date") if first("date") in dates else "applied_on",
        date_from=_date(first("from")),
        date_to=_date(first("to")),
        sort=_sort(kind, first("sort")),
        page=min(int(page), 100_000) if page.isascii() and page.isdigit() and len(page) < 7 and int(page) else 1,
    )


def select(kind: Kind, rows: Iterable[Scanned], criteria: Criteria) -> list[Scanned]:
    """Return the rows that match, sorted; in the order given where the criteria name none."""
    tests = _tests(kind, criteria)
    kept = [row for row in rows if all(test(row) for test in tests)] if tests else list(rows)
    return _sorted(kind, kept, criteria.sort)


def text_filter(kind: Kind, q: str) -> Callable[[str], bool] | None:
    """Return a quick test on a record's whole stored text that lets every record through that ``q`` matches.

    Most records fail it, and need not be decoded and looked at field by field.
    """
    needles = [_needles(kind, term) for term in searchable(q).split()]
    if not needles:
        return None

    if len(needles) == len(needles[0]) == 1:
        [[only]] = needles
        return lambda stored: only in searchable(stored)

    def may_match(stored: str) -> bool:
        text = searchable(stored)
        return all(any(needle in text for needle in group) for group in needles)

    return may_match


def _needles(kind: Kind, term: str) -> list[str]:
    """Return what stands in the stored text of a match: the term as JSON writes it, or the key of a choice."""
    keys = {key for _, found in _labels_with(kind, term) for key in found}
    return [msgspec.json.encode(term).decode()[1:-1], *(f'"{searchable(key)}"' for key in keys)]


def _tests(kind: Kind, criteria: Criteria) -> list[Callable[[Scanned], bool]]:
    by_param = _by_param(kind)
    tests = [_choice_test(by_param[param], words) for param, words in criteria.choices.items()]
    if criteria.date_from or criteria.date_to:
        tests.append(_date_test(kind.by_name[criteria.date_field], criteria))
    tests += [_text_test(kind, term) for term in searchable(criteria.q).split()]
    return tests


def _choice_test(field: Field, words: Sequence[str]) -> Callable[[Scanned], bool]:
    number = field.number
    if isinstance(field.type, Tags):
        wanted = {searchable(word) for word in words}
        return lambda row: any(searchable(tag) in wanted for tag in _at(row.summary, number) or ())  # type: ignore[union-attr]
    accepted = _stages(words) if isinstance(field.type, StageChoice) else set(words)
    return lambda row: _at(row.summary, number) in accepted


def _stages(words: Sequence[str]) -> set[str]:
    groups = {OPEN: True, CLOSED: False}
    return {
        key
        for word in words
        for key, stage in STAGE_BY_KEY.items()
        if key == word or (word in groups and stage.is_open == groups[word])
    }


def _date_test(field: Field, criteria: Criteria) -> Callable[[Scanned], bool]:
    low, high, number = criteria.date_from, criteria.date_to or "9999", field.number

    def is_within(row: Scanned) -> bool:
        date = _at(row.summary, number)
        return isinstance(date, str) and low <= date <= high

    return is_within


def _text_test(kind: Kind, term: str) -> Callable[[Scanned], bool]:
    labels = _labels_with(kind, term)

    def has_term(row: Scanned) -> bool:
        return (
            _any_text(row.summary[2:], term)
            or _any_text((row.detail or ())[1:], term)
            or any(_at(row.summary, number) in keys for number, keys in labels)
        )

    return has_term


def _any_text(slots: Sequence[Wire], term: str) -> bool:
    for value in slots:
        if isinstance(value, str):
            if term in searchable(value):
                return True
        elif isinstance(value, list) and term in searchable(" ".join(value)):
            return True
    return False


def _labels_with(kind: Kind, term: str) -> list[tuple[int, set[str]]]:
    """Return, for each choice, the keys whose label holds ``term``: people search for the words they see."""
    return [
        (field.number, {key for key, label in field.type.options if term in searchable(label)})
        for field in kind.summary
        if isinstance(field.type, Choice)
    ]


def _sorted(kind: Kind, rows: list[Scanned], sort: str) -> list[Scanned]:
    field = kind.by_name.get(sort.removeprefix("-"))
    if field is None:
        return rows
    number, key_of = field.number, field.type.sort_key
    filled = [row for row in rows if _at(row.summary, number) is not None]
    empty = [row for row in rows if _at(row.summary, number) is None]
    filled.sort(key=lambda row: key_of(_at(row.summary, number)), reverse=sort.startswith("-"))
    return filled + empty


def _at(slots: Sequence[Wire], number: int) -> Wire:
    return slots[number] if number < len(slots) else None


def _words(field: Field, words: Iterable[str]) -> tuple[str, ...]:
    found = dict.fromkeys(filter(None, (_word(field, word) for word in words if word.strip())))
    return tuple(found)


def _word(field: Field, word: str) -> str | None:
    if isinstance(field.type, Tags):
        return " ".join(word.split())[:60]
    if not isinstance(field.type, Choice):
        return None
    if isinstance(field.type, StageChoice) and word in (OPEN, CLOSED):
        return word
    try:
        return str(field.type.parse(word))
    except ValueRefusedError:
        return None


def _date(text: str) -> str:
    try:
        return dt.date.fromisoformat(text).isoformat()
    except ValueError:
        return ""


def _sort(kind: Kind, text: str) -> str:
    names = {field.name for field in kind.summary}
    return text if text.removeprefix("-") in names else ""


def _without_empty(choices: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return {name: words for name, words in choices.items() if words}
