"""Undoes and redoes changes: field by field and by value, so that what was edited since is left as it is."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from uuid import UUID

import msgspec

from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Wire
from tmr.domain.fields.types.links import Link, link_ids
from tmr.domain.kinds import BY_KEY
from tmr.domain.kinds.event import EVENT
from tmr.domain.record import Record
from tmr.repository.errors import NothingToUndoError
from tmr.repository.history.step import Trace
from tmr.repository.history.steps import Steps, StoredStep
from tmr.repository.private_settings import KeptSettings
from tmr.repository.records.records import Records

Known = Mapping[tuple[UUID, int], Mapping[str, Wire]]

AT_A_TIME = 100  # records that are in memory whole: each may hold 400 kB of texts


class Undone(msgspec.Struct, frozen=True):
    """What an undo or a redo did: to how many things it was about, and how many of those were edited since and left."""

    stored: StoredStep
    done: int
    left: int


class Undoing:
    """Undoes and redoes the changes of the owner that a unit of work is bound to."""

    def __init__(self, records: Records, steps: Steps, private: KeptSettings) -> None:
        self._records = records
        self._steps = steps
        self._private = private

    def undo(self, stored: StoredStep, now: dt.datetime) -> Undone:
        """Undo a change that is no import; nothing is added to the changes that can be undone.

        Raises:
            NothingToUndoError: it was undone already, or all that it was about was edited since.
        """
        if stored.undone_at is not None:
            raise NothingToUndoError
        return self._carry_out(stored, [trace.turned() for trace in stored.step.traces], now, undone_at=now)

    def redo(self, stored: StoredStep, now: dt.datetime) -> Undone:
        """Do again what ``undo`` undid; raises as it does."""
        if stored.undone_at is None:
            raise NothingToUndoError
        return self._carry_out(stored, stored.step.traces, now, undone_at=None)

    def bring_back(self, traces: Sequence[Trace], now: dt.datetime) -> set[UUID]:
        """Undo what an import did to these records; return those that were edited since and left."""
        turn = _Turn(self._records, self._steps, [trace.turned() for trace in traces], now)
        with self._records.notes.quiet():
            turn.carry_out()
        return turn.left

    def _carry_out(
        self, stored: StoredStep, traces: Sequence[Trace], now: dt.datetime, undone_at: dt.datetime | None
    ) -> Undone:
        turn = _Turn(self._records, self._steps, traces, now)
        with self._records.notes.quiet():
            turn.carry_out()
        about = {trace.id for trace in stored.step.subjects}
        lines = self._turn_lines(stored.step.hidden, is_hiding=undone_at is None)
        undone = Undone(stored, len(about - turn.left) or lines, len(about & turn.left))
        if not undone.done:
            raise NothingToUndoError
        self._records.counts.write()  # before the lock of the steps, as every commit does
        self._steps.flip(stored.id, undone_at)
        return undone

    def _turn_lines(self, hidden: Mapping[str, str], *, is_hiding: bool) -> int:
        """Show lines of Today again, or hide them; return 1 if that changed anything."""
        if not hidden:
            return 0
        self._private.hold()
        snoozed = self._private.get().snoozed
        others = {key: until for key, until in snoozed.items() if hidden.get(key) != until}
        changed = {**hidden, **others} if is_hiding else others
        if changed != snoozed:
            self._private.change(snoozed=changed)
        return int(changed != snoozed)


class _Turn:
    """Brings records from the first state of each trace to the second; ``left`` are those that have changed since."""

    def __init__(self, records: Records, steps: Steps, traces: Iterable[Trace], now: dt.datetime) -> None:
        self._records = records
        self._now = now
        self._traces = sorted(traces, key=_in_order)
        self._ids = {trace.id for trace in self._traces}
        self._named = steps.versions_of(self._ids)
        self.left: set[UUID] = set()

    def carry_out(self) -> None:
        for key, of_kind in groupby(self._traces, key=lambda trace: trace.kind):
            traces = list(of_kind)
            for start in range(0, len(traces), AT_A_TIME):
                self._carry_out_some(BY_KEY[key], traces[start : start + AT_A_TIME])

    def _carry_out_some(self, kind: Kind, traces: Sequence[Trace]) -> None:
        present, deleted = self._records.locked_anywhere(kind, [trace.id for trace in traces])
        versions = self._versions(kind, traces, present)
        returning = [trace.id for trace in traces if trace.is_there and not trace.was_there and trace.id in deleted]
        if returning:
            deleted -= set(self._records.restore(kind, returning, self._now))
        pairs: list[tuple[Record, Mapping[str, Wire]]] = []
        removing: list[UUID] = []
        for trace in traces:
            changes = self._changes(trace, present.get(trace.id), versions, is_deleted=trace.id in deleted)
            if changes is None:
                self.left.add(trace.id)
            elif changes:
                pairs.append((present[trace.id], changes))
            elif not trace.is_there:
                removing.append(trace.id)
        has_version = self._kept_already(traces, present, versions)
        self._records.write_many(pairs, self._now, has_version=has_version)
        if removing:
            self._records.remove(kind, removing, self._now)

    def _versions(self, kind: Kind, traces: Sequence[Trace], present: Mapping[UUID, Record]) -> Known:
        wanted = {(trace.id, version) for trace in traces for version in (trace.before, trace.after) if version}
        now = {(record.id, record.version): record.values for record in present.values()}
        return {**self._records.history.some(kind, wanted - now.keys()), **now}

    def _kept_already(self, traces: Sequence[Trace], present: Mapping[UUID, Record], versions: Known) -> set[UUID]:
        """Return the records of which an earlier version has all values of now, and no change goes to or from now's.

        Those were brought to what they are by an undo or a redo, and need no further copy.
        """
        same = [
            present[trace.id]
            for trace in traces
            if trace.id in present and self._is_copy(present[trace.id], (trace.before, trace.after), versions)
        ]
        return {record.id for record in same} - self._records.history.written_by_imports(same)

    def _is_copy(self, record: Record, numbers: tuple[int, int], versions: Known) -> bool:
        earlier = [versions.get((record.id, number)) for number in numbers if number != record.version]
        return record.values in earlier and (record.id, record.version) not in self._named

    def _changes(
        self, trace: Trace, record: Record | None, versions: Known, *, is_deleted: bool
    ) -> Mapping[str, Wire] | None:
        """Return the fields that a record gets, if any; None if it has changed since, or is gone."""
        if record is None or (is_deleted and trace.is_there):
            return None
        if not (trace.before and trace.after):
            followed = self._followed(record)
            if followed is not None:
                return None if followed in self.left else {}
        first, second = versions.get((trace.id, trace.before)), versions.get((trace.id, trace.after))
        if not trace.is_there:
            return {} if is_deleted or record.values == first else None
        if trace.before == trace.after or not trace.before:
            return {}
        if first is None or second is None:
            return None
        names = {**first, **second}  # one of them may lack an own field that was filled or emptied between the two
        changes = {name: second.get(name) for name in names if second.get(name) != first.get(name)}
        is_edited = any(record.values.get(name) not in (first.get(name), value) for name, value in changes.items())
        is_wrong = record.kind.contradictions({**record.values, **changes}, {})
        return None if is_edited or is_wrong or self._would_lose_parent(record.kind, changes) else changes

    def _would_lose_parent(self, kind: Kind, changes: Mapping[str, Wire]) -> bool:
        """Whether these changes bring a record to one that is in the trash by now, without which no list shows it."""
        if kind.parent is None or kind.parent.name not in changes or not isinstance(kind.parent.type, Link):
            return False
        ids = set(link_ids(changes[kind.parent.name]))
        return self._records.links.existing(kind.parent.type.target, ids, held=True) != ids

    def _followed(self, record: Record) -> UUID | None:
        """Return the record of the same change that this one was written about, such as a move about its application.

        The two come and go together, whatever was noted in the entry since.
        """
        parent = record.kind.parent
        ids = [UUID(text) for text in link_ids(record.values[parent.name])] if parent else []
        return next((parent_id for parent_id in ids if parent_id in self._ids), None)


def _in_order(trace: Trace) -> tuple[bool, str, str, UUID]:
    """Order records as every change locks them, so that no two wait for each other: entries of the timeline last."""
    return trace.kind == EVENT.key, BY_KEY[trace.kind].plural, trace.kind, trace.id
