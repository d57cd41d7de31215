"""The board: a column for each stage, a card for each application, moves that are kept or refused."""

import re

import pytest

from tests.support.kinds import RecordForms


@pytest.fixture
def record_forms(alice) -> RecordForms:
    return RecordForms(alice)


def cards(page: str) -> dict[str, list[str]]:
    lists = re.findall(r'<ol class="cards" data-status="([^"]+)".*?>(.*?)</ol>', page, re.DOTALL)
    return {stage: re.findall(r'<li id="card-([0-9a-f-]{36})"', body) for stage, body in lists}


def move(record_forms: RecordForms, record_id: str, status: str, version: str = "1"):
    place = f"/applications/{record_id}"
    return record_forms.alice.post(place, htmx=True, card="1", status=status, version=version)


def test_every_stage_has_its_column_also_when_nothing_is_there(record_forms) -> None:
    columns = cards(record_forms.alice.get("/board").text)

    assert list(columns) == [
        "saved",
        "applied",
        "screening",
        "interviewing",
        "offer",
        "accepted",
        "rejected",
        "withdrawn",
        "no answer",
    ]


def test_a_card_is_in_the_column_of_its_stage(record_forms) -> None:
    application = record_forms.alice.add(status="offer")

    assert cards(record_forms.alice.get("/board").text)["offer"] == [application]


def test_a_move_answers_the_card_its_version_and_an_undo(record_forms) -> None:
    application = record_forms.alice.add()

    answer = move(record_forms, application, "applied")

    assert answer.status_code == 200
    assert f'<li id="card-{application}"' in answer.text
    assert 'data-version="2"' in answer.text
    assert f'action="/applications/{application}/undo"' in answer.text
    assert cards(record_forms.alice.get("/board").text)["applied"] == [application]
    assert "saved" in record_forms.csv("events")


def test_the_undo_of_a_move_is_aimed_at_the_board_and_not_at_a_list_that_is_not_on_this_page(record_forms) -> None:
    application = record_forms.alice.add()

    answer = move(record_forms, application, "applied")

    assert 'hx-target="#board"' in answer.text
    assert "#record-list" not in answer.text


def test_a_card_tells_the_next_interview_before_other_dates_and_the_pay_only_where_there_is_room(record_forms) -> None:
    application = record_forms.alice.add(
        location="Berlin", salary_min="70000", salary_currency="EUR", follow_up_on="2099-01-02"
    )
    assert last_line(record_forms) == "Berlin Follow-up 2 Jan 2099"

    for starts_at in ("2099-03-05T10:00", "2099-02-03T10:00", "2001-02-03T10:00"):
        record_forms.add("interviews", application_id=application, starts_at=starts_at)
    assert last_line(record_forms) == "Berlin Interview 3 Feb 2099"

    record_forms.alice.add(company="Globex", location="Paris", salary_min="70000", salary_currency="EUR")
    assert last_line(record_forms, "?q=globex") == "Paris, €70k"


def last_line(record_forms: RecordForms, query: str = "") -> str:
    [line] = re.findall(r'<span class="quiet"><span>(.*?)</span><label', record_forms.alice.get(f"/board{query}").text)
    return " ".join(re.sub("<[^>]+>", " ", line).split())


def test_undo_of_a_move_redraws_the_board(record_forms) -> None:
    application = record_forms.alice.add()
    move(record_forms, application, "applied")

    answer = record_forms.alice.post(f"/applications/{application}/undo", htmx=True, version="2", card="1")

    assert answer.headers["HX-Redirect"] == "/board"
    assert cards(record_forms.alice.get("/board").text)["saved"] == [application]


def test_c6_a_move_from_a_stale_board_is_reported_and_changes_nothing(record_forms) -> None:
    application = record_forms.alice.add()
    record_forms.alice.change(application, status="offer")

    answer = move(record_forms, application, "applied", version="1")

    assert answer.status_code == 409
    assert answer.headers["HX-Retarget"] == "#messages"
    assert "changed somewhere else" in answer.text
    assert "Offer" in answer.text
    assert cards(record_forms.alice.get("/board").text)["offer"] == [application]


def test_without_scripts_the_selected_are_moved_by_a_form(record_forms) -> None:
    ids = {record_forms.alice.add(company=name) for name in "AB"}
    page = record_forms.alice.get("/board").text
    assert page.count('name="ids"') == 2

    answer = record_forms.alice.post(
        "/applications/bulk", board="1", field="status", value="applied", action="set", ids=list(ids)
    )

    assert answer.headers["Location"] == "/board"
    assert set(cards(record_forms.alice.get("/board").text)["applied"]) == ids


def test_the_board_is_searched(record_forms) -> None:
    record_id = record_forms.alice.add(company="Ørsted")
    record_forms.alice.add(company="Globex")

    shown = cards(record_forms.alice.get("/board?q=orsted").text)
    assert [card for column in shown.values() for card in column] == [record_id]


def test_i1_hostile_words_stay_words(record_forms) -> None:
    hostile = '"><script>alert(1)</script>'
    record_forms.alice.add(company=hostile, title=hostile, location=hostile)
    record_forms.alice.post("/settings/pipeline", **{"label.saved": hostile[:40]})

    for path in (
        "/board",
        "/today",
        "/calendar",
        "/insights",
        "/settings/pipeline",
        "/search?q=script",
        "/applications",
    ):
        assert "<script>alert" not in record_forms.alice.get(path).text
