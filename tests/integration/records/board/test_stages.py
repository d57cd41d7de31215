"""Custom stages: renamed, ordered, added, archived; records and history follow, in every view."""

import csv
import re

import pytest

from tests.support.factories import table
from tests.support.kinds import RecordForms
from tmr.domain.pipeline.category import CATEGORIES

PAGE = "/settings/pipeline"


@pytest.fixture
def record_forms(alice) -> RecordForms:
    return RecordForms(alice)


def columns(record_forms: RecordForms) -> list[str]:
    return re.findall(r'<ol class="cards" data-status="([^"]+)"', record_forms.alice.get("/board").text)


def test_a_renamed_stage_is_called_so_everywhere_and_keeps_its_records(record_forms) -> None:
    application = record_forms.alice.add(status="applied")

    record_forms.alice.post(PAGE, **{"label.applied": "Sent off"})

    assert "Sent off" in record_forms.alice.get("/applications").text
    assert "Sent off" in record_forms.alice.get("/board").text
    assert "Sent off" in record_forms.page("applications", application)
    assert record_forms.ids_at("/applications?status=applied") == {application}
    assert record_forms.ids_at("/applications?q=sent+off") == {application}


def test_other_people_keep_their_own_words(record_forms, bob) -> None:
    record_forms.alice.post(PAGE, **{"label.applied": "Geheimname"})
    bob.add(status="applied")

    for path in ("/applications", "/board", PAGE, "/applications?new=1", "/import"):
        assert "Geheimname" not in bob.get(path).text


def test_a_new_stage_comes_after_its_category_and_takes_records(record_forms) -> None:
    record_forms.alice.post(f"{PAGE}/stages", label="Take-home", category="interviewing")

    application = record_forms.alice.add(status="take-home")

    assert columns(record_forms)[3:5] == ["interviewing", "takehome"]
    assert record_forms.ids_at("/applications?status=takehome") == {application}
    assert application in record_forms.ids_at("/applications?status=open")


def test_an_import_understands_the_names_of_custom_stages(record_forms) -> None:
    record_forms.alice.post(f"{PAGE}/stages", label="Take-home", category="interviewing")

    counts = record_forms.alice.bring(table({"company": "A", "title": "B", "status": "take home"}))

    assert counts["added"] == 1
    assert len(record_forms.ids_at("/applications?status=takehome")) == 1


def test_the_order_is_that_of_every_view(record_forms) -> None:
    record_forms.alice.post(PAGE, move="offer:up")

    assert columns(record_forms)[3:5] == ["offer", "interviewing"]


@pytest.mark.parametrize(
    ("hers", "his"), [("Technical interview round one", "Technical interview round two, lost"), ("🎯", "🚀")]
)
def test_stages_of_two_people_whose_names_begin_alike_stay_two(record_forms, bob, hers: str, his: str) -> None:
    record_forms.alice.post(f"{PAGE}/stages", page=PAGE, label=hers, category="interviewing")
    bob.post(f"{PAGE}/stages", page=PAGE, label=his, category="rejected")
    [stage] = [column for column in columns(record_forms) if column not in CATEGORIES]
    record_forms.alice.add(company="Globex", status=stage)

    bob.bring(record_forms.alice.post("/settings/privacy/export").data, "x.zip")

    assert hers in bob.get("/settings/pipeline").text
    assert record_forms.of(bob).ids_at(f"/applications?status={stage}")


def test_an_archived_stage_keeps_its_records_and_takes_no_more(record_forms) -> None:
    application = record_forms.alice.add(status="screening")

    record_forms.alice.post(f"{PAGE}/screening/retire")

    assert "Screening" in record_forms.alice.get("/applications").text
    assert "screening" in columns(record_forms)
    answer = record_forms.post("applications", company="A", title="B", status="Screening")
    assert answer.status_code == 422
    record_forms.change("applications", application, title="Other", status="applied")
    assert "screening" not in columns(record_forms)


def test_a_form_of_a_record_in_an_archived_stage_keeps_it_there(record_forms) -> None:
    application = record_forms.alice.add(status="screening")
    record_forms.alice.post(f"{PAGE}/screening/retire")

    page = record_forms.form("applications", application)

    assert re.search(r'<option value="screening" selected>', page)
    answer = record_forms.change("applications", application, title="Other", status="screening")
    assert answer.status_code == 303


