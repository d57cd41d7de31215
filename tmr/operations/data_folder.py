"""A data directory, told from a copy of it."""

from pathlib import Path

import msgspec


class Folder(msgspec.Struct, frozen=True):
    """A data directory as it was noted: its path, and its identity."""

    path: str
    identity: str

    def still_there(self) -> Path | None:
        """Return its path, if it is there as it was noted and has a database in it."""
        folder = Path(self.path)
        return folder if (folder / "postgres").exists() and identity(folder) == self.identity else None


def identity(folder: Path) -> str:
    """Return by what a folder is told from a copy of it: its device and inode."""
    status = folder.stat()
    return f"{status.st_dev}:{status.st_ino}"
