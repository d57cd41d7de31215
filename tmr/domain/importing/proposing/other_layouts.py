"""Tables that are laid out in another way: boards, records side by side, and several tables one below another."""

import csv
import io
from collections.abc import Sequence
from itertools import zip_longest

from tmr.domain.fields.folding import fold
from tmr.domain.importing.headers import known_headers
from tmr.domain.importing.proposing.evidence import is_date
from tmr.domain.importing.proposing.short_values import tick_of
from tmr.domain.importing.proposing.statuses import stage_of_header
from tmr.domain.importing.readers.delimited import delimiter_of, first_rows
from tmr.domain.pipeline.pipeline import DEFAULT_PIPELINE

Rows = list[list[str]]

MAX_CHARS = 2 * 1024 * 1024  # longer texts are one plain table
MAX_SMALL = 64 * 1024
MAX_ROWS = 400  # of boards, and of records side by side
MAX_TABLES = 12
LISTS = 3  # so many stages, at the least, make a board
BOARD_HEADER = ["Company", "Status", "Notes"]
_EMPTY_CELLS = ' ,;|\t\r"'


def tables_in(text: str) -> list[tuple[str, Rows]]:
    """Return the tables in a text that is laid out in another way, each with its name, if it has one; none in others.

    Of a board, whose columns are stages and whose cells are cards, each card becomes a row; records side by side are
    turned; tables one below another, each with a header of its own, come apart.
    """
    is_small = len(text) <= MAX_SMALL
    if not is_small and (len(text) > MAX_CHARS or not _has_blank_line(text)):
        return []
    delimiter = delimiter_of(text[:MAX_SMALL], lambda _: False)
    if is_small:
        rows = first_rows(text, delimiter, MAX_ROWS + 1)
        filled = [row for row in rows if any(cell.strip() for cell in row)]
        if len(filled) > 1 and len(rows) <= MAX_ROWS:
            if _is_board(filled):
                return [("", [BOARD_HEADER, *_cards(filled)])]
            if _is_turned(filled):
                return [("", _turned(filled))]
    if not _has_blank_line(text):
        return []
    return _apart(first_rows(text, delimiter, len(text)))


def as_csv(rows: Rows) -> str:
    """Return rows as CSV."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\r\n").writerows(rows)
    return buffer.getvalue()


def _has_blank_line(text: str) -> bool:
    return any(not line.strip(_EMPTY_CELLS) for line in text.split("\n"))


def _is_board(rows: Rows) -> bool:
    """Whether nearly all columns are called like stages, and their cells are names and no days or ticks."""
    lists = [cell for cell in rows[0] if cell.strip()]
    stages = {stage.key for cell in lists if (stage := stage_of_header(DEFAULT_PIPELINE, cell))}
    known = sum(1 for cell in lists if stage_of_header(DEFAULT_PIPELINE, cell))
    if len(stages) < LISTS or known * 5 < len(lists) * 4:
        return False
    cards = [cell.strip() for row in rows[1:] for cell in row if cell.strip()]
    others = sum(1 for card in cards if tick_of(card) or is_date(card) or not any(map(str.isalpha, card)))
    return bool(cards) and others * 5 < len(cards)


def _cards(rows: Rows) -> Rows:
    """Return a row for each card: its first line, its list, and its further lines."""
    header, found = rows[0], []
    for at in range(max(map(len, rows))):
        name = header[at].strip() if at < len(header) else ""
        is_stage = bool(stage_of_header(DEFAULT_PIPELINE, name))
        for row in rows[1:]:
            if at < len(row) and row[at].strip():
                first, _, rest = row[at].strip().partition("\n")
                notes = "\n".join(filter(None, ("" if is_stage else name, rest.strip())))
                found.append([first.strip(), name if is_stage else "", notes])
    return found


def _is_turned(rows: Rows) -> bool:
    """Whether the first column names what the rows are of, so that each further column is a record."""
    labels = [row[0] for row in rows if row[0].strip()]
    width = max(map(len, rows))
    known = known_headers(labels)
    if (
        not 2 < width < MAX_TABLES
        or known < LISTS
        or known * 2 < len(labels)
        or len(set(map(fold, labels))) < len(labels)
    ):
        return False
    return max(known_headers(row[1:]) for row in rows[:3]) * 3 <= known


def _turned(rows: Rows) -> Rows:
    turned = [list(cells) for cells in zip_longest(*rows, fillvalue="")]
    if not turned[0][0].strip():
        turned[0][0] = "Company"  # what is compared side by side
    return turned


def _apart(rows: Rows) -> list[tuple[str, Rows]]:
    starts = _starts(rows)
    if not starts:
        return []
    tables = []
    for number, (start, end) in enumerate(zip([0, *starts], [*starts, len(rows)], strict=True), 1):
        part = [row for row in rows[start:end] if any(cell.strip() for cell in row)]
        titles = [cell.strip() for cell in part[0] if cell.strip()]
        tables.append((titles[0][:60] if len(titles) == 1 else f"Table {number}", part))
    return tables


def _starts(rows: Rows) -> list[int]:
    """Return where further tables begin: below a blank row, at a header of other columns or at the title above it."""
    first = next((row for row in rows[:20] if _is_header(row)), None)
    if first is None:
        return []
    met, starts = [_names(first)], []
    for at in range(1, len(rows)):
        if _is_blank(rows[at - 1]) and not _is_blank(rows[at]):
            below = at + 1 if len(_names(rows[at])) == 1 and at + 1 < len(rows) else at
            if _is_header(rows[below]) and _names(rows[below]) not in met and rows.index(first) < at:
                met.append(_names(rows[below]))
                starts.append(at)
        if len(starts) == MAX_TABLES - 1:
            break
    return starts


def _names(row: Sequence[str]) -> list[str]:
    return [fold(cell) for cell in row if cell.strip()]


def _is_blank(row: Sequence[str]) -> bool:
    return not any(cell.strip() for cell in row)


def _is_header(row: Sequence[str]) -> bool:
    names = _names(row)
    is_plain = not any("@" in cell or "://" in cell or any(map(str.isdigit, cell)) for cell in row)
    return len(names) > 1 and is_plain and known_headers(row) > 1 and known_headers(row) * 3 >= len(names) * 2
