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

from tmr.errors import OperatorError
from tmr.operations.backups.create import LEDGER, MANIFEST, WRAPPING, Content, Manifest, Say
from tmr.operations.backups.names import KEPT_FOR, BackupFile, of_now, recognised
from tmr.operations.backups.signing import Stamp, StampError, read_stamp, stamp_at
from tmr.operations.backups.targets import Target
from tmr.privacy.erasure.ledger import parse_ledger
from tmr.repository.database.dump import BY_NAME, Dump, Restoration, dumping
from tmr.repository.database.migrate import HEAD, VERSIONS
from tmr.repository.erasure import Erasure
from tmr.repository.errors import DatabaseError
from tmr.repository.keys.keyring_store import KeyringStore

PIECE_BYTES = 1024 * 1024
EMPTY = Content(0, hashlib.sha256(b"").hexdigest())


class RestoreError(OperatorError):
    """The backup cannot be restored; the message says why, and nothing was written."""


class WrappingKeys(msgspec.Struct, frozen=True):
    """The wrapping keys of a keyring, base64, by their ids, and which one wraps."""

    primary: str
    wrapping: dict[str, str]


class Chosen(msgspec.Struct):
    """Two files that belong together, and the ledger."""

    data: BackupFile
    keys: BackupFile
    erasures: list[Erasure]
    counter: int = 0
    published_at: dt.datetime | None = None
    named: dict[str, str] = {}  # the data files that the stamp names


class Restored(msgspec.Struct):
    """The outcome of a restore: rows of each table, accounts that were erased again, rows that no key opens."""

    made_at: dt.datetime
    rows: dict[str, int]
    erased_again: int
    left_out: int


def choose(target: Target, at: dt.datetime | None, ledger: Path, now: dt.datetime, store: KeyringStore) -> Chosen:
    """Return the newest data file (made at ``at`` or before), the keys file, and every erasure that is known.

    The keys file and the ledger are those that the stamp names, with its counter; a backup from a release without
    stamps has counter 0 and its newest keys file.

    Raises:
        RestoreError: a file is missing or was exchanged, the data is older than 30 days, or there is no ledger.
    """
    files = of_now(recognised(target.list()), now)
    data = [file for file in files if file.half == "data" and (at is None or file.made_at <= at)]
    keys = [file for file in files if file.half == "keys"]
    stamp = _read_stamp(target, store)
    if not data or not keys:
        raise RestoreError(f"There is no {'data' if not data else 'keys'} file of a backup to restore.")
    named = keys[-1] if stamp is None else next((file for file in keys if file.name == stamp.keys_name), None)
    if named is None:
        raise RestoreError("The keys file that the stamp names is missing, and others may lack its keys.")
    if now - data[-1].made_at > KEPT_FOR:
        raise RestoreError(f"{data[-1].name} is older than 30 days: what was erased since is no longer known.")
    if data[-1].made_at > named.made_at:
        raise RestoreError(
            f"{data[-1].name} is newer than {named.name}, which may lack its keys. Restore an earlier one with "
            f"--at {named.made_at:%Y-%m-%dT%H:%M:%S}, or run `tmr backup create` where the database still exists."
        )
    erasures = _collect_erasures(target, ledger)
    if stamp is None:
        return Chosen(data[-1], named, erasures)
    _check_digest(target, stamp.keys_name, stamp.keys_sha256)
    _check_data_file(target, stamp, data[-1], at)
    # The published ledger itself is not signed: its lines could have been changed.
    stamped = parse_ledger(stamp.ledger.encode(), LEDGER) if stamp.ledger else []
    erasures = sorted({*stamped, *_erasures_noted_here(ledger)})
    return Chosen(data[-1], named, erasures, stamp.counter, stamp.made_at, stamp.data)


def _check_data_file(target: Target, stamp: Stamp, data: BackupFile, at: dt.datetime | None) -> None:
    """Raise ``RestoreError`` for a data file that was never published, or if a newer one is missing."""
    if not stamp.data:  # made by a release that did not note them
        return
    if data.name not in stamp.data:
        raise RestoreError(f"{data.name} is not among the data files that the stamp names.")
    newest = max(file for file in recognised((name, 0) for name in stamp.data) if at is None or file.made_at <= at)
    if newest.name != data.name:
        raise RestoreError(
            f"{newest.name} is missing from the target. To restore an older one, give its time with --at."
        )
    _check_digest(target, data.name, stamp.data[data.name])


