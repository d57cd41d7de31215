"""The last changes of a person, sealed, in the order in which they were made."""

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Connection, delete, select, text, update

from tmr.crypto.envelope import RECORDS
from tmr.repository.errors import DecryptionError, NothingToUndoError
from tmr.repository.history.noting import Notes
from tmr.repository.history.step import Step, decode_step, encode_step
from tmr.repository.keys.owner_keys import OwnerKeys
from tmr.repository.schema import undo_steps

MOST_STEPS = 50
STEPS_KEPT = dt.timedelta(days=30)
# One writer at a time for each account. It is taken last in a transaction, after every lock on records and counts, and
# whoever holds it waits for nothing more: so an undo and a change can't wait for each other.
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:owner, 7267003))")

# A request waits for each statement, so this is one: it forgets what was undone and the oldest, and adds the newest.
_WRITE = text(
    """
    WITH done AS (
        SELECT id, row_number() OVER (ORDER BY position DESC) AS place
          FROM undo_steps WHERE owner_id = :owner AND undone_at IS NULL
    ), gone AS (
        DELETE FROM undo_steps s
         WHERE s.owner_id = :owner
           AND (s.undone_at IS NOT NULL OR s.id IN (SELECT d.id FROM done d WHERE d.place > :earlier))
    )
    INSERT INTO undo_steps (owner_id, id, position, made_at, key_id, step_sealed)
    SELECT CAST(:owner AS uuid), CAST(:id AS uuid), coalesce(max(position), 0) + 1, CAST(:made_at AS timestamptz),
           CAST(:key_id AS integer), CAST(:sealed AS bytea)
      FROM undo_steps WHERE owner_id = :owner
    """
)


class StoredStep(msgspec.Struct, frozen=True):
    """A change that is remembered, when it was made, and when it was undone, if it was."""

    id: UUID
    position: int
    made_at: dt.datetime
    undone_at: dt.datetime | None
    step: Step


