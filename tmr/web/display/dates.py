"""How dates and times are written for people, everywhere in the app."""

import datetime as dt
from collections.abc import Mapping

from tmr.domain.agenda.interview_times import starts_at
from tmr.domain.fields.type import Wire
from tmr.domain.locales.locale import DAYS, LONG_MONTHS
from tmr.web.display.locales import current_locale, number
from tmr.web.display.zone import current_zone, local_text, today
from tmr.web.services import now

_NEAR = {-1: "Yesterday", 0: "Today", 1: "Tomorrow"}


def short_date(value: str | None) -> str:
    """Write an ISO date as ``24 Nov``, with the year unless it is this one; an empty value stays empty."""
    if not value:
        return ""
    date, locale = dt.date.fromisoformat(value), current_locale()
    return locale.day_and_month(date) if date.year == today().year else locale.date(date)


def long_date(value: str) -> str:
    """Write an ISO date with its year, as ``24 Nov 2026``; an empty value stays empty."""
    return current_locale().date(dt.date.fromisoformat(value)) if value else ""


def short_moment(value: str) -> str:
    """Write a local date and time, such as ``2026-11-24T14:30``, as ``24 Nov, 14:30``."""
    return f"{short_date(value[:10])}, {current_locale().time(dt.time.fromisoformat(value[11:16]))}"


def moment(value: dt.datetime) -> str:
    """Write an instant in the person's time zone, with year: ``24 Nov 2026, 14:30``."""
    zone = current_zone()
    return f"{current_locale().moment(value.astimezone(zone))}{' UTC' if zone.key == 'UTC' else ''}"


def last_day(end: dt.datetime) -> str:
    """Write the last day before an instant, in the person's time zone: of what ends at midnight, the whole day."""
    moment_before = end - dt.timedelta(microseconds=1)
    return long_date(moment_before.astimezone(current_zone()).date().isoformat())


def local_moment(value: str | None) -> str:
    """Write a stored instant in the person's time zone, as ``24 Nov, 14:30``."""
    return short_moment(local_text(value)) if value else ""


def local_date(value: str | None) -> str:
    """Write the day of a stored instant in the person's time zone, as ``24 Nov``."""
    return short_date(local_text(value)[:10]) if value else ""


def interview_time(values: Mapping[str, Wire]) -> str:
    """Write when an interview is in the person's time zone, and in the zone it was arranged in, if that differs."""
    moment = starts_at(values, current_zone())
    if moment is None:
        return ""
    here, there = short_moment(moment.astimezone(current_zone()).isoformat()), elsewhere(values)
    return f"{here} ({there})" if there else here


def elsewhere(values: Mapping[str, Wire]) -> str:
    """Write when an interview is in the zone it was arranged in, ``15:30 America/Toronto``; empty if it is the same."""
    moment = starts_at(values, current_zone())
    if moment is None:
        return ""
    here = moment.astimezone(current_zone())
    if moment.utcoffset() == here.utcoffset():
        return ""
    is_same_day = moment.date() == here.date()
    there = current_locale().time(moment) if is_same_day else short_moment(moment.isoformat())
    return f"{there} {values['time_zone']}"


def day(date: dt.date) -> str:
    """Write a day as ``Wednesday, 25 November``."""
    return f"{DAYS[date.weekday()]}, {current_locale().day_and_month(date, is_long=True)}"


def due_day(date: dt.date) -> str:
    """Write a day as people say when it is near: ``Today``, ``Yesterday``, ``2 days late``, else ``Mon 30 Nov``."""
    days = (date - today()).days
    return f"{number(-days)} days late" if days < -1 else _NEAR.get(days) or weekday_date(date)


def weekday(date: dt.date) -> str:
    """Write the name of the day: ``Wednesday``."""
    return DAYS[date.weekday()]


def weekday_date(date: dt.date) -> str:
    """Write a day as ``Mon 30 Nov``, or ``Mon, Nov 30`` where the month comes first."""
    comma = "" if current_locale().is_day_first else ","
    return f"{DAYS[date.weekday()][:3]}{comma} {short_date(date.isoformat())}"


def clock(moment: dt.datetime | dt.time) -> str:
    """Write a time of day: ``14:30``."""
    return current_locale().time(moment)


def due_moment(moment: dt.datetime) -> str:
    """Write a moment to come as ``Tomorrow, 14:30`` or ``Mon 30 Nov, 14:30``; one that has begun is ``Now``."""
    return "Now" if moment <= now() else f"{due_day(moment.date())}, {clock(moment)}"


def spoken_moment(moment: dt.datetime) -> str:
    """Write a moment in the next days as one says it: ``on Monday, 09:30``, ``today at 14:30``, ``now``."""
    if moment <= now():
        return "now"
    near = _NEAR.get((moment.date() - today()).days)
    return f"{near.lower()} at {clock(moment)}" if near else f"on {DAYS[moment.weekday()]}, {clock(moment)}"


def in_days(date: dt.date) -> str:
    """Write how far off a day is: ``Today``, ``Tomorrow``, ``In 3 days``."""
    days = (date - today()).days
    return _NEAR.get(days) or f"In {number(days)} days"


def duration(minutes: int) -> str:
    """Write a length of time as ``45 minutes``, ``1 hour`` or ``1 h 30 min``."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} minutes"
    return f"{hours} h {rest} min" if rest else f"{hours} hour{'s' if hours > 1 else ''}"


def month_name(date: dt.date) -> str:
    """Write a month as ``November 2026``."""
    return f"{LONG_MONTHS[date.month - 1]} {date.year}"
