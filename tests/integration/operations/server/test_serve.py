"""`tmr serve` as a terminal runs it: Ctrl-C reaches the whole group, and everything ends cleanly."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.support.servers.served import free_port


@pytest.fixture
def served(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """`tmr serve` with its address in `.port`, stopped at the end whatever happened."""
    port = free_port()
    environ = {**os.environ, "TMR_DATA_DIR": str(tmp_path / "var"), "TMR_PORT": str(port), "TMR_WORKERS": "2"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    process = subprocess.Popen([sys.executable, "-m", "tmr", "serve"], env=environ, start_new_session=True, **pipes)
    process.port = port
    yield process
    process.kill()


def test_ctrl_c_stops_everything_that_was_started(served: subprocess.Popen[str]) -> None:
    started = everything_below(served.pid, served.port)

    os.killpg(served.pid, signal.SIGINT)
    said, _ = served.communicate(timeout=120)

    assert served.returncode == 0
    assert "refused to gracefully stop" not in said  # what granian says of a web process that it had to kill
    assert any(name == "postgres" for name, _ in started)
    assert [name for name, child in started if child.is_running()] == []


@pytest.mark.parametrize("hung", ["worker", "serve"])
def test_w7_ctrl_c_leaves_no_database_running_where_a_process_does_not_end(
    served: subprocess.Popen[str], hung: str
) -> None:
    """Seen failing for the worker: it was told to die, but nobody waited until it had let go of the database."""
    started = everything_below(served.pid, served.port)
    for _, process in started:
        if process.name() != "postgres" and hung in process.cmdline():
            process.suspend()

    os.killpg(served.pid, signal.SIGINT)
    served.communicate(timeout=120)

    assert [name for name, child in started if child.is_running()] == []


@pytest.mark.skipif(sys.platform != "linux", reason="tgkill is Linux's")
def test_ctrl_c_is_heeded_whichever_thread_the_kernel_gives_it_to(served: subprocess.Popen[str]) -> None:
    """After a stop it gives it to any of them. Seen failing: the server went on for ever."""
    started = everything_below(served.pid, served.port)
    other = next(thread.id for thread in psutil.Process(served.pid).threads() if thread.id != served.pid)

    assert ctypes.CDLL(None).tgkill(served.pid, other, signal.SIGINT) == 0
    served.communicate(timeout=120)

    assert [name for name, child in started if child.is_running()] == []


def everything_below(pid: int, port: int) -> list[tuple[str, psutil.Process]]:
    """Wait until both web processes serve; return all processes that belong to the server."""
    parent = psutil.Process(pid)
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError, psutil.NoSuchProcess):  # some only help another to start
            urllib.request.urlopen(f"http://localhost:{port}/healthz").close()
            below = [
                process
                for process in parent.children(recursive=True)
                if process.name() != "postgres" or process.ppid() == pid
            ]
            apart = [process for process in below if "serve" in process.cmdline()]
            if len(apart) == 2:
                return [(process.name(), process) for process in below]
        time.sleep(0.05)
    raise AssertionError("the server did not come up")
