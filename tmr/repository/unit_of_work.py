"""One transaction, bound to one owner: everything inside it can only be that owner's."""

import datetime as dt
from collections.abc import Callable
from functools import cached_property
from types import TracebackType
from typing import Self
from uuid import UUID

import msgspec
from sqlalchemy import Connection, delete, text

from tmr.crypto.envelope import RECORDS
from tmr.domain.fields.kind import Kind
from tmr.domain.kinds import kinds_for
from tmr.domain.pipeline.pipeline import pipeline_of
from tmr.repository.access.calendar_feeds import CalendarFeeds
from tmr.repository.access.disclosures import Disclosures
from tmr.repository.access.legal_orders import LegalOrders, notice_of
from tmr.repository.access.support_grants import SupportGrants
from tmr.repository.accounts.accounts import Accounts, SealedAccount
from tmr.repository.accounts.known_devices import KnownDevices
from tmr.repository.accounts.one_time_tokens import OneTimeTokens
from tmr.repository.accounts.passkeys import Passkeys
from tmr.repository.accounts.provider_identities import Identities
from tmr.repository.accounts.security_log import SecurityLog
from tmr.repository.accounts.sessions import Sessions
from tmr.repository.accounts.totp import RecoveryCodes, TotpSecrets
from tmr.repository.database.connections import let_take_long
from tmr.repository.files.exports import Exports
from tmr.repository.files.files import Files
from tmr.repository.files.storage_used import StorageUsed, storage_used
from tmr.repository.installation import ACCOUNT, ALL_DATA, Erasures, InstallationMails
from tmr.repository.keys.data_keys import (
    forget_retired,
    hold_keys,
    note_retired,
    renew_records_key,
    replace_data_keys,
    rewrap_keys,
)
from tmr.repository.keys.owner_keys import OwnerKeys
from tmr.repository.keys.resealing import Resealing
from tmr.repository.queue.jobs import Jobs
from tmr.repository.queue.mails import Mail, OutgoingMails
from tmr.repository.queue.reminders import Reminders
from tmr.repository.records.imports import Imports
from tmr.repository.records.names import RecordNames
from tmr.repository.records.records import Records
from tmr.repository.schema import (
    OWNED,
    account_emails,
    data_keys,
    files,
    key_wraps,
    owner_lookups,
    record_counts,
    record_versions,
    records,
    security_events,
    sessions,
    support_grants,
)


class OpenSession(msgspec.Struct, frozen=True):
    """The session that a request came with."""

    id: UUID
    authenticated_at: dt.datetime
    has_factor: bool


