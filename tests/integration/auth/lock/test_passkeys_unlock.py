"""Passkeys that unlock records: letting one in, signing in with it, unlocking in place, and locking with one alone."""

import logging

import pytest

from tests.integration.auth.lock.test_recovery import confirm
from tests.integration.auth.lock.test_renewing_the_key import keys_of_records
from tests.integration.auth.lock.test_unlocking import log_of, sees
from tests.support.devices.passkey import (
    PASSKEYS,
    SoftAuthenticator,
    add_passkey,
    encode,
    let_in,
    passkey_ids,
    unlock_with,
    use_passkey,
)
from tests.support.locked import LOCK_PAGE, SHOWN_CODE, reseal, state_of, turn_on, type_back
from tests.support.people import PASSWORD, Person, htmx_headers
from tmr.auth.lock.page import what_ends
from tmr.auth.lock.passkeys import REFUSED
from tmr.web.session.throttling import ASKED_AGAIN_BY_ACCOUNT, UNLOCK_BY_SESSION

OTHER_SECRET = encode(bytes(range(32)))


class Locked:
    """Alice with the lock on, open in her browser, one record, and a passkey that is not let in yet."""

    def __init__(self, alice: Person) -> None:
        self.record = alice.add(company="Narwhal")
        self.key, _ = add_passkey(alice)
        self.code = turn_on(alice)


@pytest.fixture
def locked(alice) -> Locked:
    return Locked(alice)


def close(person: Person) -> None:
    person.post("/lock", page="/settings")


def signed_in_with(person: Person, key: SoftAuthenticator, **fields: str) -> Person:
    other = Person(person.app, person.email)
    answer = use_passkey(other, key, **{"prf_secret": key.prf_secret, **fields})
    assert answer.headers["Location"] == "/", answer.text
    return other


def slots(admin) -> int:
    return admin.execute("SELECT count(*) FROM key_wraps WHERE kind = 'prf'").fetchone()[0]


def test_signing_in_with_a_passkey_that_was_let_in_opens_the_records_at_once(alice, locked) -> None:
    assert not sees(signed_in_with(alice, locked.key), locked.record)

    answer = let_in(alice, locked.key)

    assert answer.headers["Location"] == LOCK_PAGE
    assert "unlocks your records from now on" in alice.get(LOCK_PAGE).text
    assert "Unlocks your records since" in " ".join(alice.get(LOCK_PAGE).text.split())
    assert sees(signed_in_with(alice, locked.key), locked.record)
    assert not sees(signed_in_with(alice, locked.key, prf_secret=""), locked.record)  # as without PRF
    assert not sees(signed_in_with(alice, locked.key, prf_secret=OTHER_SECRET), locked.record)


def test_as_the_second_step_a_passkey_opens_what_a_reset_password_does_not(alice, locked, admin) -> None:
    let_in(alice, locked.key)
    admin.execute("DELETE FROM key_wraps WHERE kind = 'password'")
    other = Person(alice.app, alice.email)
    assert other.sign_in().headers["Location"] == "/login/2fa"

    use_passkey(other, locked.key, prf_secret=locked.key.prf_secret)

    assert sees(other, locked.record)


def test_the_second_step_carries_the_password_over_where_the_passkey_has_no_secret(alice, locked) -> None:
    other = Person(alice.app, alice.email)
    other.sign_in()

    use_passkey(other, locked.key, prf_secret="")

    assert sees(other, locked.record)


def test_the_locked_page_offers_a_passkey_only_where_one_was_let_in(alice, locked) -> None:
    close(alice)
    assert "Unlock with a passkey" not in alice.get("/applications").text
    assert alice.post("/unlock/passkey-options", page="/settings").status_code == 404
    alice.post("/unlock", page="/unlock", unlock_password=PASSWORD)
    let_in(alice, locked.key)
    close(alice)

    page = alice.get(f"/applications/{locked.record}")
    assert page.status_code == 423
    assert page.text.count("Unlock with a passkey") == 1
    assert page.text.count(f'name="next" value="/applications/{locked.record}"') == 2
    before = alice.client.get_cookie("tmr").value
    answer = unlock_with(alice, locked.key, next=f"/applications/{locked.record}")

    assert answer.headers["Location"] == f"/applications/{locked.record}"
    assert sees(alice, locked.record)
    assert alice.client.get_cookie("tmr").value != before  # S2


