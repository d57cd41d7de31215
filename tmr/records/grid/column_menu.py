"""What can be done with one column of a list."""

import msgspec

from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Field
from tmr.domain.listing import Criteria
from tmr.records.grid.columns import widths_of
from tmr.records.grid.view import shown_columns
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.session.screens import current_screen

Choices = list[tuple[str, str]]


class ColumnMenu(msgspec.Struct, frozen=True):
    """The choices that the menu of a column offers, as values and words; ``sorts`` are addresses, and which is on."""

    kind: Kind
    field: Field
    criteria: Criteria
    moves: Choices
    widths: Choices

    @property
    def sorts(self) -> list[tuple[str, str, bool]]:
        """Both ways to sort by this column alone: the query, the words, and whether the list is sorted so."""
        words = (self.field.name, f"-{self.field.name}")
        return [
            (self.criteria.query(sort=word, page=1), f"Sort: {direction}", self.criteria.sort == word)
            for word, direction in zip(words, self.field.type.directions, strict=True)
        ]


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
