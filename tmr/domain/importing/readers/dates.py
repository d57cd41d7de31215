"""Dates as other programs write them: the order of day and month is decided for a whole column, never for a cell."""

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from tmr.domain.importing.readers.words.dates import month_of, weekday_of

DAY_FIRST, MONTH_FIRST = "day-first", "month-first"
ORDERS = ((DAY_FIRST, "Day first (24/11/2026)"), (MONTH_FIRST, "Month first (11/24/2026)"))
AMBIGUOUS = "ambiguous"
# A date stands within this many characters, or the cell is none: no expression here ever sees a longer text.
HEAD_CHARS = 80
MOST_WORDS_BEFORE = 5
# A cell with more words than this beside its date is a note that begins with one; a column of those is no date column.
SHORT_REST = 30

_LOOKALIKES = str.maketrans(
    "０１２３４５６７８９／：．－‐‑（），\u00a0\u202f\u3000\u200e\u200f\ufeff", "0123456789/:.---(),      "
)
_WORD = r"[^\W\d_]"
_ORDINAL = rf"(?:(?:st|nd|rd|th|er|re|ro|ero|[èe]me|:[ae]|-?go|[eaºª°])(?!{_WORD})|\.)?"
_OF = r"(?:(?:of|de|del|do|di|den)\s+|d['’])?"
_BETWEEN = r"[\s\-./,]{0,3}"
# A year of two digits must not be the hour of what follows, or a number of something.
_SHORT_YEAR = r"(?:(?<=[\-/.'’])\d\d(?!\s?[ap]\.?m)|\d\d(?=\s*(?:$|[^\w\s:]|\d{1,2}[:h]\d)))(?![\d:h])"
_YEAR = rf"['’]?(\d{{4}}(?!\d)|{_SHORT_YEAR})"
_CLOCK = r"(?:[\s,]+\d\d:\d\d(?::\d\d)?(?:\s[A-Z]{3,5})?)?"  # date(1) writes the time before the year

_YEAR_FIRST = re.compile(
    r"(\d{4})(?:[./\-]\s?|\s?[年년]\s?)(\d{1,2})(?:[./\-]\s?|\s?[月월]\s?)(\d{1,2})(?!\d)(?:\s?[日일号號]|\.(?!\d))?"
)
_REIWA = re.compile(r"令和\s?(\d{1,2})年\s?(\d{1,2})月\s?(\d{1,2})日")
_COMPACT = re.compile(r"((?:19|20)\d\d)(0[1-9]|1[0-2])([0-3]\d)(?=$|[\sT,;)\]])")
_NUMERIC = re.compile(r"(\d{1,2})([/\-]|\.\s?)(\d{1,2})(?:[/\-]|\.\s?)(\d{4}|\d\d)(?![\d:]|[./\-]\d)\.?")
_DAY_NAME = re.compile(rf"(\d{{1,2}}){_ORDINAL}{_BETWEEN}{_OF}({_WORD}{{3,12}}){_BETWEEN}{_OF}{_YEAR}", re.IGNORECASE)
_NAME_DAY = re.compile(
    rf"({_WORD}{{3,12}}){_BETWEEN}(\d{{1,2}}){_ORDINAL}{_CLOCK}[\s\-./,]{{1,3}}{_YEAR}", re.IGNORECASE
)
_YEAR_NAME = re.compile(rf"(\d{{4}}){_BETWEEN}({_WORD}{{3,12}}){_BETWEEN}(\d{{1,2}})(?!\d)", re.IGNORECASE)
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
_EXCEL_EPOCH = dt.date(1899, 12, 30)
_SERIALS = range(25_569, 73_051)  # 1970 to 2099: other numbers of five digits are not dates, but post codes and pay

_NO_YEAR_CJK = re.compile(r"(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일号號]")
_NO_YEAR_DAY_NAME = re.compile(rf"(\d{{1,2}}){_ORDINAL}{_BETWEEN}{_OF}({_WORD}{{3,12}})\.?(?![\w'’])", re.IGNORECASE)
# Not "Mar-26", which is how Excel writes March 2026.
_NO_YEAR_NAME_DAY = re.compile(rf"({_WORD}{{3,12}})\.?\s{{0,3}}(\d{{1,2}})(?!\d){_ORDINAL}(?![\w'’])", re.IGNORECASE)
_NO_YEAR_NUMERIC = re.compile(r"(\d{1,2})/(\d{1,2})(?![\d/])|(\d{1,2})\.\s?(\d{1,2})\.(?!\d)|(\d\d)-(\d\d)(?![\d\-])")

