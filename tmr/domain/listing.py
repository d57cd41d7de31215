"""Which records a list shows, and in what order: parsed from an address, applied to opened summaries."""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from urllib.parse import urlencode

import msgspec

from tmr.domain.columns.conditions import names_of, parse_conditions, read_day, tests_of, within_days
from tmr.domain.fields.kind import NO_NAMES, Kind
from tmr.domain.fields.type import Field, Names, Wire
from tmr.domain.fields.types.stages import OPEN
from tmr.domain.locales.typed_dates import Typing
from tmr.domain.ordering import (
    beginning,
    grouped,
    has_order_of_its_own,
    in_own_order,
    order_fields,
    parse_group,
    parse_sort,
    sorted_rows,
    value_at,
)
from tmr.domain.record import Scanned
from tmr.domain.searching import text_test

PAGE_SIZES = (25, 50, 100)
DONE = "done"
STATUS = "status"  # what a list is narrowed by in every kind that has a state, whatever its field is called
MAX_QUERY = 200
MOST_WORDS = 50  # of one filter: a list has its whole address in many of its links
MOST_BYTES = 2_000  # of the words of all filters together
_VIEW = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|all")


class Criteria(msgspec.Struct, frozen=True, kw_only=True):
    """What a person asked to see. The defaults are the whole list, in the order of its kind.

    ``sort`` is what it is sorted by, as an address has it: ``status,-applied_on``. ``view`` is the id of the saved view
    that it began from. ``group`` is the field whose words its rows are grouped by.
    ``conditions`` are what columns are narrowed to beside ``choices``; ``refused`` are texts that are none, by name.
    ``refused_dates`` are the texts of ``from`` and ``to`` that mean no date, by that name.
    """

    q: str = ""
    choices: dict[str, tuple[str, ...]] = {}
    conditions: dict[str, str] = {}
    refused: dict[str, str] = {}
    date_field: str = ""
    date_from: str = ""
    date_to: str = ""
    refused_dates: dict[str, str] = {}
    sort: str = ""
    group: str = ""
    page: int = 1
    view: str = ""

    @property
    def is_plain(self) -> bool:
        """Whether the database can answer by its own order, so that no record has to be opened to choose or sort."""
        return not (self.is_filtered or self.refused_dates or self.refused or self.order)

    @property
    def is_filtered(self) -> bool:
        """Whether it leaves records out."""
        return bool(self.q or self.choices or self.conditions or self.date_from or self.date_to)

    def query(self, **changes: object) -> str:
        """Return the query string of these criteria with ``changes``; defaults are left out."""
        new = msgspec.structs.replace(self, **changes)
        asked = [*new.narrowing, *new.order]
        # A view alone would stand for all that it has: without it, ``q`` says that nothing is left of that.
        view = [("view", new.view), *([] if asked else [("q", "")])] if new.view else []
        return urlencode([*view, *asked, *([("page", str(new.page))] if new.page > 1 else [])])

    @property
    def order(self) -> list[tuple[str, str]]:
        """What sorts and groups the list, as an address has it: names and values."""
        return [(name, value) for name, value in (("sort", self.sort), ("group", self.group)) if value]

    @property
    def shape(self) -> str:
        """What narrows and sorts the list, as an address has it, without page and view."""
        return self.query(page=1, view="")

    @property
    def narrowing(self) -> list[tuple[str, str]]:
        """What leaves records out, as an address has it: names and values."""
        pairs = [("q", self.q), *((name, word) for name, words in self.choices.items() for word in words)]
        pairs += self.conditions.items()
        if self.date_from or self.date_to:
            pairs += [("date", self.date_field), ("from", self.date_from), ("to", self.date_to)]
        return [(name, value) for name, value in pairs if value]

    def only(self, field: str, word: str) -> str:
        """Return the query string in which ``word`` is the one choice of ``field``; empty for none."""
        return self.query(choices=_without_empty({**self.choices, field: (word,) if word else ()}), page=1)

    def sorted_by(self, field: str) -> str:
        """Return the query string that sorts by ``field`` alone: one way first, then the other, then not at all."""
        following = {field: f"-{field}", f"-{field}": ""}
        return self.query(sort=following.get(self.sort, field), page=1)

    @property
    def sort_words(self) -> list[str]:
        """What the list is sorted by, first things first; ``-`` in front is for the other way round."""
        return self.sort.split(",") if self.sort else []


def asks_for_nothing(kind: Kind, values: Callable[[str], Sequence[str]]) -> bool:
    """Whether an address leaves to a view what its list shows: nothing in it narrows or sorts, not even emptily."""
    names = ("q", "sort", "group", "date", "from", "to", STATUS, *_by_param(kind), *names_of(kind))
    return not any(values(name) for name in names)


def param_of(field: Field) -> str:
    """Return the name that a field's filter has in an address: one tag is a ``tag``."""
    return field.type.filter_name or field.name


def _by_param(kind: Kind) -> dict[str, Field]:
    return {param_of(field): field for field in kind.summary}


