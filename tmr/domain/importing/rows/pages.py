"""Pages beside a table, as Notion exports them: each has the title of a row, its properties, and a text of its own."""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

import msgspec

from tmr.domain.fields.folding import fold
from tmr.domain.importing.readers.delimited import MAX_ROWS
from tmr.domain.importing.readers.quoting import read_rows

HEADER = "Page"  # of the column with the texts of pages
MOST_ALIKE = 100  # rows with one title that are told apart by their properties
MOST_COMPARED = 1_000_000  # cells with properties of pages: after that only titles tell rows apart
MOST_LINES = 300  # of a page, among which its properties are; the rest is not taken apart
_TITLE = re.compile(r"\s*#\s+(.+)")
_PROPERTY = re.compile(r"([^:\n]{1,80}):\s*(.*)")


class _Page(msgspec.Struct):
    """A page: its title, its folded properties by the column that they stand in too, and the text below them."""

    name: str
    title: str
    properties: dict[int, str]
    text: str


def with_pages(table: str, pages: Mapping[str, str]) -> tuple[str, set[str]]:
    """Return a table as CSV with the texts of pages in a further column, and the names of those that have a row.

    A page belongs to the only row that has its title in a cell and, of several, agrees with its properties.
    """
    rows = list(islice(read_rows(io.StringIO(table.lstrip("\ufeff"), newline=""), ","), MAX_ROWS + 2))
    if not rows or len(rows) > MAX_ROWS + 1 or HEADER in rows[0]:
        return table, set()
    header, width = [fold(cell) for cell in rows[0]], max(map(len, rows))
    by_cell: dict[str, list[int]] = {}
    for at, row in enumerate(rows[1:], 1):
        for cell in {fold(cell) for cell in row if cell.strip()}:
            by_cell.setdefault(cell, []).append(at)
    texts: dict[int, str] = {}
    matched = set()
    compared = 0
    for page in _read(pages, header):
        titled = by_cell.get(fold(page.title), [])
        several = titled if len(titled) <= MOST_ALIKE and compared <= MOST_COMPARED else []
        compared += len(several) * (len(page.properties) + 1)
        found = titled if len(titled) == 1 else [at for at in several if _agrees(page, rows[at])]
        if len(found) == 1 and found[0] not in texts:
            texts[found[0]] = page.text
            matched.add(page.name)
    if not any(texts.values()):
        return table, matched
    return _as_csv(rows, width, texts), matched


def _read(pages: Mapping[str, str], header: Sequence[str]) -> Iterable[_Page]:
    columns = {name: at for at, name in enumerate(header)}
    for name, text in pages.items():
        *lines, rest = f"{_with_plain_line_ends(text)}\n".split("\n", MOST_LINES)
        title = _TITLE.fullmatch(lines[0])
        if not title:
            continue
        at, properties = 1, {}
        while at < len(lines) and not lines[at].strip():
            at += 1
        while at < len(lines) and (match := _PROPERTY.fullmatch(lines[at])) and fold(match[1]) in columns:
            properties[columns[fold(match[1])]] = fold(match[2].strip())
            at += 1
        yield _Page(name, title[1].strip(), properties, "\n".join([*lines[at:], rest]).strip())


def _with_plain_line_ends(text: str) -> str:
    return text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _agrees(page: _Page, row: Sequence[str]) -> bool:
    return all((fold(row[at]) if at < len(row) else "") == value for at, value in page.properties.items())


def _as_csv(rows: Sequence[list[str]], width: int, texts: Mapping[int, str]) -> str:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    for at, row in enumerate(rows):
        page = HEADER if at == 0 else texts.get(at, "")
        writer.writerow([*row, *[""] * (width - len(row)), page])
    return buffer.getvalue()
