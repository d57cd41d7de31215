"""What is said after many cells were set, and the rows as they are now."""

import datetime as dt
from collections.abc import Sequence

from werkzeug.wrappers import Response

from tmr.domain.fields.kind import Kind
from tmr.records import said
from tmr.records.cells.setting import Outcome, RowEdit
from tmr.records.editing.origin import Origin
from tmr.records.editing.undo_button import undo_of_bulk_edit
from tmr.records.grid.rows_answer import rows_answer
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.display.locales import number

MOST_NAMED = 10  # sentences about what was left; of the others the message says how many they are
MOST_ALIKE = 3  # cells of one field, left for one reason, that are named one by one
NOTHING = "Nothing was changed: these cells hold that already."


def cells_answer(
    uow: UnitOfWork, edits: Sequence[RowEdit], outcome: Outcome, at: dt.datetime, origin: Origin
) -> Response:
    """Commit, and answer with the rows that changed, for the script of the grid to put in place, and with a message."""
    undo = undo_of_bulk_edit(at, origin) if outcome.cells else None
    notice, left = _moved(uow, edits, outcome, origin.kind) or what_was_set(outcome), named(outcome)
    if not htmx.is_htmx():
        uow.commit()
        text = " ".join([notice, *left])
        return htmx.saved_with_undo(f"/{origin.kind.plural}?{origin.criteria.query()}", text[:1_000], undo)
    return rows_answer(uow, origin, [*outcome.records, *outcome.stale], notice, undo, left)


def _moved(uow: UnitOfWork, edits: Sequence[RowEdit], outcome: Outcome, kind: Kind) -> str:
    """Say which stage the records were moved to, if that is all that was set and all of it was; else nothing."""
    stage = kind.stage_field
    texts = {text for edit in edits for text in edit.texts.values()}
    is_only = stage is not None and all(edit.texts.keys() == {stage.name} for edit in edits)
    if stage is None or not is_only or len(texts) != 1 or outcome.cells_left or not outcome.records:
        return ""
    [record] = uow.records.get_many(kind, outcome.records[:1])
    if len(outcome.records) == 1:
        return said.moved(record)
    return f"{number(len(outcome.records))} moved to {kind.words(stage.name, record.values)}."


def what_was_set(outcome: Outcome) -> str:
    """Say how many cells were changed and how many were left."""
    if not outcome.cells and not outcome.cells_left:
        return NOTHING
    said = f"{cells(outcome.cells)} changed" if outcome.cells else "Nothing was changed"
    return f"{said}, {number(outcome.cells_left)} left:" if outcome.cells_left else f"{said}."


def named(outcome: Outcome) -> list[str]:
    """Return sentences about what was left: one for each cell, or for all of a field that were left for one reason."""
    alike: dict[tuple[str, str], list[str]] = {}
    for left in outcome.left:
        alike.setdefault((left.field, left.why), []).append(left.record)
    sentences = [
        _about_left(field, record, why)
        for (field, why), records in alike.items()
        for record in (records if len(records) <= MOST_ALIKE else [f"{number(len(records))} rows"])
    ]
    more = len(sentences) - MOST_NAMED
    return [*sentences[:MOST_NAMED], f"And {number(more)} more."] if more > 0 else sentences


def _about_left(field: str, record: str, why: str) -> str:
    words = f"{field} of {record}" if field else record
    return said.sentence(f"{words}{why}" if why.startswith(":") else f"{words} {why}")


def cells(count: int) -> str:
    """Return "1 cell" or "118 cells"."""
    return f"{number(count)} cell{'' if count == 1 else 's'}"
