"""Locking records for good, step by step, in the browser of their owner; and turning the lock off again."""

import datetime as dt

import pytest

from tests.integration.auth.lock.test_unlocking import log_of, sees
from tests.support.factories import table
from tests.support.locked import LOCK_PAGE, ask_for_code, reseal, state_of, turn_on, type_back
from tests.support.people import PASSWORD, Person, counts, htmx_headers
from tmr.domain.kinds.application import APPLICATION
from tmr.repository.access.access_tokens import AccessToken
from tmr.repository.access.calendar_feeds import Feed
from tmr.repository.access.support_grants import RECORDS, Terms
from tmr.repository.database.connections import across_owners_engine
from tmr.repository.database.installation_facts import InstallationFacts, Rotation
from tmr.repository.queue.mails import Mail
from tmr.web.session.throttling import ASKED_AGAIN_BY_SESSION

DAY = dt.timedelta(days=1)
GUESSABLE = "monkey-9-bridges"  # accepted for signing in: zxcvbn gives it less than 10^14 guesses


def waiting_templates(services, owner, admin) -> list[str]:
    ids = [row[0] for row in admin.execute("SELECT id FROM outgoing_mails").fetchall()]
    with services.repository.for_owner(owner) as uow:
        return sorted(waiting.mail.template for mail_id in ids if (waiting := uow.mails.take(mail_id)))


def test_p30_a_person_locks_their_records_and_the_keyring_opens_none_of_them(alice, services, admin) -> None:
    record = alice.add(company="Narwhal")
    code = ask_for_code(alice)
    assert state_of(alice) == "off"
    assert len(code.replace("-", "")) * 5 == 160

    assert type_back(alice, code.upper().replace("-", " ")).status_code == 303
    assert state_of(alice) == "resealing"
    reseal(alice)

    assert state_of(alice) == "locked due"
    assert sees(alice, record)
    plain = "SELECT d.purpose FROM data_keys d JOIN key_wraps k USING (owner_id, key_id) WHERE k.kind = 'keyring'"
    assert admin.execute(plain).fetchall() == [("account",)]
    with services.repository.for_owner(alice.owner) as uow:
        assert (uow.lock.is_on, uow.lock.is_open) == (True, False)
    assert log_of(services, alice.owner).count("lock-on") == 1


def test_a14_turning_it_on_and_off_is_mailed(alice, services, admin) -> None:
    turn_on(alice)
    before = waiting_templates(services, alice.owner, admin).count("notice")
    alice.post("/settings/privacy/unlock-for-good")

    assert before >= 1
    assert waiting_templates(services, alice.owner, admin).count("notice") == before + 1
    assert log_of(services, alice.owner).count("lock-off") == 1


def test_nothing_changes_before_the_code_was_typed_back_and_a_wrong_one_is_not_taken(alice, services, admin) -> None:
    code = ask_for_code(alice)
    other = f"{code[:-1]}{'a' if code[-1] != 'a' else 'b'}"
    for wrong in (other, "", "abcd", "€" * 40):
        answer = type_back(alice, wrong)
        assert answer.status_code == 422
        assert code not in answer.text
        assert 'aria-describedby="recovery_code-error"' in answer.text

    assert state_of(alice) == "off"
    assert "lock-on" not in log_of(services, alice.owner)
    assert type_back(alice, code).status_code == 303
    assert state_of(alice) == "resealing"


def test_a9_a_code_works_in_the_browser_that_it_was_shown_in_for_an_hour_and_once(alice, clock) -> None:
    there = alice.elsewhere()
    code = ask_for_code(alice)
    assert "start again" in there.get(type_back(there, code).headers["Location"]).text.lower()
    newer = ask_for_code(alice)
    assert type_back(alice, code).status_code == 422  # only the newest counts
    for _ in range(2):
        clock.turn(minutes=31)
        alice.get("/settings")
    alice.post("/reauthenticate", page="/reauthenticate", password=PASSWORD)
    type_back(alice, newer)

    assert state_of(alice) == "off"


def test_a6_a_code_has_twenty_tries(alice) -> None:
    code = ask_for_code(alice)
    for _ in range(20):
        type_back(alice, "x" * 32)

    assert type_back(alice, code).status_code == 422
    assert state_of(alice) == "off"


def test_s7_it_asks_who_is_there_before_it_begins_and_before_it_ends(alice, clock) -> None:
    clock.turn(minutes=11)
    assert "Confirm that it is you" in alice.get(LOCK_PAGE).text
    for path in ("", "/confirm", "/recovery-code", "/password"):
        assert alice.post(f"{LOCK_PAGE}{path}").headers["Location"].startswith("/reauthenticate")
    assert alice.post("/settings/privacy/unlock-for-good").headers["Location"].startswith("/reauthenticate")


