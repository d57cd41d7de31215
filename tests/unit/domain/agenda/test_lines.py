"""Lines of Today: thousands of them are counted and put in order, and only those that are shown are made."""

import datetime as dt
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from tests.support.factories import values_of
from tmr.domain.agenda.agenda import agenda, due_dates, quiet_applications
from tmr.domain.fields.kind import NO_NAMES, Kind
from tmr.domain.kinds import KINDS
from tmr.domain.kinds.application import APPLICATION
from tmr.domain.kinds.task import TASK
from tmr.domain.ordering import InOrder
from tmr.domain.record import Scanned
from tmr.repository.records.codec import named

NOW = dt.datetime(2026, 7, 1, 12, tzinfo=dt.UTC)
TODAY, UTC = NOW.date(), ZoneInfo("UTC")


def row(kind: Kind, **values) -> Scanned:
    """A stored array of a record with these values."""
    known = {**values_of(kind), **values}
    slots = [None] * (max(field.number for field in kind.summary) + 1)
    for field in kind.summary:
        slots[field.number] = known.get(field.name)
    return Scanned(uuid4().bytes, slots)


def day(days: int) -> str:
    return (TODAY + dt.timedelta(days=days)).isoformat()


def todays(rows: list[Scanned], snoozed: dict[str, str] | None = None):
    return agenda(due_dates(TASK, rows, UTC), [], NOW, UTC, lambda _: {}, snoozed or {})


def test_only_what_shares_a_day_with_what_is_looked_at_is_named() -> None:
    """Seen failing."""
    named: list[int] = []
    lines = InOrder(
        [(number % 3, number) for number in range(9)],
        lambda number: named.append(number) or f"line {9 - number}",
        lambda number, name: (number, name),
    )

    assert len(lines) == 9
    assert lines[1:2] == [(3, "line 6")]
    assert sorted(named) == [0, 3, 6]
    assert lines[-1] == (2, "line 7")
    assert sorted(named) == [0, 2, 3, 5, 6, 8]
    assert [number for number, _ in lines] == [6, 3, 0, 7, 4, 1, 8, 5, 2]
    assert lines[20:] == []
    assert [*InOrder([], str, tuple)] == []


def test_tasks_are_in_the_order_of_their_days_and_then_of_their_names() -> None:
    tasks = [("Beta", -1), ("Alpha", -1), ("Gamma", -3), ("Later", 1)]

    found = todays([row(TASK, title=title, due_on=day(days)) for title, days in tasks])

    assert [line.title for line in found.tasks] == ["Gamma", "Alpha", "Beta"]
    assert found.count == 3


def test_a_line_that_is_snoozed_is_left_out_until_its_day() -> None:
    rows = [row(TASK, title="Call", due_on=day(-1)), row(TASK, title="Write", due_on=day(-1))]
    [call, _] = todays(rows).tasks

    assert [line.title for line in todays(rows, {call.key: day(1)}).tasks] == ["Write"]
    assert todays(rows, {call.key: day(0)}).count == 2


def test_what_waits_longest_comes_first_and_a_later_event_counts() -> None:
    old, moved, new = (
        row(APPLICATION, company=company, status="applied", applied_on=day(-days))
        for company, days in (("Old", 90), ("Moved", 80), ("New", 40))
    )

    lines = quiet_applications(APPLICATION, [new, moved, old], {moved.id: TODAY - dt.timedelta(days=50)}, TODAY, {})

    assert [(line.fact.values["company"], line.days) for line in lines] == [("Old", 90), ("Moved", 50), ("New", 40)]
    snoozed = {lines[1].key: day(1)}
    assert len(quiet_applications(APPLICATION, [moved], {moved.id: lines[1].since}, TODAY, snoozed)) == 0
    assert len(quiet_applications(APPLICATION, [moved], {moved.id: TODAY}, TODAY, {})) == 0


@pytest.mark.parametrize("kind", KINDS.values(), ids=str)
def test_a_stored_array_is_called_as_its_record_is(kind: Kind) -> None:
    stored = row(kind)
    names = {str(stored.summary[field.number]): "Acme" for field in kind.record_links if field.section == "summary"}

    for known in (NO_NAMES, names):
        assert kind.title_at(stored.summary, known) == kind.title_of(named(kind.summary_places, stored.summary), known)
    assert kind.title_at([1]) == kind.title_of({})
