"""What an import will do: proposed from the file, then as the person decided."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TextIO

import msgspec

from tmr.domain.exporting import header
from tmr.domain.field_types import Date
from tmr.domain.importing.aliases import SAVED_ON, target_of, targets
from tmr.domain.importing.dates import AMBIGUOUS, decide_order, looks_like_dates
from tmr.domain.importing.errors import FileRefusedError
from tmr.domain.importing.presets import OWN, Preset, find_preset, preset_date_order
from tmr.domain.importing.table import Table, body, recognise
from tmr.domain.kinds import Kind
from tmr.domain.pipeline import find_stage

SAMPLE_CHARS = 64 * 1024
PREVIEW_ROWS = 5
MAX_WORDS = 60
SKIP, UPDATE, ADD = "skip", "update", "add"
EMPTY_WORDS = ("n/a", "-", "–", "—", "none", "null", "undefined")
Opener = Callable[[], TextIO]


class Plan(msgspec.Struct):
    """How a file is read and what becomes of its rows. ``columns`` has a target, or nothing, for each column."""

    encoding: str
    table: Table
    preset: str
    preset_name: str
    columns: list[str]
    date_orders: dict[str, str]
    words: dict[str, str]
    status: str
    empty: list[str]
    rows: int
    preview: list[list[str]]
    checksum: str
    duplicates: str = SKIP
    may_move_back: bool = False

    @property
    def is_exact(self) -> bool:
        """Whether the file is our own export, which is taken as it is."""
        return self.preset == OWN

    @property
    def open_words(self) -> list[str]:
        """Status words that have no stage yet."""
        return [word for word, stage in self.words.items() if not stage]

    @property
    def open_dates(self) -> list[int]:
        """Columns whose order of day and month nobody has decided yet."""
        return [int(index) for index, order in self.date_orders.items() if order == AMBIGUOUS]

    @property
    def missing(self) -> list[str]:
        """Fields that no column fills and no record can do without."""
        return [name for name in ("company", "title") if name not in self.columns]


def propose(kind: Kind, open_file: Opener, encoding: str, checksum: str) -> Plan:
    """Read the whole file once and propose how to import it.

    Raises:
        FileRefusedError: it holds no table, or is broken or too large.
    """
    sample = open_file().read(SAMPLE_CHARS)
    table = recognise(sample, header(kind))
    preset = find_preset(kind, table.header)
    if preset and preset.refusal:
        raise FileRefusedError(preset.refusal)
    plan = _draft(table, preset, encoding, checksum)
    plan.columns = _columns(table, preset)
    _look_through(kind, plan, open_file)
    if not plan.rows:
        raise FileRefusedError("This file has a header, but no rows below it.")
    return plan


def remap(kind: Kind, plan: Plan, open_file: Opener) -> None:
    """Look through the file again after its columns were given other targets."""
    if plan.is_exact:  # read loosely from here on, where our own bookkeeping columns have no place
        accepted = {name for name, _ in targets(kind)}
        plan.preset, plan.columns = "", [target if target in accepted else "" for target in plan.columns]
    earlier, plan.words, plan.date_orders = plan.words, {}, {}
    _look_through(kind, plan, open_file)
    plan.words = {word: earlier.get(word) or stage for word, stage in plan.words.items()}


def date_columns(kind: Kind, plan: Plan) -> list[int]:
    """Return the columns that hold dates."""
    names = {field.name for field in kind.fields if isinstance(field.type, Date)} | {SAVED_ON}
    return [index for index, target in enumerate(plan.columns) if target in names]


def cells_of(plan: Plan, open_file: Opener) -> Iterator[tuple[int, list[str]]]:
    """Yield line number and cells of each row, empty words emptied, as many cells as the header has."""
    width, empty = len(plan.columns), set(plan.empty)
    for line, row in body(open_file(), plan.table):
        cells = [*row, *[""] * (width - len(row))][:width]
        yield line, [("" if cell.strip().casefold() in empty else cell) for cell in cells] if empty else cells


def _draft(table: Table, preset: Preset | None, encoding: str, checksum: str) -> Plan:
    key, name = (preset.key, preset.name) if preset else ("", "")
    empty = [word.casefold() for word in (preset.empty if preset else EMPTY_WORDS)]
    return Plan(encoding, table, key, name, [], {}, {}, preset.status if preset else "saved", empty, 0, [], checksum)


def _columns(table: Table, preset: Preset | None) -> list[str]:
    if preset:
        return [preset.columns.get(name, target_of(name) or "") for name in table.header]
    columns: list[str] = []
    for name in table.header:
        target = target_of(name) or ""
        columns.append("" if target in columns and target != "notes" else target)
    return columns


def _look_through(kind: Kind, plan: Plan, open_file: Opener) -> None:
    """Count the rows, gather status words and dates, and keep the first rows as a preview."""
    dates: dict[int, set[str]] = {index: set() for index in date_columns(kind, plan)}
    words: Counter[str] = Counter()
    rows, preview = 0, []
    for _, cells in cells_of(plan, open_file):
        rows += 1
        if rows <= PREVIEW_ROWS:
            preview.append([cell[:200] for cell in cells])
        for index, found in dates.items():
            found.add(cells[index])
        words.update(_status_words(plan.columns, cells))
    plan.rows, plan.preview = rows, preview
    _decide_words(plan, words)
    if not plan.is_exact:
        _decide_dates(plan, dates)


def _status_words(columns: Sequence[str], cells: Sequence[str]) -> list[str]:
    return [cells[i].strip() for i, target in enumerate(columns) if target == "status" and cells[i].strip()]


def _decide_words(plan: Plan, words: Counter[str]) -> None:
    if len(words) > MAX_WORDS:
        plan.columns = ["" if target == "status" else target for target in plan.columns]
        return
    for word, _ in words.most_common():
        stage = find_stage(word)
        plan.words[word] = stage.key if stage else ""


def _decide_dates(plan: Plan, dates: dict[int, set[str]]) -> None:
    known = preset_date_order(plan.preset)
    for index, cells in dates.items():
        if any(cell.strip() for cell in cells) and not looks_like_dates(cells):
            plan.columns[index] = ""  # a header such as "applied" over Yes and No
            continue
        plan.date_orders[str(index)] = known or decide_order(cells)
