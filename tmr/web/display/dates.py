"""How dates and times are written for people, everywhere in the app."""

import datetime as dt
from collections.abc import Mapping

from tmr.domain.agenda.interview_times import starts_at
from tmr.domain.fields.type import Wire
from tmr.web.display.zone import current_zone, local_text, today

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
    arranged = short_moment(str(values["starts_at"]))
    here = short_moment(moment.astimezone(current_zone()).isoformat())
    if here == arranged:
        return here
    there = arranged[-5:] if here[:-5] == arranged[:-5] else arranged  # the day only if it is another one
    return f"{here} ({there} {values['time_zone']})"


def day(date: dt.date) -> str:
    """Write a day as ``Wednesday, 25 November``."""
    return f"{DAYS[date.weekday()]}, {date.day} {LONG_MONTHS[date.month - 1]}"


def weekday_time(moment: dt.datetime) -> str:
    """Write a moment in the next days as ``Thu 14:30``, today's as ``Today 14:30``."""
    name = "Today" if moment.date() == today() else DAYS[moment.weekday()][:3]
    return f"{name} {moment:%H:%M}"


def month_name(date: dt.date) -> str:
    """Write a month as ``November 2026``."""
    return f"{LONG_MONTHS[date.month - 1]} {date.year}"
