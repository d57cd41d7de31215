"""Days that a text names without their month: “Friday the 11th”, “am 11.”, “Dienstag nächster Woche”, “tomorrow”."""

import datetime as dt
import re
from collections.abc import Iterator

from tmr.domain.importing.readers.words.dates import weekday_of

_WORD = r"[^\W\d_]"
# What follows a number that is a time, or the day of a month that is named.
_NO_TIME = r"(?![\d/:%€$£]|[.,]\d|\s?(?:uhr|h|hrs?|[ap]\.?m|heures?|horas?|o['’]clock|min\w{0,6})\b|h\d)"
_OF_MONTH = re.compile(
    rf"\b(?:on the\s(?P<en>[0-3]?\d)(?:st|nd|rd|th)\b|(?:am|dem|den)\s(?P<de>[0-3]?\d)\.(?!\d)(?=\s|,)"
    rf"|le\s(?P<fr>[0-3]?\d)(?=,?\sà\s\d)|el\sdía\s(?P<es>[0-3]?\d){_NO_TIME})"
    rf"|\b(?P<weekday>{_WORD}{{2,10}})\.?,?\s(?:(?:the|den|dem|día|le|el|d\.)\s)?(?P<day>[0-3]?\d)"
    rf"(?:\.|st|nd|rd|th|er|º)?{_NO_TIME}",
    re.IGNORECASE,
)
_RELATIVE = re.compile(
    r"\b(?P<near>tomorrow|morgen|demain|mañana|today|heute|aujourd['’]hui|hoy|übermorgen"
    r"|day after tomorrow|après-demain|pasado mañana)\b"
    rf"|\b(?:(?:next|nächste[nr]?|kommende[nr]?|próximo|on|am|this|diesen|este|el|le"
    rf"|ce)\s)?(?P<weekday>{_WORD}{{5,10}}?)(?:vormittag|nachmittag|mittag|morgen|abend)?\b",
    re.IGNORECASE,
)
_NEAR = {
    "tomorrow": 1,
    "morgen": 1,
    "demain": 1,
    "mañana": 1,
    "today": 0,
    "heute": 0,
    "aujourd'hui": 0,
    "hoy": 0,
    "übermorgen": 2,
    "day after tomorrow": 2,
    "après-demain": 2,
    "pasado mañana": 2,
}
_NEXT_WEEK = (
    r"(?:next week|the following week|(?:der |in der )?(?:nächste[nr]?|kommende[nr]?) woche"
    r"|(?:de )?la semaine prochaine|(?:de )?la (?:semana que viene|próxima semana)|(?:de )?la semana próxima)"
)
_WEEK_BEHIND = re.compile(rf"(?:,|\sof)?\s{_NEXT_WEEK}\b", re.IGNORECASE)
_WEEK_LATER = re.compile(r"\s(?:week|en huit)\b", re.IGNORECASE)  # “Tuesday week”: a week after the coming one
_WEEK_BEFORE = re.compile(rf"\b{_NEXT_WEEK}[,:]?\s(?:(?:on|am|le|el)\s)?$", re.IGNORECASE)
_MOST_DAYS = 62  # from the mail on


def days_of_month(text: str, sent: dt.date) -> Iterator[tuple[dt.date, int, int]]:
    """Yield days of which only the number is named; a weekday with one must be that of the day."""
    for match in _OF_MONTH.finditer(text):
        number = int(match["day"] or match["en"] or match["de"] or match["fr"] or match["es"])
        weekday = weekday_of(match["weekday"]) if match["weekday"] else None
        if match["weekday"] and weekday is None:
            continue
        days = (sent + dt.timedelta(days=after) for after in range(_MOST_DAYS))
        found = next((day for day in days if day.day == number and weekday in (None, day.weekday())), None)
        if found:
            yield found, match.start(), match.end()


def relative_days(text: str, sent: dt.date) -> Iterator[tuple[dt.date, int, int]]:
    """Yield days that are named by their weekday, or by how far off they are."""
    for match in _RELATIVE.finditer(text):
        if match["near"]:
            days = _NEAR.get(match["near"].lower().replace("’", "'"), 0)
            yield sent + dt.timedelta(days=days), match.start(), match.end()
        elif (number := weekday_of(match["weekday"])) is not None:
            behind = _WEEK_BEHIND.match(text, match.end())
            if behind or _WEEK_BEFORE.search(text[max(match.start() - 40, 0) : match.start("weekday")]):
                monday = sent + dt.timedelta(days=7 - sent.weekday())
                yield monday + dt.timedelta(days=number), match.start(), behind.end() if behind else match.end()
            else:
                later = _WEEK_LATER.match(text, match.end())
                days = (number - sent.weekday() - 1) % 7 + (8 if later else 1)
                yield sent + dt.timedelta(days=days), match.start(), later.end() if later else match.end()
