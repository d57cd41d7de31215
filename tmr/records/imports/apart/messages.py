"""What a web process and the process that reads a file say to each other: a message in MessagePack, then a file."""

import datetime as dt
import socket
import time

import msgspec

from tmr.domain.capture.reader import Captured
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

    @property
    def soonest(self) -> float:
        """The time before which none of these is reached, with some to spare."""
        return min(self.cpu_seconds, self.row_seconds, self.seconds) / 2


CAPTURE_LIMITS = Limits(memory_bytes=256 * 1024 * 1024, cpu_seconds=4, seconds=20)  # a mail takes 0.05, a page 0.5


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


class Capture(msgspec.Struct, frozen=True, tag=True):
    """Read a posting or a mail; ``url`` is where a posting came from, ``now`` and ``zone`` are those of the person."""

    url: str
    now: dt.datetime
    zone: str


class Question(msgspec.Struct, frozen=True):
    """What is asked of one file, and within which limits."""

    about: Read | Choose | Capture
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


Answer = Proposed | Captured | Refused | Failed


def takes_too_long(about: Read | Choose | Capture) -> str:
    """Return what a person is told when the time is over."""
    if isinstance(about, Capture):
        return "This takes too long to read. Nothing was changed. Paste only the part about the job."
    return (
        "This file takes too long to read. Nothing was changed. Split it into smaller files, or save it as CSV and "
        "import that."
    )


def too_much_memory(about: Read | Choose | Capture) -> str:
    """Return what a person is told when the memory is used up."""
    if isinstance(about, Capture):
        return "This takes too much memory to read. Nothing was changed. Paste only the part about the job."
    return "This file takes too much memory to read. Nothing was changed. Split it into smaller files."


def ends_it(about: Read | Choose | Capture) -> str:
    """Return what a person is told when reading ended before it could have taken too much: it met a fault."""
    if isinstance(about, Capture):
        return "This can’t be read here. Nothing was changed. Paste the part about the job as plain text."
    return "This file can’t be read here. Nothing was changed. Save it as CSV and import that."


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
