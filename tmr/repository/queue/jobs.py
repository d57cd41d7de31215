"""Puts work into the queue in the transaction of the change it belongs to."""

import datetime as dt
from collections.abc import Iterable, Mapping
from uuid import UUID

import msgspec
from sqlalchemy import Connection, text

from tmr.repository.errors import WorkTakenError

# Mails, housekeeping and the large work of people have workers apart, so that none of them waits for another.
MAIL, HOUSEKEEPING, WORK = "mail", "housekeeping", "default"
FINISH_LOCK = "finish-lock"
LANES = {
    **dict.fromkeys(("mail", "house-mail", "reset"), MAIL),
    **dict.fromkeys(
        ("purge", "settle", "remind", "tell", "revive", "watch", "publish", "backup", "rotate", "examine", FINISH_LOCK),
        HOUSEKEEPING,
    ),
}
# In a lane, what has the higher priority goes first. 0 for what is not named; mails go by their template.
PRIORITY = {"reset": 30, "import": -10, "undo-import": -10, "export": -10, "reseal": -20}
# What a person can ask for again and again: each waits behind the first of everyone else.
REPEATED = ("import", "undo-import", "export")
FURTHEST_BEHIND = 9

_DEFER = text(
    """
    SELECT procrastinate_defer_jobs_v1(ARRAY[
        ROW(:queue, :task, :priority, :lock, NULL, CAST(:args AS jsonb),
            CASE WHEN :is_later THEN now() + interval '1 second' ELSE CAST(:at AS timestamptz) END
        )::procrastinate_job_to_defer_v1
    ])
    """
)

_BEHIND = text(
    """
    SELECT least(:priority - count(*), min(priority)) FROM procrastinate_jobs
     WHERE status = 'todo' AND args ->> 'owner' = :owner AND task_name = ANY(:tasks)
    """
)

_FORGET = text("DELETE FROM procrastinate_jobs WHERE status = 'todo' AND args ->> 'owner' = :owner")

_IS_BUSY = text(
    """
    SELECT EXISTS (SELECT FROM procrastinate_jobs
     WHERE (status = 'doing' OR status = 'todo' AND (attempts = 0 OR :counts_failed))
       AND args ->> 'owner' = :owner AND task_name = ANY(:tasks))
    """
)
_STANDING = text(
    """
    SELECT status, attempts, scheduled_at FROM procrastinate_jobs
     WHERE status IN ('todo', 'doing') AND args ->> 'owner' = :owner AND args ->> :name = :id
     ORDER BY id DESC LIMIT 1
    """
)
_HURRY = text(
    """
    UPDATE procrastinate_jobs SET scheduled_at = now()
     WHERE status = 'todo' AND args ->> 'owner' = :owner AND args ->> :name = :id
    """
)


_TAKE_UP = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:work, 7267005))")


class Trouble(msgspec.Struct, frozen=True):
    """Work that has failed: when it is tried again, or None when it will not be."""

    next_at: dt.datetime | None


