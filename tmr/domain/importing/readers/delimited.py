"""From text to rows: the delimiter, the header, and a row at a time."""

import io
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import TextIO

import msgspec

from tmr.domain.importing.errors import FileRefusedError
from tmr.domain.importing.headers import known_headers
from tmr.domain.importing.readers.quoting import MAX_CELL_CHARS as MAX_CELL_CHARS
from tmr.domain.importing.readers.quoting import read_rows

MAX_ROWS = 20_000
MAX_COLUMNS = 200
MAX_LINES = 1_100_000  # blank ones too: templates are filled down to the end of a sheet, which has 1,048,576
DELIMITERS = ",;\t|"
OWN_DELIMITER = ","
PREAMBLE_ROWS = 20
SAMPLE_ROWS = 120
NO_HEADER = -1


class Table(msgspec.Struct):
    """A table that was recognised in a text: its header, and where the rows begin.

    ``header_row`` is the position of the header, from 0, or ``NO_HEADER``. Rows above it are passed over, but for those
    at ``kept_above``; ``above`` is what the others say.
    """

    delimiter: str
    header: list[str]
    header_row: int
    kept_above: list[int] = []
    above: list[str] = []


def delimiter_of(sample: str, is_of_export: Callable[[Sequence[str]], bool]) -> str:
    """Return the delimiter of a table, from the first part of its text.

    ``is_of_export`` tells the headers of our own exports, which are recognised without guessing.
    """
    first = next(_rows_of_sample(sample, OWN_DELIMITER), [])
    if is_of_export(first):
        return OWN_DELIMITER  # nothing to guess, whatever the rows below look like
    return _delimiter(sample)


def first_rows(sample: str, delimiter: str, most: int = SAMPLE_ROWS) -> list[list[str]]:
    """Return the rows in the first part of a table's text, up to ``most``, blank ones as empty lists."""
    return list(islice(_rows_of_sample(sample, delimiter), most))


def body(text: TextIO, table: Table) -> Iterator[tuple[int, list[str]]]:
    """Yield each row below the header with its line number; blank rows are left out.

    Raises:
        FileRefusedError: a cell or the table is too large, or there is a NUL in it.
    """
    count = 0
    for position, row in enumerate(_rows(text, table.delimiter)):
        is_passed = position <= table.header_row and position not in table.kept_above
        if is_passed or not any(cell.strip() for cell in row):
            continue
        count += 1
        if count > MAX_ROWS:
            raise FileRefusedError(f"This file has more than {MAX_ROWS:,} rows. Split it into smaller files.")
        yield position + 1, row


def _rows(text: TextIO, delimiter: str) -> Iterator[list[str]]:
    for number, row in enumerate(read_rows(text, delimiter), 1):
        if number > MAX_LINES:
            raise FileRefusedError(f"This file has more than {MAX_LINES:,} rows, most of them blank. Remove those.")
        if any("\0" in cell for cell in row):
            raise FileRefusedError(f"Row {number:,} has a NUL character, so this isn't a table.")
        if len(row) > MAX_COLUMNS:
            raise FileRefusedError(f"Row {number:,} has {len(row):,} columns. The limit is {MAX_COLUMNS}.")
        if max(map(len, row), default=0) > MAX_CELL_CHARS:
            raise FileRefusedError(f"A cell in row {number:,} has more than {MAX_CELL_CHARS:,} characters.")
        yield row


def _delimiter(sample: str) -> str:
    """Return the delimiter that gives a header with the most known words, else the one with the most even rows."""
    scores = {delimiter: (_most_known(sample, delimiter), _consistency(sample, delimiter)) for delimiter in DELIMITERS}
    return max(scores, key=lambda delimiter: scores[delimiter])


def _most_known(sample: str, delimiter: str) -> int:
    rows = islice(_rows_of_sample(sample, delimiter), PREAMBLE_ROWS)
    return max((known_headers(list(dict.fromkeys(row))) for row in rows), default=0)


def _consistency(sample: str, delimiter: str) -> tuple[int, int]:
    """Return how many rows have the most common number of columns (two or more), and that number."""
    widths = Counter(len(row) for row in islice(_rows_of_sample(sample, delimiter), 200))
    wide = [(count, width) for width, count in widths.items() if width > 1]
    return max(wide, default=(0, 0))


def _rows_of_sample(sample: str, delimiter: str) -> Iterator[list[str]]:
    return read_rows(io.StringIO(sample, newline=""), delimiter)
