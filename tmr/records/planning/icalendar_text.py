"""The calendar as other programs read it (iCalendar, RFC 5545), with as much detail as its owner chose."""

import datetime as dt

from icalendar import Calendar, vDuration
from icalendar import Event as CalendarEvent

from tmr.domain.agenda.agenda import Entry

REFRESH_AFTER = dt.timedelta(hours=1)
BUSY, ROLE, FULL = "busy", "role", "full"
LEVELS = (
    (BUSY, "Busy: times only, no details"),
    (ROLE, "Basic: what it is, and at which company"),
    (FULL, "Full: also the location, interviewers and a link back here"),
)


def calendar_text(entries: list[Entry], level: str, base_url: str, made_at: dt.datetime) -> bytes:
    """Return the calendar. Times are in UTC, so that no reader needs to know the zone; dates are whole days.

    With ``busy`` it holds only what has a time of day, and says nothing but when that is.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//TrackMyRoles//calendar//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    # The standard's way to say how often to look again (RFC 7986, 5.7), and the one that older calendars know.
    calendar.add("refresh-interval", REFRESH_AFTER, parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", vDuration(REFRESH_AFTER))
    calendar.add("x-wr-calname", "Busy" if level == BUSY else "TrackMyRoles")
    for entry in entries:
        if entry.starts or level != BUSY:
            calendar.add_component(_event(entry, level, base_url, made_at))
    return bytes(calendar.to_ical())


def _event(entry: Entry, level: str, base_url: str, made_at: dt.datetime) -> CalendarEvent:
    event = CalendarEvent()
    event.add("uid", f"{entry.fact.id}-{entry.field.name}@trackmyroles")
    event.add("dtstamp", made_at.astimezone(dt.UTC))
    if entry.starts and entry.ends:
        event.add("dtstart", entry.starts.astimezone(dt.UTC))
        event.add("dtend", entry.ends.astimezone(dt.UTC))
    else:
        event.add("dtstart", entry.date)
        event.add("dtend", entry.date + dt.timedelta(days=1))
        event.add("transp", "TRANSPARENT")
    event.add("summary", "Busy" if level == BUSY else _plain(_summary(entry)))
    event.add("class", "PRIVATE")
    if level == FULL:
        _add_details(event, entry, base_url)
    return event


def _summary(entry: Entry) -> str:
    return entry.title if entry.starts or entry.what == "Task" else f"{entry.what}: {entry.title}"


def _add_details(event: CalendarEvent, entry: Entry, base_url: str) -> None:
    values, link = entry.fact.values, f"{base_url}/{entry.fact.kind.plural}/{entry.fact.id}"
    if place := values.get("place"):
        event.add("location", _plain(str(place)))
    people = f"With {values['interviewers']}" if values.get("interviewers") else ""
    event.add("description", f"{_plain(people)}\n{link}" if people else link)
    event.add("url", link)


def _plain(text: str) -> str:
    """Return ``text`` without the control characters that RFC 5545 forbids."""
    return "".join(char if char.isprintable() else " " for char in text)
