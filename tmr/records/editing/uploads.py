"""The upload of a document's file: its content decides its type, its size is limited, its chunks are sealed."""

from collections.abc import Iterator
from typing import IO

from flask import request
from werkzeug.datastructures import MultiDict

from tmr.domain.fields.files import (
    FILE_TYPES,
    MAX_FILE_BYTES,
    MAX_FILE_MB,
    FileTypeRefusedError,
    file_type_of,
    plain_name,
)
from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Wire
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.services import now

PIECE_BYTES = 64 * 1024
HEAD_BYTES = 8 * 1024
TOO_LARGE = f"This file is larger than {MAX_FILE_MB} MB, so it was not saved. Upload a smaller version."
EMPTY = "This file is empty, so it was not saved."


class UploadRefusedError(ValueError):
    """The file cannot be stored; the message says why."""


def named_after_file(kind: Kind, sent: MultiDict[str, str]) -> MultiDict[str, str]:
    """Return the form of a new record, with the name of its file if no other name was typed."""
    file = request.files.get("file")
    if not kind.file_links or "name" not in kind.required or sent.get("name", "").strip() or not file:
        return sent
    stem, dot, ending = plain_name(file.filename or "").rpartition(".")
    sent.setlist("name", [stem or ending] if dot else [ending])
    return sent


def uploaded(uow: UnitOfWork, kind: Kind) -> tuple[dict[str, Wire], dict[str, str]]:
    """Store the file that came with this request, if any; return the values that describe it, or an error.

    A refused file may have left chunks in this unit of work, so after an error the caller must not commit.
    """
    sent = request.files.get("file")
    if kind.file_field is None or not sent or not sent.filename:
        return {}, {}
    try:
        return _store(uow, sent.stream, plain_name(sent.filename)), {}
    except (UploadRefusedError, FileTypeRefusedError) as error:
        return {}, {"file": str(error)}


def _store(uow: UnitOfWork, stream: IO[bytes], name: str) -> dict[str, Wire]:
    head = stream.read(HEAD_BYTES)
    if not head:
        raise UploadRefusedError(EMPTY)
    file_type = file_type_of(head, name, stream)
    file_id, meta = uow.files.add(_bounded(head, stream), name, file_type, now())
    return {
        "file": str(file_id),
        "file_name": meta.name,
        "file_type": FILE_TYPES[meta.type],
        "file_size": meta.size,
        "file_sha256": meta.sha256,
    }


def _bounded(head: bytes, stream: IO[bytes]) -> Iterator[bytes]:
    # Counted while it is read: the size that a request claims cannot be trusted.
    size, piece = 0, head
    while piece:
        size += len(piece)
        if size > MAX_FILE_BYTES:
            raise UploadRefusedError(TOO_LARGE)
        yield piece
        piece = stream.read(PIECE_BYTES)
