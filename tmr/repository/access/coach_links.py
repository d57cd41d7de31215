"""Links with which someone that a person trusts looks at their search: the hashes of the link and of its code."""

import datetime as dt
import hmac
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, insert, select

from tmr.crypto.envelope import ACCOUNT
from tmr.crypto.hashing import new_code, new_token, plain_code, token_hash
from tmr.crypto.lock.slot import COACH as COACH_SLOT
from tmr.crypto.lock.slot import Slot
from tmr.repository.accounts.accounts import hold_account
from tmr.repository.accounts.owner_lookups import COACH, add_lookup, remove_lookup
from tmr.repository.errors import RecordNotFoundError
from tmr.repository.keys.owner_keys import OwnerKeys, SlotSecret
from tmr.repository.lock.records_lock import RecordsLock
from tmr.repository.private_settings import KeptSettings
from tmr.repository.schema import coach_links

CODE_BYTES = 10  # 80 bits


class CoachLink(msgspec.Struct, frozen=True):
    """Whom a link is for, in its owner's words, and whether it shows notes and pay.

    The words are among the private settings, and empty where those are locked; the row has them only if an earlier
    release made it.
    """

    label: str
    notes: bool
    pay: bool


class ListedLink(msgspec.Struct, frozen=True):
    """A link that has not expired: its token and its code are shown once and never again."""

    id: UUID
    created_at: dt.datetime
    expires_at: dt.datetime
    code_hash: bytes
    link: CoachLink
    proofs: tuple[str, ...]

    def is_open_with(self, proof: str) -> bool:
        """Whether a browser that entered the code was given this; the code itself opens nothing."""
        return any(hmac.compare_digest(made.encode(), proof.encode("utf-8", "replace")) for made in self.proofs)

    def proof(self, code: str = "") -> str:
        """Return what a browser keeps that entered the code: a secret of this link alone.

        It has ``code`` in it only if that is given: to open locked records it is needed at each look, and kept nowhere.
        """
        return f"{self.proofs[0]}.{plain_code(code)}" if code else self.proofs[0]

    def opens_with(self, code: str) -> bool:
        """Whether this is the link's code, however it was typed."""
        return hmac.compare_digest(self.code_hash, token_hash(plain_code(code)))


class CoachLinks:
    """The coach links of the owner that a unit of work is bound to. Revoking one deletes it."""

    slot_kind = COACH_SLOT

    def __init__(self, connection: Connection, owner_keys: OwnerKeys, lock: RecordsLock, private: KeptSettings) -> None:
        self._connection = connection
        self._owner_keys = owner_keys
        self._lock = lock
        self._private = private

    def add(self, link: CoachLink, expires_at: dt.datetime, now: dt.datetime) -> tuple[str, str]:
        """Make a link; return its token, 256 random bits, and its code, of which only the hashes are kept.

        Both together open locked records.

        Raises:
            LockedError: the records are closed.
        """
        hold_account(self._connection, self._owner_keys.owner)  # first, as all that changes ways in
        token, code, link_id = new_token(), new_code(CODE_BYTES), uuid4()
        key_id = self._owner_keys.newest(ACCOUNT).key_id
        hashes = {"token_hash": token_hash(token), "code_hash": token_hash(plain_code(code))}
        content = msgspec.structs.replace(link, label="")
        sealed = self._owner_keys.seal_json(key_id, content, "coach_links", "link_sealed", link_id.bytes)
        row = {"id": link_id, **hashes, "created_at": now, "expires_at": expires_at, "key_id": key_id}
        values = {"owner_id": self._owner_keys.owner, **row, "link_sealed": sealed, "is_named_here": False}
        self._connection.execute(insert(coach_links).values(**values))
        add_lookup(self._connection, COACH, [hashes["token_hash"]], self._owner_keys.owner)
        self._lock.hand_out(_opener(link_id, token, code), now)
        self._private.name_link(link_id, link.label)
        return token, code

    def list(self, now: dt.datetime) -> list[ListedLink]:
        """Return the links that have not expired, oldest first."""
        query = select(coach_links).where(self._is_owners(), coach_links.c.expires_at > now)
        return [self._open_row(row) for row in self._connection.execute(query.order_by(coach_links.c.created_at))]

    def find(self, token: str, now: dt.datetime) -> ListedLink | None:
        """Return the link with this token, or None if there is none, or it has expired."""
        query = select(coach_links).where(self._is_owners(), coach_links.c.token_hash == token_hash(token))
        row = self._connection.execute(query.where(coach_links.c.expires_at > now)).first()
        return self._open_row(row) if row else None

    def open_records(self, listed: ListedLink, token: str, code: str) -> ListedLink:
        """Let a link and its code open locked records in this unit of work, if they have a slot.

        Return the link with its name, which is locked as those are.
        """
        self._lock.open_by(_opener(listed.id, token, code))
        return msgspec.structs.replace(listed, link=self._named(listed.id, listed.link))

    def remove(self, link_id: UUID) -> bool:
        """Revoke a link; return whether it opened locked records, or raise ``RecordNotFoundError``: there is none."""
        hold_account(self._connection, self._owner_keys.owner)  # first, as all that changes ways in
        opened = self._lock.take_back(COACH_SLOT, [link_id])
        if not self._remove(coach_links.c.id == link_id):
            raise RecordNotFoundError
        return opened

    def remove_all(self) -> None:
        """Revoke every link."""
        self._remove(self._is_owners())

    def forget_expired(self, now: dt.datetime) -> None:
        """Delete expired links."""
        self._remove(coach_links.c.expires_at <= now)

    def _remove(self, which: ColumnElement[bool]) -> int:
        ids = self._connection.scalars(select(coach_links.c.id).where(self._is_owners(), which)).all()
        self._lock.take_back(COACH_SLOT, ids)
        query = delete(coach_links).where(self._is_owners(), coach_links.c.id.in_(ids))
        hashes = list(self._connection.scalars(query.returning(coach_links.c.token_hash)))
        remove_lookup(self._connection, COACH, hashes)
        if hashes:
            self._private.forget_gone()
        return len(hashes)

    def _open_row(self, row: object) -> ListedLink:
        link_id, key_id, sealed = row.id, row.key_id, row.link_sealed  # type: ignore[attr-defined]
        content = self._owner_keys.unseal_json(key_id, sealed, "coach_links", "link_sealed", link_id.bytes)
        made, end, code_hash = row.created_at, row.expires_at, row.code_hash  # type: ignore[attr-defined]
        link = self._named(link_id, msgspec.convert(content, CoachLink))
        return ListedLink(link_id, made, end, code_hash, link, self._proofs(link_id, code_hash))

    def _named(self, link_id: UUID, link: CoachLink) -> CoachLink:
        return msgspec.structs.replace(link, label=self._private.known().links.get(str(link_id), link.label))

    def _proofs(self, link_id: UUID, code_hash: bytes) -> tuple[str, ...]:
        """Return what a browser keeps that entered the code, of each key that may have made it, the newest first.

        Only this server can make it, from a link that is still there, so it needs no column and ends with the link.
        """
        message = b"coach link\0" + self._owner_keys.owner.bytes + link_id.bytes + code_hash
        return tuple(made.hex() for made in self._owner_keys.keyring.keyed_hashes("cookie", message))

    def _is_owners(self) -> ColumnElement[bool]:
        return coach_links.c.owner_id == self._owner_keys.owner


def _opener(link_id: UUID, token: str, code: str) -> SlotSecret:
    return SlotSecret(Slot(COACH_SLOT, link_id), (token, plain_code(code)))
