"""The invented search: as much of everything as promised, and nothing in it that a form would refuse."""

import datetime as dt
import re
from collections import Counter

import pytest

from tmr.domain.demo import DemoItem, DemoSearch, demo_search, one_page_pdf
from tmr.domain.fields.files import file_type_of
from tmr.domain.fields.types.links import Link
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
    return [application for application in search.of("applications") if stages[application.texts["status"]].is_open]


def test_there_is_as_much_as_promised(search: DemoSearch) -> None:
    counts = Counter(item.kind for item in search.items)

    assert counts.pop("events") > 140
    assert counts == {
        "applications": 60, "contacts": 18, "interviews": 14, "tasks": 20, "offers": 2, "documents": 3
    }  # fmt: skip
    assert Counter(application.texts["status"] for application in search.of("applications")) == {
        "saved": 12, "applied": 16, "screening": 5, "interviewing": 5, "offer": 2,
        "rejected": 10, "withdrawn": 3, "no answer": 7,
    }  # fmt: skip


def test_every_text_is_one_that_a_form_takes(search: DemoSearch) -> None:
    for item in search.items:
        if item.kind not in KINDS:
            assert item.kind == "offers"
            continue
        kind = KINDS[item.kind]
        values, errors = kind.parse(item.texts)
        assert (item.ref, errors) == (item.ref, {})
        assert None not in values.values()
        assert item.texts.keys() <= {field.name for field in kind.editable}
        assert {*kind.required} <= {*values, *item.links}


def test_what_a_field_keeps_is_what_the_text_says(search: DemoSearch) -> None:
    for item in search.items:
        for field in KINDS[item.kind].fields if item.kind in KINDS else ():
            if field.name in item.texts and field.name not in ("employment_type", "work_mode"):
                assert field.type.write(field.type.parse(item.texts[field.name])) == item.texts[field.name]


def test_refs_are_distinct_and_links_lead_to_the_right_kind(search: DemoSearch) -> None:
    seen: dict[str, DemoItem] = {}
    for item in search.items:
        for name, refs in item.links.items():
            kind_of = KINDS[item.kind].by_name[name].type if item.kind in KINDS else Link("application")
            assert isinstance(kind_of, Link)
            assert len(refs) == 1 or kind_of.is_many
            assert {seen[ref].kind for ref in refs} == {BY_KEY[kind_of.target].plural}
        assert item.ref not in seen
        seen[item.ref] = item

    assert max(len(contact.links.get("application_ids", ())) for contact in search.of("contacts")) > 1
    assert all(len(document.links["application_ids"]) > 1 for document in search.of("documents"))


def test_histories_lead_to_the_status_in_order(search: DemoSearch) -> None:
    for application in search.of("applications"):
        events = [event for event in search.of("events") if event.links["application_id"] == [application.ref]]
        moves = [event.texts for event in events if event.texts["type"] == "status"]
        moments = [event.texts["happened_at"] for event in events]
        assert moments == sorted(moments)
        assert len(set(moments)) == len(moments)
        assert moments[0] == application.created_at.strftime("%Y-%m-%dT%H:%M:%SZ")
        assert [move.get("from_stage") for move in moves] == [None, *(move["to_stage"] for move in moves[:-1])]
        assert moves[-1]["to_stage"] == application.texts["status"]
        applied = [move["happened_at"][:10] for move in moves if move["to_stage"] == "applied"]
        assert [application.texts["applied_on"]] == applied if applied else "applied_on" not in application.texts


def test_notes_calls_and_mails_have_words(search: DemoSearch) -> None:
    spoken = [event.texts for event in search.of("events") if event.texts["type"] != "status"]

    assert {texts["type"] for texts in spoken} == {"note", "call", "email"}
    assert all(texts["text"] for texts in spoken)


def test_nothing_has_happened_in_the_future(search: DemoSearch, today: dt.date) -> None:
    midnight = dt.datetime.combine(today, dt.time(), dt.UTC)

    assert all(item.created_at <= midnight and item.created_at.tzinfo is dt.UTC for item in search.items)
    assert all(midnight - item.created_at < dt.timedelta(123) for item in search.items)
    for name in ("happened_at", "done_at", "applied_on", "last_contacted_on"):
        moments = [item.texts[name] for item in search.items if name in item.texts]
        assert moments
        assert max(moments) < today.isoformat()
    for task in search.of("tasks"):
        assert task.texts.get("done_at", "9") > task.created_at.isoformat()


def test_follow_ups_and_deadlines_want_attention(search: DemoSearch, today: dt.date) -> None:
    days = [
        (dt.date.fromisoformat(application.texts["follow_up_on"]) - today).days
        for application in open_applications(search)
        if "follow_up_on" in application.texts
    ]
    deadlines = [
        (dt.date.fromisoformat(application.texts["deadline_on"]) - today).days
        for application in search.of("applications")
        if application.texts["status"] == "saved" and "deadline_on" in application.texts
    ]

    assert {-1, -2, -3, -4} <= set(days)
    assert min(days) == -4
    assert days.count(0) == 2
    assert len(deadlines) == 5
    assert all(0 < day < 10 for day in deadlines)


