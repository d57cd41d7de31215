"""Changes to records with everything that follows from them: the timeline, the date of applying, reminders."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from tmr.domain.agenda.called_off import has_ended
from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Wire
from tmr.domain.fields.types.times import Zone
from tmr.domain.kinds.application import APPLICATION, STATUS
from tmr.domain.kinds.event import EVENT
from tmr.domain.kinds.interview import INTERVIEW
from tmr.domain.pipeline.category import APPLIED
from tmr.domain.record import Record
from tmr.records.editing import sent, timeline
from tmr.records.history.undo import wake_planner
from tmr.records.planning.reminders import plan_reminders
from tmr.repository.errors import TooManyRecordsError
from tmr.repository.records.records import Changed
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.display.zone import current_zone, today

Values = Mapping[str, Wire]

AT_A_TIME = 100  # records that are changed together: each may hold 400 kB of texts


class ContradictionError(ValueError):
    """A valid value that does not fit the rest of a record; the message names the record and the field."""


def add_record(
    uow: UnitOfWork, kind: Kind, values: Values, now: dt.datetime, asked: Collection[str] | None = None
) -> Record:
    """Store a new record; a missing time zone is the person's own, and an event without a time happened now.

    ``asked`` are the fields that the form had: if the day of applying was not among them, it is today.
    """
    added = {**_own_zone(kind, values), **_time_of_event(kind, values, now)}
    day = kind.by_role.get("applied")
    if asked is not None and day is not None and day.name not in asked:
        added |= _first_applied(uow, kind, {}, {name: value for name, value in values.items() if value is not None})
    record = uow.records.add(kind, {**values, **added}, now)
    if kind.key == APPLICATION.key:
        timeline.note_creation(uow, record, now)
    sent.join_new(uow, kind, [record.values], now)
    _plan_if_interview(uow, kind, now)
    return record


def room_errors(uow: UnitOfWork, kind: Kind) -> dict[str, str]:
    """Return the error of a form that adds a record of ``kind`` if this account may have no more; else nothing."""
    try:
        uow.records.counts.require_room_for(kind, 1)
    except TooManyRecordsError as error:
        return {"room": str(error)}
    return {}


def change_record(uow: UnitOfWork, stored: Record, values: Values, version: int | None, now: dt.datetime) -> Record:
    """Change a record from ``get_for_edit`` that is still at ``version``; raises as ``Records.write``."""
    kind = stored.kind
    record = uow.records.write(stored, {**values, **_first_applied(uow, kind, stored.values, values)}, version, now)
    _write_consequences(uow, kind, [Changed(stored, record.values)], now)
    return record


def change_records(uow: UnitOfWork, kind: Kind, ids: Sequence[UUID], values: Values, now: dt.datetime) -> int:
    """Set fields of many records; return how many really changed.

    Raises:
        RecordNotFoundError: one of them is not there; nothing was written.
        ContradictionError: one of them would contradict itself; nothing was written.
    """
    ordered = sorted(ids)  # as the database locks them, so that no two changes wait for each other
    batches = [ordered[start : start + AT_A_TIME] for start in range(0, len(ordered), AT_A_TIME)]
    for batch in batches:
        for record in uow.records.locked(kind, batch):  # so that what is checked here is still so when it is written
            if problems := kind.contradictions({**record.values, **values}, {}):
                raise ContradictionError(f"{record.title}: {next(iter(problems.values()))}")
    return sum(
        len(change_locked(uow, kind, [(record, values) for record in uow.records.locked(kind, batch)], now))
        for batch in batches
    )


def change_locked(
    uow: UnitOfWork, kind: Kind, changes: Sequence[tuple[Record, Values]], now: dt.datetime
) -> list[Changed]:
    """Change fields of records from ``locked``, of each its own; return those that really changed."""
    whole = [(record, {**values, **_first_applied(uow, kind, record.values, values)}) for record, values in changes]
    changed = uow.records.write_many(whole, now)
    _write_consequences(uow, kind, changed, now)
    return changed


def remove_records(uow: UnitOfWork, kind: Kind, ids: Sequence[UUID], now: dt.datetime) -> list[UUID]:
    """Delete records and what belongs to them; return the ids of those that were there. See ``Records.remove``."""
    removed = uow.records.remove(kind, ids, now)
    wake_planner(uow, now)
    return removed


def restore_records(uow: UnitOfWork, kind: Kind, ids: Sequence[UUID], now: dt.datetime) -> list[UUID]:
    """Bring records back from the trash, with what went there with them; return their ids. See ``Records.restore``."""
    restored = uow.records.restore(kind, ids, now)
    wake_planner(uow, now)
    return restored


def _write_consequences(uow: UnitOfWork, kind: Kind, changed: Sequence[Changed], now: dt.datetime) -> None:
    """Write what follows from these changes: events for new statuses, reminders of interviews."""
    if kind.key == APPLICATION.key:
        timeline.note_statuses(uow, changed, now)
    sent.join_changed(uow, kind, changed, now)
    _plan_if_interview(uow, kind, now)
    if kind.key == APPLICATION.key and any(map(_ends_or_reopens, changed)):
        wake_planner(uow, now)  # its interviews are called off, or on again


def _ends_or_reopens(change: Changed) -> bool:
    pipeline = change.before.kind.pipeline
    return has_ended(pipeline, change.before.values[STATUS]) != has_ended(pipeline, change.values[STATUS])


def _plan_if_interview(uow: UnitOfWork, kind: Kind, now: dt.datetime) -> None:
    if kind.key == INTERVIEW.key and uow.account.preferences().morning:
        plan_reminders(uow, now)


def _own_zone(kind: Kind, values: Values) -> dict[str, Wire]:
    names = [field.name for field in kind.fields if isinstance(field.type, Zone)]
    return {name: current_zone().key for name in names if not values.get(name)}


def _time_of_event(kind: Kind, values: Values, now: dt.datetime) -> dict[str, Wire]:
    """Return ``now`` as the time of an event that came without one; empty for everything else."""
    if kind.key != EVENT.key or values.get("happened_at"):
        return {}
    return {"happened_at": now.isoformat(timespec="seconds").replace("+00:00", "Z")}


def _first_applied(uow: UnitOfWork, kind: Kind, stored: Values, values: Values) -> dict[str, Wire]:
    """Return today as the day of applying if the status becomes “applied” and no day is set; else empty."""
    stage, day = kind.stage_field, kind.by_role.get("applied")
    if stage is None or day is None:
        return {}
    is_moved = stage.name in values and stored.get(stage.name) != values[stage.name]
    is_dated = stored.get(day.name) or values.get(day.name)  # a form that shows every field sends it empty
    if not is_moved or is_dated:
        return {}
    is_applied = timeline.pipeline_of_person(uow).category_of(values[stage.name]) == APPLIED
    return {day.name: today().isoformat()} if is_applied else {}
