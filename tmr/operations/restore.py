"""Restoring: a data file and the newest keys file into an empty database, with the ledger's erasures done again."""

import contextlib
import datetime as dt
import hashlib
import os
import tarfile
import threading
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import pyrage
from sqlalchemy import Engine

from tmr.operations.backup import ABOUT, LEDGER, MANIFEST, Content, Manifest, Say
from tmr.operations.backup_files import KEPT_FOR, BackupFile, recognised
from tmr.operations.backup_targets import Target
from tmr.privacy.ledger import parse_ledger
from tmr.repository.dump import KEYS, ROWS, Dump, Restoration, dumping
from tmr.repository.house import Erasure
from tmr.repository.migrate import HEAD


class RestoreError(Exception):
    """The backup cannot be restored; the message says why, and nothing was written."""


class Chosen(msgspec.Struct):
    """The two files that belong together, and the ledger."""

    data: BackupFile
    keys: BackupFile
    erasures: list[Erasure]


class Restored(msgspec.Struct):
    """What a restore came to: rows of each table, accounts that were erased again, rows that no key opens any more."""

    made_at: dt.datetime
    rows: dict[str, int]
    erased_again: int
    left_out: int


def choose(target: Target, at: dt.datetime | None, ledger: Path, now: dt.datetime) -> Chosen:
    """Return the newest data file (made at ``at`` or before), the newest keys file, and every erasure that is known.

    Raises:
        RestoreError: a file is missing, the data is older than 30 days, or there is no ledger.
    """
    found = recognised(target.list())
    data = [one for one in found if one.half == "data" and (at is None or one.made_at <= at)]
    keys = [one for one in found if one.half == "keys"]
    if not data or not keys:
        raise RestoreError(f"There is no {'data' if not data else 'keys'} file of a backup to restore.")
    if now - data[-1].made_at > KEPT_FOR:
        raise RestoreError(f"{data[-1].name} is older than 30 days: what was erased since can no longer be told.")
    return Chosen(data[-1], keys[-1], _erasures(target, ledger))


def fill(restoration: Restoration, target: Target, chosen: Chosen, identity: Any, say: Say) -> Restored:
    """Load both files, and erase again what was erased since; raise ``RestoreError`` for a file that is not whole."""
    rows: dict[str, int] = {}
    manifest = Manifest(chosen.data.made_at, "", {})
    for file, tables in ((chosen.keys, KEYS), (chosen.data, ROWS)):
        with archive_of(target, file.name, identity) as parts:
            manifest = _load(restoration, parts, [table.name for table in tables], rows, say)
    erased = restoration.forget(chosen.erasures, manifest.made_at)
    return Restored(manifest.made_at, rows, erased, restoration.dropped)


def check_version(target: Target, file: BackupFile, identity: Any) -> None:
    """Raise ``RestoreError`` for a backup that another version of the schema made."""
    with archive_of(target, file.name, identity) as parts:
        _, content = next(parts)
        about = msgspec.json.decode(content, type=Manifest)
        for _ in parts:  # read to the end, so that the file's seal is checked before anything is written
            pass
    if about.schema_version != HEAD:
        raise RestoreError(
            f"{file.name} was made with schema {about.schema_version}, this release has {HEAD}: restore it with the "
            "release that made it, then update."
        )


def differing(engine: Engine, target: Target, file: BackupFile, identity: Any) -> list[str]:
    """Return the tables whose rows in the database differ from those in a data file, compared to the byte."""
    with archive_of(target, file.name, identity) as parts:
        manifest = next(msgspec.json.decode(content, type=Manifest) for name, content in parts if name == MANIFEST)
        for _ in parts:
            pass
    with dumping(engine) as dump:
        return [table.name for table in ROWS if manifest.tables.get(table.name) != _content(dump, table)]


def _content(dump: Dump, table: Any) -> Content:
    seen = _Counted(dump.rows(table))
    for _ in seen:
        pass
    digest, rows = seen.sum()
    return Content(rows, digest)


