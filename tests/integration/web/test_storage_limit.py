"""How much a person keeps is shown; a warning comes before the limit, and at the limit nothing more is accepted."""

import io
from types import SimpleNamespace

import msgspec
import pytest
from sqlalchemy import event

from tests.support.factories import table
from tests.support.people import Person
from tmr import create_app
from tmr.web import storage_limit

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 1_000


@pytest.fixture
def tight(services, monkeypatch) -> Person:
    """An account with room for three documents, counted again for each request."""
    monkeypatch.setattr(storage_limit, "REMEMBERED_SECONDS", 0.0)
    settings = msgspec.structs.replace(services.settings, storage_limit=900_000)
    return Person(create_app(msgspec.structs.replace(services, settings=settings)), "tight@example.org").sign_up()


def add_document(person: Person):
    return person.post("/documents", page="/documents", file=(io.BytesIO(PDF), "letter.pdf"))


def test_what_is_kept_is_shown_by_what_it_is(alice) -> None:
    before = alice.get("/settings/privacy").text
    add_document(alice)
    alice.change(alice.add(notes="x" * 3_000), notes="y" * 3_000)
    page = alice.get("/settings/privacy").text

    assert "0 kB of" in before
    assert "files 25" in page.replace("\n", " ")
    assert "earlier versions 0 kB" not in page


def test_the_limit_stops_what_adds_and_lets_tidying_go_on(tight: Person) -> None:
    record = tight.add(notes="small")
    for _ in range(3):
        assert add_document(tight).status_code == 303
    assert "nearly full" not in tight.get("/today").text

    full = add_document(tight)

    assert full.status_code == 413
    assert "Your storage is full" in full.text
    assert tight.upload(table({"company": "A", "title": "B"}) + b"x" * 300_000).status_code == 413
    assert tight.change(record, notes="a small edit").status_code == 303
    assert tight.post(f"/applications/{record}/delete").status_code == 303
    assert tight.post("/settings/privacy/export").status_code == 200


@pytest.mark.parametrize(
    ("total_mb", "free_mb", "is_refused"), [(50_000, 400, True), (50_000, 600, False), (400, 30, False)]
)
def test_w1_the_last_of_the_disk_is_kept_for_edits_deletions_and_exports(
    alice, monkeypatch, caplog, total_mb: int, free_mb: int, is_refused: bool
) -> None:
    disk = SimpleNamespace(total=total_mb * 1024**2, free=free_mb * 1024**2)
    monkeypatch.setattr(storage_limit.shutil, "disk_usage", lambda _folder: disk)
    refused = [add_document(alice), alice.upload(table({"company": "A", "title": "B"}) + b" " * 20_000)]

    assert [answer.status_code for answer in refused] == ([503, 503] if is_refused else [303, 303])
    assert [("disk is nearly full" in answer.text) for answer in refused] == [is_refused] * 2
    assert ("disk is nearly full" in caplog.text) is is_refused
    record = alice.add(notes="small")
    assert alice.post("/settings/privacy/export").status_code == 200
    assert alice.post(f"/applications/{record}/delete").status_code == 303


def test_a_warning_comes_before_the_limit_is_reached(tight: Person, monkeypatch) -> None:
    monkeypatch.setattr(storage_limit, "REMEMBERED_SECONDS", 60.0)
    for _ in range(3):
        add_document(tight)

    assert "nearly full" in tight.get("/applications").text
    assert "nearly full" not in tight.get("/login").text


def test_counting_is_done_once_a_minute(alice, services, admin) -> None:
    counted = []
    engine = services.repository._engine

    def note(_connection, _cursor, statement, *_rest) -> None:
        if "file_chunks" in statement:
            counted.append(statement)

    event.listen(engine, "before_cursor_execute", note)

    for _ in range(5):
        alice.add()

    assert len(counted) <= 1
