"""Days without their month, and times beside them, in the words of four languages."""

import datetime as dt

import pytest

from tmr.domain.capture.mail.reader import read_mail
from tmr.domain.capture.mail.times.moments import moments_in
from tmr.domain.capture.mail.times.zones import zone_in, zone_named

SENT = dt.datetime(2026, 11, 30, 10, tzinfo=dt.timezone(dt.timedelta(hours=1)))  # a Monday


@pytest.mark.parametrize(
    ("said", "starts_at"),
    [
        ("Friday the 11th at 2pm", "11T14:00"),
        ("at 2pm on Friday 11th", "11T14:00"),
        ("on the 11th at 14:00", "11T14:00"),
        ("am 11. um 14 Uhr", "11T14:00"),
        ("am Freitag, den 11., um 14 Uhr", "11T14:00"),
        ("le vendredi 11 à 14h30", "11T14:30"),
        ("el viernes día 11 a las 9:30 h", "11T09:30"),
        ("Tuesday next week at 10am", "08T10:00"),
        ("nächste Woche Mittwoch um 11 Uhr", "09T11:00"),
        ("mardi de la semaine prochaine à 10h", "08T10:00"),
        ("el martes de la semana que viene a las 10", "08T10:00"),
        ("Thursday of next week at 9am", "10T09:00"),
        ("Tuesday week at 11am", "08T11:00"),
        ("mardi en huit à 10h", "08T10:00"),
        ("am siebzehnten Dezember um 10 Uhr", "17T10:00"),
        ("on the seventeenth of December at 10am", "17T10:00"),
        ("le dix-sept décembre à 10h", "17T10:00"),
        ("el diecisiete de diciembre a las 10 h", "17T10:00"),
        ("morgen früh um 9 Uhr", "01T09:00"),
        ("Donnerstagnachmittag um 15 Uhr", "03T15:00"),
        ("Fri, Dec 11 · 2:00 – 3:00 PM", "11T14:00"),
        ("Tuesday 8th December, 1330hrs", "08T13:30"),
        ("zwischen 10 und 11 Uhr am Mittwoch, 9.12.", "09T10:00"),
        ("entre 14h et 15h le jeudi 10 décembre", "10T14:00"),
        ("le 11 décembre 2026 à 14 heures 30", "11T14:30"),
        ("Di. 08.12. 10h", "08T10:00"),
    ],
)
def test_a_day_and_a_time_are_told(said: str, starts_at: str) -> None:
    """Seen failing: each was none, another day, another time, or the end of its range."""
    assert [one.starts_at.strftime("%dT%H:%M") for one in moments_in([f"We meet {said}."], SENT)][:1] == [starts_at]


def test_a_time_before_the_noon_that_a_range_goes_over_is_of_the_morning() -> None:
    assert [one.starts_at.hour for one in moments_in(["We meet Fri, Dec 11, 11:30 – 1 PM."], SENT)] == [11]


@pytest.mark.parametrize("said", ["Friday 12 at 2pm", "Friday 9am", "vendredi 14h"])
def test_a_weekday_with_a_number_that_is_none_of_its_days_is_the_next_of_it(said: str) -> None:
    assert [one.starts_at.day for one in moments_in([f"We meet {said}."], SENT)] == [4]


def test_a_question_for_a_day_is_no_street() -> None:
    """Seen failing: the place was “Would Tuesday 8t”."""
    text = "Your interview: would Tuesday 8th December at 2.30pm suit? Would Tuesday 8th do? We are at 14 Cutler Row."
    head = "From: a@harlan.example.com\nSubject: Your application\nMIME-Version: 1.0\nContent-Type: text/plain\n\n"
    interview = read_mail(f"{head}{text}\n".encode(), SENT).interview
    assert interview is not None
    assert (interview.starts_at, interview.place) == ("2026-12-08T14:30", "14 Cutler Row")


@pytest.mark.parametrize(
    ("said", "zone"), [("10:00 GMT+1", "Etc/GMT-1"), ("10:00 (UTC-05:00)", "Etc/GMT+5"), ("10:00 GMT", "Europe/London")]
)
def test_a_zone_may_be_said_by_how_far_ahead_it_is(said: str, zone: str) -> None:
    """Seen failing: one with a number was none."""
    assert zone_in(said) == zone


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("(UTC+01:00) Amsterdam, Berlin, Bern, Rom, Stockholm, Wien", "Europe/Berlin"),
        ("(GMT+01:00) Brussels, Copenhagen, Madrid, Paris", "Europe/Paris"),
        ("(UTC+01:00) Nowhere", ""),
    ],
)
def test_a_zone_may_be_named_as_windows_shows_it(name: str, zone: str) -> None:
    """Seen failing: it was none."""
    assert zone_named(name) == zone
