"""Exports that are too large to make while people wait: the queue builds them, sealed in chunks and kept for a day."""

import datetime as dt
from collections.abc import Callable
from uuid import UUID

from tmr.privacy.export.archive import archive
from tmr.repository.errors import RecordNotFoundError
from tmr.repository.files.files import in_chunks
from tmr.repository.repository import Repository

LARGE_BYTES = 24 * 1024 * 1024


def build(repository: Repository, owner: UUID, export_id: UUID, clock: Callable[[], dt.datetime]) -> None:
    """Build an export of everything as it is at one moment; a build that was interrupted starts over.

    It stops early if the export is no longer wanted or the account is erased.
    """
    try:
        with repository.for_owner(owner) as uow:
            is_wanted = uow.exports.set_progress(export_id, 0)
            if is_wanted:
                uow.exports.clear(export_id)
            uow.commit()
        if is_wanted:
            _store(repository, owner, export_id, clock)
    except RecordNotFoundError:
        return


def _store(repository: Repository, owner: UUID, export_id: UUID, clock: Callable[[], dt.datetime]) -> None:
    done_bytes = 0
    with repository.for_owner(owner, is_snapshot=True) as reading:
        for position, chunk in enumerate(in_chunks(archive(reading, clock()))):
            done_bytes += len(chunk)
            # Committed one by one, apart from the long read: the page shows the progress, and memory holds one chunk.
            with repository.for_owner(owner) as writing:
                if not writing.exports.set_progress(export_id, done_bytes):
                    return
                writing.exports.add_chunk(export_id, position, chunk)
                writing.commit()
    with repository.for_owner(owner) as writing:
        writing.exports.set_progress(export_id, done_bytes, is_ready=True)
        writing.commit()
