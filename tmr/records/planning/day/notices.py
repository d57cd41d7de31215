"""What Today says after something was done to its lines."""

import datetime as dt
from collections.abc import Sequence

from tmr.domain.agenda.agenda import Line, Quiet
from tmr.domain.pipeline.stage import Stage
from tmr.records.planning.day.steps import is_follow_up, verb_of
from tmr.web.display.dates import due_day
from tmr.web.display.locales import number

CHANGED = "That was changed somewhere else. Here is the current list."
NO_STAGE = "None of your stages counts as “No response”. Add one in Settings, under Stages."
SNOOZED = {1: "Snoozed until tomorrow.", 3: "Snoozed for 3 days.", 7: "Snoozed until next week."}
NEXT_DATES = (("3", "In 3 days"), ("7", "1 week"), ("0", "None"))


def finished(lines: Sequence[Line]) -> str:
    """Say that these lines were finished."""
    if len(lines) != 1:
        return f"{number(len(lines))} followed up." if all(map(is_follow_up, lines)) else f"{number(len(lines))} done."
    line = lines[0]
    if isinstance(line, Quiet):
        return f"Follow-up logged for {line.fact.values['company']}."
    done = {"Followed up": "Followed up.", "Dismiss": "Dismissed."}.get(verb_of(line), "Done.")
    return f"{done} {line.title}."


def snoozed(lines: Sequence[Line], days: int) -> str:
    """Say until when these lines were snoozed."""
    if len(lines) == 1:
        return f"{SNOOZED[days]} {lines[0].title}."
    return f"{number(len(lines))} {SNOOZED[days][0].lower()}{SNOOZED[days][1:]}"


def closed(lines: Sequence[Line], stage: Stage) -> str:
    """Say that the applications of these lines were closed."""
    count = len({line.fact.id for line in lines})
    return f"Closed as {stage.label}." if count == 1 else f"{number(count)} closed as {stage.label}."


def next_date(day: dt.date | None) -> str:
    """Say when the next follow-up is."""
    return f"Next follow-up: {due_day(day)}." if day else "No next follow-up set."


def left_alone(count: int) -> str:
    """Say how many of the chosen lines were not changed; empty if all were."""
    if not count:
        return ""
    return " One was left as it is." if count == 1 else f" {number(count)} were left as they are."


def nothing_done() -> str:
    """Say that none of the chosen lines could be changed."""
    return "Nothing was changed: none of the selected lines can be."
