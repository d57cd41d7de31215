"""A coach's link: what it shows, to whom, until when, and that nothing is shown without an entry in the log."""

import datetime as dt
import re

import pytest

from tests.integration.records.own_fields.test_declaring import declare
from tests.support.locked import lock
from tests.support.people import PASSWORD, Browser, Person
from tmr.domain.kinds import KINDS
from tmr.operations.jobs.housekeeping import forget_what_is_due
from tmr.privacy.coach import looks
from tmr.privacy.coach.links import MAX_LINKS
from tmr.privacy.coach.shown import NEVER as NEVER_SHOWN
from tmr.privacy.coach.shown import SHOWN
from tmr.web.session.throttling import (
    COACH_CODE_BY_LINK_AND_SITE,
    COACH_CODES_OF_A_DAY,
    COACH_LINK_BY_ACCOUNT,
    COACH_LOOK_BY_LINK,
)

PAGE = "/settings/coach"
FIELDS = {
    "company": "Ørsted",
    "title": "Engineer",
    "status": "applied",
    "salary_min": "70007",
    "salary_currency": "DKK",
    "notes": "Secret note",
    "job_description": "Long posting",
    "closed_reason": "Ghosted by Jim",
    "tags": "Plan B",
    "source": "Cousin Vinny",
}


def make_link(person: Person, **fields: str) -> tuple[str, str]:
    """Return the path of a new link, and its code."""
    page = person.post(PAGE, page=PAGE, label="Maria", **fields)
    assert page.status_code == 200, page.text
    return (
        re.search(r'id="coach-link">[^<]+(/coach/[^<]+)<', page.text)[1],
        re.search(r'id="coach-code">([^<]+)<', page.text)[1],
    )


def enter(browser: Browser, path: str, code: str):
    return browser.post(path, page=path, code=code)


@pytest.fixture
def searching(alice) -> tuple[Person, str]:
    """Alice with an application that has an interview, an offer, a note in its timeline and an own field."""
    own = declare(alice, "Hunch", "text", "applications")
    record = alice.add(**FIELDS, **{own: "Own words"})
    alice.post("/contacts", name="Contact Person", application_ids=record)
    interview = {"application_id": record, "kind": "video", "place": "https://meet.example/77", "preparation": "Prep"}
    interview |= {"interviewers": "Jane Doe"}
    assert alice.post("/interviews", **interview, starts_at="2026-12-01T10:00").status_code == 303
    assert alice.post("/offers", application_id=record, base="91919").status_code == 303
    assert alice.post("/events", application_id=record, type="call", text="They called").status_code == 303
    return alice, record


ALWAYS = ("Ørsted", "Engineer", "Applied", "Video")
NOTES = ("Secret note", "Long posting", "Own words", "Prep", "They called")
PAY = ("70007", "DKK", "91919")
NOTES += ("Jane Doe", "Ghosted by Jim", "Plan B", "Cousin Vinny")  # an interviewer, and own words in short fields
NEVER = ("Contact Person", "meet.example", "alice@example.org")


def test_p7_a_link_shows_what_was_chosen_and_nothing_else(searching, app) -> None:
    """Seen failing with the notes left in the detail, and with the pay's fields taken by name alone."""
    alice, record = searching
    for chosen, shown in (
        ({}, ()),
        ({"notes": "1"}, NOTES),
        ({"pay": "1"}, PAY),
        ({"notes": "1", "pay": "1"}, NOTES + PAY),
    ):
        path, code = make_link(alice, **chosen)
        coach = Browser(app)
        assert enter(coach, path, code.upper().replace("-", " ")).headers["Location"] == path

        listed, page = coach.get(path).text, coach.get(f"{path}/{record}").text

        text = re.sub(r"[,.  ]", "", page)
        assert f"{path}/{record}" in listed
        assert "Maria" in listed
        assert all(word in page for word in ALWAYS)
        assert {word for word in NOTES + PAY if word.replace(" ", "") in text.replace(" ", "")} == set(shown)
        assert not [word for word in NEVER if word in listed + page]
        assert "no-store" in coach.get(path).headers["Cache-Control"]


def test_w4_each_look_is_in_the_log_and_the_first_is_told_by_mail(searching, app, letters) -> None:
    alice, record = searching
    path, code = make_link(alice)
    coach = Browser(app)
    enter(coach, path, "wrong")
    enter(coach, path, code)
    coach.get(path)
    coach.get(f"{path}/{record}")

    log = alice.get("/settings/security/log").text

    assert "Maria: applications" in log
    assert "Maria: one application" in log
    assert "Someone entered a wrong code" in log
    mailed = "\n".join(letter.text for letter in letters())
    assert mailed.count("A link for a coach was created") == 1
    assert mailed.count("Someone opened a link for a coach with its code") == 1


