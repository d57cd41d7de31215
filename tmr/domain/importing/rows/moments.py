"""Dates and times in the cells of a table, as a field or a step of an application keeps them."""

import datetime as dt
import re
from functools import lru_cache

from tmr.domain.fields.type import Field
from tmr.domain.fields.types.dates import Date
from tmr.domain.fields.types.times import Instant, WallTime, read_moment
from tmr.domain.importing.proposing.short_values import MARKS
from tmr.domain.importing.readers.dates import read_dated, read_day_and_month, read_time

NO_TIME, HALF_A_YEAR = dt.timedelta(), dt.timedelta(days=182)  # what is due without a year is the nearest such day
LONGEST_SPAN = 80  # characters
_TO = re.compile(r"\s+(?:-|–|—|to|until|till|bis|au|al|t/m|do)\s+")


class MomentReader:
    """Reads moments for a person in ``zone``, at ``now``."""

    def __init__(self, now: dt.datetime, zone: dt.tzinfo) -> None:
        self._now, self._zone = now, zone
        self._dated = lru_cache(maxsize=2_048)(read_dated)  # a list has the same days many times

    def read(self, field: Field, cell: str, order: str) -> tuple[str, str]:
        """Return the moment in a cell as ``field`` reads it, or ``""``, and what else the cell says."""
        if isinstance(field.type, Instant) and cell.casefold() in MARKS:
            return self._now.isoformat(timespec="seconds"), ""
        exact = None if isinstance(field.type, Date) else read_moment(cell)
        if field.role == "deadline" and (last := self._end_of_span(cell, order)):
            return last.isoformat(), cell
        is_ahead = field.is_due or isinstance(field.type, WallTime)
        date, rest = self.date(cell, order, HALF_A_YEAR if is_ahead else NO_TIME)
        if isinstance(field.type, Date) or (exact is None and date is None):
            return (date.isoformat() if date else ""), rest
        moment = exact or dt.datetime.fromisoformat(f"{date}T{read_time(cell)}")
        if isinstance(field.type, WallTime):
            return moment.replace(tzinfo=None).isoformat(timespec="minutes"), rest
        return (moment if moment.tzinfo else moment.replace(tzinfo=self._zone)).isoformat(), rest

    def date(self, cell: str, order: str, ahead: dt.timedelta = NO_TIME) -> tuple[dt.date | None, str]:
        """Return the date in a cell, and what else it says: all of it where there is no date, or one without a year.

        A date without a year is the last one that is not more than ``ahead`` of today.
        """
        if found := self._dated(cell, order):
            return found
        latest = self._now.astimezone(self._zone).date() + ahead
        return read_day_and_month(cell, order, latest), cell

    def _end_of_span(self, cell: str, order: str) -> dt.date | None:
        """Return the later of two days that a cell is from and to, such as when a posting opens and closes."""
        days = _TO.split(cell) if len(cell) <= LONGEST_SPAN else []
        if len(days) != 2:
            return None
        first, last = (self.date(day.strip(), order)[0] for day in days)
        return last if first and last and first <= last else None

    def midnight(self, cell: str, order: str) -> dt.datetime | None:
        """Return the beginning of the day in a cell, or None."""
        date, _ = self.date(cell, order)
        return dt.datetime.combine(date, dt.time(), self._zone) if date and 1900 < date.year < 2200 else None

    def instant(self, cell: str, order: str) -> str:
        """Return the instant in a cell, ISO 8601 in UTC to the second, or ``""``."""
        date, _ = self.date(cell, order)
        if date is None or not 1900 < date.year < 2200:
            return ""
        moment = dt.datetime.fromisoformat(f"{date}T{read_time(cell)}").replace(tzinfo=self._zone)
        return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
