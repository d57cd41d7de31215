"""Dates and amounts are typed in words or as the place writes them, or in ISO 8601. It is Tuesday, 20 October 2026."""

import datetime as dt
import re

import pytest

from tests.support.kinds import RecordForms


@pytest.fixture
def record_forms(alice, clock) -> RecordForms:
    clock.now = dt.datetime(2026, 10, 20, 12, 0, tzinfo=dt.UTC)
    alice.sign_in()
    live_in(RecordForms(alice), "")
    return RecordForms(alice)


def live_in(record_forms: RecordForms, code: str) -> None:
    record_forms.alice.post("/settings/profile", page="/settings", time_zone="Europe/Berlin", locale=code)


def field(page: str, name: str) -> str:
    """The value that the text field of that name shows."""
    return re.search(rf'<input name="{name}"\s[^>]*?\bvalue="([^"]*)"', page)[1].replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("2026-11-29", "29 Nov 2026"),
        ("tomorrow", "21 Oct 2026"),
        ("in 2 weeks", "3 Nov 2026"),
        ("12/3", "12 Mar 2027"),
        ("29 Nov 2026", "29 Nov 2026"),
    ],
)
def test_a_form_takes_a_day_in_words(record_forms, typed: str, stored: str) -> None:
    application = record_forms.alice.add(follow_up_on=typed)

    form = record_forms.form("applications", application)

    assert field(form, "follow_up_on") == stored
    assert re.search(r'name="follow_up_on"[^>]*data-value="\d{4}-\d\d-\d\d"', form)


def test_the_day_of_applying_is_in_the_past(record_forms) -> None:
    application = record_forms.alice.add(applied_on="fri", follow_up_on="fri")

    form = record_forms.form("applications", application)

    assert (field(form, "applied_on"), field(form, "follow_up_on")) == ("16 Oct 2026", "23 Oct 2026")


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("2026-11-29T14:30", "29 Nov 2026, 14:30"),
        ("2026-11-29 14:30", "29 Nov 2026, 14:30"),
        ("fri 14:30", "23 Oct 2026, 14:30"),
        ("tomorrow 11", "21 Oct 2026, 11:00"),
    ],
)
def test_a_form_takes_a_time_in_words(record_forms, typed: str, stored: str) -> None:
    application = record_forms.alice.add()
    interview = record_forms.add("interviews", application_id=application, kind="video", starts_at=typed)

    assert field(record_forms.form("interviews", interview), "starts_at") == stored


def test_the_time_of_an_entry_is_in_the_persons_zone_and_in_the_past(record_forms) -> None:
    application = record_forms.alice.add()
    entry = record_forms.add("events", application_id=application, type="call", text="x", happened_at="mon 9:00")

    form = record_forms.form("events", entry)

    assert field(form, "happened_at") == "19 Oct 2026, 09:00"
    assert 'data-value="2026-10-19T09:00:00+02:00"' in form


@pytest.mark.parametrize("text", ["someday", "31 feb", "12 dec 12 dec", "x" * 200])
def test_a_text_that_is_no_day_is_refused_and_kept(record_forms, text: str) -> None:
    refused = record_forms.alice.post("/applications", company="A", title="B", follow_up_on=text)

    assert refused.status_code == 422
    assert 'id="follow_up_on-error"' in refused.text
    assert field(refused.text, "follow_up_on") == text


def test_a_time_needs_to_be_said(record_forms) -> None:
    application = record_forms.alice.add()
    refused = record_forms.post("interviews", application_id=application, kind="video", starts_at="tomorrow")

    assert refused.status_code == 422
    assert "Enter a day and a time" in refused.text
    assert field(refused.text, "starts_at") == "tomorrow"


def test_a_form_shows_what_a_place_writes_and_takes_it_back(record_forms) -> None:
    application = record_forms.alice.add(deadline_on="2026-11-24", salary_min="92500.5")
    live_in(record_forms, "en_US")
    american = record_forms.form("applications", application)
    live_in(record_forms, "en_DE")
    german = record_forms.form("applications", application)
    shown = {name: field(german, name) for name in ("deadline_on", "salary_min")}
    saved = record_forms.change("applications", application, **shown)
    unchanged = record_forms.form("applications", application)

    assert (field(american, "deadline_on"), field(american, "salary_min")) == ("Nov 24, 2026", "92,500.5")
    assert shown == {"deadline_on": "24 Nov 2026", "salary_min": "92.500,5"}
    assert saved.status_code == 303
    assert {name: field(unchanged, name) for name in shown} == shown


@pytest.mark.parametrize("amount", ["92,000", "92.000", "92 000", "92\u00a0000", "92'000", "92k", "92000", "92000,00"])
def test_an_amount_is_taken_in_every_form(record_forms, amount: str) -> None:
    live_in(record_forms, "en_SE")
    application = record_forms.alice.add(salary_min=amount)

    assert field(record_forms.form("applications", application), "salary_min") == "92 000"


