"""Passkeys: adding, signing in, confirming, removing, and everything that is refused (A18)."""

import json
import re

import pytest

from tests.support.database.raw import traces
from tests.support.devices.authenticator import enrol
from tests.support.devices.passkey import PASSKEYS, VERIFIED, SoftAuthenticator, add_passkey, encode, use_passkey
from tests.support.people import PASSWORD, Browser, Person
from tmr.web.session.throttling import ASKED_AGAIN_BY_ACCOUNT

SECURITY = "/settings/security"


def elsewhere(person: Person) -> Person:
    return Person(person.app, person.email)


def ids(person: Person) -> list[str]:
    return re.findall(rf"{PASSKEYS}/([0-9a-f-]{{36}})/remove", person.get(SECURITY).text)


def is_in(browser: Browser) -> bool:
    return browser.get("/applications").status_code == 200


def test_a18_a_passkey_alone_signs_in(alice) -> None:
    key, answer = add_passkey(alice)
    other = elsewhere(alice)

    assert 'id="recovery-codes"' in answer.text
    assert use_passkey(other, key).headers["Location"] == "/"
    assert is_in(other)
    assert "Phone" in other.get(SECURITY).text


def test_a18_a_passkey_is_the_second_step_after_the_password(alice) -> None:
    key, _ = add_passkey(alice)
    other = elsewhere(alice)

    assert other.sign_in(next="/import", keep="1").headers["Location"] == "/login/2fa"
    assert "Use a passkey" in other.get("/login/2fa").text
    assert not is_in(other)
    assert use_passkey(other, key).headers["Location"] == "/import"
    assert is_in(other)


def test_a_recovery_code_stands_in_for_a_passkey(alice) -> None:
    _, answer = add_passkey(alice)
    code = re.findall(r"<li><code>([^<]+)</code></li>", answer.text)[0]
    other = elsewhere(alice)
    other.sign_in()

    assert other.post("/login/2fa", page="/login", code=code).headers["Location"] == "/"


def test_s7_a_passkey_confirms_and_the_password_no_longer_does(alice, clock) -> None:
    key, _ = add_passkey(alice)
    clock.turn(minutes=11)

    assert alice.post("/reauthenticate", page="/reauthenticate", password=PASSWORD).status_code == 422
    answer = use_passkey(alice, key, "/reauthenticate/passkey", "/reauthenticate", next="/settings/privacy")
    assert answer.headers["Location"] == "/settings/privacy"
    assert alice.post("/settings/privacy/export").status_code == 200


def test_s7_a_passkey_of_another_account_confirms_nothing(alice, bob, clock) -> None:
    theirs, _ = add_passkey(bob)
    add_passkey(alice)
    clock.turn(minutes=11)

    assert use_passkey(alice, theirs, "/reauthenticate/passkey", "/reauthenticate").status_code == 303
    assert alice.post("/settings/privacy/export").status_code == 303


def test_s2_s5_adding_a_passkey_gives_a_new_token_and_ends_every_other_session(alice) -> None:
    other, old = alice.elsewhere(), alice.client.get_cookie("tmr").value

    add_passkey(alice)

    assert not is_in(other)
    assert is_in(alice)
    alice.client.set_cookie("tmr", old)
    assert not is_in(alice)


def bend(key: SoftAuthenticator, what: str) -> None:
    if what == "origin":
        key.origin = "https://evil.example"
    if what == "port":
        key.origin = "http://localhost:9999"
    if what == "site":
        key.rp_id = "evil.example"
    if what == "person not verified":
        key.flags &= ~VERIFIED


BENT = ["origin", "port", "site", "person not verified"]


@pytest.mark.parametrize("what", BENT)
def test_a18_a_new_passkey_of_another_origin_site_or_person_is_refused(alice, admin, what: str) -> None:
    key = SoftAuthenticator()
    bend(key, what)

    _, answer = add_passkey(alice, key)

    assert answer.status_code == 303
    assert admin.execute("SELECT count(*) FROM passkeys").fetchone() == (0,)


