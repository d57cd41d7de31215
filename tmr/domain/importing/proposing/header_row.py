"""Which row of a table is its header, if any is, and what the rows above it are."""

from collections import Counter
from collections.abc import Sequence

from tmr.domain.fields.folding import fold
from tmr.domain.fields.kind import Kind
from tmr.domain.importing.errors import FileRefusedError
from tmr.domain.importing.headers import WEAK, header_scores
from tmr.domain.importing.proposing.evidence import is_date
from tmr.domain.importing.proposing.statuses import read_stage
from tmr.domain.importing.readers.delimited import NO_HEADER, PREAMBLE_ROWS, Table
from tmr.domain.importing.readers.links import read_link
from tmr.domain.kinds import KINDS
from tmr.domain.pipeline.pipeline import DEFAULT_PIPELINE

NO_COLUMNS = "No columns found in this file. It should be CSV: a header row, then one row per application."


def recognise(delimiter: str, rows: Sequence[Sequence[str]]) -> Table:
    """Return the table in these rows: its header is the row with the most known headers that are not values themselves.

    Raises:
        FileRefusedError: there is no row, or but one column that nothing is known about.
    """
    if not any(map(_filled, rows)):
        raise FileRefusedError("This file is empty.")
    position = _find_header(rows)
    table = table_with_header(delimiter, rows, position)
    if len(table.header) < 2 and not any(map(_is_header_or_link, (cell for row in rows[:2] for cell in row))):
        raise FileRefusedError(NO_COLUMNS)
    return table


def table_with_header(
    delimiter: str, rows: Sequence[Sequence[str]], position: int, *, keeps_above: bool = True
) -> Table:
    """Return the table whose header is at ``position``, or has none.

    With ``keeps_above``, rows above it that are at least half as full stay rows; other lines there are named.
    """
    if position == NO_HEADER:
        width = max(map(len, rows))
        return Table(delimiter, [f"Column {at + 1}" for at in range(width)], NO_HEADER)
    table = Table(delimiter, [" ".join(cell.split()) for cell in rows[position]], position)
    width = _filled(rows[position])
    for at, row in enumerate(rows[:position]):
        if keeps_above and _filled(row) >= 2 and _filled(row) * 2 >= width:
            table.kept_above.append(at)
        elif _filled(row):
            table.above.append(" ".join(" ".join(row).split())[:120])
    return table


def _find_header(rows: Sequence[Sequence[str]]) -> int:
    searched = rows[: min(PREAMBLE_ROWS, max(1, len(rows) - 1))]  # a header has rows below it
    columns = [Counter(fold(row[at]) for row in rows if at < len(row)) for at in range(max(map(len, rows), default=0))]
    points = [_points(row, rows, columns) for row in searched]
    best = max(range(len(searched)), key=lambda at: (points[at], -at), default=0)
    if points[best] >= 1:
        return best
    first = _first_full_row(searched)
    return NO_HEADER if any(map(_is_value, searched[first])) else first


def _points(row: Sequence[str], rows: Sequence[Sequence[str]], columns: Sequence[Counter[str]]) -> float:
    """Return how much a row looks like a header: known words count for it, values and repeated words against it."""
    known = max(sum(_is_known(kind, cell) for cell in row) for kind in KINDS.values())
    values = sum(_is_datum(cell) for cell in row)
    copies = sum(1 for other in rows if list(other) == list(row))
    repeated = sum(1 for at, cell in enumerate(row) if cell.strip() and columns[at][fold(cell)] > copies)
    cells = [fold(cell) for cell in row if cell.strip()]
    return known - 1.5 * values - repeated - (len(cells) - len(set(cells)))


def _is_known(kind: Kind, cell: str) -> bool:
    return max(header_scores(kind, cell).values(), default=0) > WEAK


def _is_datum(cell: str) -> bool:
    text = cell.strip()
    return bool(text) and (
        is_date(text) or "@" in text or text.replace(".", "").isdigit() or read_link(text) is not None
    )


def _is_value(cell: str) -> bool:
    stage = read_stage(DEFAULT_PIPELINE, cell) if 0 < len(cell) < 40 else None
    return _is_datum(cell) or stage is not None


def _is_header_or_link(cell: str) -> bool:
    return read_link(cell.strip()) is not None or any(_is_known(kind, cell) for kind in KINDS.values())


def _filled(row: Sequence[str]) -> int:
    return sum(1 for cell in row if cell.strip())


def _first_full_row(rows: Sequence[Sequence[str]]) -> int:
    """Return the position of the first row as wide as the widest: a header is, a preamble is not."""
    widest = max((len(row) for row in rows), default=0)
    return next((at for at, row in enumerate(rows) if len(row) == widest), 0)
