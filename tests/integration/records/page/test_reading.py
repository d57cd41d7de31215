"""The page of a record: read first, each property edited in its place, and what comes next."""

import datetime as dt
import re
from urllib.parse import urlencode

import pytest

from tests.support.kinds import RecordForms
from tests.support.paths import ROOT
from tmr.domain.fields.kind import Kind
from tmr.domain.kinds import KINDS
from tmr.domain.kinds.application import APPLICATION
from tmr.domain.kinds.event import EVENT
from tmr.records.page.properties import properties_of


@pytest.fixture
def record_forms(alice) -> RecordForms:
    return RecordForms(alice)


def added(record_forms: RecordForms, kind: Kind) -> str:
    if kind.key == APPLICATION.key:
        return record_forms.alice.add()
    fields = {"name": "Ada", "title": "Write"} | {"application_id": record_forms.alice.add()}
    sent = {name: text for name, text in fields.items() if name in kind.by_name}
    return record_forms.add(kind.plural, **sent)


def edited(text: str) -> str:
    """The part of a page that is the form of a property."""
    found = re.search(r"<form class=\"property-form\".*?</form>", text, re.DOTALL)
    return found[0] if found else ""


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_page_opens_as_text_and_not_as_a_form(record_forms, kind: Kind) -> None:
    page = record_forms.page(kind.plural, added(record_forms, kind))

    assert "property-form" not in page
    assert f'id="{kind.key}-form"' not in page


@pytest.mark.parametrize("htmx", [True, False])
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_property_is_edited_in_its_place(record_forms, kind: Kind, htmx: bool) -> None:
    record_id, properties = added(record_forms, kind), properties_of(kind)
    get = record_forms.alice.htmx_get if htmx else record_forms.alice.get

    for part in (*properties.head, *properties.brief, *properties.long):
        answer = get(f"/{kind.plural}/{record_id}?edit={part.name}")
        assert answer.status_code == 200
        assert ("<html" in answer.text) != htmx
        for field in part.fields:
            assert f'name="{field.name}"' in edited(answer.text), field.name
    names = {field.name for one in (*properties.head, *properties.brief, *properties.long) for field in one.fields}
    stage = {kind.stage_field.name} if kind.stage_field else set()
    assert names | stage == {field.name for field in kind.editable}


@pytest.mark.parametrize("query", ["edit=all", "edit=salary_min"])
def test_pay_is_one_group_with_short_labels_that_are_spoken_whole(record_forms, query: str) -> None:
    page = record_forms.alice.get(f"/applications/{record_forms.alice.add()}?{query}").text
    labels = re.findall(r'<label for="(?:edit-)?(salary_\w+)"[^>]*>\s*(.*?)\s*</label>', page, re.DOTALL)
    spoken = '<span class="sr">{}</span><span aria-hidden="true">{}</span>'

    assert dict(labels) == {
        "salary_min": spoken.format("Salary", "From"),
        "salary_max": spoken.format("Salary up to", "Up to"),
        "salary_currency": "Currency",
        "salary_period": spoken.format("Salary per", "Per"),
    }
    if query == "edit=all":
        group = re.search(r'<fieldset class="together">(.*?)</fieldset>', page, re.DOTALL)[1]
        assert "<legend>Salary</legend>" in group
        assert group.count("<label") == len(labels)


def test_an_unknown_property_shows_the_page_as_it_is(record_forms) -> None:
    record_id = record_forms.alice.add()

    answer = record_forms.alice.get(f"/applications/{record_id}?edit=file_sha256")

    assert answer.status_code == 200
    assert "property-form" not in answer.text
    assert record_forms.alice.htmx_get(f"/applications/{record_id}?property=nonsense").status_code == 404


def test_a_saved_property_comes_back_as_text_with_all_that_changes_along(record_forms) -> None:
    record_id = record_forms.alice.add()

    answer = record_forms.alice.change(record_id, htmx=True, property="location", location="Ghent")

    assert answer.status_code == 200
    assert 'hx-target="#property-location"' in answer.text
    assert 'hx-target="#record-head"' in answer.text
    assert answer.text.count("Ghent") >= 2
    assert "Saved." in answer.text
    assert "property-form" not in answer.text
    assert 'data-version="2"' in answer.text


@pytest.mark.parametrize("htmx", [True, False])
def test_a_refused_property_keeps_what_was_typed(record_forms, htmx: bool) -> None:
    record_id = record_forms.alice.add()

    answer = record_forms.alice.change(record_id, htmx=htmx, property="url", url="javascript:alert(1)")

    assert answer.status_code == 422
    assert 'id="url-error"' in edited(answer.text)
    assert 'value="javascript:alert(1)"' in edited(answer.text)
    assert ("<html" in answer.text) != htmx


