"""The stages of an application in their order, each with the day on which it was reached."""

import datetime as dt
from collections.abc import Iterable

import msgspec

from tmr.domain.fields.kind import pipeline_of_kind
from tmr.domain.pipeline.category import APPLIED
from tmr.domain.pipeline.stage import Stage
from tmr.domain.record import Record
from tmr.web.display.zone import local_text


class Step(msgspec.Struct, frozen=True):
    """One stage; ``reached`` is an ISO date, or empty if that day is not known."""

    stage: Stage
    reached: str
    is_now: bool
    is_past: bool


class Stepper(msgspec.Struct, frozen=True):
    """The open stages as steps, and the stages that close an application."""

    steps: list[Step]
    closings: list[Stage]

    @property
    def now(self) -> Step | None:
        """The step that the application is at; None for a stage that no longer exists."""
        return next((step for step in self.steps if step.is_now), None)

    @property
    def number(self) -> int:
        """The number of the present step, from 1; 0 if there is none."""
        return next((number for number, step in enumerate(self.steps, 1) if step.is_now), 0)


def stepper_of(application: Record, events: Iterable[Record]) -> Stepper:
    """Return the steps of an application, dated by its ``events``; a closed one ends with the stage that closed it."""
    pipeline, status = pipeline_of_kind(application.kind), str(application["status"])
    reached = _days(events)
    applied = pipeline.first_of(APPLIED)
    if applied and application["applied_on"]:
        reached[applied.key] = str(application["applied_on"])
    shown = [stage for stage in pipeline.active if stage.is_open or stage.key == status]
    present = pipeline.by_key.get(status)
    if present and present not in shown:  # it was retired, and the application is still in it
        shown.append(present)
    place = next((at for at, stage in enumerate(shown) if stage.key == status), -1)
    is_over = bool(present and not present.is_open)
    steps = [
        Step(stage, reached.get(stage.key, ""), at == place, at < place and (not is_over or stage.key in reached))
        for at, stage in enumerate(shown)
    ]
    return Stepper(steps, [stage for stage in pipeline.active if not stage.is_open])


def _days(events: Iterable[Record]) -> dict[str, str]:
    """Return the day on which each stage was last reached, by its key."""
    moves = [event for event in events if event["type"] == "status" and event["to_stage"] and event["happened_at"]]
    moves.sort(key=lambda event: dt.datetime.fromisoformat(str(event["happened_at"])))
    return {str(event["to_stage"]): local_text(str(event["happened_at"]))[:10] for event in moves}
