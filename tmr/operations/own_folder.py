"""The data directory: whether a server works in it or in one that it was copied from, and private files in it."""

import os
from pathlib import Path


def identity(folder: Path) -> str:
    """Return by what a folder is told from a copy of it: its device and inode."""
    found = folder.stat()
    return f"{found.st_dev}:{found.st_ino}"


def works_in(pid: int | None, folder: Path) -> bool:
    """Whether this process works in ``folder``; where the system does not tell, it is taken to."""
    try:
        there = os.stat(f"/proc/{pid}/cwd")
    except OSError:
        return True
    try:
        here = folder.stat()
    except FileNotFoundError:
        return False
    return (there.st_dev, there.st_ino) == (here.st_dev, here.st_ino)


def socket_pid(folder: Path) -> int | None:
    """Return which server holds the socket in ``folder``, or None."""
    try:
        first = (folder / ".s.PGSQL.5432.lock").read_text().partition("\n")[0]
    except OSError:
        return None
    return int(first) if first.isdigit() else None


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    temporary = path.with_suffix(".new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(path)
