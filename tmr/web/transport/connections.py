"""The connections of this process as the kernel sees them (Linux), to end those that the server itself would keep.

Granian waits for a request's body as long as the client likes, and tells the application nothing of the connection. So
it is found among the descriptors of the process.
"""

import contextlib
import os
import socket
import struct
from collections.abc import Iterator

import msgspec

# Offsets in struct tcp_info of linux/tcp.h; the counts of bytes are there since Linux 4.1.
_TIMES, _BYTES = struct.Struct("44xI4xI"), struct.Struct("120xQQ")


class Line(msgspec.Struct, frozen=True):
    """One connection at one moment: which it is, and what went over it so far."""

    descriptor: int
    peer: tuple[str, int]
    sent_bytes: int
    received_bytes: int
    is_owed: bool
    """Whether what came last was from the client: it waits for an answer, or sends still."""


def lines(port: int) -> list[Line]:
    """Return the connections that clients made to a port of this process."""
    found = []
    for descriptor, own in _sockets():
        with own, contextlib.suppress(OSError, struct.error):
            if own.getsockname()[1] == port:
                info = own.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _BYTES.size)
                (since_sent, since_received), (sent, received) = _TIMES.unpack_from(info), _BYTES.unpack_from(info)
                found.append(Line(descriptor, own.getpeername()[:2], sent, received, since_received <= since_sent))
    return found


def end(unwanted: list[Line]) -> None:
    """End these connections, as far as they are still there."""
    peers = {line.descriptor: line.peer for line in unwanted}
    for descriptor, own in _sockets():
        with own, contextlib.suppress(OSError):
            if descriptor in peers and own.getpeername()[:2] == peers[descriptor]:
                own.shutdown(socket.SHUT_RDWR)


def _socket(descriptor: int) -> socket.socket:
    try:
        return socket.socket(fileno=descriptor)
    except OSError:  # it has become something else meanwhile
        os.close(descriptor)
        raise


def _sockets() -> Iterator[tuple[int, socket.socket]]:
    """Yield each descriptor that is a TCP connection, with a socket on it that is ours to close."""
    for name in os.listdir("/proc/self/fd") if os.path.isdir("/proc/self/fd") else ():
        with contextlib.suppress(OSError):
            if os.readlink(f"/proc/self/fd/{name}").startswith("socket:"):
                own = _socket(os.dup(int(name)))
                if own.family in (socket.AF_INET, socket.AF_INET6) and own.type == socket.SOCK_STREAM:
                    yield int(name), own
                else:
                    own.close()
