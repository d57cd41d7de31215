"""The list of signed-in devices, and ending them."""

import re

import pytest

from tests.support.people import Person
from tmr.auth.sign_in.device_names import coarse_address, device_name
from tmr.repository.accounts.known_devices import MOST_DEVICES
from tmr.web.session.throttling import SIGN_IN_BY_DEVICES_OF_ACCOUNT, SIGN_IN_BY_DEVICES_OF_SITE, SIGN_OUT_BY_SESSION

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
    [session_id] = re.findall(rf"{PAGE}/([0-9a-f-]{{36}})/revoke", page)
    return session_id


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
    assert [browser.get("/applications").status_code for browser in (elsewhere, third)] == [303, 303]
    assert [person.get("/applications").status_code for person in (alice, bob)] == [200, 200]
    assert "revoke-others" not in alice.get(PAGE).text


def test_s6_an_expired_session_is_not_listed(alice, elsewhere, clock) -> None:
    clock.turn(minutes=45)
    alice.sign_in()
    assert "Firefox on Windows" in alice.get(PAGE).text
    clock.turn(minutes=16)

    assert "Firefox on Windows" not in alice.get(PAGE).text


def test_s6_ending_a_session_that_has_ended_is_not_found(alice, elsewhere) -> None:
    other = id_of_other(alice.get(PAGE).text)
    alice.post(f"{PAGE}/{other}/revoke")

    assert alice.post(f"{PAGE}/{other}/revoke").status_code == 404


def test_w2_an_account_knows_so_many_browsers_and_forgets_the_oldest(services, owner, clock) -> None:
    with services.repository.for_owner(owner) as uow:
        tokens = []
        for _ in range(MOST_DEVICES + 5):
            clock.turn(seconds=1)
            tokens.append(uow.known_devices.add("", clock()))

        known = [uow.known_devices.knows(token, clock()) for token in tokens]

    assert known == [False] * 5 + [True] * MOST_DEVICES


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


def test_a14_a_mail_reports_a_new_device_with_a_link_that_asks_for_a_press(alice, letters, visitor, clock) -> None:
    clock.turn(seconds=1)
    other = Person(alice.app, alice.email)
    other.client.environ_base |= {"HTTP_USER_AGENT": FIREFOX, "REMOTE_ADDR": "198.51.100.7"}
    other.sign_in()
    [letter] = letters()
    assert letter.subject == "New sign-in to your account"
    assert "Firefox on Windows, 198.51.x.x" in letter.text

    assert visitor.get(letter.path).status_code == 200
    assert other.get("/applications").status_code == 200
    assert visitor.post(letter.path, page=letter.path).status_code == 303
    assert other.get("/applications").headers["Location"].startswith("/login")
    assert alice.get("/applications").status_code == 200
    assert visitor.get(letter.path).status_code == 410


def test_w3_a_stranger_who_signed_in_again_is_out_with_the_session_that_was_reported(
    alice, letters, visitor, clock
) -> None:
    clock.turn(seconds=1)
    thief = Person(alice.app, alice.email)
    thief.sign_in()
    clock.turn(minutes=5)
    thief.sign_in()  # on a browser that is known by now: no mail tells of it
    [letter] = letters()

    visitor.post(letter.path, page=letter.path)

    assert thief.get("/applications").headers["Location"].startswith("/login")
    assert alice.get("/applications").status_code == 200


def test_a14_no_mail_reports_a_known_device(alice, letters) -> None:
    alice.post("/logout")
    alice.sign_in()

    assert letters() == []


def test_a14_the_link_lives_a_week_and_ends_nothing_that_has_ended(alice, letters, visitor, clock) -> None:
    Person(alice.app, alice.email).sign_in()
    path = letters()[0].path
    clock.turn(days=6, hours=23)
    assert visitor.post(path, page=path).status_code == 303

    Person(alice.app, alice.email).sign_in()
    path = letters()[-1].path
    clock.turn(days=7, seconds=1)
    assert visitor.get(path).status_code == 410


def test_a6_guessing_from_elsewhere_does_not_lock_the_owner_out_of_a_known_device(alice, visitor) -> None:
    for number in range(12):
        place = {"REMOTE_ADDR": f"192.0.2.{number}"}
        fields = {"email": alice.email, "password": "wrong", "csrf_token": visitor.token("/login")}
        last = visitor.client.post("/login", data=fields, environ_base=place)
    assert last.status_code == 429

    alice.post("/logout")
    assert alice.sign_in().status_code == 303
    stranger = Person(alice.app, alice.email)
    stranger.client.environ_base |= {"REMOTE_ADDR": "192.0.2.99"}
    assert stranger.sign_in().status_code == 429


def test_a6_guessing_on_a_known_device_is_limited_too(alice) -> None:
    alice.post("/logout")

    assert [alice.sign_in("wrong").status_code for _ in range(11)] == [422] * 10 + [429]


def test_a6_w1_many_known_devices_of_many_accounts_hash_no_more_than_a_site_may(alice, bob, services, clock) -> None:
    """Seen failing: twenty devices of each of twenty accounts gave 4,000 hashes in five minutes, from one address."""
    owner = str(alice.owner)
    for person in (alice, bob):
        person.post("/logout")
    for _ in range(SIGN_IN_BY_DEVICES_OF_ACCOUNT.hits - 1):
        services.limits.hit(SIGN_IN_BY_DEVICES_OF_ACCOUNT, owner, clock())
    for _ in range(SIGN_IN_BY_DEVICES_OF_SITE.hits):
        services.limits.hit(SIGN_IN_BY_DEVICES_OF_SITE, "127.0.0.1", clock())

    assert [alice.sign_in("wrong").status_code for _ in range(2)] == [422, 429]
    assert bob.sign_in().status_code == 303  # whose account signs in seldom is not kept out by what others do


def test_l1_w4_signing_out_others_where_there_are_none_fills_no_log_and_has_a_limit(alice) -> None:
    """Seen failing with an entry for each of 300 requests."""
    other = alice.elsewhere()
    log = "/settings/security/log?all"

    codes = [alice.post(f"{PAGE}/revoke-others").status_code for _ in range(SIGN_OUT_BY_SESSION.hits + 1)]

    assert codes == [303] * SIGN_OUT_BY_SESSION.hits + [429]
    assert alice.get(log).text.count("All other devices were signed out") == 1
    assert other.sign_in().status_code == 303
    assert other.post(f"{PAGE}/revoke-others").status_code == 303  # a session has its own count
    assert other.get(log).text.count("All other devices were signed out") == 2
    assert alice.get("/applications").status_code == 303
