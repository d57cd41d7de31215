"""Passkeys: public keys of authenticators that may sign an account's owner in (WebAuthn Level 3)."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from tmr.crypto.envelope import ACCOUNT
from tmr.repository.accounts.accounts import hold_account
from tmr.repository.accounts.owner_lookups import PASSKEY, add_lookup, credential_hashes, remove_lookup, renew_lookup
from tmr.repository.errors import RecordNotFoundError
from tmr.repository.keys.owner_keys import OwnerKeys
from tmr.repository.schema import passkeys

MAX_PASSKEYS = 10


class Credential(msgspec.Struct):
    """What an authenticator gave at registration, under the name its owner chose; kept sealed."""

    label: str
    credential_id: bytes
    public_key: bytes


class Passkey(msgspec.Struct, frozen=True):
    """A passkey of an account."""

    id: UUID
    created_at: dt.datetime
    used_at: dt.datetime | None
    sign_count: int
    credential: Credential


class Passkeys:
    """The passkeys of the owner that a unit of work is bound to. One that is removed opens no locked records."""

    def __init__(self, connection: Connection, owner_keys: OwnerKeys, take_back: Callable[[UUID], bool]) -> None:
        self._connection = connection
        self._owner_keys = owner_keys
        self._take_back = take_back  # lets a passkey open locked records no more; returns whether it did

    def add(self, credential: Credential, sign_count: int, now: dt.datetime) -> bool:
        """Keep a passkey; False when its credential is known already."""
        hold_account(self._connection, self._owner_keys.owner)  # first, as all that changes ways in
        if not add_lookup(self._connection, PASSKEY, self._hashes(credential), self._owner_keys.owner):
            return False
        passkey_id, key_id = uuid4(), self._owner_keys.newest(ACCOUNT).key_id
        sealed = self._owner_keys.seal_json(key_id, credential, "passkeys", "passkey_sealed", passkey_id.bytes)
        row = {"owner_id": self._owner_keys.owner, "id": passkey_id, "created_at": now, "sign_count": sign_count}
        self._connection.execute(insert(passkeys).values(**row, key_id=key_id, passkey_sealed=sealed))
        return True

    def list(self) -> list[Passkey]:
        """Return all, the oldest first."""
        rows = self._connection.execute(select(passkeys).where(self._is_owners()).order_by(passkeys.c.created_at))
        return [self._open_row(row) for row in rows]

    def find(self, credential_id: bytes) -> Passkey | None:
        """Return the passkey of this credential, or None."""
        return next((passkey for passkey in self.list() if passkey.credential.credential_id == credential_id), None)

    def count(self) -> int:
        """Return how many there are."""
        return int(self._connection.scalar(select(func.count()).where(self._is_owners())) or 0)

    def note_use(self, passkey: Passkey, sign_count: int, now: dt.datetime) -> bool:
        """Keep the authenticator's counter; False if this passkey was used twice at the same time."""
        hold_account(self._connection, self._owner_keys.owner)  # first, as all that changes ways in
        query = update(passkeys).where(self._is_owners(), passkeys.c.id == passkey.id)
        query = query.where(passkeys.c.sign_count == passkey.sign_count)
        return bool(self._connection.execute(query.values(sign_count=sign_count, used_at=now)).rowcount)

    def rename(self, passkey_id: UUID, label: str) -> None:
        """Give a passkey another name.

        Raises:
            RecordNotFoundError: no such passkey of this account.
        """
        passkey = next((passkey for passkey in self.list() if passkey.id == passkey_id), None)
        if passkey is None:
            raise RecordNotFoundError
        key_id = self._owner_keys.newest(ACCOUNT).key_id
        credential = msgspec.structs.replace(passkey.credential, label=label)
        sealed = self._owner_keys.seal_json(key_id, credential, "passkeys", "passkey_sealed", passkey_id.bytes)
        query = update(passkeys).where(self._is_owners(), passkeys.c.id == passkey_id)
        self._connection.execute(query.values(key_id=key_id, passkey_sealed=sealed))

    def is_there(self, passkey_id: UUID) -> bool:
        """Whether there is this passkey; nobody removes it before this transaction ends."""
        this = select(passkeys.c.id).where(self._is_owners(), passkeys.c.id == passkey_id)
        return self._connection.execute(this.with_for_update()).first() is not None

    def remove(self, passkey_id: UUID) -> bool:
        """Forget a passkey; return whether it opened locked records, which it does no more.

        Raises:
            RecordNotFoundError: no such passkey of this account.
        """
        hold_account(self._connection, self._owner_keys.owner)  # first, as all that changes ways in
        row = self._connection.execute(
            delete(passkeys).where(self._is_owners(), passkeys.c.id == passkey_id).returning(passkeys)
        ).first()
        if row is None:
            raise RecordNotFoundError
        remove_lookup(self._connection, PASSKEY, self._hashes(self._open_row(row).credential))
        # After the row: whoever lets it open records just now holds that one, and has written the slot by then.
        return self._take_back(passkey_id)

    def remove_all(self) -> None:
        """Forget every passkey."""
        for passkey in self.list():
            self.remove(passkey.id)

    def reindex(self) -> None:
        """Let them be looked up by the newest key of the keyring alone."""
        for passkey in self.list():
            renew_lookup(self._connection, PASSKEY, self._hashes(passkey.credential), self._owner_keys.owner)

    def _hashes(self, credential: Credential) -> Sequence[bytes]:
        return credential_hashes(self._owner_keys.keyring, credential.credential_id)

    def _open_row(self, row: Any) -> Passkey:
        content = self._owner_keys.unseal_json(
            row.key_id, row.passkey_sealed, "passkeys", "passkey_sealed", row.id.bytes
        )
        credential = msgspec.convert(content, Credential)
        return Passkey(row.id, row.created_at, row.used_at, row.sign_count, credential)

    def _is_owners(self) -> ColumnElement[bool]:
        return passkeys.c.owner_id == self._owner_keys.owner
