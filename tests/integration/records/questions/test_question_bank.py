"""The questions of all interviews in one list, and from there into the next preparation."""

import html
import re

from tmr.records.questions import routes
from tmr.web.session import reading
from tmr.web.session.turns.searches import search_turns


def interview(person, application: str, **fields: str) -> str:
    before = set(re.findall(r'data-id="([0-9a-f-]{36})"', person.get("/interviews").text))
    answer = person.post("/interviews", application_id=application, kind="video", **fields)
    assert answer.status_code == 303, answer.text
    [new] = set(re.findall(r'data-id="([0-9a-f-]{36})"', person.get("/interviews").text)) - before
    return new


def test_questions_of_all_interviews_are_listed_searched_and_taken_into_the_next_one(alice, bob) -> None:
    application = alice.add()
    interview(
        alice, application, preparation="Why us?\nWind power.\n\nBring water", questions="Team size", outcome="passed"
    )
    interview(alice, application, notes="They asked: Why us?\n\nWHY US?\nMy second answer")
    coming = interview(alice, application, starts_at="2187-01-01T10:00", preparation="Be early")

    page = html.unescape(alice.get("/questions").text)
    found = html.unescape(alice.get("/questions?q=WIND why").text)

    assert page.count("Add to its preparation</button>") == 3
    assert [words in page for words in ("Team size", "They asked: Why us?", "Bring water")] == [True, True, False]
    assert "Wind power." in found
    assert "Team size" not in found
    assert "Why us" not in bob.get("/questions").text
    fields = {"interview": coming, "question": "Why us?", "answer": "Wind power."}
    assert bob.post("/questions", page="/questions", **fields).status_code == 404
    assert alice.post("/questions", page="/questions", **fields).status_code == 303
    taken = html.unescape(alice.get(f"/interviews/{coming}").text)
    assert all(words in taken for words in ("Be early", "Why us?", "Wind power."))
    alice.post("/undo")
    assert "Wind power." not in alice.get(f"/interviews/{coming}").text


def test_w1_a_question_of_many_interviews_names_a_few_and_counts_them(alice, monkeypatch) -> None:
    """Every interview was kept with each question, and looked for among all of them: minutes for 50,000."""
    application = alice.add()
    for number in range(5):
        interview(alice, application, preparation=f"Why us?\n\nOther question {number}?")
    monkeypatch.setattr(routes, "MOST", 3)

    page = html.unescape(alice.get("/questions").text)

    assert page.count('<a href="/interviews/') == 3 + 1 + 1
    assert "and 2 more" in page
    assert "3 of 6." in page


def test_w1_the_list_takes_a_turn(alice, monkeypatch) -> None:
    monkeypatch.setattr(reading, "TURN_SECONDS", 0.0)
    assert search_turns.take(alice.owner, 0)

    waited = alice.get("/questions")

    search_turns.give_back(alice.owner)
    assert waited.status_code == 503