def test_a_wrong_password_or_one_that_could_be_guessed_locks_nothing(alice) -> None:
    wrong = alice.post(LOCK_PAGE, page=LOCK_PAGE, password="wrong horse battery staple")
    alice.post("/settings/security/password", page="/settings/security", current=PASSWORD, password=GUESSABLE)
    guessable = alice.post(LOCK_PAGE, page=LOCK_PAGE, password=GUESSABLE)

    assert (wrong.status_code, guessable.status_code) == (422, 422)
    assert "That is not your password" in wrong.text
    assert 'id="passphrase"' in guessable.text
    assert "recovery-code" not in guessable.text + wrong.text
    offered = guessable.text.partition('id="passphrase">')[2].partition("<code>")[2].partition("<")[0]
    assert len(offered) == 27
    alice.post("/settings/security/password", page="/settings/security", current=GUESSABLE, password=offered)
    assert ask_for_code(alice, offered)


def test_an_account_without_a_password_or_a_passkey_gets_one_first(alice, admin) -> None:
    admin.execute("UPDATE accounts SET password_hash = NULL")

    page = alice.get(LOCK_PAGE).text
    assert "Add a passkey that unlocks your records" in page
    assert "Or set a password" in page
    assert alice.post(LOCK_PAGE, page="/import", password=PASSWORD).status_code == 422


def test_a6_guessing_the_password_there_is_limited(alice) -> None:
    for _ in range(ASKED_AGAIN_BY_SESSION.hits):
        assert alice.post(LOCK_PAGE, page=LOCK_PAGE, password="wrong horse battery staple").status_code == 422

    assert alice.post(LOCK_PAGE, page=LOCK_PAGE, password=PASSWORD).status_code == 429


def test_w3_what_would_still_lead_to_the_records_is_listed_and_ends(alice, services, clock, admin) -> None:
    with services.repository.for_owner(alice.owner) as uow:
        uow.feeds.add(Feed("Phone", "full"), clock())
        uow.access_tokens.add(AccessToken("Copy", "read"), clock() + DAY, clock())
        uow.grants.add(Terms(RECORDS, "help"), 24, clock())
        uow.mails.add(Mail(alice.email, "morning", {"what": "Narwhal"}), clock())
        uow.mails.add(Mail(alice.email, "notice", {"what": "x", "when": "now"}), clock())
        uow.commit()
    page = alice.get(LOCK_PAGE).text
    assert "1 calendar link, 1 access token, 1 code for support" in " ".join(page.split())

    turn_on(alice)

    with services.repository.for_owner(alice.owner) as uow:
        assert (uow.grants.list(clock()), uow.access_tokens.list(clock())) == ([], [])
    assert admin.execute("SELECT count(*) FROM calendar_feeds").fetchone() == (0,)
    assert "morning" not in waiting_templates(services, alice.owner, admin)


@pytest.mark.parametrize("task", ["import", "undo-import", "export"])
def test_work_that_waits_is_finished_first(alice, services, task: str) -> None:
    code = ask_for_code(alice)
    with services.repository.for_owner(alice.owner) as uow:
        uow.jobs.defer(task)
        uow.commit()

    answer = type_back(alice, code)

    assert answer.status_code == 422
    assert "still under way" in answer.text
    assert state_of(alice) == "off"


def test_work_that_fails_again_and_again_keeps_no_lock_from_being_turned_on(alice, services, admin) -> None:
    """Seen failing while the lock waited for an import that is tried seven times in six hours."""
    place = alice.upload(table(*({"company": f"C{number}", "title": "T"} for number in range(1_200))))
    alice.post(place.headers["Location"])
    code = ask_for_code(alice)
    admin.execute("UPDATE procrastinate_jobs SET status = 'doing', attempts = 1 WHERE task_name = 'import'")
    assert type_back(alice, code).status_code == 422
    admin.execute("UPDATE procrastinate_jobs SET status = 'todo' WHERE task_name = 'import'")

    assert type_back(alice, code).status_code == 303
    reseal(alice)

    assert state_of(alice) == "locked due"
    alice.post(f"{place.headers['Location']}/run")
    assert counts(alice.get(place.headers["Location"]).text, "import-result")["added"] == 1_200


def test_other_browsers_meet_423_from_the_first_moment_and_go_on_after_unlocking(alice, services, clock) -> None:
    record = alice.add(company="Narwhal")
    there = alice.elsewhere()
    type_back(alice, ask_for_code(alice))

    assert not sees(there, record)
    assert there.post(f"{LOCK_PAGE}/next").status_code == 423
    assert "Unlock your records to go on" in " ".join(there.get(LOCK_PAGE).text.split())
    again = alice.elsewhere()  # signing in anew unlocks, as does the form
    assert sees(again, record)
    reseal(again)
    assert state_of(again) == "locked due"
    assert sees(alice, record)


