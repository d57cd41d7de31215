"""Unlocking while another browser changes what unlocks, or locks everywhere: whichever is first, nothing stays open."""

from uuid import uuid4

import psycopg
import pytest

from tests.support.database.waiting import commit_once_it_waits
from tests.support.locked import CHEAP, LOCK_PAGE, PASSWORD_SLOT, lock
from tests.support.people import PASSWORD, Person
from tmr.crypto.lock.slot import PASSWORD as PASSWORD_KIND
from tmr.crypto.lock.slot import Slot
from tmr.crypto.lock.slot_keys import password_key
from tmr.repository.lock.kept_slots import SlotKey

NEW = "seven lamps beside the quiet harbour"


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
