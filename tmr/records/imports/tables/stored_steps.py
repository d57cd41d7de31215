"""What the timelines of stored applications have already, so that a log that is brought again adds only what is new."""

from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property
from operator import itemgetter
from uuid import UUID

from tmr.domain.fields.type import Wire
from tmr.domain.importing.rows.draft import Step
from tmr.domain.kinds.event import EVENT, StatusChange, status_changes, status_event
from tmr.repository.unit_of_work import UnitOfWork

_DAY_CHARS = 10


class StoredSteps:
    """Knows the changes of status of every stored application; they are read when the first is asked about."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def lacks(self, application: UUID, step: Step) -> bool:
        """Whether a step is new for a stored application: one with a day that has no such change on that day."""
        day = step.happened_at[:_DAY_CHARS]
        return bool(step.happened_at) and (str(application), step.stage, day) not in self._days

    def events(self, application: UUID, steps: Sequence[Step]) -> list[dict[str, Wire]]:
        """Return the values of an event for each step, coming from the stage that was reached before its day."""
        known = [(change.happened_at, change.to_stage) for change in self._by_application.get(str(application), [])]
        reached = sorted([*known, *((step.happened_at, step.stage) for step in steps)])
        made = []
        for step in sorted(steps, key=lambda step: step.happened_at):
            earlier = bisect_left(reached, step.happened_at, key=itemgetter(0))
            before = reached[earlier - 1][1] if earlier else None
            values = status_event(application, before, step.stage, step.happened_at)
            made.append({**values, "text": step.text or None})
        return made

    @cached_property
    def _days(self) -> set[tuple[str, str, str]]:
        """What every stored application reached on which day."""
        return {
            (application, change.to_stage, change.happened_at[:_DAY_CHARS])
            for application, changes in self._by_application.items()
            for change in changes
        }

    @cached_property
    def _by_application(self) -> dict[str, list[StatusChange]]:
        changes: dict[str, list[StatusChange]] = {}
        for change in status_changes(self._uow.records.scan(EVENT)):
            changes.setdefault(change.application_id, []).append(change)
        return changes
