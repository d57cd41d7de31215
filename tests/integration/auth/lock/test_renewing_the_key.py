"""Another key for records that are locked already, since someone may know theirs."""

import datetime as dt

import pytest

from tests.integration.auth.lock.test_turning_on import GUESSABLE, waiting_templates
from tests.integration.auth.lock.test_unlocking import log_of, sees
from tests.support.locked import LOCK_PAGE, SHOWN_CODE, reseal, state_of, turn_on, type_back
from tests.support.people import PASSWORD, Person
from tmr.domain.kinds.application import APPLICATION
from tmr.repository.access.access_tokens import AccessToken
from tmr.repository.access.calendar_feeds import Feed
from tmr.web.session.throttling import ASKED_AGAIN_BY_SESSION

RENEW = f"{LOCK_PAGE}/key"
DAY = dt.timedelta(days=1)


class Known:
    """Alice with the lock on and one record, whose key somebody may know."""

    def __init__(self, alice: Person) -> None:
        self.record = alice.add(company="Narwhal")
        self.code = turn_on(alice)


@pytest.fixture
def known(alice) -> Known:
    return Known(alice)


def ask_for_new_key(person: Person, password: str = PASSWORD) -> str:
    answer = person.post(RENEW, page=LOCK_PAGE, key_password=password)
    assert answer.status_code == 200, answer.text
    return SHOWN_CODE.search(answer.text)[1]


def keys_of_records(admin) -> list[int]:
    rows = admin.execute("SELECT key_id FROM data_keys WHERE purpose = 'records' ORDER BY key_id").fetchall()
    return [key_id for (key_id,) in rows]


def test_k5_w5_everything_is_sealed_under_a_new_key_and_the_one_before_is_destroyed(
    alice, services, known, admin
) -> None:
    [before] = keys_of_records(admin)
    wraps = {bytes(row[0]) for row in admin.execute("SELECT wrapped_key FROM key_wraps").fetchall()}
    code = ask_for_new_key(alice)
    assert keys_of_records(admin) == [before]

    assert type_back(alice, code).headers["Location"] == LOCK_PAGE
    assert state_of(alice) == "resealing"
    reseal(alice)

    assert state_of(alice) == "locked due"
    [after] = keys_of_records(admin)
    assert after > before
    assert sees(alice, known.record)
    still = "SELECT wrapped_key FROM key_wraps w JOIN data_keys USING (owner_id, key_id) WHERE purpose = 'records'"
    assert not wraps & {bytes(row[0]) for row in admin.execute(still).fetchall()}
    plain = "SELECT count(*) FROM data_keys JOIN key_wraps USING (owner_id, key_id) WHERE purpose = 'records'"
    assert admin.execute(f"{plain} AND kind = 'keyring'").fetchone() == (0,)
    with services.repository.for_owner(alice.owner) as uow:
        assert (uow.lock.is_on, uow.lock.is_open) == (True, False)


def test_the_password_and_the_new_code_open_them_and_the_code_from_before_does_not(alice, known) -> None:
    there = alice.elsewhere()
    code = ask_for_new_key(alice)
    type_back(alice, code)

    assert not sees(there, known.record)  # as when the lock is turned on: other browsers unlock
    assert there.post("/unlock", page="/unlock", unlock_code=known.code).status_code == 423
    assert there.post("/unlock", page="/unlock", unlock_code=code).status_code == 303
    assert sees(there, known.record)
    reseal(there)  # in any browser that is unlocked
    assert state_of(there) == "locked due"
    assert sees(alice.elsewhere(), known.record)


def test_a14_it_is_logged_and_mailed(alice, services, known, admin) -> None:
    before = waiting_templates(services, alice.owner, admin).count("notice")
    type_back(alice, ask_for_new_key(alice))

    assert log_of(services, alice.owner).count("lock-key-renewed") == 1
    assert waiting_templates(services, alice.owner, admin).count("notice") == before + 1


def test_a_rotation_of_the_wrapping_key_is_due_from_its_beginning_on(alice, services, known, admin, clock) -> None:
    clock.turn(minutes=1)
    type_back(alice, ask_for_new_key(alice))

    newest = "SELECT wrap_destroyed_at FROM data_keys WHERE purpose = 'records' ORDER BY key_id DESC LIMIT 1"
    assert admin.execute(newest).fetchone() == (clock(),)


