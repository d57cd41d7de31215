"""Erasing all data or the whole account: rows, keys, the note for the ledger, and the same again after a restore."""

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

import msgspec
from sqlalchemy import Connection, delete, insert, inspect, select, text
from sqlalchemy.dialects.postgresql import insert as upsert

from tmr.crypto.envelope import RECORDS
from tmr.crypto.keyring import Keyring
from tmr.repository.access.disclosures import Disclosures
from tmr.repository.access.feed_copies import FeedCopies
from tmr.repository.access.legal_orders import LegalOrders, notice_of
from tmr.repository.accounts.accounts import Accounts, hold_account
from tmr.repository.database.connections import let_take_long
from tmr.repository.files.exports import Exports
from tmr.repository.growth import Growth
from tmr.repository.keys.data_keys import hold_keys, replace_data_keys, wrapped_keys
from tmr.repository.keys.owner_keys import OwnerKeys
from tmr.repository.keys.rotation_due import UNLISTED, make_rotation_due
from tmr.repository.private_settings import KeptSettings
from tmr.repository.queue.installation_mails import InstallationMails
from tmr.repository.queue.jobs import Jobs, defer
from tmr.repository.queue.mails import Mail, OutgoingMails
from tmr.repository.queue.reminders import Reminders
from tmr.repository.records.imports import Imports
from tmr.repository.schema import (
    OWNED,
    account_emails,
    data_keys,
    erasures,
    files,
    key_wraps,
    own_fields,
    owner_lookups,
    record_counts,
    record_versions,
    records,
    saved_views,
    security_events,
    sessions,
    support_grants,
    undo_steps,
    wrapping_keys,
)

ALL_DATA, ACCOUNT = "data", "account"
_RECORD_TABLES = (
    "undo_steps",
    "saved_views",
    "own_fields",
    "record_versions",
    "record_links",
    "records",
    "record_counts",
    "file_chunks",
    "files",
    "reminders",
)
# What leads to the account goes first, and its keys last: rows that are sealed under them refer to them.
_ACCOUNT_TABLES = [
    "account_emails",
    "owner_lookups",
    *(table.name for table in reversed(OWNED) if table not in (data_keys, key_wraps)),
    "key_wraps",
    "data_keys",
]


class Erasure(msgspec.Struct, frozen=True, order=True):
    """An erasure as the ledger keeps it: when, of what, and a keyed hash of whose."""

    erased_at: dt.datetime
    erased: str
    account_hash: str


def erase_data(connection: Connection, owner_keys: OwnerKeys, now: dt.datetime) -> None:
    """Erase every record, own field, version, change, file, import and waiting export, and give them another key."""
    _hold(connection, owner_keys)
    Imports(connection, owner_keys, Growth()).remove_all()
    Exports(connection, owner_keys, Jobs(connection, owner_keys.owner)).remove_all()
    for table in (undo_steps, saved_views, own_fields, record_versions, records, record_counts, files):
        connection.execute(delete(table).where(table.c.owner_id == owner_keys.owner))
    OutgoingMails(connection, owner_keys, Jobs(connection, owner_keys.owner)).remove_those_about_records()
    emptied = {"snoozed": {}, "samples": "", "has_saved_views": False, "has_own_fields": False}
    account = Accounts(connection, owner_keys)
    account.change_preferences(**emptied)
    reminders = Reminders(connection, owner_keys.owner)
    reminders.forget()
    reminders.wake(now)
    private = KeptSettings(connection, owner_keys, account)
    names = private.take()  # stages and links stay, under the new key
    # After the rows: a foreign key keeps a key alive while something is sealed under it.
    replace_data_keys(connection, owner_keys, RECORDS, now)
    private.put(names)
    FeedCopies(connection, owner_keys, private).forget()
    Erasures(connection, owner_keys.keyring).add(owner_keys.owner, ALL_DATA, now)


def erase_account(connection: Connection, owner_keys: OwnerKeys, farewell: Mail | None, now: dt.datetime) -> None:
    """Erase the account: sessions, grants, keys, every row of every table, what leads to it, its waiting jobs.

    The erasure is noted for the ledger; ``farewell`` leaves once this has committed.
    """
    _hold(connection, owner_keys)
    _keep_notices(connection, owner_keys, now)
    _remove_every_row(connection, owner_keys)
    Erasures(connection, owner_keys.keyring).add(owner_keys.owner, ACCOUNT, now)
    if farewell:
        InstallationMails(connection, owner_keys.keyring).add(farewell, now)


def forget_sign_up(connection: Connection, owner_keys: OwnerKeys, now: dt.datetime) -> None:
    """Erase an account that was never claimed, without an entry in the ledger.

    A backup that brought it back would see it go again within the hour, and a stranger who signs up by the thousand
    must not fill the ledger. What is left of it on the disk makes a rotation of the wrapping key due all the same.
    """
    _hold(connection, owner_keys)
    _remove_every_row(connection, owner_keys)
    make_rotation_due(connection, now)


def _remove_every_row(connection: Connection, owner_keys: OwnerKeys) -> None:
    # What opens the account, or leads to it, goes first.
    for table in (sessions, support_grants, key_wraps, account_emails, owner_lookups):
        connection.execute(delete(table).where(table.c.owner_id == owner_keys.owner))
    Jobs(connection, owner_keys.owner).forget_waiting()
    for table in reversed(OWNED):
        # The app may only append to the security log, which goes with the account.
        if table not in (data_keys, key_wraps, security_events):
            connection.execute(delete(table).where(table.c.owner_id == owner_keys.owner))
    connection.execute(delete(data_keys).where(data_keys.c.owner_id == owner_keys.owner))


