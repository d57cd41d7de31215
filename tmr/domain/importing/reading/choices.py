"""What a person decides about a proposed import, read from the form and checked against the file."""

from collections.abc import Mapping

import msgspec

from tmr.domain.fields.folding import fold
from tmr.domain.fields.kind import Kind, pipeline_of_kind
from tmr.domain.importing.errors import FileRefusedError
from tmr.domain.importing.headers import targets
from tmr.domain.importing.plan import ADD, BY_PERSON, ROWS_ARE_RECORDS, ROWS_ARE_STEPS, SKIP, UPDATE, Plan
from tmr.domain.importing.propose import move_header, propose, remap, turn_into
from tmr.domain.importing.readers.dates import DAY_FIRST, MONTH_FIRST
from tmr.domain.importing.readers.encodings.detection import ENCODINGS, encoding_of
from tmr.domain.importing.reading.bundle import MOST_ROWS, Bundle
from tmr.domain.importing.reading.made_fields import make_fields
from tmr.domain.importing.reading.staged import Staged, opener
from tmr.domain.pipeline.pipeline import Pipeline

MAX_STAND_IN = 80
MOST_NAMED = 200  # characters of a status by which a form names it
MOST_QUOTED = 80
MOST_ADDED = 1_000  # duplicates of all tables that are added one by one
MOST_DECIDED = 200  # rows of a table that look like a record: as many as the page asks about


def prefix_of(position: int) -> str:
    """Return what the names of a table's form fields begin with: nothing for the first table, else its number."""
    return f"{position}." if position else ""


def apply_choices(kinds: Mapping[str, Kind], bundle: Bundle, form: Mapping[str, str], source: Staged) -> list[str]:
    """Change the plans as the form says; return what still has to be decided, as sentences for the page."""
    unknown: list[str] = []
    form = dict(form)  # the fields that are made get their names in it
    if _reads_again(kinds, bundle, form.get("encoding", ""), source):
        return open_questions(kinds, bundle)
    for position, plan in enumerate(bundle.plans):
        unknown += _apply_to_plan(kinds, bundle, plan, form, prefix_of(position), source)
    for plan in bundle.plans:
        if form.get("duplicates") in (SKIP, UPDATE, ADD):
            plan.duplicates = form["duplicates"]
        plan.may_move_back = bool(form.get("status_backwards"))
    _bound_added(bundle)
    return [*unknown, *map(_beyond, bundle.leave_out_beyond()), *open_questions(kinds, bundle)]


def _bound_added(bundle: Bundle) -> None:
    """Add no more duplicates than there is room to list; the others stay named as such."""
    room = MOST_ADDED
    for plan in bundle.plans:
        plan.added_anyway = plan.added_anyway[:room]
        room -= len(plan.added_anyway)


def _beyond(plan: Plan) -> str:
    return (
        f"One import takes {MOST_ROWS:,} rows in all, so “{plan.name}” with {plan.rows:,} rows is left out. To import "
        "it now, leave out another table."
    )


def open_questions(kinds: Mapping[str, Kind], bundle: Bundle) -> list[str]:
    """Return what has to be decided before the import can run, as sentences for the page."""
    return [question for plan in bundle.used for question in _questions(kinds[plan.kind], plan)]


def _reads_again(kinds: Mapping[str, Kind], bundle: Bundle, encoding: str, source: Staged) -> bool:
    """Propose anew for a file that the person says is in another encoding; return whether that was done."""
    first = bundle.plans[0]
    if len(bundle.plans) > 1 or encoding not in dict(ENCODINGS) or first.encoding.startswith(encoding):
        return False
    try:
        encoding_of(b"".join(source.pieces()), encoding)
    except FileRefusedError:
        return False
    again = msgspec.structs.replace(first, encoding=encoding)
    bundle.plans[0] = propose(kinds, opener(source, again), encoding, first.checksum, "", first.entry)
    return True


def _questions(kind: Kind, plan: Plan) -> list[str]:
    of = f" ({plan.name})" if plan.name else ""
    missing = [_question_of_column(kind, plan, name, of) for name in plan.missing(kind)]
    words = [f"Choose a stage for “{word[:MOST_QUOTED]}”{of}." for word in plan.open_words]
    dates = [f"Choose the date format in “{plan.table.header[index][:MOST_QUOTED]}”{of}." for index in plan.open_dates]
    return [*missing, *words, *dates]


def _question_of_column(kind: Kind, plan: Plan, name: str, of: str) -> str:
    words = plan.stand_ins.get(name, "") if len(plan.missing(kind)) < len(kind.required) else ""
    instead = f", or import all rows as “{words}”" if words else ""
    return f"Choose the column with the {kind.by_name[name].label.lower()}{of}{instead}."


