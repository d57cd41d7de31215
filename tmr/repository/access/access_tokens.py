"""Access tokens for a person's own scripts, of which the database has the hash."""

import datetime as dt
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from tmr.crypto.envelope import ACCOUNT
from tmr.crypto.hashing import new_token, token_hash
from tmr.crypto.lock.slot import TOKEN, Slot
from tmr.repository.accounts.accounts import hold_account
from tmr.repository.accounts.owner_lookups import ACCESS, add_lookup, remove_lookup
from tmr.repository.errors import RecordNotFoundError
from tmr.repository.keys.owner_keys import OwnerKeys, SlotSecret
from tmr.repository.lock.records_lock import RecordsLock
from tmr.repository.private_settings import KeptSettings
from tmr.repository.schema import access_tokens

PREFIX = "tmr_"  # so that programs which look for secrets in files can tell what it is
READ, ADD, BOTH = "read", "add", "both"
NOTED_EVERY = dt.timedelta(hours=1)


class AccessToken(msgspec.Struct, frozen=True):
    """What a token is for, in its owner's words, and what it may do: ``read``, ``add`` or ``both``.

    The words are among the private settings, and empty where those are locked; the row has them only if an earlier
    release made it.
    """

    label: str
    scope: str

    def may(self, scope: str) -> bool:
        """Whether the token may do what ``scope`` says, ``read`` or ``add``."""
        return self.scope in (scope, BOTH)


class ListedToken(msgspec.Struct, frozen=True):
    """A token as its owner sees it: the secret is shown once and never again."""

    id: UUID
    created_at: dt.datetime
    expires_at: dt.datetime
    used_at: dt.datetime | None
    token: AccessToken


class AccessTokens:
    """The access tokens of the owner that a unit of work is bound to. Revoking one deletes it."""

    slot_kind = TOKEN

    def __init__(self, connection: Connection, owner_keys: OwnerKeys, lock: RecordsLock, private: KeptSettings) -> None:
        self._connection = connection
        self._owner_keys = owner_keys
        self._lock = lock
        self._private = private

    def add(self, token: AccessToken, expires_at: dt.datetime, now: dt.datetime) -> str:
        """Make a token and return its secret, 256 random bits; only the hash is kept. It opens locked records.

        Raises:
            LockedError: the records are closed.
        """
        hold_account(self._connection, self._owner_keys.owner)  # first, as all that changes ways in
        secret, token_id, key_id = PREFIX + new_token(), uuid4(), self._owner_keys.newest(ACCOUNT).key_id
        hashed = token_hash(secret)
        content = msgspec.structs.replace(token, label="")
        sealed = self._owner_keys.seal_json(key_id, content, "access_tokens", "token_sealed", token_id.bytes)
        row = {"id": token_id, "token_hash": hashed, "created_at": now, "expires_at": expires_at, "key_id": key_id}
        values = {"owner_id": self._owner_keys.owner, **row, "token_sealed": sealed, "is_named_here": False}
        self._connection.execute(insert(access_tokens).values(**values))
        add_lookup(self._connection, ACCESS, [hashed], self._owner_keys.owner)
        self._lock.hand_out(_opener(token_id, secret), now)
        self._private.name_token(token_id, token.label)
        return secret

    def list(self, now: dt.datetime) -> list[ListedToken]:
        """Return the tokens that have not expired, oldest first."""
        query = select(access_tokens).where(self._is_owners(), access_tokens.c.expires_at > now)
        return [self._open_row(row) for row in self._connection.execute(query.order_by(access_tokens.c.created_at))]

    def find(self, secret: str, now: dt.datetime) -> ListedToken | None:
        """Return the token of a secret, or None if there is none, or it has expired; it opens locked records here."""
        query = select(access_tokens).where(self._is_owners(), access_tokens.c.token_hash == token_hash(secret))
        row = self._connection.execute(query.where(access_tokens.c.expires_at > now)).first()
        if row is None:
            return None
        self._lock.open_by(_opener(row.id, secret))
        return self._open_row(row)

    def note_use(self, listed: ListedToken, now: dt.datetime) -> bool:
        """Note that a token was used, once an hour at most; return whether that was to be noted.

        The note locks the row until the transaction ends, so that should be at once.
        """
        if listed.used_at is not None and listed.used_at > now - NOTED_EVERY:
            return False
        query = update(access_tokens).where(self._is_owners(), access_tokens.c.id == listed.id)
        self._connection.execute(query.values(used_at=now))
        return True

    def remove(self, token_id: UUID) -> bool:
        """Revoke a token; return whether it opened locked records, or raise ``RecordNotFoundError``: there is none."""
        hold_account(self._connection, self._owner_keys.owner)  # first, as all that changes ways in
        opened = self._lock.take_back(TOKEN, [token_id])
        if not self._remove(access_tokens.c.id == token_id):
            raise RecordNotFoundError
        return opened

    def remove_all(self) -> None:
        """Revoke every token."""
        self._remove(self._is_owners())

    def forget_expired(self, now: dt.datetime) -> None:
        """Delete expired tokens."""
        self._remove(access_tokens.c.expires_at <= now)

    def _remove(self, which: ColumnElement[bool]) -> int:
        ids = self._connection.scalars(select(access_tokens.c.id).where(self._is_owners(), which)).all()
        self._lock.take_back(TOKEN, ids)
        query = delete(access_tokens).where(self._is_owners(), access_tokens.c.id.in_(ids))
        hashes = list(self._connection.scalars(query.returning(access_tokens.c.token_hash)))
        remove_lookup(self._connection, ACCESS, hashes)
        if hashes:
            self._private.forget_gone()
        return len(hashes)

    def _open_row(self, row: object) -> ListedToken:
        token_id, key_id, sealed = row.id, row.key_id, row.token_sealed  # type: ignore[attr-defined]
        content = self._owner_keys.unseal_json(key_id, sealed, "access_tokens", "token_sealed", token_id.bytes)
        times = (row.created_at, row.expires_at, row.used_at)  # type: ignore[attr-defined]
        token = msgspec.convert(content, AccessToken)
        label = self._private.known().tokens.get(str(token_id), token.label)
        return ListedToken(token_id, *times, msgspec.structs.replace(token, label=label))

    def _is_owners(self) -> ColumnElement[bool]:
        return access_tokens.c.owner_id == self._owner_keys.owner


def _opener(token_id: UUID, secret: str) -> SlotSecret:
    return SlotSecret(Slot(TOKEN, token_id), (secret,))
