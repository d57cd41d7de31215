"""Tables of an HTML page, which many sites export under the name .xls: read as the sheets of a workbook."""

import re
from collections.abc import Iterator
from html import unescape

import msgspec

from tmr.domain.importing.readers.delimited import MAX_COLUMNS, MAX_ROWS
from tmr.domain.importing.readers.encodings.detection import encoding_of, open_text
from tmr.domain.importing.readers.html_text import without_long_references
from tmr.domain.importing.readers.workbooks.drop_downs import ReadSheet, sorted_out
from tmr.domain.importing.readers.workbooks.links import is_web_address
from tmr.domain.importing.readers.workbooks.sheet import MAX_LISTED, Budget, Grid, Range, Sheet

_BEGINNING = re.compile(
    r"\s*(?:<\?xml[^<>]*>\s*)?(?:<!--[^<>]*-->\s*)?<(?:!doctype\s+html|html|head|meta|style|body|table|div|center)\b",
    re.IGNORECASE,
)
# No part of it reaches beyond the next "<", so that tags that never end take no more time than others.
# It never goes back either: for that, each character of a tag would be remembered.
_TAG = re.compile(r"<(/?)([a-z][a-z0-9:]*+)((?:[^<>\"']++|\"[^\"<]*+\"|'[^'<]*+')*+)>|<[!?][^<>]*+>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([a-z-]{1,20})\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)
_UNSEEN = re.compile(r"<!--|<(script|style|template|title)\b[^<>]*>", re.IGNORECASE)
_ENDS = {
    "": re.compile("-->"),
    **{name: re.compile(f"</{name}[^<>]*>", re.I) for name in ("script", "style", "template", "title")},
}
_BLOCKS = frozenset({"p", "div", "br", "ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6", "tr", "dt", "dd"})
_LOOKED_AT = 2_000
_LONGEST_LINE = 2_000  # outside of tables: its beginning is named


class _Table(msgspec.Struct):
    """A table while it is read. ``spanned`` has the last row that a cell above reaches into, by columns."""

    grid: Grid
    row: int = -1
    column: int = 0
    pieces: list[str] | None = None
    links: list[str] = []
    area: tuple[int, int] = (1, 1)
    spanned: dict[int, int] = {}


def is_page(content: bytes) -> bool:
    """Whether a file is an HTML page, whatever its name says."""
    beginning = content[:_LOOKED_AT].replace(b"\0", b"").removeprefix(b"\xff\xfe").removeprefix(b"\xef\xbb\xbf")
    return bool(_BEGINNING.match(beginning.decode("latin-1")))


def sheets_of_page(content: bytes, encoding: str = "") -> tuple[list[Sheet], list[str]]:
    """Return the tables of a page as sheets, and the lines outside of them.

    Raises:
        FileRefusedError: it is no text in that encoding, or too large.
    """
    page = _Page()
    page.read(open_text([content], encoding_of(content, encoding)).read())
    return sorted_out(page.sheets()), page.outside


class _Page:
    """Reads the tags of a page in one pass; a table within a table is one of its own."""

    def __init__(self) -> None:
        self.outside: list[str] = []
        self._budget = Budget()
        self._tables: list[Grid] = []
        self._open: list[_Table] = []
        self._between: list[str] = []

    def read(self, text: str) -> None:
        """Read the whole page."""
        text, at = without_long_references(_without_unseen(text)), 0
        for match in _TAG.finditer(text):
            self._take_text(text[at : match.start()])
            at = match.end()
            name = (match[2] or "").lower()
            self._end(name) if match[1] else self._begin(name, match[3] or "")
        self._take_text(text[at:])
        while self._open:
            self._end("table")
        lines = (" ".join(line[:_LONGEST_LINE].split()) for line in "".join(self._between).split("\n"))
        self.outside = [line for line in lines if line]

    def sheets(self) -> Iterator[ReadSheet]:
        """Yield the tables that have any cell."""
        for number, grid in enumerate(self._tables, 1):
            rows, template_rows = grid.finish()
            if rows:
                yield ReadSheet(f"Table {number}", rows, template_rows)

    def _take_text(self, text: str) -> None:
        if not self._open:
            self._take_line(unescape(text))
        elif (pieces := self._open[-1].pieces) is not None:
            pieces.append(unescape(" ".join(text.split()) if "\n" in text else text))
        elif text.strip():
            self._take_line(f"\n{unescape(text)}\n")  # such as the caption of a table

    def _take_line(self, text: str) -> None:
        """Keep what is outside of tables."""
        self._budget.steps(1 + text.count("\n"))
        self._between.append(text)

    def _begin(self, name: str, attributes: str) -> None:
        if name == "table" and len(self._tables) < MAX_LISTED:
            self._tables.append(Grid(self._budget))
            self._open.append(_Table(self._tables[-1]))
        elif not self._open:
            self._take_line("\n" if name in _BLOCKS else "")
        elif name == "tr":
            self._begin_row(self._open[-1])
        elif name in ("td", "th"):
            self._begin_cell(self._open[-1], _attributes(attributes))
        elif self._open[-1].pieces is not None:
            self._begin_in_cell(self._open[-1], name, attributes)

    def _begin_row(self, table: _Table) -> None:
        self._end_cell(table)
        table.row, table.column = table.row + 1, 0

    def _begin_cell(self, table: _Table, attributes: dict[str, str]) -> None:
        self._end_cell(table)
        table.row = max(table.row, 0)
        while table.spanned.get(table.column, -1) >= table.row:
            self._budget.steps(1)
            table.column += 1
        down, across = _count(attributes.get("rowspan"), MAX_ROWS), _count(attributes.get("colspan"), MAX_COLUMNS)
        self._budget.steps(across)
        table.area, table.pieces, table.links = (down, across), [], []

    def _begin_in_cell(self, table: _Table, name: str, attributes: str) -> None:
        pieces = table.pieces or []
        if name == "a" and is_web_address(url := _attributes(attributes).get("href", "")):
            table.links.append(url)
        elif name in _BLOCKS:
            pieces.append("\n")

    def _end(self, name: str) -> None:
        if not self._open:
            self._take_line("\n" if name in _BLOCKS else "")
        elif name in ("td", "th", "tr", "table"):
            self._end_cell(self._open[-1])
            if name == "table":
                self._open.pop()
        elif name in _BLOCKS and self._open[-1].pieces is not None:
            self._open[-1].pieces.append("\n")

    def _end_cell(self, table: _Table) -> None:
        if table.pieces is None:
            return
        lines = (" ".join(line.split()) for line in "".join(table.pieces).split("\n"))
        text = "\n".join([line for line in lines if line] + (table.links if len(table.links) > 1 else []))
        down, across = table.area
        place = Range(table.row, table.column, table.row + down - 1, table.column + across - 1)
        table.grid.put(place.top, place.left, text or (table.links[0] if table.links else ""))
        if len(table.links) == 1:
            table.grid.link(Range(place.top, place.left, place.top, place.left), table.links[0])
        table.grid.merge(place)
        if down > 1:
            table.spanned |= dict.fromkeys(range(place.left, min(place.right + 1, MAX_COLUMNS)), place.bottom)
        table.column, table.pieces = place.right + 1, None


def _without_unseen(text: str) -> str:
    """Return a page without its comments, scripts and styles; one that never ends hides the rest of the page."""
    kept, at = [], 0
    while match := _UNSEEN.search(text, at):
        kept.append(text[at : match.start()])
        end = _ENDS[(match[1] or "").lower()].search(text, match.end())
        at = end.end() if end else len(text)
    return "".join([*kept, text[at:]])


def _attributes(text: str) -> dict[str, str]:
    found = _ATTRIBUTE.findall(text[:5_000])
    return {name.lower(): unescape(first or second or third) for name, first, second, third in found}


def _count(text: str | None, most: int) -> int:
    """Return how many rows or columns a cell reaches over: one if nothing is said."""
    return max(1, min(int(text[:6]), most)) if text and text.isdecimal() else 1
