"""[W2] One address with more connections than the server takes keeps nobody at another address out.

Each seen failing with 256 connections in a process and no share of a site: everyone else's request timed out.
"""

import contextlib
import re
import socket
import time
from collections.abc import Iterator

import pytest
import requests

from tests.support.servers.served import Served, until
from tmr.operations.server.processes import HEADER_BYTES
from tmr.web.transport.connections import SITE_CONNECTIONS, STUCK_SECONDS, Line, lines

CROWD = 700
SECONDS = 8
WAYS = ("idle", "slow heads", "unread answers")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served(tmp_path_factory.mktemp("connections") / "var", TMR_WORKERS="1", TMR_WORKER="0") as running:
        yield running


@pytest.fixture(scope="module")
def script(served: Served) -> str:
    return re.search(r"/static/app\.[0-9a-f]+\.js", requests.get(f"{served.url}/login", timeout=30).text)[0]


def says(way: str, script: str) -> bytes:
    """What a client of this kind sends as it arrives; none of them reads anything."""
    whole = f"GET {script} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: identity\r\n\r\n".encode()
    return {"idle": b"", "slow heads": whole[:-2] + b"X-Slow: ", "unread answers": whole * 100}[way]


class Clients:
    """Connections from one address that never go away by themselves."""

    def __init__(self, port: int, address: str, count: int, first: bytes) -> None:
        self._port, self._address, self._first = port, address, first
        self._open = [self._connection() for _ in range(count)]

    def _connection(self) -> socket.socket:
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        client.bind((self._address, 0))
        client.settimeout(0.1)
        with contextlib.suppress(OSError):
            client.connect(("127.0.0.1", self._port))
            client.setblocking(False)
            client.send(self._first)
        client.setblocking(False)
        return client

    def count_ended(self) -> int:
        """How many of them the server has ended; answers are left unread as far as that can be seen without."""
        return sum(map(has_ended, self._open))

    def come_back(self) -> None:
        """Open those again that were ended."""
        for place, client in enumerate(self._open):
            if has_ended(client):
                client.close()
                self._open[place] = self._connection()

    def leave(self) -> None:
        for client in self._open:
            client.close()


def has_ended(client: socket.socket) -> bool:
    state = client.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]
    return state not in (1, 2)  # established, or still connecting


def ask(port: int, *, cookies: int = 4) -> bytes:
    """Return the first line of the answer to someone at another address, who waits for some seconds."""
    with socket.create_connection(("127.0.0.1", port), SECONDS, source_address=("127.0.9.9", 0)) as client:
        head = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nCookie: a="
        with contextlib.suppress(ConnectionError):  # the rest of a head that is too long is not read
            client.sendall(head + b"x" * cookies + b"\r\n\r\n")
        return client.makefile("rb").readline()


@pytest.mark.parametrize("way", WAYS)
def test_w2_more_connections_of_one_address_than_the_server_takes_keep_nobody_out(
    served: Served, script: str, way: str
) -> None:
    clients = Clients(served.port, "127.0.33.1", CROWD, says(way, script))
    try:
        for _ in range(5):
            assert b" 200 " in ask(served.port)
            clients.come_back()
            time.sleep(0.5)
        until(lambda: clients.count_ended() >= CROWD - SITE_CONNECTIONS, 30)
    finally:
        clients.leave()


def test_w2_answers_that_nobody_reads_hold_no_thread_and_are_given_up(served: Served, script: str) -> None:
    """Of so many sites that together they have more connections than the process has threads."""
    sites = [Clients(served.port, f"127.0.40.{n}", 50, says("unread answers", script)) for n in range(1, 5)]
    try:
        assert b" 200 " in ask(served.port)
        assert sum(clients.count_ended() for clients in sites) == 0
        until(lambda: sum(clients.count_ended() for clients in sites) == 200, STUCK_SECONDS * 3)
    finally:
        for clients in sites:
            clients.leave()


def test_w1_a_head_that_is_too_long_is_refused_and_one_with_many_cookies_is_not(served: Served) -> None:
    assert b" 431 " in ask(served.port, cookies=HEADER_BYTES)
    assert b" 431 " in ask(served.port, cookies=300_000)
    assert b" 200 " in ask(served.port, cookies=16_000)


def test_w2_a_connection_tells_whose_it_is_and_how_much_of_its_answers_was_taken() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname(), source_address=("127.0.50.1", 0)) as client,
        server.accept()[0] as accepted,
    ):
        port = server.getsockname()[1]
        fresh = at_the_server(port, accepted)
        accepted.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while accepted.send(b"x" * 100_000):
                pass
        full = at_the_server(port, accepted)
        time.sleep(0.2)
        quiet = at_the_server(port, accepted)
        client.settimeout(SECONDS)
        until(lambda: client.recv(100_000) and at_the_server(port, accepted).sent_bytes > full.sent_bytes)

    assert fresh.peer[0] == "127.0.50.1"
    assert fresh.unsent_bytes == 0
    assert full.unsent_bytes > 0
    assert quiet.quiet_milliseconds >= 100


def at_the_server(port: int, accepted: socket.socket) -> Line:
    return next(line for line in lines(port) if line.descriptor == accepted.fileno())