def test_archiving_a_stage_can_move_its_records_on(record_forms) -> None:
    application = record_forms.alice.add(status="screening")

    record_forms.alice.post(f"{PAGE}/screening/retire", to="interviewing")

    assert record_forms.ids_at("/applications?status=interviewing") == {application}
    assert "screening" in record_forms.csv("events")


def test_an_archived_stage_can_be_restored(record_forms) -> None:
    record_forms.alice.post(f"{PAGE}/screening/retire")

    record_forms.alice.post(f"{PAGE}/screening/restore")

    assert "screening" in columns(record_forms)


@pytest.mark.parametrize(
    ("path", "fields", "words"),
    [
        (PAGE, {"label.applied": ""}, "Enter a name"),
        (PAGE, {"label.applied": "x" * 41}, "at most 40"),
        (PAGE, {"label.applied": "Offer"}, "same name"),
        (PAGE, {"category.applied": "x"}, "counts as"),
        (PAGE, {"wait.applied": "-1"}, "whole number"),
        (PAGE, {"wait.applied": "٣"}, "whole number"),
        (f"{PAGE}/stages", {"label": "", "category": "offer"}, "Enter a name"),
        (f"{PAGE}/stages", {"label": "New", "category": ""}, "counts as"),
        (f"{PAGE}/stages", {"label": "applied", "category": "offer"}, "same name"),
    ],
)
def test_what_cannot_be_is_refused_with_a_reason_and_changes_nothing(record_forms, path, fields, words) -> None:
    before = columns(record_forms)

    answer = record_forms.alice.post(path, **fields)

    assert answer.status_code == 422
    assert words in answer.text
    assert columns(record_forms) == before


def test_the_last_open_stage_stays(record_forms) -> None:
    for stage in ("saved", "applied", "screening", "interviewing"):
        assert record_forms.alice.post(f"{PAGE}/{stage}/retire").status_code == 303

    answer = record_forms.alice.post(f"{PAGE}/offer/retire")

    assert answer.status_code == 422
    assert "Keep at least one open stage" in answer.text
    assert record_forms.alice.add() in record_forms.ids_at("/applications?status=offer")


def test_at_most_thirty_stages_fit(record_forms) -> None:
    answers = [
        record_forms.alice.post(f"{PAGE}/stages", label=f"S{n}", category="applied").status_code for n in range(22)
    ]

    assert answers == [303] * 21 + [422]


def test_unknown_stages_are_not_found(record_forms) -> None:
    assert record_forms.alice.post(f"{PAGE}/nowhere/retire").status_code == 404
    assert record_forms.alice.post(f"{PAGE}/nowhere/restore").status_code == 404


def test_the_export_names_stages_so_that_they_come_back(record_forms, bob) -> None:
    record_forms.alice.post(f"{PAGE}/stages", label="Take-home", category="interviewing")
    record_forms.alice.add(status="takehome")
    archive = record_forms.alice.post("/settings/privacy/export").data

    counts = bob.bring(archive, "export.zip")

    assert counts["added"] == 2  # the application, and the event of its beginning
    assert record_forms.of(bob).csv("applications") == record_forms.csv("applications")


def names(record_forms: RecordForms) -> list[str]:
    return re.findall(r'name="label\.[^"]+"[^>]* value="([^"]*)"', record_forms.alice.get(PAGE).text)


OPEN = ["Saved", "Applied", "Screening", "Interviewing", "Offer"]
USUAL = [*OPEN, "Accepted", "Rejected", "Withdrawn", "No response"]
GENTLE = [*USUAL[:6], "Not this time", "Not for me", "Went quiet"]


def test_stages_begin_with_the_words_that_everybody_uses(record_forms) -> None:
    assert names(record_forms) == USUAL


def test_one_click_gives_gentler_names_and_one_click_restores_the_usual_ones(record_forms) -> None:
    application = record_forms.alice.add(status="rejected")

    record_forms.alice.post(f"{PAGE}/names", names="gentle")
    gentle = names(record_forms)
    shown = record_forms.page("applications", application)
    record_forms.alice.post(f"{PAGE}/names", names="usual")

    assert gentle == GENTLE
    assert "Not this time" in shown
    assert names(record_forms) == USUAL
    assert record_forms.ids_at("/applications?status=rejected") == {application}


