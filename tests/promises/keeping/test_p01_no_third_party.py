"""P01: no third party sees it. Every socket that the server opens leads to what is configured, and nowhere else.

A real server runs under strace while a person signs up, asks for a new password, reports a weakness and sets out to a
provider: the provider and the mail server are the only other places it may speak to. Pages are walked in a browser in
`tests/browser/test_promises.py`.

Seen failing with a request to another port made by a route.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from aiosmtpd.controller import Controller

from tests.bench.records import Client, wait_until_it_answers
from tests.support.people import PASSWORD
from tests.support.servers.provider import CLIENT_ID, CLIENT_SECRET, Provider
from tests.support.servers.served import until

CONNECT = re.compile(r"connect\(\d+, \{sa_family=(AF_\w+), (.*?)\}, \d+\)")
PORT = re.compile(r"sin6?_port=htons\((\d+)\)")
ADDRESS = re.compile(r'"([0-9a-f.:]+)"')


class Inbox:
    """Counts the mails that arrive."""

    def __init__(self) -> None:
        self.count = 0

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802
        self.count += 1
        return "250 kept"


@pytest.fixture
def inbox():
    made = Inbox()
    made.controller = Controller(made, hostname="127.0.0.1", port=free_port())
    made.controller.start()
    yield made
    made.controller.stop()


@pytest.fixture
def provider():
    made = Provider()
    yield made
    made.server.shutdown()
    made.server.server_close()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def opened(trace: Path) -> set[str]:
    """Every place that a traced process connected to: a path, or an address with its port."""
    destinations = set()
    for family, rest in CONNECT.findall(trace.read_text()):
        if family in ("AF_INET", "AF_INET6"):
            destinations.add(f"{ADDRESS.search(rest)[1]}:{PORT.search(rest)[1]}")
        elif family == "AF_UNIX":
            destinations.add(re.search(r'sun_path=@?"([^"]*)"', rest)[1])
        elif family != "AF_UNSPEC":
            destinations.add(family)
    return destinations


def live(client: Client) -> None:
    """What a person does, as far as it could make the server speak to anyone."""
    assert client.post("/signup", "/signup", email="ada@example.org", password=PASSWORD)[0] < 400
    client.post("/forgot", "/forgot", email="ada@example.org")
    client.post("/login", "/login", email="ada@example.org", password=PASSWORD)
    client.post("/security/report", "/security/report", report="x")
    client.post("/auth/google", "/login")
    for path in ("/", "/privacy", "/readyz", "/.well-known/security.txt"):
        assert client.request("GET", path)[0] == 200


@pytest.mark.skipif(sys.platform != "linux", reason="strace is Linux's")
def test_p01_the_server_connects_to_what_is_configured_and_nowhere_else(tmp_path: Path, inbox, provider) -> None:
    assert shutil.which("strace"), "strace is missing: scripts/install-programs"
    port, trace = free_port(), tmp_path / "trace"
    mail_port = inbox.controller.server.sockets[0].getsockname()[1]
    environ = {
        **os.environ,
        "TMR_DATA_DIR": str(tmp_path / "var"),
        "TMR_PORT": str(port),
        "TMR_WORKERS": "1",
        "TMR_MAIL_URL": f"smtp://127.0.0.1:{mail_port}",
        "TMR_SECURITY_CONTACT": "security@example.org",
        "TMR_GOOGLE_ISSUER": provider.issuer,
        "TMR_GOOGLE_CLIENT_ID": CLIENT_ID,
        "TMR_GOOGLE_CLIENT_SECRET": CLIENT_SECRET,
    }
    command = ["strace", "-f", "-qq", "-s", "200", "-e", "trace=connect", "-o", str(trace)]
    server = subprocess.Popen([*command, sys.executable, "-m", "tmr", "serve"], env=environ, start_new_session=True)
    try:
        wait_until_it_answers(port)
        live(Client(port))
        until(lambda: inbox.count >= 2, 120)
    finally:
        os.killpg(server.pid, signal.SIGINT)
        server.wait(120)

    places = opened(trace)
    database = {place for place in places if place.endswith(".s.PGSQL.5432")}
    system = {place for place in places if place.startswith(("/var/run/nscd", "/run/systemd", "/dev/log"))}
    elsewhere = places - database - system
    issuer = urlsplit(provider.issuer)
    assert database
    assert {place.rpartition(":")[2] for place in elsewhere} == {str(mail_port), str(issuer.port)}, places
    assert {place.rpartition(":")[0] for place in elsewhere} <= {"127.0.0.1", "::1", "::ffff:127.0.0.1"}, places
