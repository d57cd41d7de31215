"""Bodies as they come off the line: one that was cut short is never taken for whole, one that trickles is cut off.

The server times headers only, and a request that waits for its body holds a thread: a crowd of clients that send
nothing would hold them all. And it ends a body that breaks off as if it had been all there was.
"""

import contextlib
import io
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec
from werkzeug.exceptions import ClientDisconnected, LengthRequired, ServiceUnavailable

from tmr.web.transport.connections import Line, end, lines
from tmr.web.transport.networks import network_of

PIECE_BYTES = 16 * 1024
PIECE_SECONDS = 10.0
QUIET_BYTES = 8 * 1024
WAITING = 96  # of the 128 threads of a web process: the others are for whoever sends no body
STRANGERS_WAITING = 64  # of those: the others are for the signed-in
SITE_WAITING = 24  # of one IPv4 address, or of one IPv6 /48: it takes several to keep others from signing in
BODY = "tmr.body"

WSGI = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Peer(msgspec.Struct):
    """What one address has under way here: requests that are worked on, and bodies that are waited for, since when."""

    working: dict[object, float]
    waiting: dict[object, float]


class Waits:
    """Which requests wait for a piece of their body, and what becomes of those that wait too long.

    The connection of a request is not known, only the address at its other end. So while a request of that address is
    worked on for long, none of its connections is touched: its own looks the same.
    """

    def __init__(self) -> None:
        self._peers: dict[str, Peer] = {}
        self._strangers: Counter[str] = Counter()  # bodies that are waited for, by the site they come from
        self._count = 0
        self._changing = threading.Lock()
        self._before: dict[int, Line] = {}
        self._is_needed = threading.Event()
        self._port = 0
        self._start = threading.Lock()

    @contextlib.contextmanager
    def working(self, address: str, key: object) -> Iterator[None]:
        """Work on a request in here, known by ``key``."""
        with self._changing:
            self._peers.setdefault(address, Peer({}, {})).working[key] = time.monotonic()
        try:
            yield
        finally:
            with self._changing:
                peer = self._peers[address]
                del peer.working[key]
                if not peer.working:
                    del self._peers[address]

    def is_crowded(self, site: str) -> bool:
        """Whether so many bodies of strangers are waited for that the signed-in should be told apart from them."""
        return self._strangers.total() >= STRANGERS_WAITING // 2 or self._strangers[site] >= SITE_WAITING // 2

    @contextlib.contextmanager
    def waiting(self, address: str, port: int, key: object, stranger_from: str = "") -> Iterator[None]:
        """Wait for a piece of a body of the request ``key`` in here, which a stranger sends from that site.

        Raises:
            ServiceUnavailable: too many wait already, or too many strangers, or too many of that site.
        """
        with self._changing:
            if self._count >= WAITING or (stranger_from and self._has_no_place_for(stranger_from)):
                raise ServiceUnavailable
            self._count += 1
            self._strangers.update([stranger_from] if stranger_from else [])
            peer = self._peers.get(address) or Peer({}, {})
            peer.waiting[key] = time.monotonic()
        self._watch(port)
        try:
            yield
        finally:
            with self._changing:
                self._count -= 1
                self._strangers -= Counter([stranger_from] if stranger_from else [])
                del peer.waiting[key]
                if key in peer.working:
                    peer.working[key] = time.monotonic()  # what came so far is worked on from now on

    def _has_no_place_for(self, site: str) -> bool:
        return self._strangers[site] >= SITE_WAITING or self._strangers.total() >= STRANGERS_WAITING

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
            if self._count:
                self._is_needed.set()

    def _hang_up(self) -> dict[int, Line]:
        """End the connections of those whose bodies are late on which hardly anything went since the last look."""
        late = self._late()
        now = {line.descriptor: line for line in lines(self._port) if plain(line.peer[0]) in late}
        end([line for key, line in now.items() if key in self._before and _is_stuck(self._before[key], line)])
        return now

    def _late(self) -> set[str]:
        before = time.monotonic() - PIECE_SECONDS
        with self._changing:
            return {
                plain(address)
                for address, peer in self._peers.items()
                if any(since < before for since in peer.waiting.values())
                and not any(since < before for key, since in peer.working.items() if key not in peer.waiting)
            }


def plain(address: str) -> str:
    """Return an address without the form that IPv6 gives to one of IPv4."""
    return address.removeprefix("::ffff:")


def _is_stuck(before: Line, now: Line) -> bool:
    """Whether hardly anything went either way. A request that has just begun is spared."""
    is_same, has_begun = before.peer == now.peer, now.is_owed and not before.is_owed
    is_quiet = (
        now.received_bytes - before.received_bytes < PIECE_BYTES and now.sent_bytes - before.sent_bytes < QUIET_BYTES
    )
    return is_same and is_quiet and not has_begun


class Body(io.RawIOBase):
    """A request's body, as long as its head says."""

    def __init__(self, body: Any, environ: dict[str, Any], waits: Waits) -> None:
        self._body = body
        self._waits = waits
        self._port = int(environ.get("SERVER_PORT") or 0)
        self._address = peer_of(environ)
        self._site = network_of(environ.get("REMOTE_ADDR") or "unknown", 48)
        self.is_earned = False
        self._left = _length(environ)

    @property
    def is_crowded(self) -> bool:
        """Whether the last places for bodies are being taken."""
        return self._waits.is_crowded(self._site)

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
        with self._waits.waiting(self._address, self._port, self, "" if self.is_earned else self._site):
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
    return None if "HTTP_TRANSFER_ENCODING" in environ else 0  # RFC 9112, 6.3: then there is none


def peer_of(environ: dict[str, Any]) -> str:
    """Return the address at the other end of the connection, which with a proxy in front is the proxy's."""
    return environ.get("werkzeug.proxy_fix.orig", environ).get("REMOTE_ADDR") or ""


def body_of(environ: dict[str, Any]) -> Body:
    """Return the body of the request in ``environ``."""
    body: Body = environ[BODY]
    return body


def whole_bodies(application: WSGI) -> WSGI:
    """Return the application with bodies that it may rely on."""
    waits = Waits()

    def run(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        body = Body(environ["wsgi.input"], environ, waits)
        environ["wsgi.input"] = io.BufferedReader(body, PIECE_BYTES)
        environ[BODY] = body
        with waits.working(peer_of(environ), body):
            return application(environ, start_response)

    return run
