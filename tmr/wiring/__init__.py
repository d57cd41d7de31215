"""Settings in, long-lived parts out."""

import contextlib
import datetime as dt
import gc
import hashlib
import logging
import os
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Engine

from tmr import create_app
from tmr.auth.passwords.hashing import hash_password, needs_rehash, verify_password
from tmr.config import LOOPBACK_NAMES, Settings, host_of, load_settings
from tmr.config import SettingsError as SettingsError
from tmr.crypto.certificates import self_signed
from tmr.crypto.errors import KeyringError
from tmr.crypto.keyring import Keyring, make_keyring_file, parse_keyring, read_keyring_file
from tmr.operations.backups.create import Backups
from tmr.operations.backups.files import BackupFile, of_now, recognised
from tmr.operations.backups.recovery_kit import counter_file, ensure_identity, is_kit_here, recipient_of
from tmr.operations.backups.stamp import Stamper, stamp_at
from tmr.operations.backups.targets import target_of
from tmr.operations.database.embedded import EmbeddedError, EmbeddedServer
from tmr.operations.database.own_folder import other_owner_of
from tmr.operations.demo import DEMO_EMAIL, make_demo, write_private
from tmr.operations.jobs import tasks
from tmr.operations.key_rotation import KeyRotation
from tmr.operations.keys import Keys as Keys
from tmr.operations.mail import make_mailer
from tmr.operations.release import release
from tmr.operations.server.orphans import end_with_parent
from tmr.operations.server.processes import (
    ChildProcess,
    DatabaseWatchdog,
    announce,
    child_processes,
    refuse_taken_port,
    run_web,
)
from tmr.privacy.erasure.ledger import bring_together
from tmr.privacy.erasure.ledger import write_ledger as write_ledger
from tmr.repository.database.across_owners import AcrossOwners
from tmr.repository.database.connections import ANSWER_SECONDS, LONG_SECONDS, across_owners_engine, app_engine
from tmr.repository.database.installation_facts import InstallationFacts
from tmr.repository.database.migrate import is_outdated, migrate
from tmr.repository.keys.keyring_store import KeyringStore as KeyringStore
from tmr.repository.queue.rate_limits import Limits
from tmr.repository.repository import Repository
from tmr.web.monitoring.observation import log_as_json
from tmr.web.services import Services

logger = logging.getLogger(__name__)

LOOKUP_POOL_SIZE = 4
NO_INSTALLATION = (
    "There is no installation in {data_dir}. Set TMR_DATA_DIR, or make one with `tmr serve`. (`make run` reads .env; "
    "`tmr` takes the environment as it is.)"
)
SHARED_FIGURES = "PROMETHEUS_MULTIPROC_DIR"


class Database(msgspec.Struct):
    """Where the database is, and the hold on it when it is the embedded one."""

    app_url: str
    migration_url: str
    embedded: EmbeddedServer | None = None

    def leave(self) -> None:
        """Give the embedded server up; the last one out stops it."""
        if self.embedded:
            self.embedded.leave()


def utc_now() -> dt.datetime:
    """Return the time of the system's clock."""
    return dt.datetime.now(dt.UTC)


def open_database(settings: Settings) -> Database:
    """Return the configured database, or start and join the embedded one."""
    if settings.database_url and settings.migration_url:
        return Database(settings.database_url, settings.migration_url)
    server = EmbeddedServer(settings.data_dir)
    server.join()
    return Database(server.app_url, server.migration_url, server)


def prepare(settings: Settings) -> Database:
    """Open the database, bring its schema up to date, and make sure that the keyring fits it.

    Raises:
        KeyringError: the data needs keys that are not there.
    """
    is_fresh = not (settings.data_dir / "postgres").exists() and not settings.database_url
    if is_fresh and not settings.keyring:
        make_keyring(settings)
    keyring = load_keyring(settings)
    database = open_database(settings)
    if database.embedded and is_outdated(database.migration_url):
        _back_up_before_migrating(settings, database)
    migrate(database.migration_url, database.app_url)
    ensure_identity(settings)
    engine = across_owners_engine(database.migration_url)
    check_keys(keyring, AcrossOwners(engine))
    check_installation(settings, keyring, InstallationFacts(engine))
    return database


