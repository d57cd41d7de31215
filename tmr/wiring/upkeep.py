"""Settings in, what one command of an operator needs out: keys, backups, the doctor, accounts."""

import datetime as dt
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Engine

from tmr.config import Settings, SettingsError
from tmr.crypto.keyring import Keyring
from tmr.operations import doctor_checks, doctor_url, legal
from tmr.operations.accounts import Operator
from tmr.operations.backup import Backups, Say
from tmr.operations.backup_targets import target_of
from tmr.operations.doctor import Finding, examine
from tmr.operations.doctor_checks import Patient
from tmr.operations.embedded import EmbeddedServer
from tmr.operations.keys import Keys, reindex
from tmr.operations.restore import (
    Restored,
    RestoreError,
    choose,
    differing,
    fill,
    read_identity,
    schema_of,
)
from tmr.operations.upkeep import run_all
from tmr.privacy.ledger import write_ledger
from tmr.repository.database import app_engine, keeper_engine
from tmr.repository.dump import NotEmptyError, Restoration, restoring
from tmr.repository.inspection import Inspection, rows_without_owner
from tmr.repository.installation import InstallationFacts, Rotation
from tmr.repository.keeper import Keeper
from tmr.repository.keyring_store import KeyringStore
from tmr.repository.migrate import is_new, migrate
from tmr.web.parts import Parts
from tmr.wiring import (
    backups_at,
    build,
    check_installation,
    key_rotation,
    load_keyring,
    open_database,
    publish_erasures,
    stored_backups,
    utc_now,
    workshop_of,
)


@contextmanager
def rotating(settings: Settings) -> Iterator[Keys]:
    """Open the database for one command on keys."""
    keyring = load_keyring(settings)
    database = open_database(settings)
    try:
        keeper = Keeper(keeper_engine(database.migration_url))
        store = KeyringStore(keyring, settings.keyring_file, settings.keyring)
        yield Keys(store, keeper, build(settings, database.app_url, pool_size=1).repository)
    finally:
        database.leave()


def keep_up(settings: Settings, say: Say) -> None:
    """Do all that is due now on this installation."""
    keyring = load_keyring(settings)
    database = open_database(settings)
    try:
        check_installation(settings, keyring, InstallationFacts(keeper_engine(database.migration_url)))
        run_all(workshop_of(settings, database), say)
    finally:
        database.leave()


def rotation_of(settings: Settings) -> Rotation:
    """Return how the rotation of the wrapping key stands."""
    database = open_database(settings)
    try:
        return key_rotation(settings, build(settings, database.app_url, pool_size=1), database.migration_url).standing()
    finally:
        database.leave()


def publish_keys_file(settings: Settings, say: Say) -> None:
    """Make the keys file of backups anew, if there is a target for them."""
    if settings.backup_target and settings.backup_recipient:
        with backing_up(settings, None, tells_erasures=True) as backups:
            backups.publish_keys(settings.backup_recipient, utc_now, say)


@contextmanager
def operating(settings: Settings) -> Iterator[tuple[Operator, Parts]]:
    """Open the database for one command on accounts."""
    load_keyring(settings)  # a wrong directory is noticed before a database is made in it
    database = open_database(settings)
    try:
        own = build(settings, database.app_url, pool_size=1)
        keeper = Keeper(keeper_engine(database.migration_url))
        yield Operator(own.repository, keeper, own.clock(), sends_mail=settings.sends_mail), own
    finally:
        database.leave()


@contextmanager
def keeping(settings: Settings) -> Iterator[Keeper]:
    """Open the database for one command that looks across accounts."""
    load_keyring(settings)
    database = open_database(settings)
    try:
        yield Keeper(keeper_engine(database.migration_url))
    finally:
        database.leave()


def meet_order(settings: Settings, options: Any, notify_at: dt.datetime) -> None:
    """Seal an account's export for a legal order: ``options`` has account, reference, recipient and to."""
    with operating(settings) as (operator, own):
        owner = operator.owner_of(options.account)
        order = legal.LegalOrder(owner, options.reference, options.recipient, options.to.absolute(), notify_at)
        legal.meet(own.repository, order, own.clock(), sends_mail=settings.sends_mail)


