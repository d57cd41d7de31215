"""What is done at the moment at which ways into the account end: it ends with them, or is refused."""

import datetime as dt
from functools import partial

import pytest

from tests.support.database.waiting import commit_once_it_waits
from tests.support.devices.authenticator import enrol
from tests.support.people import PASSWORD
from tmr.auth.revocation import RESET, TAKES, Access, Event, revoke
from tmr.repository.accounts.sessions import Device, Lifetime
from tmr.repository.errors import RecordNotFoundError

DAY = dt.timedelta(days=1)
ENDING = [event for event in Event if Access.SESSIONS in TAKES[event]]


@pytest.mark.parametrize("event", ENDING, ids=lambda event: event.name.lower())
def test_w3_a_session_that_begins_while_all_are_ended_ends_too(event: Event, alice, services, admin, clock) -> None:
    """Seen failing in about every second process: sessions went before the account was held, by the order of a set."""
    open_account = partial(services.repository.for_owner, alice.owner)

    def end_all() -> None:
        with open_account() as uow:
            revoke(uow, event, clock())
            uow.commit()

    with open_account() as uow:
        uow.account.hold()
        begun = uow.sessions.add(Device("", ""), Lifetime(DAY, DAY), clock())
        commit_once_it_waits(admin, uow, end_all)

    assert services.repository.claim(begun.cookie, clock()) is None


def test_w3_a_reset_waits_for_a_sign_in_with_the_password_of_before(alice, services, admin, clock, visitor) -> None:
    with services.repository.for_owner(alice.owner) as uow:
        uow.account.verify(clock())
        path = f"/reset/{uow.tokens.add(RESET, None, DAY, clock())}"
        uow.commit()

    with services.repository.for_owner(alice.owner) as uow:
        uow.account.hold()
        begun = uow.sessions.add(Device("", ""), Lifetime(DAY, DAY), clock())
        reset = partial(visitor.post, path, page=path, password="another horse battery staple")
        answer = commit_once_it_waits(admin, uow, reset)

    assert answer.status_code == 303
    assert services.repository.claim(begun.cookie, clock()) is None


HANDED_OUT = {
    "/settings/tokens": ({"scope": "read", "days": "30"}, "access_tokens"),
    "/settings/calendar": ({"level": "full"}, "calendar_feeds"),
    "/settings/coach": ({"ends_on": "2027-01-31"}, "coach_links"),
    "/settings/privacy/support-grants": ({"scope": "records", "hours": "24", "message": "Help"}, "support_grants"),
}


@pytest.mark.parametrize("path", HANDED_OUT)
def test_w3_a_session_that_ends_at_that_moment_hands_nothing_out(path: str, alice, services, admin, clock) -> None:
    """Seen failing for each: the request had been let in, waited for the change of the password, and went on."""
    clock.now = dt.datetime(2026, 12, 1, 12, tzinfo=dt.UTC)
    alice.sign_in()
    stranger = alice.elsewhere()
    fields, table = HANDED_OUT[path]
    fields = {**fields, "csrf_token": stranger.token(path)}

    with services.repository.for_owner(alice.owner) as uow:
        revoke(uow, Event.PASSWORD_RESET, clock())
        answer = commit_once_it_waits(admin, uow, lambda: stranger.client.post(path, data=fields))

    assert answer.status_code == 404
    assert admin.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


def test_w3_s4_a_request_that_waited_for_the_end_of_its_session_is_signed_out(alice, services, admin, clock) -> None:
    """Seen failing: it noted the session as seen, which was gone by then, and went on."""
    clock.turn(minutes=2)

    with services.repository.for_owner(alice.owner) as uow:
        uow.sessions.remove_all()
        answer = commit_once_it_waits(admin, uow, lambda: alice.get("/applications"))

    assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (303, "/login")


@pytest.mark.parametrize("is_confirmed", [True, False])
def test_s2_a_session_that_got_a_new_token_gets_no_other_by_the_old_one(
    alice, services, clock, *, is_confirmed: bool
) -> None:
    """Seen failing: a request with the token from before a confirmation took the confirmed session over."""
    with services.repository.claim(alice.client.get_cookie("tmr").value, clock()) as late:
        alice.post("/reauthenticate", page="/reauthenticate", password=PASSWORD)

        with pytest.raises(RecordNotFoundError):
            late.sessions.renew(clock(), is_confirmed=is_confirmed)

    assert alice.get("/applications").status_code == 200


def test_w3_a_reset_that_takes_factors_from_an_account_that_nobody_confirmed_says_so(
    alice, services, letters, visitor, clock
) -> None:
    """Seen failing: the log and the mails spoke of the password alone."""
    enrol(alice, clock)
    with services.repository.for_owner(alice.owner) as uow:
        path = f"/reset/{uow.tokens.add(RESET, None, DAY, clock())}"
        uow.commit()

    visitor.post(path, page=path, password="another horse battery staple")

    assert any("authenticator app" in letter.subject for letter in letters())
