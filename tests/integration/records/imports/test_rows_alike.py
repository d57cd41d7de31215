"""Files whose rows are alike: each row is compared with few others, so that a file takes seconds and not hours."""

import datetime as dt
from uuid import UUID, uuid4

import pytest

from tests.integration.records.imports.test_import_cases import rows_of
from tests.support.measuring.processor_time import takes_at_most
from tmr.domain.importing import duplicates
from tmr.domain.importing.rows.draft import Step
from tmr.domain.kinds.application import APPLICATION
from tmr.domain.kinds.event import EVENT, status_event
from tmr.records.imports.run import bundle_of, preview
from tmr.records.imports.staged_file import Source
from tmr.records.imports.tables import linking
from tmr.records.imports.tables.stored_steps import StoredSteps
from tmr.repository.records.records import NewRecord

NOW = dt.datetime(2026, 1, 5, tzinfo=dt.UTC)


def test_f2_once_many_names_were_looked_at_only_whole_names_are_linked(alice, monkeypatch) -> None:
    """Seen failing: the words of each row were looked for in the names of all records, for hours with one file."""
    alice.bring(b"Company,Title\nGlobex,Clerk\nInitech,Cook")
    monkeypatch.setattr(linking, "MOST_LOOKED_AT", 0)

    alice.bring(b"Name,Applications,Notes\nAnn,Globex,\nBo,Initech,\nCy,Initech Cook,\nDi,Globex,", kind="contacts")

    linked = {row["name"]: (bool(row["application_ids"]), row["notes"]) for row in rows_of(alice, "contacts")}
    assert linked == {
        "Ann": (True, ""),
        "Bo": (False, "Applications: Initech"),
        "Cy": (True, ""),
        "Di": (True, ""),  # asked before
    }


def test_f2_new_steps_of_a_long_timeline_take_no_square_of_it(alice, services) -> None:
    """Seen failing with 2 s: each step was compared with all that are stored, and there can be 20,000 of both."""
    alice.bring(b"Company,Title\nGlobex,Clerk")
    with services.repository.for_owner(alice.owner) as uow:
        application = UUID(bytes=next(iter(uow.records.scan(APPLICATION))).id)
        values = status_event(application, None, "applied", "2026-01-02T00:00:00Z")
        uow.records.add_many(EVENT, (NewRecord(values, NOW, NOW, uuid4()) for _ in range(4_000)))
        stored = StoredSteps(uow)
        assert not stored.lacks(application, Step("applied", "2026-01-02T09:00:00Z"))
        new = [Step("rejected", f"2026-01-{day}T00:00:00Z") for day in ("01", "03") for _ in range(2_000)]

        with takes_at_most(hashes=3):
            made = stored.events(application, [step for step in new if stored.lacks(application, step)])

        assert [made[at]["from_stage"] for at in (0, -1)] == [None, "applied"]


@pytest.mark.parametrize("url", ["", "https://a.example/jobs/1"])
def test_f2_rows_with_one_name_take_no_square_of_those_that_are_stored(url) -> None:
    """Seen failing with 4 s and 2 s: each row was compared with every stored record of its name or link."""
    known = duplicates.Duplicates(APPLICATION, [])
    for number in range(1_500):
        known.put(uuid4(), known.marks({"company": "A", "title": "B", "location": f"Town {number}", "url": url}))
    rows = [{"company": "A", "title": "B", "location": f"Place {number}", "url": url} for number in range(1_500)]

    with takes_at_most(hashes=5):
        found = [known.find_stored(known.marks(row)) for row in rows]
    [same] = known.find_stored(known.marks({**rows[0], "location": "Town 1499"}))[-1:]

    assert not any(found)
    assert same


def test_every_record_of_an_export_is_found_again_though_many_have_one_name(alice, clock, monkeypatch) -> None:
    for _ in range(6):
        alice.post("/tasks", title="Follow up")
        clock.turn(seconds=1)
    alice.csv()  # which confirms who asks
    monkeypatch.setattr(duplicates, "MOST_ALIKE", 2)

    result = alice.bring(alice.post("/settings/privacy/export").data, "export.zip")

    assert (result["added"], result["skipped"]) == (0, 6)


def test_f2_rows_that_are_added_all_the_same_are_looked_up(alice, services) -> None:
    """Seen failing with 3 s: each of 20,000 rows was looked for in a list, and a form can name 150,000."""
    place = alice.upload(b"Company,Title\n" + b"Globex,Clerk\n" * 1_000).headers["Location"]
    with services.repository.for_owner(alice.owner) as uow:
        stored_import = uow.imports.get(UUID(place.rpartition("/")[2]))
        bundle = bundle_of(uow, stored_import)
        bundle.plans[0].added_anyway = [3, *range(100_000, 400_000)]

        with takes_at_most(hashes=6):
            result = preview(uow, Source(uow, stored_import.id), bundle).result

        assert (result.added, result.skipped) == (2, 998)


def test_a_log_that_brings_many_entries_renews_the_statistics(alice, admin) -> None:
    """Seen failing: the page of the application took the database over five seconds, and so was a 503."""
    first = dt.date(2020, 1, 1)
    words = enumerate(["Applied", "Offer"] * 250)
    steps = (f"Globex,Clerk,{word},{first + dt.timedelta(days=at)}" for at, word in words)
    admin.execute("ANALYZE records")
    counted = "SELECT reltuples FROM pg_class WHERE relname = 'records'"
    [before] = admin.execute(counted).fetchone()

    alice.bring("\n".join(["Company,Title,Status,Date", *steps]).encode(), rows_are="steps")

    assert admin.execute(counted).fetchone()[0] > before + 400
