"""What a list is narrowed to, in words."""

import msgspec

from tmr.domain.columns.conditions import EMPTY, FROM, HAS, IS, TO, split
from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Field
from tmr.domain.listing import Criteria, param_of
from tmr.web.display.dates import long_date
from tmr.web.display.typed_values import typed


class Chip(msgspec.Struct, frozen=True):
    """One way in which a list is narrowed, and the query of the list without it; without one, what makes no sense."""

    words: str
    query: str | None = None


def chips_of(kind: Kind, criteria: Criteria, quick_param: str) -> list[Chip]:
    """Return what narrows a list but for the search, and for the one choice that the links above the list show."""
    quick = criteria.choices.get(quick_param, ())
    shown = {quick_param} if len(quick) == 1 else set()
    fields = {param_of(field): field for field in kind.summary}
    chips = [
        Chip(_of_choices(fields[param], words), criteria.query(choices=_without(criteria.choices, param), page=1))
        for param, words in criteria.choices.items()
        if param in fields and param not in shown
    ]
    chips += [
        Chip(_of_condition(*split(kind, name), text), criteria.query(conditions=_without(criteria.conditions, name)))
        for name, text in criteria.conditions.items()
    ]
    if criteria.date_from or criteria.date_to:
        chips.append(Chip(_of_dates(kind, criteria), criteria.query(date_from="", date_to="", page=1)))
    # A text that any field would take is refused only where the others leave no room for it.
    ways = [(*split(kind, name), text) for name, text in criteria.refused.items()]
    return [*chips, *(_refused(field, text, is_beyond=way == HAS) for field, way, text in ways)]


def _of_choices(field: Field, words: tuple[str, ...]) -> str:
    labels = dict(field.type.quick_options)
    return f"{field.label}: {', '.join(labels.get(word, field.type.label(word)) for word in words)}"


def _of_condition(field: Field, way: str, text: str) -> str:
    if way == IS:
        return f"{field.label}: {'empty' if text == EMPTY else 'filled in'}"
    shown = text if way == HAS else _bound(field, text)
    return f"{field.label} {_WAYS[way]} {shown}"


_WAYS = {HAS: "contains", FROM: "from", TO: "up to"}


def _bound(field: Field, text: str) -> str:
    return long_date(text) if field.type.is_dated else typed(field.type.parse(text), field)


def _of_dates(kind: Kind, criteria: Criteria) -> str:
    bounds = (("from", criteria.date_from), ("up to", criteria.date_to))
    label = kind.by_name[criteria.date_field].label
    return " ".join([label, *(f"{word} {long_date(day)}" for word, day in bounds if day)])


def _refused(field: Field, text: str, *, is_beyond: bool) -> Chip:
    words = f"{field.label}: “{text[:40]}”"
    return Chip(f"{words} is too much text beside the rest" if is_beyond else f"{words} is not understood")


def _without(mapping: dict, name: str) -> dict:  # type: ignore[type-arg]
    return {key: value for key, value in mapping.items() if key != name}
