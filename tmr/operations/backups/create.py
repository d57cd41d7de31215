"""Backups that forget: rows in one sealed file, keys in another, of which only the newest is kept.

A data file holds every row but the wrapped keys, for 30 days at the most; the keys file holds every wrapped key that
is not destroyed. What was erased since a data file was made is unreadable with the newest keys file, and a restore
erases it again by the ledger. Inside the seal (age) is a tar archive: what it is, numbered parts of PostgreSQL's COPY
text for each table, and at the end a manifest with rows and SHA-256 of each.
"""

import datetime as dt
import hashlib
import io
import logging
import tarfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec
from sqlalchemy import Engine

from tmr.operations.backups.age import seal_to_file
from tmr.operations.backups.names import (
    CLOCKS_APART,
    KEPT_FOR,
    MOST_BETWEEN,
    SCHEDULE,
    BackupFile,
    name_of,
    of_now,
    recognised,
)
from tmr.operations.backups.signing import STAMP, Stamper, sha256_of
from tmr.operations.backups.targets import Target
from tmr.privacy.export.archive import Sink
from tmr.repository.database.dump import KEYS, ROWS, Dump, alone, dumping

logger = logging.getLogger(__name__)

PART_BYTES = 1024 * 1024
ABOUT, MANIFEST, WRAPPING = "about.json", "manifest.json", "wrapping.json"
LEDGER = "erasures"
NEVER = dt.datetime.min.replace(tzinfo=dt.UTC)
Say = Callable[[str], None]
Clock = Callable[[], dt.datetime]


class Content(msgspec.Struct):
    """What a table of a backup holds: how many rows, and the SHA-256 of its COPY text."""

    rows: int
    sha256: str


class Manifest(msgspec.Struct):
    """The header of a backup, repeated at its end with the tables; a backup without that end is incomplete."""

    made_at: dt.datetime
    schema_version: str
    tables: dict[str, Content]
    columns: dict[str, list[str]]
    format: Literal["tmr-backup/1"] = "tmr-backup/1"


