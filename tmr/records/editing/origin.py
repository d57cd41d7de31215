"""Where the form of a request was: its answer goes back there, and so does that of the answer's Undo button.

The hidden fields ``cell``, ``property``, ``panel``, ``card``, ``board``, ``sheet``, ``today``, ``query`` and ``list``
are read and written here and in no other module.
"""

from collections.abc import Mapping
from typing import Literal
from urllib.parse import parse_qs
from uuid import UUID

import msgspec
from flask import request

from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Field
from tmr.domain.listing import Criteria, parse_criteria
from tmr.web import htmx
from tmr.web.display.typed_values import current_typing

Place = Literal["cell", "property", "panel", "card", "board", "page", "today", "list"]
HiddenFields = list[tuple[str, object]]

LONGEST_QUERY = 4_000  # more is cut off before it is parsed: it comes from the form and can be anything
LONGEST_UNDO_QUERY = 1_000  # a redirect keeps its Undo in a cookie, and a browser keeps 4 kB of that
_MARKS = {
    "card": "card",
    "board": "board",
    "page": "sheet",
    "today": "today",
}  # what an Undo button sends, so that its answer goes to that place


class Origin(msgspec.Struct, frozen=True):
    """A cell of the grid, a panel of an application's page, a card or all of the board, a record's page, Today, a list.

    On a record's page it is the whole form, or one property. ``cell`` is the field of the cell, ``part`` that of the
    property, ``panel`` the id of the application, ``query`` the list as it was filtered.
    """

    kind: Kind
    place: Place
    query: str = ""
    cell: Field | None = None
    panel: UUID | None = None
    part: Field | None = None

    @property
    def criteria(self) -> Criteria:
        """What the list was narrowed to and sorted by."""
        sent = parse_qs(self.query[:LONGEST_QUERY])
        return parse_criteria(self.kind, lambda name: sent.get(name, []), current_typing())

    @property
    def location(self) -> str:
        """The address to return to without htmx: the application's page, Today, or the list of the kind."""
        if self.place == "today":
            return "/today"
        return f"/applications/{self.panel}#panel-{self.kind.plural}" if self.panel else f"/{self.kind.plural}"

    @property
    def undo_fields(self) -> HiddenFields:
        """What an Undo button sends so that its answer goes to the same place; a query that is too long is left out."""
        fields: HiddenFields = [("query", self.query if len(self.query) <= LONGEST_UNDO_QUERY else "")]
        if self.place == "panel":
            fields.append(("panel", self.panel))
        elif self.place == "property":
            fields.append((_MARKS["page"], "1"))
        elif self.place in _MARKS:
            fields.append((_MARKS[self.place], "1"))
        return fields

    @property
    def undo_target(self) -> str:
        """The element that the answer to an Undo button replaces."""
        if self.place in ("page", "property", "today"):  # its answer is a redirect
            return "#messages"
        if self.place == "panel":
            return f"#panel-{self.kind.plural}"
        return "#board" if self.place in ("card", "board") else "#record-list"


def read_origin(kind: Kind, default: Place = "list") -> Origin:
    """Return where the form of this request was, or ``default`` if it does not say.

    Cells are edited with htmx only: without it, a form that names a cell is answered like one of the record's page.
    """
    cell = kind.by_name.get(request.form.get("cell", "")) if htmx.is_htmx() else None
    panel, part = _panel(), kind.by_name.get(request.form.get("property", ""))
    if cell is not None:
        place: Place = "cell"
    elif part is not None:
        place = "property"
    elif panel is not None:
        place = "panel"
    else:
        place = next((name for name, mark in _MARKS.items() if mark in request.form), default)  # type: ignore[misc]
    return Origin(kind, place, request.form.get("query", ""), cell, panel, part)


def list_to_return_to(kinds: Mapping[str, Kind]) -> Kind | None:
    """Return the kind whose list the undo of an import was sent from; None for the import's own page."""
    return kinds.get(request.form.get("list", ""))


def list_fields(origin: Origin) -> HiddenFields:
    """Return what the undo of an import sends so that its answer goes to the list that the rows were pasted into."""
    return [("list", origin.kind.plural), *origin.undo_fields]


def _panel() -> UUID | None:
    try:
        return UUID(request.values.get("panel", ""))  # also in an address: the form of a panel is fetched with GET
    except ValueError:
        return None