class UnitOfWork:
    """A transaction with its collections. Without ``commit()`` nothing stays."""

    def __init__(
        self,
        connection: Connection,
        owner_keys: OwnerKeys,
        session: OpenSession | None = None,
        account: SealedAccount | None = None,
    ) -> None:
        self._connection = connection
        self._owner_keys = owner_keys
        self.owner = owner_keys.owner
        self.session = session
        self.records = Records(connection, owner_keys)
        self.account = Accounts(connection, owner_keys, account)
        self.sessions = Sessions(connection, owner_keys)
        self.names = RecordNames(connection, owner_keys, self.records)
        self.files = Files(connection, owner_keys)
        self.imports = Imports(connection, owner_keys)
        self.feeds = CalendarFeeds(connection, owner_keys)
        self.reminders = Reminders(connection, owner_keys.owner)
        self.jobs = Jobs(connection, owner_keys.owner)
        self._open_account_side(connection, owner_keys)

    def _open_account_side(self, connection: Connection, owner_keys: OwnerKeys) -> None:
        self.mails = OutgoingMails(connection, owner_keys, self.jobs)
        self.tokens = OneTimeTokens(connection, owner_keys)
        self.totp = TotpSecrets(connection, owner_keys)
        self.recovery_codes = RecoveryCodes(connection, owner_keys)
        self.passkeys = Passkeys(connection, owner_keys)
        self.identities = Identities(connection, owner_keys)
        self.known_devices = KnownDevices(connection, owner_keys.owner)
        self.log = SecurityLog(connection, owner_keys)
        self.grants = SupportGrants(connection, owner_keys)
        self.legal_orders = LegalOrders(connection, owner_keys)
        self.disclosures = Disclosures(connection)
        self.exports = Exports(connection, owner_keys, self.jobs)

    def __repr__(self) -> str:
        return f"UnitOfWork(owner={self.owner})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @cached_property
    def kinds(self) -> dict[str, Kind]:
        """Every kind by its plural, with the stages of this person."""
        return kinds_for(pipeline_of(self.account.preferences().stages))

    @property
    def session_id(self) -> UUID | None:
        """The session that this unit of work was claimed by, if it was."""
        return self.session.id if self.session else None

    def commit(self) -> None:
        """Keep what was done, and end: nothing more can be read or written."""
        self.records.counts.write()
        self._connection.commit()
        self.close()

    def storage_used(self) -> StorageUsed:
        """Return how much this account keeps."""
        return storage_used(self._connection, self.owner)

    def commit_if_open(self) -> None:
        """Keep what was done unless this unit of work has ended already."""
        if not self._connection.closed:
            self.commit()

    def close(self) -> None:
        """End the transaction; what was not committed is gone."""
        self._connection.close()

    def _hold_keys(self) -> None:
        let_take_long(self._connection)
        # First of all: an import that is under way notes its progress in rows that an erasure would hold already.
        hold_keys(self._connection, self._owner_keys, waits_for_writers=True)

    def rewrap_keys(self) -> int:
        """Wrap this owner's keys under the primary key of the keyring; return how many were under another."""
        return rewrap_keys(self._connection, self._owner_keys)

    def reindex(self, canonical: Callable[[str], str | None]) -> None:
        """Let everything that leads to this account be looked up by the newest key of the keyring alone."""
        self.account.hold()
        email = self.account.email()
        self.account.reindex(canonical(email) or email)
        self.passkeys.reindex()
        self.identities.reindex()

    def renew_records_key(self, now: dt.datetime) -> None:
        """Make a new key for records, and queue the sealing anew of what the earlier ones sealed."""
        renew_records_key(self._connection, self._owner_keys, now)
        self.jobs.defer("reseal")

    def reseal(self, resealing: Resealing, now: dt.datetime) -> int:
        """Seal the next rows under the newest key; return how many were looked at, 0 at the end.

        From the end on the earlier keys are kept for 30 days: backups from before it need them.
        """
        looked = resealing.step(self._connection, self._owner_keys)
        if not looked:
            note_retired(self._connection, self._owner_keys, now)
        return looked

    def forget_retired_keys(self, now: dt.datetime) -> int:
        """Destroy keys that were retired 30 days ago and seal nothing any more; return how many.

        What still seals something stays 30 days more, and that is queued to be sealed anew.
        """
        gone, left = forget_retired(self._connection, self._owner_keys, now)
        if left:
            self.jobs.defer("reseal")
        return gone

    def erase_data(self, now: dt.datetime) -> None:
        """Erase every record, version, file, import and waiting export, destroy their key, and make a new one."""
        self._hold_keys()
        self.imports.remove_all()
        self.exports.remove_all()
        for table in (record_versions, records, record_counts, files):
            self._connection.execute(delete(table).where(table.c.owner_id == self.owner))
        self.mails.remove_those_about_records()
        self.account.change_preferences(snoozed={})
        self.reminders.forget()
        self.reminders.wake(now)
        replace_data_keys(self._connection, self._owner_keys, RECORDS, now)
        Erasures(self._connection, self._owner_keys.keyring).add(self.owner, ALL_DATA, now)

    def _keep_notices(self, now: dt.datetime) -> None:
        """Let the notices of legal orders that wait for their date leave on it, though the account is gone by then."""
        for order in self.legal_orders.untold():
            mail = notice_of(order, self.account.email())
            InstallationMails(self._connection, self._owner_keys.keyring).add(mail, max(now, order.notify_at))
            self.disclosures.mark_told(order.id, max(now, order.notify_at))

    def forget_sign_up(self) -> None:
        """Erase an account that was never claimed.

        No ledger needs to know: a backup that brought it back would see it go again within the hour. And a stranger
        who makes them by the thousand must not write the ledger full.
        """
        self._hold_keys()
        self._remove_every_row()

    def erase_account(self, now: dt.datetime, farewell: Mail | None = None) -> None:
        """Erase the account: sessions, grants, keys, every row of every table, what leads to it, its waiting jobs.

        The erasure is noted for the ledger; ``farewell`` leaves once this has committed.
        """
        self._hold_keys()
        self._keep_notices(now)
        self._remove_every_row()
        Erasures(self._connection, self._owner_keys.keyring).add(self.owner, ACCOUNT, now)
        if farewell:
            InstallationMails(self._connection, self._owner_keys.keyring).add(farewell, now)

    def _remove_every_row(self) -> None:
        for table in (sessions, support_grants, key_wraps, account_emails, owner_lookups):
            self._connection.execute(delete(table).where(table.c.owner_id == self.owner))
        self.jobs.forget_waiting()
        for table in reversed(OWNED):
            if table not in (data_keys, key_wraps, security_events):
                self._connection.execute(delete(table).where(table.c.owner_id == self.owner))
        self._connection.execute(text("SELECT tmr_erase_security_events()"))
        self._connection.execute(delete(data_keys).where(data_keys.c.owner_id == self.owner))
