"""Workbooks in one XML document, as Excel 2003 saved them and many programs still export under the name .xls."""

import re
from collections.abc import Iterator

from tmr.domain.importing.errors import FileRefusedError
from tmr.domain.importing.readers.delimited import MAX_CELL_CHARS
from tmr.domain.importing.readers.workbooks.drop_downs import ReadSheet
from tmr.domain.importing.readers.workbooks.safe_xml import Handler, read_xml
from tmr.domain.importing.readers.workbooks.sheet import (
    MAX_LISTED,
    MAX_SHEETS,
    TOO_LARGE_BOOK,
    TOO_MANY,
    Budget,
    Grid,
    Range,
    number_text,
    shown,
    yes_or_no,
)

INDEX_DIGITS = 8  # no sheet is larger, and names of columns are reckoned from it
_BEGINNING = re.compile(
    rb"\s*<\?xml.{0,500}?(?:progid=\"Excel\.Sheet\"|<(?:\w+:)?Workbook\b.{0,300}office:spreadsheet)", re.S
)


def is_xml_workbook(content: bytes) -> bool:
    """Whether a file is a workbook in one XML document."""
    return bool(_BEGINNING.match(content[:2_000].removeprefix(b"\xef\xbb\xbf")))


def xml_workbook_sheets(content: bytes) -> Iterator[ReadSheet]:
    """Yield each sheet; of more than 20, the later ones without their cells.

    Raises:
        ExpatError: it is not well-formed.
        ValueError: it is damaged, or declares a document type.
        FileRefusedError: it is too large.
    """
    handler = _Document()
    read_xml(content, handler)
    yield from handler.sheets


class _Document(Handler):
    """Handles the workbook. Rows and cells follow each other, unless they say their number, from 1."""

    def __init__(self) -> None:
        self.sheets: list[ReadSheet] = []
        self._budget = Budget()
        self._grid = Grid(self._budget)
        self._name = ""
        self._is_hidden = False
        self._row = self._column = -1
        self._cell: dict[str, str] = {}
        self._part, self._type = "", ""  # what of a cell is read: its data, or the comment on it
        self._pieces: list[str] = []
        self._chars = 0

    def start(self, name: str, attributes: dict[str, str], /) -> None:
        """Handle the beginning of an element."""
        named = {key.rpartition(":")[2]: value for key, value in attributes.items()}
        if name == "Worksheet":
            if len(self.sheets) >= MAX_LISTED:
                raise FileRefusedError(TOO_LARGE_BOOK)
            self._grid, self._name, self._is_hidden = Grid(self._budget), named.get("Name", ""), False
            self._row = -1
        elif name == "Row":
            self._row, self._column = self._place(named, self._row), -1
        elif name == "Cell":
            self._column, self._cell = self._place(named, self._column), named
        elif name in ("Data", "Comment"):
            self._part, self._type, self._pieces, self._chars = name, named.get("Type", "String"), [], 0
        elif name == "Visible":
            self._part, self._pieces, self._chars = name, [], 0

    def _place(self, named: dict[str, str], before: int) -> int:
        return max(0, int(named["Index"][:INDEX_DIGITS]) - 1) if "Index" in named else before + 1

    def text(self, piece: str, /) -> None:
        """Keep the text of a cell or of the comment on it."""
        if not self._part:
            return
        self._chars += len(piece)
        if self._chars > MAX_CELL_CHARS:
            raise FileRefusedError(TOO_LARGE_BOOK)
        self._pieces.append(piece)

    def end(self, name: str, /) -> None:
        """Handle the end of an element."""
        if name == "Cell":
            self._column += self._count("MergeAcross")
        elif name == "Worksheet":
            self.sheets.append(self._sheet())
        elif name == self._part:
            text, self._part = "".join(self._pieces), ""
            if name == "Data":
                self._put(text)
            elif name == "Comment":
                self._grid.comment(self._row, self._column, text)
            else:
                self._is_hidden = text != "SheetVisible"

    def _put(self, text: str) -> None:
        if len(self.sheets) >= MAX_SHEETS:
            return
        row, column = self._row, self._column
        self._grid.put(row, column, _shown(self._type, text))
        self._grid.merge(Range(row, column, row + self._count("MergeDown"), column + self._count("MergeAcross")))
        if url := self._cell.get("HRef"):
            self._grid.link(Range(row, column, row, column), url)

    def _count(self, name: str) -> int:
        text = self._cell.get(name, "0")
        return int(text[:6]) if text.isdecimal() else 0

    def _sheet(self) -> ReadSheet:
        if len(self.sheets) >= MAX_SHEETS:
            return ReadSheet(self._name, left_out=TOO_MANY)
        rows, template_rows = self._grid.finish()
        unplaced = self._grid.unplaced
        return ReadSheet(self._name, rows, template_rows, is_hidden=self._is_hidden, comments=unplaced)


def _shown(kind: str, text: str) -> str:
    if kind == "Number":
        return number_text(text)
    if kind == "DateTime":
        return text.partition(".")[0].removesuffix("T00:00:00").replace("T", " ")
    if kind == "Boolean":
        return yes_or_no(text.strip() == "1")
    return "" if kind == "Error" else shown(text)
