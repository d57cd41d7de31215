"""Old (XLS) and binary (XLSB) Excel workbooks, read in a process of their own."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec

from tmr.domain.importing.readers.workbooks.drop_downs import ReadSheet
from tmr.domain.importing.readers.workbooks.sheet import (
    CHART,
    MAX_SHEETS,
    NO_TABLE,
    TOO_MANY,
    Budget,
    Grid,
    Range,
    number_text,
    shown,
    yes_or_no,
)

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SECONDS = 10
_PROGRAM = Path(__file__).with_name("old_process.py")


class _Answer(msgspec.Struct):
    """A line that the process writes."""

    name: str
    kind: str
    is_hidden: bool
    rows: list[list[bool | int | float | str]] = []
    merged: list[tuple[int, int, int, int]] = []


def is_old_excel(content: bytes) -> bool:
    """Whether this may be an old Excel workbook; old Word files begin the same."""
    return content.startswith(SIGNATURE)


def old_excel_sheets(content: bytes) -> Iterator[ReadSheet]:
    """Yield each sheet; of more than 20, the later ones without their cells. Links behind cells are not read.

    Raises:
        ValueError: it is no workbook, damaged, protected by a password, or takes too much time or memory.
        FileRefusedError: it is too large.
    """
    budget = Budget()
    for position, line in enumerate(_read_apart(content).splitlines()):
        answer = msgspec.json.decode(line, type=_Answer)
        if answer.kind != "WorkSheet":
            yield ReadSheet(answer.name, left_out=CHART if answer.kind == "ChartSheet" else NO_TABLE)
        elif position >= MAX_SHEETS:
            yield ReadSheet(answer.name, left_out=TOO_MANY)
        else:
            rows, template_rows = _filled(answer, Grid(budget)).finish()
            yield ReadSheet(answer.name, rows, template_rows, is_hidden=answer.is_hidden)


def _read_apart(content: bytes) -> bytes:
    """Return what the process says of a workbook, which never touches the disk."""
    try:
        done = subprocess.run(  # noqa: S603 - our own program, and no argument from outside
            [sys.executable, "-I", str(_PROGRAM)],
            input=content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},  # settings hold keys
            timeout=SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        raise ValueError("no answer") from None
    if done.returncode:
        raise ValueError("no workbook")
    return done.stdout


def _filled(answer: _Answer, grid: Grid) -> Grid:
    for row, cells in enumerate(answer.rows):
        for column, cell in enumerate(cells):
            grid.put(row, column, _shown(cell))
    for area in answer.merged:
        grid.merge(Range(*area))
    return grid


def _shown(cell: bool | float | str) -> str:
    if isinstance(cell, bool):
        return yes_or_no(cell)
    return shown(cell) if isinstance(cell, str) else number_text(str(cell))
