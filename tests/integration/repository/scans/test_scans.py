"""Looking through all records: what a page chose of them is opened again, with what has changed since, and no other."""

import datetime as dt
from uuid import UUID

import pytest

from tests.support.factories import application, new_account
from tmr.domain.kinds.application import APPLICATION
from tmr.repository.accounts.sessions import Device, Lifetime
from tmr.repository.records.records import Change, NewRecord
from tmr.repository.scans import kept_ids
from tmr.repository.scans.kept_ids import Chosen, KeptIds

DAY = dt.timedelta(days=1)


def signed_in(services, owner, clock):
    """What opens a unit of work for a session of this owner, each time that it is called."""
    with services.repository.for_owner(owner) as uow:
        cookie = uow.sessions.add(Device("", ""), Lifetime(DAY, DAY), clock()).cookie
        uow.commit()
    return lambda: services.repository.claim(cookie, clock())


@pytest.fixture
def claim(services, owner, clock):
    with services.repository.for_owner(owner) as uow:
        uow.records.add_many(
            APPLICATION, [NewRecord(application(title=f"Job {n}"), clock(), clock()) for n in range(4)]
        )
        uow.commit()
    return signed_in(services, owner, clock)


def title_of(row) -> str:
    return row.summary[APPLICATION.by_name["title"].number]


def looked_through(uow, question="two of them") -> tuple[int, list[str]]:
    """How many records had to be opened to choose those called Job 0 or Job 1, and what was chosen."""
    opened = []

    def choose(rows):
        opened.extend(rows)
        return [row for row in opened if title_of(row) in ("Job 0", "Job 1")]

    rows = uow.records.chosen(APPLICATION, question, choose)
    assert [row.id for row in rows] == [row.id for row in uow.records.each(APPLICATION) if row in rows]
    return len(opened), sorted(map(title_of, rows))


def ids(uow) -> dict[str, UUID]:
    return {title_of(row): UUID(bytes=row.id) for row in uow.records.each(APPLICATION)}


def retitle(title: str, to: str):
    return lambda uow, at: uow.records.update_many(APPLICATION, [Change(ids(uow)[title], {"title": to})], at)


def adding(title: str):
    return lambda uow, at: uow.records.add(APPLICATION, application(title=title), at)


def deleting(title: str):
    return lambda uow, at: uow.records.remove(APPLICATION, [ids(uow)[title]], at)


def test_the_same_question_opens_only_what_was_chosen(claim) -> None:
    with claim() as uow:
        counts = [looked_through(uow)[0], looked_through(uow)[0], looked_through(uow, "another")[0]]

    assert counts == [4, 2, 4]


CHANGES = {
    "one more": (adding("Job 1"), 3, "Job 0, Job 1, Job 1"),
    "another one": (adding("New"), 3, "Job 0, Job 1"),
    "no longer": (retitle("Job 0", "Another"), 2, "Job 1"),
    "from now on": (retitle("Job 3", "Job 0"), 3, "Job 0, Job 0, Job 1"),
    "changed and still chosen": (retitle("Job 0", "Job 1"), 2, "Job 1, Job 1"),
    "deleted": (deleting("Job 1"), 1, "Job 0"),
    "another deleted": (deleting("Job 3"), 2, "Job 0, Job 1"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_has_changed_is_opened_and_no_other(claim, clock, change) -> None:
    """Seen failing."""
    do, opened, chosen = CHANGES[change]
    with claim() as uow:
        looked_through(uow)

    with claim() as uow:
        clock.turn(minutes=1)
        do(uow, clock())
        within = looked_through(uow)
        uow.commit()
    with claim() as uow:
        after = [looked_through(uow), looked_through(uow)]

    assert within == (opened, chosen.split(", "))  # its own change, before it is committed
    assert after == [within, (len(within[1]), within[1])]


def last_of(uow) -> tuple[int, list[str]]:
    """How many records had to be opened to choose the one whose title comes last, and what was chosen."""
    opened = []

    def choose(rows):
        opened.extend(rows)
        return sorted(opened, key=title_of)[-1:]

    rows = uow.records.compared(APPLICATION, "last", choose)
    return len(opened), list(map(title_of, rows))


def test_w1_what_was_chosen_by_comparing_is_opened_alone_until_any_record_changes(claim, clock) -> None:
    """Seen failing: each reading of a calendar feed opened every dated record of its account."""
    with claim() as uow:
        first = [last_of(uow), last_of(uow), looked_through(uow)]
    with claim() as uow:
        again = last_of(uow)
        uow.records.remove(APPLICATION, [ids(uow)["Job 3"]], clock())
        within = last_of(uow)
        uow.commit()
    with claim() as uow:
        after = [last_of(uow), last_of(uow)]

    assert first == [(4, ["Job 3"]), (1, ["Job 3"]), (4, ["Job 0", "Job 1"])]
    assert (again, within) == ((1, ["Job 3"]), (3, ["Job 2"]))
    assert after == [(3, ["Job 2"]), (1, ["Job 2"])]


def test_what_was_restored_is_opened(claim, clock) -> None:
    with claim() as uow:
        gone = ids(uow)["Job 0"]
        uow.records.remove(APPLICATION, [gone], clock())
        uow.commit()
    with claim() as uow:
        before = looked_through(uow)
        uow.records.restore(APPLICATION, [gone], clock())
        uow.commit()
    with claim() as uow:
        after = looked_through(uow)

    assert before == (3, ["Job 1"])
    assert after == (2, ["Job 0", "Job 1"])


def test_what_a_transaction_took_back_is_not_kept(claim, clock) -> None:
    """Seen failing."""
    with claim() as uow:
        looked_through(uow)
    with claim() as uow:
        retitle("Job 0", "Another")(uow, clock())
        looked_through(uow)  # and no commit

    with claim() as uow:
        assert looked_through(uow) == (2, ["Job 0", "Job 1"])


def test_ids_have_a_bound_and_those_who_asked_last_have_it(monkeypatch) -> None:
    """Seen failing."""
    kept, owners = KeptIds(), [UUID(int=number) for number in range(3)]
    monkeypatch.setattr(kept_ids, "MOST_BYTES", 100)

    for owner in owners:
        kept.keep(owner, "task", Chosen("1", "today", bytes(16), bytes(20)))
        kept.keep(owner, "task", Chosen("2", "today", bytes(16), bytes(20)))

    assert [kept.find(owner, "task", "today") is not None for owner in owners] == [False, True, True]
    assert kept.size == 72
    kept.drop(owners[1])
    assert kept.size == 36


def test_c4_what_one_account_chose_is_no_answer_for_another(services, claim, clock) -> None:
    with claim() as uow:
        looked_through(uow)
    other = services.repository.add_account(new_account("b@example.org"), clock())
    with services.repository.for_owner(other) as uow:
        uow.records.add(APPLICATION, application(title="Job 0"), clock())
        uow.commit()

    with signed_in(services, other, clock)() as uow:
        assert looked_through(uow) == (1, ["Job 0"])
