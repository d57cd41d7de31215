"""The account of one owner: address, password hash, preferences."""

import datetime as dt
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from tmr.crypto.envelope import ACCOUNT, RECORDS
from tmr.crypto.keyring import Keyring
from tmr.repository.data_keys import make_data_key
from tmr.repository.errors import EmailTakenError
from tmr.repository.schema import account_emails, accounts
from tmr.repository.sealing import KeyChest


class Preferences(msgspec.Struct, omit_defaults=True):
    """What a person set for their own view; kept sealed."""

    columns: list[str] | None = None
    per_page: int = 25


class SealedAccount(msgspec.Struct, frozen=True):
    """The sealed columns of an account, as a claim brings them along."""

    key_id: int
    email_sealed: bytes
    preferences_sealed: bytes


class Accounts:
    """The account that a unit of work is bound to."""

    def __init__(self, connection: Connection, chest: KeyChest, known: SealedAccount | None = None) -> None:
        self._connection = connection
        self._chest = chest
        self._known = known

    def password_hash(self) -> str | None:
        """Return the stored hash, or None for an account without a password."""
        query = select(accounts.c.password_hash).where(accounts.c.owner_id == self._chest.owner)
        return self._connection.scalar(query)

    def set_password_hash(self, password_hash: str) -> None:
        """Replace the stored hash."""
        self._update(password_hash=password_hash)

    def email(self) -> str:
        """Return the address as it was typed."""
        row = self._row()
        return self._chest.unseal_json(  # type: ignore[return-value]
            row.key_id, row.email_sealed, "accounts", "email_sealed", self._chest.owner.bytes
        )

    def preferences(self) -> Preferences:
        """Return what the person set."""
        row = self._row()
        content = self._chest.unseal_json(
            row.key_id, row.preferences_sealed, "accounts", "preferences_sealed", self._chest.owner.bytes
        )
        return msgspec.convert(content, Preferences)

    def set_preferences(self, preferences: Preferences) -> None:
        """Keep what the person set."""
        self._update(preferences_sealed=_seal(self._chest, self._row().key_id, "preferences_sealed", preferences))

    def _row(self) -> SealedAccount:
        if self._known is None:
            columns = (accounts.c.key_id, accounts.c.email_sealed, accounts.c.preferences_sealed)
            query = select(*columns).where(accounts.c.owner_id == self._chest.owner)
            self._known = SealedAccount(*self._connection.execute(query).one())
        return self._known

    def _update(self, **values: object) -> None:
        self._known = None
        self._connection.execute(update(accounts).where(accounts.c.owner_id == self._chest.owner).values(**values))


def add_account(
    connection: Connection,
    keyring: Keyring,
    email: str,
    email_index: bytes,
    password_hash: str,
    now: dt.datetime,
) -> UUID:
    """Make an account with its two data keys; the caller has set the owner's claim.

    Raises:
        EmailTakenError: the address has an account.
    """
    owner = uuid4()
    connection.exec_driver_sql("SELECT set_config('tmr.owner', %s, true)", (str(owner),))
    try:
        connection.execute(insert(account_emails).values(email_index=email_index, owner_id=owner))
    except IntegrityError:
        raise EmailTakenError from None
    chest = KeyChest(owner, keyring, ())
    key_id = make_data_key(connection, chest, ACCOUNT, now)
    make_data_key(connection, chest, RECORDS, now)
    sealed = {
        "email_sealed": _seal(chest, key_id, "email_sealed", email),
        "preferences_sealed": _seal(chest, key_id, "preferences_sealed", Preferences()),
    }
    row = {"owner_id": owner, "created_at": now, "password_hash": password_hash, "key_id": key_id}
    connection.execute(insert(accounts).values(**row, **sealed))
    return owner


def _seal(chest: KeyChest, key_id: int, column: str, value: object) -> bytes:
    return chest.seal_json(key_id, value, "accounts", column, chest.owner.bytes)