def test_w3_what_was_handed_out_is_listed_and_ends(alice, services, known, clock, admin) -> None:
    alice.post("/settings/tokens", page="/settings/tokens", name="Copy", scope="read", days="30")
    with services.repository.claim(alice.client.get_cookie("tmr").value, clock()) as uow:
        uow.feeds.add(Feed("Phone", "busy"), clock())
        uow.access_tokens.add(AccessToken("Copy", "read"), clock() + DAY, clock())
        uow.commit()
    page = " ".join(alice.get(LOCK_PAGE).text.split())
    assert "These end, and you can make new ones: 1 calendar link, " in page

    type_back(alice, ask_for_new_key(alice))
    reseal(alice)

    assert admin.execute("SELECT count(*) FROM calendar_feeds").fetchone() == (0,)
    assert admin.execute("SELECT count(*) FROM access_tokens").fetchone() == (0,)
    kinds = "SELECT array_agg(DISTINCT kind ORDER BY kind) FROM key_wraps WHERE kind <> 'keyring'"
    assert admin.execute(kinds).fetchone() == (["password", "recovery", "unlock"],)


def test_nothing_changes_before_the_code_was_typed_back(alice, known, admin) -> None:
    before = keys_of_records(admin)
    code = ask_for_new_key(alice)
    assert type_back(alice, "abcd-efgh-jkmn-pqrs-tuvw-xyz1-2345-6789").status_code == 422
    there = alice.elsewhere()
    assert "start again" in there.get(type_back(there, code).headers["Location"]).text.lower()

    assert keys_of_records(admin) == before
    assert type_back(alice, code).status_code == 303


def test_s7_a6_it_asks_who_is_there_and_for_the_password_of_open_records(alice, known, clock) -> None:
    assert alice.post(RENEW, page=LOCK_PAGE, key_password="wrong horse battery staple").status_code == 422
    alice.post("/lock", page="/settings")
    assert alice.post(RENEW, page="/settings", key_password=PASSWORD).status_code == 423
    alice.post("/unlock", page="/unlock", unlock_password=PASSWORD)
    for _ in range(ASKED_AGAIN_BY_SESSION.hits - 2):  # one was for turning the lock on
        assert alice.post(RENEW, page="/settings", key_password="wrong horse battery staple").status_code == 422
    assert alice.post(RENEW, page="/settings", key_password=PASSWORD).status_code == 429
    clock.turn(minutes=11)
    assert alice.post(RENEW, page="/settings").headers["Location"].startswith("/reauthenticate")


def test_the_records_have_to_be_open_when_the_code_is_typed_back(alice, known, admin) -> None:
    before = keys_of_records(admin)
    code = ask_for_new_key(alice)
    alice.post("/lock", page="/settings")

    assert alice.post(f"{LOCK_PAGE}/confirm", page="/settings", recovery_code=code).status_code == 423
    assert keys_of_records(admin) == before


def test_a_code_for_a_new_key_turns_no_lock_on(alice, known) -> None:
    """It was turned off in another browser meanwhile."""
    code = ask_for_new_key(alice)
    there = alice.elsewhere()
    there.post("/settings/privacy/unlock-for-good")
    type_back(alice, code)

    assert state_of(alice) == "off"


def test_it_is_for_a_lock_that_is_on_and_finished(alice) -> None:
    assert alice.post(RENEW, key_password=PASSWORD).status_code == 404
    alice.add(company="Narwhal")
    turn_on(alice)
    type_back(alice, ask_for_new_key(alice))

    assert alice.post(RENEW, key_password=PASSWORD).headers["Location"] == LOCK_PAGE


def test_half_way_the_lock_can_be_turned_off_and_nothing_is_lost(alice, known, services, job_context) -> None:
    type_back(alice, ask_for_new_key(alice))
    alice.post("/settings/privacy/unlock-for-good")

    assert state_of(alice) == "off"
    assert sees(alice.elsewhere(), known.record)
    with services.repository.for_owner(alice.owner) as uow:
        assert [record.values["company"] for record in uow.records.everything(APPLICATION)] == ["Narwhal"]


def test_a_change_of_the_password_half_way_opens_what_is_resealed_and_what_is_not(alice, known) -> None:
    new = "seven lamps beside the quiet harbour"
    type_back(alice, ask_for_new_key(alice))
    changed = {"current": PASSWORD, "password": new}
    assert alice.post("/settings/security/password", page="/settings/security", **changed).status_code == 303

    there = alice.elsewhere_with(new)
    assert sees(there, known.record)
    reseal(there)
    assert sees(alice.elsewhere_with(new), known.record)


def test_after_a_change_of_the_password_its_owner_is_told_of_it(alice, known) -> None:
    changed = {"current": PASSWORD, "password": "seven lamps beside the quiet harbour"}
    answer = alice.post("/settings/security/password", page="/settings/security", **changed)

    assert "may know their key" in alice.get(answer.headers["Location"]).text


def test_a_password_that_could_be_guessed_seals_nothing(alice, known, services) -> None:
    with services.repository.for_owner(alice.owner) as uow:
        uow.account.set_password(services.hash_password(GUESSABLE), 4, services.clock())
        uow.commit()
    answer = alice.post(RENEW, page=LOCK_PAGE, key_password=GUESSABLE)

    assert answer.status_code == 422
    assert answer.text.count('id="passphrase"') == 1
