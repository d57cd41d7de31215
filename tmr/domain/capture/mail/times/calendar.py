"""The appointment in an iCalendar file, as mail programs send it: one pass over at most so many lines."""

import datetime as dt
import re
from zoneinfo import ZoneInfo

import msgspec

from tmr.domain.capture.mail.times.zones import zone_named

_MOST_CHARS = 200_000
_MOST_LINES = 3_000
# RFC 5545, 3.1: the value begins behind the first colon outside quotes. No part goes back over what it has read.
_LINE = re.compile(r"([A-Za-z0-9-]{1,60}+)((?:;(?:[^:\"]++|\"[^\"]*+\")*+)?+):(.*)", re.DOTALL)
_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)?(Z?))?")
_DURATION = re.compile(r"P(?:(\d{1,2})D)?(?:T(?:(\d{1,3})H)?(?:(\d{1,4})M)?(?:\d{1,5}S)?)?")
_URL = re.compile(r"https?://[^\s<>\"\\]{4,1000}")
_MOST_MINUTES = 14 * 24 * 60


class Appointment(msgspec.Struct):
    """What an event of a calendar says; ``starts_at`` is as a clock in ``zone`` shows it, in UTC if ``is_utc``."""

    starts_at: dt.datetime | None = None
    zone: str = ""
    is_utc: bool = False
    duration: int = 0
    summary: str = ""
    location: str = ""
    description: str = ""
    url: str = ""
    organizer: str = ""
    is_cancelled: bool = False
    ends_at: dt.datetime | None = None


def read_appointment(text: str) -> Appointment | None:
    """Return the first event of a calendar, or None."""
    found, method, inside = None, "", []
    for name, parameters, value in _lines(text):
        if name == "METHOD":
            method = value.strip().upper()
        elif name == "BEGIN":
            inside.append(value.strip().upper())
            if inside[-1] == "VEVENT" and found is None:
                found = Appointment()
        elif name == "END":
            if inside and inside.pop() == "VEVENT":
                break
        elif found is not None and inside and inside[-1] == "VEVENT":
            _take(found, name, parameters, value)
    if found is None:
        return None
    found.is_cancelled |= method == "CANCEL"
    if found.starts_at and found.ends_at and not found.duration:
        minutes = int((found.ends_at - found.starts_at).total_seconds() // 60)
        found.duration = minutes if 0 < minutes <= _MOST_MINUTES else 0
    return found


def _lines(text: str) -> list[tuple[str, str, str]]:
    """Return the unfolded lines: names, parameters and values."""
    unfolded = re.sub(r"\r?\n[ \t]", "", text[:_MOST_CHARS])
    matches = (_LINE.match(line.rstrip("\r")) for line in unfolded.split("\n")[:_MOST_LINES])
    return [(match[1].upper(), match[2], match[3]) for match in matches if match]


def _take(event: Appointment, name: str, parameters: str, value: str) -> None:
    if name == "DTSTART":
        event.starts_at, event.is_utc = _moment(value)
        event.zone = _zone_of(parameters)
    elif name == "DTEND":
        event.ends_at = _moment(value)[0]
    elif name == "DURATION" and (match := _DURATION.match(value.strip())):
        days, hours, minutes = (int(number or 0) for number in match.groups())
        total = (days * 24 + hours) * 60 + minutes
        event.duration = total if 0 < total <= _MOST_MINUTES else 0
    elif name == "SUMMARY":
        event.summary = _text(value)
    elif name == "LOCATION":
        event.location = _text(value)
    elif name == "DESCRIPTION":
        event.description = _text(value, 5_000)
    elif name == "STATUS":
        event.is_cancelled |= value.strip().upper() == "CANCELLED"
    elif name == "ORGANIZER" and (match := re.search(r"CN=\"?([^\";:]{1,100})", parameters)):
        event.organizer = match[1].strip()
    elif name in (
        "X-GOOGLE-CONFERENCE",
        "X-MICROSOFT-SKYPETEAMSMEETINGURL",
        "X-MICROSOFT-ONLINEMEETINGCONFLINK",
        "CONFERENCE",
    ) and (found := _URL.search(value)):
        event.url = event.url or found[0]


def _moment(value: str) -> tuple[dt.datetime | None, bool]:
    """Return a time, and whether it is in UTC; None for a day without a time, and for what is none."""
    match = _TIME.fullmatch(value.strip())
    if match is None or match[4] is None:
        return None, False
    try:
        found = dt.datetime.strptime("".join(match.groups()[:5]), "%Y%m%d%H%M")  # noqa: DTZ007 - as a clock shows it
    except ValueError:
        return None, False
    return (found if 2000 <= found.year <= 2100 else None), bool(match[7])


def _zone_of(parameters: str) -> str:
    match = re.search(r"TZID=\"?([^\";:]{1,100}(?::[^\";:]{1,40})?)", parameters)
    return zone_named(match[1]) if match else ""


def _text(value: str, most: int = 500) -> str:
    return re.sub(r"\\([nN,;\\])", lambda found: "\n" if found[1] in "nN" else found[1], value[: most * 2]).strip()[
        :most
    ]


def in_zone(event: Appointment, zone: str) -> dt.datetime | None:
    """Return when an event starts as a clock in ``zone`` shows it, where the calendar gives the time in UTC."""
    if event.starts_at is None or not event.is_utc or not zone:
        return event.starts_at
    try:
        return event.starts_at.replace(tzinfo=dt.UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return event.starts_at
