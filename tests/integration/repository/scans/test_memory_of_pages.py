"""[W1] What a page holds of an account is what it shows: its summaries may be hundreds of megabytes."""

import datetime as dt
import tracemalloc

from tests.support.factories import application
from tmr.domain.fields.own import OwnField
from tmr.domain.kinds.application import APPLICATION
from tmr.records.board import board
from tmr.repository.records.records import NewRecord

RECORDS, FIELDS = 200, 30
MOST = 14_000_000  # where the texts of all records are 24 MB, and a page with 25 of them takes ten
PAGES = (
    "/applications?sort=own_0&group=status",
    "/board",
    "/today",
    "/calendar",
    "/insights",
    "/settings/pipeline",
    "/companies",
)


def fill(services, owner, now) -> None:
    """Give an account records with as many own fields as there can be, each at its longest."""
    with services.repository.for_owner(owner) as uow:
        for number in range(FIELDS):
            uow.own_fields.add(OwnField("applications", f"own_{number}", f"Text {number}", "text"), now)
        long = "\N{GRINNING FACE}" + "a" * 999  # one letter of four bytes makes four of each
        texts = {f"own_{number}": long for number in range(FIELDS)}
        values = application(**texts, deadline_on=now.date().isoformat())
        ages = (now - number * dt.timedelta(seconds=1) for number in range(RECORDS))
        uow.records.add_many(APPLICATION, [NewRecord(values, added, now) for added in ages])
        uow.commit()


def test_w1_no_page_holds_the_texts_of_all_records(alice, services, clock, monkeypatch) -> None:
    """An attack found it: 9,900 records with 306 MB of texts, or a third of that in wide letters, took 1.3 GB."""
    monkeypatch.setattr(board, "MOST_CARDS", 50)
    for path in PAGES:
        alice.get(path)  # what the first page loads does not count
    fill(services, alice.owner, clock())
    peaks = {}

    for path in PAGES:
        tracemalloc.start()
        answer = alice.get(path)
        peaks[path] = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert answer.status_code == 200

    assert {path: peak for path, peak in peaks.items() if peak > MOST} == {}
