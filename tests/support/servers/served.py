"""``tmr serve`` in processes of its own, and people who reach it over the network."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import psutil
import requests


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def tmr(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    command = [sys.executable, "-m", "tmr", *arguments]
    return subprocess.run(command, env={**os.environ, **environ}, capture_output=True, text=True)


class Client:
    """What the test client of Flask offers, over the network; each thread has connections of its own."""

    def __init__(self, url: str, verify: str | bool = True) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.verify = verify
        self.session.trust_env = False

    def get(self, path: str, **kwargs: Any) -> requests.Response:
        return self._open("GET", path, **kwargs)

    def post(self, path: str, data: Mapping[str, Any] | None = None, **kwargs: Any) -> requests.Response:
        fields = dict(data or {})
        files = {name: (value[1], value[0]) for name, value in fields.items() if isinstance(value, tuple)}
        plain = {name: value for name, value in fields.items() if name not in files}
        return self._open("POST", path, data=plain, files=files or None, **kwargs)

    def _open(self, verb: str, path: str, **kwargs: Any) -> requests.Response:
        kwargs.setdefault("timeout", 30)
        return self.session.request(verb, self.url + path, allow_redirects=False, **kwargs)


class Served:
    """One ``tmr serve`` (or ``tmr worker``), with its environment."""

    def __init__(self, folder: Path, *arguments: str, command: str = "serve", **environ: str) -> None:
        self.port = int(environ.get("TMR_PORT") or free_port())
        self.folder = folder
        self.environ = {
            "TMR_DATA_DIR": str(folder),
            "TMR_PORT": str(self.port),
            "TMR_BASE_URL": f"http://localhost:{self.port}",
            **({} if "TMR_BACKUP_RECIPIENT" in environ else {"TMR_BACKUP_TARGET": "off"}),
            **environ,
        }
        self.url = f"http://localhost:{self.port}"
        self.command = [sys.executable, "-m", "tmr", command, *arguments]
        self.process: subprocess.Popen[str] | None = None
        self.log = folder.with_name(f"{folder.name}-{command}-{self.port}.log")

    def start(self, *, is_web: bool = True) -> "Served":
        environ = {**os.environ, **self.environ}
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                self.command, env=environ, stdout=log, stderr=log, text=True, start_new_session=True
            )
        if is_web:
            self.wait_until_ready()
        return self

    def wait_until_ready(self, seconds: float = 60) -> None:
        until(lambda: requests.get(self.url + "/healthz", timeout=2).ok, seconds, self.log)

    def test_client(self) -> Client:
        return Client(self.url)

    def tmr(self, *arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
        return tmr(*arguments, **{**self.environ, **extra})

    def web_processes(self) -> list[psutil.Process]:
        assert self.process
        return self._below("serve")

    def workers(self) -> list[psutil.Process]:
        assert self.process
        return self._below("worker")

    def _below(self, word: str) -> list[psutil.Process]:
        matches = []
        for one in psutil.Process(self.process.pid).children():
            with contextlib.suppress(psutil.Error):
                if word in one.cmdline():
                    matches.append(one)
        return matches

    def kill(self) -> None:
        """Kill everything of it at once, as a power cut would, but for the database."""
        assert self.process
        for one in [*psutil.Process(self.process.pid).children(), psutil.Process(self.process.pid)]:
            if one.name() != "postgres":
                with contextlib.suppress(psutil.NoSuchProcess):
                    one.kill()
        self.process.wait()

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGINT)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()

    def __enter__(self) -> "Served":
        return self.start()

    def __exit__(self, *_error: object) -> None:
        self.stop()


def until(is_so: Callable[[], bool], seconds: float = 30, log: Path | None = None) -> None:
    """Wait until something is so, or fail."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError, requests.RequestException):
            if is_so():
                return
        time.sleep(0.05)
    raise AssertionError("it did not come to that" + (":\n" + log.read_text()[-3000:] if log else ""))


class Crowd:
    """Threads that do something again and again until told to stop; what they raise is kept."""

    def __init__(self, *work: Callable[[], None], pause_seconds: float = 0) -> None:
        self._pause_seconds = pause_seconds
        self.errors: list[BaseException] = []
        self._is_over = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(one,), daemon=True) for one in work]

    def __enter__(self) -> "Crowd":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join(60)

    def _run(self, work: Callable[[], None]) -> None:
        while not self._is_over.is_set():
            try:
                work()
            except BaseException as error:  # noqa: BLE001 - the test looks at all of them
                self.errors.append(error)
                return
            self._is_over.wait(self._pause_seconds)


class Writer:
    """A person who edits one application again and again, and knows what was acknowledged.

    The page is read before each edit, or before every ``reads_every``th and after each that was not acknowledged: to
    read it takes the server four times as long as the edit.
    """

    def __init__(self, person: Any, reads_every: int = 1) -> None:
        self._reads_every = reads_every
        self._version: int | None = None
        self.person = person
        self.record = person.add(company="0", notes="kept secret")
        self.acknowledged = 0
        self.unanswered: list[int] = []
        self.slowest = 0.0
        self.attempted = 0
        self.statuses: list[int] = []
        self._token = person.token("/import")

    @classmethod
    def several(cls, person: Any, count: int = 4, reads_every: int = 1) -> "list[Writer]":
        """One person in so many windows, each with a connection of its own."""
        windows = [type(person)(person.app, person.email) for _ in range(count)]
        for one in windows:
            one.client.session.cookies.update(person.client.session.cookies)
        return [cls(one, reads_every) for one in windows]

    @staticmethod
    def all_go_on(writers: "list[Writer]", seconds: float = 60, log: Path | None = None) -> float:
        """Wait until each has had some more edits acknowledged, and return how many seconds that took."""
        began, before = time.monotonic(), [one.acknowledged for one in writers]
        enough = [count + 10 for count in before]
        until(lambda: all(one.acknowledged > n for one, n in zip(writers, enough, strict=True)), seconds, log)
        return time.monotonic() - began

    def write(self) -> None:
        """Make one edit, whatever version it is at, and note what came of it."""
        self.attempted += 1
        version, self._version = self._version, None
        if version is None or self.attempted % self._reads_every == 0:
            version = int(self.person.version(self.record))
        data = {"company": str(self.attempted), "csrf_token": self._token, "version": str(version)}
        self.unanswered.append(self.attempted)
        answer = self.person.client.post(f"/applications/{self.record}", data=data)
        self.statuses.append(answer.status_code)
        self.unanswered.pop()
        if answer.status_code == 303:
            self.acknowledged = self.attempted
            self.unanswered.clear()
            self._version = version + 1

    def try_to_write(self) -> None:
        """Make one edit if that is possible just now; whatever keeps it from being answered is endured."""
        began = time.monotonic()
        try:
            self.write()
        except (requests.RequestException, AssertionError):
            time.sleep(0.05)  # no connection, or a page that says to come back in a moment
        self.slowest = max(self.slowest, time.monotonic() - began)

    def is_kept(self) -> bool:
        """Whether what is there now is the last acknowledged edit, or a later one whose answer was lost."""
        return self.stored() in {self.acknowledged, *self.unanswered}

    def stored(self) -> int:
        """What is there now."""
        import re

        form = self.person.get(f"/applications/{self.record}?edit=all").text
        version = re.search(r'name="company"[^>]*value="(\d+)"', form)
        assert version
        return int(version[1])
