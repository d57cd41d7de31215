"""Stepping up: what asks for it, what satisfies it, and what it changes."""

import pytest

from tests.support.people import PASSWORD, Person

GUARDED = [
    ("POST", "/settings/security/password", "/settings/security"),
    ("GET", "/settings/security/totp", "/settings/security/totp"),
    ("POST", "/settings/security/totp", "/settings/security/totp"),
    ("POST", "/settings/security/totp/disable", "/settings/security"),
    ("POST", "/settings/security/recovery-codes", "/settings/security"),
    ("POST", "/settings/security/passkeys/options", "/settings/security"),
    ("POST", "/settings/security/passkeys", "/settings/security"),
    ("POST", "/settings/profile/keep-address", "/settings"),
    ("POST", "/settings/privacy/export", "/settings/privacy"),
    ("POST", "/settings/privacy/erase-data", "/settings/privacy?erase%3Ddata"),
    ("POST", "/settings/privacy/erase-account", "/settings/privacy?erase%3Daccount"),
    ("POST", "/settings/privacy/support-grants", "/settings/privacy/support-grants"),
    ("POST", "/settings/calendar", "/settings/calendar"),
    ("POST", "/trash/empty", "/trash"),
]


def call(person: Person, verb: str, path: str):
    return person.get(path) if verb == "GET" else person.post(path, password=PASSWORD, current=PASSWORD)


@pytest.mark.parametrize(("verb", "path", "back"), GUARDED)
def test_s7_after_ten_minutes_confirmation_is_asked_for(alice, clock, verb: str, path: str, back: str) -> None:
    clock.turn(minutes=10, seconds=1)

    answer = call(alice, verb, path)

    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/reauthenticate?next={back}"


def test_s7_every_guarded_route_is_in_the_list_above(app) -> None:
    guarded = {
        (verb, rule.rule)
        for rule in app.url_map.iter_rules()
        for verb in (rule.methods or set()) & {"GET", "POST"}
        if app.view_functions[rule.endpoint].access == "signed in, confirmed" and not rule.arguments
    }

    assert guarded - {(verb, path) for verb, path, _ in GUARDED} == set()


def test_s7_within_ten_minutes_of_a_sign_in_nothing_is_asked(alice, clock) -> None:
    clock.turn(minutes=9, seconds=59)

    assert alice.post("/settings/privacy/export").status_code == 200


def test_s2_stepping_up_gives_a_new_token_and_ten_more_minutes(alice, clock) -> None:
    clock.turn(minutes=11)
    old = alice.client.get_cookie("tmr").value

    answer = alice.post("/reauthenticate", page="/reauthenticate", password=PASSWORD, next="/settings/privacy")

    assert answer.headers["Location"] == "/settings/privacy"
    assert alice.post("/settings/privacy/export").status_code == 200
    assert alice.client.get_cookie("tmr").value != old
    stolen = Person(alice.app, alice.email)
    stolen.client.set_cookie("tmr", old)
    assert stolen.get("/applications").status_code == 303
    clock.turn(minutes=11)
    assert alice.post("/settings/privacy/export").status_code == 303


@pytest.mark.parametrize("password", ["", "wrong", PASSWORD.upper()])
def test_s7_a_wrong_password_confirms_nothing(alice, clock, password: str) -> None:
    clock.turn(minutes=11)

    answer = alice.post("/reauthenticate", page="/reauthenticate", password=password, next="/settings")

    assert answer.status_code == 422
    assert 'id="password-error"' in answer.text
    assert alice.post("/settings/privacy/export").status_code == 303


def test_a6_guessing_at_the_step_up_is_limited(alice) -> None:
    codes = [alice.post("/reauthenticate", page="/reauthenticate", password="wrong").status_code for _ in range(11)]

    assert codes == [422] * 10 + [429]


@pytest.mark.parametrize("wanted", ["//evil.example", "https://evil.example", "/\\evil.example", "/nowhere"])
def test_i7_next_leads_only_to_pages_of_this_app(alice, wanted: str) -> None:
    answer = alice.post("/reauthenticate", page="/reauthenticate", password=PASSWORD, next=wanted)

    assert answer.headers["Location"] == "/settings/security"


def test_s7_one_session_does_not_confirm_another(alice, clock) -> None:
    other = alice.elsewhere()
    clock.turn(minutes=11)
    alice.post("/reauthenticate", page="/reauthenticate", password=PASSWORD)

    assert other.post("/settings/privacy/export").status_code == 303


def test_s4_htmx_is_sent_to_the_step_up_and_gets_no_form_in_a_fragment(alice, clock) -> None:
    clock.turn(minutes=11)

    answer = alice.post("/settings/privacy/export", htmx=True)

    assert answer.headers["HX-Redirect"] == "/reauthenticate?next=/settings/privacy"
