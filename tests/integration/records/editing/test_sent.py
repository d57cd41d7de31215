"""What was sent with an application: right whatever the order in which it was added, and kept from then on."""

import datetime as dt
import hashlib
import io
import re
from types import SimpleNamespace

import pytest
from flask import g

from tests.integration.records.editing.test_timeline import events
from tests.support.factories import table
from tests.support.kinds import RecordForms


@pytest.fixture
def record_forms(alice, clock) -> RecordForms:
    clock.now = dt.datetime(2026, 11, 25, 12, 0, tzinfo=dt.UTC)  # no midnight comes between two steps of a test
    alice.sign_in()
    return RecordForms(alice)


@pytest.fixture
def applied(record_forms) -> str:
    """An application that was applied for a minute ago, with nothing beside it."""
    application = record_forms.alice.add(company="Globex", title="Engineer")
    record_forms.alice.change(application, status="applied")
    return application


def add_document(record_forms: RecordForms, application: str = "", content: bytes = b"My life") -> str:
    file = (io.BytesIO(content), "cv.txt")
    return record_forms.add("documents", name="Résumé", file=file, application_ids=application)


def days_later(record_forms: RecordForms, clock, days: int) -> None:
    clock.turn(days=days)
    record_forms.alice.sign_in()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def entry(record_forms: RecordForms) -> dict[str, str]:
    [only] = [event for event in events(record_forms) if event["to_stage"] == "applied"]
    return only


def undo(record_forms: RecordForms, answer, **extra: str) -> None:
    """Press the Undo button of an answer."""
    form = re.findall(r'<form[^>]*action="([^"]+)"[^>]*data-undo.*?</form>', answer.text, re.S)
    fields = dict(re.findall(r'name="(?!csrf)(\w+)" value="([^"]*)"', answer.text[answer.text.index("data-undo") :]))
    assert record_forms.alice.post(form[-1], **fields, **extra).status_code in (200, 303)


def test_a_posting_of_the_same_day_joins_the_entry(record_forms, applied, clock) -> None:
    clock.turn(seconds=60)

    record_forms.alice.change(applied, job_description="We look for an engineer.")

    assert entry(record_forms)["posting"] == "We look for an engineer."
    assert entry(record_forms)["posting_sha256"] == sha256(b"We look for an engineer.")


def test_a_second_posting_replaces_the_first_until_midnight_and_not_later(record_forms, applied, clock) -> None:
    record_forms.alice.change(applied, job_description="A teaser")
    record_forms.alice.change(applied, job_description="All of it")
    record_forms.alice.change(applied, job_description="")
    same_day = entry(record_forms)["posting"]

    days_later(record_forms, clock, 1)
    record_forms.alice.change(applied, job_description="Changed by the company")

    assert same_day == "All of it"
    assert entry(record_forms)["posting"] == "All of it"


def test_the_day_is_the_one_of_the_persons_time_zone(record_forms, clock) -> None:
    clock.turn(hours=11, minutes=30)
    record_forms.alice.sign_in()
    application = record_forms.alice.add(status="applied")
    record_forms.alice.post("/settings/profile", page="/settings", time_zone="Europe/Berlin")
    clock.turn(hours=2)
    record_forms.alice.sign_in()

    record_forms.alice.change(application, job_description="Still the same day in Berlin")

    assert entry(record_forms)["posting"] == "Still the same day in Berlin"


@pytest.mark.parametrize("way", ["added", "edited", "linked", "from the other side", "bulk"])
def test_a_document_of_the_same_day_joins_the_entry(record_forms, applied, way: str) -> None:
    document = add_document(record_forms, applied if way == "added" else "")
    if way == "edited":
        record_forms.change("documents", document, application_ids=applied)
    elif way == "linked":
        record_forms.alice.post(f"/applications/{applied}/links", kind="documents", add=document, panel=applied)
    elif way == "from the other side":
        record_forms.alice.change(applied, document_ids=document)
    elif way == "bulk":
        fields = {"action": "set", "field": "application_ids", "value": applied}
        record_forms.alice.post("/documents/bulk", ids=document, **fields)

    assert sha256(b"My life") in entry(record_forms)["sent"]
    [event_id] = record_forms.ids("events")
    assert record_forms.alice.get(f"/events/{event_id}/files/1").data == b"My life"


def test_a_document_that_comes_with_a_new_application_is_in_its_entry(record_forms) -> None:
    document = add_document(record_forms)

    record_forms.alice.add(status="applied", document_ids=document)

    assert sha256(b"My life") in entry(record_forms)["sent"]


