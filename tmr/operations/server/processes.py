"""The web processes and the worker, all under one parent that starts and stops them."""

import contextlib
import errno
import logging
import math
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from tmr.config import Settings, SettingsError
from tmr.operations.server.orphans import mark_children

logger = logging.getLogger(__name__)

RESPAWN_SECONDS = 1.0
REVIVE_SECONDS = 0.5
SIGNAL_SECONDS = 0.1  # after which a signal is heeded at the latest
FINISH_SECONDS = 10  # for the work that a process is at when it is asked to stop
HEADER_MILLISECONDS = 10_000
HEADER_BYTES = 64 * 1024  # a longer head gets 431; a browser's is a few thousand bytes
CONNECTIONS = 4_096  # of a web process at a time: each takes some kilobytes, and one site gets 64 of them
OTHER_FILES = 1_024  # what a web process opens beside them, at most: the database, uploads, documents
SETTLED_SECONDS = 15
ATTEMPTS = 5


class ChildProcess:
    """Keeps one process running beside the web processes, such as ``tmr worker``, and replaces it if it dies."""

    def __init__(self, *arguments: str) -> None:
        self._command = [sys.executable, "-m", *arguments]
        self._is_wanted = True
        self._process: subprocess.Popen[bytes] | None = None
        self._watcher = threading.Thread(target=self._watch, daemon=True)

    def start(self) -> None:
        """Start it, and watch over it."""
        self._spawn()
        self._watcher.start()

    def stop(self) -> None:
        """Ask it to finish, and end it if it takes too long; when this returns, it is gone.

        Until then it holds on to the embedded database, which the last one out stops.
        """
        self._is_wanted = False
        if self._watcher.is_alive():
            self._watcher.join()
        if self._process and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(FINISH_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def _spawn(self) -> None:
        mark_children()
        # A session of its own, so that Ctrl-C reaches only the parent, which stops its processes in order.
        self._process = subprocess.Popen(self._command, start_new_session=True)

    def _try_to_spawn(self) -> None:
        try:
            self._spawn()
        except OSError as error:  # too little memory, or too many processes, just now
            logger.error("%s does not start again: %s", " ".join(self._command[2:]), error)

    def _watch(self) -> None:
        while self._is_wanted:
            if self._process and self._process.poll() is not None:
                time.sleep(RESPAWN_SECONDS)
                if self._is_wanted:
                    self._try_to_spawn()
            time.sleep(0.2)


class DatabaseWatchdog:
    """Starts the embedded database again when it dies, whatever killed it."""

    def __init__(self, revive: Callable[[], bool]) -> None:
        self._revive = revive
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """Stop watching, so that the database can be stopped."""
        self._is_over.set()
        if self._thread.is_alive():
            self._thread.join()

    def _watch(self) -> None:
        while not self._is_over.wait(REVIVE_SECONDS):
            try:
                if self._revive():
                    logger.warning("the embedded PostgreSQL had died and was started again")
            except Exception as error:  # noqa: BLE001 - it must keep trying, whatever the reason
                logger.error("the embedded PostgreSQL does not start again: %s: %s", type(error).__name__, error)


class HeedfulEvent(threading.Event):
    """An event whose wait heeds signals, whichever thread the kernel gives them to.

    Python runs handlers in the main thread, and a lock that it waits for wakes it for signals of its own only. One that
    comes while the process is stopped or traced may go to another thread: the main thread would wait on, for ever.
    """

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the event is set, or for ``timeout`` seconds; return whether it is set.

        It holds no lock meanwhile, which a handler that sets the event would wait for in vain.
        """
        until = math.inf if timeout is None else time.monotonic() + timeout
        while not self.is_set() and time.monotonic() < until:
            time.sleep(SIGNAL_SECONDS)
        return self.is_set()


def child_processes(settings: Settings) -> list[ChildProcess]:
    """Return what runs beside the web processes, as the settings want it: a worker, a redirect from plain http."""
    wanted = [ChildProcess("tmr", "worker")] if settings.has_worker else []
    if settings.http_port:
        place = (settings.host, str(settings.http_port), settings.base_url, str(settings.proxies))
        wanted.append(ChildProcess("tmr.operations.server.http_redirect", *place))
    return wanted


# Many threads, because a sign-in occupies one while it waits for its turn to hash, and must not hold up pages, and some
# must be left to tell those that they come back later whom there is no time for (tmr/web/monitoring/admission.py). No
# access log, because paths would say who reads what.
OPTIONS: dict[str, Any] = {
    "factory": True,
    "blocking_threads": 192,
    "backpressure": CONNECTIONS,
    "respawn_failed_workers": True,
    "respawn_interval": RESPAWN_SECONDS,
    "log_access": False,
    "websockets": False,
    "workers_kill_timeout": FINISH_SECONDS,
}


def refuse_open_plain_http(settings: Settings) -> None:
    """Raise ``SettingsError`` if other machines could come in over plain http, which is for this machine alone."""
    if settings.is_secure or settings.proxies or not settings.is_open_to_others:
        return
    raise SettingsError(
        f"TMR_HOST is {settings.host}, where other machines can connect, but TMR_BASE_URL is {settings.base_url}: "
        "what they send could be read on the way. Set TMR_BASE_URL to the https address that people type, and "
        "TMR_PROXIES to the number of proxies that end TLS, or TMR_TLS_CERT and TMR_TLS_KEY, or TMR_TLS_SELF_SIGNED=1. "
        "For this machine only, leave TMR_HOST out; in a container whose port is published to this machine only, set "
        "TMR_PROXIES=1."
    )


def refuse_taken_port(settings: Settings) -> None:
    """Raise ``SettingsError`` if the app cannot listen where it should, before anything else is started."""
    for name, port in (("TMR_PORT", settings.port), ("TMR_HTTP_PORT", settings.http_port)):
        family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((settings.host, port))
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    raise SettingsError(f"Port {port} is in use. Stop what listens there, or set {name}.") from error
                if error.errno == errno.EADDRNOTAVAIL:
                    raise SettingsError(f"TMR_HOST must be an address of this machine, not {settings.host}.") from error
                raise SettingsError(f"Port {port} cannot be used ({name}): {error.strerror}.") from error


def run_web(settings: Settings, on_ready: Callable[[], None]) -> None:
    """Serve ``tmr.wiring.processes:web_application`` until SIGINT or SIGTERM.

    Granian gives up when a process that it has just started dies as well, such as when memory is short: then all are
    started again. If that helps only for seconds, several times in a row, it raises ``SystemExit``.
    """
    mark_children()
    os.register_at_fork(after_in_child=_stand_apart)
    in_vain = 0
    while in_vain < ATTEMPTS:
        began, server = time.monotonic(), _web_server(settings)
        server.main_loop_interrupt = HeedfulEvent()
        server.on_startup(on_ready)
        try:
            server.serve()
        except SystemExit:
            if server.interrupt_signal:
                raise
            in_vain = in_vain + 1 if time.monotonic() - began < SETTLED_SECONDS else 0
            logger.error("the web processes keep dying, and are started again")
            continue
        return
    raise SystemExit(1)


def _web_server(settings: Settings) -> Any:
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings
    from granian.log import LogLevels

    place: dict[str, Any] = {"address": settings.host, "port": settings.port, "workers": settings.workers}
    # Granian has no time limit for heads and idle connections of HTTP/2; pages are few files, and proxies use HTTP/1.1.
    kinds: dict[str, Any] = {"interface": Interfaces.WSGI, "log_level": LogLevels.error, "http": HTTPModes.http1}
    tls: dict[str, Any] = {"ssl_cert": settings.tls_cert, "ssl_key": settings.tls_key}  # granian takes TLS 1.3 only
    # A head is refused once it is longer than the buffer, when as much again may have come.
    heads = HTTP1Settings(header_read_timeout=HEADER_MILLISECONDS, max_buffer_size=HEADER_BYTES // 2)
    options = {**OPTIONS, "http1_settings": heads, "backpressure": room_for_connections()}
    return Granian("tmr.wiring.processes:web_application", **place, **kinds, **tls, **options)


def room_for_connections() -> int:
    """Return how many connections a web process can accept, after raising the limit on open files as far as needed."""
    wanted, (soft, hard) = CONNECTIONS + OTHER_FILES, resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(OSError, ValueError):  # the system allows fewer than it says, as macOS does
            soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return CONNECTIONS if soft == resource.RLIM_INFINITY else min(CONNECTIONS, max(soft - OTHER_FILES, soft // 2))


def _stand_apart() -> None:
    """Shield a web process from the terminal's Ctrl-C: the parent gets it and stops its processes in order.

    A process that got both signals, or still had the parent's handlers while it starts, would hang until killed.
    """
    os.setpgid(0, 0)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


def announce(settings: Settings, *, is_kit_here: bool, unreached: Iterable[str] = ()) -> None:
    """Print the app's address, and what the operator still has to do about backups."""
    print(f"TrackMyRoles is at {settings.base_url} (Ctrl-C stops it)", flush=True)  # noqa: T201
    for notice in settings.notices:
        print(notice, flush=True)  # noqa: T201
    if is_kit_here and not settings.has_own_backups:
        print(EARLIER_KIT_IS_HERE.format(command=_this_command()), flush=True)  # noqa: T201
    elif is_kit_here:
        print(KIT_IS_HERE.format(target=settings.backup_target, command=_this_command()), flush=True)  # noqa: T201
    if not settings.backup_target:
        print("Backups are off: nothing is kept elsewhere if this machine is lost.", flush=True)  # noqa: T201
    for words in unreached:
        print(words, flush=True)  # noqa: T201


def _this_command() -> str:
    """Return how `tmr` is called here: by its path where the shell would not find it."""
    beside = Path(sys.executable).with_name("tmr")
    if shutil.which("tmr") or not beside.exists():
        return "tmr"
    return os.path.relpath(beside) if beside.is_relative_to(Path.cwd()) else str(beside)


KIT_IS_HERE = """\
Backups are made daily, in {target}. Their private key is still on this machine, so promise P07 is not kept yet:
run `{command} recovery-kit --to FILE`, move the file away, and confirm it as the file says."""
EARLIER_KIT_IS_HERE = """\
The private key of earlier backups is still on this machine, so promise P07 is not kept yet:
run `{command} recovery-kit --to FILE`, move the file away, and confirm it as the file says."""
