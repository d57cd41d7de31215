"""What can be done with one column of a list."""

import msgspec

from tmr.domain.columns.conditions import EMPTY, FILLED, FROM, HAS, IS, TO, ways_of
from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Field
from tmr.domain.listing import Criteria, param_of
from tmr.records.grid.columns import widths_of
from tmr.records.grid.view import shown_columns
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.session.screens import current_screen

TOO_MUCH = "This is too much text beside the other columns."
Choices = list[tuple[str, str]]
_LABELS = {HAS: "Contains", FROM: "From", TO: "To", IS: "Filled in"}


class Condition(msgspec.Struct, frozen=True):
    """A field of the form that narrows a list: its name in an address, what it is called, and what it holds."""

    name: str
    way: str
    value: str
    refused: str

    @property
    def label(self) -> str:
        """What the field is called."""
        return _LABELS[self.way]

    @property
    def problem(self) -> str:
        """Why it is refused, if it is: any text can be looked for, but not as many at once as one likes."""
        return "" if not self.refused else TOO_MUCH if self.way == HAS else "This is not understood."


class ColumnMenu(msgspec.Struct, frozen=True):
    """The choices that the menu of a column offers, as values and words."""

    kind: Kind
    field: Field
    criteria: Criteria
    moves: Choices
    widths: Choices

    emptiness = (("", "Either"), (FILLED, "Filled in"), (EMPTY, "Empty"))

    @property
    def sorts(self) -> list[tuple[str, str, bool]]:
        """Both ways to sort by this column alone: the query, the words, and whether the list is sorted so."""
        words = (self.field.name, f"-{self.field.name}")
        return [
            (self.criteria.query(sort=word, page=1), f"Sort: {direction}", self.criteria.sort == word)
            for word, direction in zip(words, self.field.type.directions, strict=True)
        ]

    @property
    def grouping(self) -> tuple[str, str] | None:
        """The query that groups the list by this column, or no longer does, and the words; None if it cannot."""
        if not self.field.type.filter_options:
            return None
        if self.criteria.group == self.field.name:
            return self.criteria.query(group="", page=1), "Do not group"
        return self.criteria.query(group=self.field.name, page=1), "Group by this"

    @property
    def param(self) -> str:
        """The name that the choices of this column have in an address."""
        return param_of(self.field)

    @property
    def chosen(self) -> tuple[str, ...]:
        """The choices that the list is narrowed to."""
        return self.criteria.choices.get(self.param, ())

    @property
    def conditions(self) -> list[Condition]:
        """What else the list can be narrowed to by this column."""
        names = [(way, f"{self.field.name}.{way}") for way in ways_of(self.field)]
        held, refused = self.criteria.conditions, self.criteria.refused
        return [Condition(name, way, held.get(name, ""), refused.get(name, "")) for way, name in names]

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What the form sends along: how the list is narrowed by other columns, and its order."""
        own = {self.param, *(condition.name for condition in self.conditions)}
        kept = [(name, value) for name, value in self.criteria.narrowing if name not in own]
        return [*([("view", self.criteria.view)] if self.criteria.view else []), *kept, *self.criteria.order]

    @property
    def is_narrowed(self) -> bool:
        """Whether the list is narrowed by this column."""
        return bool(self.chosen) or any(condition.value or condition.refused for condition in self.conditions)

    @property
    def cleared(self) -> str:
        """The query of the list without what this column narrows it to."""
        own = {condition.name for condition in self.conditions}
        choices = {name: words for name, words in self.criteria.choices.items() if name != self.param}
        conditions = {name: text for name, text in self.criteria.conditions.items() if name not in own}
        return self.criteria.query(choices=choices, conditions=conditions, page=1)


def column_menu(uow: UnitOfWork, kind: Kind, field: Field, criteria: Criteria) -> ColumnMenu:
    """Return the menu of a column of a list that shows what ``criteria`` say."""
    shown = shown_columns(uow, kind, criteria)
    is_sized = bool(widths_of(kind, uow.account.preferences(), current_screen()))
    widths = [("wider", "Wider"), ("narrower", "Narrower"), *([("fit", "Reset all widths")] if is_sized else [])]
    return ColumnMenu(kind, field, criteria, _moves(shown, field), widths if field in shown else [])


def _moves(shown: tuple[Field, ...], field: Field) -> Choices:
    """Return where a column can go; the first one stays where it is."""
    if field not in shown:
        return []
    place = shown.index(field)
    moves = [("left", "Move left")] if place > 1 else []
    moves += [("right", "Move right")] if 0 < place < len(shown) - 1 else []
    return [*moves, ("hide", "Hide")] if not field.is_required and place else moves
