"""The columns of a list: in which order they can stand, and how wide they can be."""

from collections.abc import Iterable, Sequence

from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Field

NARROWEST, WIDEST, STEP = 60, 600, 20  # pixels
USUAL_WIDTH = 140  # of a column that has no width of its own beside others that do
LONGEST = 5_000  # characters of the widths that are sent


def in_order(kind: Kind, names: Iterable[str]) -> tuple[Field, ...]:
    """Return the columns with these names in this order, with those that a list always has in front if they are not."""
    known = {field.name: field for field in kind.columns}
    wanted = [known[name] for name in dict.fromkeys(names) if name in known]
    required = [field for field in kind.columns if field.is_required and field not in wanted]
    return lead_first(kind, [*required, *wanted])


def moved(names: Sequence[str], name: str, step: int) -> list[str]:
    """Return the names with one of them so many places further on, at most at either end."""
    others = [other for other in names if other != name]
    place = list(names).index(name) + step
    return [*others[: max(place, 0)], name, *others[max(place, 0) :]]


def lead_first(kind: Kind, fields: Iterable[Field]) -> tuple[Field, ...]:
    """Return the columns behind the one that opens a record, which stays in sight when the others move under it."""
    return (kind.lead, *(field for field in fields if field is not kind.lead))


def as_width(pixels: int) -> int:
    """Return the step of the width of a column that is nearest; the style sheet has a rule for each of them."""
    return min(max(round(pixels / STEP) * STEP, NARROWEST), WIDEST)


def read_widths(kind: Kind, text: str) -> dict[str, int]:
    """Read the widths of columns as the script sends what it measured: ``company:180 title:240``."""
    pairs = (word.partition(":")[::2] for word in text[:LONGEST].split())
    known = {field.name for field in kind.columns}
    return {name: as_width(int(pixels)) for name, pixels in pairs if name in known and _is_number(pixels)}


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 6
