"""From a cookie, an address or a job to the unit of work of its owner."""

import datetime as dt
import hmac
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, delete, insert, select, text

from tmr.crypto.envelope import WrappedKey
from tmr.crypto.hashing import new_token, plain_code, token_hash
from tmr.crypto.keyring import Keyring
from tmr.repository.access.disclosures import public_counts
from tmr.repository.accounts.accounts import NewAccount, SealedAccount, add_account, email_hashes, find_by_email
from tmr.repository.accounts.known_devices import KnownDevices
from tmr.repository.accounts.owner_lookups import (
    ACCESS,
    COACH,
    FEED,
    GRANT,
    IDENTITY,
    PASSKEY,
    TOKEN,
    credential_hashes,
    find_by_lookup,
    identity_hashes,
)
from tmr.repository.connection_shares import Shares
from tmr.repository.database.connections import read_first
from tmr.repository.database.installation_facts import BackupsState, Examination, Rotation, Standing, find_fact
from tmr.repository.database.migrate import HEAD
from tmr.repository.database.owner import set_owner
from tmr.repository.errors import DatabaseError, RecordNotFoundError
from tmr.repository.installation import Installation
from tmr.repository.keys.data_keys import (
    SLOTS_OF_SESSION,
    is_use_to_be_noted,
    keys_in_slots,
    note_use,
    wrapped_keys,
    wrapped_keys_in_session,
    wrapped_keys_in_slot,
)
from tmr.repository.keys.owner_keys import Opener, OwnerKeys, SessionSecret, SlotSecret
from tmr.repository.own_fields.kept_kinds import KeptKinds
from tmr.repository.private_settings import SealedSettings
from tmr.repository.queue.jobs import defer
from tmr.repository.scans.kept import Kept
from tmr.repository.schema import invitations, security_reports
from tmr.repository.unit_of_work import OpenSession, UnitOfWork

# The counts of the menu, the private settings and what opens locked records come along: they cost less than a query of
# their own. They name the session, so that they are read after the function has set the owner, and not before.
_CLAIM = """
    SELECT session_id, authenticated_at, has_factor, key_ids, purposes, kek_ids, wrapped_keys,
           account_key_id, email_sealed, preferences_sealed,
           ARRAY(SELECT c.kind FROM record_counts c
                  WHERE c.owner_id = %(owner)s AND s.session_id IS NOT NULL ORDER BY c.kind),
           ARRAY(SELECT c.live FROM record_counts c
                  WHERE c.owner_id = %(owner)s AND s.session_id IS NOT NULL ORDER BY c.kind),
           (SELECT p.key_id FROM private_settings p WHERE p.owner_id = %(owner)s AND s.session_id IS NOT NULL),
           (SELECT p.settings_sealed FROM private_settings p
             WHERE p.owner_id = %(owner)s AND s.session_id IS NOT NULL),
           ARRAY({slots}),
           pg_current_xact_id_if_assigned() IS NOT NULL
      FROM tmr_open_session(%(owner)s, %(hash)s, %(at)s) s
""".replace("{slots}", SLOTS_OF_SESSION)
_QUEUE = text(
    """
    SELECT count(*), min(coalesce(j.scheduled_at, e.at))
      FROM procrastinate_jobs j
      LEFT JOIN procrastinate_events e ON e.job_id = j.id AND e.type = 'deferred'
     WHERE j.status = 'todo' AND (j.scheduled_at IS NULL OR j.scheduled_at <= now())
    """
)

AGAIN_SECONDS = 1.0


