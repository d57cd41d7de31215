"""When a person wants to hear from us next: an instant and an id, and nothing of what it is about."""

import datetime as dt
from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.postgresql import insert

from tmr.repository.schema import reminders


class Reminders:
    """The reminders of one owner. The subject is a record, or the owner's own id for the mail of the morning."""

    def __init__(self, connection: Connection, owner: UUID) -> None:
        self._connection = connection
        self._owner = owner

    def replace(self, due: Mapping[UUID, dt.datetime]) -> None:
        """Keep these reminders and no others."""
        self._connection.execute(delete(reminders).where(reminders.c.owner_id == self._owner))
        rows = [{"owner_id": self._owner, "subject_id": subject, "due_at": at} for subject, at in due.items()]
        if rows:
            self._connection.execute(insert(reminders), rows)

    def take_due(self, now: dt.datetime) -> list[UUID]:
        """Return the subjects whose time has come, and forget them: two workers never take the same one."""
        query = delete(reminders).where(reminders.c.owner_id == self._owner, reminders.c.due_at <= now)
        return list(self._connection.scalars(query.returning(reminders.c.subject_id)))

    def all(self) -> dict[UUID, dt.datetime]:
        """Return every reminder that waits."""
        query = select(reminders.c.subject_id, reminders.c.due_at).where(reminders.c.owner_id == self._owner)
        return {row.subject_id: row.due_at for row in self._connection.execute(query)}
