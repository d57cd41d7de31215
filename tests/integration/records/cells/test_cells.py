"""Many cells set in one request: read as imports read them, at one instant, and what does not fit is left and named."""

import csv
import io
import json
import re
from html import unescape

import pytest

from tests.support.kinds import RecordForms
from tests.support.measuring.processor_time import takes_at_most
from tmr.records.cells import reading, routes


@pytest.fixture
def record_forms(alice) -> RecordForms:
    return RecordForms(alice)


def send(record_forms: RecordForms, *rows: list, plural: str = "applications", htmx: bool = True, **fields: str):
    return record_forms.alice.post(f"/{plural}/cells", htmx=htmx, cells=json.dumps(rows), **fields)


def message(answer) -> str:
    notice = re.search(r'<div class="notice".*?</span>\s*(?:<form|</div>)', answer.text, re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", notice[0].removesuffix("<form"))).split())


def undo(record_forms: RecordForms, answer):
    form = re.search(r"<form method=\"post\".*?</form>", answer.text, re.DOTALL)[0]
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    return record_forms.alice.post(re.search(r'action="([^"]+)"', form)[1], **(fields | {"csrf_token": ""}), htmx=True)


def test_cells_of_many_records_are_set_and_undone_as_one(record_forms) -> None:
    first, second = record_forms.alice.add(company="Globex"), record_forms.alice.add(company="Initech")
    before = record_forms.alice.csv()

    answer = send(
        record_forms, [first, 1, {"company": "Ørsted", "status": "Offer"}], [second, 1, {"location": "Utrecht"}]
    )
    after = record_forms.alice.csv()
    undone = undo(record_forms, answer)

    assert message(answer) == "3 cells changed."
    assert [word in after for word in ("Ørsted", ",offer,", "Utrecht", "Globex")] == [True, True, True, False]
    assert set(re.findall(r'data-id="([^"]+)" data-version="2"', answer.text)) == {first, second}
    assert "2 changed back" in undone.text
    assert sorted(strip_times(record_forms.alice.csv())) == sorted(strip_times(before))


def strip_times(table: str) -> list[str]:
    return re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "", table).splitlines()


# What was typed, or copied from another program, and what it means here.
READ = [
    ("status", "no response", "no answer"),
    ("status", "✅ Applied", "applied"),
    ("work_mode", "remot", "remote"),
    ("work_mode", "ON SITE", "on-site"),
    ("applied_on", "24 Nov 2026", "2026-11-24"),
    ("applied_on", "24.11.2026", "2026-11-24"),
    ("deadline_on", "November 24th, 2026", "2026-11-24"),
    ("excitement", "★★★★", "4"),
    ("excitement", "8/10", ""),
    ("excitement", "4/5", "4"),
    ("tags", "python; sql, go", "python; sql; go"),
    ("title", "  Platform   engineer ", "Platform engineer"),
    ("title", "=Engineer", "'=Engineer"),
    ("location", "", ""),
]


def values(record_forms: RecordForms, company: str) -> dict[str, str]:
    """The stored values of the application at ``company``, by their columns."""
    [row] = [row for row in csv.DictReader(io.StringIO(record_forms.alice.csv())) if row["company"] == company]
    return row


def test_a_cell_is_read_as_imports_read_it(record_forms) -> None:
    records = [record_forms.alice.add(company=f"At {number}", location="Berlin") for number in range(len(READ))]

    send(record_forms, *([record, 1, {field: text}] for record, (field, text, _) in zip(records, READ, strict=True)))

    stored = [values(record_forms, f"At {number}")[field] for number, (field, _, _) in enumerate(READ)]
    assert stored == [expected for _, _, expected in READ]


def test_day_or_month_comes_first_in_a_whole_column(record_forms) -> None:
    companies = [f"At {number}" for number in range(3)]
    records = [record_forms.alice.add(company=company) for company in companies]
    texts = ["3/24/2026", "3/4/2026", "1/12/2026"]

    send(record_forms, *([record, 1, {"applied_on": text}] for record, text in zip(records, texts, strict=True)))
    alone = send(record_forms, [records[2], 2, {"applied_on": "3/4/2026"}])

    assert [values(record_forms, company)["applied_on"] for company in companies] == [
        "2026-03-24",
        "2026-03-04",
        "2026-04-03",
    ]
    assert message(alone) == "1 cell changed."


