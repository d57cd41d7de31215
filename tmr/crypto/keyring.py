"""The keys that open all others: key-encryption keys and the keys for hashing and signing."""

import base64
import hmac
import logging
import os
import stat
import threading
from contextlib import suppress
from pathlib import Path
from typing import Protocol
from uuid import UUID

import msgspec

from tmr.crypto.aead import KEY_BYTES, Cipher, random_key
from tmr.crypto.errors import DecryptionError, KeyringError
from tmr.private_files import write_private

logger = logging.getLogger(__name__)

FORMAT_NAME = "tmr-keyring/1"
HASHING_PURPOSES = ("index", "pepper", "cookie", "audit", "ledger")


class KeyFile(msgspec.Struct, forbid_unknown_fields=True):
    """The keyring as it is written: base64 keys, each with its id."""

    format: str
    primary: str
    wrapping: dict[str, str]
    index: dict[str, str]
    pepper: dict[str, str]
    cookie: dict[str, str]
    audit: dict[str, str]
    ledger: dict[str, str]
    installation: str = ""


class KeyWrapper(Protocol):
    """What wraps and unwraps data keys; a key management service can take this place."""

    def wrap(self, key: bytes, aad: bytes) -> tuple[str, bytes]:
        """Return the id of the wrapping key, and the wrapped key."""

    def unwrap(self, kek_id: str, wrapped: bytes, aad: bytes) -> bytes:
        """Return the key, or raise ``DecryptionError``."""


class Keyring:
    """Named 32-byte keys. The wrapping keys (KEK) never leave this object.

    One that was read from a file follows it: a key that was added while this process runs is known when it is first
    needed, and what is wrapped is wrapped under the primary key of that moment. Keys that went from the file open on
    until this process ends, for those who are in the middle of something.
    """

    def __init__(
        self,
        primary: str,
        wrapping: dict[str, bytes],
        hashing: dict[str, dict[str, bytes]],
        installation: UUID | None = None,
    ) -> None:
        self.installation = installation
        self._primary = primary
        self._ciphers = {kek_id: Cipher(key) for kek_id, key in wrapping.items()}
        self._hashing = hashing
        self._file: Path | None = None
        self._seen: object = None
        self._complained_of: object = None
        self._following = threading.Lock()

    def __repr__(self) -> str:
        return f"Keyring(primary={self._primary!r}, wrapping={sorted(self._ciphers)})"

    @property
    def kek_ids(self) -> frozenset[str]:
        """Ids of the wrapping keys this keyring can open with."""
        return frozenset(self._ciphers)

    @property
    def primary(self) -> str:
        """Id of the key that wraps."""
        self._follow_file()
        return self._primary

    def wrap(self, key: bytes, aad: bytes) -> tuple[str, bytes]:
        """Wrap a data key under the primary key; return that key's id and the wrapped bytes."""
        kek_id = self.primary
        return kek_id, self._ciphers[kek_id].seal(key, aad + kek_id.encode())

    def unwrap(self, kek_id: str, wrapped: bytes, aad: bytes) -> bytes:
        """Return the data key, or raise ``DecryptionError``, also for an unknown ``kek_id``."""
        if kek_id not in self._ciphers:
            self._follow_file()
        cipher = self._ciphers.get(kek_id)
        if cipher is None:
            raise DecryptionError
        return cipher.unseal(wrapped, aad + kek_id.encode())

    def keyed_hash(self, purpose: str, message: bytes, key_id: str | None = None) -> bytes:
        """Return HMAC-SHA-256 (RFC 2104) of ``message`` under a key of ``purpose``, 32 bytes; the newest if none is
        named.

        Raises:
            KeyError: there is no such key.
        """
        return hmac.digest(self._hashing[purpose][key_id or self.key_id(purpose)], message, "sha256")

    def keyed_hashes(self, purpose: str, message: bytes) -> list[bytes]:
        """Return what each key of ``purpose`` makes of ``message``, the newest first: what is stored may be of any."""
        return [self.keyed_hash(purpose, message, key_id) for key_id in self.key_ids(purpose)]

    def key_id(self, purpose: str) -> str:
        """Return the id of the newest hashing key of ``purpose``, which makes what is new."""
        return next(reversed(self._hashing[purpose]))

    def was_changed(self, purpose: str) -> bool:
        """Whether ``purpose`` ever had an earlier key than the newest."""
        return self.key_ids(purpose) != [f"{purpose}-1"]

    def key_ids(self, purpose: str) -> list[str]:
        """Return the ids of every hashing key of ``purpose``, the newest first: the others know what they made."""
        return list(reversed(self._hashing[purpose]))

    def follow(self, path: Path, seen: object) -> "Keyring":
        """Take in what the file at ``path`` becomes from now on, when it no longer is as it was ``seen``; return this
        keyring."""
        self._file, self._seen = path, seen
        return self

    def _follow_file(self) -> None:
        if self._file is None or _signature(self._file) == self._seen:
            return
        with self._following:  # other threads wait until the change is taken in
            if (signature := _signature(self._file)) != self._seen:
                self._take_in(signature)

    def _take_in(self, signature: object) -> None:
        try:
            now = read_keyring_file(self._file or Path())
        except KeyringError as error:
            if signature != self._complained_of:
                logger.error("the keyring file has changed, and the change is ignored: %s", error)
            self._complained_of = signature
            return
        self._ciphers = {**self._ciphers, **now._ciphers}
        self._primary = now._primary
        self._seen = now._seen