@pytest.mark.parametrize("what", [*BENT, "signature", "counter", "garbage", "nothing", "unknown", "list"])
def test_a18_a_sign_in_with_any_wrong_part_is_refused(alice, what: str) -> None:
    key, _ = add_passkey(alice)
    assert use_passkey(elsewhere(alice), key).headers["Location"] == "/"
    other = elsewhere(alice)
    bend(key, what)
    if what == "counter":
        key.count = 0
    if what == "unknown":
        key = SoftAuthenticator()
    options = other.post("/login/passkey/options", page="/login").json
    signed = key.get(options)
    if what == "signature":
        credential = json.loads(signed)
        credential["response"]["signature"] = encode(
            SoftAuthenticator().key.private_numbers().private_value.to_bytes(32)
        )
        signed = json.dumps(credential)
    signed = {"garbage": '{"id": "x"}', "nothing": "", "list": "[]"}.get(what, signed)

    answer = other.post("/login/passkey", page="/login", credential=signed)

    assert answer.headers["Location"] == "/login"
    assert not is_in(other)
    assert "was not accepted" in other.get("/login").text


def test_a18_a_challenge_works_only_once(alice, app) -> None:
    key, _ = add_passkey(alice)
    key.is_counting = False
    browser = Browser(app)
    options = browser.post("/login/passkey/options", page="/login").json
    kept = browser.client.get_cookie("tmr-form").value
    signed = key.get(options)
    assert browser.post("/login/passkey", page="/login", credential=signed).headers["Location"] == "/"

    thief = Browser(app)
    thief.client.set_cookie("tmr-form", kept)  # the browser's own cookie, as it was before
    answer = thief.post("/login/passkey", page="/login", credential=signed)

    assert answer.headers["Location"] == "/login"
    assert not is_in(thief)


def test_a18_a_challenge_of_another_browser_is_refused(alice, app) -> None:
    key, _ = add_passkey(alice)
    browser, other = Browser(app), Browser(app)
    options = browser.post("/login/passkey/options", page="/login").json
    other.post("/login/passkey/options", page="/login")

    assert other.post("/login/passkey", page="/login", credential=key.get(options)).headers["Location"] == "/login"


def test_a18_a_challenge_expires_after_five_minutes(alice, app, clock) -> None:
    key, _ = add_passkey(alice)
    browser = Browser(app)
    options = browser.post("/login/passkey/options", page="/login").json
    clock.turn(minutes=5, seconds=1)

    assert browser.post("/login/passkey", page="/login", credential=key.get(options)).headers["Location"] == "/login"


def test_a18_a_challenge_for_adding_signs_nobody_in(alice) -> None:
    key, _ = add_passkey(alice)
    options = alice.post(f"{PASSKEYS}/options").json

    answer = alice.post("/login/passkey", credential=key.get(options))

    assert answer.headers["Location"] == "/login"


def test_a18_challenges_have_256_bits_and_ask_to_verify_the_person(alice) -> None:
    made = alice.post(f"{PASSKEYS}/options").json
    used = alice.post("/login/passkey/options").json

    assert len(made["challenge"]) == len(used["challenge"]) == 43
    assert made["challenge"] != used["challenge"]
    assert made["authenticatorSelection"]["userVerification"] == used["userVerification"] == "required"
    assert made["rp"]["id"] == used["rpId"] == "localhost"


def test_a18_an_account_has_at_most_ten_passkeys(alice, admin) -> None:
    for _ in range(11):
        _, answer = add_passkey(alice)

    assert answer.status_code == 303
    assert "You can have at most 10 passkeys" in alice.get(SECURITY).text
    assert admin.execute("SELECT count(*) FROM passkeys").fetchone() == (10,)


def test_the_same_credential_is_not_kept_twice(alice, bob, admin) -> None:
    key, _ = add_passkey(alice)

    add_passkey(bob, key)

    assert admin.execute("SELECT count(*) FROM passkeys").fetchone() == (1,)


def test_a_removed_passkey_opens_nothing_and_its_name_can_be_changed(alice) -> None:
    key, _ = add_passkey(alice)
    alice.post(f"{PASSKEYS}/{ids(alice)[0]}/rename", label="  Old phone ")
    assert "Old phone" in alice.get(SECURITY).text

    alice.post(f"{PASSKEYS}/{ids(alice)[0]}/remove")

    assert use_passkey(elsewhere(alice), key).headers["Location"] == "/login"
    assert alice.elsewhere().get("/applications").status_code == 200


