"""Carries out what people do to lines of Today, one or a thousand at once, and undoes it."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, TypeVar
from uuid import UUID

import msgspec

from tmr.domain.agenda.agenda import Line, snooze, was_snoozed_at
from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Wire
from tmr.domain.kinds.application import APPLICATION
from tmr.domain.kinds.event import EVENT
from tmr.domain.record import Record
from tmr.records.editing.changes import AT_A_TIME, change_locked, remove_records, undo_change
from tmr.records.planning.day.steps import Step
from tmr.repository.errors import NothingToUndoError, RecordNotFoundError
from tmr.repository.records.records import UNDO_TIME, NewRecord
from tmr.repository.unit_of_work import UnitOfWork

Fields = list[tuple[str, object]]
Item = TypeVar("Item")


class _Place(NamedTuple):
    """Which record: a kind's plural and an id."""

    plural: str
    id: UUID


class Written(msgspec.Struct, frozen=True):
    """What an action wrote: the lines it was done to, and what a form has to send to undo it."""

    lines: Sequence[Line]
    undo: Fields


def carry_out(uow: UnitOfWork, steps: Sequence[Step], at: dt.datetime, today: dt.date) -> Written:
    """Do these steps, all at the instant ``at``; lines whose record has changed since it was read are left alone."""
    for batch in _batches(steps):  # before anything is written: if one record is gone, nothing is
        _locked(uow, batch)
    left: set[int] = set()
    records: list[Fields] = []
    for batch in _batches(steps):
        stored = _locked(uow, batch)
        left |= {id(step) for step in batch if not _is_as_read(step, stored)}
        changed = _set_fields(uow, [step for step in batch if id(step) not in left], stored, at)
        records += [_fields_of(record) for record in changed]
    taken = [step for step in steps if id(step) not in left]
    events = _log(uow, taken, at)
    hidden = _hide(uow, taken, at, today)
    if len(taken) != 1:
        return Written([step.line for step in taken], [("at", at.isoformat())])
    fields: Fields = [("line", key) for key in hidden] + [("event", event) for event in events]
    return Written([taken[0].line], [*fields, *(field for of_record in records for field in of_record)])


def restore(uow: UnitOfWork, form: Mapping[str, str], now: dt.datetime) -> None:
    """Undo what ``carry_out`` wrote, from the fields that it returned.

    Raises:
        NothingToUndoError: too late, or nothing was written then.
        StaleVersionError: the record has changed since.
        RecordNotFoundError: the record or its entry is not there any more.
        ValueError, KeyError: the fields make no sense.
    """
    if "at" in form:
        _restore_all(uow, dt.datetime.fromisoformat(form["at"]).astimezone(dt.UTC), now)
        return
    if "record" in form or not ("line" in form or "event" in form):
        undo_change(uow, uow.kinds[form["kind"]], UUID(form["record"]), int(form["version"]), now)
    if "line" in form:
        snoozed = uow.account.locked_preferences().snoozed
        uow.account.change_preferences(snoozed={key: until for key, until in snoozed.items() if key != form["line"]})
    if "event" in form and not uow.records.remove(uow.kinds[EVENT.plural], [UUID(form["event"])], now):
        raise RecordNotFoundError


def set_follow_up(uow: UnitOfWork, day: dt.date | None, followed_up_at: dt.datetime, at: dt.datetime) -> Written:
    """Set the next date for those that were followed up at that instant.

    Raises:
        NothingToUndoError: none of them is there.
    """
    changes = 0
    fields: Fields = []
    for kind, ids in _followed_up(uow, followed_up_at):
        present = [record.id for record in uow.records.get_many(kind, ids)]
        value = {kind.by_role["follow_up"].name: day.isoformat() if day else None}
        changes += len(present)
        for ids_at_a_time in _some(sorted(present)):
            locked = uow.records.locked(kind, ids_at_a_time)
            for change in change_locked(uow, kind, [(record, value) for record in locked], at):
                fields = _fields_of(change.before)
    if not changes:
        raise NothingToUndoError
    return Written([], fields if changes == 1 else [("at", at.isoformat())])


def _followed_up(uow: UnitOfWork, at: dt.datetime) -> list[tuple[Kind, list[UUID]]]:
    logged = [event for event in _events_of(uow, at) if event["type"] != "status"]
    found: list[tuple[Kind, list[UUID]]] = []
    for kind in uow.kinds.values():
        if "follow_up" in kind.by_role:
            is_application = kind.key == APPLICATION.key  # others of that instant may have been sent, not asked
            ids = (
                [UUID(str(event["application_id"])) for event in logged]
                if is_application
                else [record_id for record_id, _version in uow.records.batches.changed_at(kind, at)]
            )
            found.append((kind, ids))
    return found


def _fields_of(before: Record) -> Fields:
    """Return what a form has to send to undo the change of a record that was as ``before``."""
    return [("kind", before.kind.plural), ("record", before.id), ("version", before.version + 1)]