def test_what_was_typed_is_saved_after_the_passkey(alice, locked) -> None:
    let_in(alice, locked.key)
    close(alice)
    token = alice.token("/settings")
    typed = {"company": "Globex", "title": "Engineer", "csrf_token": token}
    closed = alice.client.post("/applications", data=typed)
    assert closed.text.count('name="company" value="Globex"') == 2
    options = alice.post("/unlock/passkey-options", page="/settings").json
    again = {**typed, "unlock_credential": locked.key.get(options)}
    assert alice.client.post("/applications", data={**again, "unlock_secret": OTHER_SECRET}).status_code == 423
    options = alice.post("/unlock/passkey-options", page="/settings").json
    again = {**typed, "unlock_credential": locked.key.get(options), "unlock_secret": locked.key.prf_secret}
    saved = alice.client.post("/applications", data=again)

    assert saved.status_code == 303
    assert "Globex" in alice.get("/applications").text


def test_htmx_gets_the_form_in_place_and_is_told_when_the_records_are_open(alice, locked) -> None:
    let_in(alice, locked.key)
    close(alice)
    token = alice.token("/settings")
    data = {"csrf_token": token, "company": "Globex", "version": "1"}
    closed = alice.client.post(f"/applications/{locked.record}", data=data, headers=htmx_headers())
    options = alice.post("/unlock/passkey-options", page="/settings").json
    sent = {"unlock_credential": locked.key.get(options), "unlock_secret": locked.key.prf_secret, "csrf_token": token}
    opened = alice.client.post("/unlock", data=sent, headers=htmx_headers())

    assert "data-needs-secret" in closed.text
    assert opened.headers["HX-Trigger"] == '{"tmr:unlocked":{}}'
    assert alice.client.post(f"/applications/{locked.record}", data=data, headers=htmx_headers()).status_code == 200


WRONG = ["secret", "no secret", "another passkey", "signature for signing in", "used signature", "garbage"]


@pytest.mark.parametrize("what", WRONG)
def test_proof_4_a18_nothing_less_than_the_passkey_and_its_secret_unlocks(alice, bob, locked, what: str) -> None:
    let_in(alice, locked.key)
    other, _ = add_passkey(alice)
    close(alice)
    fields = {"secret": {"unlock_secret": OTHER_SECRET}, "no secret": {"unlock_secret": ""}}.get(what, {})
    if what == "garbage":
        fields = {"unlock_credential": "x"}
    if what == "another passkey":  # of the same account, with the secret of the one that was let in
        other.prf_secret = locked.key.prf_secret
        answer = unlock_with(alice, other)
    elif what in ("signature for signing in", "used signature"):
        path = "/unlock/passkey-options" if what == "used signature" else "/login/passkey/options"
        credential = locked.key.get(alice.post(path, page="/settings").json)
        sent = {"unlock_credential": credential, "unlock_secret": locked.key.prf_secret}
        if what == "used signature":
            alice.post("/unlock", page="/settings", **sent)
            close(alice)
        answer = alice.post("/unlock", page="/settings", **sent)
    else:
        answer = unlock_with(alice, locked.key, **fields)

    assert answer.status_code == 423
    assert "That passkey did not unlock your records" in answer.text
    assert not sees(alice, locked.record)
    unlock_with(alice, locked.key)
    assert sees(alice, locked.record)  # the control


