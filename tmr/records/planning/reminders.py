"""Reminder and morning mails: planned with each change of an interview, sent by the queue, off unless asked for."""

import datetime as dt
from uuid import UUID
from zoneinfo import ZoneInfo

from tmr.domain.agenda.agenda import Agenda, Entry
from tmr.domain.agenda.interview_times import starts_at
from tmr.domain.agenda.reminder_times import NAMES, before, next_morning
from tmr.domain.kinds.interview import INTERVIEW
from tmr.records.planning.dates import dated_entries, todays_agenda
from tmr.repository.accounts.accounts import MorningMail
from tmr.repository.errors import RecordNotFoundError
from tmr.repository.queue.mails import Mail
from tmr.repository.repository import Repository
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.display.zone import zone_named

PARTS = (
    ("interviews", "interview", "interviews"),
    ("follow_ups", "follow-up", "follow-ups"),
    ("tasks", "task", "tasks"),
    ("deadlines", "deadline", "deadlines"),
    ("quiet", "application with no reply", "applications with no reply"),
)


def plan_reminders(uow: UnitOfWork, now: dt.datetime) -> None:
    """Note when this person wants to hear from us next; nothing for somebody who did not ask for it.

    What is due already stays, for the worker that is on its way.
    """
    preferences = uow.account.preferences()
    wanted = preferences.morning
    if wanted is None:
        uow.reminders.forget()
        return
    zone = zone_named(preferences.zone)
    due: dict[UUID, dt.datetime] = {}
    if wanted.hour is not None:
        due[uow.owner] = next_morning(wanted.hour, wanted.days, now, zone)
    if wanted.interview_minutes:
        due |= _before_interviews(uow, wanted, now, zone)
    uow.reminders.plan(due, now)


def _before_interviews(
    uow: UnitOfWork, wanted: MorningMail, now: dt.datetime, zone: ZoneInfo
) -> dict[UUID, dt.datetime]:
    entries = [one for one in dated_entries(uow, zone) if one.starts]
    times = {one.fact.id: before(one.starts, wanted.interview_minutes, now) for one in entries if one.starts}
    return {record_id: at for record_id, at in times.items() if at}


def send_due(repository: Repository, owner: UUID, now: dt.datetime) -> None:
    """Queue the mails that a person is due for, and plan the next ones."""
    try:
        uow = repository.for_owner(owner)
    except RecordNotFoundError:
        return  # the account was erased meanwhile
    with uow:
        zone, wanted = zone_named(uow.account.preferences().zone), uow.account.preferences().morning
        for subject in uow.reminders.take_due(now) if wanted else []:
            if subject == owner:
                _send_morning(uow, wanted, now, zone)
            else:
                _send_reminder(uow, wanted, subject, now, zone)
        plan_reminders(uow, now)
        uow.commit()


def _send_morning(uow: UnitOfWork, wanted: MorningMail | None, now: dt.datetime, zone: ZoneInfo) -> None:
    found = todays_agenda(uow, now, zone)
    if not found.count:
        return  # nothing waits: no mail
    lines = "\n\n".join(_named(found)) if wanted and wanted.says == NAMES else ""
    values = {"summary": _counted(found), "lines": lines, "link": "/today"}
    uow.mails.add(Mail(uow.account.email(), "morning", values), now)


def _send_reminder(
    uow: UnitOfWork, wanted: MorningMail | None, subject: UUID, now: dt.datetime, zone: ZoneInfo
) -> None:
    found = uow.records.get_many(uow.kinds[INTERVIEW.plural], [subject])
    start = starts_at(found[0].values, zone) if found else None
    if start is None or found[0].values["outcome"] == "cancelled":
        return
    names = uow.names.some(str(found[0].values["application_id"]).split())
    title = found[0].kind.title_of(found[0].values, names) if wanted and wanted.says == NAMES else ""
    values = {"at": f"{start.astimezone(zone):%H:%M}", "interview": title, "link": f"/interviews/{subject}"}
    uow.mails.add(Mail(uow.account.email(), "reminder", values), now)


def _counted(found: Agenda) -> str:
    """Return how many lines of each part wait, such as ``2 interviews, 1 task``."""
    counts = [(len(getattr(found, name)), one, many) for name, one, many in PARTS]
    return ", ".join(f"{count} {one if count == 1 else many}" for count, one, many in counts if count)


def _named(found: Agenda) -> list[str]:
    return [
        f"{one.starts:%a %H:%M}  {one.title}" if isinstance(one, Entry) and one.starts else one.title
        for one in found.lines
    ]
