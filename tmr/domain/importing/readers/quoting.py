"""From lines to rows: quotes as CSV has them, and as people type them."""

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator

MAX_CELL_CHARS = 60_000
MOST_QUOTED_WORDS = 10  # within one cell that is quoted itself

csv.field_size_limit(MAX_CELL_CHARS)

# A run of quotes in which one has no partner: two in a row are one quote of the cell.
_ODD_RUN = re.compile(r'(?<!")"(?:"")*+(?!")')
_RUN = re.compile(r'"+')


def read_rows(lines: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    """Yield the cells of each row; ``lines`` keep their line ends, whichever they are.

    A quote opens a quoted cell only at the start of a cell, and only if another closes it: one that is followed by a
    delimiter or a line end. Any other quote is an ordinary character, so that no text is lost and none is refused. At
    most ``MAX_CELL_CHARS`` are looked at for the quote that closes.
    """
    record = _Record(lines)
    reader = csv.reader(record, delimiter=delimiter, strict=True)
    while True:
        record.begin()
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error:  # quotes that are no CSV, or a cell that is too long
            record.rewind()
            yield _Row(record, delimiter).cells()
            reader = csv.reader(record, delimiter=delimiter, strict=True)


class _Record:
    """Lines that can be read again from where the current row begins."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._source = iter(lines)
        self._waiting: deque[str] = deque()
        self._taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._waiting.popleft() if self._waiting else next(self._source)
        self._taken.append(line)
        return line

    def begin(self) -> None:
        """Let a row begin with the next line."""
        self._taken.clear()

    def rewind(self, count: int | None = None) -> None:
        """Return to the line with which the row began, or ``count`` lines back."""
        back = self._taken if count is None else self._taken[len(self._taken) - count :]
        self._waiting.extendleft(reversed(back))
        del self._taken[len(self._taken) - len(back) :]


class _Row:
    """A row with a quote in it that the csv module refuses."""

    def __init__(self, record: _Record, delimiter: str) -> None:
        self._record = record
        self._delimiter = delimiter
        self._at = 0
        self._set(next(record))

    def cells(self) -> list[str]:
        cells = [self._cell()]
        while self._at < len(self._line):
            self._at += 1  # the delimiter
            cells.append(self._cell())
        return cells

    def _cell(self) -> str:
        """Return the cell that begins here, and move to the delimiter behind it or to the end of the line."""
        if self._line[self._at : self._at + 1] == '"':
            quoted = self._quoted()
            if quoted is not None:
                return quoted.replace('""', '"')
        end = self._line.find(self._delimiter, self._at)
        start, self._at = self._at, end if end >= 0 else len(self._line)
        return self._line[start : self._at]

    def _quoted(self) -> str | None:
        """Return what is between the quotes of a quoted cell, or None if this is no such cell."""
        start = self._at + 1
        run = _RUN.match(self._line, self._at)
        first = run.end() if run else start
        if (first - self._at) % 2 == 0:  # an empty cell, or one with quotes at both its ends
            return self._take(start, first - 1) if self._closes(self._line, first) else None
        depth = 0
        for match in _ODD_RUN.finditer(self._line, first):
            if self._closes(self._line, match.end()):
                return self._take(start, match.end() - 1)
            opens = self._line[match.start() - 1] in " (\u00a0" and self._line[match.end()].isalnum()
            depth += 1 if opens else -1
            if not 0 <= depth <= MOST_QUOTED_WORDS:
                return None  # “"Great fit" said Pat”: the words are quoted, not the cell
        return None if depth else self._over_lines(start)

    def _over_lines(self, start: int) -> str | None:
        """Return the text of a cell that goes on below; None, and no line taken, if nothing closes it."""
        pieces, size, count = [self._line[start:] + self._end], 0, 0
        for line in self._record:
            count += 1
            size += len(line)
            match = _ODD_RUN.search(line)
            if match or size > MAX_CELL_CHARS:
                if match is None or not self._closes(line.rstrip("\r\n"), match.end()):
                    break
                self._set(line)
                return "".join([*pieces, self._take(0, match.end() - 1)])
            pieces.append(line)
        self._record.rewind(count)
        return None

    def _set(self, line: str) -> None:
        self._line = line.rstrip("\r\n")
        self._end = line[len(self._line) :]

    def _take(self, start: int, end: int) -> str:
        self._at = end + 1
        return self._line[start:end]

    def _closes(self, line: str, after: int) -> bool:
        return after >= len(line) or line[after] == self._delimiter