def test_proof_4_a6_w2_a_wrong_passkey_counts_as_a_right_one_and_is_limited(alice, locked, services, clock) -> None:
    let_in(alice, locked.key)
    codes = []
    for number in range(UNLOCK_BY_SESSION.hits + 1):
        close(alice)
        wrong = {"unlock_secret": OTHER_SECRET} if number % 2 else {}
        codes.append(unlock_with(alice, locked.key, **wrong).status_code)

    assert codes == [303, 423] * (UNLOCK_BY_SESSION.hits // 2) + [429]


def test_an_unlock_by_passkey_confirms_nothing_and_its_challenge_confirms_nobody(alice, locked, clock) -> None:
    let_in(alice, locked.key)
    close(alice)
    clock.turn(minutes=11)
    unlock_with(alice, locked.key)
    assert alice.get("/export/applications.csv").headers["Location"].startswith("/reauthenticate")

    options = alice.post("/unlock/passkey-options", page="/settings").json
    alice.post("/reauthenticate/passkey", page="/settings", credential=locked.key.get(options))

    assert alice.get("/export/applications.csv").headers["Location"].startswith("/reauthenticate")


def test_i6_a_passkey_without_the_token_of_the_form_opens_nothing(alice, locked) -> None:
    let_in(alice, locked.key)
    close(alice)
    options = alice.post("/unlock/passkey-options", page="/settings").json
    sent = {"unlock_credential": locked.key.get(options), "unlock_secret": locked.key.prf_secret}

    assert alice.client.post("/unlock", data=sent).status_code == 403
    assert alice.client.post("/unlock/passkey-options").status_code == 403
    assert not sees(alice, locked.record)


def test_s7_letting_one_in_and_ending_it_ask_who_is_there(alice, locked, clock) -> None:
    let_in(alice, locked.key)
    [passkey_id] = passkey_ids(alice)
    clock.turn(minutes=11)

    for path in (f"{passkey_id}", f"{passkey_id}/options", f"{passkey_id}/end", "options", "begin"):
        answer = alice.post(f"{LOCK_PAGE}/passkeys/{path}", page="/settings")
        assert answer.headers["Location"] == f"/reauthenticate?next={LOCK_PAGE}", path
    assert "Confirm that it is you" in alice.get(LOCK_PAGE).text


@pytest.mark.parametrize("what", ["closed", "another passkey", "secret of another form", "signature for signing in"])
def test_a_passkey_is_let_in_by_itself_while_the_records_are_open(alice, locked, admin, what: str) -> None:
    other, _ = add_passkey(alice)
    [passkey_id, _] = passkey_ids(alice)
    if what == "closed":
        close(alice)
    fields = {"secret of another form": {"prf_secret": "x" * 42}}.get(what, {})
    if what == "signature for signing in":
        options = alice.post("/login/passkey/options", page="/settings").json
        fields = {"credential": locked.key.get(options)}
        sent = {"prf_secret": locked.key.prf_secret, **fields}
        answer = alice.post(f"{LOCK_PAGE}/passkeys/{passkey_id}", page="/settings", **sent)
    else:
        answer = let_in(alice, other if what == "another passkey" else locked.key, passkey_id, **fields)

    assert answer.status_code == (423 if what == "closed" else 422)
    assert slots(admin) == 0


def test_there_is_one_slot_for_a_passkey_however_often_it_is_let_in(alice, locked, admin) -> None:
    let_in(alice, locked.key)
    let_in(alice, locked.key)

    assert slots(admin) == 1
    assert sees(signed_in_with(alice, locked.key), locked.record)


def test_a14_each_change_is_logged_and_mailed(alice, locked, services, letters) -> None:
    letters()
    let_in(alice, locked.key)
    [passkey_id] = passkey_ids(alice)
    close(alice)
    alice.post(f"{LOCK_PAGE}/passkeys/{passkey_id}/end", page="/settings")  # ending it needs no unlock
    alice.post("/unlock", page="/unlock", unlock_password=PASSWORD)
    let_in(alice, locked.key)
    alice.post(f"{PASSKEYS}/{passkey_id}/remove")

    words = [
        "A passkey was let unlock your records",
        "A passkey no longer unlocks your records, and still signs you in",
    ]
    assert [letter.subject for letter in letters()[-4:]] == [
        *words,
        words[0],
        "A passkey that unlocked your records was removed",
    ]
    names = [name for name in log_of(services, alice.owner) if "lock-passkey" in name]
    assert sorted(names) == [
        "lock-passkey-added",
        "lock-passkey-added",
        "lock-passkey-ended",
        "lock-passkey-removed",
    ]


@pytest.mark.parametrize("way", ["end", "remove"])
def test_proof_4_once_ended_or_removed_it_opens_nothing(alice, locked, admin, way: str) -> None:
    let_in(alice, locked.key)
    [passkey_id] = passkey_ids(alice)
    admin.execute("UPDATE data_keys SET wrap_destroyed_at = NULL")

    if way == "end":
        alice.post(f"{LOCK_PAGE}/passkeys/{passkey_id}/end", page="/settings")
        assert not sees(signed_in_with(alice, locked.key), locked.record)
    else:
        alice.post(f"{PASSKEYS}/{passkey_id}/remove")
    assert slots(admin) == 0
    assert state_of(alice) == "locked due"
    assert sees(alice, locked.record)  # what is open stays open


@pytest.mark.parametrize("change", ["the password set", "a new code", "a passkey that unlocks no more"])
def test_w5_a_change_of_what_unlocks_closes_the_records_in_other_browsers(alice, locked, change: str) -> None:
    """Seen failing: someone who had unlocked with a stolen passkey, or a code that was seen, went on reading."""
    let_in(alice, locked.key)
    elsewhere = signed_in_with(alice, locked.key)
    assert sees(elsewhere, locked.record)

    if change == "the password set":
        answer = alice.post(f"{LOCK_PAGE}/password", page=LOCK_PAGE, password=PASSWORD)
    elif change == "a new code":
        shown = alice.post(f"{LOCK_PAGE}/recovery-code", page=LOCK_PAGE)
        answer = type_back(alice, SHOWN_CODE.search(shown.text)[1])
    else:
        answer = alice.post(f"{LOCK_PAGE}/passkeys/{passkey_ids(alice)[0]}/end", page=LOCK_PAGE)

    assert answer.status_code == 303
    assert not sees(elsewhere, locked.record)
    assert elsewhere.get("/settings").status_code == 200  # still signed in
    assert "Other browsers have to unlock again." in alice.get(LOCK_PAGE).text
    assert sees(alice, locked.record)


def test_where_it_is_not_the_last_way_in_a_removal_takes_nothing_back(alice, locked, admin) -> None:
    let_in(alice, locked.key)
    admin.execute("UPDATE accounts SET password_hash = NULL")

    alice.post(f"{PASSKEYS}/{passkey_ids(alice)[0]}/remove")

    assert "only way to sign in" in alice.get("/settings/security").text
    assert slots(admin) == 1


def test_p30_an_account_without_a_password_locks_its_records_with_a_passkey(alice, admin, services, clock) -> None:
    record = alice.add(company="Narwhal")
    assert "Add a passkey that unlocks your records" in without_password(alice, admin)
    key, _ = add_passkey(alice)
    code = ask_for_code_with(alice, key)
    assert state_of(alice) == "off"

    assert type_back(alice, code).headers["Location"] == LOCK_PAGE
    reseal(alice)

    assert state_of(alice) == "locked due"
    assert sees(alice, record)
    kinds = "SELECT DISTINCT kind FROM key_wraps WHERE kind NOT IN ('keyring', 'unlock') ORDER BY kind"
    assert admin.execute(kinds).fetchall() == [("prf",), ("recovery",)]
    with services.repository.for_owner(alice.owner) as uow:
        assert (uow.lock.is_on, uow.lock.is_open) == (True, False)
    assert sees(signed_in_with(alice, key), record)
    close(alice)
    page = alice.get("/unlock").text
    assert "unlock_password" not in page
    assert "Unlock with a passkey" in page
    alice.post("/unlock", page="/unlock", unlock_code=code)
    assert sees(alice, record)


def without_password(person: Person, admin) -> str:
    admin.execute("UPDATE accounts SET password_hash = NULL")
    return person.get(LOCK_PAGE).text


def ask_for_code_with(person: Person, key: SoftAuthenticator, **fields: str) -> str:
    sent = {"credential": key.get(challenge(person)), "prf_secret": key.prf_secret, **fields}
    answer = person.post(f"{LOCK_PAGE}/passkeys/begin", page="/settings", **sent)
    assert answer.status_code == 200, answer.text
    return SHOWN_CODE.search(answer.text)[1]


def test_a_passkey_that_is_removed_before_the_code_was_typed_back_locks_nothing(alice, admin) -> None:
    key, _ = add_passkey(alice)
    code = ask_for_code_with(alice, key)
    alice.post(f"{PASSKEYS}/{passkey_ids(alice)[0]}/remove")

    type_back(alice, code)

    assert state_of(alice) == "off"
    assert slots(admin) == 0


def test_a_passkey_without_a_secret_locks_nothing(alice) -> None:
    key, _ = add_passkey(alice)
    options = alice.post(f"{LOCK_PAGE}/passkeys/options", page="/settings").json

    answer = alice.post(f"{LOCK_PAGE}/passkeys/begin", page="/settings", credential=key.get(options))

    assert answer.status_code == 422
    assert "recovery-code" not in answer.text


def test_where_a_passkey_alone_unlocks_a_new_password_does_not(alice, admin) -> None:
    """They locked with a passkey so that nobody can guess at anything."""
    key, _ = add_passkey(alice)
    type_back(alice, ask_for_code_with(alice, key))
    reseal(alice)
    new = "monkey-9-bridges"  # accepted for signing in: zxcvbn gives it less than 10^14 guesses
    page = "/settings/security"

    answer = alice.post("/settings/security/password", page=page, current=PASSWORD, password=new)

    assert answer.status_code == 303
    assert "still unlock with the password" not in alice.get(page).text
    assert admin.execute("SELECT count(*) FROM key_wraps WHERE kind = 'password'").fetchone() == (0,)
    other = Person(alice.app, alice.email)
    other.sign_in(new)
    use_passkey(other, key, prf_secret="")
    assert other.get("/applications").status_code == 423


def test_locked_with_a_passkey_all_data_is_deleted_only_where_it_is_open(alice, admin) -> None:
    key, _ = add_passkey(alice)
    type_back(alice, ask_for_code_with(alice, key))
    reseal(alice)
    close(alice)
    path = "/settings/privacy/erase-data"

    answer = alice.post(path, page="/settings/privacy?erase=data", password=PASSWORD)
    assert answer.status_code == 422
    assert "Unlock them first" in answer.text
    unlock_with(alice, key)
    alice.post(path, page="/settings/privacy?erase=data", password=PASSWORD)

    assert state_of(alice) == "off"
    assert slots(admin) == 0


def test_k5_w5_records_locked_with_passkeys_alone_get_another_key_by_one_of_them(alice, admin, services) -> None:
    """Seen failing: the page said to turn the lock off and on again."""
    record = alice.add(company="Narwhal")
    key, _ = add_passkey(alice)
    type_back(alice, ask_for_code_with(alice, key))
    reseal(alice)
    there = signed_in_with(alice, key)
    [before] = keys_of_records(admin)
    assert "Seal my records under a new key, with a passkey" in alice.get(LOCK_PAGE).text

    code = ask_for_code_with(alice, key)
    assert keys_of_records(admin) == [before]
    assert type_back(alice, code).headers["Location"] == LOCK_PAGE
    assert state_of(alice) == "resealing"
    assert not sees(there, record)
    reseal(alice)

    [after] = keys_of_records(admin)
    assert after > before
    assert sees(alice, record)
    assert sees(signed_in_with(alice, key), record)
    assert log_of(services, alice.owner).count("lock-key-renewed") == 1
    with services.repository.for_owner(alice.owner) as uow:
        assert (uow.lock.is_on, uow.lock.is_open) == (True, False)


def test_proof_4_a_passkey_makes_no_new_key_where_it_is_another_or_a_password_unlocks_too(alice, admin) -> None:
    alice.add(company="Narwhal")
    key, _ = add_passkey(alice)
    type_back(alice, ask_for_code_with(alice, key))
    reseal(alice)
    keys = keys_of_records(admin)
    sent = {"credential": SoftAuthenticator().get(challenge(alice)), "prf_secret": key.prf_secret}

    refused = alice.post(f"{LOCK_PAGE}/passkeys/begin", page="/settings", **sent)

    assert refused.status_code == 422
    assert refused.text.count(REFUSED) == 1
    assert not SHOWN_CODE.search(refused.text)
    alice.post(f"{LOCK_PAGE}/password", page=LOCK_PAGE, password=PASSWORD)
    sent = {"credential": key.get(challenge(alice)), "prf_secret": key.prf_secret}
    assert alice.post(f"{LOCK_PAGE}/passkeys/begin", page="/settings", **sent).headers["Location"] == LOCK_PAGE
    close(alice)
    assert alice.post(f"{LOCK_PAGE}/passkeys/begin", page="/settings", **sent).status_code == 423
    assert keys_of_records(admin) == keys


def challenge(person: Person) -> dict[str, object]:
    return person.post(f"{LOCK_PAGE}/passkeys/options", page="/settings").json


def test_w3_a_passkey_that_was_let_in_is_among_what_a_new_key_ends(alice, locked, services) -> None:
    let_in(alice, locked.key)

    with alice.app.test_request_context(), services.repository.for_owner(alice.owner) as uow:
        assert "1 passkey for unlocking" in what_ends(uow)


def test_without_a_lock_no_passkey_is_let_in_or_ended(alice, admin) -> None:
    key, _ = add_passkey(alice)
    [passkey_id] = passkey_ids(alice)

    assert let_in(alice, key).status_code == 404
    assert alice.post(f"{LOCK_PAGE}/passkeys/{passkey_id}/end", page="/settings").status_code == 404
    assert slots(admin) == 0
    assert signed_in_with(alice, key).get("/applications").status_code == 200


def test_a_passkey_of_another_account_is_not_offered_and_opens_nothing(alice, bob, locked, admin) -> None:
    theirs, _ = add_passkey(bob)
    [their_id] = passkey_ids(bob)
    let_in(alice, locked.key)

    assert alice.post(f"{LOCK_PAGE}/passkeys/{their_id}/options", page="/settings").status_code == 404
    assert alice.post(f"{LOCK_PAGE}/passkeys/{their_id}/end", page="/settings").status_code == 303
    close(alice)
    theirs.prf_secret = locked.key.prf_secret
    assert unlock_with(alice, theirs).status_code == 423
    assert slots(admin) == 1


def test_l1_w4_letting_in_has_the_limit_of_the_password(alice, locked, services, clock) -> None:
    device = alice.client.get_cookie("tmr-device").value.partition(".")[2]
    for _ in range(ASKED_AGAIN_BY_ACCOUNT.hits):
        services.limits.hit(ASKED_AGAIN_BY_ACCOUNT, f"{alice.owner} {device} passkey", clock())

    assert let_in(alice, locked.key).status_code == 429


def test_proof_6_no_secret_of_a_passkey_is_in_a_log_or_a_row(alice, locked, caplog, admin) -> None:
    caplog.set_level(logging.DEBUG)
    let_in(alice, locked.key)
    close(alice)
    unlock_with(alice, locked.key)
    unlock_with(alice, locked.key, unlock_secret=OTHER_SECRET)
    signed_in_with(alice, locked.key)
    rows = [
        admin.execute(f"SELECT x::text FROM {table} x").fetchall()
        for table in ("key_wraps", "passkeys", "security_events", "procrastinate_jobs", "limits", "outgoing_mails")
    ]

    for secret in (locked.key.prf_secret, OTHER_SECRET):
        assert secret not in caplog.text + repr(rows)


def test_the_security_page_says_which_passkey_unlocks(alice, locked) -> None:
    page = alice.get("/settings/security").text
    assert "Let this passkey open my records" in page
    let_in(alice, locked.key)
    page = alice.get("/settings/security").text
    assert "Let this passkey open my records" not in page
    assert "Unlocks your records. Removed, it no longer does." in page


def test_an_unlock_by_passkey_is_noted_and_stops_beginning_again(alice, locked, services, clock) -> None:
    let_in(alice, locked.key)
    close(alice)
    confirm(alice)
    with services.repository.for_owner(alice.owner) as uow:
        assert uow.beginning_again.begin(clock())
        uow.commit()

    unlock_with(alice, locked.key)

    names = log_of(services, alice.owner)
    assert {"records-opened", "not-beginning-again"} <= set(names)
