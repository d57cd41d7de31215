"""From a hash to its owner: what a person holds before it is known who they are. Hashes only, no content."""

from uuid import UUID

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.postgresql import insert

from tmr.crypto.address import length_prefixed
from tmr.crypto.keyring import Keyring
from tmr.repository.schema import owner_lookups

TOKEN, PASSKEY, IDENTITY, FEED, GRANT = "token", "passkey", "identity", "feed", "grant"


def add_lookup(connection: Connection, kind: str, lookup_hash: bytes, owner: UUID) -> bool:
    """Let a hash lead to ``owner``; whether it was free."""
    values = {"kind": kind, "lookup_hash": lookup_hash, "owner_id": owner}
    query = insert(owner_lookups).values(**values).on_conflict_do_nothing()
    return connection.execute(query.returning(owner_lookups.c.kind)).first() is not None


def remove_lookup(connection: Connection, kind: str, lookup_hash: bytes) -> None:
    """Let a hash lead nowhere."""
    query = delete(owner_lookups).where(owner_lookups.c.kind == kind, owner_lookups.c.lookup_hash == lookup_hash)
    connection.execute(query)


def find_by_lookup(connection: Connection, kind: str, lookup_hash: bytes) -> UUID | None:
    """Return the owner that a hash leads to, or None."""
    query = select(owner_lookups.c.owner_id)
    return connection.scalar(query.where(owner_lookups.c.kind == kind, owner_lookups.c.lookup_hash == lookup_hash))


def credential_hash(keyring: Keyring, credential_id: bytes) -> bytes:
    """Return the keyed hash under which the credential of a passkey is looked up."""
    return keyring.keyed_hash("index", b"passkey\0" + credential_id)


def identity_hash(keyring: Keyring, issuer: str, subject: str) -> bytes:
    """Return the keyed hash under which an external identity is looked up: issuer and subject, never an address."""
    return keyring.keyed_hash("index", b"identity\0" + length_prefixed(issuer.encode(), subject.encode()))
