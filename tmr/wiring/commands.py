"""Settings in, what one operator command needs out: keys, backups, the doctor, accounts."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tmr.config import Settings, SettingsError
from tmr.errors import OperatorError
from tmr.operations import legal
from tmr.operations.accounts import Operator
from tmr.operations.backups.create import Backups, Say
from tmr.operations.backups.recovery_kit import own_recipients, recipient_of
from tmr.operations.doctor.report import Finding
from tmr.operations.doctor.watch import examination_of
from tmr.operations.keys import Keys
from tmr.operations.upkeep import run_all
from tmr.repository.database.across_owners import AcrossOwners
from tmr.repository.database.connections import across_owners_engine
from tmr.repository.database.installation_facts import Examination, InstallationFacts, Rotation
from tmr.repository.database.migrate import is_new, is_outdated
from tmr.repository.database.spreading import missing_setting, spread
from tmr.repository.keys.keyring_store import KeyringStore
from tmr.web.services import Services
from tmr.wiring.keyring import NO_INSTALLATION, keyring_store, load_keyring, stamp_keyring
from tmr.wiring.services import (
    backups_at,
    build,
    examine_installation,
    job_context_of,
    key_rotation,
    opened_database,
    other_targets,
    publish_erasures,
    utc_now,
)


@contextmanager
def rotating(settings: Settings) -> Iterator[Keys]:
    """Open the database for one command on keys."""
    with opened_database(settings) as database:
        across_owners = AcrossOwners(across_owners_engine(database.migration_url))
        store = keyring_store(settings, load_keyring(settings))
        yield Keys(store, across_owners, build(settings, database.app_url, pool_size=1).repository)


def keep_up(settings: Settings, say: Say) -> Examination:
    """Do all that is due now on this installation, and return what the doctor finds then."""
    with opened_database(settings) as database:
        stamp_keyring(settings, load_keyring(settings), InstallationFacts(across_owners_engine(database.migration_url)))
        return run_all(job_context_of(settings, database), say)


def spread_database(settings: Settings) -> str:
    """Spread the tables over the nodes of a Citus cluster, and return in words what was done.

    Raises:
        OperatorError: there is no schema of this release yet, or the cluster hands no owner to its nodes.
    """
    with opened_database(settings) as database:
        if is_new(database.migration_url) or is_outdated(database.migration_url):
            raise OperatorError("The schema is not that of this release: run `tmr migrate` first, which spreads too.")
        moved = spread(database.migration_url)
        if moved is None:
            return "This PostgreSQL is no Citus cluster (the extension is not there): nothing to do."
        if statement := missing_setting(database.app_url):
            raise OperatorError(
                "The tables are spread, but nobody would see a row: the cluster hands no owner to its nodes. Run this "
                f"as a superuser, and restart the web processes: {statement};"
            )
    return f"Spread {len(moved)} tables by their owner." if moved else "All tables were spread already."


def rotation_of(settings: Settings) -> Rotation:
    """Return when the wrapping key rotated last, and whether it is due."""
    with opened_database(settings) as database:
        return key_rotation(settings, build(settings, database.app_url, pool_size=1), database.migration_url).standing()


def publish_keys_file(settings: Settings, say: Say) -> None:
    """Publish a fresh keys file for the backups, if there is a target for them, and at those that there were."""
    if settings.backup_target and (recipient := recipient_of(settings)):
        with backing_up(settings, None, tells_erasures=True) as backups:
            backups.publish_keys(recipient, utc_now, say)
    with opened_database(settings) as database:
        other_targets(settings, across_owners_engine(database.migration_url)).tell(utc_now, say)


def forget_target(settings: Settings, place: str) -> bool:
    """Forget a target of backups that is gone for good; return whether it was known."""
    with opened_database(settings) as database:
        return other_targets(settings, across_owners_engine(database.migration_url)).forget(place, utc_now())


@contextmanager
def recovering(settings: Settings) -> Iterator[tuple[KeyringStore, InstallationFacts]]:
    """Open the database for the command on the recovery kit."""
    with opened_database(settings) as database:
        facts = InstallationFacts(across_owners_engine(database.migration_url))
        yield keyring_store(settings, load_keyring(settings)), facts


@contextmanager
def operating(settings: Settings) -> Iterator[tuple[Operator, Services]]:
    """Open the database for one command on accounts."""
    with opened_database(settings) as database:
        services = build(settings, database.app_url, pool_size=1)
        across_owners = AcrossOwners(across_owners_engine(database.migration_url))
        yield Operator(services.repository, across_owners, services.clock(), sends_mail=settings.sends_mail), services


def defer_notice(settings: Settings, account: str, reference: str, notify_at: dt.datetime) -> None:
    """Put off the notice of a legal order."""
    with operating(settings) as (operator, services):
        legal.extend(services.repository, operator.owner_of(account), reference, notify_at, services.clock())


@contextmanager
def across_accounts(settings: Settings) -> Iterator[AcrossOwners]:
    """Open the database for one command that looks across accounts."""
    with opened_database(settings) as database:
        yield AcrossOwners(across_owners_engine(database.migration_url))


def refuse_own_key(settings: Settings, services: Services, recipient: str) -> None:
    """Raise ``SettingsError`` for a key of this installation's backups: the authority could not open the export."""
    backups = services.repository.standing(services.clock()).backups
    if recipient in own_recipients(settings) | set(backups.recipients.values() if backups else ()):
        raise SettingsError(
            "That is the public key of this installation's own backups. Seal the export for the authority that asked, "
            "with a key that the authority made."
        )


def meet_order(settings: Settings, options: Any, notify_at: dt.datetime) -> bool:
    """Seal an account's export for a legal order: ``options`` has account, reference, recipient and to.

    Return whether the records are in it; those that their owner has locked are there as they are kept, sealed.
    """
    with operating(settings) as (operator, services):
        owner = operator.owner_of(options.account)
        refuse_own_key(settings, services, options.recipient)
        order = legal.LegalOrder(owner, options.reference, options.recipient, options.to.absolute(), notify_at)
        return legal.meet(services.repository, order, services.clock(), sends_mail=settings.sends_mail)


def examined(settings: Settings, url: str | None) -> list[Finding]:
    """Return what the doctor finds on this installation, and at ``url`` if there is one; keep the outcome.

    Raises:
        SettingsError: there is no installation here.
    """
    if not settings.database_url and not (settings.data_dir / "postgres").exists():
        raise SettingsError(NO_INSTALLATION.format(data_dir=settings.data_dir))
    with opened_database(settings) as database:
        facts = InstallationFacts(across_owners_engine(database.migration_url))
        findings = examine_installation(settings, database, url)
        facts.put(examination_of(findings, utc_now()), utc_now())
        return findings


@contextmanager
def backing_up(settings: Settings, target: str | None, *, tells_erasures: bool = False) -> Iterator[Backups]:
    """Open the database for one command on backups; ``tells_erasures`` brings the erasure ledger up to date first."""
    place = target or settings.backup_target
    if place is None:
        raise SettingsError("Backups are off. Name a target, or set TMR_BACKUP_TARGET.")
    with opened_database(settings) as database:
        if tells_erasures:
            if is_new(database.migration_url):
                raise SettingsError("The database has no tables yet: run `tmr migrate` or `tmr serve` first.")
            publish_erasures(settings, build(settings, database.app_url, pool_size=1).repository, utc_now())
        yield backups_at(settings, across_owners_engine(database.migration_url), place)
