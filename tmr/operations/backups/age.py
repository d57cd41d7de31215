"""Files sealed for a public key: the age format (age-encryption.org/v1), which the stock ``age`` program opens too."""

import io
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyrage

from tmr.config import SettingsError

PRIVATE = 0o600


class PiecesReader(io.RawIOBase):
    """Makes a file of an iterable of pieces, holding one piece at a time."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        super().__init__()
        self._pieces: Iterator[bytes] = iter(pieces)
        self._left = b""

    def readable(self) -> bool:
        """Return True: this can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill ``buffer`` with what comes next; return how many bytes, 0 at the end."""
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._left = piece
        count = min(len(buffer), len(self._left))
        buffer[:count], self._left = self._left[:count], self._left[count:]
        return count


def recipient_of(text: str) -> Any:
    """Read a public key, or raise ``SettingsError``."""
    try:
        return pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError as error:
        raise SettingsError(
            "That is not an age public key: it begins with age1 and has 62 letters and digits."
        ) from error


def seal_to_file(pieces: Iterable[bytes], recipient: str, path: Path) -> None:
    """Write ``pieces`` sealed for ``recipient`` at ``path``, mode 0600, whole or not at all; memory stays flat.

    Raises:
        SettingsError: the recipient is not an age public key, or there is something at ``path`` already.
    """
    sealed_draft(pieces, recipient, path).rename(path)


def sealed_draft(pieces: Iterable[bytes], recipient: str, path: Path) -> Path:
    """Write ``pieces`` as ``seal_to_file`` does, under a hidden name beside ``path``, and return that."""
    key = recipient_of(recipient)
    if path.exists():
        raise SettingsError(f"{path} exists already; nothing was written.")
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            pyrage.encrypt_io(io.BufferedReader(PiecesReader(pieces), 256 * 1024), file, [key])
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        draft.unlink()
        raise
    return draft