def test_s7_adding_and_removing_a_passkey_ask_for_confirmation(alice, clock) -> None:
    add_passkey(alice)
    clock.turn(minutes=11)

    for path in (f"{PASSKEYS}/options", PASSKEYS, f"{PASSKEYS}/{ids(alice)[0]}/remove"):
        assert alice.post(path).headers["Location"] == "/reauthenticate?next=/settings/security", path
    assert len(ids(alice)) == 1


def test_a14_the_owner_gets_a_mail_when_a_passkey_is_added_or_removed(alice, letters) -> None:
    add_passkey(alice)
    alice.post(f"{PASSKEYS}/{ids(alice)[0]}/remove")

    assert [letter.subject for letter in letters()] == ["Passkey added", "Passkey removed"]


def test_the_label_and_the_key_are_sealed(alice, services, admin) -> None:
    """Seen failing with the credential's id kept as the hash that it is looked up by."""
    key, _ = add_passkey(alice, label="Kanarienvogel")
    numbers = key.key.public_key().public_numbers()
    public = [number.to_bytes(32, "big") for number in (numbers.x, numbers.y)]

    def stored() -> list[str]:
        return [table for word in (label.encode(), key.id, *public) for table in traces(admin, word)]

    for label in ("Kanarienvogel", "Zaunkoenig"):
        if label == "Zaunkoenig":
            alice.post(f"{PASSKEYS}/{ids(alice)[0]}/rename", label=label)
        with services.repository.for_owner(alice.owner) as uow:
            [credential] = [passkey.credential for passkey in uow.passkeys.list()]
        assert (credential.label, credential.credential_id) == (label, key.id)
        assert all(number in credential.public_key for number in public)
        assert stored() == []


def test_the_authenticator_app_stays_when_a_passkey_is_removed(alice, clock, admin) -> None:
    enrol(alice, clock)
    add_passkey(alice)

    alice.post(f"{PASSKEYS}/{ids(alice)[0]}/remove")

    assert admin.execute("SELECT count(*) FROM recovery_codes").fetchone() == (10,)
    assert elsewhere(alice).sign_in().headers["Location"] == "/login/2fa"


MALFORMED = [
    "{",
    "null",
    "1",
    '"x"',
    '{"id": 1}',
    '{"id": null}',
    '{"id": "\\ud800"}',
    '{"id": "AAAA"}',
    '{"id": "AAAA", "rawId": "AAAA"}',
    '{"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": {}}',
    "\0",
    "x" * 100_000,
    "[" * 5_000,
    '{"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": {"clientDataJSON": 1, "attestationObject": []}}',
    '{"id": "AAAA", "rawId": "AA", "type": "public-key", "response": {"clientDataJSON": "e30"}}',
]


@pytest.mark.parametrize("credential", MALFORMED, ids=range(len(MALFORMED)))
def test_i9_a_malformed_credential_is_refused_and_breaks_nothing(alice, credential: str) -> None:
    add_passkey(alice)
    for options, path, page in (
        (f"{PASSKEYS}/options", PASSKEYS, "/import"),
        ("/login/passkey/options", "/reauthenticate/passkey", "/import"),
        ("/login/passkey/options", "/login/passkey", "/import"),
    ):
        alice.post(options)
        assert alice.post(path, page=page, credential=credential).status_code == 303, path


@pytest.mark.parametrize("part", ["clientDataJSON", "authenticatorData", "signature"])
@pytest.mark.parametrize("value", [None, 1, [], {}, "", "AA", "!!!", "\0"])
def test_i9_a_malformed_part_of_a_good_credential_is_refused(alice, part: str, value: object) -> None:
    key, _ = add_passkey(alice)
    other = elsewhere(alice)
    credential = json.loads(key.get(other.post("/login/passkey/options", page="/login").json))
    credential["response"][part] = value

    answer = other.post("/login/passkey", page="/login", credential=json.dumps(credential))

    assert answer.headers["Location"] == "/login"
    assert not is_in(other)


def test_l1_w4_confirming_with_a_passkey_has_the_limit_of_the_password(alice) -> None:
    """Seen failing without the limit: each request of a program that holds a passkey was an entry in the log."""
    key, _ = add_passkey(alice)

    pages = ("/reauthenticate/passkey", "/reauthenticate")
    codes = [use_passkey(alice, key, *pages).status_code for _ in range(ASKED_AGAIN_BY_ACCOUNT.hits + 1)]

    assert codes == [303] * ASKED_AGAIN_BY_ACCOUNT.hits + [429]
