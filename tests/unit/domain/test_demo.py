"""The invented search: as much of everything as promised, and nothing in it that a form would refuse."""

import datetime as dt
import re
from collections import Counter

import pytest

from tmr.domain.demo import DemoItem, DemoSearch, demo_search, one_page_pdf
from tmr.domain.fields.files import file_type_of
from tmr.domain.fields.links import Link
from tmr.domain.kinds import BY_KEY, KINDS
from tmr.domain.pipeline.pipeline import DEFAULT_PIPELINE

TODAY = dt.date(2026, 11, 25)
# Every day of a week, a leap day, and both ends of a year: what rounds to working days must hold on all of them.
DAYS = [dt.date(2026, 11, 23) + dt.timedelta(n) for n in range(7)] + [dt.date(2028, 2, 29), dt.date(2027, 1, 1)]


@pytest.fixture(scope="module", params=DAYS, ids=str)
def today(request) -> dt.date:
    return request.param


@pytest.fixture(scope="module")
def search(today: dt.date) -> DemoSearch:
    return demo_search(today)


def open_applications(search: DemoSearch) -> list[DemoItem]:
    stages = DEFAULT_PIPELINE.by_key
    return [one for one in search.of("applications") if stages[one.texts["status"]].is_open]


def test_there_is_as_much_as_promised(search: DemoSearch) -> None:
    found = Counter(one.kind for one in search.items)

    assert found.pop("events") > 140
    assert found == {
        "applications": 60, "contacts": 18, "interviews": 14, "tasks": 20, "offers": 2, "documents": 3
    }  # fmt: skip
    assert Counter(one.texts["status"] for one in search.of("applications")) == {
        "saved": 12, "applied": 16, "screening": 5, "interviewing": 5, "offer": 2,
        "rejected": 10, "withdrawn": 3, "no answer": 7,
    }  # fmt: skip


def test_every_text_is_one_that_a_form_takes(search: DemoSearch) -> None:
    for one in search.items:
        if one.kind not in KINDS:
            assert one.kind == "offers"
            continue
        kind = KINDS[one.kind]
        values, errors = kind.parse(one.texts)
        assert (one.ref, errors) == (one.ref, {})
        assert None not in values.values()
        assert one.texts.keys() <= {field.name for field in kind.editable}
        assert {*kind.required} <= {*values, *one.links}


def test_what_a_field_keeps_is_what_the_text_says(search: DemoSearch) -> None:
    for one in search.items:
        for field in KINDS[one.kind].fields if one.kind in KINDS else ():
            if field.name in one.texts and field.name not in ("employment_type", "work_mode"):
                assert field.type.write(field.type.parse(one.texts[field.name])) == one.texts[field.name]


def test_refs_are_distinct_and_links_lead_to_the_right_kind(search: DemoSearch) -> None:
    seen: dict[str, DemoItem] = {}
    for one in search.items:
        for name, refs in one.links.items():
            kind_of = KINDS[one.kind].by_name[name].type if one.kind in KINDS else Link("application")
            assert isinstance(kind_of, Link)
            assert len(refs) == 1 or kind_of.is_many
            assert {seen[ref].kind for ref in refs} == {BY_KEY[kind_of.target].plural}
        assert one.ref not in seen
        seen[one.ref] = one

    assert max(len(one.links.get("application_ids", ())) for one in search.of("contacts")) > 1
    assert all(len(one.links["application_ids"]) > 1 for one in search.of("documents"))


def test_histories_lead_to_the_status_in_order(search: DemoSearch) -> None:
    for application in search.of("applications"):
        events = [one for one in search.of("events") if one.links["application_id"] == [application.ref]]
        moves = [one.texts for one in events if one.texts["type"] == "status"]
        moments = [one.texts["happened_at"] for one in events]
        assert moments == sorted(moments)
        assert len(set(moments)) == len(moments)
        assert moments[0] == application.created_at.strftime("%Y-%m-%dT%H:%M:%SZ")
        assert [one.get("from_stage") for one in moves] == [None, *(one["to_stage"] for one in moves[:-1])]
        assert moves[-1]["to_stage"] == application.texts["status"]
        applied = [one["happened_at"][:10] for one in moves if one["to_stage"] == "applied"]
        assert [application.texts["applied_on"]] == applied if applied else "applied_on" not in application.texts


