"""[G5] While so many people sign in that the last must wait for minutes, pages are answered as ever.

Seen failing with as many places to wait for a turn at hashing as there are threads, and with 90 threads.
"""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
import requests

from tests.support.paths import ROOT
from tests.support.people import TOKEN
from tests.support.servers.served import Client, free_port, until
from tmr.auth.passwords.hashing import WAITING_PLACES
from tmr.operations.server.processes import OPTIONS
from tmr.web.monitoring.admission import MOST
from tmr.web.monitoring.busy_answers import RETRY_SECONDS

CROWD = 200
STYLE = re.compile(r"/static/[\w.-]+\.css")


class Crowd:
    """People at different addresses who send a password at the same time."""

    def __init__(self, url: str) -> None:
        page = requests.get(f"{url}/login", timeout=30)
        self._url, self._cookies = url, page.cookies
        self._token = TOKEN.search(page.text)[1]
        self.answers: list[int] = []

    def sign_in(self, number: int) -> None:
        """Send a password, again while there is no room for any request, and keep the answer."""
        fields = {"email": f"n{number}@example.org", "password": "wrong", "csrf_token": self._token}
        headers = {"X-Forwarded-For": f"198.51.{number // 250}.{number % 250}"}
        with contextlib.suppress(requests.ConnectionError):  # those who still wait when the server ends
            send = partial(requests.post, headers=headers, cookies=self._cookies, allow_redirects=False, timeout=300)
            while (answer := send(f"{self._url}/login", fields)).headers.get("Retry-After") == str(RETRY_SECONDS):
                time.sleep(0.2)
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


def test_g5_more_than_can_be_served_is_refused_at_once_and_health_is_answered(served: Served, admin) -> None:
    """Seen failing without a limit: all waited in the threads, and so did the question whether the server is alive."""
    style = STYLE.search(requests.get(f"{served.url}/login", timeout=30).text)[0]
    refused = []

    def read(_number: int) -> None:
        with contextlib.suppress(requests.RequestException):
            answer = requests.get(f"{served.url}/calendar/feed/unknown.ics", timeout=60)
            if answer.headers.get("Retry-After") == str(RETRY_SECONDS):
                refused.append(answer.status_code)

    with ThreadPoolExecutor(MOST + 16) as pool:
        with admin.transaction():
            admin.execute("LOCK TABLE owner_lookups")  # so that who is taken in waits, and more is too much
            for number in range(MOST + 16):
                pool.submit(read, number)
            until(lambda: len(refused) >= 16, 60)
            others = [requests.get(f"{served.url}{path}", timeout=30).status_code for path in ("/healthz", style)]
        served.kill()

    assert (set(refused), others) == ({503}, [200, 200])
