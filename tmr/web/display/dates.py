"""How dates and times are written for people, everywhere in the app."""

import datetime as dt
from collections.abc import Mapping

from tmr.domain.agenda.interview_times import starts_at
from tmr.domain.fields.type import Wire
from tmr.web.display.zone import current_zone, local_text, today
from tmr.web.services import now

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LONG_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NEAR = {-1: "Yesterday", 0: "Today", 1: "Tomorrow"}


def short_date(value: str | None) -> str:
    """Write a date as ``24 Nov``, with the year unless it is this one; an empty value stays empty."""
    if not value:
        return ""
    year, month, day = value.split("-")
    text = f"{int(day)} {MONTHS[int(month) - 1]}"
    return text if int(year) == today().year else f"{text} {year}"


def short_moment(value: str) -> str:
    """Write a local date and time, such as ``2026-11-24T14:30``, as ``24 Nov, 14:30``."""
    return f"{short_date(value[:10])}, {value[11:16]}"


def moment(value: dt.datetime) -> str:
    """Write an instant in the person's time zone, with year: ``24 Nov 2026, 14:30``."""
    zone = current_zone()
    here = value.astimezone(zone)
    return f"{here.day} {MONTHS[here.month - 1]} {here.year}, {here:%H:%M}{' UTC' if zone.key == 'UTC' else ''}"


def local_moment(value: str | None) -> str:
    """Write a stored instant in the person's time zone, as ``24 Nov, 14:30``."""
    return short_moment(local_text(value)) if value else ""


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
    arranged = short_moment(str(values["starts_at"]))
    here = short_moment(moment.astimezone(current_zone()).isoformat())
    if here == arranged:
        return ""
    there = arranged[-5:] if here[:-5] == arranged[:-5] else arranged  # the day only if it is another one
    return f"{there} {values['time_zone']}"


def day(date: dt.date) -> str:
    """Write a day as ``Wednesday, 25 November``."""
    return f"{DAYS[date.weekday()]}, {date.day} {LONG_MONTHS[date.month - 1]}"


def due_day(date: dt.date) -> str:
    """Write a day as people say when it is near: ``Today``, ``Yesterday``, ``2 days late``, else ``Mon 30 Nov``."""
    days = (date - today()).days
    if days < -1:
        return f"{-days:,} days late"
    return _NEAR.get(days) or f"{DAYS[date.weekday()][:3]} {short_date(date.isoformat())}"


def due_moment(moment: dt.datetime) -> str:
    """Write a moment to come as ``Tomorrow, 14:30`` or ``Mon 30 Nov, 14:30``; one that has begun is ``Now``."""
    return "Now" if moment <= now() else f"{due_day(moment.date())}, {moment:%H:%M}"


def spoken_moment(moment: dt.datetime) -> str:
    """Write a moment in the next days as one says it: ``on Monday, 09:30``, ``today at 14:30``, ``now``."""
    if moment <= now():
        return "now"
    near = _NEAR.get((moment.date() - today()).days)
    return f"{near.lower()} at {moment:%H:%M}" if near else f"on {DAYS[moment.weekday()]}, {moment:%H:%M}"


def in_days(date: dt.date) -> str:
    """Write how far off a day is: ``Today``, ``Tomorrow``, ``In 3 days``."""
    days = (date - today()).days
    return _NEAR.get(days) or f"In {days:,} days"


def duration(minutes: int) -> str:
    """Write a length of time as ``45 minutes``, ``1 hour`` or ``1 h 30 min``."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} minutes"
    return f"{hours} h {rest} min" if rest else f"{hours} hour{'s' if hours > 1 else ''}"


def month_name(date: dt.date) -> str:
    """Write a month as ``November 2026``."""
    return f"{LONG_MONTHS[date.month - 1]} {date.year}"
