"""Settings in, what one command of an operator needs out: keys, backups, the doctor, accounts."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from tmr.config import Settings, SettingsError
from tmr.operations import legal
from tmr.operations.accounts import Operator
from tmr.operations.backups.create import Backups, Say
from tmr.operations.backups.recovery_kit import is_kit_here, recipient_of
from tmr.operations.doctor import local_checks, remote_checks
from tmr.operations.doctor.local_checks import CheckContext
from tmr.operations.doctor.report import Finding, examine
from tmr.operations.doctor.watch import Watch, examination_of
from tmr.operations.keys import Keys
from tmr.operations.upkeep import run_all
from tmr.repository.database.across_owners import AcrossOwners
from tmr.repository.database.connections import across_owners_engine, app_engine
from tmr.repository.database.inspection import Inspection, rows_without_owner
from tmr.repository.database.installation_facts import Examination, InstallationFacts, Rotation
from tmr.repository.database.migrate import is_new
from tmr.repository.keys.keyring_store import KeyringStore
from tmr.web.services import Services
from tmr.wiring import (
    NO_INSTALLATION,
    Database,
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
        across_owners = AcrossOwners(across_owners_engine(database.migration_url))
        store = KeyringStore(keyring, settings.keyring_file, settings.keyring)
        yield Keys(store, across_owners, build(settings, database.app_url, pool_size=1).repository)
    finally:
        database.leave()


def watch_of(settings: Settings, database: Database, own: Services) -> Watch:
    """Return what looks after the installation for its operator."""
    engine = across_owners_engine(database.migration_url)
    looking = partial(look, settings, database)
    return Watch(own.repository, AcrossOwners(engine), InstallationFacts(engine), looking, settings.operator)


def keep_up(settings: Settings, say: Say) -> Examination:
    """Do all that is due now on this installation, and return what the doctor finds then."""
    keyring = load_keyring(settings)
    database = open_database(settings)
    try:
        check_installation(settings, keyring, InstallationFacts(across_owners_engine(database.migration_url)))
        return run_all(workshop_of(settings, database), say)
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
    if settings.backup_target and (recipient := recipient_of(settings)):
        with backing_up(settings, None, tells_erasures=True) as backups:
            backups.publish_keys(recipient, utc_now, say)


@contextmanager
def recovering(settings: Settings) -> Iterator[tuple[KeyringStore, InstallationFacts]]:
    """Open the database for the command on the recovery kit."""
    keyring = load_keyring(settings)
    database = open_database(settings)
    try:
        facts = InstallationFacts(across_owners_engine(database.migration_url))
        yield KeyringStore(keyring, settings.keyring_file, settings.keyring), facts
    finally:
        database.leave()


@contextmanager
def operating(settings: Settings) -> Iterator[tuple[Operator, Services]]:
    """Open the database for one command on accounts."""
    load_keyring(settings)  # a wrong directory is noticed before a database is made in it
    database = open_database(settings)
    try:
        own = build(settings, database.app_url, pool_size=1)
        across_owners = AcrossOwners(across_owners_engine(database.migration_url))
        yield Operator(own.repository, across_owners, own.clock(), sends_mail=settings.sends_mail), own
    finally:
        database.leave()


def defer_notice(settings: Settings, account: str, reference: str, notify_at: dt.datetime) -> None:
    """Put off the notice of a legal order."""
    with operating(settings) as (operator, own):
        legal.extend(own.repository, operator.owner_of(account), reference, notify_at, own.clock())


@contextmanager
def keeping(settings: Settings) -> Iterator[AcrossOwners]:
    """Open the database for one command that looks across accounts."""
    load_keyring(settings)
    database = open_database(settings)
    try:
        yield AcrossOwners(across_owners_engine(database.migration_url))
    finally:
        database.leave()


def meet_order(settings: Settings, options: Any, notify_at: dt.datetime) -> None:
    """Seal an account's export for a legal order: ``options`` has account, reference, recipient and to."""
    with operating(settings) as (operator, own):
        owner = operator.owner_of(options.account)
        order = legal.LegalOrder(owner, options.reference, options.recipient, options.to.absolute(), notify_at)
        legal.meet(own.repository, order, own.clock(), sends_mail=settings.sends_mail)


def examined(settings: Settings, url: str | None) -> list[Finding]:
    """Return what the doctor finds on this installation, and at ``url`` if there is one; keep the outcome.

    Raises:
        SettingsError: there is no installation here.
    """
    if not settings.database_url and not (settings.data_dir / "postgres").exists():
        raise SettingsError(NO_INSTALLATION.format(data_dir=settings.data_dir))
    database = open_database(settings)
    try:
        facts = InstallationFacts(across_owners_engine(database.migration_url))
        findings = look(settings, database, url)
        facts.put(examination_of(findings, utc_now()), utc_now())
        return findings
    finally:
        database.leave()


def look(settings: Settings, database: Database, url: str | None = None) -> list[Finding]:
    """Return what the doctor finds on an installation whose database is open, and at ``url`` if there is one."""
    keyring = load_keyring(settings)
    engine, app = across_owners_engine(database.migration_url), app_engine(database.app_url, pool_size=1)
    seeing, listing = partial(rows_without_owner, app), partial(stored_backups, settings)
    inspection, role = Inspection(engine, keyring), str(app.url.username)
    own = build(settings, database.app_url, pool_size=1)
    rotating_now = partial(_standing, settings, own, database.migration_url)
    known = (settings, inspection, seeing, listing, keyring.kek_ids, role, utc_now())
    context = CheckContext(*known, rotation=rotating_now, is_kit_here=is_kit_here(settings))
    try:
        outside = remote_checks.checks_of(url, context.now) if url else []
        return list(examine([*local_checks.checks_of(context), *outside]))
    finally:
        app.dispose()


def _standing(settings: Settings, own: Services, migration_url: str) -> Rotation:
    return key_rotation(settings, own, migration_url).standing()


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
        yield backups_at(settings, across_owners_engine(database.migration_url), place)
    finally:
        database.leave()
