"""Files in sealed chunks: written and read a piece at a time, so that memory stays flat."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, exists, insert, or_, select, update

from tmr.crypto.envelope import RECORDS
from tmr.crypto.errors import DecryptionError
from tmr.crypto.padding import pad_padme, unpad
from tmr.repository.errors import RecordNotFoundError
from tmr.repository.growth import Growth
from tmr.repository.keys.owner_keys import OwnerKeys
from tmr.repository.schema import file_chunks, files, record_links, version_files

UNUSED_KEPT = dt.timedelta(minutes=10)
CHUNK_BYTES = 256 * 1024 - 1  # with the mark of its padding, a full chunk is exactly 256 KiB


class FileMeta(msgspec.Struct, frozen=True):
    """What is known of a file: its name as it was uploaded, its type by content, size in bytes, SHA-256 in hex."""

    name: str
    type: str
    size: int
    sha256: str


class Files:
    """The files of the owner that a unit of work is bound to. They live as long as a record or a version names them."""

    def __init__(self, connection: Connection, owner_keys: OwnerKeys, growth: Growth) -> None:
        self._connection = connection
        self._owner_keys = owner_keys
        self._growth = growth

    def add(self, pieces: Iterable[bytes], name: str, file_type: str, now: dt.datetime) -> tuple[UUID, FileMeta]:
        """Keep a file that comes in pieces; return its id and what is known of it. Without a commit nothing stays."""
        file_id, key_id = uuid4(), self._owner_keys.newest(RECORDS).key_id
        place = {"owner_id": self._owner_keys.owner, "id": file_id, "key_id": key_id}
        self._connection.execute(insert(files).values(created_at=now, meta_sealed=b"", **place))
        digest, size = hashlib.sha256(), 0
        for position, chunk in enumerate(in_chunks(pieces)):
            digest.update(chunk)
            size += len(chunk)
            self._add_chunk(file_id, key_id, position, chunk)
        meta = FileMeta(name, file_type, size, digest.hexdigest())
        sealed = self._owner_keys.seal_json(key_id, meta, "files", "meta_sealed", file_id.bytes)
        self._connection.execute(update(files).where(self._has_id(file_id)).values(meta_sealed=sealed))
        return file_id, meta

    def meta(self, file_id: UUID) -> FileMeta:
        """Return what is known of a file, or raise ``RecordNotFoundError``."""
        row = self._connection.execute(select(files).where(self._has_id(file_id))).first()
        if row is None:
            raise RecordNotFoundError
        content = self._owner_keys.unseal_json(row.key_id, row.meta_sealed, "files", "meta_sealed", file_id.bytes)
        return msgspec.convert(content, FileMeta)

    def content(self, file_id: UUID) -> Iterator[bytes]:
        """Yield the file a chunk at a time.

        Raises:
            DecryptionError: a chunk does not open, or one is missing.
        """
        position, left = 0, self.meta(file_id).size
        while (chunk := self.chunk(file_id, position)) is not None:
            yield chunk
            position, left = position + 1, left - len(chunk)
        if left:
            raise DecryptionError

    def forget_unused(self, now: dt.datetime, kept: dt.timedelta = UNUSED_KEPT) -> int:
        """Delete files that nothing has named for ``kept``; return how many. Called once a minute.

        A record names a file, also in the trash, and each of its earlier versions does.
        """
        named = or_(
            exists().where(record_links.c.owner_id == files.c.owner_id, record_links.c.target_id == files.c.id),
            exists().where(version_files.c.owner_id == files.c.owner_id, version_files.c.file_id == files.c.id),
        )
        is_owners = files.c.owner_id == self._owner_keys.owner
        self._connection.execute(
            update(files).where(is_owners, files.c.unlinked_at.is_not(None), named).values(unlinked_at=None)
        )
        self._connection.execute(
            update(files).where(is_owners, files.c.unlinked_at.is_(None), ~named).values(unlinked_at=now)
        )
        query = delete(files).where(is_owners, files.c.unlinked_at <= now - kept)
        return self._connection.execute(query).rowcount

    def chunk(self, file_id: UUID, position: int) -> bytes | None:
        """Return a chunk of a file by its number, from 0; None after the last, or raise ``DecryptionError``."""
        query = select(file_chunks.c.key_id, file_chunks.c.chunk_sealed).where(
            file_chunks.c.owner_id == self._owner_keys.owner,
            file_chunks.c.file_id == file_id,
            file_chunks.c.position == position,
        )
        row = self._connection.execute(query).first()
        if row is None:
            return None
        key = self._owner_keys.by_id(row.key_id)
        return unpad(key.unseal_chunk(row.chunk_sealed, "file_chunks", "chunk_sealed", _place(file_id, position)))

    def _add_chunk(self, file_id: UUID, key_id: int, position: int, chunk: bytes) -> None:
        key = self._owner_keys.by_id(key_id)
        sealed = key.seal_chunk(pad_padme(chunk), "file_chunks", "chunk_sealed", _place(file_id, position))
        self._growth.add(len(sealed))
        row = {"owner_id": self._owner_keys.owner, "file_id": file_id, "position": position, "key_id": key_id}
        self._connection.execute(insert(file_chunks).values(chunk_sealed=sealed, **row))

    def _has_id(self, file_id: UUID) -> ColumnElement[bool]:
        return (files.c.owner_id == self._owner_keys.owner) & (files.c.id == file_id)


def in_chunks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Cut what comes in pieces of any size into chunks of ``CHUNK_BYTES``; the last one may be shorter."""
    waiting = bytearray()
    for piece in pieces:
        waiting += piece
        while len(waiting) >= CHUNK_BYTES:
            yield bytes(waiting[:CHUNK_BYTES])
            del waiting[:CHUNK_BYTES]
    if waiting:
        yield bytes(waiting)


def _place(file_id: UUID, position: int) -> bytes:
    return file_id.bytes + position.to_bytes(4, "big")
