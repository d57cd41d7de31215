"""Tasks and interviews begin with what is still ahead, by its date."""

import re

import pytest

from tests.support.kinds import RecordForms
from tests.support.people import Person


@pytest.fixture
def record_forms(alice) -> RecordForms:
    return RecordForms(alice)


def _titles(alice: Person, query: str = "") -> list[str]:
    return re.findall(r'<td[^>]*data-field="title"[^>]*><a[^>]*>([^<]+)<', alice.get(f"/tasks{query}").text)


def test_open_tasks_come_first_by_due_date_then_those_done_last(record_forms: RecordForms) -> None:
    for title, due, done in (
        ("Done early", "2026-11-02", "2026-11-01T09:00"),
        ("Undated", "", ""),
        ("Later", "2027-01-05", ""),
        ("Done lately", "2026-11-01", "2026-11-03T09:00"),
        ("Overdue", "2026-11-20", ""),
    ):
        record_forms.add("tasks", title=title, due_on=due, done_at=done)

    ahead_first = ["Overdue", "Later", "Undated", "Done lately", "Done early"]
    assert _titles(record_forms.alice) == ahead_first
    assert _titles(record_forms.alice, "?status=open") == ahead_first[:3]
    assert _titles(record_forms.alice, "?sort=-due_on")[0] == "Later"
    assert "Sort: Open first, by date" in record_forms.alice.get("/tasks").text


def test_interviews_to_come_are_first_and_those_that_are_over_follow_latest_first(record_forms: RecordForms) -> None:
    application = record_forms.alice.add()
    for place, starts_at, outcome in (
        ("Long ago", "2020-03-01T09:00", ""),
        ("Next year", "2199-05-01T09:00", ""),
        ("Called off", "2199-04-01T09:00", "cancelled"),
        ("Last year", "2021-03-01T09:00", "passed"),
        ("Next", "2199-03-01T09:00", ""),
        ("No date yet", "", ""),
    ):
        record_forms.add("interviews", application_id=application, starts_at=starts_at, place=place, outcome=outcome)

    page = record_forms.alice.get("/interviews").text

    shown = re.findall(r'data-field="place"[^>]*>([^<]+)<', page)
    assert shown == ["Next", "Next year", "No date yet", "Called off", "Last year", "Long ago"]
    assert "Sort: Next first" in page


def test_a_bulk_change_and_its_undo_answer_with_its_rows_so_that_none_moves(record_forms: RecordForms) -> None:
    """Seen failing with the list as the answer: each row was where the order of the list now had it."""
    alice, ids = record_forms.alice, [record_forms.add("tasks", title=f"Task {number}") for number in range(3)]
    changed = {"action": "set", "field": "due_on", "value": "2026-12-24", "query": "sort=due_on"}

    done = alice.post("/tasks/bulk", htmx=True, ids=ids[:2], **changed)
    undo = dict(re.findall(r'name="(action|at)" value="([^"]+)"', done.text))
    undone = alice.post("/tasks/bulk", htmx=True, **{**undo, "at": undo["at"].replace("&#43;", "+")})
    again = alice.post("/redo", htmx=True, kind="tasks")
    alice.post(f"/tasks/{ids[2]}", htmx=True, cell="title", title="Another", version="1")
    edited = alice.post(f"/tasks/{ids[2]}/undo", htmx=True, version="2")

    for answer, count in ((done, 2), (undone, 2), (again, 2), (edited, 1)):
        assert (answer.status_code, answer.headers["HX-Retarget"]) == (200, "#cells [data-changed]")
        assert (answer.text.count("<tr"), 'id="record-list"' in answer.text) == (count, False)
    deleted = alice.post("/tasks/bulk", htmx=True, ids=ids[0], action="delete").text
    assert (f'data-gone="{ids[0]}"' in deleted, 'id="record-list"' in deleted) == (True, False)
    assert 'id="record-list"' in alice.post("/tasks/bulk", htmx=True, ids=ids[1:], action="delete").text
