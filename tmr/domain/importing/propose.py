"""Proposes how to import a table, and again as the person changes what it is."""

from collections.abc import Mapping, Sequence
from itertools import islice

from tmr.domain.exporting import NUMBER
from tmr.domain.fields.kind import Kind
from tmr.domain.importing.errors import FileRefusedError
from tmr.domain.importing.headers import target_of, targets
from tmr.domain.importing.plan import BY_LAYOUT, NAMES, ROWS_ARE_RECORDS, ROWS_ARE_STEPS, Opener, Plan, cells_of
from tmr.domain.importing.presets import NO_HEADERS, OWN, Layouts, Preset
from tmr.domain.importing.proposing.columns import Match, match_columns
from tmr.domain.importing.proposing.evidence import Evidence, weigh
from tmr.domain.importing.proposing.header_row import recognise, table_with_header
from tmr.domain.importing.proposing.table_kind import choose_kind
from tmr.domain.importing.proposing.two_names import two_names
from tmr.domain.importing.readers.delimited import NO_HEADER, PREAMBLE_ROWS, Table, delimiter_of, first_rows
from tmr.domain.importing.readers.encodings.detection import sample_of_letters
from tmr.domain.importing.readers.money.currencies import signs_of
from tmr.domain.importing.survey import survey
from tmr.domain.pipeline.pipeline import DEFAULT_PIPELINE, Pipeline

SAMPLE_CHARS = 64 * 1024
SAMPLE_ROWS = 120
EMPTY_WORDS = ("n/a", "-", "–", "—", "none", "null", "undefined", "#n/a", "#ref!", "#value!", "#name?")


def propose(
    kinds: Mapping[str, Kind],
    open_file: Opener,
    encoding: str,
    checksum: str,
    wanted: str = "",
    name: str = "",
    own_headers: Mapping[str, Mapping[str, str]] = NO_HEADERS,
) -> Plan:
    """Read the whole table once and propose how to import it; ``wanted`` is the plural of what its rows are, if known.

    ``own_headers`` says which column of an export is which own field, where its label is not what says so.

    Raises:
        FileRefusedError: it holds no table, or is broken or too large.
    """
    sample = open_file().read(SAMPLE_CHARS)
    layouts = Layouts(kinds, own_headers)
    delimiter = delimiter_of(sample, layouts.is_own)
    rows = first_rows(sample, delimiter)
    table = Table(delimiter, rows[0], 0) if rows and layouts.is_own(rows[0]) else recognise(delimiter, rows)
    preset = layouts.find(table.header)
    plan = _draft(table, preset, encoding, checksum)
    plan.entry, plan.top = name, [_shortened(row) for row in rows[:PREAMBLE_ROWS]]
    plan.letters = [] if encoding.startswith("utf-8") else [word[:30] for word in sample_of_letters(sample)]
    plan.signs = {} if plan.is_exact else signs_of(table.header, _sample(plan, open_file))
    kind, match = _match(kinds, plan, preset, open_file, wanted)
    plan.kind, plan.columns, plan.reasons = kind.plural, match.targets, match.reasons
    plan.has_two_names = _has_two_names(kind, plan, open_file)
    _survey(kind, plan, open_file)
    if not plan.rows and not (preset and preset.key == OWN):
        raise FileRefusedError("This file has a header row but no rows below it.")
    return plan


def turn_into(kind: Kind, plan: Plan, open_file: Opener) -> None:
    """Plan to read the table as another kind of record; its columns are matched again."""
    plan.kind, plan.preset, plan.preset_name, plan.words = kind.plural, "", "", {}
    plan.status = ""  # the preset's word for every row, in a field that other kinds lack
    _match_again(kind, plan, open_file)


def move_header(kind: Kind, plan: Plan, position: int, open_file: Opener) -> None:
    """Plan to read the table with its header in another row, or with ``NO_HEADER``; its columns are matched again."""
    rows = first_rows(open_file().read(SAMPLE_CHARS), plan.table.delimiter)
    if position >= len(rows):
        return
    plan.table = table_with_header(plan.table.delimiter, rows, max(position, NO_HEADER), keeps_above=False)
    plan.preset, plan.preset_name, plan.words, plan.status = "", "", {}, ""
    _match_again(kind, plan, open_file)


def remap(kind: Kind, plan: Plan, open_file: Opener) -> None:
    """Read the file again after its columns were given other targets; stages chosen for its words are kept."""
    # An export of ours is read loosely from here on: of its bookkeeping columns, only the number is still of use.
    if plan.is_exact:
        plan.number_column = plan.table.header.index(NUMBER) if NUMBER in plan.table.header else -1
        accepted = {name for name, _ in targets(kind)}
        plan.preset, plan.columns = "", [target if target in accepted else "" for target in plan.columns]
    earlier, plan.words, plan.date_orders = plan.words, {}, {}
    survey(kind, plan, open_file)
    plan.words = {word: earlier.get(word) or stage for word, stage in plan.words.items()}