def test_notes_calls_and_mails_have_words(search: DemoSearch) -> None:
    spoken = [one.texts for one in search.of("events") if one.texts["type"] != "status"]

    assert {one["type"] for one in spoken} == {"note", "call", "email"}
    assert all(one["text"] for one in spoken)


def test_nothing_has_happened_in_the_future(search: DemoSearch, today: dt.date) -> None:
    midnight = dt.datetime.combine(today, dt.time(), dt.UTC)

    assert all(one.created_at <= midnight and one.created_at.tzinfo is dt.UTC for one in search.items)
    assert all(midnight - one.created_at < dt.timedelta(123) for one in search.items)
    for name in ("happened_at", "done_at", "applied_on", "last_contacted_on"):
        found = [one.texts[name] for one in search.items if name in one.texts]
        assert found
        assert max(found) < today.isoformat()
    for one in search.of("tasks"):
        assert one.texts.get("done_at", "9") > one.created_at.isoformat()


def test_follow_ups_and_deadlines_want_attention(search: DemoSearch, today: dt.date) -> None:
    days = [
        (dt.date.fromisoformat(one.texts["follow_up_on"]) - today).days
        for one in open_applications(search)
        if "follow_up_on" in one.texts
    ]
    deadlines = [
        (dt.date.fromisoformat(one.texts["deadline_on"]) - today).days
        for one in search.of("applications")
        if one.texts["status"] == "saved" and "deadline_on" in one.texts
    ]

    assert {-1, -2, -3, -4} <= set(days)
    assert min(days) == -4
    assert days.count(0) == 2
    assert len(deadlines) == 5
    assert all(0 < day < 10 for day in deadlines)


def test_some_wait_long_for_an_answer(search: DemoSearch, today: dt.date) -> None:
    before = (today - dt.timedelta(20)).isoformat()
    silent = [one for one in search.of("applications") if one.texts["status"] == "applied"]

    assert sum(one.texts["applied_on"] <= before for one in silent) == 8


def test_four_interviews_lie_ahead_and_the_others_are_told(search: DemoSearch, today: dt.date) -> None:
    ahead = [one for one in search.of("interviews") if one.texts["starts_at"] > f"{today}T24"]
    past = [one for one in search.of("interviews") if one not in ahead]

    assert len(ahead) == 4
    assert all(one.texts["starts_at"][:10] < (today + dt.timedelta(7)).isoformat() for one in ahead)
    assert all(one.texts["preparation"] and one.texts["questions"] for one in ahead)
    assert {one.texts["outcome"] for one in ahead} == {"scheduled"}
    assert [one.texts["time_zone"] for one in ahead].count("America/New_York") == 1
    assert all(one.texts["outcome"] != "scheduled" and one.texts["thank_you_sent"] for one in past)
    assert all(one.texts["starts_at"] < today.isoformat() for one in past)
    assert all(dt.datetime.fromisoformat(one.texts["starts_at"]).weekday() < 5 for one in ahead + past)


def test_tasks_are_done_due_and_ahead(search: DemoSearch, today: dt.date) -> None:
    tasks = search.of("tasks")
    due = [one.texts["due_on"] for one in tasks if "done_at" not in one.texts]

    assert len(due) == 14
    assert sum(day <= today.isoformat() for day in due) == 3
    assert {name for one in tasks for name in one.links} == {"application_id", "contact_id"}
    assert any(not one.links for one in tasks)


def test_offers_can_be_compared(search: DemoSearch, today: dt.date) -> None:
    offers = [one.texts for one in search.of("offers")]
    held = {one.ref for one in search.of("applications") if one.texts["status"] == "offer"}

    assert {one.links["application_id"][0] for one in search.of("offers")} == held
    assert {one["decision"] for one in offers} == {"open"}
    assert len({(one["currency"], one["period"]) for one in offers}) == 2
    assert (today + dt.timedelta(5)).isoformat() in [one["deadline_on"] for one in offers]
    assert all(one[name].isdigit() for one in offers for name in ("base", "bonus", "sign_on", "equity") if name in one)


def test_half_of_the_postings_have_a_description_of_their_own(search: DemoSearch) -> None:
    found = [one.texts["job_description"] for one in search.of("applications") if "job_description" in one.texts]

    assert 28 <= len(found) <= 36
    assert len(set(found)) == len(found)
    assert {text.count("\n\n") + 1 for text in found} == {2, 3, 4, 5}
    assert not any("{" in text for text in found)


