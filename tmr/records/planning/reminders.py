"""Reminder and morning mails: planned with each change of an interview, sent by the queue, off unless asked for."""

import datetime as dt
from itertools import zip_longest
from operator import itemgetter
from uuid import UUID
from zoneinfo import ZoneInfo

from tmr.domain.agenda.agenda import Agenda, Entry
from tmr.domain.agenda.interview_times import starts_at
from tmr.domain.agenda.reminder_times import NAMES, before, next_morning
from tmr.domain.kinds.interview import INTERVIEW
from tmr.domain.locales.locale import Locale, locale_named
from tmr.domain.record import Record
from tmr.records.history.ends import called_off
from tmr.records.planning.dated_records import DAY, next_interviews, todays_agenda
from tmr.repository.accounts.accounts import MorningMail
from tmr.repository.errors import RecordNotFoundError
from tmr.repository.queue.mails import Mail
from tmr.repository.queue.rate_limits import Limit, Limits
from tmr.repository.queue.reminders import PLAN_ANEW
from tmr.repository.repository import Repository
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.display.zone import zone_named

MOST_PLANNED = 100  # interviews; with the last of them the next ones are planned
LOOK_AGAIN = dt.timedelta(hours=1)  # where none of those is to be told of any more, and others follow
MOST_TOLD = 20  # interviews that one reminder names
MOST_LINES = 50  # of a mail in the morning
REMINDERS_BY_ACCOUNT = Limit("reminder mails by account", 24, dt.timedelta(days=1))
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
    since = (now - 2 * DAY).date()  # wide enough for every zone
    entries, has_more = next_interviews(uow, zone, since, MOST_PLANNED)
    starting = {entry.fact.id: entry.starts for entry in entries if entry.starts}
    times = {record_id: before(starts, wanted.interview_minutes, now) for record_id, starts in starting.items()}
    due = {record_id: at for record_id, at in times.items() if at}
    if has_more:
        due[PLAN_ANEW] = max([*due.values(), now + LOOK_AGAIN])
    return due


def send_due(repository: Repository, limits: Limits, owner: UUID, now: dt.datetime) -> None:
    """Queue the mails that a person is due for, and plan the next ones.

    All interviews that are due make one mail; above a number of mails a day, a person gets no more of them.
    Locked records are not opened: a mail about them tells nothing of them, and the requests of their owner plan.
    A disabled account gets none until it is enabled again.
    """
    try:
        uow = repository.for_owner(owner)
    except RecordNotFoundError:
        return  # the account was erased in the meantime
    with uow:
        if uow.account.standing().disabled_at:
            uow.reminders.forget()
            uow.commit()
            return
        preferences = uow.account.preferences()
        zone, wanted = zone_named(preferences.zone), preferences.morning
        due = uow.reminders.take_due(now) if wanted else []
        if wanted and uow.lock.is_on:
            _send_locked(uow, wanted, due, limits, now)
            uow.commit()
            return
        if owner in due:
            _send_morning(uow, wanted, now, zone)
        reminder = _reminder(uow, wanted, [subject for subject in due if subject != owner], zone)
        if reminder and not limits.hit(REMINDERS_BY_ACCOUNT, str(owner), now):
            uow.mails.add(reminder, now)
        plan_reminders(uow, now)
        uow.commit()


def _send_locked(uow: UnitOfWork, wanted: MorningMail, due: list[UUID], limits: Limits, now: dt.datetime) -> None:
    """Mail that something is due, without content, names or counts.

    Reminders are as they were planned with the last change. What a morning brings is not known, so each one has its
    mail, and the next one is planned.
    """
    is_interview = bool(set(due) - {uow.owner, PLAN_ANEW})
    if is_interview and limits.hit(REMINDERS_BY_ACCOUNT, str(uow.owner), now):
        is_interview = False
    if is_interview or (uow.owner in due and wanted.hour is not None):
        values = {"link": "/today", **({} if is_interview else {"morning": "yes"})}
        uow.mails.add(Mail(uow.account.email(), "locked", values), now)
    if wanted.hour is not None:
        zone = zone_named(uow.account.preferences().zone)
        uow.reminders.add(uow.owner, next_morning(wanted.hour, wanted.days, now, zone))


def _send_morning(uow: UnitOfWork, wanted: MorningMail | None, now: dt.datetime, zone: ZoneInfo) -> None:
    agenda = todays_agenda(uow, now, zone)
    if not agenda.count:
        return  # an empty day needs no mail
    locale = locale_named(uow.account.preferences().locale)
    lines = "\n\n".join(_shortened(_lines(agenda, locale))) if wanted and wanted.says == NAMES else ""
    values = {"summary": _counts(agenda), "lines": lines, "link": "/today"}
    uow.mails.add(Mail(uow.account.email(), "morning", values), now)


def _reminder(uow: UnitOfWork, wanted: MorningMail | None, subjects: list[UUID], zone: ZoneInfo) -> Mail | None:
    """Return the mail about these interviews; None if nothing is left of them.

    They may have been deleted, moved to no date or called off since the reminder was planned.
    """
    interviews = uow.records.get_many(uow.kinds[INTERVIEW.plural], subjects)
    off = called_off(uow, interviews, zone)
    starting = [
        (start.astimezone(zone), interview)
        for interview in interviews
        if (start := starts_at(interview.values, zone)) and interview["outcome"] != "cancelled"
        if interview.id not in off
    ]
    if not starting:
        return None
    told = sorted(starting, key=itemgetter(0))[:MOST_TOLD]
    titles = _titles(uow, [interview for _start, interview in told]) if wanted and wanted.says == NAMES else [""]
    locale = locale_named(uow.account.preferences().locale)
    if len(starting) == 1:
        [(start, interview)] = told
        values = {"at": locale.time(start), "interview": titles[0], "link": f"/interviews/{interview.id}"}
        return Mail(uow.account.email(), "reminder", values)
    times = [locale.time(start) for start, _interview in told]
    lines = [f"{at}  {title}".rstrip() for at, title in zip_longest(times, titles, fillvalue="")]
    counts = {"count": str(len(starting)), "more": str(len(starting) - len(told))}
    values = {"at": times[0], "lines": "\n\n".join(lines), **counts, "link": "/today"}
    return Mail(uow.account.email(), "reminders", values)


def _titles(uow: UnitOfWork, interviews: list[Record]) -> list[str]:
    names = uow.names.some({str(interview.values["application_id"]) for interview in interviews} - {"", "None"})
    return [interview.kind.title_of(interview.values, names) for interview in interviews]


def _counts(agenda: Agenda) -> str:
    """Return how many lines each part has, such as ``2 interviews, 1 task``."""
    counts = [(len(getattr(agenda, name)), singular, plural) for name, singular, plural in PARTS]
    return ", ".join(f"{count} {singular if count == 1 else plural}" for count, singular, plural in counts if count)


def _shortened(lines: list[str]) -> list[str]:
    more = len(lines) - MOST_LINES
    return [*lines[:MOST_LINES], f"And {more} more."] if more > 0 else lines


def _lines(agenda: Agenda, locale: Locale) -> list[str]:
    return [
        f"{_when(line.starts, locale)}{line.title}" if isinstance(line, Entry) else line.title for line in agenda.lines
    ]


def _when(starts: dt.datetime | None, locale: Locale) -> str:
    return f"{starts:%a} {locale.time(starts)}  " if starts else ""