def pipeline_of_kinds(kinds: Mapping[str, Kind]) -> Pipeline:
    """Return the stages that applications go through."""
    fields = (kind.stage_field for kind in kinds.values())
    return next((field.type.pipeline for field in fields if field), DEFAULT_PIPELINE)  # type: ignore[attr-defined]


def _draft(table: Table, preset: Preset | None, encoding: str, checksum: str) -> Plan:
    key, name = (preset.key, preset.name) if preset else ("", "")
    words = () if key == OWN else (*EMPTY_WORDS, *(preset.empty if preset else ()))
    empty = list(dict.fromkeys(word.casefold() for word in words))
    return Plan(encoding, table, key, name, [], {}, {}, preset.status if preset else "", empty, 0, [], checksum)


def _match(
    kinds: Mapping[str, Kind], plan: Plan, preset: Preset | None, open_file: Opener, wanted: str
) -> tuple[Kind, Match]:
    if preset:
        return kinds[preset.kind], _layout(kinds[preset.kind], plan.table, preset)
    columns, names = _evidence(pipeline_of_kinds(kinds), plan, open_file), plan.table.header
    has_header = plan.table.header_row != NO_HEADER
    if wanted in kinds:
        return kinds[wanted], match_columns(kinds[wanted], names, columns, has_header=has_header)
    return choose_kind(kinds, names, columns, plan.entry, has_header=has_header)


def _match_again(kind: Kind, plan: Plan, open_file: Opener) -> None:
    plan.date_orders, plan.rows_are, plan.may_be_steps = {}, ROWS_ARE_RECORDS, False
    plan.added_anyway, plan.decided = [], {}
    columns = _evidence(pipeline_of_kinds({kind.plural: kind}), plan, open_file)
    match = match_columns(kind, plan.table.header, columns, has_header=plan.table.header_row != NO_HEADER)
    plan.columns, plan.reasons = match.targets, match.reasons
    plan.has_two_names = _has_two_names(kind, plan, open_file)
    _survey(kind, plan, open_file)


def _survey(kind: Kind, plan: Plan, open_file: Opener) -> None:
    """Count the rows, and take those without a name as steps of the row above if that makes steps of them."""
    plan.names_go_down = False
    plan.names_go_down = _do_names_go_down(kind, plan, open_file)
    survey(kind, plan, open_file)
    if plan.names_go_down and plan.rows_are != ROWS_ARE_STEPS:
        plan.names_go_down = plan.may_be_steps = False
        survey(kind, plan, open_file)


def _do_names_go_down(kind: Kind, plan: Plan, open_file: Opener) -> bool:
    """Whether rows have a status and a day, and no name, right below one that has."""
    needed = [field.name for field in kind.fields if field.role == "applied"]
    needed += [kind.stage_field.name] if kind.stage_field else []
    if plan.preset or not kind.stage_field or not {*needed, *kind.required} <= {*plan.columns}:
        return False
    names = [at for at, target in enumerate(plan.columns) if target in NAMES]
    told = [plan.columns.index(name) for name in needed]
    above = 0
    for line, cells in islice(cells_of(plan, open_file), SAMPLE_ROWS):
        if any(cells[at].strip() for at in names):
            above = line
        elif line == above + 1 and all(cells[at].strip() for at in told):
            return True
    return False


def _has_two_names(kind: Kind, plan: Plan, open_file: Opener) -> bool:
    """Whether the only column that names an application has both its names in most cells: “SRE @ Bluefin”."""
    named = [at for at, target in enumerate(plan.columns) if target in kind.required]
    if not kind.stage_field or len(named) != 1 or plan.is_exact:
        return False
    cells = [row[named[0]] for _, row in islice(cells_of(plan, open_file), SAMPLE_ROWS)]
    filled = [cell for cell in cells if cell.strip()]
    return bool(filled) and sum(two_names(cell) is not None for cell in filled) * 5 >= len(filled) * 4


def _layout(kind: Kind, table: Table, preset: Preset) -> Match:
    columns = [preset.columns.get(name, target_of(kind, name) or "") for name in table.header]
    return Match(columns, [BY_LAYOUT] * len(columns), [1.0] * len(columns))


def _shortened(row: Sequence[str]) -> list[str]:
    return [text[:24] for cell in row if (text := " ".join(cell.split()))][:6]


def _evidence(pipeline: Pipeline, plan: Plan, open_file: Opener) -> list[Evidence]:
    rows = _sample(plan, open_file)
    return [weigh([row[at] for row in rows], pipeline) for at in range(len(plan.table.header))]


def _sample(plan: Plan, open_file: Opener) -> list[list[str]]:
    return [cells for _, cells in islice(cells_of(plan, open_file), SAMPLE_ROWS)]
