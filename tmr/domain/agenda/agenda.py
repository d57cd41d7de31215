"""What has a date: gathered from every kind by its declaration, for Today, the calendar and the feed."""

import datetime as dt
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from tmr.domain.agenda.interview_times import ends_at, starts_at
from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Field, Names, Wire
from tmr.domain.fields.types.links import link_ids
from tmr.domain.fields.types.times import WallTime
from tmr.domain.ordering import InOrder, value_at
from tmr.domain.pipeline.category import SAVED
from tmr.domain.record import Scanned, declared

HORIZON_DAYS = 7

Test = Callable[[list[Wire]], bool]


class Fact(msgspec.Struct, frozen=True):
    """One record's summary by the names of its fields, those aside that a person added."""

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
        return _key_of(self.field, self.fact.kind, self.fact.id, self.date.isoformat(), self.starts)

    @property
    def what(self) -> str:
        """What the date is, in words."""
        if self.starts:
            return self.fact.kind.words("kind", self.fact.values) or self.fact.kind.title
        return "Task" if self.fact.kind.key == "task" else self.field.label


def _key_of(field: Field, kind: Kind, record_id: UUID, date: str, starts: dt.datetime | None) -> str:
    return f"{field.name}/{kind.plural}/{record_id}/{starts.astimezone(dt.UTC).isoformat() if starts else date}"


class Quiet(msgspec.Struct, frozen=True):
    """An application that has waited for an answer for longer than its stage usually takes."""

    fact: Fact
    title: str
    since: dt.date
    days: int

    @property
    def key(self) -> str:
        """What names this silence in a form or a snooze: once something happens, the key changes."""
        return _quiet_key(self.fact.kind, self.fact.id, self.since.isoformat())


def _quiet_key(kind: Kind, record_id: UUID, since: str) -> str:
    return f"quiet/{kind.plural}/{record_id}/{since}"


Line = Entry | Quiet


class Agenda(msgspec.Struct, frozen=True):
    """What a person should know today, each part in the order in which it matters."""

    interviews: Sequence[Entry]
    follow_ups: Sequence[Entry]
    tasks: Sequence[Entry]
    deadlines: Sequence[Entry]
    quiet: Sequence[Quiet]

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
        return sum(map(len, self.parts.values()))

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


class Due(msgspec.Struct, frozen=True, gc=False):
    """A date of a record that still needs something, not yet named: of thousands most are not shown."""

    kind: Kind
    row: Scanned
    field: Field
    date: str
    starts: dt.datetime | None = None
    ends: dt.datetime | None = None

    @property
    def key(self) -> str:
        """The key of its entry."""
        return _key_of(self.field, self.kind, UUID(bytes=self.row.id), self.date, self.starts)

    @property
    def linked(self) -> list[str]:
        """The ids of the records that this one is named after, as an interview is after its application."""
        named = [field for field in self.kind.record_links if field.name in self.kind.name_fields]
        return [str(value) for field in named if (value := value_at(self.row.summary, field.number))]

    @property
    def is_met(self) -> bool:
        """Whether it is the deadline of an application that has been sent since."""
        stage = self.kind.stage_field
        return stage is not None and _is_sent(self.kind, self.row.summary[stage.number])

    @property
    def order(self) -> tuple[str, str]:
        """What it is sorted by, before its name."""
        return self.date, self.starts.isoformat() if self.starts else ""

    def entry(self, title: str) -> Entry:
        """Return it as it is shown."""
        day, fact = dt.date.fromisoformat(self.date), fact_of(self.kind, self.row)
        return Entry(fact=fact, field=self.field, date=day, title=title, starts=self.starts, ends=self.ends)


def fact_of(kind: Kind, row: Scanned) -> Fact:
    """Name the values of a stored array, without those of own fields: nothing that is dated is shown with them."""
    slots, filled = row.summary, len(row.summary)
    named = {field.name: slots[field.number] if field.number < filled else None for field in kind.declared_summary}
    return Fact(kind, UUID(bytes=row.id), named)


def facts(kind: Kind, rows: Iterable[Scanned]) -> list[Fact]:
    """Name the values of several stored arrays."""
    return [fact_of(kind, row) for row in rows]


def dated_rows(kind: Kind, rows: Iterable[Scanned], window: Window = EVER) -> list[Scanned]:
    """Return the rows with a date in ``window``, so that the others need not be named and sorted."""
    has_date = _date_test(kind, window)
    return [declared(kind, row) for row in rows if has_date(row.summary)]


