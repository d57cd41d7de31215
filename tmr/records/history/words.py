"""What is said of a change that can be undone, and of its undo."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from tmr.domain.fields.kind import Kind
from tmr.domain.kinds import BY_KEY
from tmr.domain.kinds.event import EVENT
from tmr.repository.history.step import Step, Trace
from tmr.repository.history.steps import StoredStep
from tmr.repository.history.undoing import Undone
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.display.dates import weekday_date
from tmr.web.display.locales import number
from tmr.web.display.zone import today

LONGEST_NAME = 60  # characters: a line is read in one go
MOST_LABELS = 2
MANY = {EVENT.key: "entries"}  # where people do not call them as addresses do


def words_of(uow: UnitOfWork, stored: Iterable[StoredStep]) -> dict[UUID, str]:
    """Return what each of these changes is called: “Weißdorn: salary”, “3 applications moved to Rejected”."""
    steps = {known.id: known.step for known in stored}
    named = [step.subjects[0].id for step in steps.values() if len(step.subjects) == 1]
    names = uow.names.anywhere(named) if named else {}
    kinds = {kind.key: kind for kind in uow.kinds.values()}
    return {step_id: _words(kinds, step, names) for step_id, step in steps.items()}


def undone_words(uow: UnitOfWork, undone: Undone) -> str:
    """Return the message of an undo, with what it left."""
    words = words_of(uow, [undone.stored])[undone.stored.id]
    return f"Undone: {words}.{edited_since(undone)}"


def redone_words(uow: UnitOfWork, redone: Undone) -> str:
    """Return the message of a redo, with what it left."""
    words = words_of(uow, [redone.stored])[redone.stored.id]
    return f"Done again: {words}.{edited_since(redone)}"


def day_heading(date: dt.date) -> str:
    """Write a day as the heading of what happened on it."""
    return {0: "Today", 1: "Yesterday"}.get((today() - date).days) or weekday_date(date)


def shortened(name: str) -> str:
    """Return a name that is read at a glance."""
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1].rstrip()}…"


def edited_since(undone: Undone) -> str:
    """Return what follows the words of an undo, if it left something that was edited since."""
    if not undone.left:
        return ""
    return f" {number(undone.left)} {'was' if undone.left == 1 else 'were'} edited since and left alone."


def _words(kinds: Mapping[str, Kind], step: Step, names: Mapping[UUID, str]) -> str:
    if step.import_id is not None:
        return "Import"
    if not step.traces:
        count = len(step.hidden)
        return f"{number(count)} {'line' if count == 1 else 'lines'} left out of Today"
    subjects = step.subjects
    kind = kinds[subjects[0].kind]
    about = _about(subjects, kind, names)
    if done := _done_to(subjects):
        return f"{about} {done}"
    if step.stage and kind.stage_field and kind.stage_field.name in step.fields:
        return f"{about} moved to {kind.words(kind.stage_field.name, {kind.stage_field.name: step.stage})}"
    labels = [kind.by_name[name].label for name in step.fields if name in kind.by_name]
    listed = ", ".join(label[:1].lower() + label[1:] for label in labels[:MOST_LABELS])
    more = f" and {len(labels) - MOST_LABELS} more" if len(labels) > MOST_LABELS else ""
    return f"{about}: {listed}{more}" if listed else f"{about} changed"


def _done_to(subjects: Sequence[Trace]) -> str:
    """Return what happened to all of them, if they came or went; an empty text if they were edited."""
    if all(not trace.is_there for trace in subjects):
        return "deleted"
    if all(not trace.before for trace in subjects):
        return "added"
    return "restored" if all(not trace.was_there for trace in subjects) else ""


def _about(subjects: Sequence[Trace], kind: Kind, names: Mapping[UUID, str]) -> str:
    if len(subjects) == 1:
        return shortened(names.get(subjects[0].id, kind.title))
    counts: dict[str, int] = {}
    for trace in subjects:
        counts[trace.kind] = counts.get(trace.kind, 0) + 1
    parts = [
        f"{number(count)} {BY_KEY[key].title.lower() if count == 1 else MANY.get(key, BY_KEY[key].plural)}"
        for key, count in counts.items()
    ]
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))
