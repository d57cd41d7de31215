"""Seals and opens the values of one owner, and logs the address of one that does not open."""

import logging
from collections.abc import Callable, Iterable
from uuid import UUID

import msgspec

from tmr.crypto.envelope import DataKey, WrappedKey, unwrap_data_key, unwrap_from_slot
from tmr.crypto.errors import DecryptionError
from tmr.crypto.keyring import Keyring
from tmr.crypto.lock.slot import UNLOCK, Slot
from tmr.crypto.lock.slot_keys import LEAST_BYTES, random_key_of
from tmr.crypto.padding import pad_to_block, unpad
from tmr.repository.errors import LockedError

logger = logging.getLogger(__name__)


class SessionSecret(msgspec.Struct, frozen=True):
    """The secret in a session's cookie: with a row of the database it opens locked records, for that session alone."""

    id: UUID
    secret: str

    def __repr__(self) -> str:
        return f"SessionSecret({self.id})"

    @property
    def slot(self) -> Slot:
        """The slot of this session."""
        return Slot(UNLOCK, self.id, self.id)

    def key(self, owner: UUID) -> bytes:
        """Return the key of that slot."""
        return random_key_of(owner, self.slot, self.secret.encode("utf-8", "surrogatepass"))


class SlotSecret(msgspec.Struct, frozen=True):
    """What someone holds who has no session, such as an access token: with its row it opens locked records."""

    slot: Slot
    secrets: tuple[str, ...]

    def __repr__(self) -> str:
        return f"SlotSecret({self.slot})"

    def key(self, owner: UUID) -> bytes:
        """Return the key of that slot, right or wrong, or raise ``DecryptionError``: it is too short to be right."""
        secrets = [each.encode("utf-8", "surrogatepass") for each in self.secrets]
        if len(secrets[0]) < LEAST_BYTES:
            raise DecryptionError
        return random_key_of(owner, self.slot, *secrets)


Opener = SessionSecret | SlotSecret


class OwnerKeys:
    """The data keys of one owner, unwrapped when first used.

    ``reread`` returns what the database holds now: a key may be renewed while its owner is at work. ``opener`` is what
    the request came with, if it may open what is locked: a session, or a secret that has a slot.
    """

    def __init__(
        self,
        owner: UUID,
        keyring: Keyring,
        wrapped: Iterable[WrappedKey],
        reread: Callable[[], Iterable[WrappedKey]] = tuple,
        opener: Opener | None = None,
    ) -> None:
        self.owner = owner
        self._reread = reread
        self.opener = opener
        self.keyring = keyring
        self._wrapped = {key.key_id: key for key in wrapped}
        self._open: dict[int, DataKey] = {}

    def __repr__(self) -> str:
        return f"OwnerKeys(owner={self.owner})"

    def by_id(self, key_id: int) -> DataKey:
        """Return the key of that number, or raise ``DecryptionError``, or ``LockedError`` if a person must open it."""
        if key_id not in self._open:
            if key_id not in self._wrapped:
                self.refresh()
            if key_id not in self._wrapped:
                raise DecryptionError
            self._open[key_id] = self._unwrap(self._wrapped[key_id])
        return self._open[key_id]

    def _unwrap(self, wrapped: WrappedKey) -> DataKey:
        if wrapped.is_closed:
            raise LockedError
        if wrapped.is_plain and self.is_locked(wrapped.purpose):
            self.newest(wrapped.purpose)  # an earlier key, which is about to go: it opens only where the newest does
        if wrapped.slot is None:
            return unwrap_data_key(self.keyring, self.owner, wrapped)
        if self.opener is None or self.opener.slot != wrapped.slot:
            raise LockedError
        try:
            return unwrap_from_slot(self.keyring, self.owner, wrapped, self.opener.key(self.owner))
        except DecryptionError as error:  # its owner can open the records again, which makes another row
            place = (wrapped.key_id, self.owner, wrapped.slot.kind, wrapped.slot.id)
            logger.error("the key %d of %s does not open by %s %s", *place)
            raise LockedError from error

    def open_by(self, opener: Opener, reread: Callable[[], Iterable[WrappedKey]]) -> None:
        """Let ``opener`` open what is locked from now on, by the wraps that ``reread`` returns."""
        self.opener, self._reread = opener, reread
        self.refresh()

    def is_locked(self, purpose: str) -> bool:
        """Whether the keyring alone does not open what seals new content of ``purpose``."""
        return not self._wrapped[max(self.ids(purpose))].is_plain

    def is_open(self, purpose: str) -> bool:
        """Whether every key of ``purpose`` opens here."""
        try:
            return bool([self.by_id(key_id) for key_id in self.ids(purpose)])
        except LockedError:
            return False

    def plain_ids(self, purpose: str) -> list[int]:
        """Return the numbers of the keys of ``purpose`` that the keyring alone opens."""
        return [key_id for key_id in self.ids(purpose) if self._wrapped[key_id].is_plain]

    def newest(self, purpose: str) -> DataKey:
        """Return the key that seals new content of ``purpose``."""
        return self.by_id(max(key.key_id for key in self._wrapped.values() if key.purpose == purpose))

    def ids(self, purpose: str) -> list[int]:
        """Return the numbers of all keys of ``purpose``."""
        return [key.key_id for key in self._wrapped.values() if key.purpose == purpose]

    def refresh(self) -> None:
        """Read the keys from the database again."""
        stored = {key.key_id: key for key in self._reread()}
        self._wrapped = stored or self._wrapped
        there = {key_id for key_id, wrapped in self._wrapped.items() if not wrapped.is_closed}
        self._open = {key_id: key for key_id, key in self._open.items() if key_id in there}

    def wrapped(self) -> list[WrappedKey]:
        """Return every key, wrapped, as the database keeps it."""
        return list(self._wrapped.values())

    def put(self, key: DataKey, wrapped: WrappedKey) -> None:
        """Add a key that was just made."""
        self._wrapped[key.key_id] = wrapped
        self._open[key.key_id] = key

    def drop(self, key_id: int) -> None:
        """Forget a key that was destroyed."""
        self._wrapped.pop(key_id, None)
        self._open.pop(key_id, None)

    def next_id(self) -> int:
        """Return a key number that this owner does not use."""
        return max(self._wrapped, default=0) + 1

    def seal(self, key_id: int, content: bytes, table: str, column: str, row: bytes) -> bytes:
        """Seal ``content`` under one key for one place."""
        return self.by_id(key_id).seal(content, table, column, row)

    def unseal(self, key_id: int, sealed: bytes, table: str, column: str, row: bytes) -> bytes:
        """Open a value, or log its address and raise ``DecryptionError``."""
        try:
            return self.by_id(key_id).unseal(sealed, table, column, row)
        except DecryptionError:
            logger.error(
                "a sealed value does not open: %s.%s row %s of %s under key %d",
                table,
                column,
                row.hex(),
                self.owner,
                key_id,
            )
            raise

    def seal_json(self, key_id: int, value: object, table: str, column: str, row: bytes) -> bytes:
        """Seal a value as padded JSON."""
        return self.seal(key_id, pad_to_block(msgspec.json.encode(value)), table, column, row)

    def unseal_json(self, key_id: int, sealed: bytes, table: str, column: str, row: bytes) -> object:
        """Open what ``seal_json`` sealed."""
        return msgspec.json.decode(unpad(self.unseal(key_id, sealed, table, column, row)))
