"""Files that a command writes: private, and never over one that is there."""

import os
from pathlib import Path

from tmr.config import SettingsError


def refuse_existing(path: Path) -> None:
    """Raise ``SettingsError`` if something is at ``path`` already."""
    if path.exists():
        raise SettingsError(f"There is something at {path} already. Name a file that is not there yet.")


def write_new(path: Path, text: str) -> None:
    """Write a private file where there is none.

    Raises:
        SettingsError: something is there, or its folder is not.
    """
    refuse_existing(path)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise SettingsError(f"{path} cannot be written: {error.strerror}.") from error
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
