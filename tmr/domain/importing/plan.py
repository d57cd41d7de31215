"""What an import will do: proposed from the file, then as the person decided."""

from collections.abc import Callable, Iterator, Sequence
from typing import TextIO

import msgspec

from tmr.domain.fields.kind import Kind
from tmr.domain.importing.headers import SAVED_ON, STAGE
from tmr.domain.importing.presets import OWN
from tmr.domain.importing.proposing.columns import IS_EMPTY, TO_NOTES
from tmr.domain.importing.readers.dates import AMBIGUOUS
from tmr.domain.importing.readers.delimited import Table, body
from tmr.domain.importing.readers.links import NOTION, with_page_behind

PREVIEW_ROWS = 5
NAMES = ("company", "title", "url")  # what names an application
NOTES = "notes"  # what takes several columns, and goes on in further rows
SKIP, UPDATE, ADD = "skip", "update", "add"
ROWS_ARE_RECORDS, ROWS_ARE_STEPS = "records", "steps"
BY_PERSON, BY_LAYOUT = "person", "layout"
LONGEST_NAME = 100
NO_FIELD = "no field"  # why a column goes into the notes or is left out that was for a field
MAX_FURTHER_CHARS = 20_000  # of a row to which rows with notes only are joined
Opener = Callable[[], TextIO]


