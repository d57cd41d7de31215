"""Dates in cells, in the spellings of many programs and languages."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.measuring.processor_time import takes_at_most
from tmr.domain.importing.readers.dates import (
    AMBIGUOUS,
    DAY_FIRST,
    MONTH_FIRST,
    decide_order,
    looks_like_dates,
    read_date,
    read_dated,
    read_day_and_month,
    read_time,
)

FOURTH_OF_MARCH = [
    "Wed, 04 Mar 2026 10:18:54 +0000",
    "Wed, 4 Mar 2026 05:41:46 -0800",
    "Wednesday, March 4, 2026",
    "Mittwoch, 4. März 2026",
    "Mi., 04.03.2026",
    "mié. 4 mar 2026",
    "miércoles, 4 de marzo de 2026",
    "quarta-feira, 4 de março de 2026",
    "mercoledì 4 marzo 2026",
    "mer. 4 mars 2026 à 10h30",
    "woensdag 4 maart 2026",
    "środa, 4 marca 2026",
    "4 marca 2026 r.",
    "onsdag 4 mars 2026 kl. 10",
    "onsdag den 4. marts 2026",
    "2026年3月4日 水曜日",
    "2026年03月04日(水)",
    "2026年3月4日 星期三",
    "2026년 3월 4일 (수)",
    "2026. 3. 4.",
    "令和8年3月4日",
    "２０２６／０３／０４",
    "2026-03-04 (Wed)",
    "2026-03-04 Wed",
    "(2026-03-04)",
    "4 March 2026 10:00 AM",
    "4 mars 2026 10h30",
    "2026-03-04 10:18 PST",
    "2026-03-04, 10:30 (CET)",
    "2026-03-04 14:00 Uhr",
    "2026-03-04T10:18:54Z",
    "2026-03-04T10:18:54.123456+01:00",
    "2026-03-04 00:00:00+00:00",
    "20260304T101854Z",
    "20260304",
    "Mar 4, 2026, 9:00:00 p. m.",
    "Wed Mar  4 10:18:54 2026",
    "Wed Mar  4 10:18:54 PST 2026",
    "Wed Mar 04 2026 10:18:54 GMT+0000 (Coordinated Universal Time)",
    "下午3:15 2026年3月4日",
    "10:30, 4 March 2026",
    "March 4 2026",
    "4-Mar-26",
    "Mar-04-2026",
    "4.3.26",
    "4. 3. 2026",
    "2026.03.04.",
    "2026-Mar-04",
    "4Mar2026",
    "04/MAR/2026",
    "March 4th, 2026",
    "the 4th of March 2026",
    "on Wednesday, the 4th of March, 2026",
    "4 de marzo del 2026",
    "4 mrt. 2026",
    "Mar 4 '26",
    "46085",
    "46085.4297",
]


@pytest.mark.parametrize("cell", FOURTH_OF_MARCH)
def test_the_fourth_of_march_is_read_in_every_spelling_and_nothing_is_left(cell: str) -> None:
    assert read_dated(cell, DAY_FIRST) == (dt.date(2026, 3, 4), "")


@pytest.mark.parametrize(
    ("words", "month"),
    [
        ("January Jan. Januar Jänner janvier janv. enero ene janeiro gennaio gen januari styczeń stycznia sty", 1),
        ("Feb février févr. febrero fevereiro fev febbraio februari luty lutego", 2),
        ("March Mär März Mrz mars marzo março maart mrt marzec marca", 3),
        ("April Apr avril avr. abril abr aprile kwiecień kwietnia", 4),
        ("May Mai mayo maio maggio mag mei maj maja", 5),
        ("June Jun Juni juin junio junho giugno giu czerwiec czerwca", 6),
        ("July Jul Juli juillet juil. julio julho luglio lug lipiec lipca", 7),
        ("August Aug août agosto ago augustus augusti sierpień sierpnia", 8),
        ("September Sept Sep septembre septiembre setiembre setembro set settembre wrzesień września", 9),
        ("October Oct Oktober Okt octobre octubre outubro out ottobre ott październik października paź", 10),
        ("November Nov novembre noviembre novembro listopad listopada", 11),
        ("December Dec Dezember Dez décembre déc. diciembre dic dezembro dicembre grudzień grudnia", 12),
    ],
)
def test_months_are_known_in_nine_languages(words: str, month: int) -> None:
    for word in words.split():
        assert read_date(f"4 {word} 2026", DAY_FIRST) == dt.date(2026, month, 4), word
        assert read_date(f"{word.upper()} 4, 2026", DAY_FIRST) == dt.date(2026, month, 4), word


@pytest.mark.parametrize(
    "cell",
    ["1er mars 2026", "1º de março de 2026", "1:a mars 2026", "1st March 2026", "1. März 26", "1ero de marzo de 2026"],
)
def test_ordinals_are_read(cell: str) -> None:
    assert read_date(cell, DAY_FIRST) == dt.date(2026, 3, 1)


@pytest.mark.parametrize(
    ("cell", "rest"),
    [
        ("2026-03-04 (via LinkedIn)", "via LinkedIn"),
        ("04/03/2026 - emailed", "emailed"),
        ("Applied on 4 March 2026", "Applied"),
        ("Applied on 4 March 2026, by mail", "Applied; by mail"),
        ("2026-03-04 Sam called", "Sam called"),
        ("2026-03-04 so far nothing", "so far nothing"),
        ("Fri, 4 March 2026", "Fri"),
        ("2026-03-04 10:00 - 11:00", "11:00"),
        ("2026-03-04, 2026-03-10", "2026-03-10"),
        ("2026-03-04 " + "x" * 200, "x" * 200),
    ],
)
def test_words_beside_a_date_are_returned(cell: str, rest: str) -> None:
    assert read_dated(cell, DAY_FIRST) == (dt.date(2026, 3, 4), rest)


@pytest.mark.parametrize(
    "cell",
    [
        *[
            "",
            "soon",
            "1234",
            "24 Foo 2026",
            "99/99/9999",
            "2026-114",
            "12:30",
            "Mar-26",
            "March 2026",
            "4/5",
            "4 March",
        ],
        *["31.02.2026", "2026-02-30", "29 Feb 2026", "4-6 March 2026", "4 March 12 applications", "4 March 10 AM"],
        *["99999", "10115", "+49 30 123456", "192.168.10.12", "v1.2.30.4", "0000-01-01", "4 March 10:30"],
    ],
)
def test_what_is_no_date_with_a_year_is_none(cell: str) -> None:
    assert read_date(cell, DAY_FIRST) is None


@pytest.mark.parametrize(
    ("cells", "order"),
    [
        (["Wed 03/04/2026", "05/06/2026"], MONTH_FIRST),
        (["03/04/2026 (Fri)"], DAY_FIRST),
        (["03.04.2026"], DAY_FIRST),
        (["13/13/2026", "24/11/2026"], DAY_FIRST),
        (["11/24/2026", "unknown", "2026-01-02", ""], MONTH_FIRST),
        (["11/24/2026", "11/25/2026", "24/11/2026"], MONTH_FIRST),
        (["11/24/2026", "24/11/2026"], AMBIGUOUS),
        (["13/3"], DAY_FIRST),
    ],
)
def test_weekdays_points_and_most_cells_decide_the_order(cells: list[str], order: str) -> None:
    assert decide_order(cells) == order


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        *[("3月4日", "2026-03-04"), ("4 March", "2026-03-04"), ("March 4th", "2026-03-04"), ("4.3.", "2026-03-04")],
        *[("4/3", "2026-03-04"), ("Wed 4 March", "2026-03-04"), ("4 March 10:30", "2026-03-04")],
        *[("24-Dec", "2025-12-24"), ("28 Nov", "2026-11-28"), ("29 Nov", "2025-11-29")],
        *[("29 Feb", "2024-02-29"), ("29.2.", "2024-02-29")],
        *[
            ("30 Feb", None),
            ("Mar-26", None),
            ("4.5", None),
            ("4 March maybe", None),
            ("see 4 March", None),
            ("", None),
        ],
        *[("4 March 2026", None), ("4-mar.-2026", None)],
    ],
)
def test_a_date_without_a_year_is_the_last_such_day(cell: str, day: str | None) -> None:
    read = read_day_and_month(cell, DAY_FIRST, dt.date(2026, 11, 28))

    assert (read and read.isoformat()) == day


@pytest.mark.parametrize(
    ("cell", "time"),
    [
        *[("2026-03-04 10:18:54 +0000", "10:18"), ("4 mars 2026 à 10h30", "10:30"), ("4 mars 2026 kl. 10", "10:00")],
        *[("March 4, 2026 at 3:15 PM", "15:15"), ("March 4, 2026 12 am", "00:00"), ("4.3.2026 10.30", "10:30")],
        *[("2026-03-04 14 Uhr", "14:00"), ("2026年3月4日 午後3時15分", "15:15"), ("20260304T101854Z", "10:18")],
        *[("10:30, 4 March 2026", "10:30"), ("Wed Mar  4 10:18:54 2026", "10:18"), ("4.3.2026", "00:00")],
        *[("2026-03-04 25:00", "00:00"), ("10:30", "10:30"), ("", "00:00")],
        *[("3.4.26 Absage", "00:00"), ("4 mars 2026 à 14 h 30", "14:30"), ("4 mars 2026 klockan 10", "10:00")],
    ],
)
def test_the_time_beside_a_date_is_read(cell: str, time: str) -> None:
    assert read_time(cell) == time


def test_a_column_of_dates_is_told_from_a_column_of_notes() -> None:
    assert looks_like_dates(["Wed, 04 Mar 2026 10:18:54 +0000", "unknown", "", "4 March", "2026-03-04 (mail)", "soon"])
    assert not looks_like_dates(["2026-03-04: called, and they said that they would call back soon"])
    assert not looks_like_dates(["4/5", "3/5"])
    assert not looks_like_dates(["", " "])


@pytest.mark.parametrize("order", [DAY_FIRST, MONTH_FIRST])
@given(st.dates(dt.date(1970, 1, 1), dt.date(2069, 12, 31)))
def test_every_day_comes_back(order: str, day: dt.date) -> None:
    numeric = "%d/%m/%y" if order == DAY_FIRST else "%m/%d/%y"
    for form in ("%Y-%m-%d", "%d %B %Y", "%a, %d %b %Y 10:18:54 +0000", "%A, %B %d, %Y", "%Y%m%d", "%d-%b-%y", numeric):
        assert read_dated(day.strftime(form), order) == (day, "")


@given(st.text(alphabet="0123456789./-: ,aprMTZ水月日年()'é\u0301", max_size=100))
def test_no_cell_raises(cell: str) -> None:
    for order in (DAY_FIRST, MONTH_FIRST):
        read_dated(cell, order)
        read_day_and_month(cell, order, dt.date(2026, 1, 1))
    read_time(cell)
    decide_order([cell])


@pytest.mark.parametrize("piece", ["1", "a", " ", "1.", "a ", "(", "'", "\u0301", "4 ", "T", "4 Mar ", "12:", "à 1"])
def test_long_cells_take_no_time(piece: str) -> None:
    cell = piece * (60_000 // len(piece))
    with takes_at_most(hashes=2):
        for _ in range(20):
            read_dated(cell, DAY_FIRST)
            read_day_and_month(cell, DAY_FIRST, dt.date(2026, 1, 1))
            read_time(cell)
            decide_order([cell])
