"""Unlocking with the sign-in password: at sign-in, in the form where a page was asked for, and locking again."""

import html
import io
import logging
import re
from uuid import UUID

import pytest

from tests.support.devices.authenticator import enrol
from tests.support.factories import table
from tests.support.kinds import declare, place_of
from tests.support.locked import lock
from tests.support.people import PASSWORD, Person, htmx_headers
from tmr import create_app
from tmr.domain.kinds import KINDS
from tmr.domain.kinds.application import APPLICATION
from tmr.operations.jobs.housekeeping import forget_what_is_due
from tmr.repository.errors import LockedError
from tmr.web.lock import closed_page

WRONG, CANARY = "wrong horse battery staple", "Kanarienvogel"


@pytest.fixture
def record(alice, services, clock) -> str:
    """An application of Alice's, who has the lock on, and is signed in with her records closed."""
    made = alice.add(company="Narwhal")
    lock(services.repository, alice.owner, clock(), PASSWORD)
    return made


def sees(person: Person, record: str) -> bool:
    answer = person.get(f"/applications/{record}")
    assert answer.status_code in (200, 423)
    assert ("Narwhal" in answer.text) == (answer.status_code == 200)
    return answer.status_code == 200


def log_of(services, owner: UUID) -> list[str]:
    with services.repository.for_owner(owner) as uow:
        return [entry.event.name for entry in uow.log.list()]


def test_signing_in_with_the_password_opens_the_records_and_the_server_cannot(alice, services, record) -> None:
    there = alice.elsewhere()

    assert sees(there, record)
    assert not sees(alice, record)
    with services.repository.for_owner(alice.owner) as uow, pytest.raises(LockedError):
        uow.records.get(APPLICATION, UUID(record))


def test_the_second_step_carries_the_key_over(alice, services, clock, admin) -> None:
    record = alice.add(company="Narwhal")
    authenticator, _ = enrol(alice, clock)
    lock(services.repository, alice.owner, clock(), PASSWORD)
    there = Person(alice.app, alice.email)
    assert there.sign_in().headers["Location"] == "/login/2fa"
    assert admin.execute("SELECT count(*) FROM key_wraps WHERE kind IN ('unlock', 'pending')").fetchone() == (0,)

    clock.turn(minutes=1)
    answer = there.post("/login/2fa", page="/login/2fa", code=authenticator.code())

    assert answer.headers["Location"] == "/"
    assert sees(there, record)


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/settings/privacy/lock/password", "password"),
        ("/settings/privacy/lock/key", "key_password"),
        ("/applications", "recovery_code"),
        ("/applications", "prf_secret"),
        ("/applications", "credential"),
        ("/applications", "current"),
        ("/applications", "code"),
    ],
)
def test_w5_no_secret_that_was_sent_while_the_records_were_closed_comes_back_in_the_page(
    alice, record, path: str, field: str
) -> None:
    """Seen failing: the form that opens them had what the other form held, the secret of a passkey and all."""
    answer = alice.post(path, page="/settings", **{field: CANARY, "company": "Globex"})

    assert answer.status_code == 423
    assert CANARY not in answer.text
    assert "Globex" in answer.text  # what is no secret is kept


def test_no_record_has_a_field_that_is_called_like_a_secret() -> None:
    assert not closed_page.SECRETS & {field.name for kind in KINDS.values() for field in kind.fields}


def test_w5_a_sign_in_that_never_comes_to_its_second_step_makes_a_rotation_due(alice, services, clock, admin) -> None:
    """Seen failing: its row was gone, but its bytes, the cookie and the keyring of now opened the records."""
    enrol(alice, clock)
    lock(services.repository, alice.owner, clock(), PASSWORD)
    admin.execute("DELETE FROM erasures")

    there = Person(alice.app, alice.email)
    assert there.sign_in().headers["Location"].startswith("/login/2fa")

    assert admin.execute("SELECT count(*) FROM erasures").fetchone() == (1,)


def test_a_closed_page_answers_423_with_a_form_that_leads_back_to_it(alice, record, services) -> None:
    page = alice.get(f"/applications/{record}")
    before = alice.client.get_cookie("tmr").value

    answer = alice.post("/unlock", page="/unlock", unlock_password=PASSWORD, next=f"/applications/{record}")

    assert page.status_code == 423
    assert f'name="next" value="/applications/{record}"' in page.text
    assert answer.headers["Location"] == f"/applications/{record}"
    assert sees(alice, record)
    assert alice.client.get_cookie("tmr").value != before
    assert "records-opened" in log_of(services, alice.owner)