def _back_up_before_migrating(settings: Settings, database: Database) -> None:
    if not settings.backup_target:
        print("No backup is made before the update of the schema: backups are off (TMR_BACKUP_TARGET).")  # noqa: T201
        return
    backups = backups_at(settings, across_owners_engine(database.migration_url), settings.backup_target)
    ensure_identity(settings)
    backups.create(recipient_of(settings) or "", utc_now, lambda _words: None)
    print("A backup is made; now the schema is updated.", flush=True)  # noqa: T201


def make_keyring(settings: Settings) -> None:
    """Write a fresh keyring where the settings want it; leave one that is there."""
    make_keyring_file(settings.keyring_file)


def load_keyring(settings: Settings) -> Keyring:
    """Return the keyring from the environment or its file; a missing one is never made here."""
    if settings.keyring:
        return parse_keyring(settings.keyring)
    if not settings.keyring_file.exists():
        if not settings.database_url and not (settings.data_dir / "postgres").exists():
            raise SettingsError(NO_INSTALLATION.format(data_dir=settings.data_dir))
        raise KeyringError(
            f"There is data here, but no keyring at {settings.keyring_file}. Without it nothing can be read: put it "
            "back, or set TMR_KEYRING_FILE. For an empty database of your own, make one with `tmr keys init`."
        )
    return read_keyring_file(settings.keyring_file)


def check_keys(keyring: Keyring, across_owners: AcrossOwners) -> None:
    """Make sure that the keyring fits the database; a fresh one takes the keyring's primary key as its own.

    Raises:
        KeyringError: some data key is wrapped under a key that the keyring lacks, or its primary key was retired.
    """
    missing = across_owners.kek_ids() - keyring.kek_ids
    if missing:
        raise KeyringError(f"The data needs the keys {', '.join(sorted(missing))}, which the keyring does not hold.")
    known = {one.kek_id for one in across_owners.wrapping_keys()}
    if not known:
        across_owners.register(keyring.primary, utc_now())
    elif keyring.primary not in known:
        raise KeyringError(
            f"The database does not know {keyring.primary}, the keyring's primary key: it was retired, or added "
            "elsewhere. Use the keyring of `tmr keys list`, or let this one in with `tmr keys promote`."
        )


def check_installation(settings: Settings, keyring: Keyring, facts: InstallationFacts) -> UUID:
    """Make sure that the keyring belongs to this database's installation, and return its id.

    A keyring that names none yet, and that is this machine's alone, is stamped with it.

    Raises:
        KeyringError: it belongs to another installation.
    """
    if not settings.keyring and not settings.database_url:
        owner = other_owner_of(settings.keyring_file, settings.data_dir)
        if owner:
            raise KeyringError(
                f"{settings.data_dir} is a copy of {owner}, and {settings.keyring_file} belongs to that one: to "
                "change it here would change it there. Nothing was touched. Copy the keyring too, and name the copy in "
                "TMR_KEYRING_FILE."
            )
    installation = facts.installation_id(keyring.installation, utc_now())
    if keyring.installation not in (None, installation):
        raise KeyringError(
            "The keyring belongs to another installation than this database. Bring the one of this installation; to "
            "put a backup into an empty database, use `tmr backup restore`."
        )
    store = KeyringStore(keyring, settings.keyring_file, settings.keyring)
    if keyring.installation is None and not settings.rotates_by_hand and not store.unwritable():
        with store.changing(None) as draft:
            draft.stamp(installation)
    return installation


def key_rotation(settings: Settings, own: Services, migration_url: str) -> KeyRotation:
    """Return what rotates the wrapping key of this installation."""
    engine = across_owners_engine(migration_url)
    store = KeyringStore(load_keyring(settings), settings.keyring_file, settings.keyring)
    across_owners = AcrossOwners(engine)
    keys = Keys(store, across_owners, own.repository)
    return KeyRotation(keys, across_owners, InstallationFacts(engine), is_by_hand=settings.rotates_by_hand)


