"""Settings in, what lives as long as the process out: the database, the services, backups, what jobs work with."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import msgspec
from sqlalchemy import Engine

from tmr.auth.passwords.hashing import hash_password, needs_rehash, opening_in_turn, verify_password
from tmr.config import Settings
from tmr.crypto.keyring import Keyring
from tmr.operations.backups.create import Backups
from tmr.operations.backups.names import BackupFile, of_now, recognised
from tmr.operations.backups.other_targets import OtherTargets
from tmr.operations.backups.publisher import place_of
from tmr.operations.backups.recovery_kit import (
    counter_file,
    ensure_identity,
    is_kit_here,
    known_recipient,
    recipient_of,
)
from tmr.operations.backups.signing import Stamper, stamp_at
from tmr.operations.backups.targets import target_of
from tmr.operations.database.embedded import EmbeddedServer
from tmr.operations.doctor import local_checks
from tmr.operations.doctor.local_checks import CheckContext, disk_space
from tmr.operations.doctor.report import Check, Finding, examine
from tmr.operations.doctor.watch import Watch
from tmr.operations.jobs.context import JobContext
from tmr.operations.key_rotation import KeyRotation
from tmr.operations.keys import Keys
from tmr.operations.mail import make_mailer
from tmr.operations.release import release
from tmr.privacy.erasure.ledger import bring_together
from tmr.repository.database.across_owners import AcrossOwners
from tmr.repository.database.connections import LONG_SECONDS, across_owners_engine, app_engine
from tmr.repository.database.inspection import Inspection, rows_without_owner
from tmr.repository.database.installation_facts import BackupsState, InstallationFacts, Rotation
from tmr.repository.database.migrate import is_outdated, migrate
from tmr.repository.database.spreading import spread
from tmr.repository.errors import outages_told
from tmr.repository.queue.rate_limits import Limits
from tmr.repository.repository import Repository
from tmr.web.services import Services
from tmr.wiring.keyring import (
    check_keys,
    keep_keyring,
    keyring_store,
    load_keyring,
    make_keyring,
    refuse_keyring_of_another,
    refuse_keyring_of_original,
    stamp_keyring,
)

LOOKUP_POOL_SIZE = 4
JOBS_POOL_SIZE = 10  # one for each job that a worker runs at the same time, and another for each large one


class Database(msgspec.Struct):
    """Where the database is, and the embedded server that this process holds on to, if it is that one."""

    app_url: str
    migration_url: str
    embedded: EmbeddedServer | None = None

    def leave(self) -> None:
        """Let go of the embedded server; the last process to leave stops it."""
        if self.embedded:
            self.embedded.leave()


def utc_now() -> dt.datetime:
    """Return the time now, by the system's clock."""
    return dt.datetime.now(dt.UTC)


def open_database(settings: Settings, *, is_to_be_filled: bool = False, ends_with_process: bool = False) -> Database:
    """Return the configured database, or start and join the embedded one.

    Every command, worker and web process comes in here, so here it is made sure that this is no copy of another
    installation that would act on what belongs to that one. For a restore ``is_to_be_filled``: its keyring is that of
    the installation that was backed up. With ``ends_with_process`` a server that this process starts ends with it,
    even when it is killed; what serves has processes that see to that.

    Raises:
        KeyringError: the keyring is missing, or belongs to another data directory or to another installation.
    """
    refuse_keyring_of_original(settings)
    keyring = None if is_to_be_filled else load_keyring(settings)
    database = _join_database(settings, ends_with_process=ends_with_process)
    try:
        if keyring:
            with outages_told():
                refuse_keyring_of_another(keyring, InstallationFacts(across_owners_engine(database.migration_url)))
        keep_keyring(settings)
    except BaseException:
        database.leave()
        raise
    return database


def _join_database(settings: Settings, *, ends_with_process: bool) -> Database:
    if settings.database_url and settings.migration_url:
        return Database(settings.database_url, settings.migration_url)
    server = EmbeddedServer(settings.data_dir, ends_with_process=ends_with_process)
    server.join()
    return Database(server.app_url, server.migration_url, server)


