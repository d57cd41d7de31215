"""What a script asks for in an address: nothing is left out silently, as it is for people, who see what they get."""

from collections.abc import Callable, Sequence

from tmr.domain.columns.conditions import LONGEST, names_of
from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Field
from tmr.domain.fields.types.stages import OPEN
from tmr.domain.listing import DONE, MAX_QUERY, STATUS, Criteria, param_of

UNKNOWN = "There is no such parameter."
ONCE = "Send this parameter once."
REFUSED_FILTER = "This filter was not understood."
REFUSED_SORT = "Name up to three fields, each once, such as -applied_on,company."
REFUSED_GROUP = "The list can't be grouped by this."
REFUSED_PAGE = "Send a whole number from 1 on."
TOO_LONG = f"Use at most {MAX_QUERY} characters."
PAGES = ("page", "per_page")

Values = Callable[[str], Sequence[str]]


def not_understood(kind: Kind, names: Sequence[str], values: Values, criteria: Criteria) -> dict[str, str]:
    """Return what is wrong with the parameters of an address, by their names, from which ``criteria`` were read."""
    fields = {param_of(field): field for field in kind.summary}
    dates = [field.name for field in kind.summary if field.type.is_dated]
    single = ["q", "group", *PAGES, *(("date", "from", "to") if dates else ()), *names_of(kind)]
    known = {*single, "sort", *fields, *((STATUS,) if kind.done_field or kind.state_field else ())}
    errors = dict.fromkeys((name for name in names if name not in known), UNKNOWN)
    errors |= dict.fromkeys((name for name in single if len(values(name)) > 1), ONCE)
    narrowing = ((name, _keys(field, values(name))) for name, field in fields.items())
    errors |= {name: REFUSED_FILTER for name, keys in narrowing if keys != {*criteria.choices.get(name, ())}}
    if STATUS not in fields and not _is_state(kind, values(STATUS)):
        errors[STATUS] = REFUSED_FILTER
    errors |= dict.fromkeys((name for name in names_of(kind) if len(_first(values, name)) > LONGEST), REFUSED_FILTER)
    errors |= dict.fromkeys([*criteria.refused, *criteria.refused_dates], REFUSED_FILTER)
    if len(_first(values, "q")) > MAX_QUERY:
        errors["q"] = TOO_LONG
    if dates and _first(values, "date") not in ("", *dates):
        errors["date"] = REFUSED_FILTER
    asked = [word.strip() for text in values("sort") for word in text.split(",") if word.strip()]
    if asked != criteria.sort_words:
        errors["sort"] = REFUSED_SORT
    if _first(values, "group") != criteria.group:
        errors["group"] = REFUSED_GROUP
    return errors | {name: REFUSED_PAGE for name in PAGES if not _is_page(_first(values, name))}


def _first(values: Values, name: str) -> str:
    return next(iter(values(name)), "").strip()


def _keys(field: Field, words: Sequence[str]) -> set[str | None]:
    """Return what these words mean for a filter: None is among them if one means nothing."""
    return {field.type.filter_word(word) or None for word in words if word.strip()}


def _is_state(kind: Kind, words: Sequence[str]) -> bool:
    if kind.done_field:
        return all(word in (OPEN, DONE) for word in words)
    if not kind.state_field:
        return True  # which is unknown
    return all(kind.state_field.type.filter_word(word) for word in words if word.strip())


def _is_page(text: str) -> bool:
    return not text or (text.isascii() and text.isdigit() and len(text) < 7 and int(text) > 0)
