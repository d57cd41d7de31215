"""The history of a record: what each version changed, bringing one back, forgetting all of them."""

import datetime as dt
import io
import re
from uuid import UUID

import pytest

from tests.support.factories import application
from tests.support.kinds import RecordForms
from tmr.domain.kinds import KINDS
from tmr.domain.kinds.application import APPLICATION
from tmr.repository.history.versions import MOST_VERSIONS

DAY = dt.datetime(2026, 1, 5, 12, tzinfo=dt.UTC)


@pytest.fixture
def record_forms(alice) -> RecordForms:
    return RecordForms(alice)


def history(record_forms: RecordForms, plural: str, record_id: str) -> list[str]:
    """What each version says, the newest first."""
    page = record_forms.alice.get(f"/{plural}/{record_id}/history").text
    lines = re.findall(r'<div class="about">(.*?)</div>', page, re.S)
    assert re.findall(r'<span class="tag">(.*?)</span>', page.partition(lines[0])[0]) == [
        "now"
    ]  # the first, and no other
    assert page.count('<span class="tag">now</span>') == 1
    return [" ".join(re.sub(r"<[^>]*>", " ", line).split()) for line in lines]


def test_each_version_says_what_it_changed_and_can_be_brought_back(record_forms, clock) -> None:
    record_id = record_forms.alice.add(company="Globex", location="Ghent")
    for values in ({"location": "Utrecht", "company": "Initech"}, {"location": ""}):
        clock.turn(minutes=1)
        record_forms.alice.change(record_id, **values)
    listed = history(record_forms, "applications", record_id)
    clock.turn(minutes=1)

    back = record_forms.alice.post(f"/applications/{record_id}/history", version="1")

    assert listed[0] == "Location: Utrecht → became empty"
    assert "Company: Globex → became Initech" in listed[1]
    assert listed[2] == "Added, or the first version that is kept"
    assert back.headers["Location"] == f"/applications/{record_id}"
    page = record_forms.alice.get(f"/applications/{record_id}").text
    assert "Globex" in page
    assert "Ghent" in page
    record_forms.alice.post("/undo")
    assert "Initech" in record_forms.alice.get(f"/applications/{record_id}").text


def test_what_a_version_brings_back_follows_as_if_it_was_typed(record_forms, clock) -> None:
    record_id = record_forms.alice.add()
    record_forms.alice.change(record_id, status="applied")
    record_forms.alice.change(record_id, status="rejected")
    before = record_forms.ids("events")

    record_forms.alice.post(f"/applications/{record_id}/history", version="2")

    assert len(record_forms.ids("events") - before) == 1


def test_w1_a_history_of_long_texts_stays_a_small_page_that_shows_where_they_differ(
    alice, record_forms, services
) -> None:
    with services.repository.for_owner(alice.owner) as uow:
        record = uow.records.add(APPLICATION, application(notes="word " * 9_000), DAY)
        for number in range(MOST_VERSIONS):
            values = {"notes": "word " * 9_000 + f"end {number}", "job_description": f"{number} " + "text " * 9_000}
            [record] = uow.records.locked(APPLICATION, [record.id])
            uow.records.write_many([(record, values)], DAY)
        uow.commit()

    answer = alice.get(f"/applications/{record.id}/history")
    listed = history(record_forms, "applications", str(record.id))

    assert len(answer.data) < 1_000_000
    assert len(listed) == MOST_VERSIONS + 1
    assert re.search(r"…(word )+end 48 → became …(word )+end 49", listed[0])
    assert "49 text" in listed[0]


def test_an_earlier_file_is_kept_and_comes_back(record_forms) -> None:
    document = record_forms.add("documents", name="CV", file=(io.BytesIO(b"My life"), "cv.txt"))
    record_forms.change("documents", document, file=(io.BytesIO(b"Another life"), "cv2.txt"))

    record_forms.alice.post(f"/documents/{document}/history", version="1")

    assert record_forms.alice.get(f"/documents/{document}/file").data == b"My life"


