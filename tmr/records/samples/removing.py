"""Removing the sample data, however long ago it was added, and nothing of what the person added."""

import datetime as dt
from contextlib import suppress
from uuid import UUID

from tmr.records.imports import run as import_run
from tmr.repository.errors import ImportStateError, RecordNotFoundError
from tmr.repository.unit_of_work import UnitOfWork


def remove_samples(uow: UnitOfWork, now: dt.datetime) -> None:
    """Remove what is left of the sample data of this account; nothing happens if it has none."""
    known = uow.account.locked_preferences().samples
    if not known:
        return
    import_id = UUID(known)
    with suppress(RecordNotFoundError, ImportStateError):  # a week later the import is gone, and its records are not
        import_run.undo(uow, uow.imports.get(import_id), now)
    with uow.records.notes.quiet():
        for kind in reversed(uow.kinds.values()):
            uow.records.remove(kind, uow.records.batches.added_by(kind, import_id), now)
    uow.reminders.wake(now)
    uow.account.change_preferences(samples="")
