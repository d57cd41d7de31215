"""Mails about locked records: planned while they are open, sent without opening them, and without a word of them."""

import datetime as dt
import logging
import re

import pytest

from tests.support.kinds import RecordForms
from tests.support.locked import lock
from tests.support.people import PASSWORD, Person
from tmr.operations.jobs.mails import send_reminders

PAGE = "/settings/mails"
CANARY = "Kanarienvogel"


@pytest.fixture
def there(alice, services, clock) -> Person:
    """Alice, with mails turned on and the lock on, in a browser in which her records are open."""
    clock.now = dt.datetime(2026, 10, 20, 4, 0, tzinfo=dt.UTC)  # a Tuesday
    alice.sign_in()
    alice.post("/settings/profile", page="/settings", time_zone="Europe/Berlin")
    alice.post(PAGE, hour="8", days="workdays", interview_minutes="60", says="names")
    lock(services.repository, alice.owner, clock(), PASSWORD)
    return alice.elsewhere()


@pytest.fixture
def passes(job_context, clock, letters):
    """Turns the clock, lets the worker do its minute, and returns the mails about the search that are new."""
    seen: list[int] = [len(letters())]

    def turn(**duration: float) -> list:
        clock.turn(**duration)
        send_reminders(job_context)
        new = letters()[seen[0] :]
        seen[0] += len(new)
        return [letter for letter in new if "/settings/mails" in letter.text]

    return turn


def interview(there: Person, starts_at: str = "2026-10-20T15:00") -> str:
    application = there.add(company=CANARY, title="Engineer", follow_up_on="2026-10-19")
    return RecordForms(there).add("interviews", application_id=application, kind="video", starts_at=starts_at)


def test_proof_6_a_mail_of_locked_records_says_that_something_is_due_and_nothing_of_it(there, passes) -> None:
    record = interview(there)
    interview(there, "2026-10-20T15:00")

    [morning] = passes(hours=2, minutes=1)
    [reminder] = passes(hours=6)

    assert (morning.subject, reminder.subject) == ("Your day", "Something is due")
    for letter in (morning, reminder):
        said = letter.subject + letter.text + letter.html
        assert CANARY not in said
        assert record not in said
        assert "nterview" not in said
        assert not re.search(r"\d", re.sub(r"http\S+", "", letter.text))
    assert passes(minutes=1) == []


def test_proof_2_the_worker_leaves_no_locked_account_out_each_minute(there, passes, job_context, caplog) -> None:
    interview(there)
    caplog.set_level(logging.INFO)

    assert len(passes(hours=2, minutes=1)) == 1
    for _ in range(3):
        assert passes(minutes=1) == []

    assert "that are locked" not in caplog.text
    assert job_context.across_owners.owners_to_remind(job_context.clock()) == []


def test_the_morning_mail_comes_on_each_day_that_was_chosen_since_nobody_knows_what_it_brings(there, passes) -> None:
    days = [len(passes(hours=hours)) for hours in (3, 24, 24, 24, 24, 24, 24)]  # from Tuesday on

    assert days == [1, 1, 1, 1, 0, 0, 1]


@pytest.mark.parametrize("way", ["move", "delete", "undo"])
def test_a_change_plans_within_its_request_what_no_worker_can(there, passes, way: str) -> None:
    record = interview(there)
    forms = RecordForms(there)
    passes(hours=3)
    there.sign_in()
    if way == "move":
        forms.change("interviews", record, starts_at="2026-10-20T19:00")
    if way == "delete":
        there.post(f"/interviews/{record}/delete")
    if way == "undo":
        there.post("/undo", page="/undo")

    early, late = len(passes(hours=5, minutes=1)), len(passes(hours=4))

    assert (early, late) == {"move": (0, 1), "delete": (0, 0), "undo": (0, 0)}[way]


def test_the_settings_say_what_a_locked_account_gets(there, bob) -> None:
    assert "the server can't see what is due" in there.get(PAGE).text.replace("&#39;", "'")
    assert 'name="says"' not in there.get(PAGE).text
    assert 'name="says"' in bob.get(PAGE).text
