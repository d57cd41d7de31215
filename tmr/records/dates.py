"""The dates of a person's search, read from every kind that has some."""

import datetime as dt
from uuid import UUID
from zoneinfo import ZoneInfo

from tmr.domain.agenda import Agenda, Entry, Fact, agenda, entries, facts, quiet_applications
from tmr.domain.kind import Kind
from tmr.domain.kinds.application import APPLICATION
from tmr.domain.kinds.event import EVENT
from tmr.repository.unit_of_work import UnitOfWork


def dated_entries(uow: UnitOfWork, zone: ZoneInfo) -> list[Entry]:
    """Return every date that is not settled, of every kind."""
    return entries(*_gathered(uow), zone)


def todays_agenda(uow: UnitOfWork, now: dt.datetime, zone: ZoneInfo) -> Agenda:
    """Return what stands on Today for the person of this unit of work."""
    found, names = _gathered(uow)
    applications = [fact for fact in found if fact.kind.key == APPLICATION.key]
    quiet = quiet_applications(applications, _last_moved(uow, zone), now.astimezone(zone).date())
    snoozed = uow.account.preferences().snoozed
    return agenda(entries(found, names, zone), quiet, now, zone, snoozed)


def _gathered(uow: UnitOfWork) -> tuple[list[Fact], dict[str, str]]:
    kinds = [kind for kind in uow.kinds.values() if any(field.is_due for field in kind.summary)]
    found = [fact for kind in kinds for fact in facts(kind, uow.records.scan(kind))]
    # Interviews and offers are called after their application, which stands among the facts already.
    names = {str(fact.id): fact.kind.title_of(fact.values) for fact in found if not fact.kind.record_links}
    return found, names


def _last_moved(uow: UnitOfWork, zone: ZoneInfo) -> dict[str, dt.date]:
    """Return the day of the latest event of each application, by its id."""
    slots = [EVENT.by_name[name].number for name in ("application_id", "happened_at")]
    latest: dict[str, str] = {}
    for row in uow.records.scan(_event(uow)):
        application, happened = (row.summary[slot] for slot in slots)
        if isinstance(application, str) and isinstance(happened, str):
            latest[application] = max(latest.get(application, ""), happened)
    return {one: dt.datetime.fromisoformat(at).astimezone(zone).date() for one, at in latest.items()}


def _event(uow: UnitOfWork) -> Kind:
    return uow.kinds[EVENT.plural]


def line_of(found: Agenda, key: str) -> tuple[Kind, UUID, str] | None:
    """Return kind, record and field of the line with this key, or None when it is no longer there."""
    for line in found.lines:
        if line.key == key:
            name = line.field.name if isinstance(line, Entry) else "quiet"
            return line.fact.kind, line.fact.id, name
    return None
