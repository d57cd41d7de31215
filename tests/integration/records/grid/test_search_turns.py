"""[W1] One account searches at one thing at a time: what it stores can take a process many seconds to look through."""

import pytest

from tmr.web.session import reading

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
    assert reading._search_turns.take(alice.owner, 0)  # as another search of hers would

    waited = alice.get(path)

    assert waited.status_code == 503
    assert int(waited.headers["Retry-After"]) > 0
    assert "Too many searches at once" in waited.text
    assert services.repository.connections_in_use() == 0
    assert bob.get(path).status_code == 200
    assert alice.get("/applications").status_code == 200
    assert alice.get(f"/applications/{record}?from=q%3Da").status_code == 200
    reading._search_turns.give_back(alice.owner)
    assert alice.get(path).status_code == 200
    assert not reading._search_turns._reading
    assert reading._searches._taken.total() == 0


@pytest.mark.parametrize(
    "path", ["/applications?status=saved", "/board", "/today", "/", "/insights", "/calendar?view=agenda", *OTHER_PAGES]
)
def test_w1_pages_of_a_large_account_wait_for_each_other(alice, bob, services, monkeypatch, path: str) -> None:
    """An attack found it: an account with 228,000 applications could ask for any number of them at once."""
    monkeypatch.setattr(reading, "TURN_SECONDS", 0.0)
    record = alice.add()
    assert reading._search_turns.take(alice.owner, 0)
    small = alice.get(path)
    monkeypatch.setattr(reading, "MANY_RECORDS", 0)

    waited = alice.get(path)

    assert small.status_code in (200, 303)
    assert waited.status_code == (503 if small.status_code == 200 else 303)
    assert "Too many pages at once" in waited.text or waited.status_code == 303
    assert services.repository.connections_in_use() == 0
    assert alice.get(f"/applications/{record}").status_code == 200
    reading._search_turns.give_back(alice.owner)
    assert alice.get(path).status_code == small.status_code
    assert not reading._search_turns._reading
    assert reading._searches._taken.total() == 0


def test_w1_a_calendar_with_a_view_that_searches_takes_one_turn(alice, monkeypatch) -> None:
    """Seen failing: the search of the view waited for the turn that its own page had."""
    monkeypatch.setattr(reading, "SHORT_SECONDS", 0.0)
    alice.add(deadline_on="2026-12-01")
    place = alice.post("/applications/views", name="Mine", query="q=a").headers["Location"]
    monkeypatch.setattr(reading, "MANY_RECORDS", 0)

    for layout in ("", "&as=agenda"):
        assert alice.get("/calendar?" + place.partition("?")[2] + layout).status_code == 200
    assert not reading._search_turns._reading


def test_w1_a_change_in_a_list_of_a_large_account_is_not_kept_without_a_turn(alice, monkeypatch) -> None:
    monkeypatch.setattr(reading, "SHORT_SECONDS", 0.0)
    record = alice.add()
    monkeypatch.setattr(reading, "MANY_RECORDS", 0)
    assert reading._search_turns.take(alice.owner, 0)

    refused = alice.post("/applications/bulk", action="delete", ids=record, query="status=saved", htmx=True)

    assert refused.status_code == 503
    reading._search_turns.give_back(alice.owner)
    assert alice.ids() == {record}
    assert alice.post("/applications/bulk", action="delete", ids=record, query="status=saved").status_code == 303


def test_w1_a_change_in_a_list_with_a_search_is_not_kept_without_a_turn(alice, monkeypatch) -> None:
    """Seen failing: the list after a change was searched without a turn."""
    monkeypatch.setattr(reading, "SHORT_SECONDS", 0.0)
    record = alice.add()
    assert reading._search_turns.take(alice.owner, 0)

    refused = alice.post("/applications/bulk", action="delete", ids=record, query="q=a", htmx=True)

    assert refused.status_code == 503
    assert "Nothing was changed" in refused.text
    reading._search_turns.give_back(alice.owner)
    assert alice.ids() == {record}
    assert alice.post("/applications/bulk", action="delete", ids=record, query="q=a").status_code == 303
    assert alice.ids() == set()
