"""`tmr serve` as a terminal runs it: Ctrl-C reaches the whole group, and everything ends cleanly."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psutil


def test_ctrl_c_stops_everything_that_was_started(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environ = {**os.environ, "TMR_DATA_DIR": str(tmp_path / "var"), "TMR_PORT": str(port), "TMR_WORKERS": "2"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    process = subprocess.Popen([sys.executable, "-m", "tmr", "serve"], env=environ, start_new_session=True, **pipes)
    try:
        started = everything_below(process.pid, port)

        os.killpg(process.pid, signal.SIGINT)
        said, _ = process.communicate(timeout=120)
    finally:
        process.kill()

    assert process.returncode == 0
    assert "refused to gracefully stop" not in said  # what granian says of a web process that it had to kill
    assert any(name == "postgres" for name, _ in started)
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
