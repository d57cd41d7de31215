"""The data directory: whether a server works in it or in one that it was copied from, and private files in it."""

import contextlib
import os
from pathlib import Path

import msgspec

from tmr.operations.data_folder import Folder, identity
from tmr.private_files import write_private


class KeyringHome(msgspec.Struct, frozen=True):
    """Whose keyring a file is: of the data directory at ``folder``, which is ``identity``. Kept beside the keyring."""

    keyring: str
    folder: str
    identity: str


def other_owner_of(keyring: Path, folder: Path) -> Path | None:
    """Return the data directory that the file ``keyring`` belongs to, if that is not ``folder`` and is still there.

    A copy of a keyring has no owner yet: it is at another path than the one that is noted.
    """
    noted = _noted_home(_note_beside(keyring))
    if noted is None or noted.keyring != str(keyring.resolve()) or noted.folder == str(folder.resolve()):
        return None
    return Folder(noted.folder, noted.identity).still_there()


def note_owner(keyring: Path, folder: Path) -> None:
    """Note beside the file ``keyring`` that it belongs to the data directory ``folder`` from now on."""
    note = _note_beside(keyring)
    here = KeyringHome(str(keyring.resolve()), str(folder.resolve()), identity(folder))
    if _noted_home(note) != here and os.access(keyring.parent, os.W_OK):
        write_private(note, msgspec.json.encode(here))


def _note_beside(keyring: Path) -> Path:
    return keyring.with_name(f"{keyring.name}.folder")


def _noted_home(note: Path) -> KeyringHome | None:
    try:
        return msgspec.json.decode(note.read_bytes(), type=KeyringHome)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


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


def is_original(pid: int | None, socket: str) -> bool:
    """Whether this server works in a data directory of the same ``socket`` as ours: the one that ours is a copy of."""
    try:
        noted = Path(f"/proc/{pid}/cwd/../postgres.json").read_text()
    except OSError:
        return False
    return f'"socket":"{socket}"' in noted


def socket_pid(folder: Path) -> int | None:
    """Return which server holds the socket in ``folder``, or None."""
    try:
        first = (folder / ".s.PGSQL.5432.lock").read_text().partition("\n")[0]
    except OSError:
        return None
    return int(first) if first.isdigit() else None


def is_postgres(pid: int | None) -> bool:
    """Whether this process is a PostgreSQL server that is alive."""
    if pid is None:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    state = Path(f"/proc/{pid}/stat")
    if not state.parent.parent.joinpath("self").exists():
        return True
    with contextlib.suppress(OSError):
        name, _, rest = state.read_text().partition("(")[2].rpartition(")")
        return name == "postgres" and rest.split()[0] != "Z"
    return False
