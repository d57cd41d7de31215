"""What a web process and the process that reads a file say to each other: a message in MessagePack, then a file."""

import socket
import time

import msgspec

from tmr.domain.fields.own import OwnField
from tmr.domain.importing.reading.bundle import Bundle
from tmr.domain.pipeline.pipeline import Pipeline

BEGUN = b"\x01"  # what the reading process says first: without it, no process took the question
MOST_QUESTION = 64 * 1024 * 1024
MOST_ANSWER = 8 * 1024 * 1024
MOST_CONTENT = 96 * 1024 * 1024
_HEAD = 8


class Limits(msgspec.Struct, frozen=True):
    """What reading one file may take: memory in all, processor time in all and for one row, and time on the clock."""

    memory_bytes: int = 768 * 1024 * 1024
    cpu_seconds: int = 30
    row_seconds: float = 3.0
    seconds: int = 60


class Read(msgspec.Struct, frozen=True, tag=True):
    """Read a file, and propose how to import it. ``wanted`` is the plural of what its rows are, if that is known."""

    pipeline: Pipeline
    own_fields: tuple[OwnField, ...]
    encoding: str
    wanted: str


class Choose(msgspec.Struct, frozen=True, tag=True):
    """Change the proposal for a file as a form says, and read it again for that."""

    pipeline: Pipeline
    own_fields: tuple[OwnField, ...]
    bundle: Bundle
    form: dict[str, str]


class Question(msgspec.Struct, frozen=True):
    """What is asked of one file, and within which limits."""

    about: Read | Choose
    limits: Limits


class Proposed(msgspec.Struct, frozen=True, tag=True):
    """The proposal, and what has to be decided first. The file follows if it is to be kept in another form."""

    bundle: Bundle
    questions: list[str] = []
    is_file_changed: bool = False


class Refused(msgspec.Struct, frozen=True, tag=True):
    """The file is not to be imported, and why."""

    why: str


class Failed(msgspec.Struct, frozen=True, tag=True):
    """Reading met a fault of ours: the class of the error, and the lines of our code that led to it; no content."""

    error: str
    lines: list[str]


Answer = Proposed | Refused | Failed


def send(connection: socket.socket, part: bytes) -> None:
    """Send a message or a file, with its length before it."""
    connection.sendall(len(part).to_bytes(_HEAD, "big"))
    connection.sendall(part)


def receive(connection: socket.socket, most: int, deadline: float | None = None) -> bytes:
    """Return the next message or file.

    Raises:
        EOFError: the other side has ended.
        ValueError: it is longer than ``most``.
        TimeoutError: it did not come before ``deadline``, by the monotonic clock.
    """
    length = int.from_bytes(_exactly(connection, _HEAD, deadline), "big")
    if length > most:
        raise ValueError("the message is too long")
    return _exactly(connection, length, deadline)


def _exactly(connection: socket.socket, length: int, deadline: float | None) -> bytes:
    received = bytearray(length)
    rest = memoryview(received)
    while rest:
        if deadline is not None:
            connection.settimeout(max(deadline - time.monotonic(), 0.001))
        count = connection.recv_into(rest)
        if not count:
            raise EOFError
        rest = rest[count:]
    return bytes(received)
