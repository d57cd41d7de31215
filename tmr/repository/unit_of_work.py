"""One transaction, bound to one owner: everything inside it can only be that owner's."""

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping, Sized
from contextlib import suppress
from functools import cached_property
from types import TracebackType
from typing import Any, Self
from uuid import UUID

import msgspec
from sqlalchemy import Connection, text

from tmr.crypto.lock.slot import PRF
from tmr.domain.fields.kind import Kind
from tmr.domain.pipeline.pipeline import pipeline_of
from tmr.domain.security_events import EventType
from tmr.repository.access.access_tokens import AccessTokens
from tmr.repository.access.calendar_feeds import CalendarFeeds
from tmr.repository.access.coach_links import CoachLinks
from tmr.repository.access.disclosures import Disclosures
from tmr.repository.access.legal_orders import LegalOrders
from tmr.repository.access.support_grants import SupportGrants
from tmr.repository.accounts.accounts import Accounts, SealedAccount
from tmr.repository.accounts.known_devices import KnownDevices
from tmr.repository.accounts.one_time_tokens import OneTimeTokens
from tmr.repository.accounts.passkeys import Passkeys
from tmr.repository.accounts.provider_identities import ProviderIdentities
from tmr.repository.accounts.security_log import SecurityEvent, SecurityLog
from tmr.repository.accounts.sessions import Sessions
from tmr.repository.accounts.totp import RecoveryCodes, TotpSecrets
from tmr.repository.erasure import erase_account, erase_data, forget_sign_up
from tmr.repository.errors import DatabaseError
from tmr.repository.files.exports import Exports
from tmr.repository.files.files import Files
from tmr.repository.files.storage_used import StorageUsed, storage_used
from tmr.repository.growth import Growth
from tmr.repository.history.steps import Steps
from tmr.repository.history.trash import Trash
from tmr.repository.history.undoing import Undoing
from tmr.repository.keys.data_keys import (
    forget_retired,
    hold_keys,
    note_retired,
    renew_records_key,
    rewrap_keys,
)
from tmr.repository.keys.owner_keys import Opener, OwnerKeys
from tmr.repository.keys.resealing import Resealing
from tmr.repository.keys.rotation_due import RotationNotes
from tmr.repository.keys.sealed_rows import sealed_rows
from tmr.repository.lock.beginning_again import BeginningAgain
from tmr.repository.lock.codes import LockCodes
from tmr.repository.lock.kept_slots import SlotKeys
from tmr.repository.lock.records_lock import RecordsLock
from tmr.repository.own_fields.kept_kinds import KeptKinds
from tmr.repository.own_fields.own_fields import OwnFields
from tmr.repository.private_settings import KeptSettings, SealedSettings
from tmr.repository.queue.jobs import Jobs, try_to_take_up
from tmr.repository.queue.mails import Mail, OutgoingMails, notice_mail
from tmr.repository.queue.reminders import Reminders
from tmr.repository.records.counts import RecordCounts
from tmr.repository.records.imports import Imports
from tmr.repository.records.names import RecordNames
from tmr.repository.records.records import Records
from tmr.repository.records.saved_views import SavedViews
from tmr.repository.scans.kept import Kept
from tmr.repository.scans.looking import Looking


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
        counts: Mapping[str, int] | None = None,
        kept: Kept | None = None,
        private: SealedSettings | None = None,
        kept_kinds: KeptKinds | None = None,
        *,
        may_keep: bool = False,
    ) -> None:
        self._connection = connection
        self._owner_keys = owner_keys
        self.owner = owner_keys.owner
        self.session = session
        self.counts_at_claim = counts or {}  # how many records of each kind there were when the session was claimed
        self.growth, self.looking = Growth(), Looking()
        self._wants_statistics = False
        self.keeps_up: Callable[[UnitOfWork], None] | None = None  # what no worker can do for locked records
        self.at_end: Callable[[], None] | None = None  # called once, when the connection is free again
        record_counts = RecordCounts(connection, owner_keys, counts)
        self._kept, self._drops_kept = kept, False
        self._rotation_notes = RotationNotes(connection)
        self.lock = RecordsLock(connection, owner_keys, self._rotation_notes, self._drop_kept)
        # What is kept is for whoever showed a session, or asks for it, and for no job; of locked records nothing is.
        self._kept_kinds = kept_kinds if kept_kinds and not self.lock.is_on else KeptKinds()
        own_kept = kept if (may_keep or session is not None) and not self.lock.is_on else None
        self.records = Records(connection, owner_keys, self.growth, record_counts, own_kept, self.looking)
        self.account = Accounts(connection, owner_keys, account)
        self.private = KeptSettings(connection, owner_keys, self.account, private, is_known=session is not None)
        self.sessions = Sessions(connection, owner_keys, self._rotation_notes, self._note_end_of_sessions)
        self.names = RecordNames(connection, owner_keys, self.records)
        self.files = Files(connection, owner_keys, self.growth)
        self.steps = Steps(connection, owner_keys, self.records.notes)
        self.undoing = Undoing(self.records, self.steps, self.private)
        self.trash = Trash(connection, owner_keys, self.records, self.steps)
        self.imports = Imports(connection, owner_keys, self.growth)
        self.feeds = CalendarFeeds(connection, owner_keys, self.private)
        self.saved_views = SavedViews(connection, owner_keys)
        self.own_fields = OwnFields(connection, owner_keys, self.account, self.records.own_names, self._forget_names)
        self.reminders = Reminders(connection, owner_keys.owner)
        self.jobs = Jobs(connection, owner_keys.owner)
        self._open_account_side(connection, owner_keys)

    def _open_account_side(self, connection: Connection, owner_keys: OwnerKeys) -> None:
        self.mails = OutgoingMails(connection, owner_keys, self.jobs)
        self.tokens = OneTimeTokens(connection, owner_keys)
        self.totp = TotpSecrets(connection, owner_keys)
        self.recovery_codes = RecoveryCodes(connection, owner_keys)
        self.passkeys = Passkeys(connection, owner_keys, lambda gone: self.lock.take_back(PRF, [gone]))
        self.lock_codes = LockCodes(owner_keys)
        self.beginning_again = BeginningAgain(connection, owner_keys)
        self.identities = ProviderIdentities(connection, owner_keys)
        self.known_devices = KnownDevices(connection, owner_keys.owner)
        self.log = SecurityLog(connection, owner_keys)
        self.grants = SupportGrants(connection, owner_keys, self.lock, self.private)
        self.coach_links = CoachLinks(connection, owner_keys, self.lock, self.private)
        self.access_tokens = AccessTokens(connection, owner_keys, self.lock, self.private)
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
        """Every kind by its plural, with the stages and the own fields of this person."""
        return self._kept_kinds.of(self.owner, pipeline_of(self.private.get().stages), self.own_fields.declared)

    def _forget_names(self, gone: Collection[str]) -> None:
        """Take own fields that are gone for good out of all that names them beside records."""
        self.saved_views.forget_fields(gone)
        self.account.forget_fields(gone)
        self.imports.forget_fields(gone)
        self.steps.forget_fields(gone)

    def hold_own_fields(self) -> None:
        """Keep every own field from going for good until this ends, and read the kinds again, as they are now."""
        self.records.own_names.hold()
        self.own_fields.read_again()
        vars(self).pop("kinds", None)

    def hold_stages(self) -> None:
        """Let two devices that change stages wait for each other, and read the kinds again, as they are now."""
        self.private.hold()
        vars(self).pop("kinds", None)

    @property
    def session_id(self) -> UUID | None:
        """The session that this unit of work was claimed by, if it was."""
        return self.session.id if self.session else None

    @property
    def unlocked_by(self) -> Opener | None:
        """What may open locked records here, such as a session; None if the lock is off, or there is nothing."""
        return self._owner_keys.opener if self.lock.is_on else None

    def hold_account(self) -> None:
        """Lock the account until this ends, and make sure that the session is still there that this was claimed by.

        Use it before a way into the account is added: what ends sessions and such ways holds the account as well, so
        that nothing can be added behind its back.

        Raises:
            RecordNotFoundError: the session has ended since, or has another token.
        """
        self.account.hold()
        if self.session is not None:
            self.sessions.check_claimed()

    def is_at_large_work(self) -> bool:
        """Whether an import, the undo of one or an export is under way, in a worker or in a request of its owner.

        If none is, none begins before this ends.
        """
        unfinished = (*self.imports.unfinished_ids(), *self.exports.unfinished_ids())
        return self.jobs.is_at_work() or not all(try_to_take_up(self._connection, work_id) for work_id in unfinished)

    def wait_for_writers(self) -> None:
        """Wait until nothing is being sealed under a key of this account, and keep that so until this ends."""
        hold_keys(self._connection, self._owner_keys, waits_for_writers=True)

    def has_room(self, things: Callable[[], Sized], most: int) -> bool:
        """Whether there are fewer than ``most`` of some things of this account; none is added meanwhile by others.

        They are counted behind the lock of the account: else requests at the same time would all find the last place.

        Raises:
            RecordNotFoundError: the session has ended since.
        """
        self.hold_account()
        return len(things()) < most

    def note(self, event_type: EventType, event: SecurityEvent, now: dt.datetime, *, sends_mail: bool) -> None:
        """Write ``event`` to the account's log, and mail its owner if events of this type are mailed.

        Everything that writes to the log comes through here, so that ``EventType.is_mailed`` always holds. Pass False
        for ``sends_mail`` where no mail leaves this installation, or where the owner is to be told later.
        """
        self.log.add(event, now)
        if event_type.is_mailed and sends_mail:
            self.mails.add(notice_mail(self.account.email(), event_type.words, now), now)

    def commit(self) -> None:
        """Commit and end: nothing more can be read or written."""
        if self.keeps_up and self.lock.is_open:
            self.keeps_up(self)
        self.records.counts.write()
        self.steps.write()
        self._rotation_notes.write()
        self._connection.commit()
        if self._drops_kept:  # once more, since another request may have read until now what is no longer there
            self._drop_kept()
        if self._wants_statistics:
            with suppress(DatabaseError):  # what was asked for is done, and autovacuum will come by
                self._connection.execute(text("SELECT tmr_analyze_records()"))
                self._connection.commit()
        self.close()

    def refresh_statistics(self) -> None:
        """Refresh the database's statistics once this has committed, so that it finds the right index for new rows.

        In a transaction of its own: it is done as another user, and a spread database lets no two write to one shard.
        """
        self._wants_statistics = True

    def sealed_rows(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the rows that are sealed like records, each with the name of its table; they stay sealed."""
        return sealed_rows(self._connection, self._owner_keys)

    def storage_used(self) -> StorageUsed:
        """Return how much this account keeps."""
        return storage_used(self._connection, self.owner)

    def _drop_kept(self) -> None:
        """Forget what this process keeps of the account: a session of it ends, or its records are erased."""
        self._drops_kept = True
        if self._kept:
            self._kept.drop(self.owner)
        self._kept_kinds.drop(self.owner)

    def _note_end_of_sessions(self) -> None:
        self._drop_kept()
        self.lock.note_end_of_sessions()

    @property
    def is_over(self) -> bool:
        """Whether it has ended: nothing more can be read or written."""
        return bool(self._connection.closed)

    def commit_if_open(self) -> None:
        """Commit, unless this unit of work has ended already."""
        if not self.is_over:
            self.commit()

    def close(self) -> None:
        """End the transaction; what was not committed is gone."""
        try:
            self._connection.close()
        finally:
            if self.at_end:
                at_end, self.at_end = self.at_end, None
                at_end()

    def rewrap_keys(self) -> int:
        """Wrap this owner's keys under the primary key of the keyring; return how many were under another."""
        return rewrap_keys(self._connection, self._owner_keys)

    def reindex(self, canonical: Callable[[str], str | None]) -> None:
        """Re-index every look-up of this account under the newest key of the keyring."""
        self.account.hold()
        email = self.account.email()
        self.account.reindex(canonical(email) or email)
        self.passkeys.reindex()
        self.identities.reindex()

    def renew_records_key(self, now: dt.datetime) -> None:
        """Make a new key for records, and queue the resealing of what earlier ones sealed."""
        renew_records_key(self._connection, self._owner_keys, now)
        self.jobs.defer("reseal")

    def reseal(self, resealing: Resealing, now: dt.datetime) -> int:
        """Reseal the next rows under the newest key; return how many were looked at, 0 at the end.

        Once that is done the earlier keys are kept for 30 days: backups from before need them.
        """
        looked = resealing.step(self._connection, self._owner_keys)
        if not looked:
            note_retired(self._connection, self._owner_keys, now)
        return looked

    def forget_retired_keys(self, now: dt.datetime) -> int:
        """Destroy keys that were retired 30 days ago and seal nothing any more; return how many.

        A key that still seals something stays for another 30 days, and the resealing is queued again.
        """
        gone, left = forget_retired(self._connection, self._owner_keys, now)
        if left:
            self.jobs.defer("reseal")
        return gone

    def turn_lock_on(self, slots: SlotKeys, now: dt.datetime) -> None:
        """Begin to lock the records; ``lock.reseal`` and ``lock.finish`` do the rest.

        Mails that wait and tell of records are forgotten: they are sealed under the account's own key.
        """
        self.private.settle()
        self.lock.begin(slots, now)
        self.mails.remove_those_about_records()

    def turn_lock_off(self) -> bool:
        """Let the server open the records again; what was not resealed yet is left to the worker.

        Return False if the lock was off already. Calendar links show the records themselves again, so their prepared
        copies go, with the keys of these.

        Raises:
            LockedError: the records are closed.
        """
        is_begun = self.lock.is_begun
        self._drop_kept()
        self.private.change(feed_keys={})
        self.feeds.copies.forget()
        is_ended = self.lock.end()
        self.beginning_again.stop()
        if is_ended and is_begun:
            self.jobs.defer("reseal")
        return is_ended

    def erase_data(self, now: dt.datetime) -> None:
        """Erase all that is kept of records, imports and waiting exports, destroy their key, and make a new one."""
        self._drop_kept()
        erase_data(self._connection, self._owner_keys, now)

    def forget_sign_up(self, now: dt.datetime) -> None:
        """Erase an account that was never claimed; no ledger is told of it."""
        self._drop_kept()
        forget_sign_up(self._connection, self._owner_keys, now)

    def erase_account(self, now: dt.datetime, farewell: Mail | None = None) -> None:
        """Erase the account with every row and key; ``farewell`` leaves once this has committed."""
        self._drop_kept()
        erase_account(self._connection, self._owner_keys, farewell, now)
