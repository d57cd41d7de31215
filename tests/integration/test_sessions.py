"""The list of signed-in devices, and ending them."""

import re

import pytest

from tests.people import Person
from tmr.auth.device_names import coarse_address, device_name

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
PAGE = "/settings/sessions"


@pytest.fixture
def elsewhere(alice, clock) -> Person:
    """Alice at another device, an hour later than this one."""
    clock.turn(minutes=30)
    other = Person(alice.app, alice.email)
    other.client.environ_base |= {"HTTP_USER_AGENT": FIREFOX, "REMOTE_ADDR": "198.51.100.7"}
    other.sign_in()
    return other


def id_of_other(page: str) -> str:
    [found] = re.findall(rf"{PAGE}/([0-9a-f-]{{36}})/revoke", page)
    return found


def test_s6_the_list_shows_device_times_and_a_coarse_address(alice, elsewhere) -> None:
    page = alice.get(PAGE).text

    assert "Firefox on Windows" in page
    assert "198.51.x.x" in page
    assert "198.51.100.7" not in page
    assert page.count("this device") == 1
    assert page.index("this device") < page.index("Firefox on Windows")


def test_s4_s6_a_revoked_session_is_signed_out_on_its_very_next_request(alice, elsewhere) -> None:
    assert elsewhere.get("/applications").status_code == 200

    assert alice.post(f"{PAGE}/{id_of_other(alice.get(PAGE).text)}/revoke").status_code == 303

    assert elsewhere.get("/applications").headers["Location"].startswith("/login")
    assert elsewhere.post("/applications", page="/login", company="A", title="B").headers["Location"] == "/login"
    assert alice.get("/applications").status_code == 200


def test_s6_all_others_are_ended_and_this_one_stays(alice, elsewhere, bob) -> None:
    third = alice.elsewhere()

    answer = alice.post(f"{PAGE}/revoke-others")

    assert answer.status_code == 303
    assert "2 other devices are signed out." in alice.get(PAGE).text
    assert [one.get("/applications").status_code for one in (elsewhere, third)] == [303, 303]
    assert [one.get("/applications").status_code for one in (alice, bob)] == [200, 200]
    assert "revoke-others" not in alice.get(PAGE).text


def test_s6_a_session_that_is_over_is_not_listed(alice, elsewhere, clock) -> None:
    clock.turn(minutes=45)
    alice.sign_in()
    assert "Firefox on Windows" in alice.get(PAGE).text
    clock.turn(minutes=16)

    assert "Firefox on Windows" not in alice.get(PAGE).text


def test_s6_ending_a_session_that_has_ended_is_not_found(alice, elsewhere) -> None:
    other = id_of_other(alice.get(PAGE).text)
    alice.post(f"{PAGE}/{other}/revoke")

    assert alice.post(f"{PAGE}/{other}/revoke").status_code == 404


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("203.0.113.9", "203.0.x.x"),
        ("2001:db8:1:2::3", "2001:0db8::"),
        ("127.0.0.1", "this computer"),
        ("::1", "this computer"),
        ("", "unknown address"),
    ],
)
def test_s6_addresses_are_coarse(address: str, shown: str) -> None:
    assert coarse_address(address) == shown


@pytest.mark.parametrize("agent", ["", "\u2028<script>", "Mozilla/5.0 " * 30])
def test_any_user_agent_has_a_name(agent: str) -> None:
    assert device_name(agent)
