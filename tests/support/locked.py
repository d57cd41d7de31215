"""An account with the lock on: below the web, and as its owner turns it on."""

import datetime as dt
import re
from uuid import UUID, uuid4

import pytest

from tests.support.factories import application
from tests.support.people import PASSWORD as SIGN_IN_PASSWORD
from tests.support.people import Person
from tmr.crypto.lock.slot import PASSWORD, RECOVERY, Slot
from tmr.crypto.lock.slot_keys import Stretching, password_key, random_key_of
from tmr.domain.kinds.application import APPLICATION
from tmr.repository.access.calendar_feeds import Feed
from tmr.repository.accounts.passkeys import Credential
from tmr.repository.accounts.sessions import Device, Lifetime
from tmr.repository.errors import LockedError
from tmr.repository.keys.owner_keys import SessionSecret
from tmr.repository.keys.resealing import EVERYTHING, Resealing
from tmr.repository.lock.kept_slots import SlotKey
from tmr.repository.lock.passkeys import opening_by_passkey

LOCK_PAGE = "/settings/privacy/lock"
SHOWN_CODE = re.compile(r'<code id="recovery-code">([^<]+)</code>')
PASS, CODE = "correct horse battery staple", b"quietlampbyharbour07"
CHEAP = Stretching(bytes(16), memory_kib=8, passes=1)  # what it costs is asked of the function itself
LIFETIME = Lifetime(dt.timedelta(hours=24), dt.timedelta(days=30))
PASSWORD_SLOT, RECOVERY_SLOT = Slot(PASSWORD, UUID(int=1)), Slot(RECOVERY, UUID(int=2))


def lock(repository, owner: UUID, now: dt.datetime, password: str) -> dict[Slot, SlotKey]:
    """Turn the lock of an account on, as its page will; return what opens it."""
    keys = {
        PASSWORD_SLOT: SlotKey(password_key(password, CHEAP), CHEAP.text()),
        RECOVERY_SLOT: SlotKey(random_key_of(owner, RECOVERY_SLOT, CODE)),
    }
    with repository.for_owner(owner) as uow:
        uow.lock.begin(keys, now)
        resealing = Resealing(EVERYTHING)
        while resealing.step(uow._connection, uow._owner_keys):
            pass
        uow.lock.finish(now)
        uow.commit()
    return keys


class Locked:
    """An account with the lock on, and one record."""

    def __init__(self, services, owner, clock) -> None:
        self.repository, self.owner, self.clock = services.repository, owner, clock
        with self.unit() as uow:
            uow.records.add(APPLICATION, application(company="Narwhal"), clock())
            uow.feeds.add(Feed("Phone", "busy"), clock())
            uow.commit()
        self.keys = lock(self.repository, owner, clock(), PASS)

    def unit(self):
        return self.repository.for_owner(self.owner)

    def sign_in(self) -> str:
        """Begin a session, and return its cookie."""
        with self.unit() as uow:
            begun = uow.sessions.add(Device("::1", "test"), LIFETIME, self.clock())
            uow.commit()
        return begun.cookie

    def unlock(self, cookie: str, slot: Slot = PASSWORD_SLOT, key: bytes = b"") -> str:
        """Open the records in a session, and return its new cookie."""
        with self.repository.claim(cookie, self.clock()) as uow:
            renewed = uow.sessions.renew(self.clock())
            secret = SessionSecret(uow.session_id, renewed.cookie.partition(".")[2])
            uow.lock.open_for(secret, slot, key or self.keys[slot].key, self.clock())
            uow.commit()
        return renewed.cookie

    def add_passkey(self, secret: str) -> UUID:
        """Give the account a passkey whose secret opens its records; return its id."""
        with self.repository.claim(self.unlock(self.sign_in()), self.clock()) as uow:
            added = self.let_in_passkey(uow, secret)
            uow.commit()
        return added

    def let_in_passkey(self, uow, secret: str) -> UUID:
        """Add a passkey whose secret opens the records that are open in ``uow``; return its id."""
        before = {passkey.id for passkey in uow.passkeys.list()}
        uow.passkeys.add(Credential("Phone", uuid4().bytes, b"public"), 0, self.clock())
        [added] = {passkey.id for passkey in uow.passkeys.list()} - before  # those of one moment are in no order
        opening = opening_by_passkey(self.owner, added, secret)
        uow.lock.add(opening.slot, SlotKey(opening.key), self.clock())
        return added

    def reads_by_passkey(self, passkey_id: UUID, secret: str) -> list[str] | None:
        """What a session reads that was unlocked by a passkey; raises ``DecryptionError`` if it opens nothing."""
        opening = opening_by_passkey(self.owner, passkey_id, secret)
        return self.reads(self.unlock(self.sign_in(), opening.slot, opening.key))

    def reads(self, cookie: str) -> list[str] | None:
        """What a request with this cookie reads; None if the records are closed."""
        with self.repository.claim(cookie, self.clock()) as uow:
            return companies(uow)


def companies(uow) -> list[str] | None:
    try:
        read = [record.values["company"] for record in uow.records.everything(APPLICATION)]
    except LockedError:
        assert not uow.lock.is_open
        return None
    uow.commit()
    return read


def state_of(person: Person) -> str:
    """What the page says: the state, with ``due`` while a rotation of the wrapping key is."""
    match = re.search(r'id="lock-state"\s+data-state="(\w+)"(?:\s+data-rotation="(\w+)")?', person.get(LOCK_PAGE).text)
    assert match
    return " ".join(filter(None, match.groups()))


def ask_for_code(person: Person, password: str = SIGN_IN_PASSWORD) -> str:
    answer = person.post(LOCK_PAGE, page=LOCK_PAGE, password=password)
    assert answer.status_code == 200, answer.text
    return SHOWN_CODE.search(answer.text)[1]


def type_back(person: Person, code: str):
    return person.post(f"{LOCK_PAGE}/confirm", recovery_code=code)


def reseal(person: Person) -> int:
    """Press the button of the page until all is done; return how often."""
    for pressed in range(1, 100):
        person.post(f"{LOCK_PAGE}/next")
        if not state_of(person).startswith("resealing"):
            return pressed
    pytest.fail("it never ends")


def turn_on(person: Person) -> str:
    """Lock the records of a person, as they would; return the recovery code."""
    code = ask_for_code(person)
    assert type_back(person, code).headers["Location"] == LOCK_PAGE
    reseal(person)
    return code
