"""Dates, times and numbers as they are written in each place, in English words everywhere."""

import datetime as dt

import pytest

from tmr.domain.locales.guess import guess_locale
from tmr.domain.locales.locale import INTERNATIONAL, OFFERED, Locale, locale_named

EVENING = dt.datetime(2026, 11, 9, 19, 5, tzinfo=dt.UTC)


def words(code: str) -> tuple[str, str, str]:
    locale = locale_named(code)
    return locale.moment(EVENING).replace("\u00a0", " "), locale.number(1234567.5, 2), locale.weekdays[0]


@pytest.mark.parametrize(
    ("code", "moment", "number", "first"),
    [
        ("", "9 Nov 2026, 19:05", "1,234,567.50", "Monday"),
        ("en_GB", "9 Nov 2026, 19:05", "1,234,567.50", "Monday"),
        ("en_US", "Nov 9, 2026, 7:05 PM", "1,234,567.50", "Sunday"),
        ("en_DE", "9 Nov 2026, 19:05", "1.234.567,50", "Monday"),
        ("en_SE", "9 Nov 2026, 19:05", "1\u00a0234\u00a0567,50", "Monday"),
        ("en_FI", "9 Nov 2026, 19.05", "1\u00a0234\u00a0567,50", "Monday"),
        ("en_CH", "9 Nov 2026, 19:05", "1'234'567.50", "Monday"),
        ("en_IN", "9 Nov 2026, 7:05 PM", "12,34,567.50", "Sunday"),
        ("en_CA", "Nov 9, 2026, 7:05 p.m.", "1,234,567.50", "Sunday"),
    ],
)
def test_a_place_has_its_own_order_clock_and_separators(code: str, moment: str, number: str, first: str) -> None:
    assert words(code) == (moment, number, first)


@pytest.mark.parametrize("code", OFFERED)
def test_every_place_that_is_offered_is_known(code: str) -> None:
    assert locale_named(code).code == code


def test_a_code_that_is_not_offered_is_the_international_locale() -> None:
    assert locale_named("en_XX") is locale_named("tlh") is INTERNATIONAL == Locale()


def test_midnight_and_noon_are_twelve_where_days_have_halves() -> None:
    american = locale_named("en_US")

    assert [american.time(dt.time(hour)) for hour in (0, 12)] == ["12:00\u00a0AM", "12:00\u00a0PM"]


def test_a_week_begins_where_the_place_says() -> None:
    sunday = dt.date(2026, 11, 29)

    assert INTERNATIONAL.week_start(sunday) == dt.date(2026, 11, 23)
    assert locale_named("en_US").week_start(sunday) == sunday


@pytest.mark.parametrize(
    ("tags", "zone", "code"),
    [
        (["de-AT", "de"], "", "en_AT"),
        (["sv"], "", "en_SE"),
        (["en-GB"], "", "en_GB"),
        (["en-US", "es"], "", ""),  # the browser comes with it; the clock decides, once it is known
        (["en-US"], "America/New_York", "en_US"),
        (["en-US", "en", "de"], "Europe/Berlin", "en_DE"),
        (["en-US", "en"], "UTC", ""),
        (["pt-BR", "es"], "", ""),
        ([], "America/Chicago", ""),
        (["x" * 99, "-", ""], "", ""),
        (["tlh"] * 10 + ["de"], "", ""),
    ],
)
def test_a_browser_suggests_a_place(tags: list[str], zone: str, code: str) -> None:
    assert guess_locale(tags, zone) == code
