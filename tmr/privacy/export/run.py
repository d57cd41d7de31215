"""Exports that are too large to make while people wait: the queue builds them, sealed in chunks and kept for a day."""

import datetime as dt
from collections.abc import Callable
from contextlib import suppress
from uuid import UUID

from tmr.privacy.export.archive import archive
from tmr.repository.errors import RecordNotFoundError
from tmr.repository.files.files import in_chunks
from tmr.repository.unit_of_work import UnitOfWork

LARGE_BYTES = 24 * 1024 * 1024


def build(opens: Callable[..., UnitOfWork], export_id: UUID, clock: Callable[[], dt.datetime]) -> None:
    """Build an export of everything as it is at one moment; a build that was interrupted starts over.

    ``opens`` opens units of work of its owner: those of a job, or of the request of someone whose records are locked.
    It stops early if the export is no longer wanted or the account is erased.

    Raises:
        WorkTakenError: someone builds it just now.
    """
    with suppress(RecordNotFoundError), opens(is_snapshot=True) as reading:
        reading.exports.take_up(export_id)
        with opens() as uow:
            is_wanted = uow.exports.set_progress(export_id, 0)
            if is_wanted:
                uow.exports.clear(export_id)
            uow.commit()
        if is_wanted:
            _store(reading, opens, export_id, clock())


def _store(reading: UnitOfWork, opens: Callable[..., UnitOfWork], export_id: UUID, now: dt.datetime) -> None:
    done_bytes = 0
    for position, chunk in enumerate(in_chunks(archive(reading, now))):
        done_bytes += len(chunk)
        # Committed one by one, apart from the long read: the page shows the progress, and memory holds one chunk.
        with opens() as writing:
            if not writing.exports.set_progress(export_id, done_bytes):
                return
            writing.exports.add_chunk(export_id, position, chunk)
            writing.commit()
    with opens() as writing:
        writing.exports.set_progress(export_id, done_bytes, is_ready=True)
        writing.commit()
