"""Dates as other programs write them: the order of day and month is decided for a whole column, never for a cell."""

import datetime as dt
import re
from collections.abc import Iterable

from tmr.domain.fields.folding import fold

DAY_FIRST, MONTH_FIRST = "day-first", "month-first"
ORDERS = ((DAY_FIRST, "Day first (24/11/2026)"), (MONTH_FIRST, "Month first (11/24/2026)"))
AMBIGUOUS = "ambiguous"

_NUMERIC = re.compile(r"(\d{1,2})[./\-](\d{1,2})[./\-](\d{4}|\d{2})(?!\d)")
_ISO = re.compile(r"(\d{4})[./\-](\d{1,2})[./\-](\d{1,2})(?!\d)")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})$")
_DAY_NAME = re.compile(
    r"(\d{1,2})(?:\.|st|nd|rd|th|er|º)?[\s\-]+(?:de\s+)?([^\W\d_]+)\.?,?[\s\-]+(?:de\s+)?(\d{4}|\d{2})\b"
)
_NAME_DAY = re.compile(r"([^\W\d_]+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})\b")
_TIME = re.compile(r"(?<![\d:])(\d{1,2})[:h](\d{2})(?::\d{2})?\s*([ap]\.?m\.?)?", re.IGNORECASE)
_SERIAL = re.compile(r"\d{5}(\.\d+)?$")
_EXCEL_EPOCH = dt.date(1899, 12, 30)
_MONTHS = [
    "jan januar january janvier enero ene jänner",
    "feb februar february fevrier fev febrero",
    "mar march marz mars marzo mrz",
    "apr april avril avr abril abr",
    "may mai mayo",
    "jun june juni juin junio",
    "jul july juli juillet juil julio",
    "aug august aout agosto ago",
    "sep sept september septembre septiembre",
    "oct october oktober okt octobre octubre",
    "nov november novembre noviembre",
    "dec december dezember dez decembre diciembre dic",
]
_MONTH_OF_WORD = {fold(word): number for number, words in enumerate(_MONTHS, 1) for word in words.split()}


def decide_order(cells: Iterable[str]) -> str:
    """Return the order that all cells of a column agree with; ``AMBIGUOUS`` when both fit and would differ."""
    pairs = {(int(match[1]), int(match[2])) for cell in cells if (match := _NUMERIC.match(cell.strip()))}
    day_fits = all(day <= 31 and month <= 12 for day, month in pairs)
    month_fits = all(day <= 31 and month <= 12 for month, day in pairs)
    if day_fits and month_fits and any(first != second for first, second in pairs):
        return AMBIGUOUS
    return MONTH_FIRST if month_fits and not day_fits else DAY_FIRST


def read_date(cell: str, order: str) -> dt.date | None:
    """Return the date in a cell, with or without a time after it, or None. Two-digit years are 1970 to 2069."""
    text = cell.strip()
    try:
        return _read(text, order)
    except (ValueError, OverflowError):
        return None


def read_time(cell: str) -> str:
    """Return the time of day after a date as ``HH:MM``; midnight if there is none."""
    match = _TIME.search(cell)
    if match is None:
        return "00:00"
    hour, minute, half = int(match[1]), int(match[2]), (match[3] or "").lower()
    if half and 1 <= hour <= 12:
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    return f"{hour:02}:{minute:02}" if hour < 24 and minute < 60 else "00:00"


def looks_like_dates(cells: Iterable[str]) -> bool:
    """Whether at least half of the filled cells are dates."""
    filled = [cell for cell in cells if cell.strip()]
    return bool(filled) and sum(bool(_any_order(cell)) for cell in filled) * 2 >= len(filled)


def _any_order(cell: str) -> dt.date | None:
    return read_date(cell, DAY_FIRST) or read_date(cell, MONTH_FIRST)


def _read(text: str, order: str) -> dt.date | None:
    if match := _ISO.match(text) or _COMPACT.match(text):
        return dt.date(int(match[1]), int(match[2]), int(match[3]))
    if match := _NUMERIC.match(text):
        first, second, year = int(match[1]), int(match[2]), _year(match[3])
        return dt.date(year, first, second) if order == MONTH_FIRST else dt.date(year, second, first)
    if match := _DAY_NAME.match(text):
        return dt.date(_year(match[3]), _month(match[2]), int(match[1]))
    if match := _NAME_DAY.match(text):
        return dt.date(int(match[3]), _month(match[1]), int(match[2]))
    if _SERIAL.match(text):
        return _EXCEL_EPOCH + dt.timedelta(days=int(float(text)))
    return None


def _month(word: str) -> int:
    number = _MONTH_OF_WORD.get(fold(word))
    if number is None:
        raise ValueError(word)
    return number


def _year(text: str) -> int:
    return int(text) if len(text) == 4 else int(text) + (2000 if int(text) < 70 else 1900)