def test_it_takes_many_requests_and_each_says_how_far_it_is(alice, services, clock) -> None:
    with services.repository.for_owner(alice.owner) as uow:
        for _ in range(2_300):
            uow.records.add(APPLICATION, {"company": "Narwhal", "title": "x", "status": "applied"}, clock())
        uow.commit()
    type_back(alice, ask_for_code(alice))
    token = alice.token(LOCK_PAGE)

    first = alice.client.post(f"{LOCK_PAGE}/next", data={"csrf_token": token}, headers=htmx_headers())
    assert "2,000 of 2," in first.text
    assert 'hx-post="/settings/privacy/lock/next"' in first.text
    last = alice.client.post(f"{LOCK_PAGE}/next", data={"csrf_token": token}, headers=htmx_headers())

    assert last.headers["HX-Redirect"] == LOCK_PAGE
    assert state_of(alice) == "locked due"


def test_w5_it_says_whether_the_wrapping_key_has_rotated_since(alice, server, clock) -> None:
    facts, before = InstallationFacts(across_owners_engine(server.migration_url)), clock()
    clock.turn(minutes=1)
    turn_on(alice)
    later = clock() + DAY
    said = []
    for rotation in (Rotation(before), Rotation(later, clock()), Rotation(later, later + DAY), Rotation(later)):
        facts.put(rotation, clock())
        said.append(state_of(alice))

    assert said == ["locked due", "locked due", "locked", "locked"]


def test_off_again_the_server_opens_them_and_no_code_does(alice, services, admin) -> None:
    record, there = alice.add(company="Narwhal"), alice.elsewhere()
    turn_on(alice)

    answer = alice.post("/settings/privacy/unlock-for-good")

    assert answer.headers["Location"] == LOCK_PAGE
    assert state_of(alice) == "off"
    assert sees(there, record)
    assert admin.execute("SELECT count(*) FROM key_wraps WHERE kind <> 'keyring'").fetchone() == (0,)


def test_the_check_up_offers_it_and_asks_to_finish_what_was_begun(alice) -> None:
    pages = [alice.get("/settings/security").text]
    type_back(alice, ask_for_code(alice))
    pages.append(alice.get("/settings/security").text)
    reseal(alice)
    pages.append(alice.get("/settings/security").text)

    assert ["You can lock them" in page for page in pages] == [True, False, False]
    assert ["it is not finished" in page for page in pages] == [False, True, False]
    assert "Your records open only in a browser that you unlock" in pages[2]


def test_half_way_it_can_be_turned_off(alice) -> None:
    record = alice.add(company="Narwhal")
    type_back(alice, ask_for_code(alice))

    alice.post("/settings/privacy/unlock-for-good")

    assert state_of(alice) == "off"
    assert sees(alice.elsewhere(), record)


def test_a_closed_browser_can_turn_nothing_off_and_make_no_code(alice) -> None:
    turn_on(alice)
    alice.post("/lock", page="/settings")
    alice.post("/reauthenticate", page="/reauthenticate", password=PASSWORD)

    for path in ("/settings/privacy/unlock-for-good", f"{LOCK_PAGE}/recovery-code", f"{LOCK_PAGE}/password"):
        answer = alice.post(path, page="/settings", password=PASSWORD)
        assert answer.status_code == 423, path
    assert state_of(alice) == "locked due"


def test_p24_erasing_all_data_turns_it_off_and_the_account_can_be_deleted_while_it_is_closed(alice, services) -> None:
    turn_on(alice)
    alice.post("/lock", page="/settings")
    alice.post("/reauthenticate", page="/reauthenticate", password=PASSWORD)
    assert "turns the lock of your records off" in alice.get("/settings/privacy?erase=data").text
    alice.post("/settings/privacy/erase-data", page="/settings/privacy?erase=data", password=PASSWORD)

    assert state_of(alice) == "off"
    assert log_of(services, alice.owner).count("lock-off") == 1
    turn_on(alice)
    alice.post("/lock", page="/settings")
    alice.post("/reauthenticate", page="/reauthenticate", password=PASSWORD)
    fields = {"password": PASSWORD, "email": alice.email}
    answer = alice.post("/settings/privacy/erase-account", page="/settings/privacy?erase=account", **fields)
    assert answer.headers["Location"] == "/"
    assert Person(alice.app, alice.email).sign_in().status_code == 422


def test_without_a_lock_nothing_of_it_can_be_changed(alice) -> None:
    assert alice.post(f"{LOCK_PAGE}/recovery-code").status_code == 404
    assert alice.post(f"{LOCK_PAGE}/password", password=PASSWORD).status_code == 404
    assert alice.post(f"{LOCK_PAGE}/next").headers["Location"] == LOCK_PAGE
    assert alice.post("/settings/privacy/unlock-for-good").headers["Location"] == LOCK_PAGE
