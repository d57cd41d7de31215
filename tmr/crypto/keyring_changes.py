"""Changes of the keyring: wrapping keys are added, made primary and removed. Text in, text out, and the file."""

import base64
import fcntl
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

import msgspec

from tmr.crypto.aead import random_key
from tmr.crypto.errors import KeyringError
from tmr.crypto.keyring import KeyFile, parse_keyring
from tmr.private_files import write_private


def next_key_id(text: str, taken: set[str]) -> str:
    """Return the id of the next wrapping key: k, a number that neither the keyring nor ``taken`` has, and chance.

    A number alone would come back after its key was retired, and then mean two keys, on machines that hold either.
    """
    numbers = [int(match[1]) for kek_id in (*_decode(text).wrapping, *taken) if (match := re.match(r"k(\d+)", kek_id))]
    return f"k{max(numbers, default=0) + 1}.{secrets.token_hex(4)}"


def with_key(text: str, kek_id: str, *, is_primary: bool) -> str:
    """Return the keyring with a new random wrapping key, which wraps from now on if it is primary."""
    file = _decode(text)
    file.wrapping[kek_id] = base64.b64encode(random_key()).decode()
    return _encode(msgspec.structs.replace(file, primary=kek_id if is_primary else file.primary))


def promoted(text: str, kek_id: str) -> str:
    """Return the keyring with another primary key, or raise ``KeyringError`` if it does not hold that."""
    file = _decode(text)
    if kek_id not in file.wrapping:
        raise KeyringError(f"The keyring holds no key {kek_id}.")
    return _encode(msgspec.structs.replace(file, primary=kek_id))


def with_installation(text: str, installation: UUID) -> str:
    """Return the keyring with the id of the installation that it belongs to."""
    return _encode(msgspec.structs.replace(_decode(text), installation=str(installation)))


def wrapping_keys_of(text: str) -> dict[str, str]:
    """Return the wrapping keys of the keyring, base64, by their ids."""
    return dict(_decode(text).wrapping)


def primary_of(text: str) -> str:
    """Return the id of the key that wraps."""
    return _decode(text).primary


def without_wrapping_keys(text: str) -> str:
    """Return the part of the keyring that does not rotate automatically: its hashing keys, and no wrapping key.

    It is not a keyring until ``with_wrapping_keys`` has put wrapping keys in.
    """
    return msgspec.json.encode(msgspec.structs.replace(_decode(text), primary="", wrapping={})).decode()


def with_wrapping_keys(part: str, primary: str, wrapping: dict[str, str]) -> str:
    """Return the keyring of a part that ``without_wrapping_keys`` made; raise ``KeyringError`` if it is not one."""
    try:
        file = msgspec.json.decode(part, type=KeyFile)
    except msgspec.DecodeError as error:
        raise KeyringError("That is not part of a keyring.") from error
    text = _encode(msgspec.structs.replace(file, primary=primary, wrapping=dict(wrapping)))
    parse_keyring(text)
    return text


def without_key(text: str, kek_id: str) -> str:
    """Return the keyring without a wrapping key, or raise ``KeyringError`` if it is the primary one."""
    file = _decode(text)
    if kek_id == file.primary:
        raise KeyringError(f"{kek_id} is the primary key: add another one first.")
    file.wrapping.pop(kek_id, None)
    return _encode(file)


def with_hashing_key(text: str, purpose: str) -> tuple[str, str]:
    """Return the keyring with a new random hashing key of ``purpose``, the newest from now on, and its id."""
    file = _decode(text)
    keys: dict[str, str] = getattr(file, purpose)
    key_id = f"{purpose}-{1 + max(int(earlier.rpartition('-')[2]) for earlier in keys)}"
    keys[key_id] = base64.b64encode(random_key()).decode()
    return _encode(file), key_id


def without_hashing_key(text: str, key_id: str) -> str:
    """Return the keyring without an earlier hashing key, or raise ``KeyringError`` if it is the newest or not there."""
    file = _decode(text)
    keys: dict[str, str] = getattr(file, key_id.rpartition("-")[0], {})
    if key_id not in keys or key_id == next(reversed(keys)):
        raise KeyringError(f"{key_id} is not an earlier key of the keyring: add another one first.")
    del keys[key_id]
    return _encode(file)


@contextmanager
def changing(path: Path) -> Iterator[Path]:
    """Lock the keyring at ``path`` against other changes."""
    descriptor = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield path
    finally:
        os.close(descriptor)


def replace_keyring_file(path: Path, text: str) -> None:
    """Replace the keyring at ``path`` by ``text``, whole or not at all, and overwrite the old content on the disk."""
    parse_keyring(text)
    for draft in path.parent.glob(f"{path.name}.draft.*"):  # left by a killed change: may hold a retired key
        with draft.open("r+b") as file:
            os.unlink(draft)
            _overwrite(file)
    with ExitStack() as stack:
        # Held open: once its name leads to the new file, there is no other way to the old one.
        before = stack.enter_context(path.open("r+b")) if path.exists() else None
        write_private(path, text)
        if before:
            _overwrite(before)


def _overwrite(file: BinaryIO) -> None:
    """Overwrite a file that no name leads to any longer: a retired key should not stay on the disk.

    A file system that never writes in place, or a disk that moves blocks, may still keep it.
    """
    if os.fstat(file.fileno()).st_nlink == 0:
        file.write(bytes(os.fstat(file.fileno()).st_size))
        file.flush()
        os.fsync(file.fileno())


def _decode(text: str) -> KeyFile:
    parse_keyring(text)
    return msgspec.json.decode(text, type=KeyFile)


def _encode(file: KeyFile) -> str:
    return msgspec.json.encode(file).decode()
