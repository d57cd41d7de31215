"""Tasks are ticked in their list: one button for each, undone like any change, with and without JavaScript."""

import re
from html import unescape

import pytest

from tests.support.kinds import RecordForms


@pytest.fixture
def record_forms(alice) -> RecordForms:
    return RecordForms(alice)


def button(page: str, record_id: str) -> tuple[str, str]:
    """What the button in the row of a task sends, and what it is called."""
    [found] = re.findall(rf'<button[^>]*form="tick" name="(\w+)" value="{record_id}" aria-label="([^"]*)"', page)
    return found[0], unescape(found[1])


def press(record_forms: RecordForms, record_id: str, *, htmx: bool = False, **fields: str):
    name, _ = button(record_forms.alice.get("/tasks").text, record_id)
    return record_forms.alice.post("/tasks/bulk", page="/tasks", htmx=htmx, **{name: record_id}, **fields)


def undo(record_forms: RecordForms, page: str):
    [form] = [form for form in re.findall(r"<form.*?</form>", page, re.DOTALL) if ">Undo" in form]
    fields = dict(re.findall(r'name="(?!csrf)(\w+)" value="([^"]*)"', form))
    return record_forms.alice.post("/tasks/bulk", page="/tasks", **fields)


def test_a_task_is_done_reopened_and_undone_in_its_list(record_forms) -> None:
    """Seen failing: the list had no such button."""
    first, second = (record_forms.add("tasks", title=title) for title in ("Call <Maria>", "Write"))
    before = record_forms.alice.get("/tasks").text

    done = press(record_forms, first)
    shown = record_forms.alice.get("/tasks").text
    undone = undo(record_forms, shown)

    assert [button(before, one) for one in (first, second)] == [("done", "Done: Call <Maria>"), ("done", "Done: Write")]
    assert (done.status_code, undone.status_code) == (303, 303)
    assert "Done: Call &lt;Maria&gt;." in shown
    assert [button(shown, one)[0] for one in (first, second)] == ["reopen", "done"]
    assert button(record_forms.alice.get("/tasks").text, first) == ("done", "Done: Call <Maria>")
    press(record_forms, first)
    press(record_forms, first)
    assert [button(record_forms.alice.get("/tasks").text, one)[0] for one in (first, second)] == ["done", "done"]


def test_with_htmx_the_row_stays_and_gets_the_other_button(record_forms) -> None:
    task = record_forms.add("tasks", title="Call Maria")

    answer = press(record_forms, task, htmx=True)

    assert button(answer.text, task) == ("reopen", "Reopen: Call Maria")
    assert "data-rows" in answer.text
    assert "Done: Call Maria." in answer.text


def test_pressing_twice_keeps_when_it_was_done_first(record_forms, clock) -> None:
    task = record_forms.add("tasks", title="Call Maria")
    record_forms.alice.post("/tasks/bulk", page="/tasks", done=task)
    first = record_forms.csv("tasks")
    clock.turn(minutes=5)

    again = record_forms.alice.post("/tasks/bulk", page="/tasks", done=task)

    assert again.status_code == 303
    assert record_forms.csv("tasks") == first


def test_rows_that_are_selected_are_left_alone_by_the_button_of_another(record_forms) -> None:
    first, second = (record_forms.add("tasks", title=title) for title in ("Call", "Write"))

    press(record_forms, first, ids=second)

    assert button(record_forms.alice.get("/tasks").text, second)[0] == "done"


def test_a_cell_that_is_edited_has_the_button_that_fits(record_forms) -> None:
    task = record_forms.add("tasks", title="Call")

    answer = record_forms.alice.post(f"/tasks/{task}", htmx=True, cell="done_at", done_at="now", version="1")

    assert button(answer.text, task)[0] == "reopen"


def test_c1_a_strangers_task_is_an_unknown_task(alice, bob) -> None:
    task = RecordForms(alice).add("tasks", title="Call")

    assert bob.post("/tasks/bulk", page="/tasks", done=task).status_code == 404
    assert bob.post("/tasks/bulk", page="/tasks", done="x").status_code == 404
    assert "done" in button(alice.get("/tasks").text, task)


def test_records_that_cannot_be_done_have_no_such_button(record_forms) -> None:
    application = record_forms.alice.add()

    assert 'name="done"' not in record_forms.alice.get("/applications").text
    assert record_forms.alice.post("/applications/bulk", page="/applications", done=application).status_code != 500
