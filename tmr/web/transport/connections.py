"""The connections of this process as the kernel sees them (Linux), to end those that the server itself would keep.

Granian waits for a request's body, and for a client to read its answer, for as long as the client likes. It counts open
connections, but not whose they are, and does not tell the application which connection a request came by. So
connections are looked up among the descriptors of the process.
"""

import contextlib
import fcntl
import logging
import os
import socket
import struct
import termios
import threading
import time
from collections import defaultdict
from collections.abc import Iterator

import msgspec

from tmr.web.transport.networks import network_of

logger = logging.getLogger(__name__)

SITE_CONNECTIONS = 64  # in one process, from one IPv4 address or one IPv6 /48; a browser opens six
STUCK_SECONDS = 20.0  # an answer that is not read for so long is given up
LOOK_SECONDS = 1.0
LOOK_AGAIN_SECONDS = 0.1  # after a look at which some were ended, since more of those are likely to come

# Offsets in struct tcp_info of linux/tcp.h; the byte counts exist since Linux 4.1.
_TIMES, _BYTES, _COUNT = struct.Struct("44xI4xI"), struct.Struct("120xQQ"), struct.Struct("i")


class Line(msgspec.Struct, frozen=True):
    """One connection at one moment: which it is, and how much went over it so far."""

    descriptor: int
    peer: tuple[str, int]
    sent_bytes: int
    """How many bytes the other end has confirmed."""
    received_bytes: int
    is_owed: bool
    """Whether the client was the last to send: it waits for an answer, or is still sending."""
    quiet_milliseconds: int = 0
    """For how long nothing has gone over it in either direction."""
    unsent_bytes: int = 0
    """How many bytes of answers the other end has not confirmed."""


def lines(port: int) -> list[Line]:
    """Return the connections that clients have to ``port`` of this process; none where there is no ``/proc``."""
    connections = []
    for descriptor, connection in _sockets():
        with connection, contextlib.suppress(OSError, struct.error):
            if connection.getsockname()[1] == port:
                connections.append(_line(descriptor, connection))
    return connections


def _line(descriptor: int, connection: socket.socket) -> Line:
    info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _BYTES.size)
    (since_sent, since_received), (sent, received) = _TIMES.unpack_from(info), _BYTES.unpack_from(info)
    (unsent,) = _COUNT.unpack(fcntl.ioctl(connection.fileno(), termios.TIOCOUTQ, bytes(_COUNT.size)))
    quiet, is_owed = min(since_sent, since_received), since_received <= since_sent
    return Line(descriptor, connection.getpeername()[:2], sent, received, is_owed, quiet, unsent)


def end(unwanted: list[Line]) -> None:
    """End these connections. A descriptor that by now belongs to another connection is left alone."""
    peers = {line.descriptor: line.peer for line in unwanted}
    for descriptor, connection in _sockets() if peers else ():
        with connection, contextlib.suppress(OSError):
            if descriptor in peers and connection.getpeername()[:2] == peers[descriptor]:
                connection.shutdown(socket.SHUT_RDWR)


class Watch:
    """Finds, in one look after another, the connections that keep others out."""

    def __init__(self, *, room: int, has_proxy: bool) -> None:
        """Watch a process that accepts at most ``room`` connections; behind a proxy, all of them are the proxy's."""
        self._most = room * 3 // 4
        self._has_proxy = has_proxy
        self._stalled: dict[tuple[int, tuple[str, int]], tuple[int, float]] = {}

    def unwanted(self, connections: list[Line], now: float) -> list[Line]:
        """Return which of these to end; ``now`` is in seconds, on a clock that only goes forward.

        These are connections whose answer nobody reads, and the quietest of a site that has too many. If there is
        hardly room for more from anywhere, they are the quietest of all.
        """
        stuck = self._stuck(connections, now)
        if self._has_proxy:
            return stuck
        crowding = _beyond_share(_without(connections, stuck))
        others = _without(connections, [*stuck, *crowding])
        return [*stuck, *crowding, *_quietest(others, len(others) - self._most)]

    def _stuck(self, connections: list[Line], now: float) -> list[Line]:
        before, self._stalled, stuck = self._stalled, {}, []
        for line in connections:
            if line.unsent_bytes:
                key = (line.descriptor, line.peer)
                taken, since = before.get(key, (-1, now))
                since = since if taken == line.sent_bytes else now
                self._stalled[key] = (line.sent_bytes, since)
                if now - since >= STUCK_SECONDS:
                    stuck.append(line)
        return stuck


def _without(connections: list[Line], those: list[Line]) -> list[Line]:
    gone = {line.descriptor for line in those}
    return [line for line in connections if line.descriptor not in gone]


def _beyond_share(connections: list[Line]) -> list[Line]:
    sites: dict[str, list[Line]] = defaultdict(list)
    for line in connections:
        sites[network_of(line.peer[0], 48)].append(line)
    return [line for site in sites.values() for line in _quietest(site, len(site) - SITE_CONNECTIONS)]


def _quietest(connections: list[Line], count: int) -> list[Line]:
    return sorted(connections, key=lambda line: -line.quiet_milliseconds)[: max(0, count)]


def keep_watch(port: int, *, room: int, has_proxy: bool) -> None:
    """Look at the connections to ``port`` of this process every second from now on, and end the unwanted ones."""
    watch = Watch(room=room, has_proxy=has_proxy)
    threading.Thread(target=_look_forever, args=(port, watch), name="connections", daemon=True).start()


def _look_forever(port: int, watch: Watch) -> None:
    pause = LOOK_SECONDS
    while True:
        time.sleep(pause)
        try:
            unwanted = watch.unwanted(lines(port), time.monotonic())
            end(unwanted)
            pause = LOOK_AGAIN_SECONDS if unwanted else LOOK_SECONDS
        except Exception as error:  # noqa: BLE001 - without this watch one client could keep everyone out
            logger.error("connections could not be looked at: %s: %s", type(error).__name__, error)


def _socket(descriptor: int) -> socket.socket:
    try:
        return socket.socket(fileno=descriptor)
    except OSError:  # it has become something else since it was looked at
        os.close(descriptor)
        raise


def _sockets() -> Iterator[tuple[int, socket.socket]]:
    """Yield each descriptor that is a TCP connection, with a duplicate socket that the caller closes."""
    for name in os.listdir("/proc/self/fd") if os.path.isdir("/proc/self/fd") else ():
        with contextlib.suppress(OSError):
            if os.readlink(f"/proc/self/fd/{name}").startswith("socket:"):
                duplicate = _socket(os.dup(int(name)))
                if duplicate.family in (socket.AF_INET, socket.AF_INET6) and duplicate.type == socket.SOCK_STREAM:
                    yield int(name), duplicate
                else:
                    duplicate.close()