_GAP = re.compile(r"[\s(\[{<\"'“„«*~≈@,;:|\-–—]*")
_LEADING_WORD = re.compile(rf"{_WORD}+(?:['’]{_WORD}+|-feira)*\.?")
_FILLERS = frozenset(
    (
        "the",
        "on",
        "at",
        "of",
        "le",
        "el",
        "il",
        "la",
        "o",
        "os",
        "am",
        "den",
        "der",
        "dem",
        "vom",
        "em",
        "al",
        "op",
        "dia",
    )
)
_HALF = r"[ap])\.?\s?m\b\.?"
_TIME = re.compile(
    rf"""(?:T|[\s,;@\-–—]*)
    (?:(?:\b(?:at|um|à|a\sla|a\slas|alle|ore|às|as|om|kl|klo|klockan|godz|o\sgodz)\b\.?\s?)?
      (?P<noon>午前|午後|上午|下午|오전|오후)?\s?
      (?:(?P<hour>\d{{1,2}})(?:\s?h\s?|:|\.(?=\d\d(?!\d|\.\d)))(?P<minute>\d\d)(?:[:m](?P<second>\d\d))?
        (?:[.,]\d{{1,9}})?
          \s?(?:(?P<half>{_HALF})?(?:\s?(?:Uhr|hrs|h|s)\b)?
        |(?P<hour2>\d{{1,2}})\s?
        (?:(?P<half2>{_HALF}|(?:Uhr|hrs|h|o['’]clock)\b|[時时點点시]\s?(?:(?P<minute2>\d{{1,2}})\s?[分분])?))
    |T(?P<hour4>[0-2]\d)(?P<minute4>[0-5]\d)(?:\d\d)?
    |\b(?:at|um|à|a\slas|alle|ore|às|om|kl|klo|klockan|godz)\b\.?\s?(?P<hour3>\d{{1,2}})(?![\w.:/\-]))
    (?!\d)""",
    re.IGNORECASE | re.VERBOSE,
)
_ZONE = re.compile(
    r"\s?[(\[]?(?:(?:UTC|GMT)(?:[+\-−]\d{1,2}(?::?\d\d)?)?(?:\s\([A-Z][\w\s]{2,40}\))?|Z(?!\w)|"
    r"[+\-−]\d\d(?::?\d\d)?(?![\d/.\-])"
    r"|(?:[PMCE][SD]?T|AK[SD]T|HST|CES?T|MES?Z|BST|IST|WES?T|EES?T|[JKH]ST|A[EC][SD]T|AWST|NZ[SD]T|SGT|HKT|MSK|SAST"
    r"|BRT|ART)(?!\w)|(?:Europe|America|Asia|Africa|Australia|Pacific|Atlantic|Etc)/[A-Za-z_/]{2,30})[)\]]?"
)
_YEAR_WORD = re.compile(r"\s?r\.?(?=$|[\s,;)])")  # "2026 r." is a Polish year
_WEEKDAY_AFTER = re.compile(
    rf"[\s,]*[(\[]?\s?({_WORD}{{1,13}}(?:-feira)?)\.?\s?[)\]]?(?=$|[\s,.;)\]\-–—(T]|\d)", re.IGNORECASE
)
_ENDS = " \t\r\n,;:.-–—|/·*~"


class _Found(NamedTuple):
    """Where a date is, and its numbers: two that can be day or month in either order, or a month and a day."""

    start: int
    end: int
    year: int
    month: int
    day: int
    separator: str = ""

    def date(self, order: str) -> dt.date:
        if self.separator and order == MONTH_FIRST:
            return dt.date(self.year, self.day, self.month)
        return dt.date(self.year, self.month, self.day)


def decide_order(cells: Iterable[str]) -> str:
    """Return the order that the cells of a column agree with; ``AMBIGUOUS`` when both fit and would differ.

    A weekday beside a date decides too, and so do points: no country writes the month first with them. Where single
    cells disagree, the order that more of them need is returned.
    """
    day_first = month_first = 0
    is_open = False
    for cell in cells:
        possible = _possible_orders(cell)
        day_first += possible == {DAY_FIRST}
        month_first += possible == {MONTH_FIRST}
        is_open = is_open or len(possible) == 2
    if day_first == month_first and (is_open or day_first):
        return AMBIGUOUS
    return MONTH_FIRST if month_first > day_first else DAY_FIRST


def read_date(cell: str, order: str) -> dt.date | None:
    """Return the date in a cell, as it is written there, or None. Two-digit years are 1970 to 2069."""
    dated = read_dated(cell, order)
    return dated[0] if dated else None


