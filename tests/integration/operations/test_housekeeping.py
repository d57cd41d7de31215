"""The jobs that go through accounts: one account with which something is wrong holds up no other."""

import logging

import pytest

from tests.support.people import Person
from tmr.operations.jobs.attempts import SomeFailedError
from tmr.operations.jobs.housekeeping import forget_what_is_due
from tmr.operations.jobs.mails import send_reminders, tell_of_orders
from tmr.repository.history.trash import Trash


@pytest.fixture
def fails_for_alice(alice: Person, monkeypatch):
    """Lets something raise for Alice, with words of hers in the message."""

    def patch(holder: object, name: str) -> None:
        real = getattr(holder, name)

        def failing(*args: object, **kwargs: object) -> object:
            if alice.owner in (*args, getattr(args[0], "_owner", None)):
                raise ValueError("Secret GmbH")
            return real(*args, **kwargs)

        monkeypatch.setattr(holder, name, failing)

    return patch


def test_an_account_that_cannot_be_purged_holds_up_no_other(
    alice, bob, job_context, clock, admin, services, fails_for_alice, caplog
) -> None:
    """Seen to fail: the job ended at the first error, and what belongs to no account was never purged."""
    for person in (alice, bob):
        person.post(f"/applications/{person.add()}/delete")
    services.repository.invite("ada@example.org", lifetime=-clock.now.resolution, now=clock())
    clock.turn(days=31)
    fails_for_alice(Trash, "forget_old")

    with caplog.at_level(logging.ERROR), pytest.raises(SomeFailedError, match="1 of its parts failed"):
        forget_what_is_due(job_context)

    left = admin.execute("SELECT owner_id FROM records").fetchall()
    assert left == [(alice.owner,)]
    assert admin.execute("SELECT count(*) FROM invitations").fetchone() == (0,)
    assert f"the purge for {alice.owner} failed: ValueError at " in caplog.text
    assert "Secret" not in caplog.text


def test_a_part_of_the_installation_that_fails_holds_up_no_other(alice, job_context, clock, admin, caplog) -> None:
    alice.post(f"/applications/{alice.add()}/delete")
    clock.turn(days=31)

    def publish(_now: object) -> None:
        raise OSError("no such disk")

    job_context.publish_erasures = publish
    with caplog.at_level(logging.ERROR), pytest.raises(SomeFailedError):
        forget_what_is_due(job_context)

    assert admin.execute("SELECT count(*) FROM records").fetchone() == (0,)
    assert "the purge of the ledger of erasures failed: OSError" in caplog.text


@pytest.mark.parametrize(
    ("job", "listed", "work"),
    [
        (send_reminders, "owners_to_remind", "tmr.records.planning.reminders.send_due"),
        (tell_of_orders, "owners_to_tell", "tmr.operations.legal.tell_owner"),
    ],
)
def test_mails_of_an_account_that_fails_hold_up_no_others(alice, bob, job_context, monkeypatch, job, listed, work):
    """Seen to fail: any error but a value that does not open ended the job."""
    told = []

    def tell(_repository: object, *args: object, **_options: object) -> None:
        owner = next(each for each in args if each in (alice.owner, bob.owner))
        if owner == alice.owner:
            raise ValueError
        told.append(owner)

    monkeypatch.setattr(work, tell)
    monkeypatch.setattr(job_context.across_owners, listed, lambda _now: [alice.owner, bob.owner])

    with pytest.raises(SomeFailedError):
        job(job_context)

    assert told == [bob.owner]
