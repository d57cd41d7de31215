"""The cells of one sheet of an Excel workbook, with the links behind them, merged cells and drop-down lists."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from tmr.domain.importing.errors import FileRefusedError
from tmr.domain.importing.readers.delimited import MAX_CELL_CHARS
from tmr.domain.importing.readers.workbooks.excel.values import Values, unescaped
from tmr.domain.importing.readers.workbooks.link_formulas import column_index, has_link
from tmr.domain.importing.readers.workbooks.safe_xml import Handler
from tmr.domain.importing.readers.workbooks.sheet import MAX_CELLS, TOO_LARGE_BOOK, Grid, Range, shown, yes_or_no

MAX_LISTS = 2_000
_PLACE = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,7})")
_LISTS = ("formula1", "f")  # of the sheet itself, and of its extension for lists on other sheets


class ExcelCells(Handler):
    """Handles the XML of a sheet. ``links`` are the addresses behind the ids of its relationships."""

    def __init__(self, grid: Grid, values: Values, links: Mapping[str, str]) -> None:
        self.grid = grid
        self.lists: set[str] = set()
        self.has_drawing = False
        self._values = values
        self._link_by_id = links
        self._row = self._column = -1
        self._type = self._style = ""
        self._pieces: dict[str, list[str]] = {}
        self._kept: list[str] | None = None
        self._shared: dict[str, tuple[int, int, str]] = {}
        self._shared_id = ""
        self._is_reading_aloud = False  # the reading of a Japanese word stands beside it
        self._is_in_list = False

    def start(self, name: str, attributes: dict[str, str], /) -> None:
        """Handle the beginning of an element."""
        if name == "c":
            self._begin_cell(attributes)
        elif name in ("v", "t", "f"):
            self._begin_text(name, attributes)
        elif name == "row":
            self._row = int(attributes["r"]) - 1 if "r" in attributes else self._row + 1
            self._column = -1
        else:
            self._start_other(name, attributes)

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        place = attributes.get("r")
        if place:
            self._row, self._column = place_of(place)
        else:
            self._column += 1
        self._type = attributes.get("t", "n")
        self._style = attributes.get("s", "")
        self._pieces = {}
        self._shared_id = ""

    def _begin_text(self, name: str, attributes: dict[str, str]) -> None:
        if name == "f" and not self._is_in_list and attributes.get("t") == "shared":
            self._shared_id = attributes.get("si", "")
        is_kept = not self._is_reading_aloud and (name != "f" or not self._is_in_list or len(self.lists) < MAX_LISTS)
        self._kept = self._pieces.setdefault(name, []) if is_kept else None

    def _start_other(self, name: str, attributes: dict[str, str]) -> None:
        if name == "rPh":
            self._is_reading_aloud = True
        elif name == "mergeCell":
            if area := area_of(attributes.get("ref", "")):
                self.grid.merge(area)
        elif name == "hyperlink":
            self._note_link(attributes)
        elif name == "dataValidation":
            self._is_in_list = attributes.get("type") == "list"
        elif name == "formula1" and self._is_in_list and len(self.lists) < MAX_LISTS:
            self._pieces = {}
            self._kept = self._pieces.setdefault(name, [])
        elif name == "drawing":
            self.has_drawing = True

    def _note_link(self, attributes: dict[str, str]) -> None:
        area = area_of(attributes.get("ref", ""))
        identity = next((value for name, value in attributes.items() if name.endswith(":id")), "")
        url = self._link_by_id.get(identity, "")
        if location := attributes.get("location"):
            url = f"{url}#{location}" if url and "#" not in url else url
        if area and url:
            self.grid.link(area, url)

    def text(self, piece: str, /) -> None:
        """Keep the text of a cell or of a formula."""
        if self._kept is not None:
            self._kept.append(piece)

    def end(self, name: str, /) -> None:
        """Handle the end of an element."""
        if name == "c":
            self._end_cell()
        elif name in _LISTS and self._is_in_list:
            self.lists.update(filter(None, ("".join(self._pieces.get(name, []))[:500],)))
            self._pieces = {}
            self._kept = None
        elif name in ("v", "t", "f"):
            self._kept = None
        elif name == "rPh":
            self._is_reading_aloud = False
        elif name == "dataValidation":
            self._is_in_list = False

    def _end_cell(self) -> None:
        if not self._pieces:
            return
        formula = "".join(self._pieces.get("f", ()))
        self.grid.put(self._row, self._column, self._shown())
        if self._style in self._values.struck:
            self.grid.strike(self._row, self._column)
        if self._shared_id:
            self._follow_shared(formula)
        elif formula and has_link(formula):
            self.grid.link_by_formula(self._row, self._column, formula)

    def _follow_shared(self, formula: str) -> None:
        """Follow a formula that is written once, and stands in other cells by its number."""
        if formula and has_link(formula):
            if len(self._shared) > MAX_CELLS:
                raise FileRefusedError(TOO_LARGE_BOOK)
            self._shared[self._shared_id] = self._row, self._column, formula
        if first := self._shared.get(self._shared_id):
            row, column, shared = first
            self.grid.link_by_formula(self._row, self._column, shared, self._row - row, self._column - column)

    def _shown(self) -> str:
        """Return what a person sees in the cell that was just read."""
        if "t" in self._pieces:
            return self._limited("".join(self._pieces.get("t", ())))
        value = "".join(self._pieces.get("v", ()))
        if self._type == "s":
            return self._values.shared[int(value)] if value.strip() else ""
        if self._type == "b":
            return yes_or_no(value.strip() in ("1", "true")) if value else ""
        if self._type == "e":
            return ""
        if self._type in ("str", "d"):
            return shown(self._limited(value)) if self._type == "str" else value.strip().removesuffix("T00:00:00")
        return self._number(value.strip())

    def _number(self, value: str) -> str:
        try:
            return self._values.number(value, self._style) if value else ""
        except ValueError:
            return shown(self._limited(value))  # some programs write texts without saying so

    def _limited(self, text: str) -> str:
        if len(text) > MAX_CELL_CHARS:
            raise FileRefusedError(TOO_LARGE_BOOK)
        return unescaped(text)


def place_of(reference: str) -> tuple[int, int]:
    """Return the row and column, from 0, of a reference such as ``E2``.

    Raises:
        ValueError: it is none.
    """
    match = _PLACE.fullmatch(reference)
    if not match:
        raise ValueError(reference[:20])
    return int(match[2]) - 1, _index(match[1])


_index = lru_cache(maxsize=1024)(column_index)


def area_of(reference: str) -> Range | None:
    """Return the cells of a reference such as ``A2:A4``, or None if it is none."""
    first, _, last = reference.partition(":")
    try:
        places: Sequence[tuple[int, int]] = [place_of(first), place_of(last or first)]
    except ValueError:
        return None
    rows, columns = sorted(row for row, _ in places), sorted(column for _, column in places)
    return Range(rows[0], columns[0], rows[1], columns[1])