@pytest.mark.parametrize("htmx", [True, False])
def test_a_property_that_has_changed_since_shows_both_values(record_forms, htmx: bool) -> None:
    record_id = record_forms.alice.add()
    record_forms.alice.change(record_id, location="Ghent")

    answer = record_forms.alice.change(record_id, htmx=htmx, property="location", location="Bruges", version="1")
    again = record_forms.alice.change(record_id, htmx=htmx, property="location", location="Bruges", version="2")

    assert answer.status_code == 409
    assert 'value="Bruges"' in edited(answer.text)
    assert re.search(r'data-stored="location">\s*Ghent', edited(answer.text))
    assert 'name="version" value="2"' in edited(answer.text)
    assert again.status_code == (200 if htmx else 303)


@pytest.mark.parametrize("htmx", [True, False])
def test_a_move_that_comes_too_late_says_so(record_forms, htmx: bool) -> None:
    record_id = record_forms.alice.add()
    record_forms.alice.change(record_id, location="Ghent")

    answer = record_forms.alice.change(record_id, htmx=htmx, property="status", status="applied", version="1")

    assert answer.status_code == 409
    assert "changed" in answer.text


def test_the_steps_say_when_each_stage_was_reached(record_forms, clock) -> None:
    record_id = record_forms.alice.add()
    record_forms.alice.change(record_id, status="applied", applied_on="2026-01-02", property="status")
    record_forms.alice.change(record_id, status="screening", property="status")
    steps = record_forms.page("applications", record_id).partition('<ol class="steps"')[2].partition("</ol>")[0]

    now = re.search(r'<li[^>]*aria-current="step".*?</li>', steps, re.DOTALL)[0]

    assert "2 Jan" in steps
    assert "Screening" in now
    assert "since" in now


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Nothing planned"),
        ({"follow_up_on": "tomorrow"}, "Follow up tomorrow"),
        ({"follow_up_on": "tomorrow", "deadline_on": "today"}, "Deadline today"),
        ({"follow_up_on": "yesterday", "deadline_on": "yesterday"}, "Follow up yesterday"),
    ],
)
def test_the_card_shows_what_comes_next(record_forms, clock, fields, words: str) -> None:
    days = {"yesterday": -1, "today": 0, "tomorrow": 1}
    dates = {name: str(clock().date() + dt.timedelta(days=days[word])) for name, word in fields.items()}
    page = record_forms.page("applications", record_forms.alice.add(**dates))

    assert words in page


def test_a_deadline_is_met_once_the_application_is_sent(record_forms, clock) -> None:
    """Seen failing: the card went on to count the days to a deadline that had been met."""
    tomorrow = str(clock().date() + dt.timedelta(days=1))
    page = record_forms.page("applications", record_forms.alice.add(status="applied", deadline_on=tomorrow))

    assert "Nothing planned" in page
    assert "Deadline tomorrow" not in page


def test_the_card_shows_the_next_interview_before_everything_else(record_forms, clock) -> None:
    record_id = record_forms.alice.add(deadline_on=str(clock().date()))
    tomorrow = clock().date() + dt.timedelta(days=1)
    meeting = {"kind": "video", "duration": "75", "place": "https://meet.example/x", "interviewers": "Ines"}
    for time, extra in (("15:00", {}), ("09:30", meeting), ("08:00", {"outcome": "cancelled"})):
        record_forms.add("interviews", application_id=record_id, starts_at=f"{tomorrow}T{time}", **extra)
    card = record_forms.page("applications", record_id).partition('id="record-next"')[2].partition("</section>")[0]

    assert "Video interview tomorrow, 09:30" in card
    assert all(words in card for words in ("1 hour 15 minutes", "Ines", "Join", "Reschedule"))


def test_a_closed_application_plans_nothing(record_forms) -> None:
    page = record_forms.page("applications", record_forms.alice.add(status="rejected", follow_up_on="2099-01-01"))

    assert re.search(r'id="record-next"[^>]*\shidden', page)


def test_offers_are_shown_from_the_stage_offer_on_or_when_there_are_some(record_forms) -> None:
    saved, offered = record_forms.alice.add(), record_forms.alice.add(status="offer")
    hidden = re.compile(r'id="panel-offers"[^>]*\shidden')

    before = record_forms.page("applications", saved)
    record_forms.add("offers", application_id=saved, base="90000")

    assert hidden.search(before)
    assert not hidden.search(record_forms.page("applications", saved))
    assert not hidden.search(record_forms.page("applications", offered))


