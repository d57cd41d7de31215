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
    dated_rows,
    entries,
    facts,
    is_settled,
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


def dated_entries(uow: UnitOfWork, zone: ZoneInfo, window: Window = EVER) -> list[Entry]:
    """Return every date in ``window`` that is not settled, of every kind."""
    return _entries(uow, {kind.key: uow.records.scan(kind) for kind in _dated_kinds(uow)}, zone, window)


def todays_agenda(uow: UnitOfWork, now: dt.datetime, zone: ZoneInfo) -> Agenda:
    """Return what stands on Today for the person of this unit of work."""
    today = now.astimezone(zone).date()
    soon, recently = (today + (HORIZON_DAYS + 1) * DAY).isoformat(), (today - 2 * DAY).isoformat()
    rows = {kind.key: uow.records.scan(kind) for kind in _dated_kinds(uow)}
    found = _entries(uow, rows, zone, Window(until=soon, times_from=recently))
    quiet = _quiet(uow, rows, today, zone)
    return agenda(found, quiet, now, zone, uow.account.preferences().snoozed)


def _dated_kinds(uow: UnitOfWork) -> list[Kind]:
    return [kind for kind in uow.kinds.values() if any(field.is_due for field in kind.summary)]


def _entries(uow: UnitOfWork, rows: dict[str, list[Scanned]], zone: ZoneInfo, window: Window) -> list[Entry]:
    kinds = _dated_kinds(uow)
    found = [fact for kind in kinds for fact in facts(kind, dated_rows(kind, rows[kind.key], window))]
    open_ones = [fact for fact in found if not is_settled(fact)]
    return entries(open_ones, uow.names.some(_linked(open_ones)), zone)


def _linked(found: list[Fact]) -> set[str]:
    """Return the ids of what records are called after: an interview is named by its application."""
    return {
        str(fact.values[field.name])
        for fact in found
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
    return {one: dt.datetime.fromisoformat(at).astimezone(zone).date() for one, at in latest.items()}


def line_of(found: Agenda, key: str) -> tuple[Fact, str] | None:
    """Return the record as it was read, and the field, of the line with this key; None when it is no longer there."""
    for line in found.lines:
        if line.key == key:
            name = line.field.name if isinstance(line, Entry) else "quiet"
            return line.fact, name
    return None