def test_a_document_of_a_later_day_does_not_join(record_forms, applied, clock) -> None:
    days_later(record_forms, clock, 1)

    add_document(record_forms, applied)

    assert entry(record_forms)["sent"] == ""


def test_what_was_only_saved_has_no_entry_to_join(record_forms) -> None:
    application = record_forms.alice.add(status="saved")

    add_document(record_forms, application)
    record_forms.alice.change(application, job_description="Posting")

    assert events(record_forms) == []


def test_a_first_file_joins_and_another_file_changes_nothing(record_forms, applied) -> None:
    document = record_forms.add("documents", name="Résumé", application_ids=applied)
    by_name = entry(record_forms)["sent"]

    record_forms.change("documents", document, file=(io.BytesIO(b"My life"), "cv.txt"))
    first = entry(record_forms)["sent"]
    record_forms.change("documents", document, file=(io.BytesIO(b"Another life"), "cv2.txt"))
    record_forms.alice.post(f"/documents/{document}/delete")

    assert by_name == "Résumé"
    assert first == f"Résumé (cv.txt), SHA-256 {sha256(b'My life')}"
    assert entry(record_forms)["sent"] == first


def test_undo_of_an_edit_takes_it_out_again(record_forms, applied, clock) -> None:
    clock.turn(seconds=60)
    answer = record_forms.alice.change(applied, htmx=True, job_description="Posting")

    undo(record_forms, answer)

    assert entry(record_forms)["posting"] == ""


def test_undo_of_adding_a_document_takes_it_out_and_its_undo_puts_it_back(record_forms, applied, clock) -> None:
    clock.turn(seconds=60)
    file = (io.BytesIO(b"My life"), "cv.txt")
    fields = {"name": "Résumé", "file": file, "application_ids": applied, "panel": applied}
    added = record_forms.alice.post("/documents", htmx=True, **fields)
    clock.turn(seconds=1)

    form = re.search(r'action="(/documents/[^"]+/delete)"[^>]*data-undo', added.text)
    removed = record_forms.alice.post(form[1], htmx=True, undo="1", panel=applied)
    taken_out = entry(record_forms)["sent"]
    clock.turn(seconds=1)
    undo(record_forms, removed)

    assert 'name="undo" value="1"' in added.text
    assert taken_out == ""
    assert sha256(b"My life") in entry(record_forms)["sent"]


def test_undo_of_a_bulk_link_takes_it_out_again(record_forms, applied, clock) -> None:
    documents = [add_document(record_forms), add_document(record_forms, content=b"Another life")]
    clock.turn(seconds=60)
    fields = {"action": "set", "field": "application_ids", "value": applied}
    answer = record_forms.alice.post("/documents/bulk", htmx=True, ids=documents, **fields)
    joined = entry(record_forms)["sent"]

    undo(record_forms, answer)

    assert len(joined.splitlines()) == 2
    assert entry(record_forms)["sent"] == ""


def test_an_import_joins_and_its_undo_takes_it_out(record_forms, applied) -> None:
    row = {"company": "Globex", "title": "Engineer", "job_description": "Imported posting"}
    record_forms.alice.bring(table(row), duplicates="update")
    letter = table({"name": "Letter", "application_ids": "Globex Engineer"})
    place = record_forms.alice.upload(letter, kind="documents").headers["Location"]
    record_forms.alice.post(place)
    joined = entry(record_forms)

    record_forms.alice.post(f"{place}/undo")

    assert (joined["posting"], joined["sent"]) == ("Imported posting", "Letter")
    assert entry(record_forms)["sent"] == ""
    assert entry(record_forms)["posting"] == "Imported posting"


def test_this_is_what_i_sent_adds_a_document_on_any_day(record_forms, applied, clock) -> None:
    days_later(record_forms, clock, 3)
    document = add_document(record_forms, applied)

    answer = record_forms.alice.post(f"/applications/{applied}/sent", htmx=True, document=document, panel=applied)
    again = record_forms.alice.post(f"/applications/{applied}/sent", document=document)

    assert 'id="panel-events"' in answer.text
    assert "Kept as sent." in answer.text
    assert again.headers["Location"] == f"/applications/{applied}#panel-events"
    assert entry(record_forms)["sent"].count(sha256(b"My life")) == 1
    undo(record_forms, answer)
    assert entry(record_forms)["sent"] == ""


def test_a_posting_that_is_kept_is_replaced_only_if_asked_to(record_forms, applied, clock) -> None:
    record_forms.alice.change(applied, job_description="As it was")
    days_later(record_forms, clock, 3)
    record_forms.alice.change(applied, job_description="As it is")

    refused = record_forms.alice.post(f"/applications/{applied}/sent", htmx=True)
    kept = entry(record_forms)["posting"]
    record_forms.alice.post(f"/applications/{applied}/sent", replace="1")

    assert refused.status_code == 422
    assert "Another posting is kept as sent already." in refused.text
    assert kept == "As it was"
    assert entry(record_forms)["posting"] == "As it is"


