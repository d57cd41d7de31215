"""Exports too large to be made while their person waits: built by the queue, sealed in chunks, kept for a day."""

import datetime as dt
from collections.abc import Callable
from uuid import UUID

from tmr.privacy.export.archive import archive
from tmr.repository.errors import RecordNotFoundError
from tmr.repository.files.files import in_chunks
from tmr.repository.repository import Repository

LARGE_BYTES = 24 * 1024 * 1024


def build(repository: Repository, owner: UUID, export_id: UUID, clock: Callable[[], dt.datetime]) -> None:
    """Build an export from one moment's state of everything; a build that was broken off begins anew.

    It ends early, keeping nothing, when the export is no longer wanted or the account was erased meanwhile.
    """
    try:
        with repository.for_owner(owner) as uow:
            is_wanted = uow.exports.set_progress(export_id, 0)
            if is_wanted:
                uow.exports.clear(export_id)
            uow.commit()
        if is_wanted:
            _write(repository, owner, export_id, clock)
    except RecordNotFoundError:
        return


def _write(repository: Repository, owner: UUID, export_id: UUID, clock: Callable[[], dt.datetime]) -> None:
    done = 0
    with repository.for_owner(owner, is_snapshot=True) as reading:
        for position, chunk in enumerate(in_chunks(archive(reading, clock()))):
            done += len(chunk)
            with repository.for_owner(owner) as writing:
                if not writing.exports.set_progress(export_id, done):
                    return
                writing.exports.add_chunk(export_id, position, chunk)
                writing.commit()
    with repository.for_owner(owner) as writing:
        writing.exports.set_progress(export_id, done, is_ready=True)
        writing.commit()
