"""No request holds a database connection while it waits for another: with one connection, everything still works."""

import re

import msgspec
import pytest

from tests.support.devices.authenticator import enrol
from tests.support.devices.passkey import add_passkey, use_passkey
from tests.support.people import PASSWORD, Browser, Person
from tests.support.servers.provider import CLIENT_ID, CLIENT_SECRET, Provider, set_out
from tmr import config, create_app
from tmr.wiring.services import build

NEW = "seven lamps beside the quiet harbour"


@pytest.fixture
def services(services, server):
    """An app with a pool of one, which nobody holds while a password is hashed: that takes long when many sign in."""
    built = build(services.settings, server.app_url, pool_size=1)

    def unheld(work):
        def watched(*arguments):
            assert built.repository._engine.pool.checkedout() == 0, "a connection is held over the hashing"
            return work(*arguments)

        return watched

    hashing = {"hash_password": unheld(built.hash_password), "verify_password": unheld(built.verify_password)}
    return msgspec.structs.replace(built, clock=services.clock, **hashing)


@pytest.fixture(autouse=True)
def nothing_waits(services):
    """A request that wants a second connection of the pool fails at once, instead of after some seconds."""
    services.repository._engine.pool._timeout = 0.2


def test_signing_in_and_confirming_in_every_way_need_one_connection(app, clock, letters, visitor) -> None:
    ada = Person(app, "ada@example.org").sign_up()
    assert ada.sign_in().status_code == 303
    assert visitor.post("/login", email=ada.email, password="wrong").status_code == 422
    assert visitor.post("/login", email="nobody@example.org", password="wrong").status_code == 422
    authenticator, _ = enrol(ada, clock)
    clock.turn(seconds=30)
    other = Person(app, ada.email)
    assert other.sign_in().headers["Location"] == "/login/2fa"
    assert other.post("/login/2fa", page="/login", code="000000").status_code == 422
    assert other.post("/login/2fa", page="/login", code=authenticator.code()).headers["Location"] == "/"
    key, _ = add_passkey(other)
    third = Person(app, ada.email)
    assert use_passkey(third, key).headers["Location"] == "/"
    clock.turn(minutes=11)
    assert use_passkey(third, key, "/reauthenticate/passkey", "/reauthenticate").status_code == 303
    assert third.post("/settings/privacy/export").status_code == 200
    assert third.get("/export/applications.csv").status_code == 200
    for path in ("/settings", "/settings/security", "/settings/security/log", "/settings/sessions", "/applications"):
        assert third.get(path).status_code == 200, path
    assert third.post("/logout").status_code == 303


def test_mailed_links_and_changes_need_one_connection(app, letters, visitor) -> None:
    ada = Person(app, "ada@example.org").sign_up()
    assert visitor.post("/forgot", email=ada.email).status_code == 200
    path = letters()[-1].path
    assert visitor.post(path, page=path, password=NEW).status_code == 303
    assert ada.sign_in(NEW).status_code == 303
    ada.post("/settings/profile", page="/settings", email="new@example.org")
    for link in [letter.path for letter in letters() if letter.subject == "Confirm a new email address"]:
        assert visitor.post(link, page=link).status_code == 303
    assert Person(app, "new@example.org").sign_in(NEW).status_code == 303
    assert Person(app, "new@example.org").sign_in(NEW).status_code == 303
    ending = [letter.path for letter in letters() if letter.subject.startswith("New sign-in")][-1]
    assert visitor.post(ending, page=ending).status_code == 303


def test_signing_up_by_mail_and_taking_over_need_one_connection(services, letters) -> None:
    mailing = create_app(msgspec.structs.replace(services, settings=replaced(services, mail_url="smtp://localhost")))
    Person(create_app(services), "ada@example.org").sign_up()
    ada = Browser(mailing)
    assert ada.post("/signup", page="/signup", email="ada@example.org", password=NEW).status_code == 303
    assert ada.post("/login/2fa/resend", page="/login/2fa").status_code == 303
    code = letters()[-1].code
    assert ada.post("/login/2fa", page="/login", code=code).headers["Location"] == "/"


def test_the_link_of_a_sign_up_in_another_browser_needs_one_connection(services, letters) -> None:
    mailing = create_app(msgspec.structs.replace(services, settings=replaced(services, mail_url="smtp://localhost")))
    Browser(mailing).post("/signup", page="/signup", email="ada@example.org", password=NEW)
    path, other = letters()[0].path, Browser(mailing)
    assert other.post(path, page=path, password="wrong").status_code == 422
    assert other.post(path, page=path, password=NEW).headers["Location"] == "/"


def test_confirming_by_password_needs_one_connection(app, clock) -> None:
    ada = Person(app, "ada@example.org").sign_up()
    clock.turn(minutes=11)
    assert ada.post("/reauthenticate", page="/reauthenticate", password="wrong").status_code == 422
    assert ada.post("/reauthenticate", page="/reauthenticate", password=PASSWORD).status_code == 303
    assert ada.post("/settings/privacy/erase-data", password="wrong").status_code == 422


def test_signing_in_with_a_provider_needs_one_connection(services) -> None:
    provider = Provider()
    configured = config.Provider(provider.issuer, CLIENT_ID, CLIENT_SECRET)
    ada = Browser(create_app(msgspec.structs.replace(services, settings=replaced(services, provider=configured))))
    for _ in range(2):
        assert ada.get(provider.agree(set_out(ada))).headers["Location"] == "/"
    provider.server.shutdown()
    provider.server.server_close()


def replaced(services, **settings):
    return msgspec.structs.replace(services.settings, **settings)


def test_changing_the_password_and_erasing_data_need_one_connection(app) -> None:
    ada = Person(app, "ada@example.org").sign_up()
    assert ada.post("/settings/security/password", current=PASSWORD, password=NEW).status_code == 303
    assert ada.post("/settings/privacy/erase-data", password=NEW).status_code == 303
    assert re.search("All your data is deleted", ada.get("/settings/privacy").text)
