"""Bodies as they come off the line: one that was cut short is never taken for whole, one that trickles is cut off.

The server times headers only, and a request that waits for its body holds a thread: a crowd of clients that send
nothing would hold them all. And it ends a body that breaks off as if it had been all there was.
"""

import contextlib
import io
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from werkzeug.exceptions import ClientDisconnected, LengthRequired, ServiceUnavailable

from tmr.web.connections import Line, end, lines

PIECE_BYTES = 16 * 1024
PIECE_SECONDS = 10.0
WAITING = 96  # of the 128 threads of a web process: the others are for whoever sends no body
BODILESS = ("GET", "HEAD", "OPTIONS")

WSGI = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Waits:
    """Which requests wait for a piece of their body, and what becomes of those that wait too long."""

    def __init__(self) -> None:
        self._since: dict[object, float] = {}
        self._before: dict[int, Line] = {}
        self._is_needed = threading.Event()
        self._port = 0
        self._start = threading.Lock()

    @contextlib.contextmanager
    def waiting(self, port: int) -> Iterator[None]:
        """Wait for a piece of a body in here.

        Raises:
            ServiceUnavailable: too many wait already.
        """
        if len(self._since) >= WAITING:
            raise ServiceUnavailable
        key = object()
        self._since[key] = time.monotonic()
        self._watch(port)
        try:
            yield
        finally:
            del self._since[key]

    def _watch(self, port: int) -> None:
        if not self._port:
            with self._start:
                if not self._port:
                    self._port = port
                    threading.Thread(target=self._hang_up_forever, name="bodies", daemon=True).start()
        self._is_needed.set()

    def _hang_up_forever(self) -> None:
        while self._is_needed.wait():
            time.sleep(PIECE_SECONDS)
            self._before = self._hang_up()
            self._is_needed.clear()
            if self._since:
                self._is_needed.set()

    def _hang_up(self) -> dict[int, Line]:
        """End the connections on which a body was waited for all the time since the last look, and hardly came."""
        if not any(since < time.monotonic() - PIECE_SECONDS for since in list(self._since.values())):
            return {}
        now = {line.descriptor: line for line in lines(self._port)}
        end([line for key, line in now.items() if key in self._before and _is_stuck(self._before[key], line)])
        return now


def _is_stuck(before: Line, now: Line) -> bool:
    """Whether an answer is owed all along, and too little of the request came in."""
    is_same = before.peer == now.peer and before.sent_bytes == now.sent_bytes
    return is_same and before.is_owed and now.is_owed and now.received_bytes - before.received_bytes < PIECE_BYTES


class Body(io.RawIOBase):
    """A request's body, as long as its head says."""

    def __init__(self, body: Any, environ: dict[str, Any], waits: Waits) -> None:
        self._body = body
        self._waits = waits
        self._port = int(environ.get("SERVER_PORT") or 0)
        self._left = _length(environ)

    def readable(self) -> bool:
        """Say yes."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill as much of ``buffer`` as there is, at most one piece.

        Raises:
            ClientDisconnected: the body breaks off, or comes too slowly.
            LengthRequired: how long the body is was not said, so that nobody can tell whether it is whole.
            ServiceUnavailable: too many bodies are waited for already.
        """
        if self._left is None:
            raise LengthRequired
        size = min(len(buffer), self._left, PIECE_BYTES)
        if not size:
            return 0
        with self._waits.waiting(self._port):
            piece = self._body.read(size)
        if not piece:
            raise ClientDisconnected
        buffer[: len(piece)] = piece
        self._left -= len(piece)
        return len(piece)


def _length(environ: dict[str, Any]) -> int | None:
    told = environ.get("CONTENT_LENGTH") or ""
    if told.isdecimal() and "HTTP_TRANSFER_ENCODING" not in environ:
        return int(told)
    return 0 if environ["REQUEST_METHOD"] in BODILESS else None


def whole_bodies(application: WSGI) -> WSGI:
    """Return the application with bodies that it may rely on."""
    waits = Waits()

    def run(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ["wsgi.input"] = io.BufferedReader(Body(environ["wsgi.input"], environ, waits), PIECE_BYTES)
        return application(environ, start_response)

    return run
