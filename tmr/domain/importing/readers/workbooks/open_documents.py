"""OpenDocument spreadsheets (ODS): one XML document has all sheets, and writes cells and rows that repeat once."""

import re
from collections.abc import Iterator

import msgspec

from tmr.domain.importing.errors import FileRefusedError
from tmr.domain.importing.readers.delimited import MAX_CELL_CHARS, MAX_COLUMNS, MAX_ROWS
from tmr.domain.importing.readers.workbooks.drop_downs import ReadSheet
from tmr.domain.importing.readers.workbooks.link_formulas import has_link
from tmr.domain.importing.readers.workbooks.safe_xml import Handler, read_xml
from tmr.domain.importing.readers.workbooks.sheet import (
    MAX_LISTED,
    MAX_SHEETS,
    SPARE_ROWS,
    TOO_LARGE_BOOK,
    TOO_MANY,
    Budget,
    Grid,
    Range,
    number_text,
    percent_text,
    shown,
    yes_or_no,
)

MAX_REPEATED = 1_000_000_000  # a count is a number of ten digits at most
_NUMBERS = ("float", "percentage", "currency")
# What a cell shows beside its text, and what a document keeps of the past.
_ASIDE = ("annotation", "frame", "shapes", "custom-shape", "line", "tracked-changes", "control", "ruby-text")
_DURATION = re.compile(r"-?PT(\d{1,6})H(\d{1,2})M(\d{1,2})(?:[.,]\d+)?S")


class _Cell(msgspec.Struct):
    """A cell while it is read. ``links`` are where its text leads, with the words that do."""

    attributes: dict[str, str]
    column: int
    repeated: int
    pieces: list[str] = []
    links: list[tuple[str, str]] = []
    comment: list[str] = []
    chars: int = 0


class _Sheet(msgspec.Struct):
    """A sheet while it is read."""

    name: str
    is_hidden: bool
    grid: Grid
    lists: set[str]
    is_read: bool
    row: int = 0


def open_document_sheets(content: bytes) -> Iterator[ReadSheet]:
    """Yield each sheet of ``content.xml``; of more than 20, the later ones without their cells.

    Raises:
        ExpatError: it is not well-formed.
        ValueError: it is damaged, or declares entities.
        FileRefusedError: it is too large.
    """
    handler = _Document()
    read_xml(content, handler)
    yield from handler.sheets