def test_forgetting_leaves_the_record_as_it_is_and_nothing_of_what_it_was(record_forms, admin) -> None:
    """Seen failing with steps that stayed: an undo of the last change was refused from then on."""
    other = record_forms.alice.add(company="Initech")
    record_id = record_forms.alice.add(company="Globex")
    record_forms.alice.change(record_id, notes="What should never have been written")
    record_forms.alice.change(record_id, notes="")

    answer = record_forms.alice.post(f"/applications/{record_id}/history", forget="1")

    assert answer.headers["Location"] == f"/applications/{record_id}/history"
    assert admin.execute("SELECT count(*) FROM record_versions").fetchone() == (0,)
    assert history(record_forms, "applications", record_id) == ["Added, or the first version that is kept"]
    record_forms.alice.post("/undo")
    assert record_forms.alice.get(f"/applications/{record_id}").status_code == 200
    assert record_forms.alice.get(f"/applications/{other}").status_code == 404


@pytest.mark.parametrize("version", ["", "x", "9", "-1", "1" * 30])
def test_a_version_that_is_not_kept_is_not_found(record_forms, version: str) -> None:
    record_id = record_forms.alice.add()

    assert record_forms.alice.post(f"/applications/{record_id}/history", version=version).status_code == 404


def test_the_last_fifty_versions_of_a_record_are_kept(services, owner, clock) -> None:
    with services.repository.for_owner(owner) as uow:
        record = uow.records.add(APPLICATION, application(), clock())
        for number in range(MOST_VERSIONS + 2):
            stored = uow.records.get_for_edit(APPLICATION, record.id)
            uow.records.write(stored, {"title": str(number)}, None, clock())

        kept = [earlier.version for earlier in uow.records.history.of(uow.records.get(APPLICATION, record.id))]

    assert kept == list(range(MOST_VERSIONS + 2, 2, -1))


@pytest.mark.parametrize("plural", ["interviews", "offers"])
def test_a_version_whose_application_is_gone_comes_back_for_the_application_of_now(
    record_forms, clock, plural: str
) -> None:
    """Seen failing: it came back without any, and Today, the board and the calendar answered with an error."""
    gone, there = (record_forms.alice.add(company=name) for name in ("Globex", "Initech"))
    day = f"{clock() + dt.timedelta(days=2):%Y-%m-%d}"
    first = {"interviews": {"starts_at": f"{day}T10:00", "kind": "video"}, "offers": {"base": "50000"}}[plural]
    record_id = record_forms.add(plural, application_id=gone, **first)
    record_forms.change(plural, record_id, application_id=there, notes="Other")
    record_forms.alice.post(f"/applications/{gone}/delete")

    back = record_forms.alice.post(f"/{plural}/{record_id}/history", version="1")

    assert back.status_code == 303
    assert "Initech" in record_forms.page(plural, record_id)
    assert "Other" not in record_forms.page(plural, record_id)


def test_records_without_the_application_that_they_need_are_shown_everywhere(
    alice, record_forms, services, clock
) -> None:
    """An earlier release brought back versions so. Seen failing with 500 on Today, board, calendar and its own page."""
    application_id = alice.add()
    day = f"{clock() + dt.timedelta(days=2):%Y-%m-%d}"
    made = {
        "interviews": record_forms.add("interviews", application_id=application_id, starts_at=f"{day}T10:00"),
        "offers": record_forms.add("offers", application_id=application_id, deadline_on=day, base="50000"),
    }
    with services.repository.for_owner(alice.owner) as uow:
        for plural, record_id in made.items():
            [record] = uow.records.locked(KINDS[plural], [UUID(record_id)])
            uow.records.write_many([(record, {"application_id": None})], clock())
        uow.commit()

    pages = ["today", "board", "calendar", "activity", "insights", "questions", "report", "offers/compare", "companies"]
    pages += [page for plural, record_id in made.items() for page in (plural, f"{plural}/{record_id}")]
    answers = {page: alice.get(f"/{page}").status_code for page in pages}

    assert set(answers.values()) == {200}, answers
    assert alice.get("/export/interviews.csv").status_code == 200