def test_closed_reasons_are_only_with_what_is_closed(search: DemoSearch) -> None:
    assert not any("closed_reason" in one.texts for one in open_applications(search))
    assert all("closed_reason" in one.texts for one in search.of("applications") if one.texts["status"] == "rejected")


def test_documents_are_two_pdfs_and_a_letter(search: DemoSearch) -> None:
    files = {one.texts["name"]: one.file for one in search.of("documents")}

    assert not any(one.file for one in search.items if one.kind != "documents")
    kinds = {name: file_type_of(file[1], file[0]) for name, file in files.items() if file}
    assert list(kinds.values()) == ["application/pdf", "application/pdf", "text/plain"]
    assert [*kinds][:2] == ["Résumé, platform", "Résumé, data"]


@pytest.mark.parametrize("name", ["Résumé, platform", "Résumé, data"])
def test_pdfs_are_valid_and_readable(name: str) -> None:
    pdf = next(one.file[1] for one in demo_search(TODAY).of("documents") if one.texts["name"] == name and one.file)

    check_pdf(pdf)
    assert b"(Ada Lindqvist) Tj" in pdf
    assert "Berlin · ada@example.org".encode("cp1252") in pdf


def test_a_pdf_escapes_wraps_and_keeps_accents() -> None:
    pdf = one_page_pdf("# Kopf\nZoë (née \\ Øre)\n\n" + "wort " * 60)

    check_pdf(pdf)
    assert "(Zoë (née".encode("cp1252").replace(b"(n", b"\\(n") + b" \\\\ \xd8re\\)) Tj" in pdf
    assert pdf.count(b"Tj T*") == 7
    assert pdf.count(b"/F2 12 Tf") == 1


def check_pdf(pdf: bytes) -> None:
    start = int(pdf.split(b"startxref\n")[1].split(b"\n")[0])
    table = re.match(rb"xref\n0 (\d+)\n((?:\d{10} \d{5} [nf] \n)+)trailer\n", pdf[start:])
    assert table
    entries = [table[2][at : at + 20] for at in range(0, len(table[2]), 20)]
    stream = re.search(rb"/Length (\d+) >>\nstream\n(.*)\nendstream", pdf, re.DOTALL)
    assert pdf.startswith(b"%PDF-")
    assert pdf.endswith(b"%%EOF\n")
    assert len(entries) == int(table[1]) == int(re.findall(rb"/Size (\d+)", pdf)[0])
    assert entries[0] == b"0000000000 65535 f \n"
    for number, entry in enumerate(entries[1:], start=1):
        assert pdf[int(entry[:10]) :].startswith(b"%d 0 obj\n" % number)
    assert stream
    assert int(stream[1]) == len(stream[2])


def test_two_searches_of_one_day_are_equal() -> None:
    assert demo_search(TODAY) == demo_search(TODAY)
    assert demo_search(TODAY, 500) == demo_search(TODAY, 500)


def test_more_records_are_more_applications_and_nothing_else() -> None:
    few, many = demo_search(TODAY), demo_search(TODAY, records=500)
    applications = many.of("applications")

    assert len(applications) == 500
    assert len({(one.texts["company"], one.texts["title"]) for one in applications}) == 500
    assert len({one.texts["url"] for one in applications}) == 500
    assert applications[:60] == few.of("applications")
    for kind in ("contacts", "interviews", "tasks", "offers", "documents"):
        assert many.of(kind) == few.of(kind)


@pytest.mark.parametrize("records", [500, 1500])
def test_a_large_search_holds_what_a_small_one_does(records: int) -> None:
    search = demo_search(TODAY, records)

    assert len({(one.texts["company"], one.texts["title"]) for one in search.of("applications")}) == records
    test_every_text_is_one_that_a_form_takes(search)
    test_nothing_has_happened_in_the_future(search, TODAY)
    last = {
        one.links["application_id"][0]: one.texts["to_stage"]
        for one in search.of("events")
        if one.texts["type"] == "status"
    }
    assert last == {one.ref: one.texts["status"] for one in search.of("applications")}


def test_fewer_records_than_the_others_need_are_not_given() -> None:
    assert demo_search(TODAY, records=3) == demo_search(TODAY)
