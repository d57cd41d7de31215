"""Exports that are built in the background: kept in sealed chunks for a day, and downloaded in one piece."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from tmr.crypto.envelope import RECORDS
from tmr.crypto.padding import pad_padme, unpad
from tmr.repository.keys.owner_keys import OwnerKeys
from tmr.repository.queue.jobs import Jobs, Trouble, take_up
from tmr.repository.schema import export_chunks, exports, file_chunks, records

KEPT_FOR = dt.timedelta(hours=24)
QUEUED, READY = "queued", "ready"


class Export(msgspec.Struct, frozen=True):
    """An export that is being built, or waits to be downloaded. Sizes in bytes, the total a guess at first."""

    id: UUID
    state: str
    done_bytes: int
    total_bytes: int
    created_at: dt.datetime
    expires_at: dt.datetime

    @property
    def is_ready(self) -> bool:
        """Whether it can be downloaded."""
        return self.state == READY


class Exports:
    """The waiting exports of the owner that a unit of work is bound to: one at the most."""

    def __init__(self, connection: Connection, owner_keys: OwnerKeys, jobs: Jobs) -> None:
        self._connection = connection
        self._owner_keys = owner_keys
        self._jobs = jobs

    def stored_bytes(self) -> int:
        """Return how many bytes of files and records the owner keeps, sealed: about as much as an export has."""
        owner = self._owner_keys.owner
        pieces = func.octet_length(file_chunks.c.chunk_sealed)
        of_files = select(func.sum(pieces)).where(file_chunks.c.owner_id == owner)
        texts = func.octet_length(records.c.summary_sealed) + func.octet_length(records.c.detail_sealed)
        of_records = select(func.sum(texts)).where(records.c.owner_id == owner)
        query = select(func.coalesce(of_files.scalar_subquery(), 0) + func.coalesce(of_records.scalar_subquery(), 0))
        return int(self._connection.execute(query).scalar_one())

    def start(self, total_bytes: int, now: dt.datetime) -> UUID:
        """Queue the building of a new export in place of any other; return its id.

        Nothing of locked records is queued: the page that shows the export has it built in a request of its own.
        """
        self.remove_all()
        export_id = uuid4()
        row = {"id": export_id, "state": QUEUED, "done_bytes": 0, "total_bytes": total_bytes}
        times = {"created_at": now, "expires_at": now + KEPT_FOR}
        self._connection.execute(insert(exports).values(owner_id=self._owner_keys.owner, **row, **times))
        if not self._owner_keys.is_locked(RECORDS):
            self._jobs.defer("export", lock=export_id, export_id=export_id)
        return export_id

    def current(self, now: dt.datetime) -> Export | None:
        """Return the present export, or None."""
        columns = [exports.c[name] for name in Export.__struct_fields__]
        row = self._connection.execute(select(*columns).where(self._is_owners(), exports.c.expires_at > now)).first()
        return Export(*row) if row else None

    def trouble(self, export: Export) -> Trouble | None:
        """Return what is wrong with the building of an export that is not ready, or None: also if no job builds it."""
        has_no_job = export.is_ready or self._owner_keys.is_locked(RECORDS)
        return None if has_no_job else self._jobs.trouble("export_id", export.id)

    def try_again(self, export: Export) -> None:
        """Start the building of a failed export again."""
        if not export.is_ready:
            self._jobs.try_again("export", "export_id", export.id, lock=export.id)

    def unfinished_ids(self) -> Sequence[UUID]:
        """Return the ids of the exports that are being built, or are about to be."""
        unfinished = (exports.c.owner_id == self._owner_keys.owner, exports.c.state != READY)
        return self._connection.scalars(select(exports.c.id).where(*unfinished)).all()

    def take_up(self, export_id: UUID) -> None:
        """Keep others from building an export until the transaction ends.

        Raises:
            WorkTakenError: someone builds it just now.
        """
        take_up(self._connection, export_id)

    def clear(self, export_id: UUID) -> None:
        """Delete the chunks of a build that was interrupted."""
        chunks_of_export = (export_chunks.c.owner_id == self._owner_keys.owner) & (
            export_chunks.c.export_id == export_id
        )
        self._connection.execute(delete(export_chunks).where(chunks_of_export))

    def add_chunk(self, export_id: UUID, position: int, chunk: bytes) -> None:
        """Keep a chunk, sealed for its place."""
        key = self._owner_keys.newest(RECORDS)
        sealed = key.seal_chunk(pad_padme(chunk), "export_chunks", "chunk_sealed", _place(export_id, position))
        row = {"owner_id": self._owner_keys.owner, "export_id": export_id, "position": position, "key_id": key.key_id}
        self._connection.execute(insert(export_chunks).values(chunk_sealed=sealed, **row))

    def set_progress(self, export_id: UUID, done_bytes: int, *, is_ready: bool = False) -> bool:
        """Note the progress; return whether more is wanted, which is not so once it is finished or removed."""
        values = {"done_bytes": done_bytes, **({"state": READY, "total_bytes": done_bytes} if is_ready else {})}
        unfinished = (exports.c.id == export_id) & (exports.c.state != READY)
        query = update(exports).where(self._is_owners(), unfinished).values(**values)
        return bool(self._connection.execute(query).rowcount)

    def chunk(self, export_id: UUID, position: int) -> bytes | None:
        """Return a chunk of an export by its number, from 0; None if there is none, or raise ``DecryptionError``."""
        query = select(export_chunks.c.key_id, export_chunks.c.chunk_sealed).where(
            export_chunks.c.owner_id == self._owner_keys.owner,
            export_chunks.c.export_id == export_id,
            export_chunks.c.position == position,
        )
        row = self._connection.execute(query).first()
        if row is None:
            return None
        key, place = self._owner_keys.by_id(row.key_id), _place(export_id, position)
        return unpad(key.unseal_chunk(row.chunk_sealed, "export_chunks", "chunk_sealed", place))

    def remove_all(self) -> None:
        """Delete every export."""
        self._connection.execute(delete(exports).where(self._is_owners()))

    def forget_expired(self, now: dt.datetime) -> None:
        """Delete expired exports."""
        self._connection.execute(delete(exports).where(self._is_owners(), exports.c.expires_at <= now))

    def _is_owners(self) -> ColumnElement[bool]:
        return exports.c.owner_id == self._owner_keys.owner


def _place(export_id: UUID, position: int) -> bytes:
    return export_id.bytes + position.to_bytes(4, "big")
