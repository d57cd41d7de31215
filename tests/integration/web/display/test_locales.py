"""One locale: lists, pages and messages write dates, times and numbers as in the place that a person chose."""

import datetime as dt
import re

import pytest

from tests.support.kinds import RecordForms


@pytest.fixture
def record_forms(alice, clock) -> RecordForms:
    clock.now = dt.datetime(2026, 10, 20, 12, 0, tzinfo=dt.UTC)
    alice.sign_in()
    return RecordForms(alice)


def live_in(record_forms, code: str) -> None:
    record_forms.alice.post("/settings/profile", page="/settings", time_zone="Europe/Berlin", locale=code)


def cells(page: str, field: str) -> list[str]:
    found = re.findall(rf'<td data-field="{field}"[^>]*>(.*?)</td>', page)
    return [re.sub(r"<[^>]+>", "", text).replace("\u00a0", " ") for text in found]


def test_a_list_has_the_order_and_the_clock_of_the_place(record_forms) -> None:
    application = record_forms.alice.add()
    live_in(record_forms, "")
    record_forms.add("interviews", application_id=application, kind="video", starts_at="2026-11-03T14:30")
    record_forms.add("offers", application_id=application, base="92500", deadline_on="2027-01-05")
    shown = {}
    for code in ("", "en_US", "en_DE"):
        live_in(record_forms, code)
        interviews, offers = (record_forms.alice.get(f"/{plural}").text for plural in ("interviews", "offers"))
        shown[code] = [*cells(interviews, "starts_at"), *cells(offers, "deadline_on")]

    assert shown[""] == shown["en_DE"] == ["3 Nov, 14:30", "5 Jan 2027"]
    assert shown["en_US"] == ["Nov 3, 2:30 PM", "Jan 5, 2027"]


def test_pay_and_amounts_have_the_separators_of_the_place(record_forms) -> None:
    record_forms.alice.add(salary_min="92500.5", salary_currency="EUR")
    live_in(record_forms, "en_DE")

    assert cells(record_forms.alice.get("/applications").text, "salary_min") == ["€92.500,5"]


def test_a_month_begins_its_weeks_where_the_place_does(record_forms) -> None:
    def head() -> list[str]:
        return re.findall(r'<abbr title="(\w+)"', record_forms.alice.get("/calendar?month=2026-10").text)

    before = head()
    live_in(record_forms, "en_US")
    page = record_forms.alice.get("/calendar?month=2026-10").text

    assert (before[0], head()[0], head()[-1]) == ("Monday", "Sunday", "Saturday")
    assert re.findall(r'data-day="([\d-]+)"', page)[0] == "2026-09-27"
    assert re.search(r'class="now">\s*<abbr title="Tuesday"', page)
    assert "Add on Tuesday, October 20" in page


def test_this_week_is_the_one_of_the_place(record_forms) -> None:
    """18 October 2026 is a Sunday: it ends one week, or begins the next."""
    application = record_forms.alice.add()
    record_forms.add("events", application_id=application, type="note", happened_at="2026-10-18T12:00", text="Hello")
    live_in(record_forms, "en_GB")
    monday_first = record_forms.alice.get("/activity?by=week").text
    live_in(record_forms, "en_US")
    sunday_first = record_forms.alice.get("/activity?by=week").text

    assert "Last week" in monday_first
    assert "Last week" not in sunday_first
    assert "Sun 2:00\u00a0PM" in sunday_first


def test_an_interview_elsewhere_shows_both_times_in_one_form(record_forms) -> None:
    application = record_forms.alice.add()
    live_in(record_forms, "en_US")
    zone = {"time_zone": "America/New_York"}
    record_forms.add("interviews", application_id=application, kind="video", starts_at="2026-11-03T19:30", **zone)

    page = record_forms.alice.get("/interviews").text

    assert cells(page, "starts_at") == ["Nov 4, 1:30 AM (Nov 3, 7:30 PM America/New_York)"]


def test_exports_stay_as_they_are(record_forms) -> None:
    record_forms.alice.add(deadline_on="2026-11-24", salary_min="92500.5")
    live_in(record_forms, "en_US")

    assert "2026-11-24" in record_forms.alice.csv()
    assert "92500.5" in record_forms.alice.csv()


def test_the_tile_of_the_next_interview_has_its_day_below_its_month(record_forms) -> None:
    application = record_forms.alice.add()
    live_in(record_forms, "en_US")
    record_forms.add("interviews", application_id=application, kind="video", starts_at="2026-10-21T14:30")

    assert "<i>Oct</i><b>21</b>" in record_forms.alice.get("/today").text
