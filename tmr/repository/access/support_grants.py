"""Support access: what the holder of a code may see, and for how long. Without a row here there is no access."""

import datetime as dt
from collections.abc import Iterator
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from tmr.crypto.envelope import ACCOUNT
from tmr.crypto.hashing import new_code, plain_code, token_hash
from tmr.crypto.lock.slot import GRANT as GRANT_SLOT
from tmr.crypto.lock.slot import Slot
from tmr.repository.accounts.accounts import hold_account
from tmr.repository.accounts.owner_lookups import GRANT, add_lookup, keep_lookups
from tmr.repository.keys.owner_keys import OwnerKeys, SlotSecret
from tmr.repository.lock.records_lock import RecordsLock
from tmr.repository.private_settings import KeptSettings
from tmr.repository.schema import support_grants

MOST_HOURS = 7 * 24
CODE_BYTES = 20
RECORDS, SETTINGS = "records", "settings"


class Terms(msgspec.Struct):
    """What a grant allows and why; kept sealed. ``operator`` is the support account that entered the code first.

    The message is among the private settings; the row of a grant has it only if an earlier release made it.
    """

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

    slot_kind = GRANT_SLOT

    def __init__(self, connection: Connection, owner_keys: OwnerKeys, lock: RecordsLock, private: KeptSettings) -> None:
        self._connection = connection
        self._owner_keys = owner_keys
        self._lock = lock
        self._private = private

    def add(self, terms: Terms, hours: int, now: dt.datetime) -> str:
        """Make a grant for 1 to 168 hours; return its code, of which only the hash is kept.

        A code for records opens them where they are locked; one for settings does not.

        Raises:
            LockedError: the records are closed, and the grant is for them or has a message.
        """
        hold_account(self._connection, self._owner_keys.owner)  # first, as all that changes ways in
        if not 1 <= hours <= MOST_HOURS:
            raise ValueError("A grant lasts from one hour to seven days.")
        code, grant_id, key_id = new_code(CODE_BYTES), uuid4(), self._owner_keys.newest(ACCOUNT).key_id
        hashed = token_hash(plain_code(code))
        times = {"created_at": now, "expires_at": now + dt.timedelta(hours=hours)}
        row = {"owner_id": self._owner_keys.owner, "id": grant_id, "code_hash": hashed, "key_id": key_id}
        sealed = self._seal(grant_id, key_id, msgspec.structs.replace(terms, message=""))
        self._connection.execute(insert(support_grants).values(grant_sealed=sealed, **row, **times))
        for lookup in (hashed, token_hash(grant_id.hex)):
            add_lookup(self._connection, GRANT, [lookup], self._owner_keys.owner)
        if terms.scope == RECORDS:
            self._lock.hand_out(_opener(grant_id, code), now)
        if terms.message:
            self._private.add_message(grant_id, terms.message)
        return code

    def message_of(self, grant: Grant) -> str:
        """Return what the person wrote to support; nothing where that is locked."""
        return self._private.known().messages.get(str(grant.id), grant.terms.message)

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

    def open_records(self, grant: Grant, code: str) -> None:
        """Let the code of a grant open locked records in this unit of work, if it has a slot."""
        self._lock.open_by(_opener(grant.id, code))

    def kept(self, grant: Grant, code: str) -> str:
        """Return what a browser needs to keep of the code that was entered there; nothing unless it opens a slot."""
        return plain_code(code) if self.opens_locked(grant.id) else ""

    def opens_locked(self, grant_id: UUID) -> bool:
        """Whether the code of a grant opens locked records."""
        return any(kept.slot == Slot(GRANT_SLOT, grant_id) for kept in self._lock.slots())

    def bind(self, grant: Grant, operator: UUID) -> None:
        """Reserve a grant for this support account from now on."""
        key_id = self._owner_keys.newest(ACCOUNT).key_id
        terms = msgspec.structs.replace(grant.terms, operator=str(operator))
        query = update(support_grants).where(self._is_owners(), support_grants.c.id == grant.id)
        self._connection.execute(query.values(key_id=key_id, grant_sealed=self._seal(grant.id, key_id, terms)))

    def revoke(self, grant_id: UUID) -> bool:
        """Revoke a grant; return whether it existed."""
        hold_account(self._connection, self._owner_keys.owner)  # first, as all that changes ways in
        return bool(self._remove(support_grants.c.id == grant_id))

    def revoke_all(self) -> None:
        """Revoke every grant."""
        self._remove(self._is_owners())

    def forget_expired(self, now: dt.datetime) -> None:
        """Delete expired grants."""
        self._remove(support_grants.c.expires_at <= now)

    def _remove(self, which: ColumnElement[bool]) -> int:
        """Delete grants with their slots, and the look-ups of those that no longer exist; return how many."""
        ids = self._connection.scalars(select(support_grants.c.id).where(self._is_owners(), which)).all()
        self._lock.take_back(GRANT_SLOT, ids)
        self._connection.execute(delete(support_grants).where(self._is_owners(), support_grants.c.id.in_(ids)))
        keep_lookups(self._connection, GRANT, self._owner_keys.owner, self._hashes)
        self._private.forget_gone()
        return len(ids)

    def _hashes(self) -> Iterator[bytes]:
        query = select(support_grants.c.code_hash, support_grants.c.id).where(self._is_owners())
        for code, grant_id in self._connection.execute(query):
            yield from (code, token_hash(grant_id.hex))

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


def _opener(grant_id: UUID, code: str) -> SlotSecret:
    return SlotSecret(Slot(GRANT_SLOT, grant_id), (plain_code(code),))
