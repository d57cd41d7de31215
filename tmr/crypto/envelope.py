"""Envelope encryption: each account's data keys, wrapped by the keyring, opened in memory only."""

from functools import cached_property
from uuid import UUID

import msgspec

from tmr.crypto.address import Address, length_prefixed
from tmr.crypto.aead import FORMAT, Cipher, derive_key, random_key
from tmr.crypto.errors import DecryptionError
from tmr.crypto.keyring import KeyWrapper
from tmr.crypto.lock.slot import KeyPlace, Slot, in_new_outer_box, put_in, take_out

ACCOUNT = "account"
RECORDS = "records"


class WrappedKey(msgspec.Struct, frozen=True):
    """A data key as the database keeps it: under the keyring alone, or in a slot, in whose second box it is then.

    A key of which the reader has no wrap at hand is ``is_closed``.
    """

    key_id: int
    purpose: str
    kek_id: str
    wrapped: bytes
    slot: Slot | None = None

    @property
    def is_plain(self) -> bool:
        """Whether the keyring alone opens it."""
        return self.slot is None and not self.is_closed

    @property
    def is_closed(self) -> bool:
        """Whether neither the keyring nor the session of the reader opens it."""
        return not self.wrapped


class DataKey:
    """An account's data key (DEK) of one purpose and number. In memory only."""

    def __init__(self, owner: UUID, key_id: int, purpose: str, secret: bytes) -> None:
        self.owner = owner
        self.key_id = key_id
        self.purpose = purpose
        self._secret = secret

    def __repr__(self) -> str:
        return f"DataKey(key_id={self.key_id}, purpose={self.purpose!r})"

    @cached_property
    def cipher(self) -> Cipher:
        """The cipher for content, under a key derived for this purpose."""
        return Cipher(derive_key(self._secret, f"tmr/{self.purpose}/v1"))

    @cached_property
    def file_cipher(self) -> Cipher:
        """The cipher for files, under a key derived for them alone."""
        return Cipher(derive_key(self._secret, "tmr/files/v1"))

    def address(self, table: str, column: str, row: bytes) -> Address:
        """Return the address of a value that this key seals."""
        return Address(self.owner, table, column, row, self.key_id)

    def seal(self, plaintext: bytes, table: str, column: str, row: bytes) -> bytes:
        """Seal ``plaintext`` for one place in the database."""
        return self.cipher.seal(plaintext, self.address(table, column, row).aad())

    def unseal(self, sealed: bytes, table: str, column: str, row: bytes) -> bytes:
        """Open what was sealed for this place, or raise ``DecryptionError``."""
        return self.cipher.unseal(sealed, self.address(table, column, row).aad())

    def seal_chunk(self, plaintext: bytes, table: str, column: str, row: bytes) -> bytes:
        """Seal a piece of a file for one place in the database."""
        return self.file_cipher.seal(plaintext, self.address(table, column, row).aad())

    def unseal_chunk(self, sealed: bytes, table: str, column: str, row: bytes) -> bytes:
        """Open a piece of a file that was sealed for this place, or raise ``DecryptionError``."""
        return self.file_cipher.unseal(sealed, self.address(table, column, row).aad())

    def wrap(self, keyring: KeyWrapper) -> WrappedKey:
        """Return this key wrapped under the keyring's primary key."""
        kek_id, wrapped = keyring.wrap(self._secret, _wrap_aad(self.owner, self.purpose, self.key_id))
        return WrappedKey(self.key_id, self.purpose, kek_id, wrapped)

    def wrap_in(self, keyring: KeyWrapper, slot: Slot, slot_key: bytes) -> WrappedKey:
        """Return this key in a slot: wrapped under the slot's key, and that under the keyring's primary key."""
        place = KeyPlace(self.owner, self.purpose, self.key_id)
        kek_id, wrapped = put_in(keyring, place, slot, slot_key, self._secret)
        return WrappedKey(self.key_id, self.purpose, kek_id, wrapped, slot)


def new_data_key(owner: UUID, key_id: int, purpose: str) -> DataKey:
    """Make a random data key."""
    return DataKey(owner, key_id, purpose, random_key())


def unwrap_data_key(keyring: KeyWrapper, owner: UUID, wrapped: WrappedKey) -> DataKey:
    """Open a data key that the keyring alone wraps, or raise ``DecryptionError``."""
    if wrapped.slot is not None:
        raise DecryptionError
    aad = _wrap_aad(owner, wrapped.purpose, wrapped.key_id)
    secret = keyring.unwrap(wrapped.kek_id, wrapped.wrapped, aad)
    return DataKey(owner, wrapped.key_id, wrapped.purpose, secret)


def unwrap_from_slot(keyring: KeyWrapper, owner: UUID, wrapped: WrappedKey, slot_key: bytes) -> DataKey:
    """Open a data key by its slot, or raise ``DecryptionError``."""
    if wrapped.slot is None:  # a plain wrap is no slot, whoever asks
        raise DecryptionError
    place = KeyPlace(owner, wrapped.purpose, wrapped.key_id)
    secret = take_out(keyring, place, wrapped.slot, slot_key, (wrapped.kek_id, wrapped.wrapped))
    return DataKey(owner, wrapped.key_id, wrapped.purpose, secret)


def rewrapped(keyring: KeyWrapper, owner: UUID, wrapped: WrappedKey) -> WrappedKey:
    """Return a wrap under the keyring's primary key; of one in a slot only the outer box is renewed."""
    if wrapped.slot is None:
        return unwrap_data_key(keyring, owner, wrapped).wrap(keyring)
    place = KeyPlace(owner, wrapped.purpose, wrapped.key_id)
    kek_id, renewed = in_new_outer_box(keyring, place, wrapped.slot, (wrapped.kek_id, wrapped.wrapped))
    return WrappedKey(wrapped.key_id, wrapped.purpose, kek_id, renewed, wrapped.slot)


def _wrap_aad(owner: UUID, purpose: str, key_id: int) -> bytes:
    return length_prefixed(FORMAT, owner.bytes, purpose.encode(), key_id.to_bytes(4, "big"))
