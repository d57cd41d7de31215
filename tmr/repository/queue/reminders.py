"""When a person wants a reminder: an instant and an id, and nothing of what it is about."""

import datetime as dt
from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.postgresql import insert

from tmr.repository.schema import reminders

PLAN_ANEW = UUID(int=0)  # not the id of a record: nothing is sent for it


class Reminders:
    """The reminders of one owner. The subject is a record, or the owner's own id for the morning mail."""

    def __init__(self, connection: Connection, owner: UUID) -> None:
        self._connection = connection
        self._owner = owner
        self.is_woken = False  # whether the plan is to be made anew

    def plan(self, due: Mapping[UUID, dt.datetime], now: dt.datetime) -> None:
        """Keep these reminders and those that are due already, and no others."""
        is_owners = reminders.c.owner_id == self._owner
        self._connection.execute(delete(reminders).where(is_owners, reminders.c.due_at > now))
        rows = [{"owner_id": self._owner, "subject_id": subject, "due_at": at} for subject, at in due.items()]
        if rows:
            self._connection.execute(insert(reminders).on_conflict_do_nothing(), rows)

    def wake(self, now: dt.datetime) -> None:
        """Have the worker plan again: what reminders depend on has changed.

        It cannot where the records are locked: the unit of work does it then, when it commits.
        """
        self.is_woken = True
        row = {"owner_id": self._owner, "subject_id": PLAN_ANEW, "due_at": now}
        key = [reminders.c.owner_id, reminders.c.subject_id]
        added = insert(reminders).values(**row)
        # One may be there that is due later, for what goes beyond the present plan.
        self._connection.execute(added.on_conflict_do_update(index_elements=key, set_={"due_at": now}))

    def add(self, subject: UUID, due_at: dt.datetime) -> None:
        """Keep one reminder more, unless there is one of this subject."""
        row = {"owner_id": self._owner, "subject_id": subject, "due_at": due_at}
        self._connection.execute(insert(reminders).values(**row).on_conflict_do_nothing())

    def forget(self) -> None:
        """Delete all reminders of this owner."""
        self._connection.execute(delete(reminders).where(reminders.c.owner_id == self._owner))

    def take_due(self, now: dt.datetime) -> list[UUID]:
        """Return the subjects that are due, and delete them: two workers never take the same one."""
        query = delete(reminders).where(reminders.c.owner_id == self._owner, reminders.c.due_at <= now)
        return list(self._connection.scalars(query.returning(reminders.c.subject_id)))

    def all(self) -> dict[UUID, dt.datetime]:
        """Return every reminder that waits."""
        query = select(reminders.c.subject_id, reminders.c.due_at).where(reminders.c.owner_id == self._owner)
        return {row.subject_id: row.due_at for row in self._connection.execute(query)}
