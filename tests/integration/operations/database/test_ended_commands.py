"""A command that is ended, or killed, leaves no server and no scratch folder behind (W7).

Seen failing without a handler for SIGTERM: `tmr backup verify` left a PostgreSQL with the restored database running in
$TMPDIR, and `tmr doctor` that of the installation; after SIGKILL both stayed without the guardian.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.support.backups import Keys
from tests.support.servers.served import tmr, until
from tmr.operations.database import scratch
from tmr.operations.database.embedded import EmbeddedServer

SIGNALS = [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGKILL]


@pytest.fixture(scope="module")
def temporary() -> Iterator[Path]:
    """A folder for temporary files with a short name, which the database's user may enter."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o711)
    yield folder
    for process in servers_in(folder):
        process.kill()
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def environ(tmp_path_factory: pytest.TempPathFactory, temporary: Path) -> dict[str, str]:
    """An installation with a backup, whose server is down."""
    folder = tmp_path_factory.mktemp("ended")
    keys = Keys(folder)
    made = {
        "TMR_DATA_DIR": str(folder / "var"),
        "TMR_BACKUP_TARGET": str(folder / "target"),
        "TMR_BACKUP_RECIPIENT": keys.recipient,
        "TMPDIR": str(temporary),
        "IDENTITY": str(keys.file),
    }
    assert tmr("migrate", **made).returncode == 0
    assert tmr("backup", "create", **made).returncode == 0
    return made


def servers_in(*folders: Path) -> list[psutil.Process]:
    """Return the servers that work below these folders."""
    found = []
    for process in psutil.process_iter(["name", "cmdline", "status"]):
        words = " ".join(process.info["cmdline"] or [])
        is_here = any(str(folder) in words for folder in folders)
        if is_here and process.info["name"] == "postgres" and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(process)
    return found


def start(environ: dict[str, str], *arguments: str) -> subprocess.Popen[bytes]:
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "preexec_fn": listen_to_the_terminal}
    return subprocess.Popen([sys.executable, "-m", "tmr", *arguments], env={**os.environ, **environ}, **quiet)


def listen_to_the_terminal() -> None:
    """Take signals as a command of a terminal does, though these tests may run under nohup and in the background."""
    for number in (signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)


@pytest.mark.parametrize("number", SIGNALS)
def test_w7_a_verification_that_is_ended_leaves_nothing(
    environ: dict[str, str], temporary: Path, number: signal.Signals
) -> None:
    command = start(environ, "backup", "verify", "--identity", environ["IDENTITY"])
    until(lambda: any(temporary.glob("*/var/postgres/postmaster.pid")), 60)

    command.send_signal(number)
    command.wait(60)

    until(lambda: not servers_in(temporary), 60)
    until(lambda: not any(temporary.glob("*/var")), 60)
    assert command.returncode != 0


@pytest.mark.parametrize("number", SIGNALS)
def test_w7_a_command_that_is_ended_leaves_no_server_of_the_installation(
    environ: dict[str, str], temporary: Path, number: signal.Signals
) -> None:
    folder = Path(environ["TMR_DATA_DIR"])
    command = start(environ, "doctor")
    until(lambda: (folder / "postgres" / "postmaster.pid").exists(), 60)

    command.send_signal(number)
    command.wait(60)

    until(lambda: not servers_in(folder, temporary), 60)
    assert tmr("keys", "list", **environ).returncode == 0


def test_w7_a_killed_command_leaves_a_server_that_another_process_uses(environ: dict[str, str]) -> None:
    server = EmbeddedServer(Path(environ["TMR_DATA_DIR"]))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(tempfile, "tempdir", environ["TMPDIR"])
        command = start(environ, "doctor")
        until(lambda: (server.pgdata / "postmaster.pid").exists(), 60)
        server.join()
        try:
            running = server._pid()
            command.kill()
            command.wait(60)
            time.sleep(3)  # what would end it needs a moment to notice
            assert server._pid() == running
            assert server._answers()
        finally:
            server.leave()


def test_the_scratch_folders_of_a_power_cut_are_removed_by_the_next_run(monkeypatch: pytest.MonkeyPatch) -> None:
    with scratch.scratch_server() as server:
        used, left = server.pgdata.parent.parent, Path(tempfile.mkdtemp(prefix=scratch.PREFIX))
        fresh = Path(tempfile.mkdtemp(prefix=scratch.PREFIX))
        shutil.copytree(server.pgdata.parent, left / "var", ignore=shutil.ignore_patterns("postmaster.pid"))
        for folder in (used, left):
            os.utime(folder, (0, 0))

        scratch.remove_left()

        assert (used.exists(), left.exists(), fresh.exists()) == (True, False, True)
        assert server._answers()
    assert not used.exists()
    fresh.rmdir()
