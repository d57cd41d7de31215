"""The dates of a person's search, read from every kind that has some."""

import datetime as dt
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
    entries,
    facts,
    is_settled,
    nearest_rows,
    quiet_applications,
    waiting_rows,
)
from tmr.domain.fields.kind import Kind
from tmr.domain.kinds.application import APPLICATION
from tmr.domain.kinds.event import EVENT
from tmr.domain.kinds.interview import INTERVIEW
from tmr.domain.record import Scanned
from tmr.repository.unit_of_work import UnitOfWork

DAY = dt.timedelta(days=1)
PAST_DAYS, AHEAD_DAYS, MOST_NEAR = 60, 400, 300  # of what a calendar feed holds


def dated_entries(uow: UnitOfWork, zone: ZoneInfo, window: Window = EVER) -> list[Entry]:
    """Return every date in ``window``, of all kinds, whose record still needs something."""
    return _entries(uow, {kind.key: uow.records.scan(kind) for kind in _dated_kinds(uow)}, zone, window)


def entries_near(uow: UnitOfWork, zone: ZoneInfo, today: dt.date, *, is_timed: bool) -> list[Entry]:
    """Return the dates around ``today`` whose record still needs something, for calendars: at most ``MOST_NEAR``.

    Those that come next go before those that have passed, and the nearer ones before the others. With ``is_timed``,
    only those with a time of day.
    """
    window = Window(since=(today - PAST_DAYS * DAY).isoformat(), until=(today + AHEAD_DAYS * DAY).isoformat())
    rows = {
        kind.key: nearest_rows(kind, uow.records.scan(kind), window, today, MOST_NEAR) for kind in _dated_kinds(uow)
    }
    found = [entry for entry in _entries(uow, rows, zone, window) if entry.starts or not is_timed]
    ahead = [entry for entry in found if entry.date >= today][:MOST_NEAR]
    past = [entry for entry in found if entry.date < today]
    return past[max(0, len(past) + len(ahead) - MOST_NEAR) :] + ahead


def todays_agenda(uow: UnitOfWork, now: dt.datetime, zone: ZoneInfo) -> Agenda:
    """Return what Today shows to the person of this unit of work."""
    today = now.astimezone(zone).date()
    # A day more on either side: what is stored may be the day of another zone.
    soon, recently = (today + (HORIZON_DAYS + 1) * DAY).isoformat(), (today - 2 * DAY).isoformat()
    rows = {kind.key: uow.records.scan(kind) for kind in _dated_kinds(uow)}
    dated = _entries(uow, rows, zone, Window(until=soon, times_from=recently))
    quiet = _quiet(uow, rows, today, zone)
    return agenda(dated, quiet, now, zone, uow.account.preferences().snoozed)


def _dated_kinds(uow: UnitOfWork) -> list[Kind]:
    return [kind for kind in uow.kinds.values() if any(field.is_due for field in kind.summary)]


def _entries(uow: UnitOfWork, rows: dict[str, list[Scanned]], zone: ZoneInfo, window: Window) -> list[Entry]:
    kinds = _dated_kinds(uow)
    dated = [fact for kind in kinds for fact in facts(kind, dated_rows(kind, rows[kind.key], window))]
    open_facts = [fact for fact in dated if not is_settled(fact)]
    return entries(open_facts, uow.names.some(_linked(open_facts)), zone)


def _linked(records: list[Fact]) -> set[str]:
    """Return the ids of the records that these are named after, as an interview is after its application."""
    return {
        str(fact.values[field.name])
        for fact in records
        for field in fact.kind.record_links
        if field.name in fact.kind.name_fields and fact.values[field.name]
    }


def _quiet(uow: UnitOfWork, rows: dict[str, list[Scanned]], today: dt.date, zone: ZoneInfo) -> list[Quiet]:
    """Return the applications that have been quiet for too long; only those that may be have their events read."""
    kind = uow.kinds[APPLICATION.plural]
    ahead = awaited(INTERVIEW, rows[INTERVIEW.key], today)
    waiting = facts(kind, waiting_rows(kind, rows[kind.key], today))
    maybe = [fact for fact in waiting if str(fact.id) not in ahead]
    moved = _last_moved(uow, [fact.id for fact in maybe], zone) if maybe else {}
    return quiet_applications(maybe, moved, today)


def _last_moved(uow: UnitOfWork, applications: list[UUID], zone: ZoneInfo) -> dict[str, dt.date]:
    """Return the day of the latest event of each of these applications, by its id."""
    names, when = (EVENT.by_name[name].number for name in ("application_id", "happened_at"))
    latest: dict[str, str] = {}
    for event in uow.records.scan(EVENT, naming=applications):
        application, happened = event.summary[names], event.summary[when]
        if isinstance(application, str) and isinstance(happened, str):
            latest[application] = max(latest.get(application, ""), happened)
    return {application: dt.datetime.fromisoformat(at).astimezone(zone).date() for application, at in latest.items()}


def whats_next(uow: UnitOfWork, today: dt.date, zone: ZoneInfo) -> Entry | None:
    """Return the first date after today whose record still needs something, or None."""
    return coming(entries_near(uow, zone, today, is_timed=False), today, uow.account.preferences().snoozed)
