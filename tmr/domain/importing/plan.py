"""What an import will do: proposed from the file, then as the person decided."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TextIO

import msgspec

from tmr.domain.exporting import NUMBER, header
from tmr.domain.fields.folding import fold
from tmr.domain.fields.kind import Kind
from tmr.domain.fields.types.links import Link
from tmr.domain.fields.types.stages import StageChoice
from tmr.domain.fields.types.times import Instant
from tmr.domain.importing.errors import FileRefusedError
from tmr.domain.importing.headers import SAVED_ON, kind_of_header, target_of, targets
from tmr.domain.importing.presets import OWN, Preset, find_preset, preset_date_order
from tmr.domain.importing.readers.dates import AMBIGUOUS, decide_order, looks_like_dates
from tmr.domain.importing.readers.table import Table, body, recognise
from tmr.domain.kinds import KINDS

SAMPLE_CHARS = 64 * 1024
PREVIEW_ROWS = 5
MAX_WORDS = 60
SKIP, UPDATE, ADD = "skip", "update", "add"
DONE_WORDS = ("yes", "done", "x", "true", "1", "ja", "oui", "si", "erledigt", "completed")
EMPTY_WORDS = ("n/a", "-", "–", "—", "none", "null", "undefined")
Opener = Callable[[], TextIO]


class Plan(msgspec.Struct):
    """How a table is read and what becomes of its rows. ``columns`` has a target, or nothing, for each column.

    ``kind`` is the plural of what its rows are; ``entry`` names the table in a ZIP, and is empty for a single file;
    ``number_column`` is the column that numbers the records of an export whose other columns were mapped again.
    """

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
    kind: str = "applications"
    entry: str = ""
    number_column: int = -1
    duplicates: str = SKIP
    may_move_back: bool = False

    @property
    def is_exact(self) -> bool:
        """Whether the file is our own export, whose values are taken exactly as they are."""
        return self.preset == OWN

    @property
    def open_words(self) -> list[str]:
        """Status words that have no stage yet."""
        return [word for word, stage in self.words.items() if not stage]

    @property
    def open_dates(self) -> list[int]:
        """Columns whose order of day and month is not decided yet."""
        return [int(index) for index, order in self.date_orders.items() if order == AMBIGUOUS]

    @property
    def missing(self) -> list[str]:
        """Required fields that no column fills."""
        return [name for name in KINDS[self.kind].required if name not in self.columns]


def propose(
    kinds: Mapping[str, Kind], open_file: Opener, encoding: str, checksum: str, wanted: str = "", name: str = ""
) -> Plan:
    """Read the whole table once and propose how to import it; ``wanted`` is the plural of what its rows are, if known.

    Raises:
        FileRefusedError: it holds no table, or is broken or too large.
    """
    sample = open_file().read(SAMPLE_CHARS)
    table = recognise(sample, [names for kind in kinds.values() for names in (header(kind), header(kind)[:-1])])
    preset = find_preset(table.header)
    kind = kinds[preset.kind] if preset else kinds.get(wanted) or kinds[kind_of_header(table.header, name).plural]
    plan = _draft(table, preset, encoding, checksum)
    plan.kind, plan.entry = kind.plural, name
    plan.columns = _columns(kind, table, preset)
    _survey(kind, plan, open_file)
    if not plan.rows and not (preset and preset.key == OWN):
        raise FileRefusedError("This file has a header row but no rows below it.")
    return plan


def turn_into(kind: Kind, plan: Plan, open_file: Opener) -> None:
    """Plan to read the table as another kind of record; its columns are matched again."""
    plan.kind, plan.preset, plan.preset_name, plan.words = kind.plural, "", "", {}
    plan.status = ""  # the preset's word for every row, in a field that other kinds lack
    plan.columns = _columns(kind, plan.table, None)
    plan.date_orders = {}
    _survey(kind, plan, open_file)


def remap(kind: Kind, plan: Plan, open_file: Opener) -> None:
    """Read the file again after its columns were given other targets; stages chosen for its words are kept."""
    # An export of ours is read loosely from here on: of its bookkeeping columns, only the number is still of use.
    if plan.is_exact:
        plan.number_column = plan.table.header.index(NUMBER) if NUMBER in plan.table.header else -1
        accepted = {name for name, _ in targets(kind)}
        plan.preset, plan.columns = "", [target if target in accepted else "" for target in plan.columns]
    earlier, plan.words, plan.date_orders = plan.words, {}, {}
    _survey(kind, plan, open_file)
    plan.words = {word: earlier.get(word) or stage for word, stage in plan.words.items()}


def date_columns(kind: Kind, plan: Plan) -> list[int]:
    """Return the columns that hold dates."""
    dated = (field.name for field in kind.fields if field.type.is_dated)
    names = {*dated, SAVED_ON}
    return [index for index, target in enumerate(plan.columns) if target in names]


def cells_of(plan: Plan, open_file: Opener) -> Iterator[tuple[int, list[str]]]:
    """Yield the line number and cells of each row, with words for “empty” emptied, at least as wide as the header."""
    width, empty = len(plan.columns), set(plan.empty)
    for line, row in body(open_file(), plan.table):
        cells = [*row, *[""] * (width - len(row))]
        while len(cells) > width and not cells[-1].strip():
            cells.pop()
        yield line, [("" if cell.strip().casefold() in empty else cell) for cell in cells] if empty else cells


def _draft(table: Table, preset: Preset | None, encoding: str, checksum: str) -> Plan:
    key, name = (preset.key, preset.name) if preset else ("", "")
    empty = [word.casefold() for word in (preset.empty if preset else EMPTY_WORDS)]
    return Plan(encoding, table, key, name, [], {}, {}, preset.status if preset else "", empty, 0, [], checksum)


def _columns(kind: Kind, table: Table, preset: Preset | None) -> list[str]:
    if preset:
        return [preset.columns.get(name, target_of(kind, name) or "") for name in table.header]
    columns: list[str] = []
    for name in table.header:
        target = target_of(kind, name) or ""
        columns.append("" if target in columns and not takes_several(kind, target) else target)
    return columns


def takes_several(kind: Kind, target: str) -> bool:
    """Whether several columns can fill this field: notes, the parts of a name, the names of linked records."""
    field = kind.by_name.get(target)
    return field is not None and (target in (kind.catch_all, "name") or isinstance(field.type, Link))


def _survey(kind: Kind, plan: Plan, open_file: Opener) -> None:
    """Count the rows, gather status words and dates, and keep the first rows as a preview."""
    dates: dict[int, set[str]] = {index: set() for index in date_columns(kind, plan)}
    words: Counter[str] = Counter()
    rows, preview = 0, []
    for _, cells in cells_of(plan, open_file):
        rows += 1
        if rows <= PREVIEW_ROWS:
            preview.append([cell[:200] for cell in cells])
        for index, values in dates.items():
            values.add(cells[index])
        words.update(_status_words(kind, plan.columns, cells))
    plan.rows, plan.preview = rows, preview
    _decide_words(kind, plan, words)
    if not plan.is_exact:
        _decide_dates(kind, plan, dates)


def _status_words(kind: Kind, columns: Sequence[str], cells: Sequence[str]) -> list[str]:
    name = kind.stage_field.name if kind.stage_field else None
    return [cells[i].strip() for i, target in enumerate(columns) if target == name and cells[i].strip()]


def _decide_words(kind: Kind, plan: Plan, words: Counter[str]) -> None:
    field = kind.stage_field
    if field is None or not isinstance(field.type, StageChoice):
        return
    if len(words) > MAX_WORDS:  # nobody has so many statuses: the column must be something else
        plan.columns = ["" if target == field.name else target for target in plan.columns]
        return
    pipeline = field.type.pipeline
    for word, _ in words.most_common():
        stage = (pipeline.by_key.get(word) if plan.is_exact else None) or pipeline.find(word)
        plan.words[word] = stage.key if stage else ""


def _means_done(kind: Kind, target: str, cells: set[str]) -> bool:
    """Whether a column for instants has words such as “yes” that say that something is done."""
    field = kind.by_name.get(target)
    return bool(field and isinstance(field.type, Instant)) and any(fold(cell) in DONE_WORDS for cell in cells)


def _decide_dates(kind: Kind, plan: Plan, dates: dict[int, set[str]]) -> None:
    known = preset_date_order(plan.preset)
    for index, cells in dates.items():
        filled = any(cell.strip() for cell in cells)
        if filled and not looks_like_dates(cells) and not _means_done(kind, plan.columns[index], cells):
            plan.columns[index] = ""  # a header such as "applied" over Yes and No
            continue
        plan.date_orders[str(index)] = known or decide_order(cells)
