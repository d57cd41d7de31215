"""How much of a disk is left, and when that is too little."""

import shutil
from pathlib import Path

import msgspec

LEAST_FREE_BYTES = 512 * 1024 * 1024  # or a twentieth of a small disk


class Room(msgspec.Struct, frozen=True):
    """What is left of a disk, in bytes, and whether that is too little for anything large."""

    free: int
    is_nearly_full: bool

    def __str__(self) -> str:
        return f"{self.free // 1024**2:,} MB free"


def room_at(folder: Path) -> Room:
    """Return what is left of the disk that ``folder`` is on."""
    disk = shutil.disk_usage(folder)
    return Room(disk.free, disk.free < min(LEAST_FREE_BYTES, disk.total // 20))
