"""The embedded server: private, recovering, shared by several processes, stopped by the last one."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import psycopg
import pytest

from tests.conftest import libpq
from tests.integration.operations.database.test_own_folder import is_alive
from tests.support.servers.served import tmr, until
from tmr.config import load_settings
from tmr.operations.database.embedded import EmbeddedServer
from tmr.wiring.services import prepare

HOLD = """
import sys, pathlib
from tmr.operations.database.embedded import EmbeddedServer
server = EmbeddedServer(pathlib.Path(sys.argv[1]))
server.join()
print("joined", flush=True)
sys.stdin.read()
server.leave()
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("embedded") / "var"


def hold(folder: Path) -> subprocess.Popen[str]:
    """Another process that uses the server until its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stdout.readline() == "joined\n"
    return process


def answers(server: EmbeddedServer) -> bool:
    try:
        with psycopg.connect(
            libpq(server.app_url.replace("tmr_app:" + server._access().app, admin_part(server)))
        ) as connection:
            return connection.execute("SELECT 1").fetchone() == (1,)
    except psycopg.OperationalError:
        return False


def admin_part(server: EmbeddedServer) -> str:
    return f"tmr_admin:{server._access().admin}"


def test_the_last_one_out_stops_it(folder: Path) -> None:
    other = hold(folder)
    server = EmbeddedServer(folder)
    server.join()

    other.communicate("")
    still_answers = answers(server)
    server.leave()

    assert still_answers
    assert not answers(server)


def test_a_killed_user_leaves_no_hold(folder: Path) -> None:
    other = hold(folder)
    other.send_signal(signal.SIGKILL)
    other.wait()
    server = EmbeddedServer(folder)

    server.join()
    server.leave()

    assert not answers(server)


def test_it_recovers_from_a_kill_of_the_server(folder: Path) -> None:
    server = EmbeddedServer(folder)
    server.join()
    pid = server._pid()
    assert pid
    family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    os.kill(pid, signal.SIGKILL)
    until(lambda: not any(is_alive(process) for process in family), 120)

    again = EmbeddedServer(folder)
    again.join()

    assert answers(again)
    again.leave()
    server.leave()


def test_it_asks_for_a_password_and_has_no_tcp_port(folder: Path) -> None:
    server = EmbeddedServer(folder)
    server.join()
    try:
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(
                libpq(server.app_url.replace(server._access().app, "wrong").replace("tmr_app", "tmr_admin"))
            )
        with psycopg.connect(libpq(server.admin_url)) as admin:
            assert admin.execute("SHOW listen_addresses").fetchone() == ("",)
            assert admin.execute("SHOW password_encryption").fetchone() == ("scram-sha-256",)
            rules = admin.execute("SELECT DISTINCT auth_method FROM pg_hba_file_rules").fetchall()
            assert rules == [("scram-sha-256",)]
    finally:
        server.leave()


def test_its_folders_and_files_are_private(folder: Path) -> None:
    server = EmbeddedServer(folder)
    server.join()
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (server.pgdata, server._socket_folder())}
    files = {path: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir() if path.is_file()}
    server.leave()

    assert set(modes.values()) == {0o700}
    assert set(files.values()) == {0o600}


def test_a_folder_of_another_user_is_not_used(folder: Path) -> None:
    server = EmbeddedServer(folder)
    server.join()
    socket_folder = server._socket_folder()
    socket_folder.chmod(0o755)
    try:
        with pytest.raises(Exception, match="alone"):
            _ = server.app_url
    finally:
        socket_folder.chmod(0o700)
        server.leave()


@pytest.mark.parametrize("command", ["serve", "migrate", "worker", "demo"])
def test_a_data_directory_of_an_older_postgresql_is_refused_untouched_with_the_way_out(tmp_path: Path, command) -> None:
    settings = load_settings({"TMR_DATA_DIR": str(tmp_path / "var")})
    prepare(settings).leave()
    version = tmp_path / "var" / "postgres" / "PG_VERSION"
    version.write_text("17\n")
    places = {"TMR_DATA_DIR": str(tmp_path / "var"), "TMR_DEMO_DIR": str(tmp_path / "var"), "TMR_PORT": "0"}

    done = tmr(command, **places)

    assert done.returncode == 2
    assert "made by PostgreSQL 17" in done.stderr
    assert "tmr backup create" in done.stderr
    assert "tmr backup restore" in done.stderr
    assert "Traceback" not in done.stderr
    version.write_text("18\n")
    server = EmbeddedServer(tmp_path / "var")
    server.join()
    assert answers(server)
    server.leave()


def test_an_initdb_that_was_killed_is_started_over(tmp_path: Path) -> None:
    draft = tmp_path / "var" / "postgres.new"
    draft.mkdir(parents=True)
    (draft / "PG_VERSION").write_text("18\n")
    server = EmbeddedServer(tmp_path / "var")

    server.join()

    assert answers(server)
    server.leave()