class Backups:
    """The backups of one installation at one target."""

    def __init__(self, engine: Engine, target: Target, spool: Path, ledger: Path, stamper: Stamper) -> None:
        self._engine = engine
        self._target = target
        self._spool = spool
        self._ledger = ledger
        self._stamper = stamper

    def files(self) -> list[BackupFile]:
        """Return the backup files at the target, the oldest first."""
        return recognised(self._target.list())

    def create(self, recipient: str, clock: Clock, say: Say, *, unless: Callable[[], bool] = lambda: False) -> None:
        """Make a data file and a keys file, publish both with the ledger, and remove older keys files.

        Finished files that an earlier try left in the spool are published first. While another backup of this database
        is under way this one waits; ``unless`` is asked then, and if it says so no other is made.
        """
        with alone(self._engine, say):
            self.refuse_others()
            self._publish_spooled(clock(), say)
            if unless():
                return
            self._make("data", ROWS, recipient, clock(), say)  # the time is taken now: it may have waited long
            self._publish_keys(recipient, clock(), say)
            self._target.tidy()

    def publish_keys(self, recipient: str, clock: Clock, say: Say) -> None:
        """Publish the ledger and a fresh keys file; older keys files go once the new one is there."""
        with alone(self._engine, say):
            self._publish_keys(recipient, clock(), say)

    def remove_keys(self, say: Say) -> None:
        """Remove every keys file, where no public key is known to seal another one for: no data opens from then on."""
        with alone(self._engine, say):
            self.refuse_others()
            self._remove([file.name for file in self.files() if file.half == "keys"])

    def remove_all(self) -> None:
        """Remove all that was published."""
        self.refuse_others()
        self._remove([*(file.name for file in self.files()), LEDGER, STAMP])

    def _remove(self, names: Iterable[str]) -> None:
        for name in names:
            self._target.remove(name)
        self._target.tidy()

    def refuse_others(self) -> None:
        """Raise ``TargetTakenError`` if another installation, or a copy of this one, publishes at the target."""
        self._stamper.refuse_others(self._target)

    def _publish_keys(self, recipient: str, now: dt.datetime, say: Say) -> None:
        self.refuse_others()  # also after a data file was made, which may take long
        self._remove_cut_off_keys()
        ledger = self._ledger.read_text(encoding="ascii") if self._ledger.exists() else ""
        if ledger:
            self._target.publish(self._ledger, LEDGER, _report_nothing)
        earlier = [file for file in self.files() if file.half == "keys"]  # the oldest first
        # The keys are read now, so this file must be named as the newest, even if another machine's clock is ahead.
        named = max([now, *(file.made_at + dt.timedelta(seconds=1) for file in earlier)])
        path = self._seal_half("keys", KEYS, recipient, named, say)
        # The ledger was read before the keys, so that it names no erasure whose keys may still be in the file.
        stamp = self._stamper.stamp(path, ledger, named)
        self._send(path, say)
        path.unlink()
        self._publish_stamp(stamp)
        self._stamper.note(stamp, recipient, now)
        for file in earlier:
            self._target.remove(file.name)

    def _remove_cut_off_keys(self) -> None:
        """Remove keys files that a kill left: they hold keys that may have been destroyed since."""
        for path in [*self._spool.glob("keys-*"), *self._spool.glob(".keys-*")]:
            path.unlink()
        self._target.tidy("keys-")

    def _publish_stamp(self, stamp: bytes) -> None:
        draft = self._spool / STAMP
        draft.write_bytes(stamp)
        self._target.publish(draft, STAMP, _report_nothing)
        draft.unlink()

    def is_due(self, now: dt.datetime) -> bool:
        """Whether the newest data file is older than the schedule wants, or has no keys file that is as new."""
        files = of_now(self.files(), now)
        data = max((file.made_at for file in files if file.half == "data"), default=NEVER)
        keys = max((file.made_at for file in files if file.half == "keys"), default=NEVER)
        return now - data >= SCHEDULE or keys < data

    def holds(self, then: dt.datetime, now: dt.datetime) -> bool:
        """Whether a data file was begun after ``then``, so that it holds all that was stored by that time."""
        return any(made_at > then + CLOCKS_APART for made_at in self._data_made_at(now))

    def waits_until(self, now: dt.datetime) -> dt.datetime | None:
        """Return when another data file may be made besides the schedule; None if one may be made now.

        What anyone can ask for must not fill the target: each file holds the whole installation, and is kept for
        30 days.
        """
        made_at = self._data_made_at(now)
        ends = [made_at[-most] + time for most, time in MOST_BETWEEN if len(made_at) >= most]
        return max((end for end in ends if end > now), default=None)

    def _data_made_at(self, now: dt.datetime) -> list[dt.datetime]:
        return [file.made_at for file in of_now(self.files(), now) if file.half == "data"]

    def prune(self, now: dt.datetime) -> list[str]:
        """Remove data files older than 30 days; return their names."""
        self.refuse_others()
        old = [file.name for file in self.files() if file.half == "data" and now - file.made_at > KEPT_FOR]
        for name in old:
            self._target.remove(name)
        self._stamper.forget_data(old, now)
        return old

    def publish_spooled(self, clock: Clock, say: Say) -> None:
        """Publish finished files that were not sent yet; remove drafts of a try that was killed."""
        with alone(self._engine, say):
            self.refuse_others()
            self._publish_spooled(clock(), say)

    def _publish_spooled(self, now: dt.datetime, say: Say) -> None:
        self._spool.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in sorted(self._spool.iterdir()):
            # A keys file is never sent late: since it was made, some of its keys may have been destroyed.
            if [file.half for file in recognised([(path.name, 0)])] == ["data"]:
                self._publish_data(path, now, say)
            path.unlink(missing_ok=True)

    def _make(self, half: str, tables: Iterable[Any], recipient: str, now: dt.datetime, say: Say) -> None:
        path = self._seal_half(half, tables, recipient, now, say)
        self._publish_data(path, now, say)

    def _publish_data(self, path: Path, now: dt.datetime, say: Say) -> None:
        digest = sha256_of(path)
        self._send(path, say)
        self._stamper.note_data(path.name, digest, now)
        path.unlink()  # only once it is noted: what a kill leaves here is sent and noted again

    def _seal_half(self, half: str, tables: Iterable[Any], recipient: str, now: dt.datetime, say: Say) -> Path:
        """Make a half of a backup in the spool, and return its path."""
        self._spool.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._spool / name_of(half, now)
        path.unlink(missing_ok=True)
        more = {WRAPPING: self._stamper.wrapping_keys} if half == "keys" else {}
        with dumping(self._engine) as dump:
            seal_to_file(archived(dump, tables, now, say, more), recipient, path)
        return path

    def _send(self, path: Path, say: Say) -> None:
        size, done = path.stat().st_size, 0

        def progress(count: int) -> None:
            nonlocal done
            done += count
            say(f"{path.name}: {done / 1e6:.1f} of {size / 1e6:.1f} MB sent")

        self._target.publish(path, path.name, progress)


def archived(
    dump: Dump, tables: Iterable[Any], now: dt.datetime, say: Say, more: Mapping[str, Callable[[], bytes]] | None = None
) -> Iterator[bytes]:
    """Yield a tar archive of tables in pieces, with ``more`` files after them; memory stays flat."""
    sink = Sink()
    tables = list(tables)
    manifest = Manifest(now, dump.version(), {}, {str(table.name): dump.columns(table) for table in tables})
    with tarfile.open(fileobj=sink, mode="w|", format=tarfile.PAX_FORMAT) as tar:
        _add(tar, ABOUT, msgspec.json.encode(manifest))
        for table in tables:
            digest, rows = hashlib.sha256(), 0
            for number, part in enumerate(_parts(dump.rows(table))):
                digest.update(part)
                rows += part.count(b"\n")
                _add(tar, f"{table.name}/{number:06}.copy", part)
                yield sink.take()
            manifest.tables[table.name] = Content(rows, digest.hexdigest())
            say(f"{table.name}: {rows:,} rows")
        for name, content in (more or {}).items():  # read now: a key that was added since may wrap rows above
            _add(tar, name, content())
        _add(tar, MANIFEST, msgspec.json.encode(manifest))
    yield sink.take()


def _parts(pieces: Iterable[bytes]) -> Iterator[bytes]:
    waiting = bytearray()
    for piece in pieces:
        waiting += piece
        if len(waiting) >= PART_BYTES:
            yield bytes(waiting)
            waiting.clear()
    if waiting:
        yield bytes(waiting)


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(content), 0o600
    tar.addfile(info, io.BytesIO(content))


def _report_nothing(_count: int) -> None:
    """Report no progress: the files are small."""
