"""The timeline of an application: written by itself, edited and backdated by its person, frozen at "applied"."""

import csv
import hashlib
import io
import re

import pytest

from tests.support.factories import table
from tests.support.kinds import RecordForms
from tmr.operations.jobs.housekeeping import forget_what_is_due


@pytest.fixture
def record_forms(alice) -> RecordForms:
    return RecordForms(alice)


def events(record_forms: RecordForms) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(record_forms.csv("events"), newline="")))


def test_a_change_of_status_writes_an_event_with_its_time(record_forms, clock) -> None:
    application = record_forms.alice.add(status="saved")

    record_forms.alice.change(application, status="applied")
    clock.turn(seconds=60)
    record_forms.alice.change(application, status="interviewing")

    moves = [(event["from_stage"], event["to_stage"]) for event in events(record_forms)]
    assert moves == [("saved", "applied"), ("applied", "interviewing")]
    assert events(record_forms)[1]["happened_at"] == clock().isoformat(timespec="seconds").replace("+00:00", "Z")


def test_an_edit_of_anything_else_writes_none(record_forms) -> None:
    application = record_forms.alice.add(status="saved")

    record_forms.alice.change(application, title="Other", status="saved")

    assert events(record_forms) == []


def test_a_move_to_applied_notes_the_day_unless_it_is_known(record_forms, clock) -> None:
    fresh, known = record_forms.alice.add(), record_forms.alice.add(applied_on="2026-01-02")
    whole = record_forms.alice.add()

    record_forms.alice.change(fresh, status="applied")
    record_forms.alice.change(known, status="applied")
    record_forms.alice.change(whole, status="applied", applied_on="")  # as the form with every field sends it

    for record_id in (fresh, whole):
        assert f'value="{clock().date().isoformat()}"' in record_forms.form("applications", record_id)
    assert 'value="2026-01-02"' in record_forms.form("applications", known)


def test_the_cell_that_changed_along_comes_with_the_answer(record_forms, clock) -> None:
    application = record_forms.alice.add()

    answer = record_forms.alice.change(application, htmx=True, status="applied", cell="status")

    assert f'hx-target="#application-{application} > [data-field=applied_on]"' in answer.text
    assert clock().date().isoformat() in answer.text


def test_undo_of_a_move_removes_its_event(record_forms) -> None:
    application = record_forms.alice.add()
    record_forms.alice.change(application, status="applied")

    record_forms.alice.post(f"/applications/{application}/undo", version="2")

    assert events(record_forms) == []
    assert 'value="applied" selected' not in record_forms.form("applications", application)


def test_bulk_moves_write_an_event_each_and_their_undo_removes_them(record_forms) -> None:
    ids = [record_forms.alice.add(company=name) for name in "ABC"]

    answer = record_forms.alice.post(
        "/applications/bulk", htmx=True, ids=ids, action="set", field="status", value="rejected"
    )
    written = len(events(record_forms))
    undo = dict(re.findall(r'name="(action|at)" value="([^"]+)"', answer.text[-1500:]))
    record_forms.alice.post("/applications/bulk", **undo)

    assert written == 3
    assert events(record_forms) == []


def test_at_applied_the_posting_and_the_documents_are_frozen_with_date_and_hash(record_forms, clock) -> None:
    posting = "We look for an engineer.\nWith care."
    application = record_forms.alice.add(job_description=posting)
    record_forms.add("documents", name="Résumé", file=(io.BytesIO(b"My life"), "cv.txt"), application_ids=application)

    record_forms.alice.change(application, status="applied")
    clock.turn(days=1)  # until midnight, what is added still joins what was sent
    record_forms.alice.sign_in()
    record_forms.alice.change(application, job_description="Taken down")
    document = next(iter(record_forms.ids("documents")))
    record_forms.change("documents", document, file=(io.BytesIO(b"Another life"), "cv2.txt"))
    record_forms.alice.post(f"/documents/{document}/delete")

    [event] = events(record_forms)
    event_id = next(iter(record_forms.ids("events")))
    assert event["posting"] == posting
    assert event["posting_sha256"] == hashlib.sha256(posting.encode()).hexdigest()
    assert hashlib.sha256(b"My life").hexdigest() in event["sent"]
    assert record_forms.alice.get(f"/events/{event_id}/files/1").data == b"My life"
    assert record_forms.alice.get(f"/events/{event_id}/files/2").status_code == 404


