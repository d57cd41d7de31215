"""Reads dates and times as people type them: ``tomorrow 11``, ``fri 14:30``, ``in 2 weeks``, ``12 dec``, ``12/3``."""

import calendar
import datetime as dt
import re
from collections.abc import Iterator

import msgspec

from tmr.domain.locales.locale import DAYS, LONG_MONTHS, Locale

LONGEST = 60  # characters; every pattern below is also linear in them
_DAY = dt.timedelta(days=1)
_NAMED_DAYS = {
    "today": 0,
    "tod": 0,
    "tomorrow": 1,
    "tmr": 1,
    "tom": 1,
    "yesterday": -1,
    "day after tomorrow": 2,
    "the day after tomorrow": 2,
    "day before yesterday": -2,
    "the day before yesterday": -2,
}
_WEEKDAYS = {name[:length].lower(): number for number, name in enumerate(DAYS) for length in range(3, len(name) + 1)}
_MONTHS = {
    name[:length].lower(): number for number, name in enumerate(LONG_MONTHS, 1) for length in range(3, len(name) + 1)
}
_UNITS = {"d": "day", "w": "week", "m": "month", "y": "year"}
_COUNTS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "six": 6}
_AFTER = re.compile(r"(?:in )?(\d{1,4}|[a-z]{1,5}) ?(day|week|month|year|d|w|m|y)s?( ago)?", re.ASCII)
_SIGNED = re.compile(r"([+-]) ?(\d{1,4}) ?(d|w|m|y|day|week|month|year)?s?", re.ASCII)
_SOON = re.compile(r"(?:in )?(\d{1,4}|an?) ?(minute|min|hour|hr|h)s?( ago)?", re.ASCII)
_NUMBERS = re.compile(r"(\d{1,2}) ?([./-]) ?(\d{1,2})(?: ?\2 ?(\d{4}|\d{2})?)?", re.ASCII)
_YEAR_FIRST = re.compile(r"(\d{4})[./-](\d{1,2})[./-](\d{1,2})", re.ASCII)
_DAY_NUMBER = re.compile(r"(\d{1,2})(?:st|nd|rd|th|\.)?", re.ASCII)
_TIME = re.compile(r"(?:at )?(\d{1,2})(?:[:.h](\d\d)|h)? ?([ap]m)?(?: o'?clock)?", re.ASCII)
_NAMED_TIMES = {"noon": dt.time(12), "midday": dt.time(12), "midnight": dt.time(0)}
_HALVES = re.compile(r"(?<=[\d ])([ap])\. ?m\.?", re.ASCII)
_YEARS = range(1900, 2201)


class Typing(msgspec.Struct, frozen=True):
    """Who types and when: their locale, the time now in their zone, and whether the field is about the past."""

    locale: Locale
    now: dt.datetime
    is_past: bool = False

    @property
    def today(self) -> dt.date:
        """The day that it is."""
        return self.now.date()


def read_date(text: str, typing: Typing) -> dt.date | None:
    """Return the day that ``text`` names, or None.

    A weekday is the next one after today; in a field about the past, the last one before it. A date without a year is
    the one nearest to today, there the last one.
    """
    words = _words(text)
    if not words:
        return None
    for read in (_named_day, _weekday, _counted, _with_month_name, _in_numbers):
        try:
            date = read(words, typing)
        except (ValueError, OverflowError):
            continue
        if date is not None:
            return date if date.year in _YEARS else None
    return None


def read_wall_time(text: str, typing: Typing) -> dt.datetime | None:
    """Return the date and time that ``text`` names, without a zone, or None; a time alone is today's."""
    words = _words(text)
    if not words:
        return None
    if (moment := _soon(words, typing)) is not None:
        return moment
    for day, time in _split(words):
        clock = _time(time)
        date = typing.today if clock and not day else read_date(day, typing)
        if clock and date:
            return dt.datetime.combine(date, clock)
    return None


def _words(text: str) -> str:
    """Return the text in one form: lower case, single blanks, no commas; empty if it is too long to be a date."""
    if len(text) > LONGEST:
        return ""
    words = " ".join(text.lower().replace(",", " ").split())
    return " ".join(_HALVES.sub(r" \1m ", words).split())


def _named_day(words: str, typing: Typing) -> dt.date | None:
    if words in _NAMED_DAYS:
        return typing.today + _NAMED_DAYS[words] * _DAY
    which, _, unit = words.partition(" ")
    counts = {"next": 1, "last": -1}
    return _shifted(typing.today, counts[which], unit) if which in counts and unit in _UNITS.values() else None


def _weekday(words: str, typing: Typing) -> dt.date | None:
    which, _, name = words.rpartition(" ")
    number = _WEEKDAYS.get(name.rstrip("."))
    if number is None or which not in ("", "on", "this", "next", "last"):
        return None
    if which == "next":  # the one in next week
        first = typing.locale.week_start(typing.today)
        return first + 7 * _DAY + (number - first.weekday()) % 7 * _DAY
    if which == "last" or typing.is_past:
        return typing.today - ((typing.today.weekday() - number - 1) % 7 + 1) * _DAY
    return typing.today + ((number - typing.today.weekday() - 1) % 7 + 1) * _DAY


