"""The erasure ledger: a file beside the keyring that says what was erased, so that a restored backup can forget it too.

Each line has the time, what was erased (``data`` or ``account``) and a keyed hash of whose it was. The database holds a
mirror, written in the transaction of the erasure itself; the file and the mirror are merged after each one.
"""

import contextlib
import datetime as dt
from collections.abc import Iterable, Iterator
from pathlib import Path

from tmr.errors import OperatorError
from tmr.private_files import write_private
from tmr.repository.erasure import ACCOUNT, ALL_DATA, Erasure
from tmr.repository.repository import Repository

KEPT_FOR = dt.timedelta(days=30)
HEADER = "tmr-erasures/1"


class LedgerError(OperatorError):
    """The file is not a ledger; the message says which."""


def bring_together(repository: Repository, path: Path, now: dt.datetime) -> list[Erasure]:
    """Merge the last 30 days of the file and its mirror into both, and return them.

    Raises:
        LedgerError: the file is not an erasure ledger; it is left as it is.
        OSError: it cannot be read or written.
    """
    with _locked(path):
        known = read_ledger(path)
        with repository.installation() as installation:
            mirrored = set(installation.erasures.list())
            installation.erasures.put([entry for entry in known if entry not in mirrored])
            installation.erasures.forget(now - KEPT_FOR)
            installation.commit()
        kept = [entry for entry in sorted({*known, *mirrored}) if entry.erased_at >= now - KEPT_FOR]
        if kept != known or not path.exists():
            write_ledger(path, kept)
    return kept


def read_ledger(path: Path) -> list[Erasure]:
    """Return the entries of the file, the oldest first; none if there is no file.

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
    """Write the file, mode 0600, whole or not at all."""
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
    """Let only one process at a time work on the file, where the system has file locks."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(path.name + ".lock").open("w") as lock:
        with contextlib.suppress(ImportError):
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
