"""The dates of a person's search, read from every kind that has some."""

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import partial
from uuid import UUID
from zoneinfo import ZoneInfo

from tmr.domain.agenda.agenda import (
    EVER,
    HORIZON_DAYS,
    Agenda,
    Entry,
    Fact,
    Quiet,
    Window,
    agenda,
    awaited,
    coming,
    dated_rows,
    due_dates,
    entries,
    facts,
    nearest_rows,
    quiet_applications,
    rows_of_today,
    waiting_rows,
)
from tmr.domain.fields.kind import Kind
from tmr.domain.kinds import BY_KEY
from tmr.domain.kinds.application import APPLICATION
from tmr.domain.kinds.event import EVENT
from tmr.domain.kinds.interview import INTERVIEW
from tmr.domain.record import Scanned
from tmr.records.history.ends import still_on
from tmr.repository.unit_of_work import UnitOfWork

DAY = dt.timedelta(days=1)
PAST_DAYS, AHEAD_DAYS, MOST_NEAR = 60, 400, 300  # of what a calendar feed holds


def dated_entries(uow: UnitOfWork, zone: ZoneInfo, window: Window = EVER) -> list[Entry]:
    """Return every date in ``window``, of all kinds, whose record still needs something."""
    return _entries(
        uow, {kind.key: dated_rows(kind, uow.records.each(kind), window) for kind in _dated_kinds(uow)}, zone, window
    )


def entries_near(uow: UnitOfWork, zone: ZoneInfo, today: dt.date, *, is_timed: bool) -> list[Entry]:
    """Return the dates around ``today`` whose record still needs something, for calendars: at most ``MOST_NEAR``.

    Those that come next go before those that have passed, and the nearer ones before the others. With ``is_timed``,
    only those with a time of day.
    """
    window = Window(since=(today - PAST_DAYS * DAY).isoformat(), until=(today + AHEAD_DAYS * DAY).isoformat())
    rows = {}
    for kind in _dated_kinds(uow):
        nearest = partial(nearest_rows, kind, window=window, today=today, most=MOST_NEAR)
        rows[kind.key] = uow.records.compared(kind, (window, today, kind.summary), nearest)
    found = [entry for entry in _entries(uow, rows, zone, window) if entry.starts or not is_timed]
    ahead = [entry for entry in found if entry.date >= today][:MOST_NEAR]
    past = [entry for entry in found if entry.date < today]
    return past[max(0, len(past) + len(ahead) - MOST_NEAR) :] + ahead


def next_interviews(uow: UnitOfWork, zone: ZoneInfo, since: dt.date, most: int) -> tuple[list[Entry], bool]:
    """Return those of the next ``most`` interviews from ``since`` on that still take place, and whether more follow."""
    kind, window = uow.kinds[INTERVIEW.plural], Window(since=since.isoformat())
    rows = nearest_rows(kind, uow.records.each(kind), window, since, most)
    return _entries(uow, {kind.key: rows}, zone, window), len(rows) >= most


def todays_agenda(uow: UnitOfWork, now: dt.datetime, zone: ZoneInfo) -> Agenda:
    """Return what Today shows to the person of this unit of work."""
    today = now.astimezone(zone).date()
    # A day more on either side: what is stored may be the day of another zone.
    soon, recently = (today + (HORIZON_DAYS + 1) * DAY).isoformat(), (today - 2 * DAY).isoformat()
    window = Window(until=soon, times_from=recently)
    rows = {}
    for kind in _dated_kinds(uow):
        question = (window, today, kind.summary, kind.stages)
        rows[kind.key] = uow.records.chosen(kind, question, partial(rows_of_today, kind, window=window, today=today))
    snoozed = uow.private.get().snoozed
    in_window = ((uow.kinds[BY_KEY[key].plural], some) for key, some in rows.items())
    wanted = ((kind, still_on(uow, kind, dated_rows(kind, some, window), zone)) for kind, some in in_window)
    dated = (due for kind, some in wanted for due in due_dates(kind, some, zone))
    return agenda(dated, _quiet(uow, rows, today, zone, snoozed), now, zone, uow.names.some, snoozed)


def _dated_kinds(uow: UnitOfWork) -> list[Kind]:
    """Return the kinds with dates that there are records of: nothing is asked of the database for the others."""
    dated = [kind for kind in uow.kinds.values() if any(field.is_due for field in kind.summary)]
    return [kind for kind in dated if uow.records.counts.may_have(kind)]


def _entries(uow: UnitOfWork, rows: dict[str, list[Scanned]], zone: ZoneInfo, window: Window) -> list[Entry]:
    kinds = [uow.kinds[BY_KEY[key].plural] for key in rows]
    dated = ((kind, still_on(uow, kind, dated_rows(kind, rows[kind.key], window), zone)) for kind in kinds)
    open_facts = [fact for kind, some in dated for fact in facts(kind, some)]
    return entries(open_facts, uow.names.some(_linked(open_facts)), zone)


def _linked(records: list[Fact]) -> set[str]:
    """Return the ids of the records that these are named after, as an interview is after its application."""
    return {
        str(fact.values[field.name])
        for fact in records
        for field in fact.kind.record_links
        if field.name in fact.kind.name_fields and fact.values[field.name]
    }


def _quiet(
    uow: UnitOfWork, rows: dict[str, list[Scanned]], today: dt.date, zone: ZoneInfo, snoozed: Mapping[str, str]
) -> Sequence[Quiet]:
    """Return the applications that have been quiet for too long; only those that may be have their events read."""
    kind = uow.kinds[APPLICATION.plural]
    ahead = awaited(INTERVIEW, rows.get(INTERVIEW.key, ()), today)
    maybe = [row for row in waiting_rows(kind, rows.get(kind.key, ()), today) if row.id not in ahead]
    return quiet_applications(kind, maybe, _last_moved(uow, [row.id for row in maybe], zone), today, snoozed)


def _last_moved(uow: UnitOfWork, applications: list[bytes], zone: ZoneInfo) -> dict[bytes, dt.date]:
    """Return the day of the latest event of each of these applications, by its id."""
    if not applications or not uow.records.counts.may_have(EVENT):
        return {}
    names, when = (EVENT.by_name[name].number for name in ("application_id", "happened_at"))
    latest: dict[str, str] = {}
    for event in uow.records.scan(EVENT, naming=applications):
        application, happened = event.summary[names], event.summary[when]
        if isinstance(application, str) and isinstance(happened, str):
            latest[application] = max(latest.get(application, ""), happened)
    return {
        UUID(application).bytes: dt.datetime.fromisoformat(at).astimezone(zone).date()
        for application, at in latest.items()
    }


def whats_next(uow: UnitOfWork, today: dt.date, zone: ZoneInfo) -> Entry | None:
    """Return the first date after today whose record still needs something, or None."""
    return coming(entries_near(uow, zone, today, is_timed=False), today, uow.private.get().snoozed)
