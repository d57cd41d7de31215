"""What has a date: gathered from every kind by its declaration, for Today, the calendar and the feed."""

import datetime as dt
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from tmr.domain.agenda.interview_times import ends_at, starts_at
from tmr.domain.fields.kind import Kind, pipeline_of_kind
from tmr.domain.fields.type import Field, Names, Wire
from tmr.domain.fields.types.times import WallTime
from tmr.domain.pipeline.category import SAVED
from tmr.domain.record import Scanned

HORIZON_DAYS = 7


class Fact(msgspec.Struct, frozen=True):
    """One record's summary by the names of its fields."""

    kind: Kind
    id: UUID
    values: Mapping[str, Wire]


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One date of one record: a whole day, or from ``starts`` to ``ends`` in the person's zone."""

    fact: Fact
    field: Field
    date: dt.date
    title: str
    starts: dt.datetime | None = None
    ends: dt.datetime | None = None

    @property
    def key(self) -> str:
        """What names this date in a form or a snooze: once the date changes, so does the key."""
        moment = self.starts.astimezone(dt.UTC).isoformat() if self.starts else self.date.isoformat()
        return f"{self.field.name}/{self.fact.kind.plural}/{self.fact.id}/{moment}"

    @property
    def what(self) -> str:
        """What the date is, in words."""
        if self.starts:
            return self.fact.kind.words("kind", self.fact.values) or self.fact.kind.title
        return "Task" if self.fact.kind.key == "task" else self.field.label


class Quiet(msgspec.Struct, frozen=True):
    """An application that has waited for an answer for longer than its stage usually takes."""

    fact: Fact
    title: str
    since: dt.date
    days: int

    @property
    def key(self) -> str:
        """What names this silence in a form or a snooze: once something happens, the key changes."""
        return f"quiet/{self.fact.kind.plural}/{self.fact.id}/{self.since.isoformat()}"


Line = Entry | Quiet


class Agenda(msgspec.Struct, frozen=True):
    """What a person should know today, each part in the order in which it matters."""

    interviews: list[Entry]
    follow_ups: list[Entry]
    tasks: list[Entry]
    deadlines: list[Entry]
    quiet: list[Quiet]

    @property
    def parts(self) -> Mapping[str, Sequence[Line]]:
        """The lines of each part, by its name in forms."""
        return {
            "interviews": self.interviews,
            "follow_ups": self.follow_ups,
            "tasks": self.tasks,
            "deadlines": self.deadlines,
            "quiet": self.quiet,
        }

    @property
    def count(self) -> int:
        """How many lines there are in all."""
        return len(list(self.lines))

    @property
    def lines(self) -> Iterator[Line]:
        """Every line."""
        for part in self.parts.values():
            yield from part


class Window(msgspec.Struct, frozen=True):
    """The days that a page asks about, as text; ``times_from`` leaves out what had a time of day before."""

    until: str = "9999"
    since: str = ""
    times_from: str = ""

    def holds(self, value: Wire) -> bool:
        """Whether the day of a stored date or wall time is in this window; zones are for the caller to allow for."""
        if not isinstance(value, str):
            return False
        return self.since <= value[:10] <= self.until and ("T" not in value or value[:10] >= self.times_from)


EVER = Window()


def facts(kind: Kind, rows: Iterable[Scanned]) -> list[Fact]:
    """Name the values of stored arrays."""
    slots = [(field.name, field.number) for field in kind.summary]
    return [
        Fact(kind, UUID(bytes=row.id), {name: row.summary[at] if at < len(row.summary) else None for name, at in slots})
        for row in rows
    ]


def dated_rows(kind: Kind, rows: Iterable[Scanned], window: Window = EVER) -> list[Scanned]:
    """Return the rows with a date in ``window``, so that the others need not be named and sorted."""
    slots, holds, dated = [field.number for field in kind.summary if field.is_due], window.holds, []
    for row in rows:  # most have no date at all, and are skipped before any window is compared
        dates = [row.summary[at] for at in slots if at < len(row.summary) and row.summary[at]]
        if dates and any(map(holds, dates)):
            dated.append(row)
    return dated


def nearest_rows(kind: Kind, rows: Iterable[Scanned], window: Window, today: dt.date, most: int) -> list[Scanned]:
    """Return the rows with a date in ``window``, at most ``most``: what comes next, and then what has just passed."""
    slots, holds, dated = [field.number for field in kind.summary if field.is_due], window.holds, []
    for row in rows:
        slotted = [row.summary[at] for at in slots if at < len(row.summary) and row.summary[at]]
        if slotted and (dates := [str(date) for date in slotted if holds(date)]):
            dated.append((max(dates), row))
    dated.sort(key=itemgetter(0))
    past = bisect_left(dated, today.isoformat(), key=itemgetter(0))
    ahead = dated[past : past + most]
    return [row for _date, row in [*dated[max(0, past + len(ahead) - most) : past], *ahead]]


