"""What no longer takes place because its application has ended: rejected, withdrawn, or closed without an answer.

Nothing is written for it, so that all of it counts again once the application is reopened. What was planned after the
end, or moved to another time since, counts too: whoever does that for a closed application means to go there.
"""

import datetime as dt
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from tmr.domain.agenda.interview_times import starts_at
from tmr.domain.fields.type import Wire
from tmr.domain.kinds.interview import INTERVIEW
from tmr.domain.kinds.offer import OFFER
from tmr.domain.pipeline.category import NO_ANSWER, REJECTED, WITHDRAWN
from tmr.domain.pipeline.pipeline import Pipeline
from tmr.domain.record import Record

# A task is its owner's own, and stays due. Of each of these, the field that says when it is.
PLANNED = {INTERVIEW.key: "starts_at", OFFER.key: "deadline_on"}
ENDS_WITH_APPLICATION = tuple(PLANNED)
_ENDED = (REJECTED, WITHDRAWN, NO_ANSWER)  # after an acceptance people still meet
_SAID = ("passed", "failed", *INTERVIEW.settled["outcome"])  # their owner says what came of it

Move = tuple[Wire, Wire]  # when an application was moved (RFC 3339), and to which stage


def has_ended(pipeline: Pipeline, stage: Wire) -> bool:
    """Whether nothing is to come of an application in this stage."""
    return pipeline.category_of(stage) in _ENDED


def ended_at(pipeline: Pipeline, moves: Iterable[Move]) -> dt.datetime | None:
    """Return when an application came to the end that it is at, or None if its moves do not tell."""
    since: str | None = None
    for at, stage in sorted((str(at), stage) for at, stage in moves if at):
        since = (since or at) if has_ended(pipeline, stage) else None
    return dt.datetime.fromisoformat(since) if since else None


def is_called_off(record: Record, ended: dt.datetime, zone: ZoneInfo) -> bool:
    """Whether an interview or an offer, known before its application ended at that instant, went with it."""
    if record.created_at.replace(microsecond=0) > ended:
        return False
    if record.kind.key == OFFER.key:
        return record["decision"] not in OFFER.settled["decision"]
    start = starts_at(record.values, zone)
    return start is not None and start > ended and record["outcome"] not in _SAID
