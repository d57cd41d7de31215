"""One change to many records: all or none, a part of them in memory at a time."""

import pytest
from sqlalchemy import event

from tmr.records.editing import changes


@pytest.mark.parametrize(("value", "status"), [("applied", 303), ("nothing", 422)])
def test_w1_many_records_are_changed_a_few_at_a_time(alice, services, monkeypatch, value: str, status: int) -> None:
    """Seen failing with all of them read at once: 1,000 records with long texts took 470 MB."""
    monkeypatch.setattr(changes, "AT_A_TIME", 2)
    ids = [alice.add(title=str(number)) for number in range(5)]
    asked: list[int] = []

    def note(_connection, _cursor, statement, parameters, *_rest) -> None:
        if "FOR UPDATE" in statement and "detail_sealed" in statement:
            asked.append(sum(one in str(parameters) for one in ids))

    event.listen(services.repository._engine, "before_cursor_execute", note)
    answer = alice.post("/applications/bulk", action="set", field="status", value=value, ids=",".join(ids))

    assert answer.status_code == status
    assert asked == ([2, 2, 1, 2, 2, 1] if status == 303 else [])
    assert alice.csv().count(",applied,") == (5 if status == 303 else 0)


def test_a_deletion_locks_records_in_the_order_of_their_ids_before_it_writes(alice, services) -> None:
    """Seen failing with one update of all of them: beside edits and undos of the same six records, 5 in 1,300 changes
    ended in a deadlock."""
    ids = [alice.add(title=str(number)) for number in range(3)]
    seen: list[str] = []

    def note(_connection, _cursor, statement, parameters, *_rest) -> None:
        if any(str(one) in str(parameters) for one in ids) and "records" in statement:
            seen.append(statement)

    event.listen(services.repository._engine, "before_cursor_execute", note)
    alice.post("/applications/bulk", action="delete", ids=",".join(ids))

    locking = next(number for number, statement in enumerate(seen) if "ORDER BY records.id FOR UPDATE" in statement)
    writing = next(number for number, statement in enumerate(seen) if statement.startswith("UPDATE records"))
    assert locking < writing
