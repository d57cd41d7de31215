"""What a person decides about a proposed import, read from the form and held against the file."""

from collections.abc import Callable
from typing import TextIO

from werkzeug.datastructures import MultiDict

from tmr.domain.folding import fold
from tmr.domain.importing.aliases import targets
from tmr.domain.importing.dates import DAY_FIRST, MONTH_FIRST
from tmr.domain.importing.plan import ADD, SKIP, UPDATE, Plan, remap
from tmr.domain.kinds import Kind
from tmr.domain.pipeline import find_stage


def apply_choices(kind: Kind, plan: Plan, form: MultiDict[str, str], open_file: Callable[[], TextIO]) -> list[str]:
    """Change ``plan`` as the form says; return what still has to be decided, in words."""
    if _set_columns(kind, plan, form):
        remap(kind, plan, open_file)
    _set_dates(plan, form)
    unknown = _set_words(plan, form)
    if form.get("duplicates") in (SKIP, UPDATE, ADD):
        plan.duplicates = form["duplicates"]
    plan.may_move_back = bool(form.get("status_backwards"))
    return [*unknown, *open_questions(kind, plan)]


def open_questions(kind: Kind, plan: Plan) -> list[str]:
    """Return what keeps a plan from being carried out, in words."""
    missing = [f"Choose the column that holds the {kind.by_name[name].label.lower()}." for name in plan.missing]
    words = [f"Choose a stage for “{word}”." for word in plan.open_words]
    dates = [f"Say how dates are written in “{plan.table.header[index]}”." for index in plan.open_dates]
    return [*missing, *words, *dates]


def _set_columns(kind: Kind, plan: Plan, form: MultiDict[str, str]) -> bool:
    accepted = {"": "", **{name: name for name, _ in targets(kind)}}
    columns = [accepted.get(form.get(f"column.{index}", target), target) for index, target in enumerate(plan.columns)]
    has_changed = columns != plan.columns
    plan.columns = columns
    return has_changed


def _set_dates(plan: Plan, form: MultiDict[str, str]) -> None:
    for index in plan.date_orders:
        if form.get(f"dates.{index}") in (DAY_FIRST, MONTH_FIRST):
            plan.date_orders[index] = form[f"dates.{index}"]


def _set_words(plan: Plan, form: MultiDict[str, str]) -> list[str]:
    sent = {fold(name.removeprefix("status.")): value for name, value in form.items() if name.startswith("status.")}
    unknown = []
    for word in plan.words:
        choice = sent.get(fold(word))
        stage = find_stage(choice) if choice else None
        if stage:
            plan.words[word] = stage.key
        elif choice:
            unknown.append(f"“{choice}” is no stage.")
    return unknown
