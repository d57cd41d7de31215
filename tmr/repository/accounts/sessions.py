"""Server-side sessions: an opaque token in the browser, its hash here."""

import datetime as dt
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, false, func, insert, select, update

from tmr.crypto.envelope import ACCOUNT
from tmr.crypto.hashing import new_token, token_hash
from tmr.repository.accounts.accounts import hold_account
from tmr.repository.errors import RecordNotFoundError
from tmr.repository.keys.data_keys import carry_over
from tmr.repository.keys.owner_keys import OwnerKeys, SessionSecret
from tmr.repository.keys.rotation_due import RotationNotes
from tmr.repository.schema import sessions

MAX_SESSIONS = 20
_SHOWN = (
    sessions.c.id,
    sessions.c.created_at,
    sessions.c.last_seen_at,
    sessions.c.key_id,
    sessions.c.device_sealed,
)


class Device(msgspec.Struct):
    """Where a session came from; kept sealed."""

    address: str
    user_agent: str


class Session(msgspec.Struct, frozen=True):
    """A session as its owner sees it."""

    id: UUID
    created_at: dt.datetime
    last_seen_at: dt.datetime
    device: Device


class Lifetime(msgspec.Struct, frozen=True):
    """How long a session lasts: idle, and at the most."""

    idle: dt.timedelta
    longest: dt.timedelta


class Begun(msgspec.Struct, frozen=True):
    """A session that just began, and the cookie's value, ``owner.secret``."""

    id: UUID
    cookie: str

    @property
    def session(self) -> SessionSecret:
        """The secret with which it can open locked records."""
        return SessionSecret(self.id, self.cookie.partition(".")[2])


class Renewed(msgspec.Struct, frozen=True):
    """A session under its new token: the cookie's value, and how long it lasts."""

    id: UUID
    cookie: str
    expires_at: dt.datetime
    idle: dt.timedelta

    @property
    def session(self) -> SessionSecret:
        """The secret with which it can open locked records."""
        return SessionSecret(self.id, self.cookie.partition(".")[2])