def waiting_rows(kind: Kind, rows: Iterable[Scanned], today: dt.date) -> list[Scanned]:
    """Return the applications that may be quiet, by their dates alone: the events of the others need not be read.

    They are open, and their stage's expected wait has passed since they were sent. One with a date to follow up has
    its own reminder and is left out.
    """
    applied, follow_up = (kind.by_role[role].number for role in ("applied", "follow_up"))
    status = kind.by_name["status"].number
    latest = {
        stage.key: (today - dt.timedelta(days=stage.expected_wait)).isoformat()
        for stage in kind.stages
        if stage.is_open and stage.expected_wait
    }

    def has_waited(slots: list[Wire]) -> bool:
        return not slots[follow_up] and "" < str(slots[applied] or "") <= latest.get(str(slots[status]), "")

    return [row for row in rows if has_waited(row.summary)]


def is_settled(fact: Fact) -> bool:
    """Whether a record wants nothing more: done, cancelled, decided, or in a stage that is closed."""
    stage_field = fact.kind.stage_field
    if stage_field:
        stage = pipeline_of_kind(fact.kind).by_key.get(str(fact.values.get(stage_field.name)))
        return stage is not None and not stage.is_open
    return any(
        fact.values.get(name) in words if words else bool(fact.values.get(name))
        for name, words in fact.kind.settled.items()
    )


def entries(records: Iterable[Fact], names: Names, zone: ZoneInfo) -> list[Entry]:
    """Return every date of these records, in order; ``names`` is what linked records are called."""
    made = [entry for fact in records for entry in _of_fact(fact, names, zone)]
    return sorted(made, key=lambda entry: (entry.date, entry.starts.isoformat() if entry.starts else "", entry.title))


def agenda(
    dated: Sequence[Entry], quiet: Sequence[Quiet], now: dt.datetime, zone: ZoneInfo, snoozed: Mapping[str, str]
) -> Agenda:
    """Return what Today shows; ``snoozed`` is until when a line is left out, by its key, as ``snooze`` writes it."""
    today = now.astimezone(zone).date()
    awake = [entry for entry in dated if not is_snoozed(snoozed, entry.key, today)]
    soon = today + dt.timedelta(days=HORIZON_DAYS)
    return Agenda(
        interviews=[entry for entry in awake if entry.ends and entry.ends >= now and entry.date <= soon],
        follow_ups=[entry for entry in awake if entry.field.role == "follow_up" and entry.date <= today],
        tasks=[entry for entry in awake if entry.field.role == "due" and entry.date <= today],
        deadlines=[
            entry for entry in awake if entry.field.role == "deadline" and entry.date <= soon and not _is_met(entry)
        ],
        quiet=[silence for silence in quiet if not is_snoozed(snoozed, silence.key, today)],
    )


def is_snoozed(snoozed: Mapping[str, str], key: str, today: dt.date) -> bool:
    """Whether a line is left out today."""
    return snoozed.get(key, "")[:10] > today.isoformat()


def coming(dated: Iterable[Entry], today: dt.date, snoozed: Mapping[str, str]) -> Entry | None:
    """Return what comes first after today among entries in order, or None; what is snoozed or met does not count."""
    ahead = (entry for entry in dated if entry.date > today and not is_snoozed(snoozed, entry.key, today))
    return next((entry for entry in ahead if not (entry.field.role == "deadline" and _is_met(entry))), None)


def _is_met(deadline: Entry) -> bool:
    """Whether it was the deadline of an application that has been sent since."""
    fact, stage = deadline.fact, deadline.fact.kind.stage_field
    return stage is not None and pipeline_of_kind(fact.kind).category_of(fact.values[stage.name]) != SAVED


def awaited(kind: Kind, rows: Iterable[Scanned], today: dt.date) -> set[str]:
    """Return the ids of the applications with an interview today or later: those are not quiet."""
    names, starts, outcome = (kind.by_name[name].number for name in ("application_id", "starts_at", "outcome"))
    return {
        str(row.summary[names])
        for row in rows
        if str(row.summary[starts] or "") >= today.isoformat() and row.summary[outcome] not in kind.settled["outcome"]
    }


def quiet_applications(applications: Iterable[Fact], last_moved: Mapping[str, dt.date], today: dt.date) -> list[Quiet]:
    """Return those of ``waiting_rows`` where nothing has happened for longer than their stage's expected wait.

    ``last_moved`` is the day of the latest event of each application, by its id.
    """
    quiet = []
    for fact in applications:
        stage = pipeline_of_kind(fact.kind).by_key[str(fact.values["status"])]
        applied = dt.date.fromisoformat(str(fact.values[fact.kind.by_role["applied"].name]))
        since = max(applied, last_moved.get(str(fact.id), applied))
        days = (today - since).days
        if days >= stage.expected_wait:
            quiet.append(Quiet(fact, fact.kind.title_of(fact.values), since, days))
    return sorted(quiet, key=lambda silence: (-silence.days, silence.title))


def _of_fact(fact: Fact, names: Names, zone: ZoneInfo) -> Iterator[Entry]:
    for field in fact.kind.summary:
        value = fact.values.get(field.name)
        if not field.is_due or not isinstance(value, str):
            continue
        title = fact.kind.title_of(fact.values, names)
        if isinstance(field.type, WallTime):
            start, end = starts_at(fact.values, zone), ends_at(fact.values, zone)
            if start and end:
                here, there = start.astimezone(zone), end.astimezone(zone)
                yield Entry(fact=fact, field=field, date=here.date(), title=title, starts=here, ends=there)
        else:
            yield Entry(fact=fact, field=field, date=dt.date.fromisoformat(value), title=title)