def read_dated(cell: str, order: str) -> tuple[dt.date, str] | None:
    """Return the date in a cell and the words beside it, without its weekday, its time and its zone; or None."""
    head, tail = _split(cell)
    found = _find(head)
    try:
        day = found.date(order) if found else _from_serial(head)
    except (ValueError, OverflowError):
        return None
    if day is None:
        return None
    if found is None:
        return day, ""
    before = " ".join(_words_before(head[: found.start], day))
    after = head[_end_of_extras(head, found.end, day) :] + tail
    return day, "; ".join(filter(None, (before, _bare(after))))


def read_day_and_month(cell: str, order: str, latest: dt.date) -> dt.date | None:
    """Return the last day not after ``latest`` that a cell without a year can mean, or None for other cells.

    Only a weekday and a time may be beside it. The 29th of February is in the last leap year.
    """
    head, tail = _split(cell)
    found = None if tail or _find(head) else _find_without_year(head)
    if found is None:
        return None
    for year in range(latest.year, latest.year - 9, -1):
        try:
            day = found._replace(year=year).date(order)
        except ValueError:
            continue
        rest = head[_end_of_extras(head, found.end, day) :]
        is_alone = not _bare(rest) and not _words_before(head[: found.start], None)
        if day <= latest:
            return day if is_alone else None
    return None


def read_time(cell: str) -> str:
    """Return the time of day beside a date as ``HH:MM``; midnight if there is none."""
    head, _ = _split(cell)
    found = _find(head) or _find_without_year(head)
    # Between day and year is the last place: it is there in what date(1) writes.
    places = [head[found.end :], head[: found.start]] if found else [head]
    if found and ":" in head[found.start : found.end]:
        places.append(head[found.start : found.end])
    match = next((match for text in places if (match := _first_time(text))), None)
    if match is None:
        return "00:00"
    hour = int(match["hour"] or match["hour2"] or match["hour3"] or match["hour4"])
    minute = int(match["minute"] or match["minute2"] or match["minute4"] or 0)
    half = (match["half"] or match["half2"] or "").lower()
    is_afternoon = half == "p" or match["noon"] in ("午後", "下午", "오후")
    if (half or match["noon"]) and 1 <= hour <= 12:
        hour = hour % 12 + (12 if is_afternoon else 0)
    return f"{hour:02}:{minute:02}" if hour < 24 and minute < 60 else "00:00"


def looks_like_dates(cells: Iterable[str]) -> bool:
    """Whether at least half of the filled cells are dates, with at most a few words beside them."""
    filled = [cell for cell in cells if cell.strip()]
    return bool(filled) and sum(map(_is_dated, filled)) * 2 >= len(filled)


def _is_dated(cell: str) -> bool:
    dated = read_dated(cell, DAY_FIRST) or read_dated(cell, MONTH_FIRST)
    if dated:
        return len(dated[1]) <= SHORT_REST
    found = _find_without_year(_split(cell)[0])
    return found is not None and not found.separator


def _possible_orders(cell: str) -> set[str]:
    """Return the orders that a cell can have; none for a date that is the same in both, and for what is no date."""
    head, _ = _split(cell)
    found = _find(head) or _find_without_year(head)
    if found is None or not found.separator or found.day == found.month:
        return set()
    dates = {order: day for order in (DAY_FIRST, MONTH_FIRST) if (day := _date_or_none(found, order))}
    if len(dates) < 2:
        return set(dates)
    weekdays = _weekdays_beside(head, found)
    named = {order for order, day in dates.items() if day.weekday() in weekdays}
    if len(named) == 1:
        return named
    return {DAY_FIRST} if "." in found.separator else set(dates)


def _date_or_none(found: _Found, order: str) -> dt.date | None:
    try:
        return found.date(order)
    except ValueError:
        return None


def _split(cell: str) -> tuple[str, str]:
    """Return the part of a cell that is looked at, in one spelling of digits and spaces, and the part after it."""
    text = cell.strip()
    head, tail = text[:HEAD_CHARS], text[HEAD_CHARS:]
    if not head.isascii():
        head = unicodedata.normalize("NFC", head).translate(_LOOKALIKES)
    return head, tail


def _find(head: str) -> _Found | None:
    position = 0
    for _ in range(MOST_WORDS_BEFORE + 1):
        position = _skip_gap(head, position)
        if found := _form(head, position):
            return found
        leading = _LEADING_WORD.match(head, position) or _TIME.match(head, position)
        if leading is None or leading.end() == position:
            return None
        position = leading.end()
    return None


def _find_without_year(head: str) -> _Found | None:
    position = 0
    for _ in range(3):
        position = _skip_gap(head, position)
        if found := _form_without_year(head, position):
            return found
        word = _LEADING_WORD.match(head, position)
        if word is None or not _goes_without_saying(word[0], None):
            return None
        position = word.end()
    return None