@contextlib.contextmanager
def archive_of(target: Target, name: str, identity: Any) -> Iterator[Iterator[tuple[str, bytes]]]:
    """Open a sealed file, and give its parts with their names, one after the other.

    Raises:
        RestoreError: the identity does not open it, or it is cut off.
    """
    with target.opened(name) as sealed, _Opened(sealed, identity) as plain:
        try:
            with tarfile.open(fileobj=plain.reading, mode="r|") as tar:
                yield ((info.name, tar.extractfile(info).read()) for info in tar)  # type: ignore[union-attr]
        except tarfile.TarError as error:
            raise RestoreError(f"{name} does not open: {plain.error or error}") from error
        if plain.error:
            raise RestoreError(f"{name} does not open: {plain.error}")


def read_identity(path: Path) -> Any:
    """Read an age identity file, as ``age-keygen`` writes it; raise ``RestoreError`` if it is none."""
    lines = [line.strip() for line in path.read_text(encoding="ascii").splitlines()]
    keys = [line for line in lines if line and not line.startswith("#")]
    try:
        return [pyrage.x25519.Identity.from_str(key) for key in keys]
    except pyrage.IdentityError as error:
        raise RestoreError(f"{path.name} is no age identity file.") from error


def _load(
    restoration: Restoration, parts: Iterator[tuple[str, bytes]], names: list[str], rows: dict[str, int], say: Say
) -> Manifest:
    digests = {name: (hashlib.sha256(b"").hexdigest(), 0) for name in names}
    for name, group in groupby(parts, lambda part: part[0].partition("/")[0]):
        if name == ABOUT:
            next(group)
            continue
        if name == MANIFEST:
            return _checked(msgspec.json.decode(next(group)[1], type=Manifest), digests)
        seen = _Counted(content for _, content in group)
        rows[name] = restoration.load(name, seen)
        digests[name] = seen.sum()
        say(f"{name}: {rows[name]:,} rows")
    raise RestoreError("The backup is not whole: it has no manifest.")


def _checked(manifest: Manifest, digests: dict[str, tuple[str, int]]) -> Manifest:
    for name, (digest, count) in digests.items():
        if manifest.tables.get(name) != Content(count, digest):
            raise RestoreError(f"The backup is damaged: {name} is not what its manifest says.")
    return manifest


def _erasures(target: Target, ledger: Path) -> list[Erasure]:
    published = []
    is_there = LEDGER in dict(target.list())
    if is_there:
        with target.opened(LEDGER) as file:
            published = parse_ledger(file.read(), LEDGER)
    if not is_there and not ledger.exists():
        raise RestoreError(
            "There is no erasure ledger, neither here nor beside the backups: what was erased is not known."
        )
    own = parse_ledger(ledger.read_bytes(), ledger.name) if ledger.exists() else []
    return sorted({*published, *own})


class _Counted:
    """Passes pieces on, counting rows and hashing."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._digest = hashlib.sha256()
        self._rows = 0

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self._digest.update(piece)
            self._rows += piece.count(b"\n")
            yield piece

    def sum(self) -> tuple[str, int]:
        return self._digest.hexdigest(), self._rows


class _Opened:
    """Opens a sealed stream in a thread that writes into a pipe, since the library writes and the reader reads."""

    def __init__(self, sealed: BinaryIO, identity: Any) -> None:
        reading, self._writing = os.pipe()
        self.reading = os.fdopen(reading, "rb")
        self.error = ""
        self._thread = threading.Thread(target=self._pump, args=(sealed, identity), daemon=True)

    def __enter__(self) -> "_Opened":
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.reading.close()
        self._thread.join()

    def _pump(self, sealed: BinaryIO, identity: Any) -> None:
        with os.fdopen(self._writing, "wb") as writing:
            try:
                pyrage.decrypt_io(sealed, writing, identity)
            except (pyrage.DecryptError, OSError) as error:
                self.error = str(error)
            with contextlib.suppress(OSError):
                writing.flush()