class Sessions:
    """The sessions of the owner that a unit of work is bound to."""

    def __init__(
        self,
        connection: Connection,
        owner_keys: OwnerKeys,
        rotation_notes: RotationNotes,
        when_ended: Callable[[], None],
    ) -> None:
        self._connection, self._rotation_notes = connection, rotation_notes
        self._owner_keys = owner_keys
        self._when_ended = when_ended  # called whenever sessions are ended
        self._claimed = owner_keys.opener if isinstance(owner_keys.opener, SessionSecret) else None

    def add(
        self, device: Device, lifetime: Lifetime, now: dt.datetime, confirmed_at: dt.datetime | None = None
    ) -> Begun:
        """Begin a session for a person who proved who they are at ``confirmed_at``, or else just now.

        The oldest beyond 20 end.
        """
        hold_account(self._connection, self._owner_keys.owner)  # first, as all that changes ways in
        secret, session_id = new_token(), uuid4()
        row = {
            "id": session_id,
            "token_hash": token_hash(secret),
            "expires_at": now + lifetime.longest,
            "idle_seconds": int(lifetime.idle.total_seconds()),
            "created_at": now,
            "last_seen_at": now,
            "authenticated_at": confirmed_at or now,
        }
        self._connection.execute(insert(sessions).values(**row, **self._seal_device(session_id, device)))
        self._end_oldest()
        return Begun(session_id, f"{self._owner_keys.owner}.{secret}")

    def _seal_device(self, session_id: UUID, device: Device) -> dict[str, object]:
        key_id = self._owner_keys.newest(ACCOUNT).key_id
        sealed = self._owner_keys.seal_json(key_id, device, "sessions", "device_sealed", session_id.bytes)
        return {"owner_id": self._owner_keys.owner, "key_id": key_id, "device_sealed": sealed}

    def list(self, now: dt.datetime) -> list[Session]:
        """Return the sessions that are still good, the last seen first."""
        has_idled = sessions.c.last_seen_at + func.make_interval(0, 0, 0, 0, 0, 0, sessions.c.idle_seconds) <= now
        query = select(*_SHOWN).where(self._is_owners(), sessions.c.expires_at > now, ~has_idled)
        rows = self._connection.execute(query.order_by(sessions.c.last_seen_at.desc(), sessions.c.id))
        return [self._open_row(row) for row in rows]

    def remove(self, session_id: UUID) -> None:
        """End one session: its very next request is signed out.

        Raises:
            RecordNotFoundError: no such session of this account.
        """
        self._when_ended()
        query = delete(sessions).where(self._is_owners(), sessions.c.id == session_id)
        if not self._connection.execute(query).rowcount:
            raise RecordNotFoundError

    def remove_if_there(self, session_id: UUID | None) -> None:
        """End one session; one that has ended already is no matter."""
        self._when_ended()
        self._connection.execute(delete(sessions).where(self._is_owners(), sessions.c.id == session_id))

    def remove_since(self, began_at: dt.datetime) -> None:
        """End every session of this account that began then or later."""
        self._when_ended()
        self._connection.execute(delete(sessions).where(self._is_owners(), sessions.c.created_at >= began_at))

    def remove_others(self, session_id: UUID | None) -> int:
        """End every session of this account but one; return how many."""
        self._when_ended()
        query = delete(sessions).where(self._is_owners(), sessions.c.id != session_id)
        return self._connection.execute(query).rowcount

    def check_claimed(self) -> None:
        """Make sure that the session that this unit of work was claimed by is still there, under the same token.

        Raises:
            RecordNotFoundError: it has ended, or got another token.
        """
        if self._connection.scalar(select(sessions.c.id).where(*self._is_claimed())) is None:
            raise RecordNotFoundError

    def renew(self, now: dt.datetime, *, is_confirmed: bool = True) -> Renewed:
        """Give the session that this unit of work was claimed by a new token; the old one is dead.

        ``is_confirmed`` says that its person just showed who they are, by the strongest factor that they have.

        Where the records are locked and open in this session, they stay so, under the new token.

        Raises:
            RecordNotFoundError: the session has ended since, or got another token: whoever has the old one comes late.
        """
        secret = new_token()
        query = update(sessions).where(*self._is_claimed())
        values = {"token_hash": token_hash(secret), "last_seen_at": now}
        query = query.values(**values, **({"authenticated_at": now} if is_confirmed else {}))
        lasts = (sessions.c.id, sessions.c.expires_at, sessions.c.idle_seconds)
        row = self._connection.execute(query.returning(*lasts)).first()
        if row is None:
            raise RecordNotFoundError
        self._claimed = SessionSecret(row.id, secret)
        if carry_over(self._connection, self._owner_keys, self._claimed):
            self._rotation_notes.note(now)
        idle = dt.timedelta(seconds=row.idle_seconds)
        return Renewed(row.id, f"{self._owner_keys.owner}.{secret}", row.expires_at, idle)

    def remove_all(self) -> None:
        """End every session of this account."""
        self._when_ended()
        self._connection.execute(delete(sessions).where(self._is_owners()))

    def forget_expired(self, now: dt.datetime) -> int:
        """Delete sessions that are over or were idle for too long; return how many."""
        has_idled = sessions.c.last_seen_at + func.make_interval(0, 0, 0, 0, 0, 0, sessions.c.idle_seconds) <= now
        query = delete(sessions).where(self._is_owners(), (sessions.c.expires_at <= now) | has_idled)
        if gone := self._connection.execute(query).rowcount:
            self._when_ended()
        return gone

    def _open_row(self, row: Any) -> Session:
        content = self._owner_keys.unseal_json(row.key_id, row.device_sealed, "sessions", "device_sealed", row.id.bytes)
        return Session(row.id, row.created_at, row.last_seen_at, msgspec.convert(content, Device))

    def _end_oldest(self) -> None:
        newest = select(sessions.c.id).where(self._is_owners()).order_by(sessions.c.last_seen_at.desc())
        surplus = newest.offset(MAX_SESSIONS).scalar_subquery()
        if self._connection.execute(delete(sessions).where(self._is_owners(), sessions.c.id.in_(surplus))).rowcount:
            self._when_ended()

    def _is_claimed(self) -> tuple[ColumnElement[bool], ...]:
        """Return what is true of the row of the session that this unit of work was claimed by; of none without one."""
        if self._claimed is None:
            return (false(),)
        is_it = sessions.c.id == self._claimed.id, sessions.c.token_hash == token_hash(self._claimed.secret)
        return self._is_owners(), *is_it

    def _is_owners(self) -> ColumnElement[bool]:
        return sessions.c.owner_id == self._owner_keys.owner
