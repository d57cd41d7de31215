"""Undoes and redoes changes by what a form knows of them: their step, their instant, or a record and its version."""

import datetime as dt
from collections.abc import Callable
from uuid import UUID

from tmr.domain.fields.kind import Kind
from tmr.domain.record import Record
from tmr.repository.errors import NothingToUndoError, RecordNotFoundError
from tmr.repository.history.step import Trace
from tmr.repository.history.steps import StoredStep
from tmr.repository.history.undoing import Undone
from tmr.repository.unit_of_work import UnitOfWork


def undo_step(uow: UnitOfWork, stored: StoredStep, now: dt.datetime) -> Undone:
    """Undo a change to records, whatever else was changed since; raises as ``Undoing.undo``."""
    undone = uow.undoing.undo(stored, now)
    wake_planner(uow, now)
    return undone


def redo_step(uow: UnitOfWork, stored: StoredStep, now: dt.datetime) -> Undone:
    """Do again what ``undo_step`` undid; raises as ``Undoing.redo``."""
    redone = uow.undoing.redo(stored, now)
    wake_planner(uow, now)
    return redone


def undo_change(uow: UnitOfWork, kind: Kind, record_id: UUID, version: int | None, now: dt.datetime) -> Record:
    """Undo the change that led to this version of a record, or its deletion, and return it as it is now.

    Raises:
        RecordNotFoundError: no such record.
        NothingToUndoError: the change is no longer remembered, was undone already, or it was edited since.
    """
    is_deleted = uow.trash.has(kind, record_id)

    def led_here(trace: Trace) -> bool:
        if trace.id != record_id or not trace.before:
            return False
        return not trace.is_there if is_deleted else version in (None, trace.after) and trace.before != trace.after

    undo_step(uow, _newest(uow, led_here), now)
    return uow.records.get(kind, record_id)


def undo_creation(uow: UnitOfWork, kind: Kind, record_id: UUID, now: dt.datetime) -> None:
    """Undo the adding of a record, and what followed from it; raises as ``undo_change``."""
    if uow.trash.has(kind, record_id):
        raise RecordNotFoundError
    undo_step(uow, _newest(uow, lambda trace: trace.id == record_id and not trace.before), now)


def undo_deletion(uow: UnitOfWork, kind: Kind, at: dt.datetime, now: dt.datetime) -> Undone:
    """Undo the deletion of records of a kind at an instant, or redo their adding if it was undone at that instant.

    Raises:
        NothingToUndoError: as ``undo_change``.
    """
    for stored in uow.steps.list():
        of_kind = [trace for trace in stored.step.traces if trace.kind == kind.key]
        if stored.undone_at is None and stored.made_at == at and any(not trace.is_there for trace in of_kind):
            return undo_step(uow, stored, now)
        if stored.undone_at == at and any(not trace.before for trace in of_kind):
            return redo_step(uow, stored, now)
    raise NothingToUndoError


def undo_made_at(uow: UnitOfWork, kind: Kind | None, at: dt.datetime, now: dt.datetime) -> Undone:
    """Undo the change of an instant, of records of ``kind`` if one is given; raises as ``undo_change``."""
    for stored in uow.steps.list():
        is_of_kind = kind is None or any(trace.kind == kind.key for trace in stored.step.traces)
        if stored.undone_at is None and stored.made_at == at and is_of_kind and stored.step.import_id is None:
            return undo_step(uow, stored, now)
    raise NothingToUndoError


def wake_planner(uow: UnitOfWork, now: dt.datetime) -> None:
    """Let the worker plan reminders again: interviews may have come or gone."""
    if uow.account.preferences().morning:
        uow.reminders.wake(now)


def _newest(uow: UnitOfWork, is_it: Callable[[Trace], bool]) -> StoredStep:
    for stored in uow.steps.list():
        if stored.undone_at is None and any(map(is_it, stored.step.traces)):
            return stored
    raise NothingToUndoError
