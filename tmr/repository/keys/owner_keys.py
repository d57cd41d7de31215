"""Seals and opens the values of one owner, and logs the address of one that does not open."""

import logging
from collections.abc import Callable, Iterable
from uuid import UUID

import msgspec

from tmr.crypto.envelope import DataKey, WrappedKey, unwrap_data_key
from tmr.crypto.errors import DecryptionError
from tmr.crypto.keyring import Keyring
from tmr.crypto.padding import pad_to_block, unpad

logger = logging.getLogger(__name__)


class OwnerKeys:
    """The data keys of one owner, unwrapped when first used.

    ``reread`` returns what the database holds now: a key may be renewed while its owner is at work.
    """

    def __init__(
        self,
        owner: UUID,
        keyring: Keyring,
        wrapped: Iterable[WrappedKey],
        reread: Callable[[], Iterable[WrappedKey]] = tuple,
    ) -> None:
        self.owner = owner
        self._reread = reread
        self.keyring = keyring
        self._wrapped = {key.key_id: key for key in wrapped}
        self._open: dict[int, DataKey] = {}

    def __repr__(self) -> str:
        return f"OwnerKeys(owner={self.owner})"

    def by_id(self, key_id: int) -> DataKey:
        """Return the key of that number, or raise ``DecryptionError``."""
        if key_id not in self._open:
            if key_id not in self._wrapped:
                self.refresh()
            if key_id not in self._wrapped:
                raise DecryptionError
            self._open[key_id] = unwrap_data_key(self.keyring, self.owner, self._wrapped[key_id])
        return self._open[key_id]

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
        self._open = {key_id: key for key_id, key in self._open.items() if key_id in self._wrapped}

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