class Plan(msgspec.Struct):
    """How a table is read and what becomes of its rows. ``columns`` has a target, or nothing, for each column.

    ``kind`` is the plural of what its rows are; ``entry`` names the table in a ZIP, and is empty for a single file;
    ``number_column`` is the column that numbers the records of an export whose other columns were mapped again.
    ``reasons`` says for each column what its target was chosen by. ``words`` has the stage, or nothing, for each
    word of the status; ``spellings`` leads from other spellings to that word, and ``rare_words`` are those that are
    decided about together with the first of them. Rows without a status but with a date become
    ``undecided_status``; there are ``undecided_rows`` of them. ``unnamed`` counts the rows that lack a required
    field, and ``stand_ins`` is what they get: where no column has the field, once the person has ``agreed``.
    ``rows_are`` says whether each row is a record or a step of one, which it can only be where ``may_be_steps``.
    ``has_two_names``: one column holds both company and title. ``names_go_down``: rows without a name are further
    steps of the row above. ``top`` are the first rows of the file, shortened, ``letters`` words of it that show if
    its encoding is right, ``added_anyway`` the numbers of rows that are added although they repeat a record,
    ``decided`` what becomes of rows, by their numbers, that only look like a record and would be added.
    ``is_used`` is false for a table that is left out, by the person or, as long as they do not say otherwise,
    because its sheet ``is_hidden``, or because those before it have all the rows that one import takes and it
    ``is_beyond`` them. ``signs`` has the currencies of signs that several countries share, ``comma_columns`` the
    columns whose numbers have a comma before their decimals.
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
    reasons: list[str] = []
    spellings: dict[str, str] = {}
    rare_words: list[str] = []
    undecided_status: str = ""
    undecided_rows: int = 0
    unnamed: dict[str, int] = {}
    stand_ins: dict[str, str] = {}
    agreed: list[str] = []
    rows_are: str = ROWS_ARE_RECORDS
    may_be_steps: bool = False
    has_two_names: bool = False
    names_go_down: bool = False
    top: list[list[str]] = []
    letters: list[str] = []
    added_anyway: list[int] = []
    decided: dict[str, str] = {}
    is_used: bool = True
    is_hidden: bool = False
    is_beyond: bool = False
    signs: dict[str, str] = {}
    comma_columns: list[int] = []

    @property
    def is_exact(self) -> bool:
        """Whether the file is our own export, whose values are taken exactly as they are."""
        return self.preset == OWN

    @property
    def name(self) -> str:
        """What people call the table: its sheet, or its file in a ZIP; empty for a single file."""
        return table_name(self.entry)

    @property
    def shape(self) -> tuple[str, str, int]:
        """What the columns were matched for: with another kind, encoding or header, they are others."""
        return self.kind, self.encoding, self.table.header_row

    @property
    def open_words(self) -> list[str]:
        """Status words that have no stage yet."""
        return [word for word, stage in self.words.items() if not stage]

    @property
    def open_dates(self) -> list[int]:
        """Columns whose order of day and month is not decided yet."""
        return [int(index) for index, order in self.date_orders.items() if order == AMBIGUOUS]

    def missing(self, kind: Kind) -> list[str]:
        """Return the required fields that no column fills and that nothing can stand in for."""
        absent = [] if self.has_two_names else [name for name in kind.required if name not in self.columns]
        is_nameless = len(absent) == len(kind.required)
        return [name for name in absent if is_nameless or name not in self.agreed]

    def stage_for(self, word: str) -> str:
        """Return the key of the stage for a status as the file spells it, or ``""`` while none was chosen."""
        return self.words.get(self.spellings.get(word, word), "")

    def lose_field(self, index: int, notes: str) -> None:
        """Let a column go into ``notes``, or nowhere from an export, since the field that it was for is not there."""
        self.columns[index] = "" if self.is_exact else notes
        self.reasons = [*self.reasons, *[""] * (len(self.columns) - len(self.reasons))]
        self.reasons[index] = NO_FIELD
        self.date_orders.pop(str(index), None)
        self.comma_columns = [at for at in self.comma_columns if at != index]

    @property
    def left_out(self) -> list[int]:
        """Columns with values that are not imported."""
        return [index for index, target in enumerate(self.columns) if not target and self.reason(index) != IS_EMPTY]

    def reason(self, index: int) -> str:
        """Return what the target of a column was chosen by."""
        return self.reasons[index] if index < len(self.reasons) else ""


def table_name(entry: str) -> str:
    """Return what people call a table: the name of its sheet or file, as far as it is not too long to show."""
    return entry.removesuffix(".csv")[:LONGEST_NAME]


def date_columns(kind: Kind, plan: Plan) -> list[int]:
    """Return the columns that hold dates."""
    dated = (field.name for field in kind.fields if field.type.is_dated)
    names = {*dated, SAVED_ON}
    return [index for index, target in enumerate(plan.columns) if target in names or target.startswith(STAGE)]


def cells_of(plan: Plan, open_file: Opener) -> Iterator[tuple[int, list[str]]]:
    """Yield the line number and cells of each row, with words for “empty” emptied, at least as wide as the header.

    A row that only goes on with the notes of the row above comes as part of that one; one that is a further step of the
    row above has its name.
    """
    notes = (
        [] if plan.preset else [at for at, target in enumerate(plan.columns) if at and _is_of_notes(plan, at, target)]
    )
    rows = _rows_of(plan, open_file)
    if plan.names_go_down and (plan.rows_are == ROWS_ARE_STEPS or not plan.may_be_steps):
        rows = _with_names_above(rows, [at for at, target in enumerate(plan.columns) if target in NAMES])
    return _with_further_notes(rows, notes, len(plan.columns)) if notes else rows


def _with_names_above(rows: Iterator[tuple[int, list[str]]], names: Sequence[int]) -> Iterator[tuple[int, list[str]]]:
    """Yield rows, those without a name with that of the row above."""
    above: list[str] = []
    last = 0
    for line, cells in rows:
        if any(cells[at].strip() for at in names):
            above = [cells[at] for at in names]
        elif above and line == last + 1 and sum(1 for cell in cells if cell.strip()) > 1:
            for at, name in zip(names, above, strict=True):
                cells[at] = name
        else:
            above = []
        last = line
        yield line, cells


def _is_of_notes(plan: Plan, index: int, target: str) -> bool:
    return target == NOTES and plan.reason(index) not in (TO_NOTES, NO_FIELD)


def _with_further_notes(
    rows: Iterator[tuple[int, list[str]]], notes: Sequence[int], width: int
) -> Iterator[tuple[int, list[str]]]:
    """Yield rows with the notes of those right below them that have nothing else."""
    others = [at for at in range(width) if at not in notes]
    held: tuple[int, list[str]] | None = None
    last = 0
    for line, cells in rows:
        is_further = not cells[0] and held and line == last + 1 and len(cells) == width
        if held and is_further and not _filled(cells, others) and _is_record_with_room(held[1], others):
            for at in notes:
                held[1][at] = "\n".join(filter(None, (held[1][at], cells[at].strip())))
        else:
            if held:
                yield held
            held = line, cells
        last = line
    if held:
        yield held


def _is_record_with_room(cells: Sequence[str], others: Sequence[int]) -> bool:
    """Whether a row says more than a heading, and is not too long to take further notes."""
    return _filled(cells, others) > 1 and sum(map(len, cells)) < MAX_FURTHER_CHARS


def _filled(cells: Sequence[str], at: Sequence[int]) -> int:
    return sum(1 for index in at if cells[index].strip())


def _rows_of(plan: Plan, open_file: Opener) -> Iterator[tuple[int, list[str]]]:
    width, empty = len(plan.table.header), set(plan.empty)
    for line, row in body(open_file(), plan.table):
        cells = [*row, *[""] * (width - len(row))]
        while len(cells) > width and not cells[-1].strip():
            cells.pop()
        if any(NOTION in cell for cell in cells):
            cells = [with_page_behind(cell) for cell in cells]
        yield line, [("" if cell.strip().casefold() in empty else cell) for cell in cells] if empty else cells