def _counted(words: str, typing: Typing) -> dt.date | None:
    if match := _SIGNED.fullmatch(words):
        count = int(match[2]) if match[1] == "+" else -int(match[2])
        return _shifted(typing.today, count, match[3] or "day")
    match = _AFTER.fullmatch(words)
    count = _COUNTS.get(match[1], int(match[1]) if match[1].isdigit() else 0) if match else 0
    return _shifted(typing.today, -count if match[3] else count, match[2]) if match and count else None


def _shifted(date: dt.date, count: int, unit: str) -> dt.date:
    unit = _UNITS.get(unit, unit)
    if unit in ("day", "week"):
        return date + count * (7 if unit == "week" else 1) * _DAY
    months = date.year * 12 + date.month - 1 + count * (12 if unit == "year" else 1)
    year, month = months // 12, months % 12 + 1
    return dt.date(year, month, min(date.day, calendar.monthrange(year, month)[1]))


def _with_month_name(words: str, typing: Typing) -> dt.date | None:
    """Read ``12 dec``, ``dec 12th 2026``, ``fri 4 december``."""
    parts = words.replace("the ", "").replace(" of ", " ").split()
    weekday = _WEEKDAYS.get(parts[0].rstrip(".")) if len(parts) > 2 else None
    if weekday is not None:
        parts = parts[1:]
    if len(parts) not in (2, 3):
        return None
    day, month = (parts[1], parts[0]) if parts[0].rstrip(".") in _MONTHS else (parts[0], parts[1])
    match, number = _DAY_NUMBER.fullmatch(day), _MONTHS.get(month.rstrip("."))
    if match is None or number is None:
        return None
    date = _in_year(parts[2] if len(parts) == 3 else "", number, int(match[1]), typing)
    return date if weekday is None or date.weekday() == weekday else None


def _in_numbers(words: str, typing: Typing) -> dt.date | None:
    if match := _YEAR_FIRST.fullmatch(words):
        return dt.date(int(match[1]), int(match[2]), int(match[3]))
    match = _NUMBERS.fullmatch(words)
    if match is None:
        return None
    first, second = int(match[1]), int(match[3])
    # No place writes the month first with points; a number over 12 is no month.
    is_day_first = (typing.locale.is_day_first or match[2] == "." or first > 12) and second <= 12
    day, month = (first, second) if is_day_first else (second, first)
    return _in_year(match[4] or "", month, day, typing)


def _in_year(year: str, month: int, day: int, typing: Typing) -> dt.date:
    """Return the date in that year, of which two digits are enough; without one, in the year that is meant."""
    if year:
        if not (year.isascii() and year.isdigit()) or len(year) not in (2, 4):
            raise ValueError(year)
        return dt.date(int(year) + (2000 if len(year) == 2 else 0), month, day)
    years = range(typing.today.year - 4, typing.today.year + 5)  # the 29th of February needs four
    dates = [dt.date(year, month, day) for year in years if day <= calendar.monthrange(year, month)[1]]
    if typing.is_past:
        dates = [date for date in dates if date <= typing.today]
    if not dates:
        raise ValueError(day)
    return min(dates, key=lambda date: abs(date - typing.today))


def _soon(words: str, typing: Typing) -> dt.datetime | None:
    """Read ``now``, ``in 2 hours`` and ``20 minutes ago``; without a sign that it is a distance, it is a time."""
    now = typing.now.replace(tzinfo=None, second=0, microsecond=0)
    if words == "now":
        return now
    match = _SOON.fullmatch(words)
    if match is None or not (words.startswith("in ") or match[3]):
        return None
    count = int(match[1]) if match[1].isdigit() else 1
    ahead = dt.timedelta(hours=count) if match[2].startswith("h") else dt.timedelta(minutes=count)
    return now - ahead if match[3] else now + ahead


def _split(words: str) -> Iterator[tuple[str, str]]:
    """Yield every way in which up to four words at the end, or at the beginning, can be the time, the longest first."""
    parts = words.split()
    for count in range(min(4, len(parts)), 0, -1):
        yield " ".join(parts[:-count]), " ".join(parts[-count:])
    for count in range(min(4, len(parts) - 1), 0, -1):
        time = " ".join(parts[:count])
        if not time.isdigit():  # “12 dec” begins with a day
            yield " ".join(parts[count:]).removeprefix("on "), time


def _time(words: str) -> dt.time | None:
    if words.removeprefix("at ") in _NAMED_TIMES:
        return _NAMED_TIMES[words.removeprefix("at ")]
    match = _TIME.fullmatch(words)
    if match is None:
        return None
    hour, minute, half = int(match[1]), int(match[2] or 0), match[3]
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    return dt.time(hour, minute) if hour < 24 and minute < 60 else None
