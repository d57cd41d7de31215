"""A locale: the order of a date's parts, the clock, separators and the first day of the week. Words stay English."""

import datetime as dt
import re
from functools import lru_cache
from typing import Any

import msgspec

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LONG_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_CLOCK = re.compile(r"(hh?|HH?)(.)mm")
NO_BREAK = "\u00a0"


class Locale(msgspec.Struct, frozen=True):
    """What differs from place to place; without arguments, the international one."""

    code: str = ""
    is_day_first: bool = True
    has_half_days: bool = False
    is_hour_padded: bool = True
    time_separator: str = ":"
    halves: tuple[str, str] = ("am", "pm")
    decimal: str = "."
    group: str = ","
    has_lakhs: bool = False  # 12,00,000
    first_weekday: int = 0  # 0 is Monday

    def date(self, date: dt.date) -> str:
        """Write a date with its year: ``24 Nov 2026``, ``Nov 24, 2026``."""
        return f"{self.day_and_month(date)}{'' if self.is_day_first else ','} {date.year}"

    def day_and_month(self, date: dt.date, *, is_long: bool = False) -> str:
        """Write a date without its year: ``24 Nov``, ``Nov 24``, or with the month in full."""
        month = (LONG_MONTHS if is_long else MONTHS)[date.month - 1]
        return f"{date.day} {month}" if self.is_day_first else f"{month} {date.day}"

    def time(self, time: dt.time | dt.datetime) -> str:
        """Write a time of day: ``14:30``, ``2:30 PM``."""
        hour = (time.hour - 1) % 12 + 1 if self.has_half_days else time.hour
        text = f"{hour:0{2 if self.is_hour_padded else 1}}{self.time_separator}{time.minute:02}"
        return f"{text}{NO_BREAK}{self.halves[time.hour // 12]}" if self.has_half_days else text

    def moment(self, moment: dt.datetime) -> str:
        """Write a date with its year and a time: ``24 Nov 2026, 14:30``."""
        return f"{self.date(moment)}, {self.time(moment)}"

    def number(self, value: float, decimals: int = 0) -> str:
        """Write a number with its separators: ``1,234``, ``1.234,50``."""
        whole, _, fraction = f"{value:.{decimals}f}".partition(".")
        return self._grouped(whole) + (self.decimal + fraction if fraction else "")

    def amount(self, amount: str) -> str:
        """Write an amount, kept as canonical text, with its separators; anything but a number stays as it is."""
        whole, _, fraction = amount.partition(".")
        if not whole.isdigit():
            return amount
        return self._grouped(whole) + (self.decimal + fraction if fraction else "")

    def week_start(self, date: dt.date) -> dt.date:
        """Return the first day of the week of ``date``."""
        return date - dt.timedelta(days=(date.weekday() - self.first_weekday) % 7)

    @property
    def weekdays(self) -> tuple[str, ...]:
        """The names of the days of a week, in its order."""
        return DAYS[self.first_weekday :] + DAYS[: self.first_weekday]

    @property
    def tag(self) -> str:
        """The name of this locale for a browser, such as ``en-DE``."""
        return self.code.replace("_", "-") or "en-GB"

    def _grouped(self, whole: str) -> str:
        if not self.has_lakhs or len(whole.lstrip("-")) < 6:
            return f"{int(whole):,}".replace(",", self.group)
        lakhs, rest = whole[:-3], whole[-3:]
        pairs = [lakhs[max(end - 2, 0) : end] for end in range(len(lakhs), 0, -2)]
        return self.group.join([*reversed(pairs), rest])


INTERNATIONAL = Locale()
# By code: English as it is written in these places, so that words stay in one language.
OFFERED = {
    "": "International",
    "en_AU": "Australia",
    "en_AT": "Austria",
    "en_BE": "Belgium",
    "en_CA": "Canada",
    "en_CZ": "Czechia",
    "en_DK": "Denmark",
    "en_EE": "Estonia",
    "en_FI": "Finland",
    "en_FR": "France",
    "en_DE": "Germany",
    "en_HK": "Hong Kong",
    "en_HU": "Hungary",
    "en_IN": "India",
    "en_IE": "Ireland",
    "en_IL": "Israel",
    "en_IT": "Italy",
    "en_JP": "Japan",
    "en_KE": "Kenya",
    "en_LV": "Latvia",
    "en_LT": "Lithuania",
    "en_MY": "Malaysia",
    "en_NL": "Netherlands",
    "en_NZ": "New Zealand",
    "en_NG": "Nigeria",
    "en_NO": "Norway",
    "en_PK": "Pakistan",
    "en_PH": "Philippines",
    "en_PL": "Poland",
    "en_PT": "Portugal",
    "en_RO": "Romania",
    "en_SG": "Singapore",
    "en_SK": "Slovakia",
    "en_SI": "Slovenia",
    "en_ZA": "South Africa",
    "en_ES": "Spain",
    "en_SE": "Sweden",
    "en_CH": "Switzerland",
    "en_UA": "Ukraine",
    "en_AE": "United Arab Emirates",
    "en_GB": "United Kingdom",
    "en_US": "United States",
}


@lru_cache(maxsize=len(OFFERED))
def locale_named(code: str) -> Locale:
    """Return the locale with this code; the international one for a code that is not offered."""
    return _from_babel(code) if code and code in OFFERED else INTERNATIONAL


def _from_babel(code: str) -> Locale:
    from babel import Locale as BabelLocale  # late: its data takes much memory and is needed once for each locale

    known = BabelLocale.parse(code)
    symbols, day_first = known.number_symbols["latn"], str(known.datetime_skeletons["MMMd"].pattern)
    time = str(known.time_formats["short"].pattern)
    halves: Any = known.day_periods["format"]["abbreviated"]
    clock = _CLOCK.match(time)
    return Locale(
        code=code,
        is_day_first=day_first.index("d") < day_first.index("M"),
        has_half_days="a" in time,
        is_hour_padded=bool(clock and len(clock[1]) == 2),
        time_separator=clock[2] if clock else ":",
        halves=(halves["am"], halves["pm"]),
        decimal=symbols["decimal"],
        group=symbols["group"],
        has_lakhs=known.decimal_formats[None].grouping[1] == 2,
        first_weekday=known.first_week_day,
    )