@contextmanager
def opened_database(settings: Settings, *, is_to_be_filled: bool = False) -> Iterator[Database]:
    """Open the database for one command as ``open_database`` does, and leave it at the end."""
    database = open_database(settings, is_to_be_filled=is_to_be_filled, ends_with_process=True)
    try:
        yield database
    finally:
        database.leave()


def prepare(settings: Settings, *, ends_with_process: bool = False) -> Database:
    """Open the database, bring its schema up to date, and make sure that the keyring fits it.

    Raises:
        KeyringError: the data needs keys that are not there.
    """
    is_fresh = not (settings.data_dir / "postgres").exists() and not settings.database_url
    if is_fresh and not settings.keyring:
        make_keyring(settings)
    database = open_database(settings, ends_with_process=ends_with_process)
    try:
        _bring_up_to_date(settings, database)
    except BaseException:
        database.leave()
        raise
    return database


def _bring_up_to_date(settings: Settings, database: Database) -> None:
    keyring = load_keyring(settings)
    if database.embedded and is_outdated(database.migration_url):
        _back_up_before_migrating(settings, database)
    if migrate(database.migration_url, database.app_url):
        spread(database.migration_url)
    ensure_identity(settings)
    engine = across_owners_engine(database.migration_url)
    check_keys(keyring, AcrossOwners(engine))
    stamp_keyring(settings, keyring, InstallationFacts(engine))


def _back_up_before_migrating(settings: Settings, database: Database) -> None:
    if not settings.backup_target:
        print("Backups are off (TMR_BACKUP_TARGET), so none is made before the schema is updated.")  # noqa: T201
        return
    backups = backups_at(settings, across_owners_engine(database.migration_url), settings.backup_target)
    ensure_identity(settings)
    backups.create(recipient_of(settings) or "", utc_now, lambda _words: None)
    print("Backed up. Updating the database schema now.", flush=True)  # noqa: T201


def build(settings: Settings, app_url: str, pool_size: int = 8, answer_seconds: float = LONG_SECONDS) -> Services:
    """Return what requests and jobs use; one statement may keep the database busy for ``answer_seconds``."""
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
        "cookie_keys": [keyring.keyed_hash("cookie", b"flask session", key_id) for key_id in keyring.key_ids("cookie")],
        "hash_password": partial(hash_password, pepper_id=pepper_id, pepper=pepper),
        "verify_password": partial(verify_password, pepper_ids=keyring.key_ids("pepper"), pepper=pepper),
        "open_by_password": opening_in_turn,
        "needs_rehash": partial(needs_rehash, pepper_id=pepper_id),
    }


def publish_erasures(settings: Settings, repository: Repository, now: dt.datetime) -> None:
    """Write what was erased to the ledger beside the keyring."""
    bring_together(repository, settings.ledger_file, now)


def key_rotation(settings: Settings, services: Services, migration_url: str) -> KeyRotation:
    """Return what rotates the wrapping key of this installation."""
    engine = across_owners_engine(migration_url)
    store = keyring_store(settings, load_keyring(settings))
    across_owners = AcrossOwners(engine)
    keys = Keys(store, across_owners, services.repository)
    return KeyRotation(keys, across_owners, InstallationFacts(engine), is_by_hand=settings.rotates_by_hand)


def stored_backups(settings: Settings) -> list[BackupFile]:
    """Return the files of backups at the configured target."""
    return recognised(target_of(settings.backup_target).list()) if settings.backup_target else []


def newest_backup(settings: Settings) -> dt.datetime | None:
    """Return when the newest backup was made, or None if there is none or no target."""
    backups = of_now(stored_backups(settings), utc_now())
    return max((backup.made_at for backup in backups if backup.half == "data"), default=None)


