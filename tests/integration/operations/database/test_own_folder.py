"""An installation acts on its own folder only, and its processes end with their parent (W7).

Seen failing with the check of the postmaster's folder left out, and with the watch on the parent left out.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.conftest import FAST
from tests.support.servers.served import Served, free_port, until
from tmr.config import load_settings
from tmr.operations.database.embedded import EmbeddedError, EmbeddedServer
from tmr.wiring import processes
from tmr.wiring.services import prepare


@pytest.fixture
def original(tmp_path: Path):
    server = EmbeddedServer(tmp_path / "var", settings=FAST)
    server.join()
    yield server
    server.leave()


def is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def copied(folder: Path) -> Path:
    subprocess.run(["cp", "-a", str(folder), str(folder.with_name("copy"))], check=True)
    return folder.with_name("copy")


def test_w7_a_copy_refuses_while_the_original_runs_and_leaves_it_alone(
    original: EmbeddedServer, tmp_path: Path
) -> None:
    running = original._pid()
    copy = EmbeddedServer(copied(tmp_path / "var"), settings=FAST)

    with pytest.raises(EmbeddedError, match="copy of another installation"):
        copy.join()

    assert original._pid() == running
    assert psutil.pid_exists(running)


@pytest.mark.parametrize("command", [["doctor"], ["account", "disable", "a@example.org"], ["keys", "list"]])
def test_w7_a_command_on_a_copy_touches_nothing_of_the_original(tmp_path: Path, command: list[str]) -> None:
    environ = {**os.environ, "TMR_DATA_DIR": str(tmp_path / "var")}

    def tmr(*arguments: str, folder: str = "var", **more: str) -> subprocess.CompletedProcess[str]:
        values = {**environ, "TMR_DATA_DIR": str(tmp_path / folder), **more}
        made = [sys.executable, "-m", "tmr", *arguments]
        return subprocess.run(made, env=values, capture_output=True, text=True, input="correct horse battery staple\n")

    assert tmr("migrate").returncode == 0
    assert tmr("account", "create", "a@example.org").returncode == 0
    server = EmbeddedServer(tmp_path / "var")
    server.join()
    try:
        running = server._pid()
        copied(tmp_path / "var")
        done = tmr(*command, folder="copy", TMR_KEYRING_FILE=str(tmp_path / "var.keyring"))
        assert done.returncode == 2
        assert "copy of another installation" in done.stderr
        assert server._pid() == running
        assert server._is_running()
    finally:
        server.leave()


def test_w7_a_copy_made_while_the_original_was_down_is_a_server_of_its_own(tmp_path: Path) -> None:
    first = EmbeddedServer(tmp_path / "var", settings=FAST)
    first.join()
    first.leave()
    second = EmbeddedServer(copied(tmp_path / "var"), settings=FAST)

    second.join()
    first.join()

    try:
        assert first._pid() != second._pid()
        assert first.app_url != second.app_url
    finally:
        first.leave()
        second.leave()


def test_w7_a_copy_leaves_the_keyring_of_the_original_alone(tmp_path: Path) -> None:
    keyring = tmp_path / "keys" / "keyring"
    keyring.parent.mkdir()

    def tmr(folder: str, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        values = {"TMR_DATA_DIR": str(tmp_path / folder), "TMR_KEYRING_FILE": str(keyring), **more}
        made = [sys.executable, "-m", "tmr", *arguments]
        return subprocess.run(made, env={**os.environ, **values}, capture_output=True, text=True)

    assert tmr("var", "migrate").returncode == 0
    copied(tmp_path / "var")
    before = {path.name: path.read_bytes() for path in keyring.parent.iterdir()}

    done = tmr("copy", "upkeep")

    assert done.returncode == 2
    assert "is a copy of" in done.stderr
    assert {path.name: path.read_bytes() for path in keyring.parent.iterdir()} == before
    own = tmp_path / "own"
    own.mkdir()
    (own / "keyring").write_bytes(keyring.read_bytes())
    (own / "keyring").chmod(0o600)
    assert tmr("copy", "keys", "list", TMR_KEYRING_FILE=str(own / "keyring")).returncode == 0
    (tmp_path / "var").rename(tmp_path / "moved")
    assert tmr("moved", "keys", "list").returncode == 0


def test_w7_a_folder_that_was_moved_goes_on_with_what_is_in_it(tmp_path: Path) -> None:
    first = EmbeddedServer(tmp_path / "var", settings=FAST)
    first.join()
    first.leave()
    (tmp_path / "var").rename(tmp_path / "elsewhere")

    moved = EmbeddedServer(tmp_path / "elsewhere", settings=FAST)
    moved.join()
    moved.leave()


def test_w7_after_a_kill_of_the_main_process_its_children_end_and_the_next_start_works(tmp_path: Path) -> None:
    served = Served(tmp_path / "var", TMR_PORT=str(free_port()))
    served.start()
    main = psutil.Process(served.process.pid)
    family = main.children(recursive=True)
    database = psutil.Process(EmbeddedServer(tmp_path / "var")._pid())
    assert len(family) >= 3

    os.kill(main.pid, signal.SIGKILL)
    served.process.wait()

    left = [*family, database]
    try:
        until(lambda: not any(map(is_alive, left)), 120)
    except AssertionError:
        words = [f"{process.pid} {process.status()} {process.name()}" for process in left if is_alive(process)]
        raise AssertionError(f"still there: {words}\n{served.log.read_text()[-3000:]}") from None
    again = Served(tmp_path / "var", TMR_PORT=str(served.port))
    again.start()
    again.stop()


def test_w7_a_worker_that_is_stopped_while_it_starts_leaves_no_database_running(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen failing: after a kill of the main process the last one out was often a worker that was not ready yet."""
    settings = load_settings({"TMR_DATA_DIR": str(tmp_path / "var"), "TMR_BACKUP_TARGET": "off"})
    prepare(settings).leave()

    def stopped(*_: object) -> None:
        raise SystemExit(128 + signal.SIGTERM)  # as the handler of the signal does, wherever the process is just then

    monkeypatch.setattr(processes, "job_context_of", stopped)
    with pytest.raises(SystemExit):
        processes.run_worker(settings)

    assert EmbeddedServer(tmp_path / "var")._pid() is None
