"""Unlocking, and changing a lock, while something else is under way: nothing stays open, waits for ever or is lost."""

import html
import threading
from collections.abc import Callable
from types import SimpleNamespace
from uuid import UUID, uuid4

import psycopg
import pytest

from tests.integration.auth.lock.test_large_work import accept_large
from tests.integration.auth.lock.test_renewing_the_key import ask_for_new_key
from tests.support.database.waiting import commit_once_it_waits
from tests.support.locked import CHEAP, LOCK_PAGE, PASSWORD_SLOT, ask_for_code, lock, state_of, turn_on, type_back
from tests.support.people import PASSWORD, Person
from tmr.auth.passwords.change import STILL_LOCKED
from tmr.crypto.lock.slot import PASSWORD as PASSWORD_KIND
from tmr.crypto.lock.slot import Slot
from tmr.crypto.lock.slot_keys import password_key
from tmr.operations.jobs.backups import finish_lock
from tmr.repository.accounts.accounts import Accounts
from tmr.repository.errors import LockedError
from tmr.repository.lock.kept_slots import SlotKey
from tmr.web.session.current import KEEPING_UP

NEW = "seven lamps beside the quiet harbour"
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"


@pytest.fixture
def key(alice, services, clock) -> bytes:
    """What opens Alice's records by her password; they are open in her browser."""
    alice.add(company="Narwhal")
    keys = lock(services.repository, alice.owner, clock(), PASSWORD)
    assert alice.post("/unlock", page="/unlock", unlock_password=PASSWORD).status_code == 303
    return keys[PASSWORD_SLOT].key


@pytest.fixture
def other(alice, key) -> Person:
    """Another browser that is signed in, in which the records are closed."""
    person = alice.elsewhere()
    person.post("/lock", page="/settings")
    return person


def cookie_of(person: Person) -> str:
    return person.client.get_cookie("tmr").value


@pytest.mark.parametrize(
    ("path", "fields"), [("/lock", {"where": "everywhere"}), (f"{LOCK_PAGE}/password", {"password": PASSWORD})]
)
def test_w3_what_is_unlocked_just_before_it_is_closed_everywhere_is_closed(
    alice, other: Person, services, clock, admin: psycopg.Connection, key: bytes, path: str, fields: dict[str, str]
) -> None:
    """Seen failing: the change did not wait for the unlock, and did not see it."""
    with services.repository.claim(cookie_of(other), clock()) as uow:
        uow.hold_account()  # as unlocking does first
        renewed = uow.sessions.renew(clock())
        uow.lock.open_for(renewed.session, PASSWORD_SLOT, key, clock())
        answer = commit_once_it_waits(admin, uow, lambda: alice.post(path, page="/settings", **fields))

    assert answer.status_code == 303
    with services.repository.claim(renewed.cookie, clock()) as uow:
        assert not uow.lock.is_open


def test_w3_a_password_that_is_replaced_at_this_moment_opens_nothing(
    alice, other: Person, services, clock, admin: psycopg.Connection
) -> None:
    """Seen failing: whether it is right was asked before its slot was gone."""
    with services.repository.claim(cookie_of(alice), clock()) as uow:
        uow.hold_account()
        slot_key = SlotKey(password_key(NEW, CHEAP), CHEAP.text())
        uow.lock.replace(Slot(PASSWORD_KIND, uuid4()), slot_key, clock())
        uow.lock.close_everywhere(besides=uow.session_id)
        unlocked = commit_once_it_waits(
            admin, uow, lambda: other.post("/unlock", page="/unlock", unlock_password=PASSWORD)
        )

    assert unlocked.status_code == 423
    assert other.get("/applications").status_code == 423


def test_w3_what_was_begun_before_a_new_key_and_is_saved_after_it_is_asked_for_again(
    alice, services, clock, admin: psycopg.Connection, monkeypatch
) -> None:
    """Seen failing: answered 500, as a fault of ours."""
    claim = services.repository.claim

    def claim_then_lock(cookie: str, now):
        uow = claim(cookie, now)
        monkeypatch.setattr(services.repository, "claim", claim)
        lock(services.repository, alice.owner, clock(), PASSWORD)
        return uow

    token = alice.token("/applications/new")
    monkeypatch.setattr(services.repository, "claim", claim_then_lock)
    fields = {"company": "Narwhal", "title": "Diver", "csrf_token": token}

    answer = alice.client.post("/applications", data=fields)

    assert answer.status_code == 503
    assert "sealed under another key" in answer.text
    assert answer.headers["Retry-After"]
    alice.post("/unlock", page="/unlock", unlock_password=PASSWORD)
    assert alice.client.post("/applications", data=fields).status_code == 303