def test_what_was_typed_is_kept_and_saved_after_the_unlock(alice, record, services) -> None:
    token = alice.token("/settings")
    typed = {"company": "Globex <&>", "title": "Engineer", "csrf_token": token}
    closed = alice.client.post("/applications", data=typed)
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', closed.text))
    action = re.search(r'action="([^"]+)" data-state="locked"', closed.text)[1]

    assert closed.status_code == 423
    assert (fields["company"], fields["title"], action) == ("Globex &lt;&amp;&gt;", "Engineer", "/applications")
    again = {**typed, "csrf_token": fields["csrf_token"], "unlock_password": WRONG}
    assert alice.client.post(action, data=again).status_code == 423
    saved = alice.client.post(action, data={**again, "unlock_password": PASSWORD})

    assert saved.status_code == 303
    assert "Globex &lt;&amp;&gt;" in alice.get("/applications").text


def test_i6_a_password_without_the_token_of_the_form_opens_nothing(alice, record) -> None:
    answer = alice.client.post("/applications", data={"company": "Globex", "unlock_password": PASSWORD})

    assert answer.status_code == 403
    assert not sees(alice, record)


def test_a_file_is_to_be_chosen_again_and_htmx_gets_a_message_beside_what_was_typed(alice, record) -> None:
    token = alice.token("/settings")
    data = {"csrf_token": token, "file": (io.BytesIO(b"company,title\r\nA,B"), "list.csv")}
    sent = alice.client.post("/import", data=data)
    edited = alice.client.post(
        f"/applications/{record}",
        data={"csrf_token": token, "cell": "company", "company": "Globex", "version": "1"},
        headers=htmx_headers(),
    )

    assert sent.status_code == edited.status_code == 423
    assert "Choose “list.csv” again" in sent.text
    assert "<h1" not in edited.text
    assert edited.headers["HX-Retarget"] == "#messages"


def goes_on_to(closed) -> str:
    return html.unescape(re.search(r'name="next" value="([^"]+)"', closed.text)[1])


def test_a_file_is_asked_for_or_chosen_on_its_page_after_the_unlock(alice, record, services) -> None:
    """Seen failing: a saved file left the page there that said they are locked, and an upload ended on Today."""
    there = alice.elsewhere()
    there.post("/documents", name="Letter", file=(io.BytesIO(b"x"), "letter.txt"))
    document = re.search(r'href="(/documents/[0-9a-f-]{36})"', there.get("/documents").text)[1]
    asked = {
        f"{document}/file": document,
        "/export/applications.csv?status=applied": "/applications?status=applied",
    }
    closed = {address: alice.get(address) for address in asked}
    whole = alice.post("/settings/privacy/export", page="/settings")
    upload = alice.post("/import", page="/settings", file=(io.BytesIO(b"x"), "list.csv"))

    assert {address: goes_on_to(page) for address, page in closed.items()} == asked
    assert "ask for the file again" in closed[f"{document}/file"].text
    assert goes_on_to(whole) == "/settings/privacy"
    assert 'enctype="multipart/form-data"' in upload.text
    again = {"unlock_password": PASSWORD, "file": (io.BytesIO(table({"company": "Globex", "title": "B"})), "list.csv")}
    assert alice.post("/import", page="/settings", **again).status_code == 303


def test_what_was_typed_beside_a_file_is_kept_whether_one_was_chosen_or_not(alice, record) -> None:
    """Seen failing: without scripts, forms that may take a file came back empty, and a pasted posting was gone."""
    letter = {"name": "Quokka", "file": (io.BytesIO(b"x"), "letter.txt")}
    chosen = alice.post("/documents", page="/settings", **letter)
    none = alice.post("/documents", page="/settings", name="Numbat", file=(io.BytesIO(b""), ""))

    assert "Choose “letter.txt” again" in chosen.text
    assert 'type="file"' not in none.text
    for page, name in ((chosen, "Quokka"), (none, "Numbat")):
        assert f'name="name" value="{name}"' in page.text
        assert 'action="/documents"' in page.text
    letter["file"] = (io.BytesIO(b"x"), "letter.txt")
    assert alice.post("/documents", page="/settings", unlock_password=PASSWORD, **letter).status_code == 303
    assert "Quokka" in alice.get("/documents").text