def _read_stamp(target: Target, store: KeyringStore) -> Stamp | None:
    content = stamp_at(target)
    try:
        return read_stamp(content, store) if content else None
    except StampError as error:
        raise RestoreError(str(error)) from None


def _check_digest(target: Target, name: str, sha256: str) -> None:
    digest = hashlib.sha256()
    with target.opened(name) as file:
        while piece := file.read(PIECE_BYTES):
            digest.update(piece)
    if digest.hexdigest() != sha256:
        raise RestoreError(f"{name} is not the file that was published under that name.")


def wrapping_of(target: Target, chosen: Chosen, identity: Any) -> WrappingKeys | None:
    """Return the wrapping keys that the keys file holds; None for a file of a release that put none there."""
    with archive_of(target, chosen.keys.name, identity) as parts:
        contents = [content for name, content in parts if name == WRAPPING]
    return msgspec.json.decode(contents[0], type=WrappingKeys) if contents else None


def fill(restoration: Restoration, target: Target, chosen: Chosen, identity: Any, say: Say) -> Restored:
    """Load both files, and erase again what was erased since; raise ``RestoreError`` for an incomplete file."""
    rows: dict[str, int] = {}
    with archive_of(target, chosen.keys.name, identity) as parts:
        _load(restoration, parts, rows, say)
    with archive_of(target, chosen.data.name, identity) as parts:
        manifest = _load(restoration, parts, rows, say)
    dropped = restoration.dropped
    if restoration.update():
        say(f"Upgraded the tables from schema {manifest.schema_version} to {HEAD}.")
        with archive_of(target, chosen.keys.name, identity) as parts:
            _load(restoration, parts, {}, lambda _words: None)
    if not restoration.opens():
        raise RestoreError("The keyring is not that of the installation that was backed up: it opens nothing.")
    erased = restoration.forget(chosen.erasures, manifest.made_at)
    return Restored(manifest.made_at, rows, erased, dropped)


def schema_of(target: Target, chosen: Chosen, identity: Any, now: dt.datetime) -> str:
    """Return the version of the schema that the data file was made with.

    Raises:
        RestoreError: a file is of a later release than this one, does not open to its end, or is not what it is called.
    """
    keys, data = (_read_about(target, file, identity) for file in (chosen.keys, chosen.data))
    made_at = data.made_at if data.made_at.tzinfo else data.made_at.replace(tzinfo=dt.UTC)
    if not dt.timedelta() <= made_at - chosen.data.made_at < dt.timedelta(seconds=1):
        raise RestoreError(
            f"{chosen.data.name} was made at another time than its name says, at {made_at:%Y-%m-%d %H:%M:%S} UTC."
        )
    if now - made_at > KEPT_FOR:
        raise RestoreError(f"{chosen.data.name} is older than 30 days: what was erased since is no longer known.")
    if data.schema_version > keys.schema_version:
        raise RestoreError(
            f"{chosen.keys.name} is from an earlier release than {chosen.data.name}: they do not fit together."
        )
    return data.schema_version


def _read_about(target: Target, file: BackupFile, identity: Any) -> Manifest:
    with archive_of(target, file.name, identity) as parts:
        about = _read_manifest(parts)
        for _ in parts:  # read to the end, so that the whole seal is checked before anything is written
            pass
    if about.schema_version not in VERSIONS:
        raise RestoreError(
            f"{file.name} was made with schema {about.schema_version}, which is unknown here ({HEAD} is known): "
            "restore it with the release that made it, or a later one."
        )
    return about


def _read_manifest(parts: Iterator[tuple[str, bytes]]) -> Manifest:
    _, content = next(parts, ("", b""))
    return _decode_manifest(content)


def _decode_manifest(content: bytes) -> Manifest:
    try:
        return msgspec.json.decode(content, type=Manifest)
    except msgspec.DecodeError as error:
        raise RestoreError(f"The backup does not say what it is: {error}.") from error