def test_previous_and_next_follow_the_list_that_a_page_was_opened_from(record_forms, clock) -> None:
    ids = []
    for company in ("Alpha", "Beta", "Gamma"):
        ids.append(record_forms.alice.add(company=company, status="saved" if company == "Beta" else "applied"))
        clock.turn(seconds=2)
    get = record_forms.alice.get

    sorted_by_company = get(f"/applications/{ids[1]}?from=sort%3Dcompany").text
    of_its_stage = get(f"/applications/{ids[2]}").text

    assert "2 of 3 in this list" in sorted_by_company
    assert f'href="/applications/{ids[0]}?from=sort%3Dcompany"' in sorted_by_company
    assert f'href="/applications/{ids[2]}?from=sort%3Dcompany"' in sorted_by_company
    assert "1 of 2 in this list" in of_its_stage
    assert f'href="/applications/{ids[0]}"' in of_its_stage
    assert " of " not in get(f"/applications/{ids[1]}").text.partition("</header>")[0].partition('class="top"')[2]


def test_a_rescheduled_interview_changes_the_card_with_it(record_forms, clock) -> None:
    record_id, tomorrow = record_forms.alice.add(), clock().date() + dt.timedelta(days=1)
    interview = record_forms.add("interviews", application_id=record_id, kind="video", starts_at=f"{tomorrow}T10:00")

    answer = record_forms.alice.post(
        f"/interviews/{interview}", htmx=True, panel=record_id, version="1", starts_at=f"{tomorrow}T16:45"
    )

    assert 'hx-target="#record-next"' in answer.text
    assert "Video interview tomorrow, 16:45" in answer.text


def test_the_posting_says_since_when_it_is_kept_as_it_is(record_forms, clock) -> None:
    record_id = record_forms.alice.add(job_description="Night shifts")
    record_forms.alice.change(record_id, status="applied")
    kept = record_forms.page("applications", record_id)
    clock.turn(days=1)  # until midnight, another posting would be kept in its place
    record_forms.alice.sign_in()
    record_forms.alice.change(record_id, job_description="Day shifts")

    assert "kept as it was on" in kept
    assert "and kept as sent" in kept
    assert "kept as it was on" not in record_forms.page("applications", record_id)


@pytest.mark.parametrize("name", ["nothing", "status", "file", "\u0663", "a" * 4_000])
def test_a_property_that_the_page_does_not_have_is_not_found(record_forms, name: str) -> None:
    record_id = record_forms.alice.add()
    address = f"/applications/{record_id}?{urlencode({'edit': name})}"

    assert record_forms.alice.htmx_get(address).status_code == 404
    assert record_forms.alice.get(address).status_code == 200
    assert record_forms.alice.htmx_get(address.replace("edit=", "property=")).status_code == 404


def test_a_duplicate_has_what_was_written_and_nothing_of_its_history(record_forms, bob) -> None:
    written = {"company": "Globex", "title": "Engineer", "url": "https://jobs.example/1", "location": "Ghent"}
    written |= {"work_mode": "Hybrid", "salary_min": "80000", "salary_currency": "EUR", "tags": "dbt; health"}
    history = {"notes": "They called", "deadline_on": "2027-01-01", "follow_up_on": "2027-01-02"}
    record_id = record_forms.alice.add(**written, **history)
    record_forms.alice.change(record_id, status="rejected", applied_on="2026-01-02", closed_reason="Too far")

    answer = record_forms.alice.post(f"/applications/{record_id}/duplicate")
    page = record_forms.alice.get(answer.headers["Location"]).text
    [copy] = record_forms.ids("applications") - {record_id}
    form = record_forms.form("applications", copy)

    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/applications/{copy}?edit=title"
    assert "Duplicated." in page
    assert f'action="/applications/{copy}/delete"' in page
    assert 'value="Engineer"' in edited(page)
    assert all(f'value="{text}"' in form for name, text in written.items() if name not in ("work_mode", "salary_min"))
    assert not any(f'value="{text}"' in form for text in (*history.values(), "2026-01-02", "Too far"))
    assert "They called" not in form
    assert re.search(r'<option value="saved" selected', form)
    assert "Moved to" not in page
    assert record_forms.of(bob).alice.post(f"/applications/{record_id}/duplicate").status_code == 404


def test_the_activity_is_narrowed_to_the_kinds_of_entries_that_are_there(record_forms) -> None:
    record_id = record_forms.alice.add()
    record_forms.alice.change(record_id, status="applied")
    record_forms.add("events", application_id=record_id, type="call", text="They called")
    record_forms.add("events", application_id=record_id, type="note", text="A note")
    few = record_forms.page("applications", record_id)
    answer = record_forms.alice.post(
        "/events", htmx=True, application_id=record_id, panel=record_id, type="call", text="Again"
    )

    offered = re.findall(r'name="log"\s+value="(\w+)"', answer.text)
    rules = (ROOT / "tmr/static/css/page/activity.css").read_text()

    assert "log-filter" not in few
    assert offered == ["all", "note", "call", "status"]
    assert sorted(re.findall(r'<li class="part[^>]*data-type="(\w+)"', answer.text)) == [
        "call",
        "call",
        "note",
        "status",
    ]
    for key, _ in EVENT.by_name["type"].type.options:
        assert f"[name=log][value={key}]:checked) .history > :not([data-type={key}])" in rules
