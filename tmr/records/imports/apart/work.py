"""What the process of one file does: it limits itself, reads the question and the file, answers, and ends."""

import ctypes
import gc
import os
import signal
import socket
import sys
import traceback
from pathlib import Path

import msgspec

from tmr.domain.capture.reader import read_captured
from tmr.domain.fields.kind import Kind
from tmr.domain.importing.errors import FileRefusedError
from tmr.domain.importing.plan import Plan, cells_of
from tmr.domain.importing.reading.bundle import kinds_with
from tmr.domain.importing.reading.choices import apply_choices
from tmr.domain.importing.reading.file import read_file
from tmr.domain.importing.reading.staged import Staged, StagedBytes, opener
from tmr.domain.importing.rows.reader import RowReader
from tmr.records.imports.apart.messages import (
    BEGUN,
    MOST_CONTENT,
    MOST_QUESTION,
    Answer,
    Capture,
    Choose,
    Failed,
    Limits,
    Proposed,
    Question,
    Refused,
    receive,
    send,
    too_much_memory,
)

OPEN_FILES = 64  # an old workbook is read by a process of its own, through pipes
MOST_LINES = 40
_SET_SIGNAL_OF_PARENTS_DEATH = 1


def work(connection: socket.socket, parent: int) -> None:
    """Answer the one question that comes over ``connection``; ``parent`` started this process."""
    _end_with(parent)
    gc.disable()  # this process ends soon, and what it may take is limited
    connection.sendall(BEGUN)
    question = msgspec.msgpack.decode(receive(connection, MOST_QUESTION), type=Question)
    content = receive(connection, MOST_CONTENT)
    limit(question.limits)
    for part in _encoded(question, content):
        send(connection, part)


def limit(limits: Limits) -> None:
    """Have the system end this process when it takes more than it may. It can write no file, and leaves no dump."""
    signal.alarm(limits.seconds)
    try:
        import resource
    except ImportError:  # no such limits on Windows
        return
    for what, most in (
        (resource.RLIMIT_AS, limits.memory_bytes),  # macOS takes it and does not keep it
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
    ):
        _, hard = resource.getrlimit(what)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        try:
            resource.setrlimit(what, (most, most))
        except (OSError, ValueError):
            if sys.platform == "linux":
                raise


def _end_with(parent: int) -> None:
    """Have the system end this process with its parent, which has one thread. macOS has no such signal."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_SIGNAL_OF_PARENTS_DEATH, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)  # it ended before that


def _encoded(question: Question, content: bytes) -> list[bytes]:
    """Return the answer as it is sent, and the file behind it if that is to be kept in another form.

    Whatever goes wrong here is an answer too: one who hears none knows that the system has ended this process.
    """
    try:
        answer, kept = _answered(question, content)
        is_file_changed = isinstance(answer, Proposed) and answer.is_file_changed
        return [msgspec.msgpack.encode(answer), *([kept] if is_file_changed else [])]
    except FileRefusedError as error:
        answer = Refused(str(error))
    except MemoryError:
        answer = Refused(too_much_memory(question.about))
    except Exception as error:  # noqa: BLE001 - told without its text, which may have content of the file
        answer = Failed(type(error).__name__, _lines_of(error))
    return [msgspec.msgpack.encode(answer)]


def _answered(question: Question, content: bytes) -> tuple[Answer, bytes]:
    about = question.about
    if isinstance(about, Capture):
        return read_captured(content, about.url, about.now, about.zone), b""
    return _proposed(question, content)


def _proposed(question: Question, content: bytes) -> tuple[Answer, bytes]:
    about = question.about
    if isinstance(about, Capture):
        raise TypeError(about)
    if isinstance(about, Choose):
        staged = StagedBytes(content)
        kinds = kinds_with(about.pipeline, about.own_fields, about.bundle)
        questions = apply_choices(kinds, about.bundle, about.form, staged)
        answer, kept = Proposed(about.bundle, questions), content
    else:
        read = read_file(about.pipeline, content, about.encoding, about.wanted, about.own_fields)
        kept, staged = read.content, StagedBytes(read.content)
        answer = Proposed(read.bundle, [], kept is not content and kept != content)
    kinds = kinds_with(about.pipeline, about.own_fields, answer.bundle)  # with fields that were made of its columns
    for plan in answer.bundle.used:
        _read_rows(kinds[plan.kind], plan, staged, question.limits.row_seconds)
    return answer, kept


def _read_rows(kind: Kind, plan: Plan, staged: Staged, row_seconds: float) -> None:
    """Read every row as the web process and the worker will, so that none of them meets one that takes them long."""
    reader = RowReader(kind, plan)
    for _, cells in cells_of(plan, opener(staged, plan)):
        signal.setitimer(signal.ITIMER_VIRTUAL, row_seconds)
        reader.read(cells)
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def _lines_of(error: BaseException) -> list[str]:
    """Return where an error was met, without what it says."""
    frames = traceback.extract_tb(error.__traceback__)[-MOST_LINES:]
    return [f"{Path(frame.filename).name}:{frame.lineno} in {frame.name}" for frame in frames]
