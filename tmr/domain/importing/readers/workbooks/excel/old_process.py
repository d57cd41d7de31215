"""Run as a process of its own: reads an old or binary Excel workbook from its input, and writes its cells as JSON.

The parser makes room for every cell between the first and the last one, and was not written for files of strangers: so
it gets little memory and time, no disk, and none of the keys that the server has.
"""

import io
import json
import sys
from collections.abc import Iterator
from itertools import islice
from typing import Any

MEMORY_BYTES = 700 * 1024 * 1024
SECONDS = 10
MAX_ROWS = 21_000
MAX_COLUMNS = 256
MAX_SHEETS = 20
MAX_CHARS = 64 * 1024 * 1024


def main() -> None:
    """Write a line for each sheet: its name, its kind, whether it is hidden, its rows and its merged cells."""
    import python_calamine  # here, since the server must never load it

    _limit()
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
    chars = 0
    for index, about in enumerate(book.sheets_metadata):
        line = json.dumps(
            {
                "name": about.name,
                "kind": str(about.typ).rpartition(".")[2],
                "is_hidden": not str(about.visible).endswith(".Visible"),
                **(_cells(book.get_sheet_by_index(index)) if index < MAX_SHEETS and _is_sheet(about) else {}),
            }
        )
        chars += len(line)
        if chars > MAX_CHARS:
            sys.exit(3)
        print(line)  # noqa: T201 - this is how the cells reach the parent


def _limit() -> None:
    try:
        import resource
    except ImportError:  # no such limits on Windows
        return
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(what)  # of the process that reads the file, which may be lower
        lower = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (lower, lower))


def _is_sheet(about: Any) -> bool:
    return str(about.typ).endswith(".WorkSheet")


def _cells(sheet: Any) -> dict[str, object]:
    return {"rows": list(_rows(sheet)), "merged": [[*first, *last] for first, last in sheet.merged_cell_ranges or []]}


def _rows(sheet: Any) -> Iterator[list[object]]:
    _, left = sheet.start or (0, 0)  # rows come from the first one on, cells only from the first filled column
    for row in islice(sheet.iter_rows(), MAX_ROWS):
        cells = [*[""] * min(left, MAX_COLUMNS), *(_plain(cell) for cell in row)]
        while cells and cells[-1] == "":
            cells.pop()
        yield cells


def _plain(cell: object) -> object:
    return cell if isinstance(cell, (bool, int, float, str)) else str(cell).removesuffix(" 00:00:00")


if __name__ == "__main__":
    main()
