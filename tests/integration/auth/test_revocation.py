"""What each event takes away: the one table, read against what the real buttons, links and commands do."""

from collections.abc import Callable
from uuid import uuid4

import msgspec
import pytest

from tests.support.devices.authenticator import enrol
from tests.support.factories import new_account
from tests.support.people import PASSWORD, Person
from tmr import create_app
from tmr.auth.factors.totp import new_secret
from tmr.auth.passwords.reset import RESET
from tmr.auth.revocation import TAKES, Access, Event
from tmr.auth.sign_in.steps import END_SESSION, SessionToEnd
from tmr.auth.sign_up.email_change import BOTH_ENDS, LASTS
from tmr.operations.accounts import AccountRefusedError, Operator
from tmr.repository.access.calendar_feeds import Feed
from tmr.repository.access.support_grants import RECORDS, Terms
from tmr.repository.accounts.accounts import EmailChange
from tmr.repository.accounts.passkeys import Credential
from tmr.repository.accounts.provider_identities import ProviderIdentity
from tmr.repository.accounts.sessions import Device, Lifetime

NEW = "another horse battery staple"


class Account:
    """Alice's account with everything that could let someone in, on two browsers."""

    def __init__(self, alice: Person, services, across_owners, clock) -> None:
        self.alice, self.other, self.now = alice, alice.elsewhere(), clock()
        self.owner = alice.owner
        self.other_device = self.other.client.get_cookie("tmr-device").value.partition(".")[2]
        self.services = services
        self.operator = Operator(services.repository, across_owners, clock(), sends_mail=False)
        with self.open() as uow:
            uow.tokens.add("something waiting", None, LASTS, self.now)
            uow.account.change_preferences(email_change=EmailChange("new@example.org", self.now + LASTS))
            uow.feeds.add(Feed("Calendar", "full"), self.now)
            uow.grants.add(Terms(RECORDS, "help"), 24, self.now)
            uow.exports.start(1, self.now)
            uow.identities.add(ProviderIdentity("https://issuer.example", "1", alice.email), self.now)
            uow.passkeys.add(Credential("Key", b"id", b"key"), 0, self.now)
            uow.totp.set(new_secret(), 1, self.now)
            uow.recovery_codes.renew()
            uow.commit()

    def open(self):
        return self.services.repository.for_owner(self.owner)

    def token(self, purpose: str, payload: object = None) -> str:
        with self.open() as uow:
            token = uow.tokens.add(purpose, payload, LASTS, self.now)
            uow.commit()
        return token

    def verify(self) -> None:
        with self.open() as uow:
            uow.account.verify(self.now)
            uow.commit()

    def held(self) -> set[Access]:
        """What is still there, but for the password, which some of these events set."""
        with self.open() as uow:
            reachable = {
                Access.TOKENS: uow.tokens._connection.exec_driver_sql("SELECT 1 FROM one_time_tokens").first(),
                Access.EMAIL_CHANGE: uow.account.preferences().email_change,
                Access.KNOWN_DEVICES: uow.known_devices.knows(self.other_device, self.now),
                Access.FEEDS: uow.feeds.list(),
                Access.GRANTS: uow.grants.list(self.now),
                Access.EXPORTS: uow.exports.current(self.now),
                Access.IDENTITIES: uow.identities.list(),
                Access.PASSKEYS: uow.passkeys.list(),
                Access.TOTP: uow.totp.exists() or uow.recovery_codes.left(),
            }
        reachable[Access.OTHER_SESSIONS] = self.other.get("/settings").status_code == 200
        reachable[Access.SESSIONS] = self.alice.get("/settings").status_code == 200
        return {access for access, is_there in reachable.items() if is_there}


def reset(account: Account) -> None:
    token = account.token(RESET)
    assert account.other.post(f"/reset/{token}", page=f"/reset/{token}", password=NEW).status_code == 303


def reset_of_a_confirmed_address(account: Account) -> None:
    account.verify()
    reset(account)


