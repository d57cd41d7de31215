"""Where a keyring that is to be changed comes from and goes to: its file, or the environment and another file."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from uuid import UUID

from tmr.crypto.errors import KeyringError
from tmr.crypto.keyring import Keyring, parse_keyring
from tmr.crypto.keyring_changes import (
    changing,
    next_key_id,
    primary_of,
    promoted,
    replace_keyring_file,
    with_hashing_key,
    with_installation,
    with_key,
    without_hashing_key,
    without_key,
    without_wrapping_keys,
    wrapping_keys_of,
)


class KeyringDraft:
    """A keyring while it is being changed; it is written only if the change succeeds."""

    def __init__(self, text: str) -> None:
        self.text = text

    def next_key_id(self, taken: set[str]) -> str:
        """Return the id of the next wrapping key."""
        return next_key_id(self.text, taken)

    def add(self, kek_id: str, *, is_primary: bool) -> None:
        """Add a new wrapping key."""
        self.text = with_key(self.text, kek_id, is_primary=is_primary)

    def add_hashing(self, purpose: str) -> str:
        """Add a new hashing key of ``purpose``, and return its id."""
        self.text, key_id = with_hashing_key(self.text, purpose)
        return key_id

    def remove_hashing(self, key_id: str) -> None:
        """Remove an earlier hashing key, or raise ``KeyringError``."""
        self.text = without_hashing_key(self.text, key_id)

    def stamp(self, installation: UUID) -> None:
        """Set the installation that the keyring belongs to."""
        self.text = with_installation(self.text, installation)

    def promote(self, kek_id: str) -> None:
        """Make a wrapping key primary, or raise ``KeyringError``."""
        self.text = promoted(self.text, kek_id)

    def remove(self, kek_id: str) -> None:
        """Remove a wrapping key, or raise ``KeyringError`` if it is primary."""
        self.text = without_key(self.text, kek_id)


class KeyringStore:
    """The keyring of this installation, from its file or, given as ``text``, from the environment."""

    def __init__(self, keyring: Keyring, path: Path, text: str | None) -> None:
        self.keyring = keyring
        self._path = path
        self._text = text

    def text(self) -> str:
        """Return the text of the keyring, as it is stored."""
        return self._text or self._path.read_text(encoding="ascii")

    def wrapping_keys(self) -> dict[str, str]:
        """Return the stored wrapping keys, base64, by their ids."""
        return wrapping_keys_of(self.text())

    def primary(self) -> str:
        """Return the id of the key that wraps."""
        return primary_of(self.text())

    def lasting_part(self) -> str:
        """Return the keys that do not rotate automatically, for the recovery kit."""
        return without_wrapping_keys(self.text())

    def unwritable(self) -> str:
        """Return why the keyring cannot be changed here; empty if it can."""
        if self._text:
            return "the keyring is in the environment (TMR_KEYRING)"
        mode = self._path.stat().st_mode
        if not mode & 0o200 or not os.access(self._path.parent, os.W_OK):
            return f"the keyring {self._path.name} is read-only (mode {mode & 0o777:04o})"
        return ""

    @contextmanager
    def changing(self, to: Path | None) -> Iterator[KeyringDraft]:
        """Lock the keyring, and write the changed one when the block ends: to its file, or to a new one at ``to``.

        Raises:
            KeyringError: the keyring is in the environment and there is no ``to``, or something is there already.
        """
        if self._text and to is None:
            raise KeyringError("The keyring is in TMR_KEYRING: name a file for the new one with --to.")
        if to is not None and to.exists():
            raise KeyringError(f"{to} exists already; nothing was written.")
        with nullcontext() if self._text else changing(self._path):
            draft = KeyringDraft(self.text())
            yield draft
            parse_keyring(draft.text)
            replace_keyring_file(to or self._path, draft.text)
