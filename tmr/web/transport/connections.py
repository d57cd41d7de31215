"""The connections of this process as the kernel sees them (Linux), to end those that the server itself would keep.

Granian waits for a request's body for as long as the client likes, and does not tell the application which connection
it came by. So connections are looked up among the descriptors of the process.
"""

import contextlib
import os
import socket
import struct
from collections.abc import Iterator

import msgspec

# Offsets in struct tcp_info of linux/tcp.h; the byte counts exist since Linux 4.1.
_TIMES, _BYTES = struct.Struct("44xI4xI"), struct.Struct("120xQQ")


class Line(msgspec.Struct, frozen=True):
    """One connection at one moment: which it is, and how much went over it so far."""

    descriptor: int
    peer: tuple[str, int]
    sent_bytes: int
    received_bytes: int
    is_owed: bool
    """Whether the client was the last to send: it waits for an answer, or is still sending."""


def lines(port: int) -> list[Line]:
    """Return the connections that clients have to ``port`` of this process; none where there is no ``/proc``."""
    connections = []
    for descriptor, connection in _sockets():
        with connection, contextlib.suppress(OSError, struct.error):
            if connection.getsockname()[1] == port:
                info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _BYTES.size)
                (since_sent, since_received), (sent, received) = _TIMES.unpack_from(info), _BYTES.unpack_from(info)
                is_owed = since_received <= since_sent
                connections.append(Line(descriptor, connection.getpeername()[:2], sent, received, is_owed))
    return connections


def end(unwanted: list[Line]) -> None:
    """End these connections. A descriptor that by now belongs to another connection is left alone."""
    peers = {line.descriptor: line.peer for line in unwanted}
    for descriptor, connection in _sockets():
        with connection, contextlib.suppress(OSError):
            if descriptor in peers and connection.getpeername()[:2] == peers[descriptor]:
                connection.shutdown(socket.SHUT_RDWR)


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