class Jobs:
    """The queue, as the owner of a unit of work reaches it. Arguments are ids, never content."""

    def __init__(self, connection: Connection, owner: UUID) -> None:
        self._connection = connection
        self._owner = owner

    def defer(self, task: str, *, lock: UUID | None = None, priority: int | None = None, **ids: UUID) -> None:
        """Queue ``task`` for this owner; it runs only if this transaction commits.

        Jobs with the same lock run one after the other; without ``lock``, all jobs of an owner share one. Without
        ``priority``, a task has its own, and less for each one of this owner that waits already.
        """
        self._defer(task, ids, lock, priority)

    def _defer(self, task: str, ids: Mapping[str, UUID], lock: UUID | None, priority: int | None = None) -> None:
        arguments = {"owner": str(self._owner), **{name: str(value) for name, value in ids.items()}}
        if priority is None and task in REPEATED:
            priority = self._priority_behind_own(task)
        defer(self._connection, task, arguments, str(lock or self._owner), priority=priority)

    def _priority_behind_own(self, task: str) -> int:
        values = {"owner": str(self._owner), "tasks": list(REPEATED), "priority": PRIORITY[task]}
        behind = self._connection.scalar(_BEHIND, values)
        return max(int(behind or 0), PRIORITY[task] - FURTHEST_BEHIND)

    def is_at_work(self) -> bool:
        """Whether an import, the undo of one or an export of this owner is under way, or waits for its turn.

        What has failed and waits for another try is neither: it may fail for hours, and nothing should wait that long.
        """
        return self._is_busy(REPEATED, counts_failed=False)

    def _is_busy(self, tasks: Iterable[str], *, counts_failed: bool) -> bool:
        values = {"owner": str(self._owner), "tasks": list(tasks), "counts_failed": counts_failed}
        return bool(self._connection.scalar(_IS_BUSY, values))

    def finish_lock(self) -> None:
        """Queue what finishes a lock once a backup holds what was resealed; one at a time is enough."""
        if not self._is_busy((FINISH_LOCK,), counts_failed=True):
            defer(self._connection, FINISH_LOCK, {"owner": str(self._owner)}, "publish")

    def finish_lock_at(self, at: dt.datetime) -> None:
        """Queue what finishes a lock for a later time, from the job that found that it has to wait.

        Until then it is in nobody's way, neither of other backups nor of this owner's imports.
        """
        defer(self._connection, FINISH_LOCK, {"owner": str(self._owner)}, lock_of_waiting(str(self._owner)), at=at)

    def trouble(self, name: str, value: UUID) -> Trouble | None:
        """Return what is wrong with the work that was queued with this id and is not done, or None if nothing is."""
        values = {"owner": str(self._owner), "name": name, "id": str(value)}
        row = self._connection.execute(_STANDING, values).first()
        if row is None:
            return Trouble(None)
        return Trouble(row.scheduled_at) if row.attempts and row.status == "todo" else None

    def try_again(self, task: str, name: str, value: UUID, *, lock: UUID | None = None) -> None:
        """Try failed work again now; do nothing while it is running."""
        trouble = self.trouble(name, value)
        if trouble is None:
            return
        if trouble.next_at is None:
            self._defer(task, {name: value}, lock)
        else:
            self._connection.execute(_HURRY, {"owner": str(self._owner), "name": name, "id": str(value)})

    def forget_waiting(self) -> None:
        """Remove this owner's jobs that have not begun from the queue."""
        self._connection.execute(_FORGET, {"owner": str(self._owner)})


def lock_of_waiting(owner: str) -> str:
    """Return what a lock that waits to be finished holds: nothing that another account or another task waits for."""
    return f"lock of {owner}"


def defer(
    connection: Connection,
    task: str,
    arguments: dict[str, str],
    lock: str,
    *,
    is_later: bool = False,
    at: dt.datetime | None = None,
    priority: int | None = None,
) -> None:
    """Queue ``task`` in the transaction of ``connection``, for ``at``; ``is_later`` begins it a second from now."""
    soon = PRIORITY.get(task, 0) if priority is None else priority
    values = {"queue": LANES.get(task, WORK), "task": task, "priority": soon, "lock": lock}
    values |= {"args": msgspec.json.encode(arguments).decode(), "is_later": is_later, "at": at}
    connection.execute(_DEFER, values)


def try_to_take_up(connection: Connection, work_id: UUID) -> bool:
    """Keep others from a piece of large work until the transaction ends; return False if someone does it just now."""
    return bool(connection.scalar(_TAKE_UP, {"work": str(work_id)}))


def take_up(connection: Connection, work_id: UUID) -> None:
    """Keep others from doing a piece of large work until the transaction ends.

    Raises:
        WorkTakenError: someone does it just now.
    """
    if not try_to_take_up(connection, work_id):
        raise WorkTakenError
