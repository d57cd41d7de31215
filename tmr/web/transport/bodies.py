"""Request bodies as they arrive: one that was cut short is never taken for whole, and one that trickles is cut off.

The server puts a time limit on headers only, and a request that waits for its body holds a thread: enough clients that
send nothing would hold them all. So does a download that waits for its client to take the next piece, and it is cut off
alike. All other answers are handed over whole, so that a client that does not read one holds no thread. And when a body
breaks off, the server ends it as if it were whole.
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

from tmr.web.monitoring.admission import aside, is_fair
from tmr.web.transport.connections import Line, end, lines
from tmr.web.transport.networks import network_of

PIECE_BYTES = 16 * 1024
PIECE_SECONDS = 10.0  # a connection that gets fewer bytes than a piece in this time is too slow
QUIET_BYTES = 8 * 1024  # sent in that time; more than this, and the client is reading an answer
WAITING = 96  # of the 128 threads of a web process: the rest are for requests without a body
STRANGERS_WAITING = 64  # of those: the rest are for people who are signed in
SITE_WAITING = 24  # from one IPv4 address or one IPv6 /48, so that one site alone cannot keep others from signing in
BODY = "tmr.body"

WSGI = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Peer(msgspec.Struct):
    """The requests of one address: those being worked on, and those that wait for their client, each since when."""

    working: dict[object, float]
    waiting: dict[object, float]


class Waits:
    """Which requests wait for their client, to send a piece or to take one; ends connections that keep them waiting.

    Which connection a request came by is not known, only the address at its other end. So while another request from
    that address is worked on for long, none of its connections is ended: that one would look just as quiet.
    """

    def __init__(self) -> None:
        self._peers: dict[str, Peer] = {}
        self._strangers: Counter[str] = Counter()  # bodies that are waited for, by the site they come from
        self._count = 0
        self._sending: set[object] = set()
        self._changing = threading.Lock()
        self._before: dict[int, Line] = {}
        self._is_needed = threading.Event()  # lets the watching thread sleep while nothing waits
        self._port = 0
        self._start = threading.Lock()

    @contextlib.contextmanager
    def working(self, address: str, key: object) -> Iterator[None]:
        """Count the request ``key`` as worked on inside the block."""
        with self._changing:
            self._peers.setdefault(address, Peer({}, {})).working[key] = time.monotonic()
        try:
            yield
        finally:
            with self._changing:
                del self._peers[address].working[key]
                self._forget_idle(address)

    def is_crowded(self, site: str) -> bool:
        """Whether half the places for strangers' bodies are taken, in all or by ``site``."""
        return self._strangers.total() >= STRANGERS_WAITING // 2 or self._strangers[site] >= SITE_WAITING // 2

    @contextlib.contextmanager
    def waiting(self, address: str, port: int, key: object, stranger_from: str = "") -> Iterator[None]:
        """Count the request ``key`` as waiting for its body inside the block; ``stranger_from`` is a stranger's site.

        Raises:
            ServiceUnavailable: too many requests wait already, in all, from strangers, or from that site.
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
                    peer.working[key] = time.monotonic()  # its work starts over: the wait must not count as work

    def begin_sending(self, address: str, port: int, key: object) -> None:
        """Count the download ``key`` as waiting, until ``end_sending``, for its client to take what it was given."""
        with self._changing:
            self._sending.add(key)
            self._peers.setdefault(address, Peer({}, {})).waiting[key] = time.monotonic()
        self._watch(port)

    def end_sending(self, address: str, key: object) -> None:
        """Stop counting a download as waiting; nothing happens if it was not."""
        with self._changing:
            if key in self._sending:
                self._sending.discard(key)
                del self._peers[address].waiting[key]
                self._forget_idle(address)

    def _forget_idle(self, address: str) -> None:
        peer = self._peers[address]
        if not peer.working and not peer.waiting:
            del self._peers[address]

    def _has_no_place_for(self, site: str) -> bool:
        return not is_fair(self._strangers[site], STRANGERS_WAITING - self._strangers.total(), SITE_WAITING)

    def _watch(self, port: int) -> None:
        if not self._port:  # looked at before locking, since every piece of every body comes by here
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
            if self._count or self._sending:
                self._is_needed.set()

    def _hang_up(self) -> dict[int, Line]:
        """End connections of late addresses that have been almost silent since last time; return all of theirs."""
        late = self._late()
        connections = {line.descriptor: line for line in lines(self._port) if plain(line.peer[0]) in late}
        before = self._before
        end([line for key, line in connections.items() if key in before and _is_stuck(before[key], line)])
        return connections

    def _late(self) -> set[str]:
        """Return the addresses with a client that is late, and no other request that is worked on for as long."""
        before = time.monotonic() - PIECE_SECONDS
        with self._changing:
            return {
                plain(address)
                for address, peer in self._peers.items()
                if any(since < before for since in peer.waiting.values())
                and not any(since < before for key, since in peer.working.items() if key not in peer.waiting)
            }


def plain(address: str) -> str:
    """Return an address without the prefix that IPv6 puts before one of IPv4."""
    return address.removeprefix("::ffff:")


def _is_stuck(before: Line, now: Line) -> bool:
    """Whether hardly anything was sent or received. A connection whose request has only just begun is spared."""
    is_same, has_begun = before.peer == now.peer, now.is_owed and not before.is_owed
    is_quiet = (
        now.received_bytes - before.received_bytes < PIECE_BYTES and now.sent_bytes - before.sent_bytes < QUIET_BYTES
    )
    return is_same and is_quiet and not has_begun


class Body(io.RawIOBase):
    """The body of a request, exactly as long as its headers say; reading it counts as waiting."""

    def __init__(self, body: Any, environ: dict[str, Any], waits: Waits) -> None:
        self._body = body
        self._waits = waits
        self._port = int(environ.get("SERVER_PORT") or 0)
        self._address = peer_of(environ)
        self._site = network_of(environ.get("REMOTE_ADDR") or "unknown", 48)
        self.is_earned = False  # set once the sender is known to be signed in
        self.is_answered_in_pieces = False  # set by a download, which has places and is watched
        self._left = _length(environ)

    @property
    def is_crowded(self) -> bool:
        """Whether bodies of strangers, or from this site, take so many places that senders must be told apart."""
        return self._waits.is_crowded(self._site)

    def wait_for_client(self) -> None:
        """Count this request as waiting for its client to take a piece of the answer."""
        self._waits.begin_sending(self._address, self._port, self)

    def client_is_here(self) -> None:
        """Note that the client has taken what it was given, or is gone."""
        self._waits.end_sending(self._address, self)

    def readable(self) -> bool:
        """Return True, which ``io`` asks for."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill ``buffer`` with at most one piece, and return its length in bytes; 0 at the end.

        Raises:
            ClientDisconnected: the body breaks off, or comes too slowly.
            LengthRequired: the headers do not say how long the body is, so nothing shows whether it is whole.
            ServiceUnavailable: too many requests wait for their bodies already, or too many of one site have theirs.
        """
        if self._left is None:
            raise LengthRequired
        size = min(len(buffer), self._left, PIECE_BYTES)
        if not size:
            return 0
        stranger_from = "" if self.is_earned else self._site
        with (
            aside(may_refuse=not self.is_earned),
            self._waits.waiting(self._address, self._port, self, stranger_from),
        ):
            piece = self._body.read(size)
        if not piece:
            raise ClientDisconnected
        buffer[: len(piece)] = piece
        self._left -= len(piece)
        return len(piece)


def _length(environ: dict[str, Any]) -> int | None:
    """Return how many bytes the headers announce; None if they announce a body without its length."""
    length = environ.get("CONTENT_LENGTH") or ""
    if length.isdecimal() and "HTTP_TRANSFER_ENCODING" not in environ:
        return int(length)
    return None if "HTTP_TRANSFER_ENCODING" in environ else 0  # RFC 9112, 6.3: without either there is no body


def peer_of(environ: dict[str, Any]) -> str:
    """Return the address at the other end of the connection: with a proxy in front, the proxy's."""
    return environ.get("werkzeug.proxy_fix.orig", environ).get("REMOTE_ADDR") or ""


def body_of(environ: dict[str, Any]) -> Body:
    """Return the body that ``whole_bodies`` made for this request."""
    body: Body = environ[BODY]
    return body


def _whole(answer: Iterable[bytes]) -> list[bytes]:
    try:
        return [b"".join(answer)]
    finally:
        if hasattr(answer, "close"):
            answer.close()


def whole_bodies(application: WSGI) -> WSGI:
    """Return ``application`` with bodies that are whole, or raise an HTTP error while they are read."""
    waits = Waits()

    def run(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        body = Body(environ["wsgi.input"], environ, waits)
        environ["wsgi.input"] = io.BufferedReader(body, PIECE_BYTES)
        environ[BODY] = body
        with waits.working(peer_of(environ), body):
            answer = application(environ, start_response)
            return answer if body.is_answered_in_pieces else _whole(answer)

    return run