def test_some_wait_long_for_an_answer(search: DemoSearch, today: dt.date) -> None:
    before = (today - dt.timedelta(20)).isoformat()
    silent = [application for application in search.of("applications") if application.texts["status"] == "applied"]

    assert sum(application.texts["applied_on"] <= before for application in silent) == 8


def test_four_interviews_lie_ahead_and_the_others_are_told(search: DemoSearch, today: dt.date) -> None:
    ahead = [interview for interview in search.of("interviews") if interview.texts["starts_at"] > f"{today}T24"]
    past = [interview for interview in search.of("interviews") if interview not in ahead]

    assert len(ahead) == 4
    assert all(interview.texts["starts_at"][:10] < (today + dt.timedelta(7)).isoformat() for interview in ahead)
    assert all(interview.texts["preparation"] and interview.texts["questions"] for interview in ahead)
    assert {interview.texts["outcome"] for interview in ahead} == {"scheduled"}
    assert [interview.texts["time_zone"] for interview in ahead].count("America/New_York") == 1
    assert all(interview.texts["outcome"] != "scheduled" and interview.texts["thank_you_sent"] for interview in past)
    assert all(interview.texts["starts_at"] < today.isoformat() for interview in past)
    assert all(dt.datetime.fromisoformat(interview.texts["starts_at"]).weekday() < 5 for interview in ahead + past)


def test_tasks_are_done_due_and_ahead(search: DemoSearch, today: dt.date) -> None:
    tasks = search.of("tasks")
    due = [task.texts["due_on"] for task in tasks if "done_at" not in task.texts]

    assert len(due) == 14
    assert sum(day <= today.isoformat() for day in due) == 3
    assert {name for task in tasks for name in task.links} == {"application_id", "contact_id"}
    assert any(not task.links for task in tasks)


def test_offers_can_be_compared(search: DemoSearch, today: dt.date) -> None:
    offers = [offer.texts for offer in search.of("offers")]
    held = {application.ref for application in search.of("applications") if application.texts["status"] == "offer"}

    assert {offer.links["application_id"][0] for offer in search.of("offers")} == held
    assert {offer["decision"] for offer in offers} == {"open"}
    assert len({(offer["currency"], offer["period"]) for offer in offers}) == 2
    assert (today + dt.timedelta(5)).isoformat() in [offer["deadline_on"] for offer in offers]
    assert all(
        offer[name].isdigit() for offer in offers for name in ("base", "bonus", "sign_on", "equity") if name in offer
    )


def test_half_of_the_postings_have_a_description_of_their_own(search: DemoSearch) -> None:
    descriptions = [
        application.texts["job_description"]
        for application in search.of("applications")
        if "job_description" in application.texts
    ]

    assert 28 <= len(descriptions) <= 36
    assert len(set(descriptions)) == len(descriptions)
    assert {text.count("\n\n") + 1 for text in descriptions} == {2, 3, 4, 5}
    assert not any("{" in text for text in descriptions)


def test_closed_reasons_are_only_with_what_is_closed(search: DemoSearch) -> None:
    assert not any("closed_reason" in application.texts for application in open_applications(search))
    assert all(
        "closed_reason" in application.texts
        for application in search.of("applications")
        if application.texts["status"] == "rejected"
    )


def test_documents_are_two_pdfs_and_a_letter(search: DemoSearch) -> None:
    files = {document.texts["name"]: document.file for document in search.of("documents")}

    assert not any(item.file for item in search.items if item.kind != "documents")
    kinds = {name: file_type_of(file[1], file[0]) for name, file in files.items() if file}
    assert list(kinds.values()) == ["application/pdf", "application/pdf", "text/plain"]
    assert [*kinds][:2] == ["Résumé, platform", "Résumé, data"]


@pytest.mark.parametrize("name", ["Résumé, platform", "Résumé, data"])
def test_pdfs_are_valid_and_readable(name: str) -> None:
    pdf = next(
        document.file[1]
        for document in demo_search(TODAY).of("documents")
        if document.texts["name"] == name and document.file
    )

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
    assert len({(application.texts["company"], application.texts["title"]) for application in applications}) == 500
    assert len({application.texts["url"] for application in applications}) == 500
    assert applications[:60] == few.of("applications")
    for kind in ("contacts", "interviews", "tasks", "offers", "documents"):
        assert many.of(kind) == few.of(kind)


@pytest.mark.parametrize("records", [500, 1500])
def test_a_large_search_holds_what_a_small_one_does(records: int) -> None:
    search = demo_search(TODAY, records)

    assert (
        len({(application.texts["company"], application.texts["title"]) for application in search.of("applications")})
        == records
    )
    test_every_text_is_one_that_a_form_takes(search)
    test_nothing_has_happened_in_the_future(search, TODAY)
    last = {
        event.links["application_id"][0]: event.texts["to_stage"]
        for event in search.of("events")
        if event.texts["type"] == "status"
    }
    assert last == {application.ref: application.texts["status"] for application in search.of("applications")}


def test_fewer_records_than_the_others_need_are_not_given() -> None:
    assert demo_search(TODAY, records=3) == demo_search(TODAY)
