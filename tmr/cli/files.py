"""Files that a command writes: private, and never over one that is there."""

from pathlib import Path

from tmr.config import SettingsError
from tmr.private_files import write_private


def refuse_existing(path: Path) -> None:
    """Raise ``SettingsError`` if there is something at ``path`` already."""
    if path.exists():
        raise SettingsError(f"{path} exists already. Name a new file.")


def write_new(path: Path, text: str) -> None:
    """Write a private file where there is none.

    Raises:
        SettingsError: something is there already, or it cannot be written there.
    """
    refuse_existing(path)
    try:
        write_private(path, text, is_new=True)
    except OSError as error:
        raise SettingsError(f"{path} cannot be written: {error.strerror}.") from error