def test_c1_without_link_and_code_nothing_is_shown(searching, app, bob) -> None:
    alice, record = searching
    path, code = make_link(alice)
    other_path, other_code = make_link(alice)
    stranger = Browser(app)

    asked = stranger.get(path)
    refused = enter(stranger, path, other_code)

    assert "Ørsted" not in asked.text
    assert "alice" not in asked.text
    assert (refused.status_code, "That isn’t the right code" in refused.text) == (422, True)
    assert stranger.get(f"{path}/{record}").headers["Location"] == path
    assert stranger.get("/coach/" + "a" * 43).status_code == 404
    enter(stranger, path, code)
    assert stranger.get(f"{path}/{record}").status_code == 200
    assert "Enter the code" in stranger.get(other_path).text  # the code of one link opens no other
    theirs = bob.add()
    assert stranger.get(f"{path}/{theirs}").status_code == 404
    assert stranger.get("/applications").status_code == 303
    for attempt in (path, f"{path}/{record}"):
        assert stranger.post(attempt, page="/login", title="x").status_code in (405, 422)


def test_a12_w3_it_ends_on_its_day_and_when_it_is_revoked(searching, app, clock, admin, job_context) -> None:
    alice, _record = searching
    path, code = make_link(alice, ends_on=(clock() + dt.timedelta(days=3)).date().isoformat())
    revoked_path, revoked_code = make_link(alice)
    coach, other = Browser(app), Browser(app)
    enter(coach, path, code)
    enter(other, revoked_path, revoked_code)
    stored = admin.execute("SELECT string_agg(t::text, '') FROM coach_links t").fetchone()[0]
    assert path.rpartition("/")[2] not in stored
    assert code not in stored

    ids = re.findall(rf"{PAGE}/[0-9a-f-]{{36}}/revoke", alice.get(PAGE).text)
    assert alice.post(ids[1]).status_code == 303
    assert other.get(revoked_path).status_code == 404
    assert coach.get(path).status_code == 200
    clock.turn(days=4, hours=1)

    assert coach.get(path).status_code == 404
    forget_what_is_due(job_context)
    assert admin.execute("SELECT count(*) FROM coach_links").fetchone() == (0,)
    assert admin.execute("SELECT count(*) FROM owner_lookups WHERE kind = 'coach'").fetchone() == (0,)


def test_p7_each_field_of_each_kind_is_in_one_list() -> None:
    for kind in KINDS.values():
        lists = SHOWN.get(kind.key)

        assert (lists is None) == (kind.key in NEVER_SHOWN), kind.key
        if lists:
            listed = [*lists.always, *lists.notes, *lists.pay, *lists.never]
            assert sorted(listed) == sorted(field.name for field in kind.fields), kind.key


def test_w1_looks_and_links_are_limited(alice, app, services, clock) -> None:
    path, code = make_link(alice)
    token, coach = path.rpartition("/")[2], Browser(app)
    enter(coach, path, code)
    for _ in range(COACH_LOOK_BY_LINK.hits):
        services.limits.hit(COACH_LOOK_BY_LINK, token, clock())

    assert coach.get(path).status_code == 429
    for _ in range(MAX_LINKS - 1):
        make_link(alice)
    assert "You already have 5 links" in alice.post(PAGE, page=PAGE).text
    for _ in range(COACH_LINK_BY_ACCOUNT.hits):
        services.limits.hit(COACH_LINK_BY_ACCOUNT, str(alice.owner), clock())
    assert alice.post(PAGE, page=PAGE).status_code == 429


def test_c1_the_code_in_a_cookie_opens_nothing(searching, app) -> None:
    alice, record = searching
    path, code = make_link(alice)
    other_path, other_code = make_link(alice)
    other = Browser(app)
    enter(other, other_path, other_code)

    for value in (code, code.lower(), other.client.get_cookie("tmr-coach").value, "a" * 64, "é"):
        guesser = Browser(app)
        guesser.client.set_cookie("tmr-coach", value)

        answers = [guesser.get(path) for _ in range(12)]

        assert {answer.status_code for answer in answers} == {200}  # asking for the page counts nothing
        assert all("Enter the code" in answer.text and "Ørsted" not in answer.text for answer in answers)
        assert guesser.get(f"{path}/{record}").headers["Location"] == path
    entered = Browser(app)
    enter(entered, path, code)
    kept = entered.client.get_cookie("tmr-coach").value
    assert code.replace("-", "").lower() not in kept.replace("-", "").lower()
    assert "Ørsted" in entered.get(path).text


def test_w1_each_wrong_code_is_noted_and_counted_and_keeps_nobody_else_out(searching, app, services, clock) -> None:
    alice, _record = searching
    path, code = make_link(alice)
    per_minutes, per_day = COACH_CODE_BY_LINK_AND_SITE
    coach, guesser = Browser(app), Browser(app)
    enter(coach, path, code)

    def guess(browser: Browser, typed: str, address: str):
        sent = {"code": typed, "csrf_token": browser.token("/login")}
        return browser.client.post(path, data=sent, environ_base={"REMOTE_ADDR": address})

    answers = [guess(guesser, "wrong", "192.0.2.1").status_code for _ in range(per_minutes.hits + 1)]
    for _ in range(per_day.hits):
        services.limits.hit(per_day, f"192.0.2.1 {path.rpartition('/')[2]}", clock())
    clock.turn(minutes=6)

    assert answers == [422] * per_minutes.hits + [429]
    assert guess(guesser, "wrong", "192.0.2.1").status_code == 429  # for the day
    assert guess(guesser, code, "198.51.100.7").status_code == 303
    assert alice.get("/settings/security/log").text.count("Someone entered a wrong code") == per_minutes.hits
    for _ in range(COACH_CODES_OF_A_DAY.hits):
        services.limits.hit(COACH_CODES_OF_A_DAY, path.rpartition("/")[2], clock())
    assert guess(coach, code, "192.0.2.1").status_code == 303  # which entered it before
    assert coach.get(path).status_code == 200


