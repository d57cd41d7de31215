"""[G5] While so many people sign in that the last must wait for minutes, pages are answered as ever.

Seen failing with as many places to wait for a turn at hashing as there are threads, and with 90 threads.
"""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from tests.support.paths import ROOT
from tests.support.people import TOKEN
from tests.support.servers.served import Client, free_port, until
from tmr.auth.passwords.hashing import WAITING_PLACES
from tmr.operations.server.processes import OPTIONS

CROWD = 200


class Crowd:
    """People at different addresses who send a password at the same time."""

    def __init__(self, url: str) -> None:
        page = requests.get(f"{url}/login", timeout=30)
        self._url, self._cookies = url, page.cookies
        self._token = TOKEN.search(page.text)[1]
        self.answers: list[int] = []

    def sign_in(self, number: int) -> None:
        fields = {"email": f"n{number}@example.org", "password": "wrong", "csrf_token": self._token}
        headers = {"X-Forwarded-For": f"198.51.{number // 250}.{number % 250}"}
        with contextlib.suppress(requests.ConnectionError):  # those who still wait when the server ends
            answer = requests.post(
                f"{self._url}/login", fields, headers=headers, cookies=self._cookies, allow_redirects=False, timeout=300
            )
            self.answers.append(answer.status_code)


@pytest.fixture
def hold(tmp_path: Path) -> Path:
    return tmp_path / "hold"


class Served:
    """One web process, as `tmr serve` runs it, on the database of the tests."""

    def __init__(self, environ: dict[str, str], log: Path) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "tests.support.servers.crowded", str(port)]
        environ = {**os.environ, **environ, "TMR_BASE_URL": f"http://localhost:{port}"}
        with log.open("w") as out:
            self._process = subprocess.Popen(command, env=environ, stdout=out, stderr=out, start_new_session=True)
        until(lambda: requests.get(f"{self.url}/healthz", timeout=2).ok, 60, log)

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


@pytest.fixture
def served(settings, database, hold: Path, tmp_path: Path) -> Iterator[Served]:
    environ = {"TMR_DATA_DIR": str(settings.data_dir), "TMR_PROXIES": "1", "TMR_TEST_HOLD": str(hold)}
    made = Served({**environ, "PYTHONPATH": str(ROOT)}, tmp_path / "log")
    yield made
    made.kill()


def test_g5_there_are_threads_left_for_those_who_only_read(served: Served, hold: Path, alice) -> None:
    reader = Client(served.url)
    reader.session.cookies.set("tmr", alice.client.get_cookie("tmr").value)
    crowd = Crowd(served.url)
    hold.touch()
    with ThreadPoolExecutor(CROWD) as pool:
        for number in range(CROWD):
            pool.submit(crowd.sign_in, number)
        try:
            until(lambda: len(crowd.answers) >= CROWD - WAITING_PLACES, 120)
            pages = [reader.get(path).status_code for path in ("/login", "/applications", "/today", "/privacy") * 5]
            meanwhile = list(crowd.answers)
        finally:
            served.kill()

    assert meanwhile == [503] * (CROWD - WAITING_PLACES)
    assert pages == [200] * 20
    assert OPTIONS["blocking_threads"] >= WAITING_PLACES + 16
    assert OPTIONS["backpressure"] >= OPTIONS["blocking_threads"]
