"""[W2] The redirect from plain http has a share for each site.

Seen failing with 64 connections in all and none by site: the other address got no answer.
"""

import contextlib
import socket
import threading
from collections.abc import Iterator

import pytest

from tmr.operations.server.http_redirect import SITE_CONNECTIONS, Redirect, Server


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server(("127.0.0.1", 0))
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


def ask(server: Server, address: str) -> bytes:
    with (
        contextlib.suppress(ConnectionError),
        socket.create_connection(server.server_address, 5, source_address=(address, 0)) as client,
    ):
        client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        return client.recv(100)
    return b""


def test_w2_idle_connections_of_one_address_keep_nobody_from_the_redirect(server: Server, monkeypatch) -> None:
    monkeypatch.setattr(Redirect, "base_url", "https://roles.example.org")
    idle = [
        socket.create_connection(server.server_address, 5, source_address=("127.0.61.1", 0))
        for _ in range(SITE_CONNECTIONS + 40)
    ]
    try:
        assert ask(server, "127.0.61.1") == b""
        assert b" 301 " in ask(server, "127.0.61.2")
        monkeypatch.setattr(Server, "has_proxy", True)
        assert b" 301 " in ask(server, "127.0.61.1")
    finally:
        for client in idle:
            client.close()
