"""The day and the time of day that a text names, how long that is, and the link or place beside it."""

import datetime as dt
import re
from collections.abc import Iterator

import msgspec

from tmr.domain.capture.mail.times.near_days import days_of_month, relative_days
from tmr.domain.capture.mail.times.spoken import in_numbers
from tmr.domain.importing.readers.words.dates import month_of, weekday_of

_LONGEST = 4_000  # characters of a paragraph that are looked at
_MOST_DATES = 30
_WORD = r"[^\W\d_]"
_DATE = re.compile(
    rf"(?<![\d/.:-])(?:(?P<y1>20\d\d)-(?P<m1>\d\d?)-(?P<d1>\d\d?)(?!\d)"
    rf"|(?P<d2>\d\d?)\.\s?(?P<m2>\d\d?)\.(?:\s?(?P<y2>20\d\d|\d\d)(?![\d:]|\s?(?:h|uhr|[ap]m)\b|h\d))?"
    rf"|(?P<d3>\d\d?)/(?P<m3>\d\d?)(?:/(?P<y3>20\d\d|\d\d))?(?![\d/])"
    rf"|(?P<d4>\d\d?)(?:\.|st|nd|rd|th|er|º|ª)?\s+(?:de\s|of\s|d['’])?(?P<n4>{_WORD}{{3,10}})\.?,?(?:\s+(?:de\s"
    rf"|del\s)?(?P<y4>20\d\d))?"
    rf"|(?P<n5>\b{_WORD}{{3,10}})\.?\s+(?P<d5>\d\d?)(?:st|nd|rd|th)?(?![\d:.]|\s?[ap]\.?m)(?:,?\s+(?P<y5>20\d\d))?)",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"(?<![\d.,/:€$£-])(?P<hour>[01]?\d|2[0-3])(?:\s?(?:[:.]|h|Uhr)\s?(?P<minute>[0-5]\d)(?![\d€]|\.\d))?\s?"
    r"(?P<unit>[ap]\.?\s?m\b\.?|Uhr\b|hrs?\b|h\b|o['’]clock\b|heures?\b|horas?\b)?(?![\d%€])",
    re.IGNORECASE,
)
_END_TIME = re.compile(_TIME.pattern.partition(")")[2], re.IGNORECASE)
_WORD_TIME = re.compile(r"\b(?P<noon>noon|midday|mittags?|midi|mediodía)\b", re.IGNORECASE)
_RANGE = re.compile(
    r"\s?(?:[-–—]|to|and|und|et|y|until|till|bis|à|jusqu['’]à|a|hasta)"
    r"(?:\s(?:las|la|ca\.|circa|about|etwa|environ))?\s?",
    re.IGNORECASE,
)
_BEFORE_TIME = re.compile(
    r"(?:\bat|\bum|\bbetween|\bzwischen|\bentre(?: las)?|\bà|\ba las?|\ba partir de las|\bab|\bfrom|\bde|\bgegen"
    r"|\bvers|@|,|·|\||-|–|:|\()\s{0,3}$",
    re.IGNORECASE,
)
_AT = re.compile(r"\b(?:at|um|à|a las?|@)\s{1,2}$", re.IGNORECASE)
_OF_TWELVE = re.compile(r"\d\s?[ap]\.?m\b", re.IGNORECASE)
_LEAD = 90  # characters before a date
_GAP = 45  # characters between a date and its time


class Moment(msgspec.Struct, frozen=True):
    """A day and a time in a text, the minutes if it has an end, the paragraph and the words before it in that.

    ``line`` is the number of that paragraph in what was read.
    """

    starts_at: dt.datetime
    minutes: int
    paragraph: str
    lead: str = ""
    line: int = 0


def moments_in(lines: list[str], sent: dt.datetime) -> Iterator[Moment]:
    """Yield the times in a letter that have a day; ``sent`` tells the year, and the day of words such as tomorrow."""
    for at, line in enumerate(lines[:400]):
        paragraph = in_numbers(line[:_LONGEST])
        beyond = in_numbers(lines[at + 1][:200]) if at + 1 < len(lines) and len(line) < 120 else ""
        for day, start, end in _days(paragraph, sent, is_american=_is_american(f"{paragraph} {beyond}", sent)):
            found = _time_near(paragraph, start, end) or (
                _time_near(f"{paragraph} {beyond}", start, end) if beyond else None
            )
            if found:
                lead = paragraph[max(start - _LEAD, 0) : start]
                yield Moment(dt.datetime.combine(day, found[0]), found[1], f"{paragraph} {beyond}", lead, at)


def _is_american(text: str, sent: dt.datetime) -> bool:
    """Whether a text that goes by the clock of twelve hours was sent from between Newfoundland and Hawaii."""
    offset = sent.utcoffset()
    return offset is not None and -10 <= offset / dt.timedelta(hours=1) <= -4 and bool(_OF_TWELVE.search(text))


def _days(text: str, sent_at: dt.datetime, *, is_american: bool) -> Iterator[tuple[dt.date, int, int]]:
    sent, found = sent_at.date(), 0
    taken: list[tuple[int, int]] = []
    at = 0
    while match := _DATE.search(text, at):
        at = match.end("n5") if match["n5"] and not month_of(match["n5"]) else match.end()
        if day := _day(match, sent, _weekday_before(text, match.start()), is_american=is_american):
            found += 1
            taken.append(match.span())
            yield day, match.start(), match.end()
        if found >= _MOST_DATES:
            return
    for day, start, end in (*days_of_month(text, sent), *relative_days(text, sent)):
        if any(first - 15 <= start <= last for first, last in taken):
            continue
        found += 1
        taken.append((start + 15, end))
        yield day, start, end
        if found >= _MOST_DATES:
            return