def _apply_to_plan(
    kinds: Mapping[str, Kind], bundle: Bundle, plan: Plan, form: dict[str, str], prefix: str, source: Staged
) -> list[str]:
    """Change one plan; return an error for each choice that is no stage. A new kind or header drops other choices."""
    plan.is_used = form.get(f"{prefix}use", "yes" if plan.is_used else "no") != "no"
    wanted = form.get(f"{prefix}kind", "")
    if wanted in kinds and wanted != plan.kind and not plan.is_exact:
        turn_into(kinds[wanted], plan, opener(source, plan))
        return []
    if _moves_header(plan, form.get(f"{prefix}header", "")):
        move_header(kinds[plan.kind], plan, int(form[f"{prefix}header"]) - 1, opener(source, plan))
        return []
    kind, refused = make_fields(kinds[plan.kind], bundle, plan, form, prefix, source)
    if _set_columns(kind, plan, form, prefix):
        remap(kind, plan, opener(source, plan))
    _set_dates(plan, form, prefix)
    _set_rows(kind, plan, form, prefix)
    return [*refused, *_set_words(kind, plan, form, prefix)]


def _moves_header(plan: Plan, row: str) -> bool:
    """Whether the form names another row as the header: rows count from 1, and 0 is none."""
    return row.isdecimal() and len(row) < 4 and int(row) - 1 != plan.table.header_row and not plan.is_exact


def _set_columns(kind: Kind, plan: Plan, form: Mapping[str, str], prefix: str) -> bool:
    """Map the columns as the form says; return whether that changed anything."""
    accepted = {"": "", **{name: name for name, _ in targets(kind)}}
    columns = [
        accepted.get(form.get(f"{prefix}column.{index}", target), target) for index, target in enumerate(plan.columns)
    ]
    changed = [index for index, target in enumerate(columns) if target != plan.columns[index]]
    plan.columns = columns
    plan.reasons = [BY_PERSON if index in changed else plan.reason(index) for index in range(len(columns))]
    return bool(changed)


def _set_dates(plan: Plan, form: Mapping[str, str], prefix: str) -> None:
    for index in plan.date_orders:
        if form.get(f"{prefix}dates.{index}") in (DAY_FIRST, MONTH_FIRST):
            plan.date_orders[index] = form[f"{prefix}dates.{index}"]


def _set_rows(kind: Kind, plan: Plan, form: Mapping[str, str], prefix: str) -> None:
    """Take what the form says of rows: what stands in for names, whether rows are steps, which are added anyway."""
    if form.get(f"{prefix}rows_are") in (ROWS_ARE_RECORDS, ROWS_ARE_STEPS) and kind.stage_field:
        plan.rows_are = form[f"{prefix}rows_are"]
    for name in plan.unnamed:
        if f"{prefix}stand_in.{name}" in form and name not in plan.agreed:
            plan.agreed = [*plan.agreed, name]
        words = " ".join(form.get(f"{prefix}stand_in.{name}", "").split())
        plan.stand_ins[name] = words[:MAX_STAND_IN] or plan.stand_ins.get(name, "")
    start = f"{prefix}add."
    lines = [name.removeprefix(start) for name in form if name.startswith(start)]
    if lines or form.get(f"{prefix}kind"):  # the page itself sends the kind, so that an unticked box counts too
        plan.added_anyway = [int(line) for line in lines if line.isdecimal() and len(line) < 8]
    _set_likes(plan, form, f"{prefix}like.")


def _set_likes(plan: Plan, form: Mapping[str, str], start: str) -> None:
    """Take what becomes of rows that look like a record; what the form says nothing of stays as it was."""
    said = {name.removeprefix(start): form[name] for name in form if name.startswith(start)}
    of_rows = {line: choice for line, choice in said.items() if line.isdecimal() and len(line) < 8}
    decided = {line: choice for line, choice in {**plan.decided, **of_rows}.items() if choice in (SKIP, UPDATE)}
    plan.decided = dict(list(decided.items())[:MOST_DECIDED])


def _set_words(kind: Kind, plan: Plan, form: Mapping[str, str], prefix: str) -> list[str]:
    start, pipeline = f"{prefix}status.", pipeline_of_kind(kind)
    sent = {name.removeprefix(start): value for name, value in form.items() if name.startswith(start)}
    unknown = [
        f"“{choice}” is not one of your stages." for choice in sent.values() if choice and not pipeline.find(choice)
    ]
    spelled = {fold(word): choice for word, choice in sent.items()}
    others: dict[str, list[str]] = {}
    for other, said in plan.spellings.items():
        others.setdefault(said, []).append(other)
    for word in plan.words:
        named = [text[:MOST_NAMED] for text in (word, *others.get(word, ()))]
        choice = next((spelled[fold(text)] for text in named if spelled.get(fold(text))), "")
        _set_word(plan, pipeline, word, choice)
    if plan.undecided_rows and (stage := pipeline.find(sent.get("", ""))):
        plan.undecided_status = stage.key
    return unknown


def _set_word(plan: Plan, pipeline: Pipeline, word: str, choice: str) -> None:
    if stage := pipeline.find(choice):
        plan.words[word] = stage.key
