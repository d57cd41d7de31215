"""Beginning again without what opens locked records: they go a week after that was asked for, unless it is stopped.

Whoever reads the mails of an account can set a new password for it. The week is for its owner to notice. When it is
over is noted at the newest key of the records, and ends with that key.
"""

import datetime as dt

from sqlalchemy import ColumnElement, Connection, select, update

from tmr.crypto.envelope import RECORDS
from tmr.repository.keys.owner_keys import OwnerKeys
from tmr.repository.schema import data_keys

WAITS = dt.timedelta(days=7)


class BeginningAgain:
    """Whether the records of the owner that a unit of work is bound to are to go."""

    def __init__(self, connection: Connection, owner_keys: OwnerKeys) -> None:
        self._connection = connection
        self._owner_keys = owner_keys

    def at(self) -> dt.datetime | None:
        """Return when the records go, or None if nobody asked for that."""
        query = select(data_keys.c.begins_again_at).where(*self._keys_of_records())
        return max(filter(None, self._connection.scalars(query)), default=None)

    def begin(self, now: dt.datetime) -> bool:
        """Let the records go in a week; return False if that was begun already, and its time stays."""
        newest = data_keys.c.key_id == max(self._owner_keys.ids(RECORDS))
        unset = data_keys.c.begins_again_at.is_(None)
        query = update(data_keys).where(*self._keys_of_records(), newest, unset).values(begins_again_at=now + WAITS)
        return bool(self._connection.execute(query).rowcount)

    def stop(self) -> bool:
        """Let the records stay; return whether they would have gone."""
        is_set = data_keys.c.begins_again_at.is_not(None)
        query = update(data_keys).where(*self._keys_of_records(), is_set).values(begins_again_at=None)
        return bool(self._connection.execute(query).rowcount)

    def is_due(self, now: dt.datetime) -> bool:
        """Whether the week is over, and the lock still on. Someone who stops it just then is waited for."""
        if not self._owner_keys.is_locked(RECORDS):
            return False
        columns = select(data_keys.c.begins_again_at).where(*self._keys_of_records()).with_for_update()
        return any(at is not None and at <= now for at in self._connection.scalars(columns))

    def _keys_of_records(self) -> tuple[ColumnElement[bool], ...]:
        return data_keys.c.owner_id == self._owner_keys.owner, data_keys.c.purpose == RECORDS
