"""What to prepare and what to ask: lines that are ticked where they are shown, kept in the text, undone exactly."""

import html
import re

import pytest

from tests.integration.records.planning.test_today import day, record_forms
from tests.support.measuring.processor_time import takes_at_most
from tmr.domain.agenda.checklist import points_of, ticked

__all__ = ["record_forms"]  # the fixture

TEXT = "- [ ] Read this\n\nRead that\n• [X] Sleep\n---\nRead that"


@pytest.fixture
def interview(record_forms) -> tuple[str, str]:
    """An application, and its interview of tomorrow."""
    application = record_forms.alice.add()
    fields = {"preparation": TEXT, "questions": "Who owns it?", "starts_at": f"{day(1)}T09:30"}
    return application, record_forms.add("interviews", application_id=application, **fields)


def text_of(record_forms, interview: str, field: str = "preparation") -> str:
    page = record_forms.form("interviews", interview)
    return html.unescape(re.search(rf'<textarea name="{field}"[^>]*>\n?(.*?)</textarea>', page, re.DOTALL)[1])


def tick(record_forms, interview: str, words: str, line: int = 0, done: str = "1", htmx: bool = True, **fields: str):
    sent = {"field": "preparation", "words": words, "line": str(line), "done": done, **fields}
    return record_forms.alice.post(f"/interviews/{interview}/tick", htmx=htmx, **sent)


def test_points_are_lines_with_words_and_a_tick_changes_one_line() -> None:
    points = [(point.number, point.words, point.is_done) for point in points_of(TEXT)]

    assert points == [(0, "Read this", False), (2, "Read that", False), (3, "Sleep", True), (5, "Read that", False)]
    assert ticked(TEXT, 5, "Read that", is_done=True) == TEXT[: -len("Read that")] + "[x] Read that"
    assert ticked(TEXT, 0, "Read this", is_done=True) == TEXT.replace("[ ] Read this", "[x] Read this")
    assert ticked(TEXT, 3, "Sleep", is_done=False) == TEXT.replace("[X]", "[ ]")
    assert ticked(TEXT, 99, "Sleep", is_done=True) == TEXT.replace("[X]", "[x]")
    assert ticked(TEXT, 3, "Awake", is_done=True) is None


def test_i9_a_long_line_of_blanks_takes_little_time() -> None:
    """Seen failing: the blanks at the end of a line were looked for at each of its characters, with 50,000 of them."""
    line = f"- [x] a{' ' * 49_000}b"

    with takes_at_most(hashes=2):
        assert [point.words for point in points_of(f"{line}  ")] == [line[6:]]
        assert ticked(line, 0, line[6:], is_done=False) == line.replace("[x]", "[ ]")


def test_after_a_tick_on_today_the_interview_can_still_be_moved(record_forms, interview) -> None:
    """The form beside it kept its version before, so that the new time was refused as a conflict."""
    _, meeting = interview
    page = record_forms.alice.get("/today").text
    assert f'name="version" value="1" form="reschedule-{meeting}"' in page  # it is in the part that a tick replaces
    assert 'name="version"' not in page.partition(f'id="reschedule-{meeting}"')[2].partition("</form>")[0]

    ticked_part = tick(record_forms, meeting, "Read this").text

    [version] = re.findall(rf'name="version" value="(\d+)" form="reschedule-{meeting}"', ticked_part)
    moved = {"today": "1", "version": version, "starts_at": f"{day(2)}T10:00"}
    assert record_forms.alice.post(f"/interviews/{meeting}", **moved).headers["Location"] == "/today"


@pytest.mark.parametrize("place", ["today", "application", "interview"])
def test_a_line_is_ticked_and_undone_where_it_is_shown(record_forms, interview, place: str) -> None:
    application, meeting = interview
    where = {"today": {}, "application": {"panel": application}, "interview": {"property": "preparation"}}[place]
    target = {"today": f'id="prep-{meeting}"', "application": "#record-next", "interview": "#property-preparation"}

    answer = tick(record_forms, meeting, "Read this", **where)
    text = text_of(record_forms, meeting)
    form = re.search(r'action="([^"]+)"[^>]*data-undo.*?</form>', answer.text, re.DOTALL)
    sent = dict(re.findall(r'name="(?!csrf)(\w+)" value="([^"]*)"', form[0]))
    undone = record_forms.alice.post(form[1], htmx=True, **sent)

    assert answer.status_code == undone.status_code == 200
    assert target[place] in answer.text
    assert "Not done</span>" not in answer.text
    assert "Not done: Read this" in answer.text
    assert text == TEXT.replace("[ ] Read this", "[x] Read this")
    assert text_of(record_forms, meeting) == TEXT


@pytest.mark.parametrize("page", ["/today", "/applications/{0}", "/interviews/{1}"])
def test_every_page_has_the_forms_and_they_work_without_a_script(record_forms, interview, page: str) -> None:
    shown = record_forms.alice.get(page.format(*interview)).text
    form = re.search(r'action="(/interviews/[^"]+/tick)"(?:(?!</form>).)*value="Who owns it\?".*?</form>', shown, re.S)
    sent = dict(re.findall(r'name="(?!csrf)(\w+)" value="([^"]*)"', form[0]))

    answer = record_forms.alice.post(form[1], **sent)

    assert answer.status_code == 303
    assert answer.headers["Location"].partition("#")[0] == page.format(*interview)
    assert text_of(record_forms, interview[1], "questions") == "[x] Who owns it?"


def test_a_line_that_is_gone_or_has_no_room_is_refused(record_forms, interview, bob) -> None:
    _, meeting = interview
    long = record_forms.add("interviews", application_id=interview[0], preparation="a\n" * 24_999 + "bc")

    assert tick(record_forms, meeting, "Never written").status_code == 422
    assert tick(record_forms, long, "bc", 24_999).status_code == 422
    assert tick(record_forms, meeting, "x", field="notes").status_code == 404
    assert tick(record_forms.of(bob), meeting, "Read this").status_code == 404
    assert text_of(record_forms, meeting) == TEXT
