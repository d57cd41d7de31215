"""What finishing, snoozing or closing a line of Today means, decided without touching anything."""

import datetime as dt
from collections.abc import Mapping

import msgspec

from tmr.domain.agenda.agenda import Fact, Line, Quiet
from tmr.domain.fields.kind import Kind, pipeline_of_kind
from tmr.domain.fields.type import Wire
from tmr.domain.kinds.application import APPLICATION
from tmr.domain.pipeline.category import APPLIED, SAVED
from tmr.domain.pipeline.stage import Stage

DISMISSED_DAYS = 366
NO_ANSWER = "no answer"
ASKED, FOLLOWED_UP = "Asked for an update", "Followed up"
MOVED = ("follow_up", "due")  # snoozing dates of these roles moves them; other dates are not ours to move


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What is done to one line: the fields it sets, what it logs, and for how many days the line is left out."""

    line: Line
    values: Mapping[str, Wire] = {}
    logged: str = ""
    logged_as: str = "note"
    hidden_days: int = 0


def verb_of(line: Line) -> str:
    """Return what finishing a line is called."""
    if isinstance(line, Quiet) or line.field.role == "follow_up":
        return FOLLOWED_UP
    if _awaits_sending(line.fact, line.field.role):
        return "I applied"
    return "Done" if line.fact.kind.done_field else "Dismiss"


def is_follow_up(line: Line) -> bool:
    """Whether finishing a line means that the person has got in touch."""
    return verb_of(line) == FOLLOWED_UP


def finishing(line: Line, now: dt.datetime, today: dt.date) -> Step:
    """Return how a line is finished: a field says that it is done, or if none can, the line is left out."""
    if isinstance(line, Quiet):
        return Step(line=line, logged=ASKED, logged_as="email")
    kind, role = line.fact.kind, line.field.role
    if kind.done_field:
        return Step(line=line, values={kind.done_field: _instant(now)})
    if role == "follow_up":
        contacted = kind.by_role.get("contacted")
        values = {line.field.name: None, **({contacted.name: today.isoformat()} if contacted else {})}
        return Step(line=line, values=values, logged=FOLLOWED_UP if kind.key == APPLICATION.key else "")
    applied = pipeline_of_kind(kind).first_of(APPLIED)
    if applied and kind.stage_field and _awaits_sending(line.fact, role):
        # The record keeps its date, so the line is left out as well.
        return Step(line=line, values={kind.stage_field.name: applied.key}, hidden_days=DISMISSED_DAYS)
    return Step(line=line, hidden_days=DISMISSED_DAYS)


def snoozing(line: Line, days: int, today: dt.date) -> Step:
    """Return how a line is snoozed: its date is moved, or where that is not ours to move, the line is left out."""
    if isinstance(line, Quiet) or line.field.role not in MOVED:
        return Step(line=line, hidden_days=days)
    return Step(line=line, values={line.field.name: (today + dt.timedelta(days=days)).isoformat()})


def closing(line: Line, stage: Stage) -> Step | None:
    """Return how the application of a line is closed as never answered; None for lines of other records."""
    kind = line.fact.kind
    return Step(line=line, values={kind.stage_field.name: stage.key}) if kind.stage_field else None


def stage_of_no_answer(kind: Kind) -> Stage | None:
    """Return the person's stage for applications that were never answered, if they have one in use."""
    return pipeline_of_kind(kind).first_of(NO_ANSWER)


def _awaits_sending(fact: Fact, role: str) -> bool:
    """Whether a deadline is that of an application that is saved and not sent yet."""
    stage = fact.kind.stage_field
    if role != "deadline" or stage is None or pipeline_of_kind(fact.kind).first_of(APPLIED) is None:
        return False
    return pipeline_of_kind(fact.kind).category_of(fact.values[stage.name]) == SAVED


def _instant(now: dt.datetime) -> str:
    return now.isoformat(timespec="seconds").replace("+00:00", "Z")
