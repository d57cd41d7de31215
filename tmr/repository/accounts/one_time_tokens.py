"""One-time tokens: mailed links and codes, and sign-ins that wait for a second step. The database holds hashes only."""

import datetime as dt
from typing import TypeVar
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from tmr.crypto.address import length_prefixed
from tmr.crypto.aead import Cipher
from tmr.crypto.envelope import ACCOUNT
from tmr.crypto.hashing import new_token, token_hash
from tmr.crypto.lock.slot import Slot
from tmr.crypto.lock.slot_keys import random_key_of
from tmr.crypto.padding import pad_to_block, unpad
from tmr.repository.accounts.owner_lookups import TOKEN, add_lookup, keep_lookups, remove_lookup
from tmr.repository.keys.owner_keys import OwnerKeys
from tmr.repository.schema import one_time_tokens

BOX = "token's box"  # the kind that the key of a token is bound to; never a slot of a data key
Payload = TypeVar("Payload")


class OneTimeTokens:
    """The tokens of the owner that a unit of work is bound to. Each has a purpose and opens nothing else."""

    def __init__(self, connection: Connection, owner_keys: OwnerKeys) -> None:
        self._connection = connection
        self._owner_keys = owner_keys

    def add(self, purpose: str, payload: object, lifetime: dt.timedelta, now: dt.datetime) -> str:
        """Make a 256-bit token with a sealed payload, and return its text; only the hash is kept."""
        token = new_token()
        hashed, key_id = token_hash(token), self._owner_keys.newest(ACCOUNT).key_id
        sealed = self._owner_keys.seal_json(key_id, payload, "one_time_tokens", "payload_sealed", hashed)
        row = {"token_hash": hashed, "purpose": purpose, "expires_at": now + lifetime, "tries": 0}
        values = {**row, "owner_id": self._owner_keys.owner, "key_id": key_id, "payload_sealed": sealed}
        self._connection.execute(insert(one_time_tokens).values(**values))
        add_lookup(self._connection, TOKEN, [hashed], self._owner_keys.owner)
        return token

    def find(self, token: str, purpose: str, kind: type[Payload], now: dt.datetime) -> Payload | None:
        """Return the payload of a valid token, or None."""
        query = select(one_time_tokens).where(self._good(token, purpose, now))
        return self._open_payload(self._connection.execute(query).first(), kind)

    def is_good(self, token: str, purpose: str, now: dt.datetime) -> bool:
        """Whether a token has this purpose and is valid."""
        query = select(one_time_tokens.c.tries).where(self._good(token, purpose, now))
        return self._connection.scalar(query) is not None

    def burn(self, token: str, purpose: str, now: dt.datetime) -> bool:
        """Use a token up, in one statement that only one of many can win; return whether it was valid."""
        gone = bool(self._connection.execute(delete(one_time_tokens).where(self._good(token, purpose, now))).rowcount)
        if gone:
            remove_lookup(self._connection, TOKEN, [token_hash(token)])
        return gone

    def count_try(self, token: str, most: int) -> bool:
        """Count one more try at the code that goes with a token; return whether it is among the first ``most``."""
        query = (
            update(one_time_tokens)
            .where(self._is_owners(), one_time_tokens.c.token_hash == token_hash(token), one_time_tokens.c.tries < most)
            .values(tries=one_time_tokens.c.tries + 1)
        )
        return bool(self._connection.execute(query).rowcount)

    def replace_payload(self, token: str, payload: object) -> None:
        """Replace the payload of an existing token."""
        hashed, key_id = token_hash(token), self._owner_keys.newest(ACCOUNT).key_id
        sealed = self._owner_keys.seal_json(key_id, payload, "one_time_tokens", "payload_sealed", hashed)
        query = update(one_time_tokens).where(self._is_owners(), one_time_tokens.c.token_hash == hashed)
        self._connection.execute(query.values(key_id=key_id, payload_sealed=sealed))

    def box(self, token: str, words: str) -> bytes:
        """Seal words for whoever holds a token: a payload is under the account's key, and these are not."""
        return self._cipher(token).seal(pad_to_block(words.encode("utf-8", "surrogatepass")), self._aad(token))

    def open_box(self, token: str, box: bytes) -> str:
        """Open what ``box`` sealed for this token."""
        return unpad(self._cipher(token).unseal(box, self._aad(token))).decode("utf-8", "surrogatepass")

    def _cipher(self, token: str) -> Cipher:
        return Cipher(random_key_of(self._owner_keys.owner, Slot(BOX, UUID(int=0)), token.encode()))

    def _aad(self, token: str) -> bytes:
        return length_prefixed(b"one-time token 1", self._owner_keys.owner.bytes, token_hash(token))

    def remove(self, *purposes: str) -> None:
        """Void every token of these purposes."""
        named = one_time_tokens.c.purpose.in_(purposes)
        self._connection.execute(delete(one_time_tokens).where(self._is_owners(), named))
        self._sweep()

    def remove_all_but(self, *purposes: str) -> None:
        """Void every token of other purposes than these."""
        others = one_time_tokens.c.purpose.not_in(purposes)
        self._connection.execute(delete(one_time_tokens).where(self._is_owners(), others))
        self._sweep()

    def forget_expired(self, now: dt.datetime) -> None:
        """Delete expired tokens."""
        self._connection.execute(delete(one_time_tokens).where(self._is_owners(), one_time_tokens.c.expires_at <= now))
        self._sweep()

    def _sweep(self) -> None:
        query = select(one_time_tokens.c.token_hash).where(self._is_owners())
        keep_lookups(self._connection, TOKEN, self._owner_keys.owner, lambda: self._connection.scalars(query))

    def _open_payload(self, row: object, kind: type[Payload]) -> Payload | None:
        if row is None:
            return None
        key_id, sealed, hashed = row.key_id, row.payload_sealed, row.token_hash  # type: ignore[attr-defined]
        content = self._owner_keys.unseal_json(key_id, sealed, "one_time_tokens", "payload_sealed", hashed)
        return msgspec.convert(content, kind)

    def _good(self, token: str, purpose: str, now: dt.datetime) -> ColumnElement[bool]:
        named = (one_time_tokens.c.token_hash == token_hash(token)) & (one_time_tokens.c.purpose == purpose)
        return self._is_owners() & named & (one_time_tokens.c.expires_at > now)

    def _is_owners(self) -> ColumnElement[bool]:
        return one_time_tokens.c.owner_id == self._owner_keys.owner
