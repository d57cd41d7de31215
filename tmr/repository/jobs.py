"""Puts work into the queue in the transaction of the change it belongs to."""

from uuid import UUID

import msgspec
from sqlalchemy import Connection, text

_DEFER = text(
    """
    SELECT procrastinate_defer_jobs_v1(ARRAY[
        ROW(:queue, :task, 0, :lock, NULL, CAST(:args AS jsonb), NULL)::procrastinate_job_to_defer_v1
    ])
    """
)


class Jobs:
    """The queue, as the owner of a unit of work reaches it. Arguments are ids, never content."""

    def __init__(self, connection: Connection, owner: UUID) -> None:
        self._connection = connection
        self._owner = owner

    def defer(self, task: str, **ids: UUID) -> None:
        """Queue ``task`` for this owner; it runs only if this transaction commits."""
        arguments = {"owner": str(self._owner), **{name: str(value) for name, value in ids.items()}}
        values = {"queue": "default", "task": task, "lock": str(self._owner)}
        self._connection.execute(_DEFER, {**values, "args": msgspec.json.encode(arguments).decode()})