def disown(account: Account) -> None:
    token = account.token(END_SESSION, SessionToEnd(uuid4(), account.now + LASTS))
    path = f"/sessions/end/{token}"
    assert account.other.post(path, page=path).status_code == 303


def end_an_unknown_session(account: Account) -> None:
    """A third browser's session is ended, so that the two under test stay."""

    with account.open() as uow:
        third = uow.sessions.add(Device("", ""), Lifetime(LASTS, LASTS), account.now)
        uow.commit()
    assert account.alice.post(f"/settings/sessions/{third.id}/revoke").status_code == 303


def confirm_both_ends(account: Account) -> None:
    for purpose in BOTH_ENDS:
        path = f"/verify/{account.token(purpose)}"
        assert account.other.post(path, page=path).status_code == 303


def change_password(account: Account) -> None:
    account.alice.post("/settings/security/password", page="/settings/security", current=PASSWORD, password=NEW)


DO: dict[Event, Callable[[Account], object]] = {
    Event.SESSION_ENDED: end_an_unknown_session,
    Event.SIGN_OUT_EVERYWHERE: lambda held: held.alice.post("/settings/sessions/revoke-others"),
    Event.SESSION_DISOWNED: disown,
    Event.PASSWORD_CHANGED: change_password,
    Event.PASSWORD_RESET: reset_of_a_confirmed_address,
    Event.FACTOR_CHANGED: lambda held: held.alice.post("/settings/security/recovery-codes"),
    Event.EMAIL_CHANGED: confirm_both_ends,
    Event.TAKEN_OVER: reset,
    Event.DISABLED: lambda held: held.operator.disable(held.alice.email),
    Event.OPERATOR_SIGNED_OUT: lambda held: held.operator.sign_out(held.alice.email),
    Event.FACTORS_RESET: lambda held: held.operator.reset_factor(held.alice.email),
}


@pytest.mark.parametrize("event", Event, ids=lambda event: event.name.lower())
def test_w3_s5_each_event_takes_away_what_the_table_says_and_nothing_else(
    event: Event, alice, services, job_context, clock
) -> None:
    account = Account(alice, services, job_context.across_owners, clock)
    before = account.held()
    assert before == set(Access) - {Access.PASSWORD, Access.OTHER_DEVICES}

    DO[event](account)

    expected = set(TAKES[event]) - {Access.PASSWORD}
    if Access.OTHER_DEVICES in expected:  # the browser that is looked at is the other one
        expected = expected - {Access.OTHER_DEVICES} | {Access.KNOWN_DEVICES}
    if Access.SESSIONS in expected:
        expected.add(Access.OTHER_SESSIONS)
    if event == Event.EMAIL_CHANGED:  # by a mailed link, with which no session of the account asks
        expected.add(Access.SESSIONS)
    assert before - account.held() == expected


ONLY_ITS_OWNER = {Event.SESSION_ENDED, Event.FACTOR_CHANGED, Event.EMAIL_CHANGED}


@pytest.mark.parametrize("event", Event, ids=lambda event: event.name.lower())
def test_w3_what_a_stranger_could_have_left_behind_ends_where_one_may_have_been_in(event: Event) -> None:
    """The table is read by the test above, so what it must hold is said once more, by the rule and not by the table."""
    left_behind = {Access.FEEDS, Access.GRANTS, Access.EXPORTS}

    assert TAKES[event] & left_behind == (set() if event in ONLY_ITS_OWNER else left_behind)


@pytest.mark.parametrize(
    "event", [Event.PASSWORD_RESET, Event.DISABLED, Event.OPERATOR_SIGNED_OUT, Event.FACTORS_RESET]
)
def test_w3_where_nobody_present_asked_every_session_ends(event: Event) -> None:
    assert {Access.SESSIONS, Access.KNOWN_DEVICES} <= TAKES[event]