class _Document(Handler):
    """Handles ``content.xml``."""

    def __init__(self) -> None:
        self.sheets: list[ReadSheet] = []
        self._budget = Budget()
        self._sheet: _Sheet | None = None
        self._cell: _Cell | None = None
        self._row: list[_Cell] = []
        self._column = self._row_repeated = self._aside = 0
        self._is_comment = False
        self._style = ""
        self._hidden_styles: set[str] = set()
        self._struck_styles: set[str] = set()
        self._conditions: dict[str, str] = {}
        self._link: tuple[str, list[str]] | None = None
        self._is_in_text = self._is_in_comment = False

    def start(self, name: str, attributes: dict[str, str], /) -> None:
        """Handle the beginning of an element."""
        if self._aside or name in _ASIDE:
            self._start_aside(name)
        elif self._cell is not None:
            self._start_in_cell(self._cell, name, attributes)
        elif name in ("table-cell", "covered-table-cell"):
            self._begin_cell(name, attributes)
        elif name == "table-row":
            self._row, self._column = [], 0
            self._row_repeated = _count(attributes.get("table:number-rows-repeated"))
        elif name == "table":
            self._begin_sheet(attributes)
        else:
            self._start_other(name, attributes)

    def _start_aside(self, name: str) -> None:
        if not self._aside:
            self._is_comment = name == "annotation" and self._cell is not None
        self._aside += 1
        if name == "p" and self._is_comment and self._cell:
            self._is_in_comment = True
            self._cell.comment.append("\n")

    def _start_other(self, name: str, attributes: dict[str, str]) -> None:
        if name == "style":
            self._style = attributes.get("style:name", "")
        elif name == "table-properties" and attributes.get("table:display") == "false":
            self._hidden_styles.add(self._style)
        elif name == "text-properties" and attributes.get("style:text-line-through-style", "none") != "none":
            self._struck_styles.add(self._style)
        elif name == "content-validation" and len(self._conditions) < MAX_LISTED:
            self._conditions[attributes.get("table:name", "")] = attributes.get("table:condition", "")[:500]

    def _begin_sheet(self, attributes: dict[str, str]) -> None:
        if len(self.sheets) >= MAX_LISTED:
            raise FileRefusedError(TOO_LARGE_BOOK)
        is_hidden = attributes.get("table:style-name", "") in self._hidden_styles
        is_read = len(self.sheets) < MAX_SHEETS
        self._sheet = _Sheet(attributes.get("table:name", ""), is_hidden, Grid(self._budget), set(), is_read)

    def _begin_cell(self, name: str, attributes: dict[str, str]) -> None:
        cell = _Cell(attributes, self._column, _count(attributes.get("table:number-columns-repeated")))
        self._column += cell.repeated
        if name != "table-cell" or self._sheet is None or not self._sheet.is_read:
            self._cell = _Cell({}, 0, 0)
            return
        self._cell = cell
        if condition := self._conditions.get(attributes.get("table:content-validation-name", "")):
            self._sheet.lists.add(condition)

    def _start_in_cell(self, cell: _Cell, name: str, attributes: dict[str, str]) -> None:
        if name == "p":
            self._is_in_text = True
            if cell.pieces:
                cell.pieces.append("\n")
        elif name == "a":
            self._link = attributes.get("xlink:href", ""), []
        elif name == "s":
            self.text(" " * min(_count(attributes.get("text:c")), 100))
        elif name in ("tab", "line-break"):
            self.text(" " if name == "tab" else "\n")

    def text(self, piece: str, /) -> None:
        """Keep the text of a cell, or of the comment on it."""
        if self._is_in_comment and self._cell:
            self._count_chars(self._cell, piece)
            self._cell.comment.append(piece)
        if self._aside or not self._is_in_text or self._cell is None:
            return
        self._count_chars(self._cell, piece)
        self._cell.pieces.append(piece)
        if self._link:
            self._link[1].append(piece)

    def _count_chars(self, cell: _Cell, piece: str) -> None:
        cell.chars += len(piece)
        if cell.chars > MAX_CELL_CHARS:
            raise FileRefusedError(TOO_LARGE_BOOK)

    def end(self, name: str, /) -> None:
        """Handle the end of an element."""
        if self._aside:
            self._aside -= 1
            self._is_in_comment &= name != "p"
        elif name == "p":
            self._is_in_text = False
        elif name == "a" and self._link and self._cell:
            self._cell.links.append((self._link[0], "".join(self._link[1])))
            self._link = None
        elif name in ("table-cell", "covered-table-cell"):
            self._end_cell()
        elif name == "table-row":
            self._end_row()
        elif name == "table":
            self._end_sheet()

    def _end_cell(self) -> None:
        cell = self._cell
        if cell and cell.repeated and (cell.pieces or cell.comment or len(cell.attributes) > 0):
            self._row.append(cell)
            if len(self._row) > 16_384:  # as many as any spreadsheet has
                raise FileRefusedError(TOO_LARGE_BOOK)
        self._cell = self._link = None
        self._is_in_text = False

    def _end_row(self) -> None:
        sheet = self._sheet
        if sheet is None:
            return
        for cell in self._row:
            if text := _shown(cell):
                self._write(sheet, cell, text)
            if cell.comment and sheet.is_read:
                sheet.grid.comment(sheet.row, cell.column, "".join(cell.comment))
        sheet.row += self._row_repeated
        self._row = []

    def _write(self, sheet: _Sheet, cell: _Cell, text: str) -> None:
        """Write a cell as often as it is repeated, as far as a table reaches: a cell beyond that is refused."""
        rows = range(sheet.row, min(sheet.row + self._row_repeated, max(MAX_ROWS + SPARE_ROWS, sheet.row) + 1))
        columns = range(cell.column, min(cell.column + cell.repeated, max(MAX_COLUMNS, cell.column) + 1))
        formula = cell.attributes.get("table:formula", "")
        for row in rows:
            for column in columns:
                sheet.grid.put(row, column, text)
                if cell.attributes.get("table:style-name") in self._struck_styles:
                    sheet.grid.strike(row, column)
                if formula and has_link(formula):
                    sheet.grid.link_by_formula(row, column, formula)
        if len(cell.links) == 1:
            sheet.grid.link(Range(rows[0], columns[0], rows[-1], columns[-1]), cell.links[0][0])
        down = _count(cell.attributes.get("table:number-rows-spanned"))
        across = _count(cell.attributes.get("table:number-columns-spanned"))
        sheet.grid.merge(Range(rows[0], columns[0], rows[0] + down - 1, columns[0] + across - 1))

    def _end_sheet(self) -> None:
        sheet = self._sheet
        if sheet is None:
            return
        if sheet.is_read:
            rows, template_rows = sheet.grid.finish()
            read = ReadSheet(
                sheet.name,
                rows,
                template_rows,
                is_hidden=sheet.is_hidden,
                lists=frozenset(sheet.lists),
                comments=sheet.grid.unplaced,
            )
        else:
            read = ReadSheet(sheet.name, left_out=TOO_MANY)
        self.sheets.append(read)
        self._sheet = None


def _count(text: str | None) -> int:
    """Return how often something is repeated, once if nothing is said."""
    return max(1, min(int(text[:10]), MAX_REPEATED)) if text and text.isdecimal() else 1


def _shown(cell: _Cell) -> str:
    """Return what a person sees in a cell; numbers and dates as they are stored, since their text is rounded."""
    attributes = cell.attributes
    kind, text = attributes.get("office:value-type", ""), _text(cell)
    if attributes.get("calcext:value-type") == "error":
        return ""
    if kind in _NUMBERS and "office:value" in attributes:
        return _number(kind, attributes["office:value"], text.strip())
    if kind == "date" and "office:date-value" in attributes:
        return attributes["office:date-value"].removesuffix("T00:00:00").replace("T", " ")
    if kind == "time" and (match := _DURATION.fullmatch(attributes.get("office:time-value", ""))):
        return ":".join(f"{int(part):02}" for part in match.groups())
    if kind == "boolean":
        return yes_or_no(attributes.get("office:boolean-value", text.lower()) == "true")
    return shown(text or attributes.get("office:string-value", "")[:MAX_CELL_CHARS])


def _number(kind: str, value: str, text: str) -> str:
    """Return a number as it is stored, but with the percent sign and the zeros in front that the cell shows."""
    if kind == "percentage":
        return percent_text(value)
    number = number_text(value)
    return text if text.isdecimal() and text.startswith("0") and text.lstrip("0") == number.lstrip("0") else number


def _text(cell: _Cell) -> str:
    """Return the text of a cell, each of several links beside its words."""
    text = "".join(cell.pieces)
    if len(cell.links) > 1:
        for url, words in dict.fromkeys(cell.links[:20]):
            text = text.replace(words, f"[{words}]({url})", 1) if words != url else text
    return text