def test_a_wrong_password_opens_nothing_and_is_limited_by_session(alice, record) -> None:
    answers = [alice.post("/unlock", page="/unlock", unlock_password=WRONG) for _ in range(11)]

    assert [answer.status_code for answer in answers] == [423] * 10 + [429]
    assert "not the password that opens your records" in answers[0].text
    assert not sees(alice, record)
    assert sees(alice.elsewhere(), record)  # what one session uses up is its own


def test_proof_6_no_page_log_figure_or_row_in_the_clear_tells_of_locked_records(
    alice, record, caplog, admin, visitor
) -> None:
    """Its mails and feeds are asked in `tests/integration/records/planning/`."""
    caplog.set_level(logging.DEBUG)
    there = alice.elsewhere()
    there.post("/applications", company=CANARY, title=CANARY)
    there.get(f"/applications?q={CANARY}")
    pages = [alice.get(path) for path in ("/applications", f"/applications/{record}", "/today", "/nowhere", "/unlock")]
    pages += [alice.post("/applications", page="/settings"), visitor.get("/metrics"), visitor.get("/nowhere")]
    queued = admin.execute("SELECT task_name, args::text FROM procrastinate_jobs").fetchall()
    facts = admin.execute("SELECT * FROM installation_facts").fetchall()

    assert [page.status_code for page in pages] == [423, 423, 423, 404, 423, 423, 200, 404]
    said = "".join(page.text for page in pages) + caplog.text + repr(queued) + repr(facts)
    assert CANARY not in said
    assert "Narwhal" not in said
    assert "Narwhal" in there.get(f"/applications/{record}").text  # the control


def test_an_unlock_confirms_nothing(alice, record, clock) -> None:
    clock.turn(minutes=11)
    alice.post("/unlock", page="/unlock", unlock_password=PASSWORD)

    assert alice.get("/export/applications.csv").headers["Location"].startswith("/reauthenticate")


def test_lock_now_closes_this_session_or_all_of_them(alice, record, services) -> None:
    one, two, three = (alice.elsewhere() for _ in range(3))
    before = one.client.get_cookie("tmr").value

    answer = one.post("/lock", page="/settings")
    assert answer.headers["Location"] == "/unlock"
    assert one.client.get_cookie("tmr").value != before
    assert [sees(each, record) for each in (one, two, three)] == [False, True, True]
    two.post("/lock", page="/settings", where="everywhere")
    assert [sees(each, record) for each in (two, three)] == [False, False]
    two.post("/lock", page="/settings")
    two.post("/lock", page="/settings", where="everywhere")
    assert log_of(services, alice.owner).count("records-closed") == 2  # and nothing where nothing was open


def test_another_app_opens_by_the_same_cookie_and_closes_with_it(alice, record, services) -> None:
    there = alice.elsewhere()
    other = Person(create_app(services), alice.email)
    other.client.set_cookie("tmr", there.client.get_cookie("tmr").value)
    assert sees(other, record)

    there.post("/logout", page="/settings")

    assert other.get(f"/applications/{record}").headers["Location"].startswith("/login")


def test_without_a_lock_there_is_nothing_to_unlock_or_lock(alice) -> None:
    record = alice.add()

    assert alice.get("/unlock").headers["Location"] == "/"
    assert alice.post("/unlock", unlock_password=WRONG).headers["Location"] == "/"
    assert alice.post("/lock").status_code == 404
    assert alice.change(record, company="Globex", unlock_password=WRONG).status_code == 303


def test_settings_that_are_not_about_records_open_while_these_are_closed(alice, record) -> None:
    pages = ["/settings", "/settings/security", "/settings/sessions", "/settings/security/log", "/settings/privacy"]

    assert {path: alice.get(path).status_code for path in pages} == dict.fromkeys(pages, 200)


def menu_of(person: Person) -> set[str]:
    page = person.get("/settings").text
    return {words for words in ("Lock now", "Lock on every device", ">Unlock<") if words in page}


def test_the_menu_locks_or_unlocks_and_without_a_lock_says_nothing_of_it(alice, bob, record) -> None:
    assert menu_of(bob) == set()
    assert menu_of(alice) == {"Lock on every device", ">Unlock<"}
    assert menu_of(alice.elsewhere()) == {"Lock now", "Lock on every device"}


