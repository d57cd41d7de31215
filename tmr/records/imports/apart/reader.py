"""Has files read in processes of their own, by one that each web process starts when the first file comes."""

import atexit
import contextlib
import datetime as dt
import logging
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from tmr.domain.capture.reader import Captured
from tmr.domain.fields.own import OwnField
from tmr.domain.importing.errors import FileRefusedError
from tmr.domain.importing.reading.bundle import Bundle
from tmr.domain.importing.reading.file import ReadFile
from tmr.domain.pipeline.pipeline import Pipeline
from tmr.records.imports.apart.messages import (
    BEGUN,
    CAPTURE_LIMITS,
    MOST_ANSWER,
    MOST_CONTENT,
    Answer,
    Capture,
    Choose,
    Failed,
    Limits,
    Proposed,
    Question,
    Read,
    Refused,
    ends_it,
    receive,
    send,
    takes_too_long,
)

logger = logging.getLogger(__name__)

LIMITS = Limits()
NOT_NOW = "Files can't be read just now. Nothing was changed. Try again in a minute."
GRACE_SECONDS = 5
_PROGRAM = Path(__file__).with_name("process.py")


class ReadingFailedError(RuntimeError):
    """Reading a file met a fault of ours."""


class _NotBegunError(Exception):
    """The process that was asked did not take the question."""

    def __init__(self, asked: "subprocess.Popen[bytes] | None") -> None:
        super().__init__()
        self.asked = asked


class Reader:
    """The process that reads files for this one: started when it is needed, and again after it ended."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        atexit.register(self.close)

    @property
    def pid(self) -> int | None:
        """The number of the process, if there is one."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the process if there is none; it loads what it needs while this one goes on."""
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                self._start()

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._end()

    def ask(self, about: Read | Choose | Capture, content: bytes) -> tuple[Answer, bytes]:
        """Return the answer, and the file if it is to be kept in another form; no lock is held during the reading.

        Raises:
            FileRefusedError: it took more than it may.
            ReadingFailedError: the answer is none.
        """
        limits = CAPTURE_LIMITS if isinstance(about, Capture) else LIMITS
        for _ in range(2):
            try:
                return self._ask(Question(about, limits), content)
            except _NotBegunError as error:  # it had been idle, and ended just then
                self._end_if_it_is(error.asked)
        raise FileRefusedError(NOT_NOW)

    def _ask(self, question: Question, content: bytes) -> tuple[Answer, bytes]:
        asking = msgspec.msgpack.encode(question)
        deadline = time.monotonic() + question.limits.seconds + GRACE_SECONDS
        with self._connected() as (connection, asked):
            connection.settimeout(deadline - time.monotonic())
            try:
                begun = connection.recv(1)
            except OSError:
                raise _NotBegunError(asked) from None
            if begun != BEGUN:
                raise _NotBegunError(asked)
            began = time.monotonic()
            try:
                send(connection, asking)
                send(connection, content)
                answer = msgspec.msgpack.decode(receive(connection, MOST_ANSWER, deadline), type=Answer)
                is_changed = getattr(answer, "is_file_changed", False)
                return answer, receive(connection, MOST_CONTENT, deadline) if is_changed else content
            except msgspec.MsgspecError as error:  # no answer of ours
                logger.error("the answer about a file was none: %s", type(error).__name__)
                raise ReadingFailedError(type(error).__name__) from None
            except ValueError:  # it is more than a list can be
                raise FileRefusedError(takes_too_long(question.about)) from None
            except (OSError, EOFError):  # it has ended: the system does that too when it takes too long
                raise FileRefusedError(_why_it_ended(question, time.monotonic() - began)) from None

    @contextlib.contextmanager
    def _connected(self) -> Iterator[tuple[socket.socket, "subprocess.Popen[bytes] | None"]]:
        """Give the process one end of a new connection, and yield the other, with the process."""
        here, there = socket.socketpair()
        with here:
            with there, self._lock:
                if self._control is None or self._process is None or self._process.poll() is not None:
                    self._start()
                asked = self._process
                try:
                    socket.send_fds(self._control, [b"f"], [there.fileno()])  # type: ignore[arg-type]
                except OSError:
                    raise _NotBegunError(asked) from None
            yield here, asked

    def _start(self) -> None:
        self._end()
        here, there = socket.socketpair()
        with there:
            self._process = subprocess.Popen(  # noqa: S603 - our own program, and no argument from outside
                [sys.executable, "-I", str(_PROGRAM), str(there.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[there.fileno()],
                env={},  # settings hold keys
                cwd="/",
                start_new_session=True,  # Ctrl-C in a terminal is for those who ask
            )
        self._control = here

    def _end_if_it_is(self, asked: "subprocess.Popen[bytes] | None") -> None:
        """End the process that was asked; one that another thread has started since goes on reading."""
        with self._lock:
            if self._process is asked:
                self._end()

    def _end(self) -> None:
        if self._control:
            self._control.close()
        if self._process:
            self._process.kill()
            self._process.wait()
        self._control = self._process = None


def _why_it_ended(question: Question, seconds: float) -> str:
    if seconds >= question.limits.soonest:
        return takes_too_long(question.about)
    logger.error("reading a file ended without an answer, before any limit")
    return ends_it(question.about)


reader = Reader()


def read_apart(
    pipeline: Pipeline, content: bytes, encoding: str, wanted: str = "", own_fields: tuple[OwnField, ...] = ()
) -> ReadFile:
    """Read a file and propose how to import it, in a process of its own.

    Raises:
        FileRefusedError: it is no table, damaged or too large, or takes more time or memory than it may.
    """
    answer, kept = reader.ask(Read(pipeline, own_fields, encoding, wanted), content)
    return ReadFile(kept, _bundle(answer)[0])


def choose_apart(
    pipeline: Pipeline, bundle: Bundle, form: dict[str, str], content: bytes, own_fields: tuple[OwnField, ...] = ()
) -> tuple[Bundle, list[str]]:
    """Change a proposal as the form says, in a process of its own; return it, and what has to be decided first.

    Raises:
        FileRefusedError: it cannot be read in that way, or takes more time or memory than it may.
    """
    answer, _ = reader.ask(Choose(pipeline, own_fields, bundle, form), content)
    return _bundle(answer)


def capture_apart(content: bytes, url: str, now: dt.datetime, zone: str) -> Captured:
    """Read a posting or a mail in a process of its own.

    Raises:
        FileRefusedError: it takes more time or memory than it may.
        ReadingFailedError: reading it met a fault of ours, which is in the log.
    """
    answer, _ = reader.ask(Capture(url, now, zone), content)
    _raise_unless_read(answer)
    if not isinstance(answer, Captured):
        raise ReadingFailedError(type(answer).__name__)
    return answer


def _bundle(answer: Answer) -> tuple[Bundle, list[str]]:
    _raise_unless_read(answer)
    if not isinstance(answer, Proposed):
        raise ReadingFailedError(type(answer).__name__)
    return answer.bundle, answer.questions


def _raise_unless_read(answer: Answer) -> None:
    if isinstance(answer, Refused):
        raise FileRefusedError(answer.why)
    if isinstance(answer, Failed):
        logger.error("reading a file failed: %s at %s", answer.error, ", ".join(answer.lines))
        raise ReadingFailedError(answer.error)