def backups_at(settings: Settings, engine: Engine, target: str) -> Backups:
    """Return the backups at a target; files wait in the data directory until they are sent."""
    store = keyring_store(settings, load_keyring(settings))
    place = target_of(target)
    is_configured = settings.backup_target is not None and place_of(target) == place_of(settings.backup_target)
    elsewhere = None if is_configured else partial(stamp_at, place)
    folder = None if settings.database_url else settings.data_dir
    stamper = Stamper(store, InstallationFacts(engine), counter_file(settings), elsewhere, place_of(target), folder)
    return Backups(engine, place, settings.data_dir / "backup-spool", settings.ledger_file, stamper)


def other_targets(settings: Settings, engine: Engine) -> OtherTargets:
    """Return the targets at which this installation published and that are not configured."""
    at, recipient = partial(backups_at, settings, engine), partial(known_recipient, settings)
    return OtherTargets(InstallationFacts(engine), settings.backup_target, at, recipient)


def job_context_of(settings: Settings, database: Database) -> JobContext:
    """Return what the jobs of the queue work with, on this database."""
    services = build(settings, database.app_url, pool_size=JOBS_POOL_SIZE)
    across_owners, mailer = AcrossOwners(across_owners_engine(database.migration_url)), make_mailer(settings)
    job_context = JobContext(
        services.repository, across_owners, services.limits, mailer, services.clock, services.publish_erasures
    )
    job_context.sends_mail = settings.sends_mail
    job_context.rotation = key_rotation(settings, services, database.migration_url)
    job_context.watch = watch_of(settings, database, services)
    job_context.other_targets = other_targets(settings, across_owners_engine(database.migration_url))
    if settings.backup_target and recipient_of(settings):
        job_context.backups = backups_at(settings, across_owners_engine(database.migration_url), settings.backup_target)
        job_context.backup_recipient = recipient_of(settings) or ""
    return job_context


def watch_of(settings: Settings, database: Database, services: Services) -> Watch:
    """Return what examines the installation daily and mails its operator."""
    engine = across_owners_engine(database.migration_url)
    examination = partial(examine_installation, settings, database)
    look_at_disks, facts = partial(disk_space, settings), InstallationFacts(engine)
    return Watch(services.repository, AcrossOwners(engine), facts, examination, settings.operator, look_at_disks)


def examine_installation(settings: Settings, database: Database, url: str | None = None) -> list[Finding]:
    """Return what the doctor finds on an installation whose database is open, and at ``url`` if there is one."""
    keyring = load_keyring(settings)
    engine, app = across_owners_engine(database.migration_url), app_engine(database.app_url, pool_size=1)
    count_visible_rows, list_backups = partial(rows_without_owner, app), partial(stored_backups, settings)
    inspection, role = Inspection(engine, keyring), str(app.url.username)
    services = build(settings, database.app_url, pool_size=1)
    rotation = partial(_rotation_now, settings, services, database.migration_url)
    arguments = (settings, inspection, count_visible_rows, list_backups, keyring.kek_ids, role, utc_now())
    context = CheckContext(
        *arguments,
        rotation=rotation,
        is_kit_here=is_kit_here(settings),
        refuse_others=partial(_refuse_other_publishers, settings, engine),
        backups_state=partial(InstallationFacts(engine).get, BackupsState),
    )
    try:
        return list(examine([*local_checks.checks_of(context), *_checks_from_outside(url, context.now)]))
    finally:
        app.dispose()


def _checks_from_outside(url: str | None, now: dt.datetime) -> list[tuple[str, str, Check]]:
    if not url:
        return []
    # Imported here: it brings a client for HTTP, which nothing else of a command needs.
    from tmr.operations.doctor import remote_checks

    return remote_checks.checks_of(url, now)


def _refuse_other_publishers(settings: Settings, engine: Engine) -> None:
    if settings.backup_target:
        backups_at(settings, engine, settings.backup_target).refuse_others()


def _rotation_now(settings: Settings, services: Services, migration_url: str) -> Rotation:
    return key_rotation(settings, services, migration_url).standing()
