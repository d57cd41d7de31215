"""The erasure ledger: a file next to the keyring of what was erased, so that it is erased from a restored backup too.

Each line has the time, what was erased (``data`` or ``account``) and a keyed hash of the account's id. The database has
a mirror, written in the same transaction as the erasure; after each erasure the file and the mirror are merged.
"""

import contextlib
import datetime as dt
from collections.abc import Iterable, Iterator
from pathlib import Path

from tmr.errors import OperatorError
from tmr.private_files import write_private
from tmr.repository.erasure import ACCOUNT, ALL_DATA, Erasure
from tmr.repository.repository import Repository

KEPT_FOR = dt.timedelta(days=30)  # as long as backups are
HEADER = "tmr-erasures/1"


class LedgerError(OperatorError):
    """The file is not a ledger, or not a whole one; the message names it."""


def bring_together(repository: Repository, path: Path, now: dt.datetime) -> list[Erasure]:
    """Merge the last 30 days of the file and its mirror into both, and return them.

    Raises:
        LedgerError: the file is not an erasure ledger; it is left as it is.
        OSError: the file cannot be read or written.
    """
    with _locked(path):
        in_file = read_ledger(path)
        with repository.installation() as installation:
            mirrored = set(installation.erasures.list())
            installation.erasures.put([entry for entry in in_file if entry not in mirrored])
            installation.erasures.forget(now - KEPT_FOR)
            installation.commit()
        merged = [entry for entry in sorted({*in_file, *mirrored}) if entry.erased_at >= now - KEPT_FOR]
        if merged != in_file or not path.exists():
            write_ledger(path, merged)
    return merged


def read_ledger(path: Path) -> list[Erasure]:
    """Return the entries of the file, oldest first; none if there is no file.

    Raises:
        LedgerError: the file is not an erasure ledger, or was cut off.
    """
    return parse_ledger(path.read_bytes(), str(path)) if path.exists() else []


def parse_ledger(content: bytes, name: str) -> list[Erasure]:
    """Return the entries of a ledger, or raise ``LedgerError`` with its ``name``."""
    try:
        header, *lines = content.decode("ascii").splitlines() or [""]
        entries = [_parse_line(line) for line in lines]
    except ValueError as error:
        raise LedgerError(f"{name} has a line that does not belong in an erasure ledger.") from error
    if header != f"{HEADER} {len(entries)}":
        raise LedgerError(f"{name} is not an erasure ledger, or part of it is missing.")
    return entries


def write_ledger(path: Path, entries: Iterable[Erasure]) -> None:
    """Write the file with mode 0600; if that fails, the old one stays."""
    lines = [f"{entry.erased_at.isoformat()} {entry.erased} {entry.account_hash}" for entry in entries]
    write_private(path, "\n".join([f"{HEADER} {len(lines)}", *lines]) + "\n")


def _parse_line(line: str) -> Erasure:
    at, erased, account_hash = line.split(" ")
    entry = Erasure(dt.datetime.fromisoformat(at), erased, bytes.fromhex(account_hash).hex())
    if entry.erased_at.tzinfo is None or erased not in (ALL_DATA, ACCOUNT):
        raise ValueError(line)
    return entry


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Let only one process at a time work on the file, where the system has file locks: merging reads, then writes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(path.name + ".lock").open("w") as lock:
        with contextlib.suppress(ImportError):
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
