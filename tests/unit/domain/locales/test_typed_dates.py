"""Dates and times in the words of the person who types them. Today is Sunday, 29 November 2026, 15:45 in Berlin."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmr.domain.locales.locale import OFFERED, locale_named
from tmr.domain.locales.typed_dates import LONGEST, Typing, read_date, read_wall_time

NOW = dt.datetime(2026, 11, 29, 15, 45, 12, tzinfo=ZoneInfo("Europe/Berlin"))
HERE = Typing(locale_named(""), NOW)
LATER_YEAR = dt.date(2027, 3, 12)


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("today", "2026-11-29"),
        ("Tomorrow", "2026-11-30"),
        ("tmr", "2026-11-30"),
        ("yesterday", "2026-11-28"),
        ("day after tomorrow", "2026-12-01"),
        ("fri", "2026-12-04"),
        ("Friday", "2026-12-04"),
        ("tues", "2026-12-01"),
        ("on wed", "2026-12-02"),
        ("sun", "2026-12-06"),  # not today
        ("next tue", "2026-12-01"),  # next week begins tomorrow
        ("last fri", "2026-11-27"),
        ("next week", "2026-12-06"),
        ("next month", "2026-12-29"),
        ("in 3 days", "2026-12-02"),
        ("in 2 weeks", "2026-12-13"),
        ("in a week", "2026-12-06"),
        ("in two weeks", "2026-12-13"),
        ("in 3 months", "2027-02-28"),
        ("2 weeks ago", "2026-11-15"),
        ("3d", "2026-12-02"),
        ("+5", "2026-12-04"),
        ("-2", "2026-11-27"),
        ("+2w", "2026-12-13"),
        ("12 dec", "2026-12-12"),
        ("12th of December", "2026-12-12"),
        ("dec 12", "2026-12-12"),
        ("12. Dec.", "2026-12-12"),
        ("4 Sept 2026", "2026-09-04"),
        ("Fri 4 Dec", "2026-12-04"),
        ("Friday, 4 December 2026", "2026-12-04"),
        ("3 jan", "2027-01-03"),
        ("12 mar", "2027-03-12"),
        ("30 jul", "2026-07-30"),
        ("29 feb", "2028-02-29"),
        ("12/3", "2027-03-12"),
        ("12.3.", "2027-03-12"),
        ("12.3.27", "2027-03-12"),
        ("12-3-2027", "2027-03-12"),
        ("3/13", "2027-03-13"),  # no month is the thirteenth
        ("2026/12/4", "2026-12-04"),
    ],
)
def test_a_day_in_words(text: str, date: str) -> None:
    assert read_date(text, HERE) == dt.date.fromisoformat(date)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("tomorrow 11", "2026-11-30T11:00"),
        ("fri 14:30", "2026-12-04T14:30"),
        ("fri at 2pm", "2026-12-04T14:00"),
        ("2:30 p.m. friday", "2026-12-04T14:30"),
        ("noon", "2026-11-29T12:00"),
        ("tomorrow noon", "2026-11-30T12:00"),
        ("midnight tomorrow", "2026-11-30T00:00"),
        ("12 am tomorrow", "2026-11-30T00:00"),
        ("14:30", "2026-11-29T14:30"),
        ("14.30", "2026-11-29T14:30"),
        ("9h30 mon", "2026-11-30T09:30"),
        ("in 2 weeks 9:15", "2026-12-13T09:15"),
        ("12/3 11", "2027-03-12T11:00"),
        ("12.3. 14.30", "2027-03-12T14:30"),
        ("12 dec 11", "2026-12-12T11:00"),
        ("12 dec 2026 at 11", "2026-12-12T11:00"),
        ("11 o'clock tomorrow", "2026-11-30T11:00"),
        ("now", "2026-11-29T15:45"),
        ("in 2 hours", "2026-11-29T17:45"),
        ("20 minutes ago", "2026-11-29T15:25"),
    ],
)
def test_a_time_in_words(text: str, moment: str) -> None:
    assert read_wall_time(text, HERE) == dt.datetime.fromisoformat(moment)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "soon",
        "12",
        "31 feb",
        "31.2.2026",
        "13/13",
        "fri 5 dec",  # that is a Saturday
        "12 dec 123",
        "12 dec 2026 x",
        "in 0 days",
        "in 9999 years",
        "9999 weeks ago x",
        "next banana",
        "١٢/٣",
        "x" * (LONGEST + 1),
        "1 " * 30,
        "1/1/0001",
        "31.12.9999",
    ],
)
def test_what_is_no_day_is_not_guessed(text: str) -> None:
    assert read_date(text, HERE) is None


@pytest.mark.parametrize("text", ["tomorrow", "12 dec 2026", "fri 25:00", "fri 13pm", "fri 0pm", "fri 11:60", "2026"])
def test_a_day_without_a_time_is_no_moment(text: str) -> None:
    assert read_wall_time(text, HERE) is None


def test_numbers_go_by_the_order_of_the_place() -> None:
    american = Typing(locale_named("en_US"), NOW)

    assert read_date("12/3", american) == dt.date(2026, 12, 3)
    assert read_date("12/3/26", american) == dt.date(2026, 12, 3)
    assert read_date("25/12", american) == dt.date(2026, 12, 25)
    assert read_date("12.3.2027", american) == LATER_YEAR


def test_next_week_begins_where_the_place_says() -> None:
    """In the United States this Sunday begins a week, so the next Tuesday of next week is nine days away."""
    assert read_date("next tue", Typing(locale_named("en_US"), NOW)) == dt.date(2026, 12, 8)


@pytest.mark.parametrize(
    ("text", "date"),
    [("fri", "2026-11-27"), ("sun", "2026-11-22"), ("12 mar", "2026-03-12"), ("3 jan", "2026-01-03"), ("1/12", None)],
)
def test_a_field_about_the_past_looks_back(text: str, date: str | None) -> None:
    past = Typing(locale_named(""), NOW, is_past=True)

    assert read_date(text, past) == dt.date.fromisoformat(date or "2025-12-01")


@given(
    st.sampled_from(list(OFFERED)),
    st.datetimes(min_value=dt.datetime(1900, 1, 1), max_value=dt.datetime(2200, 12, 31)),  # noqa: DTZ001 - wall times
    st.booleans(),
)
def test_what_a_place_shows_is_read_back(code: str, moment: dt.datetime, is_past: bool) -> None:
    locale = locale_named(code)
    typing = Typing(locale, NOW, is_past)
    wall = moment.replace(second=0, microsecond=0)

    assert read_date(locale.date(wall), typing) == wall.date()
    assert read_wall_time(locale.moment(wall), typing) == wall


@given(st.text(max_size=LONGEST + 5))
def test_any_text_is_read_or_refused(text: str) -> None:
    read_date(text, HERE)
    read_wall_time(text, HERE)
