"""A sheet while it is read, and what is known of it afterwards."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from tmr.domain.importing.errors import FileRefusedError
from tmr.domain.importing.headers import known_headers
from tmr.domain.importing.readers.delimited import MAX_CELL_CHARS, MAX_COLUMNS, MAX_ROWS
from tmr.domain.importing.readers.workbooks.link_formulas import Cells, link_of, without_formula
from tmr.domain.importing.readers.workbooks.links import is_web_address, linked
from tmr.domain.importing.readers.workbooks.template_rows import is_blank, without_template_rows

MAX_CELLS = 400_000
MAX_CHARS = 64 * 1024 * 1024
MAX_STEPS = 1_000_000  # cells that ranges of links and merged cells may cover in all
MAX_PIECES = 2_000_000  # that formulas of links may be made of in all
MAX_SHEETS = 20  # that are read
MAX_LISTED = 1_000  # that a workbook may have
HEADER_ROWS = 20  # among which the header is
SPARE_ROWS = 50  # above the table, for titles
TOO_LARGE_SHEET = f"A sheet in this workbook has more than {MAX_ROWS:,} rows or {MAX_COLUMNS} columns."
TOO_LARGE_BOOK = "This workbook is too large. Save its sheet as CSV and import that instead."

CHART = "a chart"
COMMENT = "Comment"  # the header of what comments on cells say
STRUCK = "Struck through"  # the header of what is struck through: the whole row, or some cells
EMPTY = "empty"
FILLED_IN = "filled in by the template only"
HIDDEN = "hidden"
NO_TABLE = "not a table"
TOO_MANY = f"more than {MAX_SHEETS} sheets"
_ERROR_WORDS = """
    #REF! #N/A #VALUE! #DIV/0! #NAME? #NUM! #NULL! #SPILL! #CALC! #FIELD! #BLOCKED! #CONNECT! #UNKNOWN! #ERROR!
    #GETTING_DATA
