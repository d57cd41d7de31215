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


def make_rotation_due_often(connection: Connection, now: dt.datetime) -> None:
    """Make a rotation due for what happens often: all of a minute shares a row, of the end of that minute."""
    _note(connection, now.replace(second=0, microsecond=0) + dt.timedelta(minutes=1))


def _note(connection: Connection, now: dt.datetime) -> None:
    row = {"account_hash": b"", "erased": UNLISTED, "erased_at": now}
    connection.execute(insert(erasures).values(**row).on_conflict_do_nothing())
