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
    """Plan the next mails that this person asked for, or forget the plan if they want none.

    What is due already stays as it is: a worker may be about to send it.
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
    starting = {entry.fact.id: entry.starts for entry in dated_entries(uow, zone) if entry.starts}
    times = {record_id: before(starts, wanted.interview_minutes, now) for record_id, starts in starting.items()}
    return {record_id: at for record_id, at in times.items() if at}


def send_due(repository: Repository, owner: UUID, now: dt.datetime) -> None:
    """Queue the mails that a person is due for, and plan the next ones."""
    try:
        uow = repository.for_owner(owner)
    except RecordNotFoundError:
        return  # the account was erased in the meantime
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
    agenda = todays_agenda(uow, now, zone)
    if not agenda.count:
        return  # an empty day needs no mail
    lines = "\n\n".join(_lines(agenda)) if wanted and wanted.says == NAMES else ""
    values = {"summary": _counts(agenda), "lines": lines, "link": "/today"}
    uow.mails.add(Mail(uow.account.email(), "morning", values), now)


def _send_reminder(
    uow: UnitOfWork, wanted: MorningMail | None, subject: UUID, now: dt.datetime, zone: ZoneInfo
) -> None:
    interview = next(iter(uow.records.get_many(uow.kinds[INTERVIEW.plural], [subject])), None)
    start = starts_at(interview.values, zone) if interview else None
    if interview is None or start is None or interview.values["outcome"] == "cancelled":
        return  # deleted, moved to no date or called off since the reminder was planned
    names = uow.names.some(str(interview.values["application_id"]).split())
    title = interview.kind.title_of(interview.values, names) if wanted and wanted.says == NAMES else ""
    values = {"at": f"{start.astimezone(zone):%H:%M}", "interview": title, "link": f"/interviews/{subject}"}
    uow.mails.add(Mail(uow.account.email(), "reminder", values), now)


def _counts(agenda: Agenda) -> str:
    """Return how many lines each part has, such as ``2 interviews, 1 task``."""
    counts = [(len(getattr(agenda, name)), singular, plural) for name, singular, plural in PARTS]
    return ", ".join(f"{count} {singular if count == 1 else plural}" for count, singular, plural in counts if count)


def _lines(agenda: Agenda) -> list[str]:
    return [
        f"{line.starts:%a %H:%M}  {line.title}" if isinstance(line, Entry) and line.starts else line.title
        for line in agenda.lines
    ]