"""
_ERRORS = frozenset(_ERROR_WORDS.split())
_ODS_ERROR = re.compile(r"Err:\d{3}")


class Range(msgspec.Struct, frozen=True):
    """Cells from the first row and column to the last ones, counted from 0 and included."""

    top: int
    left: int
    bottom: int
    right: int


class Sheet(msgspec.Struct, frozen=True):
    """A sheet of a workbook. ``rows`` counts the filled ones, the header among them."""

    name: str  # as the person sees it in the workbook
    csv: bytes  # UTF-8, its rows as a person sees them
    rows: int
    left_out: str = ""  # why it is left out by itself, such as "a chart"
    template_rows: int = 0  # how many rows at its end held nothing but what the template filled in
    comments: Sequence[str] = ()  # on cells beside the rows, each with its cell
    is_hidden: bool = False


def left_out_of(sheets: Iterable[Sheet]) -> list[Sheet]:
    """Return what is not read of sheets: those that are left out; rows of templates and comments as further ones."""
    found = []
    for sheet in sheets:
        if sheet.left_out:
            found.append(sheet)
            continue
        if sheet.template_rows:
            found.append(Sheet(sheet.name, b"", sheet.template_rows, FILLED_IN))
        if sheet.comments:
            found.append(Sheet(sheet.name, b"", 0, "; ".join(sheet.comments), comments=sheet.comments))
    return found


class Budget:
    """Counts what all sheets of a workbook hold together, so that none is larger than a person's.

    ``cell`` and ``steps`` raise ``FileRefusedError`` beyond the limits.
    """

    def __init__(self) -> None:
        self._cells, self._chars, self._steps, self._pieces = 0, 0, 0, 0

    def cell(self, text: str) -> None:
        """Count a filled cell."""
        self._cells += 1
        self.chars(len(text))
        if self._cells > MAX_CELLS or len(text) > MAX_CELL_CHARS:
            raise FileRefusedError(TOO_LARGE_BOOK)

    def chars(self, count: int) -> None:
        """Count characters that are kept."""
        self._chars += count
        if self._chars > MAX_CHARS:
            raise FileRefusedError(TOO_LARGE_BOOK)

    def piece(self, text: str) -> None:
        """Count a piece of a formula, each time that it is read."""
        self._pieces += 1
        self.chars(len(text))
        if self._pieces > MAX_PIECES:
            raise FileRefusedError(TOO_LARGE_BOOK)

    def steps(self, count: int) -> None:
        """Count cells that a range covers."""
        self._steps += count
        if self._steps > MAX_STEPS:
            raise FileRefusedError(TOO_LARGE_BOOK)


class Grid:
    """The cells of one sheet. Rows and columns are counted from 0."""

    def __init__(self, budget: Budget) -> None:
        self.rows: list[list[str]] = []
        self._budget = budget
        self._links: dict[tuple[int, int], str] = {}
        self._formulas: list[tuple[int, int, str, int, int]] = []
        self._merged: list[Range] = []
        self._comments: dict[int, list[tuple[int, str]]] = {}
        self._struck: dict[int, list[int]] = {}
        self.unplaced: list[str] = []  # comments on cells that are in no row below the header

    def put(self, row: int, column: int, text: str) -> None:
        """Set a cell; one without text is left as it is.

        Raises:
            FileRefusedError: it is further away than any table reaches, or the workbook is too large.
        """
        if not text:
            return
        # Of an export from elsewhere: a workbook would have calculated it.
        text = without_formula(text, self._budget.piece)
        if row >= MAX_ROWS + SPARE_ROWS and is_blank(text):
            return  # a template that is filled down to the end of the sheet
        self._budget.cell(text)
        cells = self._row(row, column)
        cells.extend([""] * (column + 1 - len(cells)))
        cells[column] = text

    def _row(self, row: int, column: int) -> list[str]:
        if row >= MAX_ROWS + SPARE_ROWS or column >= MAX_COLUMNS:
            raise FileRefusedError(TOO_LARGE_SHEET)
        while len(self.rows) <= row:
            self.rows.append([])
        return self.rows[row]

    def get(self, row: int, column: int) -> str:
        """Return the text of a cell, "" if it is empty."""
        return self.rows[row][column] if 0 <= row < len(self.rows) and 0 <= column < len(self.rows[row]) else ""

    def link(self, area: Range, url: str) -> None:
        """Lay a link behind each filled cell of ``area``; behind an empty one nobody sees it."""
        if is_web_address(url):
            for row, column in self._filled(area):
                self._set_link(row, column, url)

    def _filled(self, area: Range) -> Iterator[tuple[int, int]]:
        for row in range(area.top, min(area.bottom + 1, len(self.rows))):
            columns = range(area.left, min(area.right + 1, len(self.rows[row])))
            self._budget.steps(1 + len(columns))
            yield from ((row, column) for column in columns if self.rows[row][column])

    def _set_link(self, row: int, column: int, url: str) -> None:
        if (row, column) not in self._links:
            self._budget.chars(len(url))
            self._links[row, column] = url

    def link_by_formula(self, row: int, column: int, formula: str, down: int = 0, right: int = 0) -> None:
        """Lay the link of a formula behind a cell, once all cells are known.

        ``down`` and ``right`` say how far the cell is from the one for which the formula was written.
        """
        is_shared = down or right  # and so kept once
        self._budget.chars(1 if is_shared else len(formula))
        self._formulas.append((row, column, formula, down, right))

    def merge(self, area: Range) -> None:
        """Note that cells are merged. Titles, merged within their row, stay the one cell that they are."""
        if area.bottom > area.top:
            self._budget.steps(1)
            self._merged.append(area)

    def comment(self, row: int, column: int, text: str) -> None:
        """Note a comment on a cell. It becomes a cell of its row, in a column of its own, once all rows are known."""
        if text := text.strip():
            self._budget.cell(text)
            self._comments.setdefault(row, []).append((column, text))

    def strike(self, row: int, column: int) -> None:
        """Note that a filled cell is struck through, which its row says in a column of its own."""
        if self.get(row, column):
            self._struck.setdefault(row, []).append(column)

    def finish(self) -> tuple[list[list[str]], int]:
        """Return the rows as a person sees them, and how many rows of the template were left out at their end."""
        self._follow_formulas()
        known = [known_headers(cells) for cells in self.rows[:HEADER_ROWS]]
        header = known.index(max(known)) if known and max(known) > 1 else -1
        for (row, column), url in self._links.items():
            if row != header:  # a template's link to its maker would hide what the column is called
                self._budget.chars(len(url))
                self.rows[row][column] = linked(self.rows[row][column], url)
        for area in self._merged:
            self._repeat(area)
        best = known.index(max(known)) if any(known) else -1
        if self._struck:
            self._write_struck(best)
        if self._comments:
            self._write_comments(best)
        for cells in self.rows:
            while cells and not cells[-1].strip():
                cells.pop()
        while self.rows and not self.rows[-1]:
            self.rows.pop()
        return without_template_rows(self.rows)

    def _write_struck(self, header: int) -> None:
        """Write beside each row below the header that it is struck through, or which of its texts are."""
        width = max(map(len, self.rows), default=0)
        rows = {row: columns for row, columns in self._struck.items() if row > header >= 0}
        if not rows or width >= MAX_COLUMNS:
            return
        for row, columns in rows.items():
            is_whole = len(columns) * 2 >= sum(map(bool, self.rows[row]))
            text = "Yes" if is_whole else "; ".join(self.rows[row][column] for column in columns)
            self._budget.cell(text)
            self._write_beside(row, width, text)
        self._write_beside(header, width, STRUCK)

    def _write_beside(self, row: int, column: int, text: str) -> None:
        self.rows[row].extend([""] * (column + 1 - len(self.rows[row])))
        self.rows[row][column] = text

    def _write_comments(self, header: int) -> None:
        """Write comments beside their rows; those on other cells are only named, such as one on the header."""
        width = max(map(len, self.rows), default=0)
        for row, comments in sorted(self._comments.items()):
            if 0 <= header < row < len(self.rows) and any(self.rows[row]) and width < MAX_COLUMNS:
                self._write_beside(header, width, COMMENT)
                self._write_beside(row, width, "\n".join(text for _, text in sorted(comments)))
            else:
                self.unplaced += [f"comment on {_cell_name(row, at)}: “{text}”" for at, text in sorted(comments)]

    def _follow_formulas(self) -> None:
        found = []
        for row, column, formula, down, right in self._formulas:
            if link := link_of(formula, Cells(self.get, down, right, self._budget.piece)):
                found.append((row, column, *link))
        for row, column, url, text in found:
            if not self.get(row, column):
                self.put(row, column, text or url)
            if is_web_address(url):
                self._set_link(row, column, url)

    def _repeat(self, area: Range) -> None:
        """Write what merged cells show into each of their rows that holds something else."""
        text = self.get(area.top, area.left)
        if not text:
            return
        last = min(area.bottom + 1, len(self.rows))
        self._budget.steps(max(0, last - area.top))
        for cells in self.rows[area.top + 1 : last]:
            if any(cells) and not "".join(cells[area.left : area.right + 1]):
                self._budget.cell(text)
                cells.extend([""] * (area.left + 1 - len(cells)))
                cells[area.left] = text


def _cell_name(row: int, column: int) -> str:
    """Return what spreadsheets call a cell: B4."""
    letters, left = "", column + 1
    while left:
        left, letter = divmod(left - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return f"{letters}{row + 1}"


def shown(text: str) -> str:
    """Return the text of a cell: "" for an error such as #REF!."""
    return "" if text in _ERRORS or _ODS_ERROR.fullmatch(text) else text


def as_csv(rows: list[list[str]]) -> bytes:
    """Return rows as CSV in UTF-8."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\r\n").writerows(rows)
    return buffer.getvalue().replace("\0", "").encode("utf-8", errors="replace")


def yes_or_no(value: bool) -> str:
    """Return a checkbox as words."""
    return "Yes" if value else "No"


def number_text(text: str) -> str:
    """Return a stored number as a person reads it: whole ones without a point, no exponents of usual sizes.

    Raises:
        ValueError: it is no number.
    """
    value = float(text)
    if value.is_integer() and abs(value) < 10**15:
        return str(int(value))
    written = str(value)
    if re.fullmatch(r"-?\d+\.\d{3}", written):
        written += "0"  # 1.234 could be read as a thousand and more, but a number in a cell is a decimal
    return written


def percent_text(text: str) -> str:
    """Return a stored number as the percentage that a cell shows: 0.85 is 85%.

    Raises:
        ValueError: it is no number.
    """
    return f"{number_text(str(round(float(text) * 100, 6)))}%"