def test_the_locked_page_says_whether_the_records_are_open_elsewhere(alice, record, clock) -> None:
    said = "still open on another device"
    there = alice.elsewhere()

    assert said in alice.get("/unlock").text
    there.post("/lock", page="/settings")
    assert said not in alice.get("/unlock").text
    alice.elsewhere()
    clock.turn(minutes=31)
    assert said not in alice.get("/unlock").text


def test_htmx_gets_the_form_in_place_and_is_told_when_the_records_are_open(alice, record) -> None:
    data = {"csrf_token": alice.token("/settings"), "company": "Globex", "version": "1"}
    closed = alice.client.post(f"/applications/{record}", data=data, headers=htmx_headers())
    wrong = {"csrf_token": data["csrf_token"], "unlock_password": WRONG}
    refused = alice.client.post("/unlock", data=wrong, headers=htmx_headers())
    opened = alice.client.post("/unlock", data={**wrong, "unlock_password": PASSWORD}, headers=htmx_headers())

    assert closed.status_code == refused.status_code == 423
    assert "data-unlock" in closed.text
    assert "not the password that opens your records" in refused.text
    assert 'hx-post="/unlock"' in refused.text
    assert opened.headers["HX-Trigger"] == '{"tmr:unlocked":{}}'
    assert alice.client.post(f"/applications/{record}", data=data, headers=htmx_headers()).status_code == 200


def test_the_forms_of_an_unlock_name_the_account_for_password_managers_and_send_that_nowhere(alice, record) -> None:
    token = alice.token("/settings")
    sent = {"csrf_token": token, "name": "Ada", "email": "ada@example.org"}
    closed = alice.client.post("/contacts", data=sent)
    again = {**sent, "unlock_email": alice.email, "unlock_password": PASSWORD}

    assert f'value="{alice.email}" autocomplete="username" hidden' in closed.text
    assert alice.client.post("/contacts", data=again).status_code == 303
    assert "ada@example.org" in alice.get("/contacts").text


def test_proof_4_a6_w2_guesses_count_for_the_account_and_not_for_a_device_that_its_owner_knows(alice, record) -> None:
    stolen = [Person(alice.app, alice.email) for _ in range(3)]
    for thief in stolen:  # each holds the cookie of a session of its own, and none the one of the device
        thief.client.set_cookie("tmr", alice.elsewhere().client.get_cookie("tmr").value)
        thief.post("/lock", page="/settings")

    answers = [thief.post("/unlock", page="/unlock", unlock_password=WRONG) for thief in stolen for _ in range(10)]

    assert [answer.status_code for answer in answers] == [423] * 20 + [429] * 10
    alice.post("/unlock", page="/unlock", unlock_password=PASSWORD)
    assert sees(alice, record)


def test_own_fields_that_were_deleted_long_ago_go_for_good_at_an_unlock(
    alice, record, services, clock, job_context, admin
) -> None:
    there = alice.elsewhere()
    name = declare(there, "Narwhal sightings")
    place = place_of(there, "Narwhal sightings")
    there.change(record, **{name: "three"})
    there.post(f"{place}/delete", page="/settings")
    clock.turn(days=31)
    forget_what_is_due(job_context)
    assert admin.execute("SELECT count(*) FROM own_fields").fetchone() == (1,)
    again = Person(alice.app, alice.email)
    assert again.sign_in().status_code == 303

    with services.repository.claim(again.client.get_cookie("tmr").value, clock()) as uow:
        assert uow.own_fields.all() == []
        assert name not in uow.records.get(APPLICATION, UUID(record)).values


def test_its_owner_chooses_how_long_an_unlock_lasts_without_a_request(alice, record, clock) -> None:
    there = alice.elsewhere()
    assert there.post("/lock/idle", page="/settings", minutes="15").status_code == 303
    assert '<option value="15" selected' in there.get("/settings/sessions").text
    clock.turn(minutes=16)
    assert sees(there, record)  # it holds from the next unlock on
    there.post("/lock", page="/settings")
    there.post("/unlock", page="/unlock", unlock_password=PASSWORD)
    clock.turn(minutes=14)
    assert sees(there, record)
    clock.turn(minutes=16)
    assert not sees(there, record)


@pytest.mark.parametrize("minutes", ["", "14", "721", "a day"])
def test_no_other_time_than_those_offered_is_taken(alice, record, minutes: str) -> None:
    assert alice.post("/lock/idle", page="/settings", minutes=minutes).status_code == 422


def test_an_account_without_a_lock_is_not_asked_how_long(alice) -> None:
    assert "/lock/idle" not in alice.get("/settings/sessions").text
