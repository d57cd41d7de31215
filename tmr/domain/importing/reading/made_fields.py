"""Makes own fields of the columns of a file, where a person asks for it: what a column holds is told by its values."""

from collections.abc import Iterator
from contextlib import suppress
from itertools import islice

from tmr.domain.fields.folding import fold
from tmr.domain.fields.kind import Kind, pipeline_of_kind
from tmr.domain.fields.own import CHOICE, TYPE_LABELS
from tmr.domain.fields.own_changes import LONGEST_LABEL, MOST_CHOICES, OwnFieldRefusedError, checked_label, declared
from tmr.domain.fields.type import FieldType, ValueRefusedError
from tmr.domain.fields.types.own import Money, Number
from tmr.domain.importing.plan import Plan, cells_of
from tmr.domain.importing.proposing.evidence import is_date
from tmr.domain.importing.proposing.short_values import tick_of
from tmr.domain.importing.readers.links import read_link
from tmr.domain.importing.reading.bundle import Bundle
from tmr.domain.importing.reading.own_fields import joined_fields
from tmr.domain.importing.reading.staged import Staged, opener
from tmr.domain.kinds import kinds_for, own_fields_of

NEW = "new"  # what a form sends for a column that is to become a field
MOST_SEEN = 2_000  # rows whose values are looked at
ENOUGH = 0.9  # of the values: what the field then refuses goes to the notes
FEWEST_OF_CHOICE, MOST_OF_CHOICE, LONGEST_CHOICE = 8, 10, 40


class _Maker:
    """Makes fields for the columns of one table, and lets the form name them."""

    def __init__(self, kind: Kind, bundle: Bundle, plan: Plan, prefix: str, source: Staged) -> None:
        self._kind, self._bundle, self._plan, self._prefix, self._source = kind, bundle, plan, prefix, source

    def make(self, form: dict[str, str]) -> list[str]:
        """Make the fields that ``form`` asks for and put their names into it; return what was refused, as sentences."""
        refused = []
        for index in range(len(self._plan.columns)):
            place = f"{self._prefix}column.{index}"
            of_type = self._wanted_type(form.get(place, ""), form.get(f"{self._prefix}type.{index}", ""))
            if of_type is not None:
                try:
                    form[place] = self._made(index, of_type)
                except OwnFieldRefusedError as error:
                    del form[place]
                    refused.append(f"Column “{self._plan.table.header[index]}”: {error}")
        return refused

    def _wanted_type(self, asked: str, of_type: str) -> str | None:
        """Return the type of a field that is to be made, empty if its values tell; None if there is none to make."""
        if asked == NEW:
            return of_type if of_type in TYPE_LABELS else ""
        found = (field for field in self._bundle.own_fields if field.name == asked in self._bundle.made)
        made = next(found, None)
        is_other = made is not None and of_type in TYPE_LABELS and of_type != made.type
        return of_type if is_other and not self._plan.is_exact else None

    def _made(self, index: int, of_type: str) -> str:
        earlier = self._plan.columns[index] if self._plan.columns[index] in self._bundle.made else ""
        others = [field for field in self._bundle.own_fields if field.name != earlier]
        own = joined_fields([field for field in self._kind.own_fields if field.name != earlier], others)
        kind = kinds_for(own_fields=own)[self._kind.plural]
        cells = list(islice(self._cells(index), MOST_SEEN))
        kind_of = of_type or guessed_type(cells)
        choices = "\n".join(_choices(cells)) + "\n" if kind_of == CHOICE else ""
        field = declared(kind, _free_label(kind, self._plan.table.header[index], index), kind_of, choices)
        self._bundle.own_fields = [*others, field]
        self._bundle.made = [*self._bundle.made, field.name]
        return field.name

    def _cells(self, index: int) -> Iterator[str]:
        for _, cells in cells_of(self._plan, opener(self._source, self._plan)):
            if cell := cells[index].strip():
                yield cell


def make_fields(
    kind: Kind, bundle: Bundle, plan: Plan, form: dict[str, str], prefix: str, source: Staged
) -> tuple[Kind, list[str]]:
    """Make the fields that a form asks for in one table; return its kind with them, and what was refused.

    A field is made anew where the form says that it holds something else than was guessed.
    """
    refused = _Maker(kind, bundle, plan, prefix, source).make(form)
    return _with_fields(kind, bundle), refused


def guessed_type(cells: list[str]) -> str:
    """Return the type of field that fits nearly all of these values, all of them filled."""
    distinct = {fold(cell) for cell in cells}
    tests = (
        ("tick", lambda cell: not cell.isdigit() and (tick_of(cell) or ("", "?"))[1] == ""),
        ("date", is_date),
        ("link", lambda cell: read_link(cell) is not None and not cell.startswith("[")),
        ("number", lambda cell: _takes(Number(), cell)),
        ("money", lambda cell: not cell.isdigit() and _takes(Money(), cell)),
    )
    for of_type, fits in tests:
        if cells and sum(map(fits, cells)) >= ENOUGH * len(cells):
            return of_type
    is_of_few = len(cells) >= FEWEST_OF_CHOICE and len(distinct) <= min(MOST_OF_CHOICE, len(cells) // 2)
    return CHOICE if is_of_few and all(len(cell) <= LONGEST_CHOICE for cell in cells) else "text"


def _with_fields(kind: Kind, bundle: Bundle) -> Kind:
    own = joined_fields(own_fields_of({kind.plural: kind}), bundle.own_fields)
    return kinds_for(pipeline_of_kind(kind), own)[kind.plural]


def _choices(cells: list[str]) -> list[str]:
    """Return the values as choices, the first ones first; one that is too long for a choice is none."""
    unique: dict[str, str] = {}
    for cell in cells:
        words = " ".join(cell.split())
        if len(words) <= LONGEST_LABEL and words.isprintable() and fold(words):
            unique.setdefault(fold(words), words)
    return list(unique.values())[:MOST_CHOICES]


def _free_label(kind: Kind, header: str, index: int) -> str:
    """Return the header as a label, with a number behind it if another field is called so."""
    plain = "".join(char for char in " ".join(header.split()) if char.isprintable())
    label = plain[: LONGEST_LABEL - 4].strip() if fold(plain) else f"Column {index + 1}"
    for candidate in (label, *(f"{label} {number}" for number in range(2, 30))):
        with suppress(OwnFieldRefusedError):
            return checked_label(kind, candidate)
    return label


def _takes(field_type: FieldType, cell: str) -> bool:
    try:
        return field_type.parse(cell) is not None
    except ValueRefusedError:
        return False
