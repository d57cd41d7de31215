"""Messages say what was changed, and where it is now, for those who cannot see it move."""

import re
from html import unescape

import pytest


def message(answer) -> str:
    """Return the words of the message in an answer to htmx."""
    notice = answer.text.split('<div class="notice">')[1].split("</span>")[0]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", "", notice))).strip()


@pytest.fixture
def application(alice) -> str:
    return alice.add(company="Ørsted", title="Engineer")


def test_a_move_names_the_application_and_its_stage(alice, application: str) -> None:
    place = f"/applications/{application}"

    by_card = alice.post(place, htmx=True, version=1, status="applied", card="1")
    on_page = alice.post(place, htmx=True, version=2, status="offer", property="status")

    assert message(by_card) == "Moved Engineer at Ørsted to Applied."
    assert message(on_page) == "Moved Engineer at Ørsted to Offer."


def test_a_saved_field_is_named_with_its_record(alice, application: str) -> None:
    place = f"/applications/{application}"

    in_cell = alice.post(place, htmx=True, version=1, location="Aarhus", cell="location")
    on_page = alice.post(place, htmx=True, version=2, location="Oslo", property="location")

    assert message(in_cell) == message(on_page) == "Saved. Engineer at Ørsted: location."


def test_what_was_added_undone_and_deleted_is_named(alice, application: str) -> None:
    where = {"panel": application, "htmx": True}
    task = alice.post("/tasks", title="Call Maria", application_id=application, **where)
    [task_id] = {*re.findall(r"/tasks/([0-9a-f-]{36})", task.text)}
    alice.post(f"/tasks/{task_id}", version=1, title="Call Mario", **where)

    undone = alice.post(f"/tasks/{task_id}/undo", version=2, **where)
    deleted = alice.post(f"/tasks/{task_id}/delete", **where)

    assert message(task) == "Added Call Maria."
    assert message(undone) == "Undone. Call Maria."
    assert message(deleted) == "Task deleted. It stays in the trash for 30 days."


def test_a_long_name_is_cut(alice) -> None:
    added = alice.post("/applications", htmx=True, company="Acme", title="Engineer " * 20)

    assert message(added).startswith("Added Engineer Engineer")
    assert len(message(added)) < 80


def test_one_line_of_today_is_named(alice, application: str) -> None:
    alice.post("/tasks", title="Call Maria", due_on="2020-01-01", application_id=application)
    line = re.search(r'name="line" value="([^"]+)"', alice.get("/today").text)[1]

    snoozed = alice.post("/today/snooze", htmx=True, line=line, days=1)

    assert message(snoozed) == "Snoozed until tomorrow. Call Maria."