PAY = [
    ("85000-95000 EUR per year", ("85000", "95000", "EUR", "year")),
    ("€85–95k", ("85000", "95000", "EUR", "month")),
    ("70,000", ("70000", "", "USD", "month")),
    ("up to 45 GBP per hour", ("", "45", "GBP", "hour")),
    ("", ("", "", "", "")),
    ("80k plus a car", ("1", "2", "USD", "month")),
]


def test_pay_in_one_cell_is_read_into_its_fields(record_forms) -> None:
    pay = {"salary_min": "1", "salary_max": "2", "salary_currency": "USD", "salary_period": "month"}
    records = [record_forms.alice.add(company=f"At {number}", **pay) for number in range(len(PAY))]

    send(record_forms, *([record, 1, {"salary_min": text}] for record, (text, _) in zip(records, PAY, strict=True)))

    stored = [values(record_forms, f"At {number}") for number in range(len(PAY))]
    assert [tuple(row[name] for name in pay) for row in stored] == [expected for _, expected in PAY]


def test_what_does_not_fit_is_named_and_left_and_the_rest_is_set(record_forms) -> None:
    record = record_forms.alice.add(company="Weißdorn", salary_min="8", applied_on="2026-11-24")

    texts = {"status": "foo", "applied_on": "soonish", "company": "", "location": "Köln", "salary_max": "7"}
    answer = send(record_forms, [record, 1, {**texts, "salary_currency": "Euros"}])

    assert message(answer) == (
        "1 cell changed, 5 left: Status of Weißdorn: “foo” is no stage. Applied of Weißdorn: “soonish” is no date. "
        "Company of Weißdorn can’t be empty. Currency of Weißdorn: “Euros”. Enter the currency's three-letter code, "
        "for example EUR or USD. Salary up to of Weißdorn: This must not be lower than “Salary”."
    )
    assert "data-lasting" in answer.text
    assert "Weißdorn" in record_forms.alice.csv()
    assert "Köln" in record_forms.alice.csv()
    assert ",2026-11-24," in record_forms.alice.csv()


def test_many_cells_of_a_field_that_were_left_for_one_reason_are_named_together(record_forms) -> None:
    records = [record_forms.alice.add(company=f"At {number}") for number in range(4)]

    answer = send(record_forms, *([record, 1, {"company": "", "status": f"foo {record[:4]}"}] for record in records))

    assert message(answer).startswith("Nothing was changed, 8 left: Company of 4 rows can’t be empty. Status of At ")
    assert message(answer).count("is no stage.") == 4


def test_a_row_that_changed_somewhere_else_is_left_and_shown_as_it_is_now(record_forms) -> None:
    stale, fresh = record_forms.alice.add(company="Globex"), record_forms.alice.add(company="Initech")
    record_forms.alice.change(stale, title="From the other tab")

    answer = send(record_forms, [stale, 1, {"title": "Mine", "location": "X"}], [fresh, 1, {"title": "Mine"}])

    assert message(answer) == "1 cell changed, 2 left: Globex changed somewhere else, so nothing was set there."
    assert "From the other tab" in answer.text
    assert record_forms.alice.csv().count("Mine") == 1


def test_what_a_cell_holds_already_is_no_change(record_forms) -> None:
    record = record_forms.alice.add(company="Globex", applied_on="2026-11-24", status="no answer")

    answer = send(
        record_forms, [record, 1, {"company": "Globex", "applied_on": "24 Nov 2026", "status": "No response"}]
    )

    assert message(answer) == "Nothing was changed: these cells hold that already."
    assert record_forms.alice.version(record) == "1"


