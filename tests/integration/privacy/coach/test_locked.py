"""Links for a coach of an account with the lock on: link and code together are a slot, which goes with the link."""

import re

import pytest

from tests.integration.privacy.coach.test_coach import PAGE, enter, make_link
from tests.support.locked import lock
from tests.support.people import PASSWORD, Browser, Person

LINKS = "SELECT count(*) FROM key_wraps WHERE kind = 'coach'"


@pytest.fixture
def there(alice, services, clock) -> Person:
    """Alice, who has the lock on, in a browser in which her records are open."""
    alice.add(company="Narwhal", notes="Secret note")
    lock(services.repository, alice.owner, clock(), PASSWORD)
    return alice.elsewhere()


def cookie_of(browser: Browser) -> str:
    return browser.client.get_cookie("tmr-coach").value


def test_link_and_code_open_locked_records_and_show_no_more_than_they_would(there, app) -> None:
    path, code = make_link(there)
    there.post("/lock", where="everywhere")
    coach = Browser(app)

    enter(coach, path, code.upper().replace("-", " "))
    listed = coach.get(path)
    record = re.search(rf"{path}/[0-9a-f-]{{36}}", listed.text)[0]

    assert "Narwhal" in listed.text
    assert "Secret note" not in coach.get(record).text
    assert there.get("/applications").status_code == 423


def test_c1_what_a_browser_keeps_opens_nothing_without_the_code_that_was_typed_there(there, app) -> None:
    """Seen failing with a slot that only the link's token opens."""
    path, code = make_link(there)
    coach = Browser(app)
    enter(coach, path, code)
    proof, _, kept = cookie_of(coach).partition(".")
    assert kept

    answers = []
    for value in (proof, f"{proof}.{'a' * 16}", f"{'0' * 64}.{kept}"):
        coach.client.set_cookie("tmr-coach", value)
        answers.append(coach.get(path))

    assert [answer.status_code for answer in answers] == [423, 423, 200]
    assert "Enter the code" in answers[2].text
    assert not any("Narwhal" in answer.text for answer in answers)


def test_a12_where_records_are_not_locked_no_browser_keeps_the_code(alice, app) -> None:
    path, code = make_link(alice)
    coach = Browser(app)

    enter(coach, path, code)

    assert "." not in cookie_of(coach)


def test_none_is_made_while_they_are_locked(there, admin) -> None:
    there.post("/lock")

    assert there.post(PAGE, page="/settings/security", label="Maria").status_code == 423
    assert admin.execute("SELECT count(*) FROM coach_links").fetchone() == (0,)


def test_w3_revoked_it_has_no_slot_shows_nothing_and_is_told_by_mail(there, app, admin, letters) -> None:
    path, code = make_link(there)
    coach = Browser(app)
    enter(coach, path, code)
    assert admin.execute(LINKS).fetchone() == (1,)
    assert "1 coach link" in there.get("/settings/privacy/lock").text

    admin.execute("DELETE FROM erasures")

    there.post(re.search(rf"{PAGE}/[0-9a-f-]{{36}}/revoke", there.get(PAGE).text)[0])

    assert admin.execute(LINKS).fetchone() == (0,)
    assert coach.get(path).status_code == 404
    assert admin.execute("SELECT count(*) FROM erasures").fetchone() == (1,)  # a rotation is due
    assert any("A link for a coach that opened your locked records was revoked" in one.text for one in letters())