def build(settings: Settings, app_url: str, pool_size: int = 8, answer_seconds: float = LONG_SECONDS) -> Services:
    """Make the parts that requests and jobs use; the database may take ``answer_seconds`` over one statement."""
    keyring = load_keyring(settings)
    pool = partial(app_engine, app_url, answer_seconds=answer_seconds)
    engine, lookup_engine = pool(pool_size=pool_size), pool(pool_size=LOOKUP_POOL_SIZE, is_pinged=True)
    repository = Repository(engine, lookup_engine, keyring)
    return Services(
        settings=settings,
        repository=repository,
        limits=Limits(lookup_engine, keyring),
        **_secrets(keyring),
        clock=utc_now,
        publish_erasures=partial(publish_erasures, settings, repository),
        newest_backup=partial(newest_backup, settings),
        is_kit_here=partial(is_kit_here, settings),
        release=release(),
    )


def _secrets(keyring: Keyring) -> dict[str, Any]:
    pepper_id, pepper = keyring.key_id("pepper"), partial(keyring.keyed_hash, "pepper")
    return {
        "cookie_keys": [keyring.keyed_hash("cookie", b"flask session", one) for one in keyring.key_ids("cookie")],
        "hash_password": partial(hash_password, pepper_id=pepper_id, pepper=pepper),
        "verify_password": partial(verify_password, pepper_ids=keyring.key_ids("pepper"), pepper=pepper),
        "needs_rehash": partial(needs_rehash, pepper_id=pepper_id),
    }


def publish_erasures(settings: Settings, repository: Repository, now: dt.datetime) -> None:
    """Write what was erased to the ledger beside the keyring."""
    bring_together(repository, settings.ledger_file, now)


def serve(settings: Settings) -> int:
    """Prepare, then run web processes and a worker until told to stop; stop everything that was started.

    Raises:
        SettingsError: the app cannot listen where it should.
    """
    refuse_taken_port(settings)
    database = prepare(settings)
    others: list[ChildProcess | DatabaseWatchdog] = []
    try:
        settings = with_certificate(settings)
        _share_figures(settings)
        others += child_processes(settings)
        if database.embedded:
            others.append(DatabaseWatchdog(database.embedded.revive))
        for one in others:
            one.start()
        run_web(settings, lambda: announce(settings, is_kit_here=is_kit_here(settings)))
    finally:
        for one in reversed(others):
            one.stop()
        database.leave()
    return 0


def _share_figures(settings: Settings) -> None:
    """Let the web processes keep their figures together: in a folder that begins empty, in memory where that is there.

    They are mapped files. On a disk without room for the next page of one the kernel ends the process (SIGBUS).
    """
    name = hashlib.sha256(str(settings.data_dir).encode()).hexdigest()[:12]
    memory = Path("/dev/shm")  # noqa: S108 - made anew with mode 0700, and not used if that fails
    for folder in (memory / f"tmr-{os.getuid()}-{name}", settings.data_dir / "metrics"):
        shutil.rmtree(folder, ignore_errors=True)
        with contextlib.suppress(OSError):
            folder.mkdir(mode=0o700, parents=True)
            os.environ[SHARED_FIGURES] = str(folder)
            return


def _keep_figures_folder() -> None:
    """Make the folder again if somebody swept memory: a process that starts without it would end at once."""
    if folder := os.environ.get(SHARED_FIGURES):
        Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)


def with_certificate(settings: Settings) -> Settings:
    """Return the settings with a self-signed certificate, made if there is none, where they want one."""
    if not settings.tls_self_signed:
        return settings
    names = {host_of(settings.base_url).strip("[]"), *(name.strip("[]") for name in LOOPBACK_NAMES)}
    certificate, key, fingerprint = self_signed(settings.data_dir / "tls", names, utc_now())
    print(f"The certificate's SHA-256 fingerprint, to compare in the browser: {fingerprint}")  # noqa: T201
    return msgspec.structs.replace(settings, tls_cert=certificate, tls_key=key)


