"""External identities: the accounts at a sign-in provider that open this one, by issuer and subject."""

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, insert, select

from tmr.crypto.envelope import ACCOUNT
from tmr.repository.accounts.accounts import hold_account
from tmr.repository.accounts.owner_lookups import IDENTITY, add_lookup, identity_hashes, remove_lookup, renew_lookup
from tmr.repository.errors import RecordNotFoundError
from tmr.repository.keys.owner_keys import OwnerKeys
from tmr.repository.schema import external_identities


class ProviderIdentity(msgspec.Struct):
    """Who a person is at a sign-in provider; kept sealed. The address is only shown, never looked up."""

    issuer: str
    subject: str
    email: str


class LinkedIdentity(msgspec.Struct, frozen=True):
    """An identity that opens the account."""

    id: UUID
    created_at: dt.datetime
    identity: ProviderIdentity


class ProviderIdentities:
    """The identities of the owner that a unit of work is bound to."""

    def __init__(self, connection: Connection, owner_keys: OwnerKeys) -> None:
        self._connection = connection
        self._owner_keys = owner_keys

    def add(self, identity: ProviderIdentity, now: dt.datetime) -> bool:
        """Let an identity open this account; False when it opens one already."""
        hold_account(self._connection, self._owner_keys.owner)  # first, as all that changes ways in
        if not add_lookup(self._connection, IDENTITY, self._hashes(identity), self._owner_keys.owner):
            return False
        identity_id, key_id = uuid4(), self._owner_keys.newest(ACCOUNT).key_id
        place = ("external_identities", "identity_sealed", identity_id.bytes)
        row = {"owner_id": self._owner_keys.owner, "id": identity_id, "created_at": now, "key_id": key_id}
        sealed = self._owner_keys.seal_json(key_id, identity, *place)
        self._connection.execute(insert(external_identities).values(**row, identity_sealed=sealed))
        return True

    def list(self) -> list[LinkedIdentity]:
        """Return all, the oldest first."""
        query = select(external_identities).where(self._is_owners()).order_by(external_identities.c.created_at)
        return [self._open_row(row) for row in self._connection.execute(query)]

    def get(self, identity_id: UUID) -> LinkedIdentity:
        """Return one.

        Raises:
            RecordNotFoundError: no such identity of this account.
        """
        identity = next((identity for identity in self.list() if identity.id == identity_id), None)
        if identity is None:
            raise RecordNotFoundError
        return identity

    def remove(self, identity_id: UUID) -> None:
        """Let an identity open this account no more.

        Raises:
            RecordNotFoundError: no such identity of this account.
        """
        hold_account(self._connection, self._owner_keys.owner)  # first, as all that changes ways in
        query = delete(external_identities).where(self._is_owners(), external_identities.c.id == identity_id)
        row = self._connection.execute(query.returning(external_identities)).first()
        if row is None:
            raise RecordNotFoundError
        remove_lookup(self._connection, IDENTITY, self._hashes(self._open_row(row).identity))

    def remove_all(self) -> None:
        """Let no identity open this account any more."""
        for linked in self.list():
            self.remove(linked.id)

    def reindex(self) -> None:
        """Let them be looked up by the newest key of the keyring alone."""
        for linked in self.list():
            renew_lookup(self._connection, IDENTITY, self._hashes(linked.identity), self._owner_keys.owner)

    def _hashes(self, identity: ProviderIdentity) -> Sequence[bytes]:
        return identity_hashes(self._owner_keys.keyring, identity.issuer, identity.subject)

    def _open_row(self, row: Any) -> LinkedIdentity:
        place = ("external_identities", "identity_sealed", row.id.bytes)
        content = self._owner_keys.unseal_json(row.key_id, row.identity_sealed, *place)
        return LinkedIdentity(row.id, row.created_at, msgspec.convert(content, ProviderIdentity))

    def _is_owners(self) -> ColumnElement[bool]:
        return external_identities.c.owner_id == self._owner_keys.owner
