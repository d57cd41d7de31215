"""A month as a calendar shows it: whole weeks, each day with its entries."""

import calendar
import datetime as dt
from collections.abc import Iterable

import msgspec

from tmr.domain.agenda.agenda import Entry
from tmr.domain.locales.locale import INTERNATIONAL, Locale

SHOWN = 6
MOST_A_DAY = 20  # that are on the page of the month at all


class Day(msgspec.Struct, frozen=True):
    """One day: whether it belongs to the month, and what is on it."""

    date: dt.date
    is_inside: bool
    entries: list[Entry]

    @property
    def shown(self) -> int:
        """How many entries have room in a narrow cell; whatever has a time is among them."""
        return min(max(SHOWN, sum(entry.starts is not None for entry in self.entries)), MOST_A_DAY)

    @property
    def listed(self) -> list[Entry]:
        """The entries that are on the page, in a narrow cell or not."""
        return self.entries[:MOST_A_DAY]


class Month(msgspec.Struct, frozen=True):
    """A month in whole weeks."""

    first: dt.date
    weeks: list[list[Day]]

    @property
    def earlier(self) -> str:
        """The month before, as ``YYYY-MM``."""
        return f"{self.first - dt.timedelta(days=1):%Y-%m}"

    @property
    def later(self) -> str:
        """The month after, as ``YYYY-MM``."""
        return f"{self.first + dt.timedelta(days=31):%Y-%m}"

    @property
    def count(self) -> int:
        """How many entries the month has."""
        return sum(len(day.entries) for week in self.weeks for day in week if day.is_inside)


def month_of(first: dt.date, entries: Iterable[Entry], locale: Locale = INTERNATIONAL) -> Month:
    """Return the month that begins on ``first``: on each day what has a time comes first, else in the order given.

    Its weeks begin where ``locale`` says.
    """
    by_date: dict[dt.date, list[Entry]] = {}
    for entry in sorted(entries, key=lambda entry: entry.starts is None):
        by_date.setdefault(entry.date, []).append(entry)
    weeks = calendar.Calendar(locale.first_weekday).monthdatescalendar(first.year, first.month)
    return Month(
        first, [[Day(date, date.month == first.month, by_date.get(date, [])) for date in week] for week in weeks]
    )
