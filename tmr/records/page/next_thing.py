"""What comes next for an application: an interview, else a deadline, else a follow-up, else a proposal of one."""

import datetime as dt
from collections.abc import Iterable

import msgspec

from tmr.domain.agenda.interview_times import ends_at, starts_at
from tmr.domain.fields.kind import pipeline_of_kind
from tmr.domain.fields.type import Field, Wire
from tmr.domain.locales.locale import DAYS, MONTHS
from tmr.domain.pipeline.category import APPLIED, SAVED
from tmr.domain.record import Record
from tmr.web.display.dates import clock
from tmr.web.display.locales import current_locale
from tmr.web.display.zone import current_zone, today
from tmr.web.services import now

WEEK = 7
_CALLED = {"Phone screen": "Phone screen", "Take-home": "Take-home task", "": "Interview"}


class Proposal(msgspec.Struct, frozen=True):
    """A day on which to follow up, in words and as an ISO date."""

    words: str
    date: str


class NextThing(msgspec.Struct, frozen=True, kw_only=True):
    """What comes next, in words; ``interview`` or ``field`` is what it was read from, neither means a proposal."""

    title: str
    facts: list[str] = []
    date: dt.date | None = None
    interview: Record | None = None
    field: Field | None = None
    proposals: list[Proposal] = []
    applied: str = ""

    @property
    def month(self) -> str:
        """The month of its day, as the tile of a calendar has it."""
        return MONTHS[self.date.month - 1] if self.date else ""

    @property
    def is_late(self) -> bool:
        """Whether its day has passed."""
        return self.date is not None and self.date < today()


def next_thing(application: Record, interviews: Iterable[Record]) -> NextThing | None:
    """Return what comes next for an application; None if it is closed and no interview is ahead."""
    if coming := coming_interview(interviews):
        return coming
    stage = pipeline_of_kind(application.kind).by_key.get(str(application["status"]))
    if stage is not None and not stage.is_open:
        return None
    is_saved = pipeline_of_kind(application.kind).category_of(application["status"]) == SAVED
    for role in ("deadline", "follow_up"):
        field = application.kind.by_role[role]
        day = _day(application[field.name])
        if day and (role == "follow_up" or (day >= today() and is_saved)):  # once it is sent, the deadline is met
            return _of_date(application, field, day)
    days = (("In 3 days", 3), ("In 1 week", 7), ("In 2 weeks", 14))
    proposals = [Proposal(words, (today() + dt.timedelta(days=count)).isoformat()) for words, count in days]
    return NextThing(title="Nothing planned", proposals=proposals)


def coming_interview(interviews: Iterable[Record]) -> NextThing | None:
    """Return the next of these interviews that is not over and not cancelled, in words; None if there is none."""
    coming = _coming(interviews)
    return _of_interview(coming) if coming else None


def interview_name(values: dict[str, Wire], kind_words: str) -> str:
    """Return what people call an interview of this type: ``Video interview``, ``Phone screen``."""
    return _CALLED.get(kind_words, f"{kind_words} interview") if values else _CALLED[""]


def day_words(date: dt.date) -> str:
    """Return a day as people say it after a noun: ``today``, ``on Monday``, ``on Monday, 14 December``."""
    days = (date - today()).days
    if days in (-1, 0, 1):
        return ("yesterday", "today", "tomorrow")[days + 1]
    named = DAYS[date.weekday()]
    return f"on {named}" if 1 < days < WEEK else f"on {named}, {current_locale().day_and_month(date)}"


def distance(date: dt.date) -> str:
    """Return how far away a day is: ``Today``, ``In 2 days``, ``3 days ago``."""
    days = (date - today()).days
    if days in (-1, 0, 1):
        return ("Yesterday", "Today", "Tomorrow")[days + 1]
    return f"In {days} days" if days > 0 else f"{-days} days ago"


def _coming(interviews: Iterable[Record]) -> Record | None:
    zone, at = current_zone(), now()
    ahead = []
    for interview in interviews:
        start, end = starts_at(interview.values, zone), ends_at(interview.values, zone)
        if start and end and end >= at and interview["outcome"] != "cancelled":
            ahead.append((start.astimezone(dt.UTC), interview))
    return min(ahead, key=lambda one: one[0])[1] if ahead else None


def _of_interview(interview: Record) -> NextThing:
    zone = current_zone()
    start = starts_at(interview.values, zone)
    here = (start or now()).astimezone(zone)
    is_elsewhere = start is not None and start.utcoffset() != here.utcoffset()
    there = f" ({clock(start)} {interview['time_zone']})" if start and is_elsewhere else ""
    name = interview_name(interview.values, interview.kind.words("kind", interview.values))
    facts = [distance(here.date()), _length(interview["duration"]), str(interview["interviewers"] or "")]
    return NextThing(
        title=f"{name} {day_words(here.date())}, {clock(here)}{there}",
        facts=[fact for fact in facts if fact],
        date=here.date(),
        interview=interview,
    )


def _of_date(application: Record, field: Field, day: dt.date) -> NextThing:
    pipeline = pipeline_of_kind(application.kind)
    applied = pipeline.first_of(APPLIED)
    is_saved = pipeline.category_of(application["status"]) == SAVED
    words = "Follow up" if field.role == "follow_up" else "Deadline"
    return NextThing(
        title=f"{words} {day_words(day)}",
        facts=[distance(day)] if abs((day - today()).days) > 1 else [],
        date=day,
        field=field,
        applied=applied.key if applied and is_saved and field.role == "deadline" else "",
    )


def _day(value: Wire) -> dt.date | None:
    return dt.date.fromisoformat(value) if isinstance(value, str) else None


def _length(minutes: Wire) -> str:
    if not isinstance(minutes, int) or not minutes:
        return ""
    hours, rest = divmod(minutes, 60)
    parts = [f"{hours} hour{'s' if hours > 1 else ''}" if hours else "", f"{rest} minutes" if rest else ""]
    return " ".join(part for part in parts if part)