class Repository:
    """Opens units of work: the one object of this room that the rest of the app holds."""

    def __init__(self, engine: Engine, lookup_engine: Engine, keyring: Keyring) -> None:
        self._engine = engine
        # Look-ups and other short work have a pool of their own. A request that already holds a connection would else
        # wait for a second one, while others hold theirs and wait for the same reason: a deadlock.
        self._lookup_engine = lookup_engine
        self._keyring = keyring
        self.kept = Kept()
        self._kept_kinds = KeptKinds()
        self.while_waiting: Callable[[], AbstractContextManager[None]] = nullcontext  # around waits for a share
        self._shares = Shares(lambda: self.while_waiting())

    def claim(self, cookie: str, now: dt.datetime) -> UnitOfWork | None:
        """Open a unit of work for the session that ``cookie`` (``owner.secret``) names, or return None.

        It counts against the account's share of the connections until it ends, as one with ``in_share`` does.
        """
        owner_text, _, secret = cookie.partition(".")
        try:
            owner = UUID(owner_text)
        except ValueError:
            return None
        self._shares.take(owner)
        try:
            uow = self._claim_in_time(owner, secret, now)
        except BaseException:
            self._shares.give_back(owner)
            raise
        if uow is None:
            self._shares.give_back(owner)
        else:
            uow.at_end = partial(self._shares.give_back, owner)
        return uow

    def _claim_in_time(self, owner: UUID, secret: str, now: dt.datetime) -> UnitOfWork | None:
        began = time.monotonic()
        try:
            return self._claim(self._engine.connect(), owner, secret, now)
        except DatabaseError as error:
            if not error.connection_invalidated or time.monotonic() - began > AGAIN_SECONDS:
                raise
        # The database was restarted while this connection waited. Nothing has been done yet: a new one begins again.
        return self._claim(self._engine.connect(), owner, secret, now)

    def end_session(self, cookie: str, now: dt.datetime) -> None:
        """End the session that ``cookie`` names, if it is valid."""
        owner_text, _, secret = cookie.partition(".")
        with suppress(ValueError):
            uow = self._claim(self._lookup_engine.connect(), UUID(owner_text), secret, now)
            if uow is not None:
                with uow:
                    uow.sessions.remove_if_there(uow.session_id)
                    uow.commit()

    def _claim(self, connection: Connection, owner: UUID, secret: str, now: dt.datetime) -> UnitOfWork | None:
        row = _match_claim(connection, owner, token_hash(secret), now)
        if row is not None and _is_use_noted(connection, owner, row, now):
            row = _match_claim(connection, owner, token_hash(secret), now)
        if row is None:
            connection.close()
            return None
        session, wrapped = OpenSession(*row[:3]), [*map(WrappedKey, *row[3:7])]
        session_secret = SessionSecret(session.id, secret)
        reread = partial(wrapped_keys_in_session, connection, owner, session_secret, now)
        in_slots = keys_in_slots(row[14], session_secret, wrapped)
        owner_keys = OwnerKeys(owner, self._keyring, [*wrapped, *in_slots], reread, session_secret)
        counts = dict(zip(row[10], row[11], strict=True))
        private = SealedSettings(*row[12:14]) if row[12] else None
        account = SealedAccount(*row[7:10])
        return UnitOfWork(connection, owner_keys, session, account, counts, self.kept, private, self._kept_kinds)

    def for_owner(
        self,
        owner: UUID,
        *,
        is_snapshot: bool = False,
        is_read_only: bool = False,
        unlocked_by: Opener | None = None,
        now: dt.datetime | None = None,
        may_keep: bool = False,
    ) -> UnitOfWork:
        """Open a unit of work for an owner that is known otherwise: by a sign-in that was just checked, or by a job.

        With ``is_snapshot`` it sees everything as it is at one moment, whatever others change. With
        ``is_read_only`` the database refuses every change. With ``unlocked_by``, locked records are open in it if they
        are so ``now`` in that session, or that secret has a slot; the request that asks must have come with it. With
        ``may_keep``, what it looked through is kept for the next one as for a session; of locked records nothing is.

        Raises:
            RecordNotFoundError: no such account.
        """
        connection = self._engine.connect()
        try:
            if is_snapshot:
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            if is_read_only:
                connection = connection.execution_options(postgresql_readonly=True)
            set_owner(connection, owner)
            reread = partial(wrapped_keys, connection, owner)
            if isinstance(unlocked_by, SlotSecret):
                reread = partial(wrapped_keys_in_slot, connection, owner, unlocked_by.slot)
            elif unlocked_by and now:
                reread = partial(wrapped_keys_in_session, connection, owner, unlocked_by, now)
            owner_keys = OwnerKeys(owner, self._keyring, reread(), reread, unlocked_by)
            if not owner_keys.wrapped():
                raise RecordNotFoundError
        except BaseException:
            connection.close()
            raise
        return UnitOfWork(connection, owner_keys, kept=self.kept, kept_kinds=self._kept_kinds, may_keep=may_keep)

    def in_share(self, owner: UUID) -> UnitOfWork:
        """Open a unit of work as ``for_owner`` does, for a request that names its owner otherwise than by a session."""
        self._shares.take(owner)
        try:
            uow = self.for_owner(owner)
        except BaseException:
            self._shares.give_back(owner)
            raise
        uow.at_end = partial(self._shares.give_back, owner)
        return uow

    def find_owner(self, email: str) -> UUID | None:
        """Return the owner of the account with this canonical address, or None."""
        return self.find_owner_by_hashes(self.email_hashes(email))

    def find_owner_by_hashes(self, hashes: Sequence[bytes]) -> UUID | None:
        """Return the owner of the account with the address that ``email_hashes`` made these of, or None."""
        with self._lookup_engine.connect() as connection:
            return find_by_email(connection, hashes)

    def find_by_token(self, token: str) -> UUID | None:
        """Return the owner of a one-time token, or None; whether it is still good, its owner's unit of work says."""
        return self._find(TOKEN, [token_hash(token)])

    def find_by_feed(self, token: str) -> UUID | None:
        """Return the owner of the calendar feed with this token, or None."""
        return self._find(FEED, [token_hash(token)])

    def find_by_access_token(self, secret: str) -> UUID | None:
        """Return the owner of the access token with this secret, or None."""
        return self._find(ACCESS, [token_hash(secret)])

    def find_by_coach_link(self, token: str) -> UUID | None:
        """Return the owner of the coach link with this token, or None."""
        return self._find(COACH, [token_hash(token)])

    def find_by_passkey(self, credential_id: bytes) -> UUID | None:
        """Return the owner of the passkey with this credential, or None."""
        return self._find(PASSKEY, credential_hashes(self._keyring, credential_id))

    def find_by_identity(self, issuer: str, subject: str) -> UUID | None:
        """Return the owner that an external identity opens, or None."""
        return self._find(IDENTITY, identity_hashes(self._keyring, issuer, subject))

    def find_by_grant(self, code_or_id: str) -> UUID | None:
        """Return the owner of the support grant with this code or id, or None; whether it is good, their unit says."""
        return self._find(GRANT, [token_hash(plain_code(code_or_id))])

    def is_known_device(self, owner: UUID, token: str, now: dt.datetime) -> bool:
        """Whether the account of ``owner`` was signed in to from the browser that holds ``token``."""
        with self._lookup_engine.begin() as connection:
            set_owner(connection, owner)
            return KnownDevices(connection, owner).knows(token, now)

    def is_session(self, cookie: str, now: dt.datetime) -> bool:
        """Whether ``cookie`` names a good session; nothing stays open, unlike with ``claim``."""
        owner_text, _, secret = cookie.partition(".")
        try:
            uow = self._claim(self._lookup_engine.connect(), UUID(owner_text), secret, now)
        except ValueError:
            return False
        if uow is not None:
            uow.close()
        return uow is not None

    def standing(self, now: dt.datetime) -> Standing:
        """Return what is known of the installation as a whole, and its public counts."""
        with self._lookup_engine.connect() as connection:
            return Standing(
                find_fact(connection, Rotation),
                find_fact(connection, Examination),
                find_fact(connection, BackupsState),
                public_counts(connection, now),
            )

    def reports_waiting(self) -> list[dt.datetime]:
        """Return when each security report that was not answered yet is due."""
        query = select(security_reports.c.due_at).where(security_reports.c.answered_at.is_(None))
        with self._lookup_engine.connect() as connection:
            return list(connection.scalars(query))

    def installation(self) -> Installation:
        """Open a transaction on data that belongs to no account."""
        return Installation(self._lookup_engine.connect(), self._keyring)

    def email_hashes(self, canonical_email: str) -> list[bytes]:
        """Return the keyed hashes of an address, which jobs may name it by, the newest first."""
        return email_hashes(self._keyring, canonical_email)

    def add_account(self, new: NewAccount, now: dt.datetime) -> UUID:
        """Make an account and return its owner id, or raise ``EmailTakenError``."""
        with self._lookup_engine.begin() as connection:
            return add_account(connection, self._keyring, new, now)

    def defer(self, task: str, lock: str, **arguments: str) -> None:
        """Queue a task that has no owner yet; its arguments are hashes and ids, never content.

        It begins a second from now: what a worker does for some addresses and not for others must not show in the time
        of the answer.
        """
        with self._lookup_engine.begin() as connection:
            defer(connection, task, arguments, lock, is_later=True)

    def invite(self, canonical_email: str, lifetime: dt.timedelta, now: dt.datetime) -> str:
        """Return a token with which this address may sign up."""
        token = new_token()
        values = {"token_hash": token_hash(token), "email_index": self.email_hashes(canonical_email)[0]}
        with self._lookup_engine.begin() as connection:
            connection.execute(delete(invitations).where(invitations.c.expires_at <= now))
            connection.execute(insert(invitations).values(**values, expires_at=now + lifetime))
        return token

    def forget_invitations(self, now: dt.datetime, canonical_email: str = "") -> None:
        """Forget the invitations that are over, and those for an address that has an account by now."""
        is_over = invitations.c.expires_at <= now
        if canonical_email:
            is_over |= invitations.c.email_index.in_(self.email_hashes(canonical_email))
        with self._lookup_engine.begin() as connection:
            connection.execute(delete(invitations).where(is_over))

    def is_invitation(self, token: str, canonical_email: str, now: dt.datetime) -> bool:
        """Whether a token that ``invite`` returned for this address is still valid."""
        query = select(invitations.c.email_index).where(invitations.c.token_hash == token_hash(token))
        with self._lookup_engine.connect() as connection:
            invited = connection.scalar(query.where(invitations.c.expires_at > now))
        return invited is not None and any(
            hmac.compare_digest(invited, hashed) for hashed in self.email_hashes(canonical_email)
        )

    def readiness(self) -> dict[str, str]:
        """Say for each thing that requests need whether it is ``ok``; raise what the database raises."""
        with self._lookup_engine.connect() as connection:
            version = connection.scalar(text("SELECT version_num FROM alembic_version"))
        # A newer schema is fine: while one release replaces another both run on it, and migrations only add.
        is_old = str(version or "") < HEAD
        schema = f"is {version}, and this release needs {HEAD}: run `tmr migrate`" if is_old else "ok"
        return {"database": "ok", "schema": schema}

    def queue(self, now: dt.datetime) -> tuple[int, float]:
        """Return how many jobs are due and wait for a worker, and for how many seconds the oldest has been."""
        with self._lookup_engine.connect() as connection:
            count, oldest = connection.execute(_QUEUE).one()
        return count, max(0.0, (now - oldest).total_seconds()) if oldest else 0.0

    def connections_in_use(self) -> int:
        """Return how many connections requests hold now in this process."""
        return int(self._engine.pool.checkedout())  # type: ignore[attr-defined]

    def _find(self, kind: str, hashes: Sequence[bytes]) -> UUID | None:
        with self._lookup_engine.connect() as connection:
            return find_by_lookup(connection, kind, hashes)


def _is_use_noted(connection: Connection, owner: UUID, claimed: Sequence[Any], now: dt.datetime) -> bool:
    """Commit that a session is used now, and what is open in it, once a minute; whether anything was committed.

    In a transaction of its own: whatever the request does next begins with no lock held. One that held the row of its
    session and then waited for the account would wait for what holds the account and ends sessions.
    """
    try:
        is_noted = claimed[15]
        if is_use_to_be_noted(claimed[14]):
            note_use(connection, owner, claimed[0], now)
            is_noted = True
        if is_noted:
            connection.commit()
    except BaseException:
        connection.close()
        raise
    return bool(is_noted)


def _match_claim(connection: Connection, owner: UUID, secret_hash: bytes, now: dt.datetime) -> Sequence[Any] | None:
    try:
        row: Sequence[Any] | None = read_first(connection, _CLAIM, {"owner": owner, "hash": secret_hash, "at": now})
    except BaseException:
        connection.close()
        raise
    return row