def rows_of_today(kind: Kind, rows: Iterable[Scanned], window: Window, today: dt.date) -> list[Scanned]:
    """Return the rows that Today may need, so that the others need not be kept: most have nothing to do with it.

    They have a date in ``window``, or may be quiet (``waiting_rows``), or tell of others that they are not
    (``awaited``).
    """
    has_date = may_tell = _date_test(kind, window)
    if "applied" in kind.by_role:
        may_tell = _waiting_test(kind, today)
    elif "starts_at" in kind.by_name:
        may_tell = _ahead_test(kind, today)
    return [declared(kind, row) for row in rows if has_date(row.summary) or may_tell(row.summary)]


def _date_test(kind: Kind, window: Window) -> Test:
    slots, holds = [field.number for field in kind.summary if field.is_due], window.holds

    def has_date(summary: list[Wire]) -> bool:
        filled = len(summary)
        for at in slots:  # noqa: SIM110 - a generator for each of all records took longer than the test
            if at < filled and (date := summary[at]) and holds(date):
                return True
        return False

    return has_date


def nearest_rows(kind: Kind, rows: Iterable[Scanned], window: Window, today: dt.date, most: int) -> list[Scanned]:
    """Return the rows with a date in ``window``, at most ``most``: what comes next, and then what has just passed."""
    slots, holds, dated = [field.number for field in kind.summary if field.is_due], window.holds, []
    for row in rows:
        slotted = [row.summary[at] for at in slots if at < len(row.summary) and row.summary[at]]
        if slotted and (dates := [str(date) for date in slotted if holds(date)]):
            dated.append((max(dates), declared(kind, row)))
    dated.sort(key=itemgetter(0))
    past = bisect_left(dated, today.isoformat(), key=itemgetter(0))
    ahead = dated[past : past + most]
    return [row for _date, row in [*dated[max(0, past + len(ahead) - most) : past], *ahead]]


def waiting_rows(kind: Kind, rows: Iterable[Scanned], today: dt.date) -> list[Scanned]:
    """Return the applications that may be quiet, by their dates alone: the events of the others need not be read.

    They are open, and their stage's expected wait has passed since they were sent. One with a date to follow up has
    its own reminder and is left out.
    """
    has_waited = _waiting_test(kind, today)
    return [declared(kind, row) for row in rows if has_waited(row.summary)]


def _waiting_test(kind: Kind, today: dt.date) -> Test:
    applied, follow_up = (kind.by_role[role].number for role in ("applied", "follow_up"))
    status = kind.by_name["status"].number
    latest = _latest_of_waiting(kind, today)
    return lambda slots: not slots[follow_up] and "" < str(slots[applied] or "") <= latest.get(str(slots[status]), "")


def _latest_of_waiting(kind: Kind, today: dt.date) -> dict[str, str]:
    """Return by stage the last day since which an application in it has waited for too long."""
    return {
        stage.key: (today - dt.timedelta(days=stage.expected_wait)).isoformat()
        for stage in kind.stages
        if stage.is_open and stage.expected_wait
    }


def open_rows(kind: Kind, rows: Iterable[Scanned]) -> list[Scanned]:
    """Return the rows of records that want something still: not done, cancelled, decided, or in a closed stage."""
    if field := kind.stage_field:
        closed, slot = {stage.key for stage in kind.stages if not stage.is_open}, field.number
        return [row for row in rows if str(row.summary[slot]) not in closed]
    settled = [(kind.by_name[name].number, words) for name, words in kind.settled.items()]

    def is_settled(slots: list[Wire]) -> bool:
        return any(slots[at] in words if words else bool(slots[at]) for at, words in settled)

    return [row for row in rows if not is_settled(row.summary)]


def entries(records: Iterable[Fact], names: Names, zone: ZoneInfo) -> list[Entry]:
    """Return every date of these records, in order; ``names`` is what linked records are called."""
    made = [entry for fact in records for entry in _of_fact(fact, names, zone)]
    return sorted(made, key=lambda entry: (entry.date, entry.starts.isoformat() if entry.starts else "", entry.title))


def due_dates(kind: Kind, rows: Iterable[Scanned], zone: ZoneInfo) -> Iterator[Due]:
    """Yield every date of those of these records that still need something."""
    fields = [field for field in kind.declared_summary if field.is_due]
    for row in open_rows(kind, rows):
        for field in fields:
            value = value_at(row.summary, field.number)
            if not isinstance(value, str):
                continue
            if isinstance(field.type, WallTime):
                values = fact_of(kind, row).values
                start, end = starts_at(values, zone), ends_at(values, zone)
                if start and end:
                    here, there = start.astimezone(zone), end.astimezone(zone)
                    yield Due(kind, row, field, here.date().isoformat(), here, there)
            else:
                yield Due(kind, row, field, value)


