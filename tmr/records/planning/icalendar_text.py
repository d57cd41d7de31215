"""The calendar as other programs read it (iCalendar, RFC 5545), with as much detail as its owner chose.

Written here and not by a library, which took 0.2 ms for each date: anyone who knows the address of a feed can ask for
it.
"""

import datetime as dt
from collections.abc import Iterator

from tmr.domain.agenda.agenda import Entry

REFRESH_AFTER = "PT1H"  # an ISO 8601 duration
BUSY, ROLE, FULL = "busy", "role", "full"
LEVELS = (
    (BUSY, "Busy: times only, no details"),
    (ROLE, "Basic: what it is, and at which company"),
    (FULL, "Full: also the location, interviewers and a link back here"),
)
ALARMS = ((0, "No alarms"), (15, "15 minutes before"), (60, "An hour before"), (1_440, "A day before"))
USUAL_ALARM = 60
MORNING = "PT9H"  # after midnight, for what has no time of day
LONGEST_LINE = 75  # bytes, without its end
DAY = dt.timedelta(days=1)


def calendar_text(
    entries: list[Entry], level: str, base_url: str, made_at: dt.datetime, alarm_minutes: int = 0
) -> bytes:
    """Return the calendar. Times are in UTC, so that no reader needs to know the zone; dates are whole days.

    With ``busy`` it holds only what has a time of day, and says nothing but when that is. An alarm rings
    ``alarm_minutes`` before what has a time of day, and in the morning of the day for the rest; 0 is for no alarms.
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//TrackMyRoles//calendar//EN", "METHOD:PUBLISH"]
    # The standard's way to say how often to look again (RFC 7986, 5.7), and the one that older calendars know.
    lines += [f"REFRESH-INTERVAL;VALUE=DURATION:{REFRESH_AFTER}", f"X-PUBLISHED-TTL:{REFRESH_AFTER}"]
    lines.append("X-WR-CALNAME:" + ("Busy" if level == BUSY else "TrackMyRoles"))
    for entry in entries:
        if entry.starts or level != BUSY:
            lines += _event(entry, level, base_url, _instant(made_at), alarm_minutes)
    lines.append("END:VCALENDAR")
    return b"".join(map(_folded, lines))


def _event(entry: Entry, level: str, base_url: str, made_at: str, alarm_minutes: int) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{entry.fact.id}-{entry.field.name}@trackmyroles"
    yield f"DTSTAMP:{made_at}"
    if entry.starts and entry.ends:
        yield f"DTSTART:{_instant(entry.starts)}"
        yield f"DTEND:{_instant(entry.ends)}"
    else:
        yield f"DTSTART;VALUE=DATE:{entry.date:%Y%m%d}"
        yield f"DTEND;VALUE=DATE:{entry.date + DAY:%Y%m%d}"
        yield "TRANSP:TRANSPARENT"
    summary = "Busy" if level == BUSY else _text(_summary(entry))
    yield f"SUMMARY:{summary}"
    yield "CLASS:PRIVATE"
    if level == FULL:
        yield from _details(entry, base_url)
    if alarm_minutes:
        trigger = f"-PT{alarm_minutes}M" if entry.starts and entry.ends else MORNING
        yield from ("BEGIN:VALARM", "ACTION:DISPLAY", f"DESCRIPTION:{summary}", f"TRIGGER:{trigger}", "END:VALARM")
    yield "END:VEVENT"


def _summary(entry: Entry) -> str:
    return entry.title if entry.starts or entry.what == "Task" else f"{entry.what}: {entry.title}"


def _details(entry: Entry, base_url: str) -> Iterator[str]:
    values, link = entry.fact.values, f"{base_url}/{entry.fact.kind.plural}/{entry.fact.id}"
    if place := values.get("place"):
        yield f"LOCATION:{_text(str(place))}"
    people = f"With {values['interviewers']}" if values.get("interviewers") else ""
    yield f"DESCRIPTION:{_text(people)}\\n{_text(link)}" if people else f"DESCRIPTION:{_text(link)}"
    yield f"URL:{link}"


def _instant(at: dt.datetime) -> str:
    return f"{at.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"


def _text(text: str) -> str:
    """Return ``text`` escaped, without the control characters that RFC 5545 forbids."""
    plain = text if text.isprintable() else "".join(char if char.isprintable() else " " for char in text)
    return plain.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")


def _folded(line: str) -> bytes:
    """Return a line with its end; a long one is cut between characters, and goes on after a space."""
    rest = line.encode()
    if len(rest) <= LONGEST_LINE:
        return rest + b"\r\n"
    pieces, room = [], LONGEST_LINE
    while len(rest) > room:
        cut = room
        while rest[cut] & 0xC0 == 0x80:  # within a character of UTF-8
            cut -= 1
        pieces.append(rest[:cut])
        rest, room = rest[cut:], LONGEST_LINE - 1
    return b"\r\n ".join([*pieces, rest]) + b"\r\n"
