"""What each event takes away: the one table, read against what the real buttons, links and commands do."""

from collections.abc import Callable
from uuid import uuid4

import msgspec
import pytest

from tests.support.devices.authenticator import enrol
from tests.support.factories import new_account
from tests.support.locked import Locked, turn_on
from tests.support.people import PASSWORD, Person
from tmr import create_app
from tmr.auth.factors.totp import new_secret
from tmr.auth.revocation import END_SESSION, RESET, TAKES, Access, Event, revoke
from tmr.auth.sign_in.steps import SessionToEnd
from tmr.auth.sign_up.email_change import BOTH_ENDS, LASTS
from tmr.crypto.lock.slot import COACH, GRANT, RECOVERY, TOKEN
from tmr.crypto.lock.slot import PASSWORD as PASSWORD_KIND
from tmr.operations.accounts import AccountRefusedError, Operator
from tmr.repository.access.access_tokens import AccessToken
from tmr.repository.access.calendar_feeds import Feed
from tmr.repository.access.coach_links import CoachLink
from tmr.repository.access.support_grants import RECORDS, Terms
from tmr.repository.accounts.accounts import EmailChange
from tmr.repository.accounts.passkeys import Credential
from tmr.repository.accounts.provider_identities import ProviderIdentity
from tmr.repository.accounts.sessions import Device, Lifetime

NEW = "another horse battery staple"
WAITING = "something waiting"


class Account:
    """Alice's account with everything that could let someone in, on two browsers."""

    def __init__(self, alice: Person, services, across_owners, clock) -> None:
        self.alice, self.other, self.now = alice, alice.elsewhere(), clock()
        self.owner = alice.owner
        self.other_device = self.other.client.get_cookie("tmr-device").value.partition(".")[2]
        self.services = services
        self.operator = Operator(services.repository, across_owners, clock(), sends_mail=False)
        with self.open() as uow:
            uow.tokens.add(WAITING, None, LASTS, self.now)
            self.mailed = {uow.tokens.add(purpose, None, LASTS, self.now): purpose for purpose in (RESET, END_SESSION)}
            uow.account.change_preferences(email_change=EmailChange("new@example.org", self.now + LASTS))
            uow.feeds.add(Feed("Calendar", "full"), self.now)
            uow.coach_links.add(CoachLink("Coach", notes=False, pay=False), self.now + LASTS, self.now)
            uow.access_tokens.add(AccessToken("Copy", "read"), self.now + LASTS, self.now)
            uow.grants.add(Terms(RECORDS, "help"), 24, self.now)
            uow.exports.start(1, self.now)
            uow.identities.add(ProviderIdentity("https://issuer.example", "1", alice.email), self.now)
            uow.passkeys.add(Credential("Key", b"id", b"key"), 0, self.now)
            uow.totp.set(new_secret(), 1, self.now)
            uow.recovery_codes.renew()
            assert uow.beginning_again.begin(self.now)
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

    def mailed_left(self, uow) -> set[str]:
        return {purpose for token, purpose in self.mailed.items() if uow.tokens.is_good(token, purpose, self.now)}

    def held(self) -> set[Access]:
        """What is still there, but for the password, which some of these events set."""
        with self.open() as uow:
            reachable = {
                Access.TOKENS: uow.tokens._connection.exec_driver_sql(
                    "SELECT 1 FROM one_time_tokens WHERE purpose NOT IN (%s, %s)", (RESET, END_SESSION)
                ).first(),
                Access.RESETS: RESET in self.mailed_left(uow),
                Access.SESSION_ENDS: END_SESSION in self.mailed_left(uow),
                Access.EMAIL_CHANGE: uow.account.preferences().email_change,
                Access.KNOWN_DEVICES: uow.known_devices.knows(self.other_device, self.now),
                Access.OTHER_TRUST: uow.known_devices.trusts(self.other_device, self.now),
                Access.FEEDS: uow.feeds.list(),
                Access.COACH_LINKS: uow.coach_links.list(self.now),
                Access.ACCESS_TOKENS: uow.access_tokens.list(self.now),
                Access.BEGINNING_AGAIN: uow.beginning_again.at(),
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


def lock_records(account: Account) -> None:
    """As the export is finished that the account waits for; one under way has to be waited for."""
    with account.open() as uow:
        uow.jobs.forget_waiting()
        uow.commit()
    turn_on(account.alice)


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
    Event.LOCK_TURNED_ON: lock_records,
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
    if Access.KNOWN_DEVICES in expected:
        expected.add(Access.OTHER_TRUST)
    if Access.SESSIONS in expected:
        expected.add(Access.OTHER_SESSIONS)
    if event == Event.EMAIL_CHANGED:  # by a mailed link, with which no session of the account asks
        expected.add(Access.SESSIONS)
    assert before - account.held() == expected


def test_w3_where_records_are_locked_the_slots_go_with_what_they_are_of(services, owner, clock) -> None:
    """Seen failing with a revoker of access tokens that does nothing, and with one of links for a coach."""
    locked = Locked(services, owner, clock)
    with services.repository.claim(locked.unlock(locked.sign_in()), clock()) as uow:
        uow.access_tokens.add(AccessToken("Copy", "read"), clock() + LASTS, clock())
        uow.coach_links.add(CoachLink("Coach", notes=False, pay=False), clock() + LASTS, clock())
        uow.grants.add(Terms(RECORDS, "help"), 24, clock())
        uow.commit()
    slots_of = {Access.ACCESS_TOKENS: TOKEN, Access.COACH_LINKS: COACH, Access.GRANTS: GRANT}

    for event in Event:
        with services.repository.for_owner(owner) as uow:  # not committed, so that the next event finds all of them
            revoke(uow, event, clock())
            left = {kept.slot.kind for kept in uow.lock.slots()} - {PASSWORD_KIND, RECOVERY}
        assert left == {slots_of[access] for access in set(slots_of) - TAKES[event]}, event


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
def test_w3_no_event_leaves_a_sign_in_that_waits_or_a_device_that_is_trusted(event: Event) -> None:
    assert {Access.TOKENS, Access.EMAIL_CHANGE} <= TAKES[event]
    assert TAKES[event] & {Access.KNOWN_DEVICES, Access.OTHER_DEVICES, Access.OTHER_TRUST}


ASKS_FOR_NO_PROOF = {Event.SESSION_ENDED, Event.SIGN_OUT_EVERYWHERE}
LEAVES_ANSWERS_TO_MAILS = ASKS_FOR_NO_PROOF | {Event.SESSION_DISOWNED, Event.FACTOR_CHANGED, Event.LOCK_TURNED_ON}


@pytest.mark.parametrize("event", Event, ids=lambda event: event.name.lower())
def test_a6_a9_a14_w3_only_what_asks_for_no_proof_leaves_links_of_resets_and_counters_of_browsers(event: Event) -> None:
    """A stolen cookie alone is enough for both of these, which asks for no confirmation."""
    browsers = TAKES[event] & {Access.KNOWN_DEVICES, Access.OTHER_DEVICES}

    assert (Access.RESETS not in TAKES[event], not browsers) == (event in ASKS_FOR_NO_PROOF,) * 2
    assert (Access.SESSION_ENDS not in TAKES[event]) == (event in LEAVES_ANSWERS_TO_MAILS)


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