@pytest.mark.parametrize("event", [Event.SIGN_OUT_EVERYWHERE, Event.PASSWORD_CHANGED, Event.FACTOR_CHANGED])
def test_w3_where_its_person_asked_every_other_session_ends(event: Event) -> None:
    assert Access.OTHER_SESSIONS in TAKES[event]


@pytest.mark.parametrize("event", Event, ids=lambda event: event.name.lower())
def test_w3_no_event_leaves_a_mailed_link_or_a_device_that_knows_the_account(event: Event) -> None:
    assert {Access.TOKENS, Access.EMAIL_CHANGE} <= TAKES[event]
    assert TAKES[event] & {Access.KNOWN_DEVICES, Access.OTHER_DEVICES}


def test_w3_an_account_without_a_password_is_not_locked_out_by_a_reset_of_its_factors(
    services, job_context, clock
) -> None:
    new = msgspec.structs.replace(new_account("g@example.org"), password_hash=None)
    services.repository.add_account(new, clock())

    with pytest.raises(AccountRefusedError, match="no password"):
        Operator(services.repository, job_context.across_owners, clock(), sends_mail=False).reset_factor(
            "g@example.org"
        )
    Operator(services.repository, job_context.across_owners, clock(), sends_mail=True).reset_factor("g@example.org")


def test_w3_a_known_device_holds_a_token_that_its_account_gave_it_and_no_other(alice, services, clock) -> None:
    owner = alice.owner
    with services.repository.for_owner(owner) as uow:
        made = uow.known_devices.add("a" * 43, clock())
        assert made != "a" * 43
        assert not uow.known_devices.knows("a" * 43, clock())
        assert uow.known_devices.add(made, clock()) == made


def test_w3_one_browser_knows_two_accounts_and_each_knows_it(alice, app) -> None:
    alice.post("/logout")
    bob = Person(app, "bob@example.org")
    bob.client = alice.client
    bob.sign_up()
    bob.post("/logout")

    alice.sign_in()
    log = alice.get("/settings/security/log").text

    assert "Signed in from a new device" not in log


def test_w3_a_device_that_was_known_before_a_password_change_is_a_new_one_after_it(alice) -> None:
    other = alice.elsewhere()
    old = other.client.get_cookie("tmr-device").value
    change = alice.post("/settings/security/password", page="/settings/security", current=PASSWORD, password=NEW)
    assert change.status_code == 303

    thief = Person(alice.app, alice.email)
    thief.client.set_cookie("tmr-device", old)
    thief.sign_in(NEW)

    assert alice.get("/settings/security/log").text.count("Signed in from a new device") == 2


def test_a6_w2_signing_out_everywhere_else_gives_no_new_tries_at_the_second_factor(alice, clock) -> None:
    enrol(alice, clock)
    codes = []
    for _ in range(6):
        codes.append(alice.post("/reauthenticate", page="/reauthenticate", code="000000").status_code)
        alice.post("/settings/sessions/revoke-others")

    assert codes == [422] * 5 + [429]


def test_w3_a_password_that_was_changed_while_it_was_checked_signs_nobody_in(alice, services, clock) -> None:
    """The check can take seconds when many sign in; in that time the owner sets another password."""

    def slow(password: str, stored: str | None) -> bool:
        with services.repository.for_owner(alice.owner) as uow:
            uow.account.set_password("another", 3, clock())
            uow.commit()
        return True

    late = create_app(msgspec.structs.replace(services, verify_password=slow))
    thief = Person(late, alice.email)

    assert thief.sign_in().status_code == 422
    assert thief.get("/applications").status_code == 303


def test_k6_a_hash_is_renewed_only_where_it_is_the_stored_one_still(alice, services) -> None:
    with services.repository.for_owner(alice.owner) as uow:
        stored = uow.account.password_hash()
        assert not uow.account.renew_password_hash("another", "new")
        assert uow.account.password_hash() == stored
        assert uow.account.renew_password_hash(stored, "new")