def test_what_was_sent_outlives_its_document_for_good(record_forms, job_context, clock) -> None:
    application = record_forms.alice.add()
    document = record_forms.add(
        "documents", name="CV", file=(io.BytesIO(b"My life"), "cv.txt"), application_ids=application
    )
    record_forms.alice.change(application, status="applied")
    record_forms.alice.post(f"/documents/{document}/delete")

    clock.turn(days=31)
    forget_what_is_due(job_context)
    clock.turn(minutes=11)
    forget_what_is_due(job_context)
    record_forms.alice = record_forms.alice.elsewhere()

    event_id = next(iter(record_forms.ids("events")))
    assert record_forms.alice.get(f"/events/{event_id}/files/1").data == b"My life"


def test_nothing_is_frozen_twice_on_the_way(record_forms, clock) -> None:
    application = record_forms.alice.add(job_description="Posting")

    for status in ("applied", "screening", "applied", "interviewing"):
        record_forms.alice.change(application, status=status)
        clock.turn(seconds=60)

    assert [event["posting"] for event in events(record_forms)] == ["Posting", "", "", ""]


def test_an_entry_is_added_in_place_edited_backdated_and_deleted(record_forms) -> None:
    application = record_forms.alice.add()
    fields = {"panel": application, "application_id": application, "type": "call", "text": "They called"}

    added = record_forms.alice.post("/events", htmx=True, **fields)
    event_id = next(iter(record_forms.ids("events")))
    form = record_forms.alice.htmx_get(f"/events/{event_id}?panel={application}")
    changed = record_forms.alice.post(
        f"/events/{event_id}", htmx=True, panel=application, version="1", happened_at="2026-01-02T10:00"
    )
    deleted = record_forms.alice.post(f"/events/{event_id}/delete", htmx=True, panel=application)

    assert 'id="panel-events"' in added.text
    assert "They called" in added.text
    assert 'name="happened_at"' in form.text
    assert "2 Jan, 10:00" in changed.text
    assert "They called" not in deleted.text


def test_an_entry_without_a_time_happened_now(record_forms, clock) -> None:
    application = record_forms.alice.add()

    record_forms.add("events", application_id=application, type="note", text="x")

    assert events(record_forms)[0]["happened_at"] == clock().isoformat(timespec="seconds").replace("+00:00", "Z")


def test_without_htmx_an_entry_leads_back_to_the_application(record_forms) -> None:
    application = record_forms.alice.add()

    answer = record_forms.post("events", panel=application, application_id=application, text="x")

    assert answer.headers["Location"] == f"/applications/{application}#panel-events"


def test_a_refused_entry_keeps_what_was_typed(record_forms) -> None:
    application = record_forms.alice.add()
    fields = {"panel": application, "application_id": application, "text": "Kept words", "happened_at": "nonsense"}

    for htmx in (True, False):
        answer = record_forms.alice.post("/events", htmx=htmx, **fields)
        assert answer.status_code == 422
        assert "Kept words" in answer.text
        assert 'value="nonsense"' in answer.text
        assert 'id="happened_at-error"' in answer.text


def test_an_import_of_our_own_export_writes_no_event(record_forms, bob) -> None:
    application = record_forms.alice.add()
    record_forms.alice.change(application, status="applied")
    archive = record_forms.alice.post("/settings/privacy/export").data

    bob.bring(archive, "export.zip")

    assert record_forms.of(bob).csv("events") == record_forms.csv("events")


def test_an_update_by_import_writes_the_move(record_forms) -> None:
    record_forms.alice.add(company="Globex", title="Engineer", status="saved")

    record_forms.alice.bring(table({"company": "Globex", "title": "Engineer", "status": "offer"}), duplicates="update")

    assert [(event["from_stage"], event["to_stage"]) for event in events(record_forms)] == [("saved", "offer")]
