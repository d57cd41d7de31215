"""The order of a list: by the fields that a person chose, or by the nature of the kind."""

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter
from typing import Any, TypeVar, overload
from zoneinfo import ZoneInfo

from tmr.domain.agenda.interview_times import ends_at
from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Names, Wire
from tmr.domain.record import Scanned

Item = TypeVar("Item", covariant=True)

MOST_FIELDS = 3
SORTED_LETTERS = 100  # of a text; what is alike in these keeps its order
SORTED_WORDS = 20  # of tags, or of links
NEWEST_FIRST = "Newest first"


def parse_sort(kind: Kind, texts: Sequence[str]) -> str:
    """Return the fields to sort by as an address has them, ``status,-applied_on``: each once, ``MOST_FIELDS`` at most.

    ``-`` is for the other way round. What is no field of the list is left out.
    """
    names = {field.name for field in kind.summary}
    asked = [word.strip() for text in texts for word in text[:1_000].split(",")]
    by_name: dict[str, str] = {}
    for word in asked:
        if word.removeprefix("-") in names:
            by_name.setdefault(word.removeprefix("-"), word)
    return ",".join(list(by_name.values())[:MOST_FIELDS])


def sorted_rows(kind: Kind, rows: list[Scanned], sort: str, names: Names) -> list[Scanned]:
    """Return the rows sorted by the fields of ``sort``, the first one first; what is empty comes last either way."""
    for word in reversed(sort.split(",") if sort else []):
        field = kind.by_name[word.removeprefix("-")]
        key_of = field.type.sort_key_with(names)
        rows = _by_value(rows, field.number, key_of, is_reversed=word.startswith("-"))
    return rows


def order_fields(kind: Kind, sort: str) -> set[str]:
    """Return the names of the fields that sort a list, or those of the order of its own."""
    own = {kind.sorted_by, kind.done_field, *kind.settled, "duration", "time_zone"}
    compared = {word.removeprefix("-") for word in sort.split(",")} if sort else own
    return compared & kind.by_name.keys()


def beginning(value: Wire) -> Wire:
    """Return as much of a value as lists are sorted by."""
    if isinstance(value, str):
        return value[:SORTED_LETTERS]
    return value[:SORTED_WORDS] if isinstance(value, list) else value


def group_options(kind: Kind) -> list[tuple[str, str]]:
    """Return the fields that a list can be grouped by: those that hold one word of a list."""
    return [(field.name, field.label) for field in kind.columns if field.type.filter_options]


def parse_group(kind: Kind, name: str) -> str:
    """Return the field to group by as an address has it; empty for what is none."""
    return name if name in dict(group_options(kind)) else ""


def grouped(kind: Kind, rows: list[Scanned], name: str) -> list[Scanned]:
    """Return the rows in groups by a field, in the order of its words, each as it was sorted; what is empty is last."""
    field = kind.by_name[name]
    return _by_value(rows, field.number, field.type.sort_key)


def has_order_of_its_own(kind: Kind) -> bool:
    """Whether lists of this kind begin in another order than that in which its records were added."""
    return bool(kind.sorted_by) and not kind.is_newest_first


def in_own_order(kind: Kind, rows: list[Scanned], zone: dt.tzinfo, now: dt.datetime) -> list[Scanned]:
    """Return the rows with what is still ahead first, by its date, and then the rest, the latest first.

    Of a kind without an order of its own they stay as they are.
    """
    if not has_order_of_its_own(kind):
        return rows
    date, is_over = kind.by_name[kind.sorted_by], _is_over(kind, zone, now)
    ahead: list[Scanned] = []
    over: list[Scanned] = []
    for row in rows:
        (over if is_over(row) else ahead).append(row)
    late = kind.by_name[kind.done_field] if kind.done_field else date
    return [
        *_by_value(ahead, date.number, date.type.sort_key),
        *_by_value(over, late.number, late.type.sort_key, is_reversed=True),
    ]


