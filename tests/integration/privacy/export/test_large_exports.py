"""Exports that the queue puts together: sealed while they wait, with progress, for a day and no longer."""

import hashlib
import io
import json
import re
import uuid
import zipfile
from functools import partial

import pytest

from tests.support.people import PASSWORD, Person
from tmr.operations.jobs.housekeeping import forget_what_is_due
from tmr.privacy.export.run import LARGE_BYTES, build

EXPORT = "/settings/privacy/export"
CANARY = b"Kanarienvogel-im-Export"


@pytest.fixture
def heavy(alice) -> Person:
    """Alice with more in documents than is put together while one waits."""
    for number in range(LARGE_BYTES // (8 * 1024 * 1024) + 1):
        content = CANARY * (8 * 1024 * 1024 // len(CANARY))
        answer = alice.post("/documents", name=f"CV {number}", file=(io.BytesIO(content), f"cv {number}.txt"))
        assert answer.status_code == 303
    return alice


@pytest.fixture
def carry_out(services, admin, clock):
    def run() -> None:
        query = "DELETE FROM procrastinate_jobs WHERE task_name = 'export' RETURNING args"
        for (arguments,) in admin.execute(query).fetchall():
            build(
                partial(services.repository.for_owner, uuid.UUID(arguments["owner"])),
                uuid.UUID(arguments["export_id"]),
                clock,
            )

    return run


def download(person: Person):
    match = re.search(r"/settings/privacy/exports/[0-9a-f-]{36}\.zip", person.get("/settings/privacy").text)
    assert match
    return person.get(match[0])


def test_w1_an_export_of_many_records_is_queued_as_one_of_large_files_is(alice, monkeypatch) -> None:
    """Seen failing: only files counted, and 125 MB of records were put together in the request."""
    monkeypatch.setattr("tmr.privacy.export.routes.LARGE_BYTES", 200_000)
    small = alice.post(EXPORT)
    for number in range(6):
        alice.add(company=f"C{number}", notes="x" * 45_000)

    large = alice.post(EXPORT)

    assert (small.status_code, large.status_code) == (200, 303)
    assert "Your export is being prepared" in alice.get("/settings/privacy").text


def test_an_export_is_queued_shown_built_and_downloaded(heavy, carry_out, admin) -> None:
    answer = heavy.post(EXPORT)
    assert answer.headers["Location"] == "/settings/privacy#export"
    page = heavy.get("/settings/privacy").text
    assert "Your export is being prepared: 0 kB" in page
    assert 'hx-get="/settings/privacy/exports"' in page

    carry_out()
    answer = download(heavy)

    assert answer.headers["Content-Disposition"].startswith('attachment; filename="trackmyroles-')
    assert answer.content_length == len(answer.data)
    with zipfile.ZipFile(io.BytesIO(answer.data)) as zipped:
        manifest = json.loads(zipped.read("manifest.json"))
        assert len(zipped.namelist()) > 16
        for name, entry in manifest["files"].items():
            assert hashlib.sha256(zipped.read(name)).hexdigest() == entry["sha256"]
    assert "hx-get" not in heavy.htmx_get("/settings/privacy/exports").text


def test_an_export_is_sealed_while_it_waits(heavy, carry_out, admin) -> None:
    heavy.post(EXPORT)
    carry_out()

    chunks = [chunk for (chunk,) in admin.execute("SELECT chunk_sealed FROM export_chunks").fetchall()]

    assert chunks
    assert all(CANARY not in chunk and b"PK\x03\x04" not in chunk for chunk in chunks)
    download(heavy)


def test_an_export_is_gone_after_24_hours(heavy, carry_out, clock, job_context, admin) -> None:
    heavy.post(EXPORT)
    carry_out()
    clock.turn(hours=23, minutes=59)
    forget_what_is_due(job_context)
    assert admin.execute("SELECT count(*) FROM exports").fetchone() == (1,)
    clock.turn(minutes=2)

    forget_what_is_due(job_context)

    assert admin.execute("SELECT count(*) FROM export_chunks").fetchone() == (0,)
    heavy.sign_in()
    assert "exports/" not in heavy.get("/settings/privacy").text


def test_downloading_an_export_asks_for_confirmation(heavy, carry_out, clock) -> None:
    heavy.post(EXPORT)
    carry_out()
    clock.turn(minutes=11)

    assert download(heavy).headers["Location"].startswith("/reauthenticate")


def test_an_interrupted_build_shows_how_far_it_came_and_starts_again(heavy, services, admin, clock) -> None:
    heavy.post(EXPORT)
    ((arguments,),) = admin.execute("SELECT args FROM procrastinate_jobs WHERE task_name = 'export'").fetchall()
    owner, export_id = uuid.UUID(arguments["owner"]), uuid.UUID(arguments["export_id"])
    with services.repository.for_owner(owner) as uow:
        uow.exports.set_progress(export_id, 524_286)
        uow.exports.add_chunk(export_id, 0, b"half")
        uow.exports.add_chunk(export_id, 999, b"and beyond the end")
        uow.commit()

    shown = heavy.htmx_get("/settings/privacy/exports").text
    build(partial(services.repository.for_owner, owner), export_id, clock)

    assert "being prepared: 512 kB" in shown
    assert zipfile.ZipFile(io.BytesIO(download(heavy).data)).testzip() is None


def test_erasing_while_an_export_is_built_leaves_nothing(heavy, services, admin, clock) -> None:
    heavy.post(EXPORT)
    ((arguments,),) = admin.execute("SELECT args FROM procrastinate_jobs WHERE task_name = 'export'").fetchall()
    heavy.post("/settings/privacy/erase-data", password=PASSWORD)

    build(
        partial(services.repository.for_owner, uuid.UUID(arguments["owner"])), uuid.UUID(arguments["export_id"]), clock
    )

    assert admin.execute("SELECT count(*) FROM export_chunks").fetchone() == (0,)


def test_a_stranger_gets_nothing(heavy, bob, carry_out) -> None:
    heavy.post(EXPORT)
    carry_out()
    place = re.search(r"/settings/privacy/exports/[0-9a-f-]{36}\.zip", heavy.get("/settings/privacy").text)[0]

    assert bob.get(place).status_code == 404
    assert bob.get("/settings/privacy/exports").status_code == 404
