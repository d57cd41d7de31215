"""Settings in, processes out: what ``tmr serve`` and ``tmr worker`` run, and the WSGI application of a web process."""

import contextlib
import gc
import hashlib
import logging
import os
import shutil
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec

from tmr import create_app
from tmr.config import LOOPBACK_NAMES, Settings, host_of, load_settings
from tmr.operations.backups.recovery_kit import is_kit_here
from tmr.operations.database.embedded import EmbeddedError, EmbeddedServer
from tmr.operations.jobs import tasks
from tmr.operations.server.orphans import end_with_parent
from tmr.operations.server.processes import (
    ChildProcess,
    DatabaseWatchdog,
    announce,
    child_processes,
    refuse_open_plain_http,
    refuse_taken_port,
    room_for_connections,
    run_web,
)
from tmr.private_files import write_private
from tmr.repository.database.connections import ANSWER_SECONDS, across_owners_engine
from tmr.repository.errors import DatabaseUnreachableError
from tmr.web.monitoring.admission import ADMISSION
from tmr.web.monitoring.observation import log_as_json
from tmr.web.transport.connections import keep_watch
from tmr.wiring.services import Database, build, job_context_of, open_database, other_targets, prepare, utc_now

logger = logging.getLogger(__name__)

SHARED_METRICS = "PROMETHEUS_MULTIPROC_DIR"


def serve(settings: Settings) -> int:
    """Prepare, then run web processes and a worker until told to stop, and stop everything that was started.

    Raises:
        SettingsError: the app cannot listen where it should.
    """
    refuse_taken_port(settings)
    refuse_open_plain_http(settings)
    database = prepare(settings)
    companions: list[ChildProcess | DatabaseWatchdog] = []
    try:
        settings = with_certificate(settings)
        _share_metrics(settings)
        companions += child_processes(settings)
        if database.embedded:
            companions.append(DatabaseWatchdog(database.embedded.revive))
        for companion in companions:
            companion.start()
        _load_pages()
        unreached = other_targets(settings, across_owners_engine(database.migration_url)).unreached()
        run_web(settings, lambda: announce(settings, is_kit_here=is_kit_here(settings), unreached=unreached))
    finally:
        for companion in reversed(companions):
            companion.stop()
        database.leave()
    return 0


def serve_demo(settings: Settings, records: int) -> int:
    """Serve a separate installation with an account and sample data in it, and print how to sign in."""
    refuse_open_plain_http(settings)
    # Imported here: it needs the pages, and `tmr serve` starts its database before it loads them.
    from tmr.operations.demo import DEMO_EMAIL, make_demo

    database = prepare(settings)
    try:
        services = build(settings, database.app_url, pool_size=1)
        note = settings.data_dir / "demo-password"
        password = make_demo(services.repository, services.hash_password, records, services.clock())
        if password:
            write_private(note, password)
        print(f"The demo's account: {DEMO_EMAIL}, password {note.read_text()}", flush=True)  # noqa: T201
        return serve(settings)
    finally:
        database.leave()


def _load_pages() -> None:
    """Import what every web process needs before they are forked: they start sooner, and share the memory of it."""
    from tmr import auth, privacy, records

    for room in (auth, privacy, records):
        for module in room.ROUTES:
            import_module(f"{room.__name__}.{module}")
    import_module("tmr.web.application")


def _share_metrics(settings: Settings) -> None:
    """Give the web processes one empty folder for their metrics, in memory where the system has such a place.

    They are mapped files. When a disk has no room for the next page of one, the kernel ends the process (SIGBUS).
    """
    name = hashlib.sha256(str(settings.data_dir).encode()).hexdigest()[:12]
    memory = Path("/dev/shm")  # noqa: S108 - made here with mode 0700, and not used if that fails
    for folder in (memory / f"tmr-{os.getuid()}-{name}", settings.data_dir / "metrics"):
        shutil.rmtree(folder, ignore_errors=True)
        with contextlib.suppress(OSError):
            folder.mkdir(mode=0o700, parents=True)
            os.environ[SHARED_METRICS] = str(folder)
            return


def _keep_metrics_folder() -> None:
    """Make the folder for metrics again if it was cleaned away: a process that starts without it would end at once."""
    if folder := os.environ.get(SHARED_METRICS):
        Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)


def with_certificate(settings: Settings) -> Settings:
    """Return the settings with a self-signed certificate, made if there is none, where they want one."""
    if not settings.tls_self_signed:
        return settings
    from tmr.crypto.certificates import self_signed  # here, since hardly one start makes a certificate

    names = {host_of(settings.base_url).strip("[]"), *(name.strip("[]") for name in LOOPBACK_NAMES)}
    certificate, key, fingerprint = self_signed(settings.data_dir / "tls", names, utc_now())
    print(f"The certificate's SHA-256 fingerprint, to compare in the browser: {fingerprint}")  # noqa: T201
    return msgspec.structs.replace(settings, tls_cert=certificate, tls_key=key)


def web_application() -> Callable[..., Any]:
    """Build the WSGI application of one web process."""
    settings = load_settings()
    if settings.logs_json:
        log_as_json()
    _keep_metrics_folder()
    database = _database_of_a_web_process(settings)
    end_with_parent(database.leave, has_work_to_end=False)
    application = create_app(build(settings, database.app_url, answer_seconds=ANSWER_SECONDS))
    application.extensions[ADMISSION].begin()
    keep_watch(settings.port, room=room_for_connections(), has_proxy=settings.proxies > 0)
    _collect_seldom()
    return application


def _collect_seldom() -> None:
    """Look for cycles less often: many records are tens of thousands of short-lived objects without any.

    Looking took a fifth of the time of a page or an import.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def _database_of_a_web_process(settings: Settings) -> Database:
    """Open the database, and go on when it does not start, such as on a full disk: ``tmr serve`` keeps trying.

    Until then requests are answered with the outage. A process that ended would only be started again to end again.
    """
    try:
        return open_database(settings)
    except (EmbeddedError, DatabaseUnreachableError) as error:
        logger.error("%s", error)
        if settings.database_url and settings.migration_url:
            return Database(settings.database_url, settings.migration_url)
        server = EmbeddedServer(settings.data_dir)
        return Database(server.app_url, server.migration_url, server)


def run_worker(settings: Settings) -> int:
    """Run jobs until told to stop."""
    if settings.logs_json:
        log_as_json()
    if os.environ.get(SHARED_METRICS):  # beside web processes on this machine, which publish them
        _keep_metrics_folder()
        from tmr.web.monitoring.metrics import count_unreadable

        count_unreadable()
    database = open_database(settings)
    try:  # from here on: told to stop while it still starts, it must not leave the embedded database running
        end_with_parent(database.leave, has_work_to_end=True)
        job_context = job_context_of(settings, database)
        queue = tasks.make_app(database.app_url.replace("postgresql+psycopg://", "postgresql://", 1), job_context)
        _collect_seldom()
        tasks.run_worker(queue, listens=not settings.is_pooled)
    finally:
        database.leave()
    return 0