def test_links_are_read_by_the_names_of_records(record_forms) -> None:
    application = record_forms.alice.add(company="Ørsted", title="Engineer")
    interview = record_forms.add("interviews", application_id=application, starts_at="2026-12-01T10:00")
    other = record_forms.alice.add(company="Globex", title="Analyst")

    answer = send(record_forms, [interview, 1, {"application_id": "globex analyst"}], plural="interviews")
    refused = send(record_forms, [interview, 2, {"application_id": "Nobody"}], plural="interviews")

    assert message(answer) == "1 cell changed."
    assert f'href="/applications/{other}"' in record_forms.page("interviews", interview)
    assert "“Nobody” is no application of yours." in message(refused)


def test_w1_so_many_parts_of_names_are_looked_up_in_one_request_at_most(record_forms, monkeypatch) -> None:
    monkeypatch.setattr(reading, "MOST_COMPARED", 3)
    for company in ("Globex", "Initech"):
        record_forms.alice.add(company=company, title="Engineer")
    contacts = [record_forms.add("contacts", name=f"Contact {number}") for number in range(3)]
    names = ["glob", "initech", "Initech · Engineer"]

    answer = send(
        record_forms,
        *([contact, 1, {"application_ids": name}] for contact, name in zip(sorted(contacts), names, strict=True)),
        plural="contacts",
    )

    assert "2 cells changed, 1 left" in message(answer)
    assert "“initech” is only a part of a name, and there are too many of those here" in unescape(answer.text)


def test_without_htmx_the_answer_leads_to_the_list(record_forms) -> None:
    record = record_forms.alice.add()

    answer = send(record_forms, [record, 1, {"location": "Utrecht"}], htmx=False, query="sort=company")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/applications?sort=company")
    assert "1 cell changed." in record_forms.alice.get("/applications").text


@pytest.mark.parametrize(
    "sent", ["", "[]", "{}", "[[1,2,3]]", '[["x",1,{"title":"y"}]]', '[["{id}",1,{"nothing":"y"}]]']
)
def test_w1_what_cannot_be_read_is_refused(record_forms, sent: str) -> None:
    record = record_forms.alice.add()

    answer = record_forms.alice.post("/applications/cells", htmx=True, cells=sent.replace("{id}", record))

    assert answer.status_code == 422
    assert "Nothing was changed" in answer.text


@pytest.mark.parametrize("bound", ["MAX_RECORDS", "MAX_CELLS"])
def test_w1_one_request_sets_so_many_cells_at_most(record_forms, monkeypatch, bound: str) -> None:
    monkeypatch.setattr(routes, bound, 1)
    rows = [[record_forms.alice.add(), 1, {"title": "x", "location": "y"}] for _ in range(2)]

    assert send(record_forms, *rows).status_code == 422
    assert "Site reliability engineer" in record_forms.alice.csv()


def test_w1_one_record_sent_thousands_of_times_takes_no_time_with_the_square_of_their_number(record_forms) -> None:
    record = record_forms.alice.add()
    cells = json.dumps([[record, 1, {f"{number:x}": ""}] for number in range(30_000)], separators=(",", ":"))
    data = {"cells": cells, "csrf_token": record_forms.alice.token("/import")}
    post = record_forms.alice.client.post

    with takes_at_most(hashes=7):
        answer = post("/applications/cells", data=data, content_type="multipart/form-data")

    assert answer.status_code == 422


def test_c1_a_strangers_record_is_an_unknown_record_and_nothing_is_set(alice, bob) -> None:
    theirs, own = alice.add(company="Globex"), bob.add(company="Initech")

    answer = send(RecordForms(bob), [own, 1, {"title": "Stolen"}], [theirs, 1, {"title": "Stolen"}])

    assert answer.status_code == 404
    assert "Stolen" not in alice.csv() + bob.csv()


def test_a_new_status_goes_to_the_timeline_and_its_undo_removes_it(record_forms) -> None:
    record = record_forms.alice.add(company="Globex")

    answer = send(record_forms, [record, 1, {"status": "Applied"}])
    entries = len(record_forms.ids("events"))
    undo(record_forms, answer)

    assert (entries, len(record_forms.ids("events"))) == (1, 0)
