"""Keys for hashing and signing are changed: the runbook of each, as docs/running/keys.md has it."""

import json

import msgspec
import pytest

from tests.support.backups import YES, another_machine, backups, quiet
from tests.support.backups import Keys as AgeKeys
from tests.support.devices.passkey import add_passkey, use_passkey
from tests.support.people import PASSWORD, Browser, Person
from tmr import create_app
from tmr.auth.passwords.reset import send_reset
from tmr.config import load_settings
from tmr.crypto.errors import KeyringError
from tmr.operations.backups.targets import Directory
from tmr.operations.database.embedded import EmbeddedServer
from tmr.operations.jobs.tasks import hashes_of
from tmr.operations.keys import Keys
from tmr.privacy.erasure.ledger import write_ledger
from tmr.repository.accounts.provider_identities import ProviderIdentity
from tmr.repository.database.across_owners import AcrossOwners, KeyInUseError
from tmr.repository.database.connections import across_owners_engine
from tmr.repository.database.dump import Restoration
from tmr.repository.database.migrate import HEAD
from tmr.repository.erasure import ACCOUNT, Erasure, account_hash
from tmr.repository.keys.keyring_store import KeyringStore
from tmr.repository.repository import Repository
from tmr.wiring.keyring import load_keyring, make_keyring
from tmr.wiring.restoring import Opening, restore_backup
from tmr.wiring.services import build, utc_now

ABROAD = ProviderIdentity("https://accounts.example.com", "1234567890", "ada@example.com")


class Installation:
    """A keyring of its own on the database of the tests."""

    def __init__(self, folder, server, clock) -> None:
        self.settings = load_settings({"TMR_DATA_DIR": str(folder / "var")})
        make_keyring(self.settings)
        self.server, self.clock = server, clock
        self.across_owners = AcrossOwners(across_owners_engine(server.migration_url))

    def app(self):
        """What a fresh start makes of the keyring."""
        services = build(self.settings, self.server.app_url, pool_size=2)
        return create_app(msgspec.structs.replace(services, clock=self.clock))

    def keys(self) -> Keys:
        services = build(self.settings, self.server.app_url, pool_size=1)
        store = KeyringStore(load_keyring(self.settings), self.settings.keyring_file, None)
        return Keys(store, self.across_owners, services.repository)

    def repository(self) -> Repository:
        return build(self.settings, self.server.app_url, pool_size=1).repository

    def held(self, purpose: str) -> list[str]:
        return list(json.loads(self.settings.keyring_file.read_text())[purpose])


@pytest.fixture
def installation(database, tmp_path, clock) -> Installation:
    return Installation(tmp_path, database, clock)


def pepper_of(admin) -> str:
    return admin.execute("SELECT password_hash FROM accounts").fetchone()[0].partition("$")[0]


def test_g4_the_pepper_is_changed_and_passwords_follow_when_their_owners_sign_in(installation, admin) -> None:
    ada = Person(installation.app(), "ada@example.org").sign_up()
    installation.keys().add_hashing("pepper")
    before = pepper_of(admin)
    with pytest.raises(KeyInUseError, match="1 passwords"):
        installation.keys().retire_hashing("pepper-1")
    app = installation.app()
    wrong = Person(app, ada.email).sign_in("wrong horse battery staple").status_code
    right = Person(app, ada.email).sign_in().status_code
    installation.keys().retire_hashing("pepper-1")

    assert (before, pepper_of(admin)) == ("pepper-1", "pepper-2")
    assert (wrong, right) == (422, 303)
    assert installation.held("pepper") == ["pepper-2"]
    assert Person(installation.app(), ada.email).sign_in().status_code == 303


def test_g4_the_cookies_key_is_changed_and_nobody_is_signed_out(installation) -> None:
    ada = Person(installation.app(), "ada@example.org").sign_up()
    ada.token("/import")
    installation.keys().add_hashing("cookie")
    later = Person(installation.app(), ada.email)
    for name in ("tmr", "tmr-form", "tmr-device"):
        if cookie := ada.client.get_cookie(name):
            later.client.set_cookie(name, cookie.value)
    forms = later.client.get_cookie("tmr-form")

    assert later.get("/applications").status_code == 200
    assert later.add(company="Globex")
    assert forms
    installation.keys().retire_hashing("cookie-1")
    assert installation.held("cookie") == ["cookie-2"]


def test_g4_the_logs_key_is_changed_and_every_chain_stays_whole(installation, admin) -> None:
    ada = Person(installation.app(), "ada@example.org").sign_up()
    installation.keys().add_hashing("audit")
    app = installation.app()
    again = Person(app, ada.email)
    again.sign_in()
    installation.clock.turn(minutes=1)
    repository = build(installation.settings, installation.server.app_url, pool_size=1).repository
    with repository.for_owner(repository.find_owner(ada.email)) as uow:
        count, is_whole = uow.log.count(), uow.log.is_whole()
    with pytest.raises(KeyInUseError, match="logs"):
        installation.keys().retire_hashing("audit-1")
    admin.execute("UPDATE security_events SET happened_at = happened_at + interval '1 second' WHERE position = 1")
    with repository.for_owner(repository.find_owner(ada.email)) as uow:
        is_still_whole = uow.log.is_whole()

    assert count >= 2
    assert is_whole
    assert not is_still_whole


