"""What someone can do who copied the cookie of a session, and knows no password: they never keep its owner out."""

import re
from collections.abc import Callable

import pytest

from tests.support.devices.authenticator import enrol
from tests.support.people import Browser, Person

SESSIONS = "/settings/sessions"
NEW = "seven lamps beside the quiet harbour"
WRONG = "wrong horse battery staple"


@pytest.fixture
def thief(alice, clock) -> Browser:
    """Someone with the cookie of another browser of Alice's, too late for a confirmation."""
    clock.turn(seconds=1)
    return thief_of(alice.elsewhere(), clock)


def thief_of(person: Person, clock) -> Browser:
    """Someone with the cookie of this browser, and nothing else of it."""
    thief = Browser(person.app)
    thief.client.set_cookie("tmr", person.client.get_cookie("tmr").value)
    clock.turn(minutes=11)
    return thief


def end_all_others(thief: Browser) -> None:
    assert thief.post(f"{SESSIONS}/revoke-others", page=SESSIONS).status_code == 303


def end_one(thief: Browser) -> None:
    [*_, session] = re.findall(rf"{SESSIONS}/([0-9a-f-]{{36}})/revoke", thief.get(SESSIONS).text)
    assert thief.post(f"{SESSIONS}/{session}/revoke", page=SESSIONS).status_code == 303


def guess(alice: Person, visitor: Browser) -> int:
    """Strangers' guesses use up what the account has for browsers that it does not know."""
    fields = {"email": alice.email, "password": WRONG, "csrf_token": visitor.token("/login")}
    places = [{"REMOTE_ADDR": f"192.0.2.{number}"} for number in range(11)]
    return [visitor.client.post("/login", data=fields, environ_base=place).status_code for place in places][-1]


ENDINGS = pytest.mark.parametrize("end", [end_all_others, end_one])


@ENDINGS
def test_a6_w2_it_takes_from_no_browser_of_the_owner_the_guesses_of_its_own(
    alice, thief, visitor, end: Callable[[Browser], None]
) -> None:
    """Seen failing: signing out the others made them browsers that the account does not know."""
    alice.post("/logout", page="/settings")
    alice.elsewhere()
    end(thief)
    assert guess(alice, visitor) == 429

    assert alice.sign_in().status_code == 303
    assert "Signed in from a new device" in alice.get("/settings/security/log").text


@ENDINGS
def test_a6_w2_a_browser_that_was_signed_out_goes_on_with_the_count_that_it_had(
    alice, thief, end: Callable[[Browser], None]
) -> None:
    alice.post("/logout", page="/settings")
    alice.elsewhere()
    before = [alice.sign_in(WRONG).status_code for _ in range(6)]

    end(thief)

    assert [*before, *(alice.sign_in(WRONG).status_code for _ in range(5))] == [422] * 10 + [429]


@ENDINGS
def test_w3_s6_a_browser_that_was_signed_out_is_trusted_no_more_until_it_signs_in(
    alice, thief, services, clock, end: Callable[[Browser], None]
) -> None:
    alice.elsewhere()
    token = alice.client.get_cookie("tmr-device").value.partition(".")[2]

    owner = alice.owner

    def is_trusted() -> bool:
        with services.repository.for_owner(owner) as uow:
            assert uow.known_devices.knows(token, clock())
            return uow.known_devices.trusts(token, clock())

    assert is_trusted()
    end(thief)
    assert not is_trusted()
    assert alice.sign_in().status_code == 303
    assert is_trusted()


@ENDINGS
def test_a9_w3_it_voids_no_link_that_resets_the_password(
    alice, thief, letters, visitor, end: Callable[[Browser], None]
) -> None:
    """Seen failing with 410: each link that was mailed could be voided before its owner pressed it."""
    alice.elsewhere()
    visitor.post("/forgot", page="/forgot", email=alice.email)
    [mail] = [letter for letter in letters() if "/reset/" in letter.text]

    end(thief)

    assert visitor.post(mail.path, page=mail.path, password=NEW).status_code == 303
    assert thief.get("/applications").headers["Location"].startswith("/login")


@ENDINGS
def test_a14_w3_it_voids_no_link_that_ends_a_reported_session(
    alice, thief, letters, visitor, end: Callable[[Browser], None]
) -> None:
    """Seen failing with 410."""
    [mail] = [letter for letter in letters() if "/sessions/end/" in letter.text]
    alice.elsewhere()

    end(thief)

    assert visitor.post(mail.path, page=mail.path).status_code == 303
    assert thief.get("/applications").headers["Location"].startswith("/login")


def test_a14_w3_a_second_factor_that_a_stranger_adds_voids_no_link_that_ends_their_session(
    alice, letters, visitor, clock
) -> None:
    """Seen failing with 410."""
    clock.turn(seconds=1)
    thief = alice.elsewhere()
    [mail] = [letter for letter in letters() if "/sessions/end/" in letter.text]

    enrol(thief, clock)
    assert alice.get("/applications").status_code == 303  # the owner is out

    assert visitor.post(mail.path, page=mail.path).status_code == 303
    assert thief.get("/applications").headers["Location"].startswith("/login")


def test_a14_w3_one_answer_voids_no_link_of_another_mail(alice, letters, visitor, clock) -> None:
    """Seen failing with 410: after the mail of the later session was answered, the earlier one stayed."""
    clock.turn(seconds=1)
    first = alice.elsewhere()
    clock.turn(seconds=1)
    alice.elsewhere()
    earlier, later = (letter.path for letter in letters())

    assert visitor.post(later, page=later).status_code == 303
    assert visitor.post(earlier, page=earlier).status_code == 303

    assert first.get("/applications").headers["Location"].startswith("/login")


def test_a14_a_mail_says_that_all_other_devices_were_signed_out(alice, thief, letters) -> None:
    """Seen failing without a mail."""
    before = len(letters())
    end_all_others(thief)
    end_all_others(thief)  # nobody was left

    [letter] = letters()[before:]
    assert "All other devices were signed out" in letter.text
