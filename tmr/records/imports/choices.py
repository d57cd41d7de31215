"""What a person decides about a proposed import, read from the form and checked against the file."""

from collections.abc import Mapping

from werkzeug.datastructures import MultiDict

from tmr.domain.fields.folding import fold
from tmr.domain.fields.kind import Kind, pipeline_of_kind
from tmr.domain.importing.headers import targets
from tmr.domain.importing.plan import ADD, SKIP, UPDATE, Plan, remap, turn_into
from tmr.domain.importing.readers.dates import DAY_FIRST, MONTH_FIRST
from tmr.records.imports.run import Bundle, opener
from tmr.records.imports.staged_file import Source


def prefix_of(position: int) -> str:
    """Return what the names of a table's form fields begin with: nothing for the first table, else its number."""
    return f"{position}." if position else ""


def apply_choices(kinds: Mapping[str, Kind], bundle: Bundle, form: MultiDict[str, str], source: Source) -> list[str]:
    """Change the plans as the form says; return what still has to be decided, as sentences for the page."""
    unknown: list[str] = []
    for position, plan in enumerate(bundle.plans):
        unknown += _apply_to_plan(kinds, plan, form, prefix_of(position), source)
    for plan in bundle.plans:
        if form.get("duplicates") in (SKIP, UPDATE, ADD):
            plan.duplicates = form["duplicates"]
        plan.may_move_back = bool(form.get("status_backwards"))
    return [*unknown, *open_questions(kinds, bundle)]


def open_questions(kinds: Mapping[str, Kind], bundle: Bundle) -> list[str]:
    """Return what has to be decided before the import can run, as sentences for the page."""
    return [question for plan in bundle.plans for question in _questions(kinds[plan.kind], plan)]


def _questions(kind: Kind, plan: Plan) -> list[str]:
    missing = [f"Choose the column with the {kind.by_name[name].label.lower()}." for name in plan.missing]
    words = [f"Choose a stage for “{word}”." for word in plan.open_words]
    dates = [f"Choose the date format in “{plan.table.header[index]}”." for index in plan.open_dates]
    return [*missing, *words, *dates]


def _apply_to_plan(
    kinds: Mapping[str, Kind], plan: Plan, form: MultiDict[str, str], prefix: str, source: Source
) -> list[str]:
    """Change one plan; return an error for each choice that is no stage. A new kind drops the other choices."""
    wanted = form.get(f"{prefix}kind", "")
    if wanted in kinds and wanted != plan.kind and not plan.is_exact:
        turn_into(kinds[wanted], plan, opener(source, plan))
        return []
    kind = kinds[plan.kind]
    if _set_columns(kind, plan, form, prefix):
        remap(kind, plan, opener(source, plan))
    _set_dates(plan, form, prefix)
    return _set_words(kind, plan, form, prefix)


def _set_columns(kind: Kind, plan: Plan, form: MultiDict[str, str], prefix: str) -> bool:
    """Map the columns as the form says; return whether that changed anything."""
    accepted = {"": "", **{name: name for name, _ in targets(kind)}}
    columns = [
        accepted.get(form.get(f"{prefix}column.{index}", target), target) for index, target in enumerate(plan.columns)
    ]
    has_changed = columns != plan.columns
    plan.columns = columns
    return has_changed


def _set_dates(plan: Plan, form: MultiDict[str, str], prefix: str) -> None:
    for index in plan.date_orders:
        if form.get(f"{prefix}dates.{index}") in (DAY_FIRST, MONTH_FIRST):
            plan.date_orders[index] = form[f"{prefix}dates.{index}"]


def _set_words(kind: Kind, plan: Plan, form: MultiDict[str, str], prefix: str) -> list[str]:
    start, pipeline = f"{prefix}status.", pipeline_of_kind(kind)
    sent = {fold(name.removeprefix(start)): value for name, value in form.items() if name.startswith(start)}
    unknown = []
    for word in plan.words:
        choice = sent.get(fold(word))
        stage = pipeline.find(choice) if choice else None
        if stage:
            plan.words[word] = stage.key
        elif choice:
            unknown.append(f"“{choice}” is not one of your stages.")
    return unknown