def examined(settings: Settings, url: str | None) -> list[Finding]:
    """Return what the doctor finds on this installation, and at ``url`` if there is one."""
    keyring = load_keyring(settings)
    database = open_database(settings)
    engine, app = keeper_engine(database.migration_url), app_engine(database.app_url, pool_size=1)
    seeing, listing = partial(rows_without_owner, app), partial(stored_backups, settings)
    inspection, role = Inspection(engine, keyring), str(app.url.username)
    patient = Patient(settings, inspection, seeing, listing, keyring.kek_ids, role, utc_now())
    try:
        outside = doctor_url.checks_of(url, patient.now) if url else []
        return list(examine([*doctor_checks.checks_of(patient), *outside]))
    finally:
        app.dispose()
        database.leave()


@contextmanager
def backing_up(settings: Settings, target: str | None, *, tells_erasures: bool = False) -> Iterator[Backups]:
    """Open the database for one command on backups, for one that makes some with the erasure ledger as it is now."""
    place = target or settings.backup_target
    if place is None:
        raise SettingsError("Name the target, or set TMR_BACKUP_TARGET.")
    load_keyring(settings)
    database = open_database(settings)
    try:
        if tells_erasures:
            if is_new(database.migration_url):
                raise SettingsError("The database has no tables yet: run `tmr migrate` or `tmr serve` first.")
            publish_erasures(settings, build(settings, database.app_url, pool_size=1).repository, utc_now())
        yield backups_at(settings, keeper_engine(database.migration_url), place)
    finally:
        database.leave()


def restore_backup(settings: Settings, place: str, identity: Path, at: dt.datetime | None, say: Say) -> Restored:
    """Fill an empty database from the backups at ``place``, and bring the erasure ledger up to date.

    Raises:
        RestoreError: there is something in the database, or the backup cannot be restored; nothing was written.
    """
    keyring, keys, target = _brought_keyring(settings), read_identity(identity), target_of(place)
    chosen = choose(target, at, settings.ledger_file, utc_now())
    version = schema_of(target, chosen, keys, utc_now())
    database = open_database(settings)
    try:
        migrate(database.migration_url, database.app_url)
        reading = partial(fill, target=target, chosen=chosen, identity=keys, say=say)
        write_ledger(settings.ledger_file, chosen.erasures)
        restored = _fill_empty(keeper_engine(database.migration_url), keyring, version, reading)
        repository = build(settings, database.app_url, pool_size=1).repository
        publish_erasures(settings, repository, utc_now())
        if keyring.was_changed("index"):  # the backup may be from before
            reindex(repository, Keeper(keeper_engine(database.migration_url)).owners())
        return restored
    finally:
        database.leave()


def _brought_keyring(settings: Settings) -> Keyring:
    if not settings.keyring and not settings.keyring_file.exists():
        raise RestoreError(
            f"There is no keyring at {settings.keyring_file}: bring that of the installation that was backed up. "
            "A new one opens nothing."
        )
    return load_keyring(settings)


def _fill_empty(engine: Engine, keyring: Keyring, version: str, fill_it: Callable[[Restoration], Restored]) -> Restored:
    try:
        with restoring(engine, keyring, version) as restoration:
            restored = fill_it(restoration)
    except NotEmptyError:
        raise RestoreError("There are accounts in this database: a restore fills an empty one only.") from None
    Keeper(engine).register(keyring.primary, utc_now())
    return restored


def verify_backup(settings: Settings, place: str, identity: Path, say: Say) -> list[str]:
    """Restore the newest backup into a scratch database; return the tables that differ from what was backed up."""
    keyring, keys, target = _brought_keyring(settings), read_identity(identity), target_of(place)
    chosen = choose(target, None, settings.ledger_file, utc_now())
    version = schema_of(target, chosen, keys, utc_now())
    with _scratch_database() as engine:
        with restoring(engine, keyring, version) as restoration:
            done = fill(restoration, target, msgspec.structs.replace(chosen, erasures=[]), keys, say)
        if done.left_out:
            say(f"{done.left_out} rows left out, their keys are destroyed; what has lost some is not compared.")
        if done.left_out and not done.rows.get("accounts"):
            raise RestoreError(f"{chosen.keys.name} opens no account of {chosen.data.name}.")
        return differing(engine, target, chosen.data, keys, may_lack_rows=bool(done.left_out))


@contextmanager
def _scratch_database() -> Iterator[Engine]:
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedServer(Path(folder) / "var")
        server.join()
        try:
            migrate(server.migration_url, server.app_url)
            yield keeper_engine(server.migration_url)
        finally:
            server.leave()