def agenda(
    dated: Iterable[Due],
    quiet: Sequence[Quiet],
    now: dt.datetime,
    zone: ZoneInfo,
    names_of: Callable[[Iterable[str]], Names],
    snoozed: Mapping[str, str],
) -> Agenda:
    """Return what Today shows; ``names_of`` returns what linked records are called, by their ids.

    ``snoozed`` is until when a line is left out, by its key, as ``snooze`` writes it.
    """
    today = now.astimezone(zone).date()
    soon = (today + dt.timedelta(days=HORIZON_DAYS)).isoformat()
    parts: dict[str, list[Due]] = {part: [] for part in ("interviews", "follow_up", "due", "deadline")}
    left_out = _left_out(snoozed, today)
    for due in dated:
        part = "interviews" if due.ends and due.ends >= now else due.field.role
        until = today.isoformat() if part in ("follow_up", "due") else soon
        is_wanted = part in parts and due.date <= until and not (part == "deadline" and due.is_met)
        if is_wanted and not (left_out and due.key in left_out):
            parts[part].append(due)
    names = names_of([linked for dues in parts.values() for due in dues for linked in due.linked])
    interviews, follow_ups, tasks, deadlines = (_in_order(dues, names) for dues in parts.values())
    return Agenda(interviews, follow_ups, tasks, deadlines, quiet)


def _in_order(dues: list[Due], names: Names) -> Sequence[Entry]:
    keyed = [(due.order, due) for due in dues]
    return InOrder(keyed, lambda due: due.kind.title_at(due.row.summary, names), Due.entry)


def _left_out(snoozed: Mapping[str, str], today: dt.date) -> set[str]:
    return {key for key in snoozed if is_snoozed(snoozed, key, today)}


def is_snoozed(snoozed: Mapping[str, str], key: str, today: dt.date) -> bool:
    """Whether a line is left out today."""
    return snoozed.get(key, "")[:10] > today.isoformat()


def coming(dated: Iterable[Entry], today: dt.date, snoozed: Mapping[str, str]) -> Entry | None:
    """Return what comes first after today among entries in order, or None; what is snoozed or met does not count."""
    ahead = (entry for entry in dated if entry.date > today and not is_snoozed(snoozed, entry.key, today))
    return next((entry for entry in ahead if not (entry.field.role == "deadline" and _is_met(entry))), None)


def _is_met(deadline: Entry) -> bool:
    kind, stage = deadline.fact.kind, deadline.fact.kind.stage_field
    return stage is not None and _is_sent(kind, deadline.fact.values[stage.name])


def _is_sent(kind: Kind, stage: Wire) -> bool:
    return kind.pipeline.category_of(stage) != SAVED


def awaited(kind: Kind, rows: Iterable[Scanned], today: dt.date) -> set[bytes]:
    """Return the ids of the applications with an interview today or later: those are not quiet."""
    is_ahead, application = _ahead_test(kind, today), kind.by_name["application_id"].number
    ahead = [row.summary[application] for row in rows if is_ahead(row.summary)]
    return {UUID(application_id).bytes for ids in ahead for application_id in link_ids(ids)}


def _ahead_test(kind: Kind, today: dt.date) -> Test:
    starts, outcome = (kind.by_name[name].number for name in ("starts_at", "outcome"))
    first, settled = today.isoformat(), kind.settled["outcome"]
    return lambda slots: str(slots[starts] or "") >= first and slots[outcome] not in settled


def quiet_applications(
    kind: Kind,
    applications: Iterable[Scanned],
    last_moved: Mapping[bytes, dt.date],
    today: dt.date,
    snoozed: Mapping[str, str],
) -> Sequence[Quiet]:
    """Return those of ``waiting_rows`` where nothing has happened for longer than their stage's expected wait.

    ``last_moved`` is the day of the latest event of each application, by its id; ``snoozed`` as for ``agenda``.
    """
    applied, status = kind.by_role["applied"].number, kind.by_name["status"].number
    latest, left_out = _latest_of_waiting(kind, today), _left_out(snoozed, today)
    quiet = []
    for row in applications:
        since = str(row.summary[applied])
        if moved := last_moved.get(row.id):
            since = max(since, moved.isoformat())
        is_left_out = left_out and _quiet_key(kind, UUID(bytes=row.id), since) in left_out
        if since <= latest[str(row.summary[status])] and not is_left_out:
            quiet.append((since, (since, row)))

    def made(one: tuple[str, Scanned], title: str) -> Quiet:
        since = dt.date.fromisoformat(one[0])
        return Quiet(fact_of(kind, one[1]), title, since, (today - since).days)

    return InOrder(quiet, lambda one: kind.title_at(one[1].summary), made)


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