def differing(
    engine: Engine, target: Target, file: BackupFile, identity: Any, *, may_lack_rows: bool = False
) -> list[str]:
    """Return the tables whose rows in the database differ from those in a data file, byte by byte.

    With ``may_lack_rows`` tables with fewer rows are skipped: the keys of the missing rows are destroyed.
    """
    with archive_of(target, file.name, identity) as parts:
        manifest = next(_decode_manifest(content) for name, content in parts if name == MANIFEST)
        for _ in parts:
            pass
    with dumping(engine) as dump:
        pairs = [
            (name, was, _measure_table(dump, name, manifest.columns[name])) for name, was in manifest.tables.items()
        ]
    return [name for name, was, now in pairs if was != now and not (may_lack_rows and now.rows < was.rows)]


def _measure_table(dump: Dump, name: str, columns: list[str]) -> Content:
    seen = _Counted(dump.rows(BY_NAME[name], columns))
    for _ in seen:
        pass
    return Content(*seen.sum())


@contextlib.contextmanager
def archive_of(target: Target, name: str, identity: Any) -> Iterator[Iterator[tuple[str, bytes]]]:
    """Open a sealed file, and yield its parts with their names, one after the other.

    Raises:
        RestoreError: the identity does not open it, or it is cut off.
    """
    with target.opened(name) as sealed, _Opened(sealed, identity) as plain:
        try:
            with tarfile.open(fileobj=plain.reading, mode="r|") as tar:
                files = (info for info in tar if info.isfile())
                yield ((info.name, tar.extractfile(info).read()) for info in files)  # type: ignore[union-attr]
        except tarfile.TarError as error:
            raise RestoreError(f"{name} does not open: {plain.error or error}") from error
        if plain.error:
            raise RestoreError(f"{name} does not open: {plain.error}")


def read_identity(path: Path) -> Any:
    """Read an age identity file, as ``age-keygen`` writes it; raise ``RestoreError`` for any other file."""
    try:
        lines = [line.strip() for line in path.read_text(encoding="ascii").splitlines()]
        keys = [pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except (pyrage.IdentityError, UnicodeDecodeError) as error:
        raise RestoreError(f"{path.name} is not an age identity file.") from error
    except OSError as error:
        raise RestoreError(f"{path} cannot be read: {error.strerror}.") from error
    if not keys:
        raise RestoreError(f"{path.name} holds no age identity.")
    return keys


def _load(restoration: Restoration, parts: Iterator[tuple[str, bytes]], rows: dict[str, int], say: Say) -> Manifest:
    about = _read_manifest(parts)
    contents = dict.fromkeys(about.columns, EMPTY)
    for name, group in groupby(parts, lambda part: part[0].partition("/")[0]):
        if name == WRAPPING:
            for _ in group:
                pass
            continue
        if name == MANIFEST:
            return _refuse_damage(_decode_manifest(next(group)[1]), contents)
        seen = _Counted(content for _, content in group)
        try:
            rows[name] = restoration.load(name, about.columns[name], seen)
        except (KeyError, ValueError, DatabaseError) as error:
            raise RestoreError(f"The backup does not fit this release: {name} ({type(error).__name__}).") from error
        contents[name] = Content(*seen.sum())
        say(f"{name}: {rows[name]:,} rows")
    raise RestoreError("The backup is incomplete: it has no manifest.")


def _refuse_damage(manifest: Manifest, contents: dict[str, Content]) -> Manifest:
    for name in contents.keys() | manifest.tables.keys():
        if manifest.tables.get(name) != contents.get(name):
            raise RestoreError(f"The backup is damaged: {name} is not what its manifest says.")
    return manifest


def _collect_erasures(target: Target, ledger: Path) -> list[Erasure]:
    published = []
    is_there = LEDGER in dict(target.list())
    if is_there:
        with target.opened(LEDGER) as file:
            published = parse_ledger(file.read(), LEDGER)
    if not is_there and not ledger.exists():
        raise RestoreError(
            "There is no erasure ledger, neither here nor beside the backups, so what was erased is not known."
        )
    return sorted({*published, *_erasures_noted_here(ledger)})


def _erasures_noted_here(ledger: Path) -> list[Erasure]:
    return parse_ledger(ledger.read_bytes(), ledger.name) if ledger.exists() else []


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

    def sum(self) -> tuple[int, str]:
        return self._rows, self._digest.hexdigest()


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
        # Closing writes what is left, which the reader may no longer want: that is no error of what was sealed.
        with contextlib.suppress(OSError), os.fdopen(self._writing, "wb") as writing:
            try:
                pyrage.decrypt_io(sealed, writing, identity)
            except (pyrage.DecryptError, OSError) as error:
                self.error = str(error)
