"""Notes that bytes on the disk should stop opening: the wrapping key then rotates within a day."""

import datetime as dt

from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from tmr.repository.schema import erasures

# What is noted so names no account and is in no ledger. The word is from when only forgotten sign-ups were noted, and
# releases that still run know no other.
UNLISTED = "sign-up"


def make_rotation_due(connection: Connection, now: dt.datetime) -> None:
    """Make a rotation of the wrapping key due: something was destroyed whose bytes a key of the keyring still opens.

    All that is noted at one time shares a row.
    """
    _note(connection, now)


class RotationNotes:
    """Notes that a rotation is due for what happens often: all of a minute shares a row, of the end of that minute.

    Whoever writes that row waits for everyone, of any account, who has written it and not yet committed. So it is
    written last of all in a transaction.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._minutes: set[dt.datetime] = set()

    def note(self, now: dt.datetime) -> None:
        """Make a rotation due, once this transaction commits."""
        self._minutes.add(now.replace(second=0, microsecond=0) + dt.timedelta(minutes=1))

    def write(self) -> None:
        """Write what was noted; nothing else may be changed after it."""
        for minute in sorted(self._minutes):
            _note(self._connection, minute)


def _note(connection: Connection, now: dt.datetime) -> None:
    row = {"account_hash": b"", "erased": UNLISTED, "erased_at": now}
    connection.execute(insert(erasures).values(**row).on_conflict_do_nothing())
