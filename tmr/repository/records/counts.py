"""How many records of each kind an owner has, kept beside them so that no request counts rows."""

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from tmr.domain.fields.kind import Kind
from tmr.repository.keys.owner_keys import OwnerKeys
from tmr.repository.schema import record_counts


class RecordCounts:
    """The counts of one owner.

    What a transaction adds and removes is noted here, and written when a count is asked for or at the commit. The
    write locks the row, and no other transaction of this owner can add a record until the end: so it comes late.
    """

    def __init__(self, connection: Connection, owner_keys: OwnerKeys) -> None:
        self._connection = connection
        self._owner = owner_keys.owner
        self._noted: dict[str, int] = {}
        self.changes: dict[str, int] = {}  # by how much each count differs from before this transaction

    def note(self, kind: Kind, difference: int) -> None:
        """Note that this many records of ``kind`` were added, or removed if negative."""
        for noted in (self._noted, self.changes):
            noted[kind.key] = noted.get(kind.key, 0) + difference

    def of(self, kind: Kind) -> int:
        """Return how many records of ``kind`` are there."""
        self.write()
        owned = (record_counts.c.owner_id == self._owner, record_counts.c.kind == kind.key)
        return self._connection.scalar(select(record_counts.c.live).where(*owned)) or 0

    def write(self) -> None:
        """Write what was noted, always in the same order of kinds, so that two transactions cannot deadlock."""
        noted, self._noted = sorted(self._noted.items()), {}
        for key, difference in noted:
            if difference:
                statement = insert(record_counts).values(owner_id=self._owner, kind=key, live=difference)
                total = {"live": record_counts.c.live + difference}
                self._connection.execute(
                    statement.on_conflict_do_update(index_elements=["owner_id", "kind"], set_=total)
                )