def _day(match: re.Match[str], sent: dt.date, weekday: int | None, *, is_american: bool) -> dt.date | None:
    said = match.groupdict()
    name = said["n4"] or said["n5"]
    month = month_of(name) if name else int(said["m1"] or said["m2"] or said["m3"] or 0)
    day = int(next(said[key] for key in ("d1", "d2", "d3", "d4", "d5") if said[key]))
    year = next((said[key] for key in ("y1", "y2", "y3", "y4", "y5") if said[key]), "")
    if not month:
        return None
    if said["d3"] and _has_month_first(sent, (year, day, month), weekday, is_american=is_american):
        day, month = month, day
    if said["d3"] and not year and name is None and weekday is None:
        return None  # 1/2 of something
    return _in_year(year, month, day, sent)


def _has_month_first(sent: dt.date, said: tuple[str, int, int], weekday: int | None, *, is_american: bool) -> bool:
    """Whether 12/9 is a day in December: the other way there is none, its weekday is another, or it is long over."""
    year, first, second = said
    if first > 12 or second > 12:
        return first <= 12
    if weekday is not None:
        return _fits(sent, year, first, second, weekday)
    usual, other = _in_year(year, second, first, sent), _in_year(year, first, second, sent)
    is_over = bool(year and usual and other and usual < sent <= other)
    return is_american or is_over


def _fits(sent: dt.date, year: str, month: int, day: int, weekday: int) -> bool:
    other, usual = _in_year(year, month, day, sent), _in_year(year, day, month, sent)
    return bool(other and other.weekday() == weekday and not (usual and usual.weekday() == weekday))


def _in_year(year: str, month: int, day: int, sent: dt.date) -> dt.date | None:
    """Return a day in its year; without one, the first that comes from two months before the mail on."""
    try:
        if year:
            return dt.date(int(year) + (2000 if len(year) == 2 else 0), month, day)
        near = dt.date(sent.year, month, day)
    except ValueError:
        return None
    if near < sent - dt.timedelta(days=60):
        try:
            return near.replace(year=near.year + 1)
        except ValueError:
            return None
    return near


def _weekday_before(text: str, at: int) -> int | None:
    words = re.findall(rf"{_WORD}{{2,12}}", text[max(at - 25, 0) : at])
    return next((number for word in reversed(words[-3:]) if (number := weekday_of(word)) is not None), None)


def _time_near(text: str, start: int, end: int) -> tuple[dt.time, int] | None:
    """Return the time behind a date, or else before it, and the minutes up to its end."""
    after = text[end : end + _GAP + 12]
    for match in _TIME.finditer(after):
        if match.start() > _GAP or _is_date(after, match.start()):
            break
        if found := _clock(match, after):
            return found, _minutes_to_end(after, match, found)
    if _WORD_TIME.search(after):
        return dt.time(12), 0
    before = text[max(start - _GAP, 0) : start]
    times = [(match, clock) for match in _TIME.finditer(before) if (clock := _clock(match, before))]
    starts = [one for one in times if not any(_is_end(before, other, one[0]) for other, _ in times)]
    said = [one for one in starts if one[0]["unit"] or one[0]["minute"] or _minutes_to_end(before, *one)]
    return (said[-1][1], _minutes_to_end(before, *said[-1])) if said else None


def _is_end(text: str, start: re.Match[str], match: re.Match[str]) -> bool:
    """Whether a time is the end of another one, as in “between 10 and 11”."""
    between = _RANGE.match(text, start.end())
    return between is not None and between.end() == match.start()


def _is_date(text: str, at: int) -> bool:
    match = _DATE.match(text, at)
    name = match["n4"] or match["n5"] if match else None
    return match is not None and (name is None or month_of(name) is not None)


def _clock(match: re.Match[str], text: str) -> dt.time | None:
    """Return a time of day, if a number is one: it has minutes, a unit, or a word such as “at” before it."""
    hour, minute = int(match["hour"]), int(match["minute"] or 0)
    unit = _unit(match) or _unit_of_end(match, text)
    if not unit and not match["minute"] and not _AT.search(text[: match.start()]):
        return None
    if unit.startswith(("pm", "am")):
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if unit.startswith("pm") else 0)
    elif not unit and not match["minute"] and 1 <= hour <= 6:
        hour += 12
    return dt.time(hour, minute)


def _unit(match: re.Match[str]) -> str:
    return (match["unit"] or "").lower().replace(".", "").replace(" ", "")


def _unit_of_end(match: re.Match[str], text: str) -> str:
    """Return the unit that only the end of a range has, as in “2:00 – 3:00 PM”; “11 – 1 pm” begins before noon."""
    end = _end_of(match, text)
    unit = _unit(end) if end else ""
    if end is None or not (match["minute"] or _BEFORE_TIME.search(text[: match.start()] or ",")):
        return ""
    if not unit.startswith(("pm", "am")):
        return "" if match["minute"] else unit
    if int(match["hour"]) > 12:
        return ""
    return "am" if unit.startswith("pm") and int(match["hour"]) % 12 > int(end["hour"]) % 12 else unit


def _end_of(match: re.Match[str], text: str) -> re.Match[str] | None:
    between = _RANGE.match(text, match.end())
    return _END_TIME.match(text, between.end()) if between else None


def _minutes_to_end(text: str, match: re.Match[str], start: dt.time) -> int:
    end = _end_of(match, text)
    if end is None or not (end["minute"] or end["unit"] or match["unit"]):
        return 0
    stop = _clock(end, text) or dt.time(int(end["hour"]), int(end["minute"] or 0))
    minutes = stop.hour * 60 + stop.minute - start.hour * 60 - start.minute
    return minutes if 0 < minutes <= 600 else 0