def _batches(steps: Sequence[Step]) -> Iterator[list[Step]]:
    """Yield the steps that set fields, those of a hundred records at a time, in the order of their ids.

    In this order the database locks them, so that no two changes wait for each other.
    """
    by_place: dict[_Place, list[Step]] = {}
    for step in steps:
        if step.values:
            by_place.setdefault(_place(step), []).append(step)
    for places in _some(sorted(by_place)):
        yield [step for place in places for step in by_place[place]]


def _some(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """Yield so many at a time as may be in memory whole."""
    return (items[start : start + AT_A_TIME] for start in range(0, len(items), AT_A_TIME))


def _locked(uow: UnitOfWork, steps: Sequence[Step]) -> dict[_Place, Record]:
    wanted: dict[str, dict[UUID, None]] = {}
    for step in steps:
        if step.values:
            wanted.setdefault(step.line.fact.kind.plural, {})[step.line.fact.id] = None
    return {
        _Place(plural, record.id): record
        for plural, ids in wanted.items()
        for record in uow.records.locked(uow.kinds[plural], list(ids))
    }


def _is_as_read(step: Step, stored: Mapping[_Place, Record]) -> bool:
    """Whether nobody changed the record between reading the line and locking the record."""
    if not step.values:
        return True
    record = stored[_place(step)]
    return all(record[name] == value for name, value in step.line.fact.values.items())


def _set_fields(
    uow: UnitOfWork, steps: Sequence[Step], stored: Mapping[_Place, Record], at: dt.datetime
) -> list[Record]:
    """Set the fields of each record once, even if several lines are about it, so that one undo undoes it all."""
    values: dict[_Place, dict[str, Wire]] = {}
    for step in steps:
        if step.values:
            values.setdefault(_place(step), {}).update(step.values)
    changed = []
    for plural in {place.plural for place in values}:
        of_kind = [(stored[place], fields) for place, fields in values.items() if place.plural == plural]
        changed += change_locked(uow, uow.kinds[plural], of_kind, at)
    return [change.before for change in changed]


def _log(uow: UnitOfWork, steps: Sequence[Step], at: dt.datetime) -> list[UUID]:
    kind, moment = uow.kinds[EVENT.plural], at.isoformat(timespec="seconds").replace("+00:00", "Z")
    events = []
    for step in steps:
        if step.logged:
            about = {"application_id": str(step.line.fact.id), "happened_at": moment}
            said = {"type": step.logged_as, "text": step.logged}
            events.append(NewRecord({**EVENT.defaults(), **about, **said}, at, at))
    return uow.records.add_many(kind, events) if events else []


def _hide(uow: UnitOfWork, steps: Sequence[Step], at: dt.datetime, today: dt.date) -> list[str]:
    together = at if len(steps) > 1 else None
    hidden = {
        step.line.key: snooze(today + dt.timedelta(days=step.hidden_days), together)
        for step in steps
        if step.hidden_days
    }
    if hidden:
        snoozed = uow.account.locked_preferences().snoozed
        kept = {line: until for line, until in snoozed.items() if until[:10] > today.isoformat()}  # others are over
        uow.account.change_preferences(snoozed={**kept, **hidden})
    return list(hidden)


def _place(step: Step) -> _Place:
    return _Place(step.line.fact.kind.plural, step.line.fact.id)


def _restore_all(uow: UnitOfWork, at: dt.datetime, now: dt.datetime) -> None:
    if at <= now - UNDO_TIME:
        raise NothingToUndoError
    events = _events_of(uow, at)
    undone: set[str] = set()
    for kind in uow.kinds.values():
        versions = sorted(uow.records.batches.changed_at(kind, at)) if kind.key != EVENT.key else []
        for some in _some(versions):
            undone |= {str(record_id) for record_id in uow.records.undo_edits(kind, dict(some), now)}
    # A change of status that was not undone, because more has changed since, keeps its entry.
    written = [event.id for event in events if event["type"] != "status" or event["application_id"] in undone]
    removed = remove_records(uow, EVENT, written, now) if written else []
    shown = _unhide(uow, at)
    if not (undone or removed or shown):
        raise NothingToUndoError


def _events_of(uow: UnitOfWork, at: dt.datetime) -> list[Record]:
    """Return the entries of the activity that were written at that instant and not changed since."""
    written = [record_id for record_id, version in uow.records.batches.changed_at(EVENT, at) if version == 1]
    return uow.records.get_many(EVENT, written)


def _unhide(uow: UnitOfWork, at: dt.datetime) -> int:
    snoozed = uow.account.locked_preferences().snoozed
    kept = {key: until for key, until in snoozed.items() if not was_snoozed_at(until, at)}
    if len(kept) < len(snoozed):
        uow.account.change_preferences(snoozed=kept)
    return len(snoozed) - len(kept)
