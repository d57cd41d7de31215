"""The page of insights, from what people typed to what it tells."""

import datetime as dt
import re

import pytest

from tests.support.kinds import RecordForms


@pytest.fixture
def record_forms(alice, clock) -> RecordForms:
    clock.now = dt.datetime(2026, 11, 25, 12, 0, tzinfo=dt.UTC)
    alice.sign_in()
    return RecordForms(alice)


def figures(page: str, heading: str) -> list[list[str]]:
    table = page.split(f'id="{heading}"')[1].split("<tbody>")[1].split("</tbody>")[0]
    rows = re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)
    cells = [re.findall(r"<t[hd].*?>(.*?)</t[hd]>", row, re.DOTALL) for row in rows]
    return [[" ".join(re.sub(r"<[^>]+>", "", cell).split()) for cell in row] for row in cells]


def test_an_empty_search_says_what_will_appear_here(record_forms) -> None:
    assert "No insights yet" in record_forms.alice.get("/insights").text


def test_the_figures_follow_the_moves(record_forms, clock) -> None:
    ids = [
        record_forms.alice.add(company=f"C{n}", status="applied", applied_on="2026-11-25", source="LinkedIn")
        for n in range(6)
    ]
    clock.turn(days=8)
    record_forms.alice.sign_in()
    for record_id in ids[:3]:
        record_forms.alice.change(record_id, status="screening")
    record_forms.alice.change(ids[3], status="rejected")

    page = record_forms.alice.get("/insights").text

    assert figures(page, "funnel")[:2] == [["Applied", "6", ""], ["Screening", "3", "50 % of 6"]]
    assert figures(page, "sources") == [["LinkedIn", "6", "4", "67 %"]]
    assert ["Applied", "Rejected", "1"] in figures(page, "ends")
    assert ["Applied", "Screening", "3"] in figures(page, "ends")


def test_rates_of_few_are_hidden_and_their_n_is_shown(record_forms) -> None:
    for n in range(4):
        record_forms.alice.add(company=f"C{n}", status="rejected", source="Friend")

    page = record_forms.alice.get("/insights").text

    assert figures(page, "sources") == [["Friend", "4", "4", "–"]]
    assert figures(page, "funnel")[1] == ["Screening", "0", "– of 4"]


def test_custom_stages_count_by_their_category(record_forms) -> None:
    record_forms.alice.post("/settings/pipeline/stages", label="Take-home", category="interviewing")
    application = record_forms.alice.add(status="applied")

    record_forms.alice.change(application, status="takehome")

    assert figures(record_forms.alice.get("/insights").text, "funnel")[2][:2] == ["Interviewing", "1"]


def test_a_stage_with_another_name_is_called_so(record_forms) -> None:
    record_forms.alice.add(status="screening")
    record_forms.alice.post("/settings/pipeline", **{"label.screening": "Phone call"})

    page = record_forms.alice.get("/insights").text

    assert "Screening" not in page
    assert figures(page, "funnel")[1][:2] == ["Phone call", "1"]


def offers(record_forms: RecordForms) -> str:
    return figures(record_forms.alice.get("/insights").text, "funnel")[3][1]


def test_a_stage_moved_back_by_mistake_does_not_stay_in_the_figures(record_forms, clock) -> None:
    application = record_forms.alice.add(status="applied")
    clock.turn(days=3)
    record_forms.alice.sign_in()
    record_forms.alice.change(application, status="offer")
    assert offers(record_forms) == "1"
    clock.turn(minutes=5)

    record_forms.alice.change(application, status="applied")

    assert offers(record_forms) == "0"
    assert "leaves within a day" in record_forms.alice.get("/insights").text


def test_a_stage_that_was_undone_leaves_no_trace_in_the_figures_or_the_timeline(record_forms, clock) -> None:
    application = record_forms.alice.add(status="applied")
    clock.turn(days=3)
    record_forms.alice.sign_in()
    changed = record_forms.alice.change(application, status="offer")
    assert offers(record_forms) == "1"

    record_forms.alice.post(f"/applications/{application}/undo", version="2")

    assert offers(record_forms) == "0"
    assert "Offer" not in record_forms.alice.get("/events").text.split('id="record-rows"')[1].split("</table>")[0], (
        changed
    )


def test_every_chart_has_its_table_and_a_name(record_forms) -> None:
    record_forms.alice.post("/today/samples")

    page = record_forms.alice.get("/insights").text

    for heading in ("funnel", "times", "weeks", "sources", "ends"):
        section = page.split(f'id="{heading}"')[1].split("<h2")[0]
        assert "<table" in section
        assert "<svg" not in section or 'role="img" aria-label="' in section
