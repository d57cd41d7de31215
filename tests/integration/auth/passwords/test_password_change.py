"""Changing the password of an account."""

import pytest

from tests.support.people import PASSWORD, Person

NEW = "seven lamps beside the quiet harbour"
PAGE = "/settings/security"


def change(person: Person, current: str = PASSWORD, password: str = NEW):
    return person.post(f"{PAGE}/password", current=current, password=password)


def test_a5_the_new_password_opens_the_account_and_the_old_one_no_longer_does(alice) -> None:
    assert change(alice).status_code == 303

    assert alice.elsewhere_with(NEW).get("/applications").status_code == 200
    assert Person(alice.app, alice.email).sign_in(PASSWORD).status_code == 422
    assert "Your password is changed" in alice.get(PAGE).text


@pytest.mark.parametrize("current", ["", "wrong password entirely", NEW])
def test_a5_the_change_needs_the_current_password(alice, current: str) -> None:
    answer = change(alice, current)

    assert answer.status_code == 422
    assert 'id="current-error"' in answer.text
    assert alice.sign_in().status_code == 303


@pytest.mark.parametrize("password", ["", "short1!", "090807060504030201", "alice@example.org", PASSWORD, "x" * 1_025])
def test_a1_a3_a_weak_or_unchanged_password_is_refused(alice, password: str) -> None:
    answer = change(alice, password=password)

    assert answer.status_code == 422
    assert 'id="password-error"' in answer.text
    assert alice.sign_in().status_code == 303


def test_a5_inputs_are_masked_and_named_for_password_managers(alice, visitor) -> None:
    page = alice.get(PAGE).text

    assert page.count('type="password"') == 2
    assert all(f'autocomplete="{name}"' in page for name in ("username", "current-password", "new-password"))
    assert visitor.get("/.well-known/change-password").headers["Location"] == PAGE


def test_s5_a_change_ends_every_other_session(alice, bob) -> None:
    other = alice.elsewhere()

    change(alice)

    assert other.get("/applications").headers["Location"].startswith("/login")
    assert [person.get("/applications").status_code for person in (alice, bob)] == [200, 200]


def test_s2_a_change_gives_this_session_a_new_token(alice) -> None:
    old = alice.client.get_cookie("tmr").value

    change(alice)

    assert alice.client.get_cookie("tmr").value != old
    alice.client.set_cookie("tmr", old)
    assert alice.get("/applications").status_code == 303


@pytest.mark.parametrize(("fields", "hours", "status"), [({}, 2, 303), ({"keep": "1"}, 24 * 6, 200)])
def test_s3_a_kept_session_stays_kept_after_a_change(alice, clock, fields, hours: int, status: int) -> None:
    alice.sign_in(**fields)
    change(alice)

    clock.turn(hours=hours)

    assert alice.get("/applications").status_code == status


def test_a6_guessing_the_current_password_is_limited(alice) -> None:
    codes = [change(alice, "wrong").status_code for _ in range(11)]

    assert codes == [422] * 10 + [429]


def test_s4_a_change_by_a_revoked_session_changes_nothing(alice) -> None:
    other = alice.elsewhere()
    token = other.token(PAGE)
    alice.post("/settings/sessions/revoke-others")

    data = {"current": PASSWORD, "password": NEW, "csrf_token": token}

    assert other.client.post(f"{PAGE}/password", data=data).headers["Location"] == "/login"
    assert alice.sign_in().status_code == 303
