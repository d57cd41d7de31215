"""Imports, exports and downloads of locked records: done in the request that asks, and never by a worker."""

import io
import re
import zipfile
from types import SimpleNamespace
from uuid import UUID

import pytest

from tests.support.factories import table
from tests.support.locked import lock
from tests.support.people import PASSWORD, Person, counts, htmx_headers
from tmr.operations.jobs.imports import carry_out_import
from tmr.operations.jobs.tasks import _mail_on_last_failure
from tmr.repository.errors import LockedError

ROWS = 1_200
CANARY = b"Narwhal in a document\n"


@pytest.fixture
def there(alice, services, clock) -> Person:
    """Alice, who has the lock on, in a browser in which her records are open."""
    alice.add(company="Narwhal")
    alice.post("/documents", name="Letter", file=(io.BytesIO(CANARY), "letter.txt"))
    lock(services.repository, alice.owner, clock(), PASSWORD)
    return alice.elsewhere()


def accept_large(person: Person) -> str:
    rows = ({"company": f"C{number}", "title": "T"} for number in range(ROWS))
    place = person.upload(table(*rows)).headers["Location"]
    assert person.post(place).status_code == 303
    return place


def jobs(admin) -> list[str]:
    """What waits in the queue but for mails and what locking itself asks for."""
    others = ["mail", "reseal", "publish"]
    rows = admin.execute("SELECT task_name FROM procrastinate_jobs WHERE task_name <> ALL (%s)", (others,))
    return [name for (name,) in rows.fetchall()]


def asks_for(page: str, place: str) -> bool:
    """Whether a page has large work done as soon as it is there, with a button for it where no script runs."""
    return len(re.findall(rf'action="{place}"', page)) == 2 and f'hx-post="{place}" hx-trigger="load"' in page


def test_a_large_import_is_carried_out_in_the_request_that_its_page_makes(there, admin) -> None:
    place = accept_large(there)
    page = there.get(place).text

    assert jobs(admin) == []
    assert asks_for(page, f"{place}/run")
    assert "We have stopped trying" not in page
    assert there.post(f"{place}/run").headers["Location"] == place
    assert counts(there.get(place).text, "import-result")["added"] == ROWS


def test_so_is_its_undo(there, admin) -> None:
    place = accept_large(there)
    there.post(f"{place}/run")
    assert counts(there.get(place).text, "import-result")["added"] == ROWS

    there.post(f"{place}/undo")
    assert asks_for(there.get(place).text, f"{place}/run")
    there.post(f"{place}/run")

    assert jobs(admin) == []
    assert there.get("/applications").text.count("data-id=") == 1


def test_an_import_that_another_tab_carries_out_is_left_to_it(there, services) -> None:
    place = accept_large(there)
    token = there.token("/settings")
    with services.repository.for_owner(there.owner) as other:
        with pytest.raises(LockedError):  # it is taken up before it is read
            other.imports.take_up(UUID(place.rpartition("/")[2]))
        answer = there.client.post(f"{place}/run", data={"csrf_token": token}, headers=htmx_headers())

    assert answer.status_code == 204
    there.post(f"{place}/run")
    there.post(f"{place}/run")
    assert counts(there.get(place).text, "import-result")["added"] == ROWS


def test_while_the_records_are_closed_nothing_of_it_runs(there, alice) -> None:
    place = accept_large(there)

    assert alice.post(f"{place}/run", page="/settings").status_code == 423
    assert "import-progress" in there.get(place).text


def test_a_large_export_is_built_in_the_request_that_its_page_makes(there, alice, admin, monkeypatch) -> None:
    monkeypatch.setattr("tmr.privacy.export.routes.LARGE_BYTES", 1)
    assert there.post("/settings/privacy/export", page="/settings").status_code == 303
    page = there.get("/settings/privacy").text
    [run] = set(re.findall(r'action="(/settings/privacy/exports/[0-9a-f-]+/run)"', page))

    assert jobs(admin) == []
    assert asks_for(page, run)
    assert alice.post(run, page="/settings").status_code == 423
    there.post(run, page="/settings")
    done = there.get("/settings/privacy").text
    [ready] = set(re.findall(r'href="(/settings/privacy/exports/[0-9a-f-]+\.zip)"', done))
    archive = zipfile.ZipFile(io.BytesIO(there.get(ready).data))
    assert b"Narwhal" in archive.read("applications.csv")
    there.post("/lock", page="/settings")
    assert there.get(ready).status_code == 423  # seen failing: a ZIP that broke off


def test_exports_and_files_are_sent_where_the_records_are_open_and_nowhere_else(there, alice) -> None:
    document = re.search(r'href="(/documents/[0-9a-f-]{36})"', there.get("/documents").text)[1]

    assert there.get(f"{document}/file").data == CANARY
    assert "Narwhal" in there.get("/export/applications.csv").text
    whole = there.post("/settings/privacy/export", page="/settings")
    assert b"Narwhal" in zipfile.ZipFile(io.BytesIO(whole.data)).read("applications.csv")
    assert alice.get(f"{document}/file").status_code == 423
    assert alice.get("/export/applications.csv").status_code == 423
    assert alice.post("/settings/privacy/export", page="/settings").status_code == 423


def test_what_is_refused_since_the_records_are_closed_is_no_entry_of_the_log(there, alice, services) -> None:
    alice.get("/export/applications.csv")
    alice.post("/settings/privacy/export", page="/settings")

    with services.repository.for_owner(alice.owner) as uow:
        assert not {entry.event.name for entry in uow.log.list()} & {"exported", "kind-exported"}


def test_proof_2_work_that_a_worker_finds_locked_ends_with_a_mail_and_is_not_tried_again(
    there, services, job_context, letters, admin
) -> None:
    place, owner = accept_large(there), str(there.owner)
    context = SimpleNamespace(job=SimpleNamespace(attempts=0))

    with _mail_on_last_failure(context, job_context, owner, "Your import", place):
        carry_out_import(job_context, there.owner, UUID(place.rpartition("/")[2]))
    told = [letter for letter in letters() if "could not be finished" in letter.subject]

    assert [letter.subject for letter in told] == ["Your import could not be finished"]
    assert "locked before it ran" in told[0].text
    assert f"again at {services.settings.base_url}{place}\n" in told[0].text
    assert jobs(admin) == []
    there.post(f"{place}/run")
    assert counts(there.get(place).text, "import-result")["added"] == ROWS
