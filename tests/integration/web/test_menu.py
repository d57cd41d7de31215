"""The menu: rendered once for everyone, with each person's own counts in it."""

import json
import re
from uuid import uuid4

import msgspec
from sqlalchemy import event

from tests.support.people import Browser, Person
from tmr import create_app
from tmr.repository.database.connections import app_engine
from tmr.repository.repository import Repository
from tmr.repository.unit_of_work import UnitOfWork

COUNT = re.compile(r'<a href="/(\w+)"[^>]* data-count="([^"]+)" aria-label="([^"]+)"')


def counts(person: Person, page: str = "/board") -> dict[str, tuple[str, str]]:
    return {plural: (count, name) for plural, count, name in COUNT.findall(person.get(page).text)}


def test_the_menu_counts_the_records_of_each_kind_that_has_some(alice, bob) -> None:
    before = counts(alice)
    kept = [alice.add(company=name) for name in "ABC"]
    alice.post("/tasks", title="Practise")
    alice.post(f"/applications/{kept[0]}/delete")

    assert before == {}
    assert counts(alice) == {"applications": ("2", "Applications, 2"), "tasks": ("1", "Tasks, 1")}
    assert counts(bob) == {}
    assert counts(alice, "/nowhere") == counts(alice)


def test_the_name_that_the_palette_finds_a_link_by_stays_as_it_was(alice) -> None:
    alice.add()

    [link] = re.findall(r'<a href="/applications"[^>]*data-go="a".*?</a>', alice.get("/board").text, re.S)

    assert re.sub(r"<[^>]+>", "", link).strip() == "Applications"


def test_the_counts_come_with_the_session_and_cost_no_statement(alice, services, clock) -> None:
    alice.add()
    cookie = alice.client.get_cookie("tmr").value
    statements: list[str] = []
    engine = services.repository._engine

    def note(_connection, _cursor, statement, *_others) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        uow = services.repository.claim(cookie, clock())
        assert isinstance(uow, UnitOfWork)
        found = uow.counts_at_claim
        uow.close()
    finally:
        event.remove(engine, "before_cursor_execute", note)

    assert found == {"application": 1}
    assert statements == []


def counted(answer) -> dict[str, int]:
    """Return the counts that an answer to htmx tells the page."""
    return json.loads(answer.headers.get("HX-Trigger", "{}")).get("tmr:counted", {})


def test_an_answer_to_htmx_tells_the_counts_that_it_changed(alice, bob) -> None:
    bob.add()
    kept = alice.add()

    added = alice.post("/applications", htmx=True, company="Acme", title="Engineer")
    saved = alice.post(f"/applications/{kept}", htmx=True, version=1, location="Oslo", cell="location")
    deleted = alice.post(f"/applications/{kept}/delete", htmx=True)
    undone = alice.post(f"/applications/{kept}/undo", htmx=True)

    assert counted(added)["applications"] == 2
    assert counted(saved) == {}
    assert "tmr:saved" in saved.headers["HX-Trigger"]
    assert counted(deleted)["applications"] == 1
    assert counted(undone)["applications"] == 2
    assert counts(alice)["applications"][0] == "2"


def has_menu(answer) -> bool:
    return '<nav class="side" aria-label="Main">' in answer.text


def test_an_error_page_keeps_the_menu_for_a_person_who_is_signed_in(alice, visitor) -> None:
    missing = [alice.get(path) for path in ("/nowhere", f"/applications/{uuid4()}")]
    refused = alice.client.delete("/today")
    stale = alice.client.post("/today/done", data={"line": "x"})

    assert [answer.status_code for answer in (*missing, refused, stale)] == [404, 404, 405, 403]
    assert all(has_menu(answer) for answer in (*missing, refused, stale))
    assert not has_menu(visitor.get("/nowhere"))
    assert not has_menu(alice.htmx_get("/nowhere"))


def test_an_error_page_needs_no_database(alice, services) -> None:
    gone = app_engine("postgresql+psycopg://tmr_app:x@/tmr?host=/nowhere")
    repository = Repository(gone, gone, services.repository._keyring)
    away = Browser(create_app(msgspec.structs.replace(services, repository=repository)))
    away.client.set_cookie("tmr", alice.client.get_cookie("tmr").value)

    lost, outage = away.get("/nowhere"), away.get("/today")

    assert (lost.status_code, outage.status_code) == (404, 503)
    assert not has_menu(lost)
    assert not has_menu(outage)