def new_keyring() -> str:
    """Return the text of a fresh keyring: every key random."""

    def fresh(key_id: str) -> dict[str, str]:
        return {key_id: base64.b64encode(random_key()).decode()}

    index, pepper, cookie, audit, ledger = (fresh(f"{purpose}-1") for purpose in HASHING_PURPOSES)
    return msgspec.json.encode(KeyFile(FORMAT_NAME, "k1", fresh("k1"), index, pepper, cookie, audit, ledger)).decode()


def parse_keyring(text: str) -> Keyring:
    """Read a keyring.

    Raises:
        KeyringError: malformed, a key shorter than 32 bytes, or two keys alike.
    """
    try:
        file = msgspec.json.decode(text, type=KeyFile)
        wrapping = {kek_id: base64.b64decode(key, validate=True) for kek_id, key in file.wrapping.items()}
        hashing = {purpose: _keys(getattr(file, purpose)) for purpose in HASHING_PURPOSES}
        installation = UUID(file.installation) if file.installation else None
    except ValueError as error:
        raise KeyringError("The keyring is not in the form that `tmr` writes.") from error
    _refuse_weak([*wrapping.values(), *(key for keys in hashing.values() for key in keys.values())])
    if file.format != FORMAT_NAME or file.primary not in wrapping or not all(hashing.values()):
        raise KeyringError("The keyring names a format or a primary key that is not there.")
    return Keyring(file.primary, wrapping, hashing, installation)


def _keys(keys: dict[str, str]) -> dict[str, bytes]:
    return {key_id: base64.b64decode(text, validate=True) for key_id, text in keys.items()}


def _refuse_weak(keys: list[bytes]) -> None:
    if any(len(key) != KEY_BYTES or len(set(key)) < 8 for key in keys):
        raise KeyringError("Each key of the keyring must be 32 random bytes.")
    if len(set(keys)) != len(keys):
        raise KeyringError("Two keys of the keyring are equal; each purpose needs its own.")


def read_keyring_file(path: Path) -> Keyring:
    """Read the keyring at ``path``, which only its owner may be able to read.

    Raises:
        KeyringError: missing, readable by others, or malformed.
    """
    try:
        with path.open(encoding="ascii") as file:
            status = os.fstat(file.fileno())
            text = file.read()
    except (OSError, UnicodeDecodeError) as error:
        raise KeyringError(f"The keyring {path.name} cannot be read.") from error
    mode = stat.S_IMODE(status.st_mode)
    if os.name == "posix" and mode & 0o077:
        raise KeyringError(f"The keyring {path.name} is readable by others (mode {mode:04o}): run chmod 600 on it.")
    return parse_keyring(text).follow(path, _signature_of(status))


def _signature(path: Path) -> object:
    try:
        status = path.stat()
    except OSError:
        return None
    return _signature_of(status)


def _signature_of(status: os.stat_result) -> object:
    return status.st_mtime_ns, status.st_ctime_ns, status.st_ino, status.st_size, status.st_mode


def make_keyring_file(path: Path) -> None:
    """Write a fresh keyring at ``path``, mode 0600, whole or not at all; leave an existing one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):  # another process made it at this moment
        write_private(path, new_keyring(), is_new=True)