def _skip_gap(head: str, position: int) -> int:
    match = _GAP.match(head, position)
    return match.end() if match else position


def _form(head: str, at: int) -> _Found | None:
    """Return the date that begins exactly here, in any of the forms that have a year."""
    if not head[at : at + 1].isdigit():
        if (match := _NAME_DAY.match(head, at)) and (month := month_of(match[1])):
            return _Found(at, match.end(), _year(match[3]), month, int(match[2]))
        if match := _REIWA.match(head, at):
            return _Found(at, match.end(), int(match[1]) + 2018, int(match[2]), int(match[3]))
        return None
    if match := _YEAR_FIRST.match(head, at) or _COMPACT.match(head, at):
        return _Found(at, match.end(), int(match[1]), int(match[2]), int(match[3]))
    if match := _NUMERIC.match(head, at):
        return _Found(at, match.end(), _year(match[4]), int(match[3]), int(match[1]), match[2])
    if (match := _DAY_NAME.match(head, at)) and (month := month_of(match[2])):
        return _Found(at, match.end(), _year(match[3]), month, int(match[1]))
    if (match := _YEAR_NAME.match(head, at)) and (month := month_of(match[2])):
        return _Found(at, match.end(), int(match[1]), month, int(match[3]))
    return None


def _form_without_year(head: str, at: int) -> _Found | None:
    if match := _NO_YEAR_CJK.match(head, at):
        return _Found(at, match.end(), 2000, int(match[1]), int(match[2]))
    if (match := _NO_YEAR_DAY_NAME.match(head, at)) and (month := month_of(match[2])):
        return _Found(at, match.end(), 2000, month, int(match[1]))
    if (match := _NO_YEAR_NAME_DAY.match(head, at)) and (month := month_of(match[1])):
        return _Found(at, match.end(), 2000, month, int(match[2]))
    if match := _NO_YEAR_NUMERIC.match(head, at):
        first, second = [int(number) for number in match.groups() if number]
        return _Found(at, match.end(), 2000, second, first, "." if match[3] else "/")
    return None


def _from_serial(head: str) -> dt.date | None:
    if not _SERIAL.fullmatch(head) or int(head[:5]) not in _SERIALS:
        return None
    return _EXCEL_EPOCH + dt.timedelta(days=int(head[:5]))


def _words_before(text: str, day: dt.date | None) -> list[str]:
    """Return the words before a date but for its weekday, its time, and words such as “on the”."""
    position, words = 0, []
    while (position := _skip_gap(text, position)) < len(text):
        word = _LEADING_WORD.match(text, position)
        if word and _goes_without_saying(word[0], day):
            position = word.end()
        elif time := _TIME.match(text, position):
            position = time.end()
        elif word:
            words.append(word[0])
            position = word.end()
        else:
            position += 1
    return words


def _goes_without_saying(word: str, day: dt.date | None) -> bool:
    weekday = weekday_of(word)
    if weekday is not None and (day is None or day.weekday() == weekday):
        return True
    return word.lower() in _FILLERS


def _end_of_extras(head: str, position: int, day: dt.date) -> int:
    """Return where the weekday, the time and the zone after a date end. Another weekday than the date's is a word."""
    has_time = False
    while position < len(head):
        match = _WEEKDAY_AFTER.match(head, position)
        if match and weekday_of(match[1]) == day.weekday():
            position = match.end()
        elif not has_time and (match := _TIME.match(head, position)):
            position, has_time = match.end(), True
        elif match := _ZONE.match(head, position) or _YEAR_WORD.match(head, position):
            position = match.end()
        else:
            break
    return position


def _weekdays_beside(head: str, found: _Found) -> set[int]:
    words = [match[0] for match in _LEADING_WORD.finditer(head[: found.start])]
    if match := _WEEKDAY_AFTER.match(head, found.end):
        words.append(match[1])
    return {weekday for word in words if (weekday := weekday_of(word)) is not None}


def _first_time(text: str) -> re.Match[str] | None:
    return next(_TIME.finditer(text), None)


def _bare(rest: str) -> str:
    """Return ``rest`` without the marks around it, and without a pair of brackets around all of it."""
    text = rest.strip(_ENDS)
    if text[:1] in (")", "]", "}", ">", '"', "”", "“"):
        text = text[1:].strip(_ENDS)
    if text[:1] + text[-1:] in ("()", "[]") and not set(text[1:-1]) & set("()[]"):
        text = text[1:-1].strip(_ENDS)
    return text


def _year(text: str) -> int:
    return int(text) if len(text) == 4 else int(text) + (2000 if int(text) < 70 else 1900)
