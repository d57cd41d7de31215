"""Backups by the names of their files: ``data-<time>.age`` and ``keys-<time>.age``."""

import datetime as dt
import re
from collections.abc import Iterable
from contextlib import suppress

import msgspec

KEPT_FOR = dt.timedelta(days=30)
SCHEDULE = dt.timedelta(hours=24)
AHEAD = dt.timedelta(hours=1)
FAR = dt.datetime(9000, 1, 1, tzinfo=dt.UTC)
MOST_BETWEEN = (
    (3, dt.timedelta(hours=1)),
    (12, dt.timedelta(hours=24)),
)  # data files that are made besides the schedule
CLOCKS_APART = dt.timedelta(minutes=1)  # at most, of the machines of an installation
LATE_AFTER = SCHEDULE + dt.timedelta(hours=2)
_NAME = re.compile(r"(data|keys)-(\d{8}T\d{6}Z)\.age")


class BackupFile(msgspec.Struct, frozen=True, order=True):
    """One file of a backup: when it was made, and which half it is."""

    made_at: dt.datetime
    half: str
    name: str
    size: int = 0


def name_of(half: str, made_at: dt.datetime) -> str:
    """Return the name of a file of a backup."""
    return f"{half}-{made_at.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}.age"


def recognised(names: Iterable[tuple[str, int]]) -> list[BackupFile]:
    """Return the backup files among names with sizes, the oldest first; skip anything else."""
    files = []
    for name, size in names:
        if match := _NAME.fullmatch(name):
            with suppress(ValueError):  # not a valid time, so not a backup of ours
                made_at = dt.datetime.strptime(match[2], "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC)
                if made_at < FAR:
                    files.append(BackupFile(made_at, match[1], name, size))
    return sorted(files)


def of_now(files: Iterable[BackupFile], now: dt.datetime) -> list[BackupFile]:
    """Leave out files from a machine whose clock was ahead: they would pass for the newest until that time comes."""
    return [file for file in files if file.made_at <= now + AHEAD]