def test_custom_names_stay_whichever_names_the_others_get(record_forms) -> None:
    record_forms.alice.post(PAGE, **{"label.rejected": "Their loss", "wait.applied": "3"})
    record_forms.alice.post(f"{PAGE}/stages", label="Went quiet", category="no answer")

    record_forms.alice.post(f"{PAGE}/names", names="gentle")
    gentle = names(record_forms)
    record_forms.alice.post(f"{PAGE}/names", names="usual")

    assert gentle == [*USUAL[:6], "Their loss", "Not for me", "No response", "Went quiet"]
    assert names(record_forms) == [*USUAL[:6], "Their loss", "Withdrawn", "No response", "Went quiet"]
    assert 'value="3"' in record_forms.alice.get(PAGE).text


def test_names_that_an_earlier_release_stored_can_be_given_up(record_forms) -> None:
    record_forms.alice.post(PAGE, **{"label.rejected": "Not this time", "label.no answer": "No answer"})

    record_forms.alice.post(f"{PAGE}/names", names="usual")

    assert names(record_forms) == USUAL


def test_gentler_names_need_the_token_of_the_page(alice) -> None:
    assert alice.client.post(f"{PAGE}/names", data={"names": "gentle"}).status_code == 403
    assert "Not this time" not in alice.get("/board").text


WORDS = [
    (word, key)
    for key, words in {
        "rejected": "Rejected, Not this time, not-this-time, declined, Absage",
        "withdrawn": "Withdrawn, Not for me, withdrew",
        "no answer": "No answer, No response, no_response, ghosted, Went quiet",
        "interviewing": "Interviewing, interview",
    }.items()
    for word in words.split(", ")
]


def statuses(record_forms: RecordForms) -> dict[str, str]:
    rows = csv.DictReader(record_forms.csv("applications").removeprefix("\ufeff").splitlines())
    return {row["company"]: row["status"] for row in rows}


def stored_after(record_forms: RecordForms, application: str, word: str, **fields: str) -> str:
    """Type a word into the status of an application; return the stage that is stored then."""
    assert record_forms.change("applications", application, status="saved").status_code == 303
    answer = record_forms.change("applications", application, status=word, **fields)
    assert answer.status_code in (200, 303), answer.text
    return statuses(record_forms)["Ørsted"]


@pytest.mark.parametrize("called", ["usual", "gentle", "own"])
def test_every_word_for_a_stage_finds_it_whatever_it_is_called(record_forms, called: str) -> None:
    labels = {"label.rejected": "Their loss", "label.withdrawn": "I left", "label.no answer": "Silence"}
    if called == "own":
        record_forms.alice.post(PAGE, **labels)
    else:
        record_forms.alice.post(f"{PAGE}/names", names=called)
    application = record_forms.alice.add()
    rows = "".join(f"Pasted {number}\tEngineer\t{word}\n" for number, (word, _) in enumerate(WORDS))
    lines = [{"company": f"Imported {number}", "title": "B", "status": word} for number, (word, _) in enumerate(WORDS)]

    typed = [stored_after(record_forms, application, word) for word, _ in WORDS]
    written = [stored_after(record_forms, application, word, cell="status") for word, _ in WORDS]
    record_forms.post("applications/paste", rows=rows)
    imported = record_forms.alice.bring(table(*lines))

    assert typed == written == [key for _, key in WORDS]
    assert imported["added"] == len(WORDS)
    kept = statuses(record_forms)
    for number, (_, key) in enumerate(WORDS):
        assert (kept[f"Pasted {number}"], kept[f"Imported {number}"]) == (key, key)


def test_stages_that_never_changed_store_nothing(record_forms, services) -> None:
    record_forms.alice.post(f"{PAGE}/names", names="gentle")
    record_forms.alice.post(f"{PAGE}/names", names="usual")

    with services.repository.for_owner(services.repository.find_owner(record_forms.alice.email)) as uow:
        assert uow.private.get().stages is None
