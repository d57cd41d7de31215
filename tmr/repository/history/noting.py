"""Collects what a transaction does to records, so that it can be undone as one."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from uuid import UUID, uuid4

import msgspec

from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Wire
from tmr.domain.record import Record
from tmr.repository.history.step import Step, Trace

MOST_FIELDS = 8  # that are remembered by name, to say what a change was


class Notes:
    """The changes of one transaction; ``step`` says them all as one, with what followed from them."""

    def __init__(self) -> None:
        self.step_id = uuid4()
        self.made_at: dt.datetime | None = None
        self._traces: dict[UUID, Trace] = {}
        self._fields: dict[str, dict[str, None]] = {}  # by the kind's key
        self._stages: dict[str, set[Wire]] = {}
        self._import_id: UUID | None = None
        self._hidden: dict[str, str] = {}
        self._is_quiet = False

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """Let the changes within the block be no part of a step: an undo, or what an import says of itself."""
        before, self._is_quiet = self._is_quiet, True
        try:
            yield
        finally:
            self._is_quiet = before

    def added(self, kind: Kind, ids: Iterable[UUID], now: dt.datetime) -> None:
        """Note that these records are new."""
        for record_id in ids:
            self._note(Trace(kind.key, record_id, 0, 1, was_there=False, is_there=True), now)

    def changed(self, changed: Sequence[tuple[Record, Mapping[str, Wire]]], now: dt.datetime) -> None:
        """Note that these records got these values."""
        for before, values in changed:
            key, stage = before.kind.key, before.kind.stage_field
            if not self._is_quiet:
                names = self._fields.setdefault(key, {})
                names |= {name: None for name, value in values.items() if value != before.values.get(name)}
                if stage is not None and stage.name in names:
                    self._stages.setdefault(key, set()).add(values[stage.name])
            self._note(Trace(key, before.id, before.version, before.version + 1, was_there=True, is_there=True), now)

    def removed(self, kind: Kind, versions: Mapping[UUID, int], now: dt.datetime) -> None:
        """Note that these records, at these versions, were deleted."""
        for record_id, version in versions.items():
            self._note(Trace(kind.key, record_id, version, version, was_there=True, is_there=False), now)

    def restored(self, kind: Kind, versions: Mapping[UUID, int], now: dt.datetime) -> None:
        """Note that these records, at these versions, came back."""
        for record_id, version in versions.items():
            self._note(Trace(kind.key, record_id, version, version, was_there=False, is_there=True), now)

    def imported(self, import_id: UUID, now: dt.datetime) -> None:
        """Note that all of this is an import, which is undone as such."""
        self._import_id, self.made_at = import_id, now

    def hid(self, lines: Mapping[str, str], now: dt.datetime) -> None:
        """Note that these lines of Today are left out until the times that are given."""
        if lines and not self._is_quiet:
            self._hidden |= lines
            self.made_at = now

    def forget(self, gone: Iterable[UUID]) -> None:
        """Leave out records that are gone for good."""
        for record_id in gone:
            self._traces.pop(record_id, None)

    @property
    def step(self) -> Step | None:
        """What there is to undo; None if there is nothing."""
        if self._import_id is not None:
            return Step(import_id=self._import_id)
        really = [trace for trace in self._traces.values() if not _is_nothing(trace)]
        step = Step(traces=really, hidden=self._hidden)
        if step.is_empty:
            return None
        key = step.subjects[0].kind if really else ""
        stages = self._stages.get(key, set())
        stage = str(next(iter(stages))) if len(stages) == 1 else None
        return msgspec.structs.replace(step, fields=[*self._fields.get(key, {})][:MOST_FIELDS], stage=stage)

    def _note(self, trace: Trace, now: dt.datetime) -> None:
        if self._is_quiet:
            return
        self.made_at = now
        if first := self._traces.get(trace.id):
            trace = Trace(trace.kind, trace.id, first.before, trace.after, first.was_there, trace.is_there)
        self._traces[trace.id] = trace


def _is_nothing(trace: Trace) -> bool:
    return trace.was_there == trace.is_there and (trace.before == trace.after or not trace.is_there)
