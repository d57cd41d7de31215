"""Stages of one's own: renamed, ordered, added, retired; records and history follow, in every view."""

import re

import pytest
from tests.support.factories import table
from tests.support.kinds import Keeper

from tmr.domain.pipeline.pipeline import CATEGORIES

PAGE = "/settings/pipeline"


@pytest.fixture
def keeper(alice) -> Keeper:
    return Keeper(alice)


def columns(keeper: Keeper) -> list[str]:
    return re.findall(r'<ol class="cards" data-status="([^"]+)"', keeper.alice.get("/board").text)


def test_a_renamed_stage_is_called_so_everywhere_and_keeps_its_records(keeper) -> None:
    application = keeper.alice.add(status="applied")

    keeper.alice.post(PAGE, **{"label.applied": "Sent off"})

    assert "Sent off" in keeper.alice.get("/applications").text
    assert "Sent off" in keeper.alice.get("/board").text
    assert "Sent off" in keeper.page("applications", application)
    assert keeper.ids_at("/applications?status=applied") == {application}
    assert keeper.ids_at("/applications?q=sent+off") == {application}


def test_other_people_keep_their_own_words(keeper, bob) -> None:
    keeper.alice.post(PAGE, **{"label.applied": "Geheimname"})
    bob.add(status="applied")

    for path in ("/applications", "/board", PAGE, "/applications?new=1", "/import"):
        assert "Geheimname" not in bob.get(path).text


def test_a_new_stage_stands_behind_its_category_and_takes_records(keeper) -> None:
    keeper.alice.post(f"{PAGE}/stages", label="Take-home", category="interviewing")

    application = keeper.alice.add(status="take-home")

    assert columns(keeper)[3:5] == ["interviewing", "takehome"]
    assert keeper.ids_at("/applications?status=takehome") == {application}
    assert application in keeper.ids_at("/applications?status=open")


def test_an_import_takes_the_words_of_ones_own_stages(keeper) -> None:
    keeper.alice.post(f"{PAGE}/stages", label="Take-home", category="interviewing")

    counts = keeper.alice.bring(table({"company": "A", "title": "B", "status": "take home"}))

    assert counts["added"] == 1
    assert len(keeper.ids_at("/applications?status=takehome")) == 1


def test_the_order_is_that_of_every_view(keeper) -> None:
    keeper.alice.post(PAGE, move="offer:up")

    assert columns(keeper)[3:5] == ["offer", "interviewing"]


@pytest.mark.parametrize(
    ("hers", "his"), [("Technical interview round one", "Technical interview round two, lost"), ("🎯", "🚀")]
)
def test_stages_of_two_people_whose_names_begin_alike_stay_two(keeper, bob, hers: str, his: str) -> None:
    keeper.alice.post(f"{PAGE}/stages", page=PAGE, label=hers, category="interviewing")
    bob.post(f"{PAGE}/stages", page=PAGE, label=his, category="rejected")
    [stage] = [one for one in columns(keeper) if one not in CATEGORIES]
    keeper.alice.add(company="Globex", status=stage)

    bob.bring(keeper.alice.post("/settings/privacy/export").data, "x.zip")

    assert hers in bob.get("/settings/pipeline").text
    assert keeper.of(bob).ids_at(f"/applications?status={stage}")


def test_a_retired_stage_keeps_its_records_and_takes_no_more(keeper) -> None:
    application = keeper.alice.add(status="screening")

    keeper.alice.post(f"{PAGE}/screening/retire")

    assert "Screening" in keeper.alice.get("/applications").text
    assert "screening" in columns(keeper)
    answer = keeper.post("applications", company="A", title="B", status="Screening")
    assert answer.status_code == 422
    keeper.change("applications", application, title="Other", status="applied")
    assert "screening" not in columns(keeper)


def test_a_form_of_a_record_in_a_retired_stage_keeps_it_there(keeper) -> None:
    application = keeper.alice.add(status="screening")
    keeper.alice.post(f"{PAGE}/screening/retire")

    page = keeper.page("applications", application)

    assert re.search(r'<option value="screening" selected>', page)
    answer = keeper.change("applications", application, title="Other", status="screening")
    assert answer.status_code == 303


def test_retiring_can_move_its_records_on(keeper) -> None:
    application = keeper.alice.add(status="screening")

    keeper.alice.post(f"{PAGE}/screening/retire", to="interviewing")

    assert keeper.ids_at("/applications?status=interviewing") == {application}
    assert "screening" in keeper.csv("events")


def test_a_retired_stage_comes_back(keeper) -> None:
    keeper.alice.post(f"{PAGE}/screening/retire")

    keeper.alice.post(f"{PAGE}/screening/restore")

    assert "screening" in columns(keeper)


@pytest.mark.parametrize(
    ("path", "fields", "words"),
    [
        (PAGE, {"label.applied": ""}, "needs a name"),
        (PAGE, {"label.applied": "x" * 41}, "at most 40"),
        (PAGE, {"label.applied": "Offer"}, "same name"),
        (PAGE, {"category.applied": "x"}, "counts as"),
        (PAGE, {"wait.applied": "-1"}, "whole number"),
        (PAGE, {"wait.applied": "٣"}, "whole number"),
        (f"{PAGE}/stages", {"label": "", "category": "offer"}, "needs a name"),
        (f"{PAGE}/stages", {"label": "New", "category": ""}, "counts as"),
        (f"{PAGE}/stages", {"label": "applied", "category": "offer"}, "same name"),
    ],
)
def test_what_cannot_be_is_refused_with_a_reason_and_changes_nothing(keeper, path, fields, words) -> None:
    before = columns(keeper)

    answer = keeper.alice.post(path, **fields)

    assert answer.status_code == 422
    assert words in answer.text
    assert columns(keeper) == before


def test_the_last_open_stage_stays(keeper) -> None:
    for stage in ("saved", "applied", "screening", "interviewing"):
        assert keeper.alice.post(f"{PAGE}/{stage}/retire").status_code == 303

    answer = keeper.alice.post(f"{PAGE}/offer/retire")

    assert answer.status_code == 422
    assert "At least one open stage" in answer.text
    assert keeper.alice.add() in keeper.ids_at("/applications?status=offer")


def test_at_most_thirty_stages_fit(keeper) -> None:
    answers = [keeper.alice.post(f"{PAGE}/stages", label=f"S{n}", category="applied").status_code for n in range(22)]

    assert answers == [303] * 21 + [422]


def test_unknown_stages_are_not_found(keeper) -> None:
    assert keeper.alice.post(f"{PAGE}/nowhere/retire").status_code == 404
    assert keeper.alice.post(f"{PAGE}/nowhere/restore").status_code == 404


def test_the_export_names_stages_so_that_they_come_back(keeper, bob) -> None:
    keeper.alice.post(f"{PAGE}/stages", label="Take-home", category="interviewing")
    keeper.alice.add(status="takehome")
    archive = keeper.alice.post("/settings/privacy/export").data

    counts = bob.bring(archive, "export.zip")

    assert counts["added"] == 2  # the application, and the event of its beginning
    assert keeper.of(bob).csv("applications") == keeper.csv("applications")