def test_w4_wrong_codes_from_many_places_fill_no_log(searching, app) -> None:
    """Seen failing: 150 of them pushed everything else off the first page of the log."""
    alice, _record = searching
    path, _code = make_link(alice)
    guesser = Browser(app)
    token = guesser.token(path)
    for place in range(30):
        sent = {"code": "wrong", "csrf_token": token}
        answer = guesser.client.post(path, data=sent, environ_base={"REMOTE_ADDR": f"198.51.100.{place}"})
        assert answer.status_code == 422

    log = alice.get("/settings/security/log").text
    assert log.count("Someone entered a wrong code for a coach") == 20
    assert log.count("More wrong passwords or codes followed") == 1
    assert "A link for a coach was created" in log


def test_w4_looks_from_one_network_are_one_entry_an_hour(searching, app, services, clock) -> None:
    alice, record = searching
    path, code = make_link(alice)
    coach = Browser(app)
    enter(coach, path, code)

    def looks_from(address: str) -> int:
        for place in (path, path, f"{path}/{record}", f"{path}/{record}"):
            assert coach.client.get(place, environ_base={"REMOTE_ADDR": address}).status_code == 200
        with services.repository.for_owner(alice.owner) as uow:
            return [entry.event.name for entry in uow.log.list()].count("coach-looked")

    assert looks_from("2001:db8::1") == 2
    assert looks_from("2001:db8::2") == 2  # the same network
    assert looks_from("192.0.2.1") == 4
    clock.turn(minutes=61)
    assert looks_from("192.0.2.1") == 6


def test_w4_a_look_at_locked_records_is_none(searching, app, services, clock) -> None:
    alice, record = searching
    path, code = make_link(alice)
    coach = Browser(app)
    enter(coach, path, code)
    lock(services.repository, alice.owner, clock(), PASSWORD)

    answers = [coach.get(path).status_code, coach.get(f"{path}/{record}").status_code]

    with services.repository.for_owner(alice.owner) as uow:
        noted = [entry.event.name for entry in uow.log.list()]
    assert answers == [423, 423]
    assert "coach-looked" not in noted


def test_w1_only_what_is_shown_of_an_application_is_opened_whole(searching, app, clock, monkeypatch) -> None:
    person, record = searching
    clock.turn(minutes=5)  # so that these come first
    for number in range(3):
        person.post("/events", application_id=record, type="call", text=f"Entry {number} " + "x" * 6_000)
    monkeypatch.setattr(looks, "MOST_PARTS", 2)
    path, code = make_link(person, notes="1")
    coach = Browser(app)
    enter(coach, path, code)

    page = coach.get(f"{path}/{record}").text

    assert page.count("x…") == 2
    assert "x" * (looks.LONGEST_TEXT + 1) not in page


def test_a_day_that_cannot_be_is_refused_and_what_was_typed_is_kept(alice, clock) -> None:
    for day in ("2020-01-01", "nonsense", (clock() + dt.timedelta(days=400)).date().isoformat()):
        refused = alice.post(PAGE, page=PAGE, label="Maria", ends_on=day, notes="1")

        assert refused.status_code == 422
        assert "Choose a day from tomorrow on" in refused.text
        assert 'value="Maria"' in refused.text


def test_a_link_of_a_disabled_account_shows_nothing(alice, app, admin) -> None:
    path, code = make_link(alice)
    coach = Browser(app)
    enter(coach, path, code)

    admin.execute("UPDATE accounts SET disabled_at = now()")

    assert coach.get(path).status_code == 404


def test_a_coach_reads_days_times_and_moves_as_people_write_them(searching, app, clock) -> None:
    """Seen failing: an interview was on “2026-12-01T10:00”, and the link ended on the day after its last, at 00:00."""
    alice, record = searching
    last = (clock() + dt.timedelta(days=3)).date()
    path, code = make_link(alice, ends_on=last.isoformat(), notes="1", pay="1")
    coach = Browser(app)
    enter(coach, path, code)

    listed, page = coach.get(path).text, coach.get(f"{path}/{record}").text

    written = f"through {last.day} {last:%b} {last.year}"
    assert written in " ".join(listed.split())
    assert f"works {written}" in " ".join(alice.get(PAGE).text.split())
    assert "1 Dec, 10:00" in page
    assert "Added as" in page
    assert re.findall(r">[^<]*\d{4}-\d\d-\d\d[^<]*<", listed + page) == []
