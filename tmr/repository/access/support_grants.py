"""Support access: what the holder of a code may see, and for how long. Without a row here there is no access."""

import datetime as dt
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from tmr.crypto.envelope import ACCOUNT
from tmr.crypto.hashing import new_code, plain_code, token_hash
from tmr.repository.accounts.owner_lookups import GRANT, add_lookup
from tmr.repository.keys.owner_keys import OwnerKeys
from tmr.repository.schema import owner_lookups, support_grants

MOST_HOURS = 7 * 24
CODE_BYTES = 20
RECORDS, SETTINGS = "records", "settings"


class Terms(msgspec.Struct):
    """What a grant allows and why; kept sealed. ``operator`` is the support account that entered the code first."""

    scope: str
    message: str
    operator: str = ""


class Grant(msgspec.Struct, frozen=True):
    """A grant that has not expired."""

    id: UUID
    created_at: dt.datetime
    expires_at: dt.datetime
    terms: Terms


class SupportGrants:
    """The grants of the owner that a unit of work is bound to. Revoking one deletes it."""

    def __init__(self, connection: Connection, owner_keys: OwnerKeys) -> None:
        self._connection = connection
        self._owner_keys = owner_keys

    def add(self, terms: Terms, hours: int, now: dt.datetime) -> str:
        """Make a grant for 1 to 168 hours; return its code, of which only the hash is kept."""
        if not 1 <= hours <= MOST_HOURS:
            raise ValueError("A grant lasts from one hour to seven days.")
        code, grant_id, key_id = new_code(CODE_BYTES), uuid4(), self._owner_keys.newest(ACCOUNT).key_id
        hashed = token_hash(plain_code(code))
        times = {"created_at": now, "expires_at": now + dt.timedelta(hours=hours)}
        row = {"owner_id": self._owner_keys.owner, "id": grant_id, "code_hash": hashed, "key_id": key_id}
        sealed = self._seal(grant_id, key_id, terms)
        self._connection.execute(insert(support_grants).values(grant_sealed=sealed, **row, **times))
        for lookup in (hashed, token_hash(grant_id.hex)):
            add_lookup(self._connection, GRANT, [lookup], self._owner_keys.owner)
        return code

    def list(self, now: dt.datetime) -> list[Grant]:
        """Return the grants that have not expired, the newest first."""
        query = select(support_grants).where(self._good(now)).order_by(support_grants.c.created_at.desc())
        return [self._open_row(row) for row in self._connection.execute(query)]

    def by_code(self, code: str, now: dt.datetime) -> Grant | None:
        """Return the grant that a code opens, or None; locked until the end, so that only one account can bind it."""
        hashed = token_hash(plain_code(code))
        query = select(support_grants).where(self._good(now), support_grants.c.code_hash == hashed).with_for_update()
        row = self._connection.execute(query).first()
        return self._open_row(row) if row else None

    def find(self, grant_id: UUID, now: dt.datetime) -> Grant | None:
        """Return a grant that has not expired, or None."""
        query = select(support_grants).where(self._good(now), support_grants.c.id == grant_id)
        row = self._connection.execute(query).first()
        return self._open_row(row) if row else None

    def bind(self, grant: Grant, operator: UUID) -> None:
        """Reserve a grant for this support account from now on."""
        key_id = self._owner_keys.newest(ACCOUNT).key_id
        terms = msgspec.structs.replace(grant.terms, operator=str(operator))
        query = update(support_grants).where(self._is_owners(), support_grants.c.id == grant.id)
        self._connection.execute(query.values(key_id=key_id, grant_sealed=self._seal(grant.id, key_id, terms)))

    def revoke(self, grant_id: UUID) -> bool:
        """Revoke a grant; return whether it existed."""
        query = delete(support_grants).where(self._is_owners(), support_grants.c.id == grant_id)
        gone = bool(self._connection.execute(query).rowcount)
        self._sweep()
        return gone

    def revoke_all(self) -> None:
        """Revoke every grant."""
        self._connection.execute(delete(support_grants).where(self._is_owners()))
        self._sweep()

    def forget_expired(self, now: dt.datetime) -> None:
        """Delete expired grants."""
        self._connection.execute(delete(support_grants).where(self._is_owners(), support_grants.c.expires_at <= now))
        self._sweep()

    def _sweep(self) -> None:
        """Remove the look-ups of grants that no longer exist."""
        query = select(support_grants.c.code_hash, support_grants.c.id).where(self._is_owners())
        left = [
            hashed for code, grant_id in self._connection.execute(query) for hashed in (code, token_hash(grant_id.hex))
        ]
        lookups = (owner_lookups.c.owner_id == self._owner_keys.owner) & (owner_lookups.c.kind == GRANT)
        self._connection.execute(delete(owner_lookups).where(lookups, owner_lookups.c.lookup_hash.not_in(left)))

    def _seal(self, grant_id: UUID, key_id: int, terms: Terms) -> bytes:
        return self._owner_keys.seal_json(key_id, terms, "support_grants", "grant_sealed", grant_id.bytes)

    def _open_row(self, row: object) -> Grant:
        key_id, sealed, grant_id = row.key_id, row.grant_sealed, row.id  # type: ignore[attr-defined]
        content = self._owner_keys.unseal_json(key_id, sealed, "support_grants", "grant_sealed", grant_id.bytes)
        terms = msgspec.convert(content, Terms)
        return Grant(grant_id, row.created_at, row.expires_at, terms)  # type: ignore[attr-defined]

    def _good(self, now: dt.datetime) -> ColumnElement[bool]:
        return self._is_owners() & (support_grants.c.expires_at > now)

    def _is_owners(self) -> ColumnElement[bool]:
        return support_grants.c.owner_id == self._owner_keys.owner
