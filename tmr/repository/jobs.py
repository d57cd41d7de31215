"""Puts work into the queue in the transaction of the change it belongs to."""

import datetime as dt
from uuid import UUID

import msgspec
from sqlalchemy import Connection, text

_DEFER = text(
    """
    SELECT procrastinate_defer_jobs_v1(ARRAY[
        ROW(:queue, :task, 0, :lock, NULL, CAST(:args AS jsonb),
            CASE WHEN :is_later THEN now() + interval '1 second' ELSE CAST(:at AS timestamptz) END
        )::procrastinate_job_to_defer_v1
    ])
    """
)

_FORGET = text("DELETE FROM procrastinate_jobs WHERE status = 'todo' AND args ->> 'owner' = :owner")


class Jobs:
    """The queue, as the owner of a unit of work reaches it. Arguments are ids, never content."""

    def __init__(self, connection: Connection, owner: UUID) -> None:
        self._connection = connection
        self._owner = owner

    def defer(self, task: str, *, lock: UUID | None = None, **ids: UUID) -> None:
        """Queue ``task`` for this owner; it runs only if this transaction commits.

        Jobs with one lock run one after the other; without another one, those of an owner do.
        """
        arguments = {"owner": str(self._owner), **{name: str(value) for name, value in ids.items()}}
        defer(self._connection, task, arguments, str(lock or self._owner))

    def forget_waiting(self) -> None:
        """Take this owner's jobs that have not begun out of the queue."""
        self._connection.execute(_FORGET, {"owner": str(self._owner)})


def defer(
    connection: Connection,
    task: str,
    arguments: dict[str, str],
    lock: str,
    *,
    is_later: bool = False,
    at: dt.datetime | None = None,
) -> None:
    """Queue ``task`` in the transaction of ``connection``, for ``at``; ``is_later`` begins it a second from now."""
    values = {"queue": "default", "task": task, "lock": lock, "is_later": is_later, "at": at}
    connection.execute(_DEFER, {**values, "args": msgspec.json.encode(arguments).decode()})
