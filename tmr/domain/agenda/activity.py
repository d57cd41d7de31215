"""What has happened in a search, newest first: entries of timelines, interviews that took place, tasks that are done.

It is ordered by summaries alone; what is shown of each moment is read afterwards, for one page of them.
"""

import datetime as dt
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from tmr.domain.agenda.interview_times import starts_at
from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Wire
from tmr.domain.kinds.event import EVENT
from tmr.domain.kinds.interview import INTERVIEW
from tmr.domain.kinds.task import TASK
from tmr.domain.locales.locale import Locale
from tmr.domain.pipeline.category import APPLIED, CATEGORY, rank
from tmr.domain.pipeline.pipeline import Pipeline
from tmr.domain.record import Scanned

DAY, WEEK, APPLICATION = "day", "week", "application"
WAYS = {DAY: "By day", WEEK: "By week", APPLICATION: "By application"}
# What can be shown alone: the types of entries, and the other two kinds.
TYPES = {
    "status": "Moves",
    "note": "Notes",
    "call": "Calls",
    "email": "Emails",
    "meeting": "Meetings",
    INTERVIEW.key: "Interviews",
    TASK.key: "Tasks",
}
_WEEK = dt.timedelta(days=7)


class Moment(msgspec.Struct, frozen=True, gc=False):
    """One thing that happened: ``at`` in UTC (RFC 3339, to the second), and the id of its application, if it has one.

    ``type`` is a key of ``TYPES``. ``stages`` are the keys that a move goes from and to.
    """

    at: str
    kind: Kind
    row: bytes
    type: str
    application: str
    stages: tuple[Wire, Wire] = (None, None)

    @property
    def id(self) -> UUID:
        """The id of the record that says so."""
        return UUID(bytes=self.row)

    def local(self, zone: dt.tzinfo) -> dt.datetime:
        """Return when it happened, in ``zone``."""
        return dt.datetime.fromisoformat(self.at).astimezone(zone)


class Group(msgspec.Struct, frozen=True):
    """Moments under one heading: of the day or the week that begins on ``date``, or of one application."""

    moments: list[Moment]
    date: dt.date | None = None
    application: str = ""


class WeekFigures(msgspec.Struct, frozen=True):
    """How many applications went out in a week, how many were first answered, how many interviews took place."""

    applications: int
    replies: int
    interviews: int


def moments(rows: Mapping[str, Iterable[Scanned]], now: dt.datetime, zone: ZoneInfo) -> list[Moment]:
    """Return what happened, newest first, from the records of events, interviews and tasks by the key of their kind.

    An entry without a time is left out, as are interviews that are cancelled or still to come. Which ended with their
    application the caller knows.
    """
    found = [*_entries(rows[EVENT.key]), *_interviews(rows[INTERVIEW.key], now, zone), *_tasks(rows[TASK.key])]
    found.sort(key=attrgetter("at"), reverse=True)  # moments of one second stay as they are read: last changed first
    return found


def by_application(found: Sequence[Moment]) -> list[Moment]:
    """Return the same moments, those of one application together: first the application of the newest."""
    place = {moment.application: number for number, moment in reversed(list(enumerate(found)))}
    return sorted(found, key=lambda moment: place[moment.application])


def grouped(shown: Iterable[Moment], way: str, zone: dt.tzinfo, locale: Locale) -> list[Group]:
    """Return the moments of one page under their headings; they come in the order of ``way``."""
    if way == APPLICATION:
        return [Group(list(found), None, key) for key, found in groupby(shown, key=attrgetter("application"))]
    first = locale.week_start if way == WEEK else lambda day: day
    return [Group(list(found), date) for date, found in groupby(shown, key=lambda one: first(one.local(zone).date()))]


def week_figures(found: Sequence[Moment], date: dt.date, zone: dt.tzinfo, pipeline: Pipeline) -> WeekFigures:
    """Return the figures of the week that begins on ``date``; ``found`` is all that happened, newest first."""
    since, until = (_utc(dt.datetime.combine(day, dt.time(), zone)) for day in (date, date + _WEEK))
    oldest_first = found[::-1]
    inside = oldest_first[_place(oldest_first, since) : _place(oldest_first, until)]
    moves = [(one.application, *map(pipeline.category_of, one.stages)) for one in inside if one.type == "status"]
    sent = {application for application, was, becomes in moves if _is_sent(becomes) and rank(was) < rank(APPLIED)}
    replies = {application for application, was, becomes in moves if _is_answer(becomes) and not _is_answer(was)}
    return WeekFigures(len(sent), len(replies), sum(one.type == INTERVIEW.key for one in inside))


def kept_files(values: Mapping[str, Wire]) -> list[tuple[str, int]]:
    """Return the name of each document that an entry keeps as sent, and the number of its file, from 1; 0 for none."""
    files, number, kept = values.get("sent_files"), 0, []
    count = len(files) if isinstance(files, list) else 0
    for line in str(values.get("sent") or "").splitlines():
        name, has_file, _hash = line.rpartition(", SHA-256 ")
        is_file = bool(has_file) and number < count
        number += is_file
        kept.append((name if has_file else line, number if is_file else 0))
    return kept


def _entries(rows: Iterable[Scanned]) -> Iterator[Moment]:
    names = ("type", "application_id", "happened_at", "from_stage", "to_stage")
    slots = [EVENT.by_name[name].number for name in names]
    for row in rows:
        what, application, at, was, becomes = (row.summary[slot] for slot in slots)
        if isinstance(at, str) and what in TYPES:
            yield Moment(at, EVENT, row.id, str(what), str(application or ""), (was, becomes))


def _interviews(rows: Iterable[Scanned], now: dt.datetime, zone: ZoneInfo) -> Iterator[Moment]:
    names = ("application_id", "starts_at", "time_zone", "outcome")
    slots = [INTERVIEW.by_name[name].number for name in names]
    for row in rows:
        values = dict(zip(names, (row.summary[slot] for slot in slots), strict=True))
        start = starts_at(values, zone)
        if start and start <= now and values["outcome"] not in INTERVIEW.settled["outcome"]:
            yield Moment(_utc(start), INTERVIEW, row.id, INTERVIEW.key, str(values["application_id"] or ""))


def _tasks(rows: Iterable[Scanned]) -> Iterator[Moment]:
    done, application = (TASK.by_name[name].number for name in (TASK.done_field, "application_id"))
    for row in rows:
        if isinstance(row.summary[done], str):
            yield Moment(str(row.summary[done]), TASK, row.id, TASK.key, str(row.summary[application] or ""))


def _place(oldest_first: Sequence[Moment], at: str) -> int:
    return bisect_left(oldest_first, at, key=attrgetter("at"))


def _is_sent(category: str) -> bool:
    return category in CATEGORY and CATEGORY[category].is_sent


def _is_answer(category: str) -> bool:
    return category in CATEGORY and CATEGORY[category].is_answer


def _utc(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