def test_w3_who_unlocks_while_the_earlier_key_goes_has_the_new_one_alone(
    alice, other: Person, services, clock, admin: psycopg.Connection, key: bytes
) -> None:
    """Seen failing: answered 500, since the row was to open a key that was gone."""
    with services.repository.claim(cookie_of(alice), clock()) as uow:
        renewed = uow.sessions.renew(clock())
        uow.lock.renew({PASSWORD_SLOT: SlotKey(key, CHEAP.text())}, clock())
        uow.lock.open_for(renewed.session, PASSWORD_SLOT, key, clock())
        while uow.lock.reseal(clock()):
            pass
        uow.commit()
    with services.repository.for_owner(alice.owner) as uow:
        uow.lock.finish(clock())
        unlocked = commit_once_it_waits(
            admin, uow, lambda: other.post("/unlock", page="/unlock", unlock_password=PASSWORD)
        )

    assert unlocked.status_code == 303
    assert "Narwhal" in other.get("/applications").text


@pytest.fixture
def locked(alice) -> Person:
    """Alice, who has turned the lock on, in the browser in which she did."""
    alice.add(company="Narwhal")
    turn_on(alice)
    return alice


def test_w3_a_record_is_saved_while_a_new_key_is_asked_for_and_a_calendar_link_is_there(
    locked: Person, app, admin: psycopg.Connection, monkeypatch
) -> None:
    """Seen failing: each waited for the other, and what was typed got 503."""
    assert locked.post("/settings/calendar", page="/settings/calendar", label="x", level="busy").status_code == 200
    there, code = locked.elsewhere(), ask_for_new_key(locked)
    sent = {"recovery_code": code, "csrf_token": locked.token(LOCK_PAGE)}
    token, keeps_up, confirmed = there.token("/applications/new"), app.extensions[KEEPING_UP], []
    confirming = threading.Thread(
        target=lambda: confirmed.append(locked.client.post(f"{LOCK_PAGE}/confirm", data=sent)), daemon=True
    )

    def once_the_other_waits(uow) -> None:
        monkeypatch.setitem(app.extensions, KEEPING_UP, keeps_up)
        confirming.start()
        while confirming.is_alive() and not admin.execute(WAITING).fetchone()[0]:
            pass
        assert confirming.is_alive(), "it did not wait"
        keeps_up(uow)

    monkeypatch.setitem(app.extensions, KEEPING_UP, once_the_other_waits)
    saved = there.client.post("/applications", data={"company": "Typed", "title": "Diver", "csrf_token": token})
    confirming.join(60)

    assert (saved.status_code, confirmed[0].status_code) == (303, 303)


def test_w2_nobody_waits_for_what_someone_else_does_to_a_lock(
    locked: Person, bob: Person, services, clock, admin: psycopg.Connection
) -> None:
    """Seen failing: that a rotation is due was noted in a row of all accounts, and held until the other was done."""
    bob.add(company="Ørsted")
    turn_on(bob)
    with services.repository.claim(cookie_of(locked), clock()) as uow:
        uow.sessions.renew(clock())
        uow.lock.close_everywhere()
        answers: list[int] = []
        locking = threading.Thread(
            target=lambda: answers.append(bob.post("/lock", page="/settings").status_code), daemon=True
        )
        locking.start()
        locking.join(30)
        assert answers == [303]
        uow.commit()


def test_a_new_key_waits_for_an_import_that_a_request_carries_out(locked: Person, services) -> None:
    """Seen failing: only what a worker does was asked about, and no worker does it for locked records."""
    place, code = accept_large(locked), ask_for_new_key(locked)
    with services.repository.for_owner(locked.owner) as importing:
        with pytest.raises(LockedError):  # it is taken up before it is read
            importing.imports.take_up(UUID(place.rpartition("/")[2]))
        answer = locked.post(f"{LOCK_PAGE}/confirm", page=LOCK_PAGE, recovery_code=code)

    assert "still under way" in answer.text
    assert locked.post(f"{LOCK_PAGE}/confirm", page=LOCK_PAGE, recovery_code=code).status_code == 303


