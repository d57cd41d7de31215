"""What a list is narrowed to by one column, beside the words of its choices: a text, bounds, or being empty.

A condition is known by the name that it has in an address: ``company.has``, ``salary_min.from``, ``tags.is``.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

from tmr.domain.fields.folding import searchable, spelled_out, with_spellings
from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Field, Names, ValueRefusedError, Wire
from tmr.domain.locales.typed_dates import Typing, read_date
from tmr.domain.record import Scanned

HAS, FROM, TO, IS = "has", "from", "to", "is"
EMPTY, FILLED = "empty", "filled"
LONGEST = 200
MOST_BYTES = 1_000  # of all texts together: a page has its whole address in each of its column heads
LAST_DAY = "9999"

Conditions = Mapping[str, str]
Test = Callable[[Scanned], bool]
ValueTest = Callable[[Wire], bool]


def ways_of(field: Field) -> tuple[str, ...]:
    """Return how a list can be narrowed by a field: what comes behind the dot in an address."""
    is_asked = () if field.is_required or field.default else (IS,)
    if field.type.filter_options:
        return is_asked
    return (FROM, TO, *is_asked) if field.type.is_dated or field.type.is_number else (HAS, *is_asked)


def names_of(kind: Kind) -> list[str]:
    """Return the names that conditions on records of a kind have in an address."""
    return [f"{field.name}.{way}" for field in kind.summary for way in ways_of(field)]


def parse_conditions(
    kind: Kind, values: Callable[[str], Sequence[str]], typing: Typing | None
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the conditions in an address, and the texts that are refused; ``values`` returns all of a parameter.

    Those are texts that mean nothing, and what goes beyond ``MOST_BYTES`` in all.
    """
    conditions: dict[str, str] = {}
    refused: dict[str, str] = {}
    room = MOST_BYTES
    for name in names_of(kind):
        text = next(iter(values(name)), "").replace("\0", "").strip()[:LONGEST]
        if not text:
            continue
        field, way = split(kind, name)
        size = len(text.encode()) if way == HAS else 0  # the others are short, once they are understood
        meant = _meant(field, way, text, typing) if size <= room else ""
        (conditions if meant else refused)[name] = meant or text
        room -= size if meant else 0
    return conditions, refused


def split(kind: Kind, name: str) -> tuple[Field, str]:
    """Return the field of a condition, and its way to narrow a list."""
    field, _, way = name.rpartition(".")
    return kind.by_name[field], way


def tests_of(kind: Kind, conditions: Conditions, names: Names, zone: dt.tzinfo) -> list[Test]:
    """Return a test for each field with conditions; ``names`` is what linked records are called."""
    fields = {name.rpartition(".")[0]: None for name in conditions}
    return [_test(kind.by_name[name], conditions, names, zone) for name in fields]


def read_day(text: str, typing: Typing | None) -> str:
    """Return the day that a text means, in ISO 8601; empty if it means none. Without ``typing`` words mean nothing."""
    try:
        return dt.date.fromisoformat(text).isoformat()
    except ValueError:
        date = read_date(text, typing) if typing else None
        return date.isoformat() if date else ""


def within_days(field: Field, low: str, high: str, zone: dt.tzinfo) -> ValueTest:
    """Return a test of whether a date is between two days; the day of an instant is the one in ``zone``."""
    is_local = field.type.is_local

    def is_within(value: Wire) -> bool:
        if not isinstance(value, str):
            return False
        day = dt.datetime.fromisoformat(value).astimezone(zone).isoformat() if is_local else value
        return low <= day[:10] <= (high or LAST_DAY)

    return is_within


def _meant(field: Field, way: str, text: str, typing: Typing | None) -> str:
    if way == HAS:
        return " ".join(text.split())
    if way == IS:
        return text if text in (EMPTY, FILLED) else ""
    if field.type.is_dated:
        return read_day(text, typing)
    try:
        return field.type.write(field.type.parse(field.type.read(text, typing) if typing else text))
    except ValueRefusedError:
        return ""


def _test(field: Field, conditions: Conditions, names: Names, zone: dt.tzinfo) -> Test:
    tests = list(_value_tests(field, {way: conditions.get(f"{field.name}.{way}", "") for way in ways_of(field)}, names))
    low, high = (conditions.get(f"{field.name}.{way}", "") for way in (FROM, TO))
    if field.type.is_dated and (low or high):
        tests.append(within_days(field, low, high, zone))
    number = field.number
    return lambda row: all(test(row.summary[number] if number < len(row.summary) else None) for test in tests)


def _value_tests(field: Field, asked: Mapping[str, str], names: Names) -> list[ValueTest]:
    tests: list[ValueTest] = []
    if asked.get(IS):
        is_wanted = asked[IS] == FILLED
        tests.append(lambda value: (value is not None) == is_wanted)
    if asked.get(HAS):
        tests.append(_has_text(field, asked[HAS], names))
    if field.type.is_number and (asked.get(FROM) or asked.get(TO)):
        tests.append(_within_numbers(field, asked[FROM], asked[TO]))
    return tests


def _has_text(field: Field, text: str, names: Names) -> ValueTest:
    terms, label = {searchable(text), spelled_out(text)}, field.type.label_with

    def has_text(value: Wire) -> bool:
        if value is None:
            return False
        shown = with_spellings(label(value, names))
        return any(term in shown for term in terms)

    return has_text


def _within_numbers(field: Field, low: str, high: str) -> ValueTest:
    number_of = field.type.number
    least, most = (number_of(field.type.parse(bound)) if bound else None for bound in (low, high))

    def is_within(value: Wire) -> bool:
        number = number_of(value)
        if number is None:
            return False
        return (least is None or least <= number) and (most is None or number <= most)

    return is_within
