"""How many records of each kind an owner has, kept beside them so that no request counts rows; and how many may be.

Filters, sorting, the board and insights open the summary of every record of a kind, since nothing can be compared while
it is sealed: about 0.4 s and 20 MB for 50,000 usual ones. The longest searches have some thousand records; what is
beyond the limit came by mistake, or to keep the server busy. Timelines have an entry for each move, so theirs is
higher.
"""

from collections.abc import Mapping

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from tmr.domain.fields.kind import Kind
from tmr.domain.kinds import BY_KEY
from tmr.domain.kinds.event import EVENT
from tmr.repository.database.connections import read_all
from tmr.repository.errors import TooManyRecordsError
from tmr.repository.keys.owner_keys import OwnerKeys
from tmr.repository.schema import record_counts

_MARKS = "SELECT kind, xmin::text FROM record_counts WHERE owner_id = %(owner)s"

MOST_RECORDS = 50_000
MOST_ENTRIES = 100_000


def most_of(kind: Kind) -> int:
    """Return how many records of ``kind`` one account may have, without those in the trash."""
    return MOST_ENTRIES if kind.key == EVENT.key else MOST_RECORDS


class RecordCounts:
    """The counts of one owner.

    What a transaction adds and removes is noted here, and written when a count is asked for or at the commit. The
    write locks the row, and no other transaction of this owner can add a record until the end: so it comes late.
    """

    def __init__(self, connection: Connection, owner_keys: OwnerKeys, at_claim: Mapping[str, int] | None) -> None:
        self._connection = connection
        self._before = at_claim  # how many there were when this unit of work began; None if that was not asked yet
        self.at_claim = sum((at_claim or {}).values())
        self._owner = owner_keys.owner
        self._noted: dict[str, int] = {}
        self._marks: dict[str, str] | None = None
        self.changes: dict[str, int] = {}  # by how much each count differs from before this transaction

    def note(self, kind: Kind, difference: int) -> None:
        """Note that this many records of ``kind`` were added, or removed if negative."""
        for noted in (self._noted, self.changes):
            noted[kind.key] = noted.get(kind.key, 0) + difference

    def touch(self, kind: Kind) -> None:
        """Note that records of ``kind`` changed, so that ``marks`` differs after this transaction."""
        self.note(kind, 0)

    def marks(self) -> dict[str, str]:
        """Return by kind a text that every change to its records changes; without kinds this transaction changed.

        It is the transaction that wrote the count last: all that add, change, remove or restore a record write it.
        """
        if self._marks is None:
            self._marks = dict(read_all(self._connection, _MARKS, {"owner": self._owner}))
        return {key: mark for key, mark in self._marks.items() if key not in self.changes}

    def may_have(self, kind: Kind) -> bool:
        """Whether there may be records of ``kind``: not if there were none at first and this transaction added none."""
        return self._before is None or bool(self._before.get(kind.key) or self.changes.get(kind.key))

    def of(self, kind: Kind) -> int:
        """Return how many records of ``kind`` are there."""
        self.write()
        owned = (record_counts.c.owner_id == self._owner, record_counts.c.kind == kind.key)
        return self._connection.scalar(select(record_counts.c.live).where(*owned)) or 0

    def all(self) -> dict[str, int]:
        """Return how many records of each kind are there, by its key."""
        self.write()
        query = select(record_counts.c.kind, record_counts.c.live).where(record_counts.c.owner_id == self._owner)
        return {row.kind: row.live for row in self._connection.execute(query)}

    def room_for(self, kind: Kind) -> int:
        """Return how many more records of ``kind`` there is room for; nothing is locked, so two at once may go over."""
        if self._before is None:
            query = select(record_counts.c.kind, record_counts.c.live).where(record_counts.c.owner_id == self._owner)
            written = {key: change - self._noted.get(key, 0) for key, change in self.changes.items()}
            self._before = {key: live - written.get(key, 0) for key, live in self._connection.execute(query)}
        return max(most_of(kind) - self._before.get(kind.key, 0) - self.changes.get(kind.key, 0), 0)

    def require_room_for(self, kind: Kind, count: int) -> None:
        """Raise ``TooManyRecordsError`` if this account may not have so many more records of ``kind``."""
        if count > self.room_for(kind):
            raise TooManyRecordsError(kind, most_of(kind))

    def write(self) -> None:
        """Write what was noted, always in the same order of kinds, so that two transactions cannot deadlock.

        Raises:
            TooManyRecordsError: others were added meanwhile, and there is no room for these; nothing may be committed.
        """
        noted, self._noted = sorted(self._noted.items()), {}
        if noted:
            rows = [{"owner_id": self._owner, "kind": key, "live": difference} for key, difference in noted]
            statement = insert(record_counts).values(rows)
            total = {"live": record_counts.c.live + statement.excluded.live}
            counted = statement.on_conflict_do_update(index_elements=["owner_id", "kind"], set_=total)
            for key, live in self._connection.execute(counted.returning(record_counts.c.kind, record_counts.c.live)):
                kind = BY_KEY.get(key, EVENT)
                if self.changes.get(key, 0) > 0 and live > most_of(kind):
                    raise TooManyRecordsError(kind, most_of(kind))
