"""Files that only their owner may read: keys, the erasure ledger, counters, mails of the outbox."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path


def write_private(path: Path, content: str | bytes, *, is_new: bool = False) -> None:
    """Write a file with mode 0600, whole or not at all, and flushed to the disk.

    A file that it replaces keeps its owner, so that what root writes stays readable to the user that the app runs as.

    Raises:
        FileExistsError: it must be new, and something is there; that is left as it is.
    """
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.draft.")
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            _take_owner_of(path, descriptor)
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            # Before the rename: after a power cut the name must not lead to a file whose content never arrived.
            os.fsync(file.fileno())
        if is_new:
            _put_where_nothing_is(draft, path)
        else:
            draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    sync_folder(path.parent)


def _put_where_nothing_is(draft: Path, path: Path) -> None:
    try:
        os.link(draft, path)
    except FileExistsError:
        raise
    except OSError:  # no hard links there, such as on a USB stick: claim the name first, then put the file under it
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        draft.replace(path)


def _take_owner_of(path: Path, descriptor: int) -> None:
    if os.name == "posix" and os.getuid() == 0 and path.exists():
        os.fchown(descriptor, path.stat().st_uid, path.stat().st_gid)


def sync_folder(folder: Path) -> None:
    """Flush a folder to the disk, where the system allows it: a rename in it then survives a power cut."""
    with suppress(OSError):  # not every system lets a folder be opened
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