def _hold(connection: Connection, owner_keys: OwnerKeys) -> None:
    let_take_long(connection)
    hold_account(connection, owner_keys.owner)
    # Before all rows: an import that is under way notes its progress in some that an erasure would lock by then.
    hold_keys(connection, owner_keys, waits_for_writers=True)


def _keep_notices(connection: Connection, owner_keys: OwnerKeys, now: dt.datetime) -> None:
    """Queue the notices of legal orders for their date, though the account will be gone by then."""
    for order in LegalOrders(connection, owner_keys).untold():
        mail, at = notice_of(order, Accounts(connection, owner_keys).email()), max(now, order.notify_at)
        InstallationMails(connection, owner_keys.keyring).add(mail, at)
        Disclosures(connection).mark_told(order.id, at)


class Erasures:
    """The mirror, in the database, of the erasure ledger."""

    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._connection = connection
        self._keyring = keyring

    def add(self, owner: UUID, erased: str, now: dt.datetime) -> None:
        """Note an erasure in the transaction that does it, and queue the job that tells the backups.

        Without the ledger's key nobody can tell whose it was.
        """
        row = {"account_hash": account_hash(self._keyring, owner), "erased": erased, "erased_at": now}
        self._connection.execute(insert(erasures).values(**row))
        defer(self._connection, "publish", {}, "publish")

    def list(self) -> list[Erasure]:
        """Return every erasure that belongs into the ledger, the oldest first."""
        query = select(erasures).where(erasures.c.erased != UNLISTED)
        rows = self._connection.execute(query.order_by(erasures.c.erased_at, erasures.c.account_hash))
        return [Erasure(row.erased_at.astimezone(dt.UTC), row.erased, row.account_hash.hex()) for row in rows]

    def put(self, erased: Iterable[Erasure]) -> None:
        """Note erasures that only the ledger's file knew; those that are known stay."""
        rows = [
            {"account_hash": bytes.fromhex(entry.account_hash), "erased": entry.erased, "erased_at": entry.erased_at}
            for entry in erased
        ]
        if rows:
            self._connection.execute(upsert(erasures).on_conflict_do_nothing(), rows)

    def forget(self, before: dt.datetime) -> None:
        """Delete what was noted before that time."""
        self._connection.execute(delete(erasures).where(erasures.c.erased_at < before))


def erase_again(connection: Connection, keyring: Keyring, noted: Iterable[Erasure], made_at: dt.datetime) -> int:
    """Erase from a backup that is being restored what was erased after ``made_at``; return how many accounts that is.

    An account that was deleted never comes back, so it goes whenever that was. The keys go as they did then, and a
    rotation is due as it was: their wraps are on the disk again.
    """
    due = [entry for entry in noted if entry.erased == ACCOUNT or entry.erased_at > made_at]
    owners: dict[str, UUID] = {
        hashed.hex(): owner
        for owner in connection.execute(text("SELECT owner_id FROM accounts")).scalars()
        for hashed in account_hashes(keyring, owner)
    }
    due.sort(key=lambda entry: entry.erased == ACCOUNT)  # the last one counts
    concerned = {owners[entry.account_hash]: entry.erased for entry in due if entry.account_hash in owners}
    tables = set(inspect(connection).get_table_names())
    for owner, erased in concerned.items():
        # By name, since the tables may have the form of an earlier schema here, which has not all of them.
        for name in _ACCOUNT_TABLES if erased == ACCOUNT else _RECORD_TABLES:
            if name in tables:
                connection.execute(text(f"DELETE FROM {name} WHERE owner_id = :owner"), {"owner": owner})  # noqa: S608
        if erased == ALL_DATA:
            _replace_records_key(connection, keyring, owner, has_private="private_settings" in tables)
            _forget_feed_copies(connection, owner)
    if concerned:
        make_rotation_due(connection, _time_of(connection))
    return len(concerned)


def _replace_records_key(connection: Connection, keyring: Keyring, owner: UUID, *, has_private: bool) -> None:
    now = _time_of(connection)
    # The keyring may be newer than the backup: nothing may be wrapped under a key that is not registered.
    registered = upsert(wrapping_keys).values(kek_id=keyring.primary, created_at=now).on_conflict_do_nothing()
    connection.execute(registered)
    owner_keys = OwnerKeys(owner, keyring, wrapped_keys(connection, owner))
    private = KeptSettings(connection, owner_keys, Accounts(connection, owner_keys))
    names = private.take() if has_private else None
    replace_data_keys(connection, owner_keys, RECORDS, now)
    private.put(names)


def _forget_feed_copies(connection: Connection, owner: UUID) -> None:
    columns = {column["name"] for column in inspect(connection).get_columns("calendar_feeds")}
    if "copy_sealed" in columns:
        emptied = "UPDATE calendar_feeds SET copy_sealed = NULL, copy_key_sealed = NULL WHERE owner_id = :owner"
        connection.execute(text(emptied), {"owner": owner})


def _time_of(connection: Connection) -> dt.datetime:
    now: dt.datetime = connection.execute(text("SELECT now()")).scalar_one()
    return now


def account_hash(keyring: Keyring, owner: UUID) -> bytes:
    """Return the keyed hash by which the erasure ledger names an account."""
    return keyring.keyed_hash("ledger", owner.bytes)


def account_hashes(keyring: Keyring, owner: UUID) -> list[bytes]:
    """Return every keyed hash by which the ledger may name an account: under the newest key, and under earlier ones."""
    return [keyring.keyed_hash("ledger", owner.bytes, key_id) for key_id in keyring.key_ids("ledger")]
