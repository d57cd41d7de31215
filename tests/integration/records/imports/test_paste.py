"""Rows pasted from a spreadsheet into the grid."""

import re

import pytest
from tests.support.kinds import Keeper


@pytest.fixture
def keeper(alice) -> Keeper:
    return Keeper(alice)


def paste(keeper: Keeper, rows: str, plural: str = "applications", **fields: str):
    return keeper.alice.post(f"/{plural}/paste", htmx=True, rows=rows, **fields)


def test_rows_without_a_header_follow_the_columns_that_are_shown(keeper) -> None:
    answer = paste(keeper, "Ørsted\tEngineer\tApplied\tCopenhagen\nGlobex\tAnalyst\tOffer\tBerlin\n")

    assert answer.status_code == 200
    assert "2 added." in answer.text
    assert [name in answer.text for name in ("Ørsted", "Globex", "Copenhagen")] == [True] * 3


def test_rows_with_a_header_are_matched_by_it(keeper) -> None:
    answer = paste(keeper, "Position\tEmployer\tWhere\nEngineer\tØrsted\tx\n")

    assert "1 added." in answer.text
    assert "<b>" not in answer.text
    assert re.search(r'data-field="company"[^>]*><a [^>]+>Ørsted</a>', answer.text)


def test_rows_begin_at_the_cell_that_is_in_focus(keeper) -> None:
    answer = paste(keeper, "Ada\tGlobex\tCTO\nBen\tInitech\tCEO", "contacts", **{"from": "name"})

    assert "2 added." in answer.text
    assert len(keeper.ids("contacts")) == 2


def test_the_whole_paste_is_taken_back_at_once(keeper) -> None:
    answer = paste(keeper, "A\tB\nC\tD\n")
    [place] = re.findall(r'action="(/import/[0-9a-f-]{36}/undo)"', answer.text)

    undone = keeper.alice.post(place, htmx=True, list="applications")

    assert undone.status_code == 200
    assert keeper.ids("applications") == set()


def test_what_is_not_clear_leads_to_the_proposal_and_adds_nothing(keeper) -> None:
    answer = paste(keeper, "Company\tTitle\tStatus\nA\tB\tFrobnicated\n")

    assert re.fullmatch(r"/import/[0-9a-f-]{36}", answer.headers["HX-Redirect"])
    assert keeper.ids("applications") == set()


def test_rows_that_are_here_already_lead_to_the_proposal(keeper) -> None:
    keeper.alice.add(company="A", title="B")

    answer = paste(keeper, "A\tB\nC\tD\n")

    assert "HX-Redirect" in answer.headers


@pytest.mark.parametrize("rows", ["", "\n\n", "\0"])
def test_nothing_to_paste_is_said(keeper, rows: str) -> None:
    answer = paste(keeper, rows)

    assert answer.status_code == 422
    assert "no rows" in answer.text


def test_without_scripts_a_form_takes_them(keeper) -> None:
    answer = keeper.alice.post("/applications/paste", rows="A\tB\nC\tD")

    assert answer.status_code == 303
    assert len(keeper.ids("applications")) == 2
