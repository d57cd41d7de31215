"""Rows pasted from a spreadsheet into the grid."""

import re

import pytest

from tests.support.kinds import RecordForms


@pytest.fixture
def record_forms(alice) -> RecordForms:
    return RecordForms(alice)


def paste(record_forms: RecordForms, rows: str, plural: str = "applications", **fields: str):
    return record_forms.alice.post(f"/{plural}/paste", htmx=True, rows=rows, **fields)


def test_rows_without_a_header_follow_the_columns_that_are_shown(record_forms) -> None:
    answer = paste(record_forms, "Ørsted\tEngineer\tApplied\tCopenhagen\nGlobex\tAnalyst\tOffer\tBerlin\n")

    assert answer.status_code == 200
    assert "2 added." in answer.text
    assert [name in answer.text for name in ("Ørsted", "Globex", "Copenhagen")] == [True] * 3


def test_rows_with_a_header_are_matched_by_it(record_forms) -> None:
    answer = paste(record_forms, "Position\tEmployer\tWhere\nEngineer\tØrsted\tx\n")

    assert "1 added." in answer.text
    assert "<b>" not in answer.text
    assert re.search(r'data-field="company"[^>]*><a [^>]+>Ørsted</a>', answer.text)


def test_rows_begin_at_the_cell_that_is_in_focus(record_forms) -> None:
    answer = paste(record_forms, "Ada\tGlobex\tCTO\nBen\tInitech\tCEO", "contacts", **{"from": "name"})

    assert "2 added." in answer.text
    assert len(record_forms.ids("contacts")) == 2


def test_the_whole_paste_is_undone_at_once(record_forms) -> None:
    answer = paste(record_forms, "A\tB\nC\tD\n")
    [place] = re.findall(r'action="(/import/[0-9a-f-]{36}/undo)"', answer.text)

    undone = record_forms.alice.post(place, htmx=True, list="applications")

    assert undone.status_code == 200
    assert record_forms.ids("applications") == set()


def test_what_is_not_clear_leads_to_the_proposal_and_adds_nothing(record_forms) -> None:
    answer = paste(record_forms, "Company\tTitle\tStatus\nA\tB\tFrobnicated\n")

    assert re.fullmatch(r"/import/[0-9a-f-]{36}", answer.headers["HX-Redirect"])
    assert record_forms.ids("applications") == set()


def test_rows_that_are_here_already_lead_to_the_proposal(record_forms) -> None:
    record_forms.alice.add(company="A", title="B")

    answer = paste(record_forms, "A\tB\nC\tD\n")

    assert "HX-Redirect" in answer.headers


def test_rows_in_another_order_than_the_columns_shown_go_by_their_values(record_forms) -> None:
    rows = "Bluefin Labs\tPlatform Engineer\tApplied\t2026-03-04\thttps://b.example/1\n"
    paste(record_forms, rows + rows.replace("Bluefin Labs", "Tarn Ltd").replace("/1", "/2"))

    assert "Bluefin Labs,Platform Engineer,applied" in record_forms.alice.csv()
    assert "2026-03-04" in record_forms.alice.csv()
    assert "https://b.example/1" in record_forms.alice.csv()


@pytest.mark.parametrize("rows", ["", "\n\n", "\0"])
def test_an_empty_paste_is_reported(record_forms, rows: str) -> None:
    answer = paste(record_forms, rows)

    assert answer.status_code == 422
    assert "no rows" in answer.text


def test_without_scripts_a_form_takes_them(record_forms) -> None:
    answer = record_forms.alice.post("/applications/paste", rows="A\tB\nC\tD")

    assert answer.status_code == 303
    assert len(record_forms.ids("applications")) == 2