def test_an_application_without_an_entry_gets_one_on_the_day_it_was_applied_for(record_forms) -> None:
    row = {"company": "Initech", "title": "Analyst", "status": "applied", "date applied": "2026-01-02"}
    record_forms.alice.bring(table(row))
    [application] = record_forms.alice.ids()
    document = add_document(record_forms, application)

    record_forms.alice.post(f"/applications/{application}/sent", document=document)

    assert entry(record_forms)["happened_at"].startswith("2026-01-02T12:00")
    assert sha256(b"My life") in entry(record_forms)["sent"]


def test_nothing_to_keep_and_no_day_to_keep_it_with_are_refused(record_forms, applied) -> None:
    saved = record_forms.alice.add(company="Initech", job_description="Posting")

    empty = record_forms.alice.post(f"/applications/{applied}/sent", htmx=True)
    dayless = record_forms.alice.post(f"/applications/{saved}/sent", htmx=True)

    assert "There is no job description to keep yet." in empty.text
    assert "Fill in the day you applied first" in dayless.text
    assert (empty.status_code, dayless.status_code) == (422, 422)


def test_c1_only_a_document_of_the_application_and_only_your_own_can_be_added(record_forms, applied, bob) -> None:
    theirs = add_document(record_forms.of(bob))
    unlinked = add_document(record_forms)

    for document in (theirs, unlinked, "nonsense"):
        answer = record_forms.alice.post(f"/applications/{applied}/sent", document=document)
        assert answer.status_code == 404, document
    assert record_forms.of(bob).alice.post(f"/applications/{applied}/sent").status_code == 404


def test_the_form_says_what_it_does(app, alice) -> None:
    with app.test_request_context():
        g.nonce = "x"
        template = app.jinja_env.get_template("records/page/panels/_sent.html")
        posting = template.render(home="4711", document=None, is_kept=True)
        document = template.render(home="4711", document=SimpleNamespace(id="4712", title="Résumé"))

    assert 'action="/applications/4711/sent"' in posting
    assert 'name="replace"' in posting
    assert 'name="document"' not in posting
    assert 'name="document" value="4712"' in document
    assert 'aria-label="This is what I sent: Résumé"' in document


def beside_posting(page: str) -> str:
    return page.partition('id="posting-kept"')[2].partition("</div>")[0]


def test_the_posting_of_what_went_out_is_kept_as_sent_by_one_click(record_forms, applied, clock) -> None:
    days_later(record_forms, clock, 3)
    record_forms.alice.change(applied, job_description="Found again")
    page = record_forms.page("applications", applied)

    answer = record_forms.alice.post(f"/applications/{applied}/sent", htmx=True, panel=applied)

    assert "This is what I sent" in beside_posting(page)
    assert 'name="replace"' not in beside_posting(page)
    assert 'hx-target="#posting-kept"' in answer.text
    assert "kept as it was on" in beside_posting(answer.text)
    assert entry(record_forms)["posting"] == "Found again"
    undo(record_forms, answer)
    assert "This is what I sent" in beside_posting(record_forms.page("applications", applied))


def test_a_posting_that_replaces_a_kept_one_says_so_and_one_that_never_went_out_is_not_asked_about(
    record_forms, applied, clock
) -> None:
    record_forms.alice.change(applied, job_description="As it was")
    saved = record_forms.alice.add(company="Initech", job_description="Posting")
    days_later(record_forms, clock, 3)
    record_forms.alice.change(applied, job_description="As it is")

    changed = beside_posting(record_forms.page("applications", applied))

    assert "Keep this posting as sent instead" in changed
    assert 'name="replace"' in changed
    assert "<form" not in beside_posting(record_forms.page("applications", saved))


def test_what_joins_or_leaves_what_was_sent_shows_everywhere_at_once(record_forms, applied) -> None:
    fields = {"name": "Résumé", "file": (io.BytesIO(b"My life"), "cv.txt"), "application_ids": applied}
    added = record_forms.alice.post("/documents", htmx=True, panel=applied, **fields)
    posted = record_forms.alice.change(applied, htmx=True, property="job_description", job_description="Posting")

    assert re.search(r'hx-target="#panel-events".*and kept as sent', added.text, re.S)
    assert re.search(r'hx-target="#panel-events".*Posting as of', posted.text, re.S)
    assert "kept as it was on" in beside_posting(posted.text)
