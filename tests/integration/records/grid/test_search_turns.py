"""[W1] One account searches at one thing at a time: what it stores can take a process many seconds to look through."""

import json
import re

import pytest

from tests.support.factories import table
from tests.support.kinds import RecordForms, declare, names, place_of
from tmr.repository.scans import looking
from tmr.web.session import reading
from tmr.web.session.turns import searches
from tmr.web.session.turns.searches import search_turns

OTHER_PAGES = (
    *("/calendar", "/activity", "/export/applications.csv?status=saved", "/applications/totals"),
    *("/settings/pipeline", "/settings/fields", "/offers/compare"),
)
SEARCHES = ("/search?q=a", "/applications?q=a", "/board?q=a")


@pytest.mark.parametrize("path", SEARCHES)
def test_w1_a_search_waits_for_the_one_before_it(alice, bob, services, monkeypatch, path: str) -> None:
    """Seen failing without turns: an account with 190 MB of texts kept a process busy with each of its requests."""
    monkeypatch.setattr(reading, "TURN_SECONDS", 0.0)
    record = alice.add()
    assert search_turns.take(alice.owner, 0)  # as another search of hers would

    waited = alice.get(path)

    assert waited.status_code == 503
    assert int(waited.headers["Retry-After"]) > 0
    assert "Too many searches at once" in waited.text
    assert services.repository.connections_in_use() == 0
    assert bob.get(path).status_code == 200
    assert alice.get("/applications").status_code == 200
    assert alice.get(f"/applications/{record}?from=q%3Da").status_code == 200
    search_turns.give_back(alice.owner)
    assert alice.get(path).status_code == 200
    assert not search_turns._reading
    assert reading._searches._taken.total() == 0


@pytest.mark.parametrize(
    "path", ["/applications?status=saved", "/board", "/today", "/", "/insights", "/calendar?view=agenda", *OTHER_PAGES]
)
def test_w1_pages_of_a_large_account_wait_for_each_other(alice, bob, services, monkeypatch, path: str) -> None:
    """An attack found it: an account with 228,000 applications could ask for any number of them at once."""
    monkeypatch.setattr(reading, "TURN_SECONDS", 0.0)
    record = alice.add()
    assert search_turns.take(alice.owner, 0)
    small = alice.get(path)
    monkeypatch.setattr(reading, "MANY_RECORDS", 0)

    waited = alice.get(path)

    assert small.status_code in (200, 303)
    assert waited.status_code == (503 if small.status_code == 200 else 303)
    assert "Too many pages at once" in waited.text or waited.status_code == 303
    assert services.repository.connections_in_use() == 0
    assert alice.get(f"/applications/{record}").status_code == 200
    search_turns.give_back(alice.owner)
    assert alice.get(path).status_code == small.status_code
    assert not search_turns._reading
    assert reading._searches._taken.total() == 0


def test_w1_a_calendar_with_a_view_that_searches_takes_one_turn(alice, monkeypatch) -> None:
    """Seen failing: the search of the view waited for the turn that its own page had."""
    monkeypatch.setattr(searches, "SHORT_SECONDS", 0.0)
    alice.add(deadline_on="2026-12-01")
    place = alice.post("/applications/views", name="Mine", query="q=a").headers["Location"]
    monkeypatch.setattr(reading, "MANY_RECORDS", 0)

    for layout in ("", "&as=agenda"):
        assert alice.get("/calendar?" + place.partition("?")[2] + layout).status_code == 200
    assert not search_turns._reading


def test_w1_a_change_in_a_list_of_a_large_account_is_not_kept_without_a_turn(alice, monkeypatch) -> None:
    monkeypatch.setattr(searches, "SHORT_SECONDS", 0.0)
    record = alice.add()
    monkeypatch.setattr(reading, "MANY_RECORDS", 0)
    assert search_turns.take(alice.owner, 0)

    refused = alice.post("/applications/bulk", action="delete", ids=record, query="status=saved", htmx=True)

    assert refused.status_code == 503
    search_turns.give_back(alice.owner)
    assert alice.ids() == {record}
    assert alice.post("/applications/bulk", action="delete", ids=record, query="status=saved").status_code == 303


def test_w1_a_field_of_a_large_account_is_deleted_for_good_in_a_turn(alice, monkeypatch) -> None:
    """All that the account keeps is opened for it, and sealed again."""
    monkeypatch.setattr(reading, "TURN_SECONDS", 0.0)
    alice.add()
    alice.post("/settings/fields", kind="applications", label="Mascot", type="text")
    [field] = re.findall(r"/settings/fields/([0-9a-f-]{36})", alice.get("/settings/fields").text)[:1]
    delete = f"/settings/fields/{field}/delete-for-good"
    alice.post(delete.removesuffix("-for-good"))
    monkeypatch.setattr(reading, "MANY_RECORDS", 0)
    assert search_turns.take(alice.owner, 0)

    refused = alice.post(delete)

    assert refused.status_code == 503
    search_turns.give_back(alice.owner)
    assert "Mascot" in alice.get("/settings/fields").text
    assert alice.post(delete).status_code == 303
    assert "/delete" not in alice.get("/settings/fields").text