class Steps:
    """The last changes of the owner that a unit of work is bound to."""

    def __init__(self, connection: Connection, owner_keys: OwnerKeys, notes: Notes) -> None:
        self._connection = connection
        self._owner_keys = owner_keys
        self._notes = notes
        self._undone_import: UUID | None = None
        self._gone_fields: set[str] = set()

    def list(self) -> list[StoredStep]:
        """Return every change that is remembered, the newest first; what does not open is logged and left out."""
        query = select(undo_steps).where(self._is_owners()).order_by(undo_steps.c.position.desc())
        opened = []
        for row in self._connection.execute(query):
            with suppress(DecryptionError, msgspec.MsgspecError):
                opened.append(self._open(row))
        return opened

    def marks(self) -> Sequence[tuple[UUID, dt.datetime | None]]:
        """Return which changes are remembered, and when each was undone, if it was; none of them is opened."""
        query = select(undo_steps.c.id, undo_steps.c.undone_at).where(self._is_owners())
        return [(row.id, row.undone_at) for row in self._connection.execute(query.order_by(undo_steps.c.position))]

    def get(self, step_id: UUID) -> StoredStep:
        """Return one change, or raise ``NothingToUndoError``."""
        row = self._connection.execute(select(undo_steps).where(self._is_owners(), undo_steps.c.id == step_id)).first()
        if row is None:
            raise NothingToUndoError
        return self._open(row)

    def versions_of(self, ids: Collection[UUID]) -> set[tuple[UUID, int]]:
        """Return the versions of these records between which the changes that are remembered went."""
        traces = [trace for stored in self.list() for trace in stored.step.traces if trace.id in ids]
        return {(trace.id, version) for trace in traces for version in (trace.before, trace.after)}

    def newest(self, can_be_undone: Callable[[StoredStep], bool] = lambda _stored: True) -> StoredStep | None:
        """Return the change that an undo is about if it names none: the last one that is not undone, and can be."""
        return next((stored for stored in self.list() if stored.undone_at is None and can_be_undone(stored)), None)

    def undone_last(self) -> StoredStep | None:
        """Return the change that a redo is about if it names none."""
        undone = [(stored.undone_at, -stored.position, stored) for stored in self.list() if stored.undone_at]
        return max(undone, key=lambda known: known[:2])[2] if undone else None

    def write(self) -> None:
        """Keep what this transaction did as one step. Changes that were undone are forgotten, and the oldest of many.

        It comes last in a transaction, since it keeps others of this owner from doing the same until the end.
        """
        if self._undone_import is not None:
            self._lock()
            for stored in self.list():
                if stored.step.import_id == self._undone_import:
                    self.forget(stored.id)
        if self._gone_fields:
            self._lock()
            for stored in self.list():
                left = stored.step.without_fields(self._gone_fields)
                if left is not stored.step:
                    self._replace(stored.id, left)
        step = self._notes.step
        if step is None:
            return
        self._lock()
        key_id = self._owner_keys.newest(RECORDS).key_id
        row = {"id": self._notes.step_id, "made_at": self._notes.made_at, "key_id": key_id}
        sealed = self._seal(self._notes.step_id, key_id, step)
        place = {"owner": self._owner_keys.owner, "earlier": MOST_STEPS - 1}
        self._connection.execute(_WRITE, {**place, **row, "sealed": sealed})

    def forget_import(self, import_id: UUID) -> None:
        """Forget an import that is undone, once this transaction commits: it can't be done again."""
        self._undone_import = import_id

    def forget_fields(self, gone: Collection[str]) -> None:
        """Take the names of fields that are gone for good out of every change, once this transaction commits."""
        self._gone_fields |= {*gone}

    def flip(self, step_id: UUID, undone_at: dt.datetime | None) -> None:
        """Note that a change was undone, or with None redone. It comes last in a transaction, as ``write`` does.

        Raises:
            NothingToUndoError: it is so already, or the change is no longer remembered; nothing may be committed.
        """
        self._lock()
        is_other = undo_steps.c.undone_at.is_(None) if undone_at else undo_steps.c.undone_at.is_not(None)
        query = update(undo_steps).where(self._is_owners(), undo_steps.c.id == step_id, is_other)
        if not self._connection.execute(query.values(undone_at=undone_at)).rowcount:
            raise NothingToUndoError

    def forget(self, step_id: UUID) -> None:
        """Forget one change."""
        self._lock()
        self._connection.execute(delete(undo_steps).where(self._is_owners(), undo_steps.c.id == step_id))

    def forget_old(self, now: dt.datetime) -> int:
        """Forget changes of 30 days ago; return how many."""
        self._lock()
        query = delete(undo_steps).where(self._is_owners(), undo_steps.c.made_at <= now - STEPS_KEPT)
        return self._connection.execute(query).rowcount

    def forget_records(self, gone: Sequence[UUID]) -> None:
        """Take records that are gone for good out of every change; one with nothing else is forgotten.

        Where the records are locked nobody can read what a change was of: it is forgotten after its 30 days.
        """
        self._lock()
        self._notes.forget(gone)
        if not self._owner_keys.is_open(RECORDS):
            return
        ids = set(gone)
        for stored in self.list():
            left = stored.step.without(ids)
            if left.is_empty:
                self.forget(stored.id)
            elif left is not stored.step:
                self._replace(stored.id, left)

    def _replace(self, step_id: UUID, step: Step) -> None:
        key_id = self._owner_keys.newest(RECORDS).key_id
        query = update(undo_steps).where(self._is_owners(), undo_steps.c.id == step_id)
        self._connection.execute(query.values(key_id=key_id, step_sealed=self._seal(step_id, key_id, step)))

    def _lock(self) -> None:
        self._connection.execute(_LOCK, {"owner": str(self._owner_keys.owner)})

    def _seal(self, step_id: UUID, key_id: int, step: Step) -> bytes:
        return self._owner_keys.seal(key_id, encode_step(step), "undo_steps", "step_sealed", step_id.bytes)

    def _open(self, row: Any) -> StoredStep:
        content = self._owner_keys.unseal(row.key_id, row.step_sealed, "undo_steps", "step_sealed", row.id.bytes)
        return StoredStep(row.id, row.position, row.made_at, row.undone_at, decode_step(content))

    def _is_owners(self) -> Any:
        return undo_steps.c.owner_id == self._owner_keys.owner
