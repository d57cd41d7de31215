"""Carries out what people do to lines of Today, one or a thousand at once, and undoes it."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, TypeVar
from uuid import UUID

import msgspec

from tmr.domain.agenda.agenda import Line
from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Wire
from tmr.domain.kinds.application import APPLICATION
from tmr.domain.kinds.event import EVENT
from tmr.domain.record import Record
from tmr.records.editing.changes import AT_A_TIME, change_locked
from tmr.records.editing.timeline import add_entries
from tmr.records.history.undo import undo_made_at
from tmr.records.planning.day.steps import Step
from tmr.repository.errors import NothingToUndoError
from tmr.repository.history.undoing import Undone
from tmr.repository.records.records import NewRecord
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
    for batch in _batches(steps):
        stored = _locked(uow, batch)
        left |= {id(step) for step in batch if not _is_as_read(step, stored)}
        _set_fields(uow, [step for step in batch if id(step) not in left], stored, at)
    taken = [step for step in steps if id(step) not in left]
    _log(uow, taken, at)
    _hide(uow, taken, at, today)
    return Written([step.line for step in taken], [("at", at.isoformat())])


def restore(uow: UnitOfWork, form: Mapping[str, str], now: dt.datetime) -> Undone:
    """Undo what ``carry_out`` wrote, from the fields that it returned.

    Raises:
        NothingToUndoError: it is no longer remembered, was undone, or all of it was edited since.
        ValueError, KeyError: the fields make no sense.
    """
    return undo_made_at(uow, None, dt.datetime.fromisoformat(form["at"]).astimezone(dt.UTC), now)


def set_follow_up(uow: UnitOfWork, day: dt.date | None, followed_up_at: dt.datetime, at: dt.datetime) -> Written:
    """Set the next date for those that were followed up at that instant.

    Raises:
        NothingToUndoError: none of them is there.
    """
    changes = 0
    for kind, ids in _followed_up(uow, followed_up_at):
        present = [record.id for record in uow.records.get_many(kind, ids)]
        value = {kind.by_role["follow_up"].name: day.isoformat() if day else None}
        changes += len(present)
        for ids_at_a_time in _some(sorted(present)):
            locked = uow.records.locked(kind, ids_at_a_time)
            change_locked(uow, kind, [(record, value) for record in locked], at)
    if not changes:
        raise NothingToUndoError
    return Written([], [("at", at.isoformat())])


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


def _set_fields(uow: UnitOfWork, steps: Sequence[Step], stored: Mapping[_Place, Record], at: dt.datetime) -> None:
    """Set the fields of each record once, even if several lines are about it."""
    values: dict[_Place, dict[str, Wire]] = {}
    for step in steps:
        if step.values:
            values.setdefault(_place(step), {}).update(step.values)
    for plural in {place.plural for place in values}:
        of_kind = [(stored[place], fields) for place, fields in values.items() if place.plural == plural]
        change_locked(uow, uow.kinds[plural], of_kind, at)


def _log(uow: UnitOfWork, steps: Sequence[Step], at: dt.datetime) -> None:
    moment = at.isoformat(timespec="seconds").replace("+00:00", "Z")
    events = []
    for step in steps:
        if step.logged:
            about = {"application_id": str(step.line.fact.id), "happened_at": moment}
            said = {"type": step.logged_as, "text": step.logged}
            events.append(NewRecord({**EVENT.defaults(), **about, **said}, at, at))
    add_entries(uow, events)


def _hide(uow: UnitOfWork, steps: Sequence[Step], at: dt.datetime, today: dt.date) -> None:
    hidden = {
        step.line.key: (today + dt.timedelta(days=step.hidden_days)).isoformat() for step in steps if step.hidden_days
    }
    if hidden:
        uow.private.hold()
        snoozed = uow.private.get().snoozed
        kept = {line: until for line, until in snoozed.items() if until[:10] > today.isoformat()}  # others are over
        uow.private.change(snoozed={**kept, **hidden})
        uow.records.notes.hid(hidden, at)


def _place(step: Step) -> _Place:
    return _Place(step.line.fact.kind.plural, step.line.fact.id)


def _events_of(uow: UnitOfWork, at: dt.datetime) -> list[Record]:
    """Return the entries of the activity that were written at that instant and not changed since."""
    written = [record_id for record_id, version in uow.records.batches.changed_at(EVENT, at) if version == 1]
    return uow.records.get_many(EVENT, written)