def test_g4_the_ledgers_key_is_changed_and_a_restore_forgets_what_either_named(installation, admin) -> None:
    app = installation.app()
    people = [Person(app, f"{name}@example.org").sign_up() for name in ("ada", "bob", "eve")]
    repository = build(installation.settings, installation.server.app_url, pool_size=1).repository
    owners = [repository.find_owner(person.email) for person in people]
    erased = [
        Erasure(installation.clock(), ACCOUNT, account_hash(load_keyring(installation.settings), owners[0]).hex())
    ]
    installation.keys().add_hashing("ledger")
    keyring = load_keyring(installation.settings)
    erased.append(Erasure(installation.clock(), ACCOUNT, account_hash(keyring, owners[1]).hex()))
    before = installation.clock()
    installation.clock.turn(minutes=-1)

    with across_owners_engine(installation.server.migration_url).begin() as connection:
        restoration = Restoration(connection, keyring, HEAD)
        restoration.open()
        again = restoration.forget(erased, installation.clock())
        restoration.finish()
    admin.execute("INSERT INTO erasures VALUES ('x', 'account', now())")
    with pytest.raises(KeyInUseError, match="30 days"):
        installation.keys().retire_hashing("ledger-1")
    admin.execute("DELETE FROM erasures")
    installation.keys().retire_hashing("ledger-1")

    assert again == 2
    assert admin.execute("SELECT owner_id FROM accounts").fetchall() == [(owners[2],)]
    assert before > installation.clock()


def test_g4_the_key_of_look_ups_is_changed_and_everybody_is_still_found(installation, admin) -> None:
    first = installation.app()
    ada, bob = (Person(first, f"{name}@example.org").sign_up() for name in ("ada", "bob"))
    passkey, _ = add_passkey(ada)
    owner = installation.repository().find_owner(ada.email)
    with installation.repository().for_owner(owner) as uow:
        assert uow.identities.add(ABROAD, installation.clock())
        uow.commit()
    before = hashes_in(admin)
    installation.keys().add_hashing("index")

    app = installation.app()
    between = [Person(app, person.email).sign_in().status_code for person in (ada, bob)]
    again = Person(app, ada.email).post("/signup", page="/signup", email=ada.email, password=PASSWORD).status_code
    eve = Person(app, "eve@example.org").sign_up()
    in_between = use_passkey(Browser(app), passkey).status_code
    with installation.repository().for_owner(installation.repository().find_owner(bob.email)) as uow:
        taken = uow.identities.add(ABROAD, installation.clock())
    installation.keys().retire_hashing("index-1")

    assert between == [303, 303]
    assert again == 422
    assert in_between == 303
    assert not taken
    assert installation.held("index") == ["index-2"]
    assert not hashes_in(admin) & before
    after = installation.app()
    assert [Person(after, person.email).sign_in().status_code for person in (ada, bob, eve)] == [303, 303, 303]
    assert use_passkey(Browser(after), passkey).status_code == 303
    assert installation.repository().find_by_identity(ABROAD.issuer, ABROAD.subject) == owner


def test_g4_jobs_for_an_address_find_its_account_while_the_key_of_look_ups_is_changed(installation, admin) -> None:
    ada = Person(installation.app(), "ada@example.org").sign_up()
    installation.keys().add_hashing("index")

    assert Person(installation.app(), ada.email).post("/forgot", page="/forgot", email=ada.email).status_code == 200

    [(asked,)] = admin.execute("SELECT args FROM procrastinate_jobs WHERE task_name = 'reset'").fetchall()
    send_reset(installation.repository(), hashes_of(asked["email_hash"]), installation.clock())
    assert admin.execute("SELECT count(*) FROM outgoing_mails").fetchone() == (1,)


def test_g4_a_backup_from_before_the_change_is_looked_up_by_the_new_key(installation, tmp_path) -> None:
    age, place = AgeKeys(tmp_path), tmp_path / "away"
    ada = Person(installation.app(), "ada@example.org").sign_up()
    write_ledger(installation.settings.ledger_file, [])
    backups(installation.settings, installation.server, Directory(place)).create(age.recipient, utc_now, quiet)
    installation.keys().add_hashing("index")
    installation.keys().retire_hashing("index-1")
    there = another_machine(installation.settings, tmp_path)

    restore_backup(there, str(place), Opening(age.file), None, quiet, YES)

    elsewhere = EmbeddedServer(there.data_dir)
    elsewhere.join()
    try:
        app = create_app(build(there, elsewhere.app_url, pool_size=2))
        assert Person(app, ada.email).sign_in().status_code == 303
    finally:
        elsewhere.leave()


def hashes_in(admin) -> set[bytes]:
    """Whatever leads from a keyed hash to an account."""
    rows = admin.execute("SELECT email_index FROM account_emails UNION SELECT lookup_hash FROM owner_lookups")
    return {bytes(value) for (value,) in rows}


@pytest.mark.parametrize("key_id", ["pepper-1", "pepper-9", "index-1", "nothing-1", "-"])
def test_k4_the_newest_key_and_what_is_not_there_stay(installation, key_id: str) -> None:
    held = installation.settings.keyring_file.read_text()

    with pytest.raises(KeyringError):
        installation.keys().retire_hashing(key_id)
    assert installation.settings.keyring_file.read_text() == held
    assert installation.keys().rewrap(quiet) == 0
