"""Access tokens of an account with the lock on: each is a slot of its own, and goes with its row."""

import re

import pytest

from tests.integration.api.test_records import Script
from tests.integration.api.test_tokens import PAGE, make_token
from tests.support.locked import lock
from tests.support.people import PASSWORD, Person
from tmr.operations.jobs.housekeeping import forget_what_is_due

TOKENS = "SELECT count(*) FROM key_wraps WHERE kind = 'token'"


@pytest.fixture
def there(alice, services, clock) -> Person:
    """Alice, who has the lock on, in a browser in which her records are open."""
    alice.add(company="Narwhal")
    lock(services.repository, alice.owner, clock(), PASSWORD)
    return alice.elsewhere()


def revoke(person: Person) -> None:
    assert person.post(re.search(rf"{PAGE}/[0-9a-f-]{{36}}/revoke", person.get(PAGE).text)[0]).status_code == 303


def test_a_token_made_while_they_are_unlocked_opens_them_while_every_browser_is_locked(there, app) -> None:
    script = Script(app, make_token(there))
    there.post("/lock", where="everywhere")
    assert there.get("/applications").status_code == 423

    listed = script.get("applications")
    added = script.post("tasks", {"title": "Call"})

    assert [one["company"] for one in listed.json["items"]] == ["Narwhal"]
    assert added.status_code == 201
    assert script.get("tasks").json["total"] == 1
    assert there.get("/applications").status_code == 423


def test_the_whole_export_and_a_large_one_are_made_in_its_own_request(there, app, admin, monkeypatch) -> None:
    script = Script(app, make_token(there, "read"))
    there.post("/lock", where="everywhere")

    small = script.get("export")
    monkeypatch.setattr("tmr.api.export.LARGE_BYTES", -1)
    large = script.get("export")

    assert (small.status_code, large.status_code) == (200, 200)
    assert large.data.startswith(b"PK")
    assert admin.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'export'").fetchone() == (0,)


def test_a_token_from_before_the_lock_does_not_open_them_and_is_told_so(alice, app, services, clock) -> None:
    alice.add(company="Narwhal")
    script = Script(app, make_token(alice))
    lock(services.repository, alice.owner, clock(), PASSWORD)

    refused = script.get("applications")

    assert (refused.status_code, refused.content_type) == (423, "application/problem+json")
    assert "Make a new one" in refused.json["detail"]


def test_none_is_made_while_they_are_locked(there, admin) -> None:
    there.post("/lock")

    assert there.post(PAGE, page="/settings/security", scope="both").status_code == 423
    assert admin.execute("SELECT count(*) FROM access_tokens").fetchone() == (0,)


def test_a_token_opens_its_own_slot_and_no_other_tokens(there, app, admin, services) -> None:
    first, second = Script(app, make_token(there)), Script(app, make_token(there))
    admin.execute("DELETE FROM key_wraps WHERE token_id = (SELECT id FROM access_tokens LIMIT 1)")

    answers = sorted(script.get("applications").status_code for script in (first, second))

    assert answers == [200, 423]


def test_w3_revoked_it_has_no_slot_and_a_rotation_is_due(there, admin) -> None:
    make_token(there)
    assert admin.execute(TOKENS).fetchone() == (1,)
    admin.execute("DELETE FROM erasures")

    revoke(there)

    assert admin.execute(TOKENS).fetchone() == (0,)
    assert admin.execute("SELECT count(*) FROM erasures").fetchone() == (1,)
    assert 'data-rotation="due"' in there.get("/settings/privacy/lock").text


def test_p6_its_slot_ends_with_it(there, admin, clock, job_context) -> None:
    make_token(there, days="30")
    assert admin.execute(TOKENS).fetchone() == (1,)
    clock.turn(days=31)

    forget_what_is_due(job_context)

    assert admin.execute(TOKENS).fetchone() == (0,)


def test_w3_the_database_keeps_no_slot_whose_token_is_gone(there, admin) -> None:
    make_token(there)
    assert admin.execute(TOKENS).fetchone() == (1,)

    admin.execute("DELETE FROM access_tokens")

    assert admin.execute(TOKENS).fetchone() == (0,)


def test_unlocked_for_good_it_goes_on_without_a_slot(there, app, admin) -> None:
    script = Script(app, make_token(there))

    there.post("/settings/privacy/unlock-for-good", page="/settings/privacy/lock")

    assert admin.execute(TOKENS).fetchone() == (0,)
    assert script.get("applications").status_code == 200