def test_w1_a_change_in_a_list_with_a_search_is_not_kept_without_a_turn(alice, monkeypatch) -> None:
    """Seen failing: the list after a change was searched without a turn."""
    monkeypatch.setattr(searches, "SHORT_SECONDS", 0.0)
    record = alice.add()
    assert search_turns.take(alice.owner, 0)

    refused = alice.post("/applications/bulk", action="delete", ids=record, query="q=a", htmx=True)

    assert refused.status_code == 503
    assert "Nothing was changed" in refused.text
    search_turns.give_back(alice.owner)
    assert alice.ids() == {record}
    assert alice.post("/applications/bulk", action="delete", ids=record, query="q=a").status_code == 303
    assert alice.ids() == set()


def test_w1_a_field_of_a_large_account_gets_no_other_type_without_a_turn(alice, monkeypatch) -> None:
    monkeypatch.setattr(searches, "SHORT_SECONDS", 0.0)
    name = declare(alice, "Team")
    alice.add(**{name: "7"})
    place = place_of(alice, "Team")
    monkeypatch.setattr(reading, "MANY_RECORDS", 0)
    assert search_turns.take(alice.owner, 0)

    refused = alice.post(place, label="Team", type="number")

    assert refused.status_code == 503
    search_turns.give_back(alice.owner)
    assert names(alice) == {name}
    assert alice.post(place, label="Team", type="number").status_code == 303


@pytest.mark.parametrize("path", ["/applications?status=saved", "/board", "/settings/pipeline"])
def test_w1_pages_of_few_records_with_much_in_them_wait_for_each_other(alice, monkeypatch, path: str) -> None:
    """An attack found it: 9,900 applications with 306 MB of texts took a second of each page, as often as asked for."""
    monkeypatch.setattr(searches, "SHORT_SECONDS", 0.0)
    alice.add()
    monkeypatch.setattr(looking, "MANY_BYTES", 0)
    assert search_turns.take(alice.owner, 0)

    waited = alice.get(path)

    assert waited.status_code == 503
    assert "Too many pages at once" in waited.text
    search_turns.give_back(alice.owner)
    assert alice.get(path).status_code == 200
    assert not search_turns._reading


def test_w1_a_record_is_shown_without_its_place_in_a_list_that_would_have_to_wait(alice, clock, monkeypatch) -> None:
    """Seen failing where what had been left out counted for the turn of what the page reads after it."""
    alice.bring(table(*({"company": f"C{number}", "title": "T"} for number in range(30))))
    clock.turn(minutes=1)
    first = alice.add()
    clock.turn(minutes=1)
    second = alice.add()
    page = f"/applications/{first}"
    monkeypatch.setattr(looking, "MANY_ROWS", 20)  # more than belong to it, and fewer than are in the list
    assert search_turns.take(alice.owner, 0)

    waited = alice.get(page)

    search_turns.give_back(alice.owner)
    assert waited.status_code == 200
    assert second not in waited.text
    assert second in alice.get(page).text
    assert not search_turns._reading


def kept(admin) -> set[tuple]:
    return set(admin.execute("SELECT id, version FROM records").fetchall())


FORMS = {
    "/interviews": {"application_id": "rst"},
    "/calendar/new": {"add": "interview", "application_id": "rst", "starts_at": "2026-12-01T10:00"},
    "/contacts": {"name": "Grace", "application_ids": "rst"},
    "/contacts/cells": {"cells": [["{contact}", 1, {"application_ids": "rst"}]]},
    "/contacts/bulk": {"action": "set", "field": "application_ids", "value": "rst", "ids": "{contact}"},
    "/applications": {"company": "Acme", "title": "Engineer"},
    "/applications/{application}/links": {"kind": "contacts", "add": "da"},
}


@pytest.mark.parametrize("path", FORMS)
def test_w1_a_form_that_looks_through_names_changes_nothing_without_a_turn(
    alice, admin, monkeypatch, path: str
) -> None:
    """Seen failing: with 27 MB of names each form that names another record took a second, as many as were sent."""
    monkeypatch.setattr(searches, "SHORT_SECONDS", 0.0)
    ids = {"application": alice.add(), "contact": RecordForms(alice).add("contacts", name="Ada")}
    fields = {name: value if isinstance(value, str) else json.dumps(value) for name, value in FORMS[path].items()}
    for name, record_id in ids.items():
        path = path.replace(f"{{{name}}}", record_id)
        fields = {field: value.replace(f"{{{name}}}", record_id) for field, value in fields.items()}
    before = kept(admin)
    assert search_turns.take(alice.owner, 0)
    monkeypatch.setattr(looking, "MANY_ROWS", 0)

    refused = alice.post(path, **fields)

    assert refused.status_code == 503
    assert "Nothing was changed" in refused.text
    assert kept(admin) == before
    search_turns.give_back(alice.owner)
    assert alice.post(path, **fields).status_code in (200, 303)
    assert kept(admin) != before
    assert not search_turns._reading
