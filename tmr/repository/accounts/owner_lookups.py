"""From a hash to its owner, for credentials that arrive before the owner is known. Hashes only, no content."""

from collections.abc import Callable, Iterable, Sequence
from uuid import UUID

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.postgresql import insert

from tmr.crypto.address import length_prefixed
from tmr.crypto.keyring import Keyring
from tmr.repository.schema import owner_lookups

TOKEN, PASSKEY, IDENTITY, FEED, GRANT = "token", "passkey", "identity", "feed", "grant"
ACCESS, COACH = "access", "coach"


def add_lookup(connection: Connection, kind: str, hashes: Sequence[bytes], owner: UUID) -> bool:
    """Let the first of these hashes, the newest, lead to ``owner``; return whether all of them were free."""
    if len(hashes) > 1 and find_by_lookup(connection, kind, hashes):
        return False
    values = {"kind": kind, "lookup_hash": hashes[0], "owner_id": owner}
    query = insert(owner_lookups).values(**values).on_conflict_do_nothing()
    return connection.execute(query.returning(owner_lookups.c.kind)).first() is not None


def remove_lookup(connection: Connection, kind: str, hashes: Sequence[bytes]) -> None:
    """Remove these hashes."""
    query = delete(owner_lookups).where(owner_lookups.c.kind == kind, owner_lookups.c.lookup_hash.in_(hashes))
    connection.execute(query)


def keep_lookups(connection: Connection, kind: str, owner: UUID, wanted: Callable[[], Iterable[bytes]]) -> None:
    """Remove the hashes of a kind that lead to ``owner`` without being ``wanted``.

    Not in one statement with what is wanted: a spread database has these hashes on one node, and that by its owner.
    They are read first, so that none is lost that comes with what another transaction adds meanwhile.
    """
    query = select(owner_lookups.c.lookup_hash).where(owner_lookups.c.owner_id == owner, owner_lookups.c.kind == kind)
    if gone := set(connection.scalars(query)).difference(wanted()):
        remove_lookup(connection, kind, list(gone))


def find_by_lookup(connection: Connection, kind: str, hashes: Sequence[bytes]) -> UUID | None:
    """Return the owner that one of these hashes leads to, or None."""
    query = select(owner_lookups.c.owner_id)
    return connection.scalar(query.where(owner_lookups.c.kind == kind, owner_lookups.c.lookup_hash.in_(hashes)))


def renew_lookup(connection: Connection, kind: str, hashes: Sequence[bytes], owner: UUID) -> None:
    """Let only the first of these hashes, the newest, lead to ``owner``, whom any of them led to."""
    remove_lookup(connection, kind, hashes)
    add_lookup(connection, kind, hashes, owner)


def credential_hashes(keyring: Keyring, credential_id: bytes) -> list[bytes]:
    """Return the keyed hashes under which the credential of a passkey is looked up, the newest first."""
    return keyring.keyed_hashes("index", b"passkey\0" + credential_id)


def identity_hashes(keyring: Keyring, issuer: str, subject: str) -> list[bytes]:
    """Return the keyed hashes under which an external identity is looked up, the newest first: issuer and subject,
    never an address."""
    return keyring.keyed_hashes("index", b"identity\0" + length_prefixed(issuer.encode(), subject.encode()))
