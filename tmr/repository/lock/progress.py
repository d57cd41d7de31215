"""How far a lock is that is being turned on, or whose key is being renewed."""

import datetime as dt

import msgspec
from sqlalchemy import Connection, select

from tmr.crypto.envelope import RECORDS
from tmr.repository.keys.owner_keys import OwnerKeys
from tmr.repository.keys.resealing import EVERYTHING, left_under_old_keys, sealed_rows
from tmr.repository.schema import data_keys


class Progress(msgspec.Struct, frozen=True):
    """Rows that are resealed under the key of this number, and all; when the last was done, and earlier keys went."""

    key_id: int
    done: int
    total: int
    resealed_at: dt.datetime | None
    destroyed_at: dt.datetime | None


def progress_of(connection: Connection, owner_keys: OwnerKeys) -> Progress:
    """Return how far the records of an account are under their newest key."""
    newest = max(owner_keys.ids(RECORDS))
    this_key = (data_keys.c.owner_id == owner_keys.owner, data_keys.c.key_id == newest)
    columns = (data_keys.c.resealed_at, data_keys.c.wrap_destroyed_at)
    times = connection.execute(select(*columns).where(*this_key)).one()
    total = sealed_rows(connection, owner_keys)
    left = left_under_old_keys(connection, owner_keys, EVERYTHING)
    return Progress(newest, total - left, total, times.resealed_at, times.wrap_destroyed_at)
