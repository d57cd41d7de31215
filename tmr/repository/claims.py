"""What comes before an owner is known: a cookie's claim, an address at sign-in, a job's owner."""

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, select, text

from tmr.crypto.envelope import WrappedKey
from tmr.crypto.hashing import token_hash
from tmr.crypto.keyring import Keyring
from tmr.repository.accounts import SealedAccount, add_account
from tmr.repository.database import read_first
from tmr.repository.errors import RecordNotFoundError
from tmr.repository.schema import account_emails, data_keys, key_wraps
from tmr.repository.sealing import KeyChest
from tmr.repository.unit_of_work import UnitOfWork

_CLAIM = """
    SELECT session_id, key_ids, purposes, kek_ids, wrapped_keys, account_key_id, email_sealed, preferences_sealed
      FROM tmr_claim_session(%s, %s, %s)
"""
_SET_OWNER = text("SELECT set_config('tmr.owner', :owner, true)")


class Repository:
    """Opens units of work. The one object of this room that the rest of the app holds."""

    def __init__(self, engine: Engine, keyring: Keyring) -> None:
        self._engine = engine
        self._keyring = keyring

    def claim(self, cookie: str, now: dt.datetime) -> UnitOfWork | None:
        """Open a unit of work for the session that ``cookie`` (``owner.secret``) names, or return None."""
        owner_text, _, secret = cookie.partition(".")
        try:
            owner = UUID(owner_text)
        except ValueError:
            return None
        connection = self._engine.connect()
        row = _match_claim(connection, owner, token_hash(secret), now)
        if row is None:
            connection.close()
            return None
        wrapped = map(WrappedKey, *row[1:5])
        return UnitOfWork(connection, KeyChest(owner, self._keyring, wrapped), row[0], SealedAccount(*row[5:]))

    def for_owner(self, owner: UUID) -> UnitOfWork:
        """Open a unit of work for an owner that is known by other means: a sign-in just checked, or a job.

        Raises:
            RecordNotFoundError: no such account.
        """
        connection = self._engine.connect()
        try:
            connection.execute(_SET_OWNER, {"owner": str(owner)})
            chest = KeyChest(owner, self._keyring, _wrapped_keys(connection, owner))
        except BaseException:
            connection.close()
            raise
        return UnitOfWork(connection, chest)

    def find_owner(self, email: str) -> UUID | None:
        """Return the owner of the account with this canonical address, or None."""
        query = select(account_emails.c.owner_id).where(account_emails.c.email_index == self._email_index(email))
        with self._engine.connect() as connection:
            return connection.scalar(query)

    def add_account(self, email: str, canonical_email: str, password_hash: str, now: dt.datetime) -> UUID:
        """Make an account and return its owner id, or raise ``EmailTakenError``."""
        index = self._email_index(canonical_email)
        with self._engine.begin() as connection:
            return add_account(connection, self._keyring, email, index, password_hash, now)

    def is_alive(self) -> bool:
        """Ask the database for an answer; raise what it raises."""
        with self._engine.connect() as connection:
            return bool(connection.scalar(text("SELECT 1")) == 1)

    def _email_index(self, canonical_email: str) -> bytes:
        return self._keyring.keyed_hash("index", b"email\0" + canonical_email.encode())


def _match_claim(connection: Connection, owner: UUID, secret_hash: bytes, now: dt.datetime) -> Sequence[Any] | None:
    try:
        row: Sequence[Any] | None = read_first(connection, _CLAIM, (owner, secret_hash, now))
    except BaseException:
        connection.close()
        raise
    return row


def _wrapped_keys(connection: Connection, owner: UUID) -> list[WrappedKey]:
    query = (
        select(data_keys.c.key_id, data_keys.c.purpose, key_wraps.c.kek_id, key_wraps.c.wrapped_key)
        .join(key_wraps)
        .where(data_keys.c.owner_id == owner, key_wraps.c.kind == "keyring")
    )
    wrapped = [WrappedKey(*row) for row in connection.execute(query)]
    if not wrapped:
        raise RecordNotFoundError
    return wrapped
