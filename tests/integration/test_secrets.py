"""Keys for hashing and signing are changed: the runbook of each, as docs/operations/keys.md has it."""

import json

import msgspec
import pytest

from tests.backups import quiet
from tests.people import Person
from tmr import create_app
from tmr.config import load_settings
from tmr.crypto.errors import KeyringError
from tmr.operations.keys import Keys
from tmr.repository.database import keeper_engine
from tmr.repository.dump import restoring
from tmr.repository.house import ACCOUNT, Erasure, account_hash
from tmr.repository.keeper import Keeper, KeyInUseError
from tmr.repository.keyring_store import KeyringStore
from tmr.wiring import build, load_keyring, make_keyring


class Installation:
    """A keyring of its own on the database of the tests."""

    def __init__(self, folder, server, clock) -> None:
        self.settings = load_settings({"TMR_DATA_DIR": str(folder / "var")})
        make_keyring(self.settings)
        self.server, self.clock = server, clock
        self.keeper = Keeper(keeper_engine(server.migration_url))

    def app(self):
        """What a fresh start makes of the keyring."""
        own = build(self.settings, self.server.app_url, pool_size=2)
        return create_app(msgspec.structs.replace(own, clock=self.clock))

    def keys(self) -> Keys:
        own = build(self.settings, self.server.app_url, pool_size=1)
        store = KeyringStore(load_keyring(self.settings), self.settings.keyring_file, None)
        return Keys(store, self.keeper, own.repository)

    def held(self, purpose: str) -> list[str]:
        return list(json.loads(self.settings.keyring_file.read_text())[purpose])


@pytest.fixture
def own(database, tmp_path, clock) -> Installation:
    return Installation(tmp_path, database, clock)


def pepper_of(admin) -> str:
    return admin.execute("SELECT password_hash FROM accounts").fetchone()[0].partition("$")[0]


def test_g4_the_pepper_is_changed_and_passwords_follow_when_their_owners_sign_in(own, admin) -> None:
    ada = Person(own.app(), "ada@example.org").sign_up()
    own.keys().add_hashing("pepper")
    before = pepper_of(admin)
    with pytest.raises(KeyInUseError, match="1 passwords"):
        own.keys().retire_hashing("pepper-1")
    app = own.app()
    wrong = Person(app, ada.email).sign_in("wrong horse battery staple").status_code
    right = Person(app, ada.email).sign_in().status_code
    own.keys().retire_hashing("pepper-1")

    assert (before, pepper_of(admin)) == ("pepper-1", "pepper-2")
    assert (wrong, right) == (422, 303)
    assert own.held("pepper") == ["pepper-2"]
    assert Person(own.app(), ada.email).sign_in().status_code == 303


def test_g4_the_cookies_key_is_changed_and_nobody_is_signed_out(own) -> None:
    ada = Person(own.app(), "ada@example.org").sign_up()
    ada.token("/import")
    own.keys().add_hashing("cookie")
    later = Person(own.app(), ada.email)
    for name in ("tmr", "tmr-form", "tmr-device"):
        if cookie := ada.client.get_cookie(name):
            later.client.set_cookie(name, cookie.value)
    forms = later.client.get_cookie("tmr-form")

    assert later.get("/applications").status_code == 200
    assert later.add(company="Globex")
    assert forms
    own.keys().retire_hashing("cookie-1")
    assert own.held("cookie") == ["cookie-2"]


def test_g4_the_logs_key_is_changed_and_every_chain_stays_whole(own, admin) -> None:
    ada = Person(own.app(), "ada@example.org").sign_up()
    own.keys().add_hashing("audit")
    app = own.app()
    again = Person(app, ada.email)
    again.sign_in()
    own.clock.turn(minutes=1)
    repository = build(own.settings, own.server.app_url, pool_size=1).repository
    with repository.for_owner(repository.find_owner(ada.email)) as uow:
        count, is_whole = uow.log.count(), uow.log.is_whole()
    with pytest.raises(KeyInUseError, match="logs"):
        own.keys().retire_hashing("audit-1")
    admin.execute("UPDATE security_events SET happened_at = happened_at + interval '1 second' WHERE position = 1")
    with repository.for_owner(repository.find_owner(ada.email)) as uow:
        is_still_whole = uow.log.is_whole()

    assert count >= 2
    assert is_whole
    assert not is_still_whole


def test_g4_the_ledgers_key_is_changed_and_a_restore_forgets_what_either_named(own, admin) -> None:
    app = own.app()
    people = [Person(app, f"{name}@example.org").sign_up() for name in ("ada", "bob", "eve")]
    repository = build(own.settings, own.server.app_url, pool_size=1).repository
    owners = [repository.find_owner(person.email) for person in people]
    erased = [Erasure(own.clock(), ACCOUNT, account_hash(load_keyring(own.settings), owners[0]).hex())]
    own.keys().add_hashing("ledger")
    keyring = load_keyring(own.settings)
    erased.append(Erasure(own.clock(), ACCOUNT, account_hash(keyring, owners[1]).hex()))
    before = own.clock()
    own.clock.turn(minutes=-1)

    with restoring(keeper_engine(own.server.migration_url), keyring) as restoration:
        again = restoration.forget(erased, own.clock())
    admin.execute("INSERT INTO erasures VALUES ('x', 'account', now())")
    with pytest.raises(KeyInUseError, match="30 days"):
        own.keys().retire_hashing("ledger-1")
    admin.execute("DELETE FROM erasures")
    own.keys().retire_hashing("ledger-1")

    assert again == 2
    assert admin.execute("SELECT owner_id FROM accounts").fetchall() == [(owners[2],)]
    assert before > own.clock()


@pytest.mark.parametrize("key_id", ["pepper-1", "pepper-9", "index-1", "nothing-1", "-"])
def test_k4_the_newest_key_and_what_is_not_there_stay(own, key_id: str) -> None:
    held = own.settings.keyring_file.read_text()

    with pytest.raises(KeyringError):
        own.keys().retire_hashing(key_id)
    assert own.settings.keyring_file.read_text() == held
    assert own.keys().rewrap(quiet) == 0