def parse_criteria(kind: Kind, values: Callable[[str], Sequence[str]], typing: Typing | None = None) -> Criteria:
    """Return the criteria in an address, leaving out what makes no sense. ``values`` returns all of a parameter.

    With ``typing`` the dates can be in words.
    """

    def first(name: str) -> str:
        return next(iter(values(name)), "").strip()

    choices = {param: _words(field, values(param)) for param, field in _by_param(kind).items()}
    choices |= _state(kind, values(STATUS)) if STATUS not in choices else {}
    dates = [field.name for field in kind.summary if field.type.is_dated]
    conditions, refused = parse_conditions(kind, values, typing)
    bounds = {name: read_day(first(name), typing) if dates else "" for name in ("from", "to")}
    page = first("page")
    return Criteria(
        q=first("q").replace("\0", "")[:MAX_QUERY],
        choices=_within_room(choices),
        conditions=conditions,
        refused=refused,
        date_field=first("date") if first("date") in dates else next(iter(dates), ""),
        date_from=bounds["from"],
        date_to=bounds["to"],
        refused_dates={name: first(name)[:MAX_QUERY] for name in bounds if dates and first(name) and not bounds[name]},
        sort=parse_sort(kind, values("sort")),
        group=parse_group(kind, first("group")),
        view=next((text for text in values("view") if _VIEW.fullmatch(text)), ""),
        page=min(int(page), 100_000) if page.isascii() and page.isdigit() and len(page) < 7 and int(page) else 1,
    )


def select(
    kind: Kind,
    rows: Iterable[Scanned],
    criteria: Criteria,
    names: Names = NO_NAMES,
    zone: dt.tzinfo = dt.UTC,
    now: dt.datetime | None = None,
    keep: Iterable[Field] = (),
) -> list[Scanned]:
    """Return the rows that match, sorted and grouped; without an order in the criteria, in that of the kind at ``now``.

    They hold nothing but the values of ``keep``, of the group, and what sorts them: all texts of a long list would
    take hundreds of megabytes.

    ``names`` is what linked records are called, in ``searchable`` form: people search and sort by the words they
    see. The day of an instant is the one in ``zone``.
    """
    tests = _tests(kind, criteria, names, zone)
    pared = _paring(kind, criteria, keep)
    for test in tests:
        rows = filter(test, rows)
    kept = list(map(pared, rows))
    if criteria.sort or now is None:
        rows = sorted_rows(kind, kept, criteria.sort, names)
    else:
        rows = in_own_order(kind, kept, zone, now)
    return grouped(kind, rows, criteria.group) if criteria.group else rows


def _tests(kind: Kind, criteria: Criteria, names: Names, zone: dt.tzinfo) -> list[Callable[[Scanned], bool]]:
    by_param = _by_param(kind)
    tests = [
        _choice_test(by_param[param], words) if param in by_param else _done_test(kind, words)
        for param, words in criteria.choices.items()
    ]
    if criteria.date_from or criteria.date_to:
        tests.append(_date_test(kind.by_name[criteria.date_field], criteria, zone))
    tests += tests_of(kind, criteria.conditions, names, zone)
    matches = text_test(kind, criteria.q, names)
    return [*tests, matches] if matches else tests


def _choice_test(field: Field, words: Sequence[str]) -> Callable[[Scanned], bool]:
    number, is_wanted = field.number, field.type.filter_test(words)
    return lambda row: is_wanted(row.summary[number] if number < len(row.summary) else None)


def _done_test(kind: Kind, words: Sequence[str]) -> Callable[[Scanned], bool]:
    number = kind.by_name[kind.done_field].number
    return lambda row: (OPEN if value_at(row.summary, number) is None else DONE) in words


def _date_test(field: Field, criteria: Criteria, zone: dt.tzinfo) -> Callable[[Scanned], bool]:
    number, is_within = field.number, within_days(field, criteria.date_from, criteria.date_to, zone)
    return lambda row: is_within(value_at(row.summary, number))


def _paring(kind: Kind, criteria: Criteria, keep: Iterable[Field]) -> Callable[[Scanned], Scanned]:
    """Return what pares a row down to the values of ``keep``, and to the beginning of those that sort it."""
    whole = {field.number for field in (*keep, *([kind.by_name[criteria.group]] if criteria.group else []))}
    is_ordered = criteria.sort or has_order_of_its_own(kind)
    names = order_fields(kind, criteria.sort) if is_ordered else ()
    order = {kind.by_name[name].number for name in names} - whole
    if not whole and not order:
        return lambda row: Scanned(row.id, [])
    slots = max(whole | order, default=-1) + 1

    def pared(row: Scanned) -> Scanned:
        stored = row.summary
        kept: list[Wire] = [None] * slots
        there = len(stored)
        for number in whole:
            if number < there:
                kept[number] = stored[number]
        for number in order:
            if number < there:
                kept[number] = beginning(stored[number])
        return Scanned(row.id, kept)

    return pared


def _words(field: Field, words: Iterable[str]) -> tuple[str, ...]:
    keys = dict.fromkeys(filter(None, (field.type.filter_word(word) for word in words if word.strip())))
    return tuple(islice(keys, MOST_WORDS))


def _state(kind: Kind, words: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the choice that ``status`` in an address means for a kind whose state field has another name."""
    if kind.done_field:
        return {STATUS: tuple(word for word in dict.fromkeys(words) if word in (OPEN, DONE))}
    keys = _words(kind.state_field, words) if kind.state_field and words else ()
    return {kind.state_field.name: keys} if kind.state_field and keys else {}


def _within_room(choices: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Return the choices without the words that go beyond ``MOST_BYTES``, and the fields of which none is left."""
    room = MOST_BYTES
    kept: dict[str, tuple[str, ...]] = {}
    for name, words in choices.items():
        kept[name] = tuple(word for word in words if (room := room - len(word.encode())) >= 0)
    return _without_empty(kept)


def _without_empty(choices: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return {name: words for name, words in choices.items() if words}