def test_who_changes_the_password_while_the_lock_is_turned_on_is_told_that_the_earlier_one_still_opens(
    alice: Person, monkeypatch
) -> None:
    """Seen failing: the keys of before were asked whether the records are locked."""
    alice.add(company="Narwhal")
    there, code = alice.elsewhere(), ask_for_code(alice)
    hold = Accounts.hold

    def after_the_lock(accounts: Accounts) -> None:
        monkeypatch.setattr(Accounts, "hold", hold)
        locking = threading.Thread(target=lambda: type_back(alice, code), daemon=True)
        locking.start()
        locking.join(60)
        hold(accounts)

    token = there.token("/settings/security")
    monkeypatch.setattr(Accounts, "hold", after_the_lock)
    sent = {"current": PASSWORD, "password": NEW, "csrf_token": token}
    changed = there.client.post("/settings/security/password", data=sent)

    assert (changed.status_code, changed.headers["Location"]) == (303, "/settings/security")
    assert STILL_LOCKED in html.unescape(there.get("/settings/security").text)


def seal(person: Person, services, clock) -> None:
    """Turn the lock on and reseal all, so that a backup is what is left to do."""
    type_back(person, ask_for_code(person))
    with services.repository.claim(cookie_of(person), clock()) as uow:
        while uow.lock.reseal(clock()):
            pass
        uow.commit()


def backed_up_by(create: Callable[..., None], services, clock) -> SimpleNamespace:
    """What the job that finishes a lock works with, where ``create`` makes the backup."""
    backups = SimpleNamespace(holds=lambda *_: False, waits_until=lambda *_: None, create=create)
    told = {"publish_erasures": lambda *_: None, "backup_recipient": ""}
    return SimpleNamespace(clock=clock, repository=services.repository, backups=backups, **told)


def test_proof_5_a_lock_is_finished_by_the_backup_that_holds_what_it_resealed_and_by_no_other(
    alice: Person, services, clock, admin: psycopg.Connection
) -> None:
    """Seen failing: turned off and on again during the backup, its keys went, and no backup opened any more."""
    alice.add(company="Narwhal")

    def create(*_what: object, **_how: object) -> None:
        assert alice.post("/settings/privacy/unlock-for-good", page=LOCK_PAGE).status_code == 303
        clock.turn(seconds=1)
        seal(alice, services, clock)

    seal(alice, services, clock)
    finish_lock(backed_up_by(create, services, clock), alice.owner)

    kept = admin.execute("SELECT count(*) FROM data_keys WHERE purpose = 'records'").fetchone()[0]
    assert kept > 1
    assert state_of(alice) == "resealing"
    waiting = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'finish-lock' AND status = 'todo'"
    assert admin.execute(waiting).fetchone()[0] >= 1


def test_proof_5_a_lock_is_finished_though_its_page_asks_all_the_time_while_the_backup_is_made(
    alice: Person, services, clock
) -> None:
    """Seen failing: each time it was asked, the rows counted as resealed just then, and its backup as of before."""
    alice.add(company="Narwhal")
    seal(alice, services, clock)

    def create(*_what: object, **_how: object) -> None:
        clock.turn(seconds=3)
        with services.repository.claim(cookie_of(alice), clock()) as uow:
            assert uow.lock.reseal(clock()) == 0  # as each request of the page does
            uow.commit()

    finish_lock(backed_up_by(create, services, clock), alice.owner)

    assert state_of(alice).startswith("locked")


def test_a_token_that_is_made_while_the_lock_is_turned_off_leaves_no_slot(
    locked: Person, services, clock, admin: psycopg.Connection
) -> None:
    """Seen failing: a slot was left in an account that is not locked."""
    there = locked.elsewhere()
    with services.repository.claim(cookie_of(locked), clock()) as uow:
        uow.hold_account()
        uow.turn_lock_off()
        made = commit_once_it_waits(
            admin, uow, lambda: there.post("/settings/tokens", page="/settings", label="x", scope="both")
        )

    assert made.status_code == 200
    assert admin.execute("SELECT count(*) FROM key_wraps WHERE kind <> 'keyring'").fetchone() == (0,)