def test_an_entry_whose_time_is_sent_back_as_it_was_shown_keeps_its_seconds(record_forms, clock) -> None:
    application = record_forms.alice.add()
    clock.now = dt.datetime(2026, 10, 20, 12, 0, 42, tzinfo=dt.UTC)
    entry = record_forms.add("events", application_id=application, type="call", text="x", happened_at="now")
    live_in(record_forms, "en_US")
    for shown in (field(record_forms.form("events", entry), "happened_at"), "2026-10-20T14:00"):
        record_forms.change("events", entry, happened_at=shown, text=f"At {shown}")

    assert 'datetime="2026-10-20T12:00:42Z"' in record_forms.page("events", entry)


def test_a_cell_takes_words(record_forms) -> None:
    application = record_forms.alice.add()
    live_in(record_forms, "en_US")
    version = record_forms.version("applications", application)
    values = {"follow_up_on": "next week", "version": version, "cell": "follow_up_on", "query": ""}
    saved = record_forms.alice.post(f"/applications/{application}", htmx=True, **values)
    wrong = {**values, "follow_up_on": "whenever", "version": str(int(version) + 1)}
    refused = record_forms.alice.post(f"/applications/{application}", htmx=True, **wrong)

    assert '<td data-field="follow_up_on" data-value="2026-10-27">Oct 27</td>' in saved.text
    assert refused.status_code == 422
    assert 'id="follow_up_on-error"' in refused.text


def test_a_conflict_shows_both_days_as_the_place_writes_them(record_forms) -> None:
    application = record_forms.alice.add()
    live_in(record_forms, "en_US")
    values = {"version": record_forms.version("applications", application), "cell": "follow_up_on", "query": ""}
    record_forms.change("applications", application, follow_up_on="2026-12-01")

    answer = record_forms.alice.post(f"/applications/{application}", htmx=True, follow_up_on="tomorrow", **values)

    assert answer.status_code == 409
    assert [day in answer.text for day in ("Oct 21, 2026", "Dec 1, 2026")] == [True, True]


def test_the_cell_of_a_time_elsewhere_says_in_which_zone(record_forms) -> None:
    application = record_forms.alice.add()
    times = {"starts_at": "2026-11-03T14:30", "time_zone": "America/New_York"}
    record_forms.add("interviews", application_id=application, kind="video", **times)

    cell = re.search(r'<td data-field="starts_at"[^>]*>', record_forms.alice.get("/interviews").text)[0]

    assert 'data-value="2026-11-03T14:30" data-zone="America/New_York"' in cell


def test_a_list_is_narrowed_by_days_in_words(record_forms) -> None:
    near = record_forms.alice.add(company="Near", follow_up_on="tomorrow")
    record_forms.alice.add(company="Far", follow_up_on="in 3 months")

    page = record_forms.alice.get("/applications?date=follow_up_on&from=today&to=in+2+weeks").text

    assert re.findall(r'data-id="([0-9a-f-]{36})"', page) == [near]
    assert (field(page, "from"), field(page, "to")) == ("20 Oct 2026", "3 Nov 2026")


def test_a_filter_that_is_no_day_is_refused_and_kept(record_forms) -> None:
    record_forms.alice.add(company="Shown")

    page = record_forms.alice.get("/applications?date=follow_up_on&from=whenever").text
    plain = record_forms.alice.get("/applications").text

    assert 'id="from-error"' in page
    assert field(page, "from") == "whenever"
    assert "Shown" in page
    assert "whenever" not in plain


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("picker=date&text=", ""),
        ("picker=date&text=fri", "Friday, 23 October"),
        ("picker=date&text=fri&past=1", "Friday, 16 October"),
        ("picker=date&text=2027-01-05", "Tuesday, 5 January 2027"),
        ("picker=date&text=so", "Not a date yet"),
        ("picker=date&text=2300-01-01", "Not a date yet"),
        ("picker=datetime-local&text=fri+14:30", "Friday, 23 October, 14:30"),
        ("picker=datetime-local&text=fri", "Friday, 23 October: add a time, such as 14:30"),
        ("picker=datetime-local&text=fri+14:30&time_zone=Europe/Paris", "Friday, 23 October, 14:30"),
        (
            "picker=datetime-local&text=fri+14:30&time_zone=America/New_York",
            "Friday, 23 October, 14:30 in New York, which is 20:30 for you",
        ),
        (
            "picker=datetime-local&text=fri+20:30&time_zone=America/New_York",
            "Friday, 23 October, 20:30 in New York, which is Saturday, 24 October, 02:30 for you",
        ),
        ("picker=datetime-local&text=" + "9" * 500, "Not a date yet"),
    ],
)
def test_what_is_understood_is_said(record_forms, query: str, words: str) -> None:
    answer = record_forms.alice.get(f"/understood?{query}")

    assert (answer.status_code, answer.mimetype, answer.text) == (200, "text/plain", words)


def test_a_stranger_is_sent_to_sign_in(visitor) -> None:
    assert visitor.get("/understood?picker=date&text=fri").status_code == 303