def serve_demo(settings: Settings, records: int) -> int:
    """Serve an installation of its own with an account and a made-up search, and say how to get in."""
    database = prepare(settings)
    try:
        own = build(settings, database.app_url, pool_size=1)
        note = settings.data_dir / "demo-password"
        password = make_demo(own.repository, own.hash_password, records, own.clock())
        if password:
            write_private(note, password)
        print(f"The demo's account: {DEMO_EMAIL}, password {note.read_text()}", flush=True)  # noqa: T201
        return serve(settings)
    finally:
        database.leave()


def _database_of_a_web_process(settings: Settings) -> Database:
    """Open the database; when it does not start now, such as on a full disk, go on: whoever serves tries again.

    Requests say so meanwhile, and a process that ended would only be started again to end again.
    """
    try:
        return open_database(settings)
    except EmbeddedError as error:
        logger.error("%s", error)
        server = EmbeddedServer(settings.data_dir)
        return Database(server.app_url, server.migration_url, server)


def web_application() -> Callable[..., Any]:
    """Build the WSGI application of one web process."""
    settings = load_settings()
    if settings.logs_json:
        log_as_json()
    _keep_figures_folder()
    database = _database_of_a_web_process(settings)
    end_with_parent(database.leave, has_work_to_end=False)
    application = create_app(build(settings, database.app_url, answer_seconds=ANSWER_SECONDS))
    # A scan makes tens of thousands of short-lived objects and no cycles: looking for cycles was a fifth of its time.
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    return application


def stored_backups(settings: Settings) -> list[BackupFile]:
    """Return the files of backups at the configured target."""
    return recognised(target_of(settings.backup_target).list()) if settings.backup_target else []


def newest_backup(settings: Settings) -> dt.datetime | None:
    """Return when the newest backup was made, or None if there is none or no target."""
    found = of_now(stored_backups(settings), utc_now())
    return max((one.made_at for one in found if one.half == "data"), default=None)


def backups_at(settings: Settings, engine: Engine, target: str) -> Backups:
    """Return the backups at a target; what is on its way there waits in the data directory."""
    store = KeyringStore(load_keyring(settings), settings.keyring_file, settings.keyring)
    there = target_of(target)
    elsewhere = partial(stamp_at, there) if target != settings.backup_target else None
    stamper = Stamper(store, InstallationFacts(engine), counter_file(settings), elsewhere)
    return Backups(engine, there, settings.data_dir / "backup-spool", settings.ledger_file, stamper)


def workshop_of(settings: Settings, database: Database) -> tasks.JobContext:
    """Return what jobs work with, on this database."""
    own = build(settings, database.app_url, pool_size=4)
    across_owners, mailer = AcrossOwners(across_owners_engine(database.migration_url)), make_mailer(settings)
    job_context = tasks.JobContext(own.repository, across_owners, own.limits, mailer, own.clock, own.publish_erasures)
    job_context.sends_mail = settings.sends_mail
    job_context.rotation = key_rotation(settings, own, database.migration_url)
    from tmr.wiring.commands import watch_of  # which takes parts of this module

    job_context.watch = watch_of(settings, database, own)
    if settings.backup_target and recipient_of(settings):
        job_context.backups = backups_at(settings, across_owners_engine(database.migration_url), settings.backup_target)
        job_context.backup_recipient = recipient_of(settings) or ""
    return job_context


def run_worker(settings: Settings) -> int:
    """Run jobs until told to stop."""
    if settings.logs_json:
        log_as_json()
    if os.environ.get(SHARED_FIGURES):  # beside the web processes of this machine, which show them
        _keep_figures_folder()
        from tmr.web.monitoring.metrics import count_unreadable

        count_unreadable()
    database = open_database(settings)
    end_with_parent(database.leave, has_work_to_end=True)
    job_context = workshop_of(settings, database)
    try:
        queue = tasks.make_app(database.app_url.replace("postgresql+psycopg://", "postgresql://", 1), job_context)
        tasks.run_worker(queue, listens=not settings.is_pooled)
    finally:
        database.leave()
    return 0