def words_of_order(kind: Kind, sort: str, group: str = "") -> str:
    """Return the order of a list in the words that people read: “Company, then Applied (latest first)”."""
    if group:
        return f"{words_of_order(kind, sort)}, by {kind.by_name[group].label}"
    if sort:
        fields = ((kind.by_name[word.removeprefix("-")], word.startswith("-")) for word in sort.split(","))
        return ", then ".join(f"{field.label} ({field.type.directions[is_back]})" for field, is_back in fields)
    if has_order_of_its_own(kind):
        return "Open first, by date" if kind.done_field else "Next first"
    return NEWEST_FIRST


def sort_options(kind: Kind) -> list[tuple[str, str]]:
    """Return what a list can be sorted by, each way round: what an address has, and the words."""
    return [
        (f"{sign}{field.name}", f"{field.label}, {field.type.directions[position]}")
        for field in kind.columns
        for position, sign in enumerate(("", "-"))
    ]


def _is_over(kind: Kind, zone: dt.tzinfo, now: dt.datetime) -> Callable[[Scanned], bool]:
    if kind.done_field:
        number = kind.by_name[kind.done_field].number
        return lambda row: value_at(row.summary, number) is not None
    settled = [(kind.by_name[name].number, set(words)) for name, words in kind.settled.items()]
    slots = {name: kind.by_name[name].number for name in (kind.sorted_by, "duration", "time_zone")}
    own_zone = zone if isinstance(zone, ZoneInfo) else ZoneInfo("UTC")

    def is_over(row: Scanned) -> bool:
        if any(value_at(row.summary, number) in words for number, words in settled):
            return True
        end = ends_at({name: value_at(row.summary, number) for name, number in slots.items()}, own_zone)
        return end is not None and end <= now

    return is_over


def _by_value(
    rows: list[Scanned], number: int, key_of: Callable[[Wire], Any], *, is_reversed: bool = False
) -> list[Scanned]:
    filled = [row for row in rows if value_at(row.summary, number) is not None]
    empty = [row for row in rows if value_at(row.summary, number) is None]
    filled.sort(key=lambda row: key_of(value_at(row.summary, number)), reverse=is_reversed)
    return filled + empty


class InOrder(Sequence[Item]):
    """Items in the order of their keys, each made when it is looked at; those with one key are in that of their names.

    No more are named than share a key with what is looked at: to name thousands takes far longer than to sort them.
    """

    def __init__(
        self, keyed: list[tuple[Any, Any]], name: Callable[[Any], str], make: Callable[[Any, str], Item]
    ) -> None:
        keyed.sort(key=itemgetter(0))
        self._keys = [key for key, _ in keyed]
        self._sources = [source for _, source in keyed]
        self._named: dict[int, tuple[str, Any]] = {}
        self._name, self._make = name, make

    def __len__(self) -> int:
        return len(self._sources)

    def __iter__(self) -> Iterator[Item]:
        return iter(self[:])

    @overload
    def __getitem__(self, place: int) -> Item: ...

    @overload
    def __getitem__(self, place: slice) -> list[Item]: ...

    def __getitem__(self, place: int | slice) -> Item | list[Item]:
        places = range(len(self))[place]
        if isinstance(places, int):
            return self._at(places)
        return list(map(self._at, places))

    def _at(self, place: int) -> Item:
        if place not in self._named:
            first, last = (edge(self._keys, self._keys[place]) for edge in (bisect_left, bisect_right))
            named = sorted([(self._name(one), one) for one in self._sources[first:last]], key=itemgetter(0))
            self._named |= zip(range(first, last), named, strict=True)
        name, source = self._named[place]
        return self._make(source, name)


def value_at(slots: Sequence[Wire], number: int) -> Wire:
    """Return one slot of a stored array; None where the array is from before that field."""
    return slots[number] if number < len(slots) else None
