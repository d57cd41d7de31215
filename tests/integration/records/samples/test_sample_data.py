"""`tmr demo`: a search that is ready to look around in, in a folder of its own."""

import contextlib
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.people import Person
from tmr import create_app
from tmr.domain.kinds import KINDS
from tmr.operations.demo import DEMO_EMAIL, make_demo

SAID = re.compile(r"The demo's account: (\S+), password (\S+)")
WHOLE_SEARCH = {"applications": 60, "offers": 2, "documents": 3}


@pytest.fixture
def password(services, clock) -> str:
    made = make_demo(services.repository, services.hash_password, 60, clock())
    assert made
    return made


def test_the_demo_holds_a_search_of_every_kind_that_is_ready_to_use(services, password: str) -> None:
    ada = Person(create_app(services), DEMO_EMAIL)

    assert ada.sign_in(password).status_code == 303

    owner = services.repository.find_owner(DEMO_EMAIL)
    with services.repository.for_owner(owner) as uow:
        counts = {name: uow.records.counts.of(kind) for name, kind in KINDS.items()}
    assert {name: counts[name] for name in WHOLE_SEARCH} == WHOLE_SEARCH
    assert all(counts.values()), counts
    for page in ("/today", "/board", "/calendar", "/activity", "/insights", "/offers/compare"):
        assert ada.get(page).status_code == 200


def test_a_demo_that_is_there_is_left_as_it_is(services, clock, password: str) -> None:
    assert make_demo(services.repository, services.hash_password, 60, clock()) is None


def test_every_demo_has_a_password_of_its_own(services, clock, admin, password: str) -> None:
    admin.execute("TRUNCATE accounts, account_emails CASCADE")

    assert make_demo(services.repository, services.hash_password, 60, clock()) not in {password, None}


def test_the_command_says_how_to_get_in_and_touches_no_other_installation(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {"TMR_DATA_DIR": str(tmp_path / "real"), "TMR_DEMO_DIR": str(tmp_path / "demo"), "TMR_WORKERS": "1"}

    with demo_server(port, environment) as process:
        wait_for(f"http://127.0.0.1:{port}/login")
        os.killpg(process.pid, signal.SIGINT)
        said, _ = process.communicate(timeout=120)

    match = SAID.search(said)
    assert match, said
    note = tmp_path / "demo" / "demo-password"
    assert (match[1], match[2]) == (DEMO_EMAIL, note.read_text())
    assert stat.S_IMODE(note.stat().st_mode) == 0o600
    assert not (tmp_path / "real").exists()


@contextlib.contextmanager
def demo_server(port: int, environment: dict[str, str]) -> Iterator[subprocess.Popen]:
    command = [sys.executable, "-m", "tmr", "demo", "--port", str(port)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    process = subprocess.Popen(command, env={**os.environ, **environment}, start_new_session=True, **pipes)
    try:
        yield process
    finally:
        process.kill()


def wait_for(address: str) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        with contextlib.suppress(urllib.error.URLError, OSError):
            urllib.request.urlopen(address, timeout=60).close()
            return
        time.sleep(0.1)
    raise AssertionError(f"{address} never answered")
