"""Records: what is stored is sealed, what changes is versioned, what is undone is as before."""

import datetime as dt
from uuid import UUID, uuid4

import pytest

from tests.support.factories import application
from tmr.domain.kinds.application import APPLICATION
from tmr.repository.database import connections
from tmr.repository.errors import DamagedRecordError, RecordNotFoundError, StaleVersionError
from tmr.repository.records.records import TRASH_KEPT, Change, NewRecord


@pytest.fixture
def uow(services, owner):
    with services.repository.for_owner(owner) as opened:
        yield opened


@pytest.fixture
def record(services, owner, clock):
    with services.repository.for_owner(owner) as opened:
        added = opened.records.add(APPLICATION, application(notes="Met Ada at the fair"), clock())
        opened.commit()
    return added


def reopened(services, owner):
    return services.repository.for_owner(owner)


def edit(uow, record, changes, version, now):
    return uow.records.write(uow.records.get_for_edit(APPLICATION, record.id), changes, version, now)


def test_what_was_added_comes_back_whole(uow, clock) -> None:
    values = application(tags=["a", "b"], excitement=0, notes="\nx", url="https://jobs.example/1")

    record = uow.records.add(APPLICATION, values, clock())

    assert uow.records.get(APPLICATION, record.id).values == values
    assert uow.records.counts.of(APPLICATION) == 1


def test_p06_the_raw_columns_hold_no_word_of_it(admin, record) -> None:
    row = admin.execute("SELECT summary_sealed, detail_sealed FROM records").fetchone()

    assert all(word not in column for column in row for word in (b"Globex", b"Engineer", b"Ada", b"saved"))
    assert (len(row[0]) - 29) % 512 == 0


def test_without_commit_nothing_stays(services, owner, clock) -> None:
    with reopened(services, owner) as uow:
        uow.records.add(APPLICATION, application(), clock())

    with reopened(services, owner) as uow:
        assert uow.records.counts.of(APPLICATION) == 0


def test_c6_a_stale_version_is_refused_and_shows_what_is_there(uow, record, clock) -> None:
    edit(uow, record, {"title": "First"}, 1, clock())

    with pytest.raises(StaleVersionError) as stale:
        edit(uow, record, {"title": "Second"}, 1, clock())

    assert stale.value.current["title"] == "First"
    assert uow.records.get(APPLICATION, record.id)["title"] == "First"


def test_an_edit_that_changes_nothing_makes_no_version(uow, record, clock) -> None:
    assert edit(uow, record, {"title": "Engineer"}, 1, clock()).version == 1


def test_a_deleted_record_is_gone_and_can_be_restored_for_thirty_days(uow, record, clock) -> None:
    assert uow.records.remove(APPLICATION, [record.id], clock()) == [record.id]
    with pytest.raises(RecordNotFoundError):
        uow.records.get(APPLICATION, record.id)
    assert uow.records.counts.of(APPLICATION) == 0
    assert uow.records.restore(APPLICATION, [record.id], clock() + TRASH_KEPT) == []

    uow.records.restore(APPLICATION, [record.id], clock())

    assert uow.records.get(APPLICATION, record.id).values == record.values
    assert uow.records.counts.of(APPLICATION) == 1


def test_p6_what_is_due_is_deleted_for_good(uow, record, clock, admin) -> None:
    edit(uow, record, {"title": "Other"}, 1, clock())
    uow.records.remove(APPLICATION, [record.id], clock())
    later = clock() + TRASH_KEPT

    assert uow.trash.forget_old(later) == [record.id]

    uow.commit()
    for table in ("records", "record_versions", "undo_steps"):
        assert admin.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


def test_many_are_changed_at_once_or_none(uow, record, clock) -> None:
    second = uow.records.add(APPLICATION, application(company="Initech"), clock())
    changes = [Change(record_id, {"status": "applied"}) for record_id in (record.id, second.id)]

    assert len(uow.records.update_many(APPLICATION, changes, clock())) == 2
    with pytest.raises(RecordNotFoundError):
        uow.records.update_many(APPLICATION, [*changes, Change(uuid4(), {"status": "offer"})], clock())

    assert {values["status"] for values in uow.records.get_many(APPLICATION, [record.id, second.id])} == {"applied"}


def test_the_count_follows_every_change(uow, clock) -> None:
    new = [NewRecord(application(company=f"C{n}"), clock(), clock()) for n in range(1_200)]
    ids = uow.records.add_many(APPLICATION, new)

    uow.records.remove(APPLICATION, ids[:100], clock())
    uow.records.restore(APPLICATION, ids[:40], clock())

    assert uow.records.counts.of(APPLICATION) == 1_140
    assert len(list(uow.records.scan(APPLICATION))) == 1_140
    assert len(list(uow.records.everything(APPLICATION))) == 1_140


def test_adding_many_keeps_nobody_from_adding_one(services, owner, clock) -> None:
    with services.repository.for_owner(owner) as much, services.repository.for_owner(owner) as single:
        much.records.add_many(APPLICATION, [NewRecord(application(), clock.now, clock.now) for _ in range(3)])
        single._connection.exec_driver_sql("SET LOCAL lock_timeout = '10s'")
        single.records.add(APPLICATION, application(), clock.now)
        single.commit()
        much.commit()

    with services.repository.for_owner(owner) as uow:
        assert uow.records.counts.of(APPLICATION) == 4


def test_pages_are_in_order_of_change(uow, clock) -> None:
    ids = [uow.records.add(APPLICATION, application(company=f"C{n}"), clock.now + n * TRASH_KEPT).id for n in range(5)]

    page, total = uow.records.page(APPLICATION, 1, 2)
    past_the_end = uow.records.page(APPLICATION, 10, 2)

    assert [record.id for record in page] == [ids[3], ids[2]]
    assert total == 5
    assert past_the_end == ([], 5)


def test_strangers_records_are_not_found(services, record, other_owner, clock) -> None:
    with reopened(services, other_owner) as stranger:
        for call in (
            lambda: stranger.records.get(APPLICATION, record.id),
            lambda: edit(stranger, record, {"title": "x"}, 1, clock()),
            lambda: stranger.trash.has(APPLICATION, record.id),
        ):
            with pytest.raises(RecordNotFoundError):
                call()
        assert stranger.records.remove(APPLICATION, [record.id], clock()) == []
        assert stranger.records.get_many(APPLICATION, [record.id]) == []


TAMPERING = {
    "a flipped bit": "UPDATE records SET {column} = set_bit({column}, 200, 1 - get_bit({column}, 200)) "
    "WHERE id = %(one)s",
    "a truncation": "UPDATE records SET {column} = substr({column}, 1, length({column}) - 1) WHERE id = %(one)s",
    "a swap with another row": "UPDATE records SET {column} = (SELECT {column} FROM records WHERE id = %(two)s) "
    "WHERE id = %(one)s",
    "another column": "UPDATE records SET {column} = {other} WHERE id = %(one)s",
    "another key": "UPDATE records SET key_id = 1 WHERE id = %(one)s",
    "nothing at all": "UPDATE records SET {column} = '' WHERE id = %(one)s",
}


@pytest.mark.parametrize("column", ["summary_sealed", "detail_sealed"])
@pytest.mark.parametrize("how", TAMPERING)
def test_k7_a_tampered_box_fails_loudly_and_the_other_rows_keep_working(
    services, owner, record, admin, clock, caplog, how: str, column: str
) -> None:
    with reopened(services, owner) as uow:
        second = uow.records.add(APPLICATION, application(company="Initech"), clock())
        uow.commit()
    other = {"summary_sealed": "detail_sealed", "detail_sealed": "summary_sealed"}[column]
    admin.execute(TAMPERING[how].format(column=column, other=other), {"one": record.id, "two": second.id})

    with reopened(services, owner) as uow:
        with pytest.raises(DamagedRecordError):
            uow.records.get(APPLICATION, record.id)
        assert [values["company"] for values in uow.records.everything(APPLICATION)] == ["Initech"]
        matches = list(uow.records.search(APPLICATION, lambda _text: True))

    assert [row.id for row in matches] == [second.id.bytes]
    assert record.id.hex in caplog.text
    assert "Globex" not in caplog.text


def test_k3_a_key_number_that_is_not_there_fails(services, owner, record, admin) -> None:
    admin.execute("ALTER TABLE records DISABLE TRIGGER ALL")
    admin.execute("UPDATE records SET key_id = 9")
    admin.execute("ALTER TABLE records ENABLE TRIGGER ALL")

    with reopened(services, owner) as uow, pytest.raises(DamagedRecordError):
        uow.records.get(APPLICATION, record.id)


def test_erasing_destroys_the_key_and_makes_a_new_one(services, owner, record, admin, clock) -> None:
    before = admin.execute("SELECT wrapped_key FROM key_wraps WHERE owner_id = %s ORDER BY key_id", (owner,)).fetchall()

    with reopened(services, owner) as uow:
        uow.erase_data(clock())
        uow.commit()

    after = admin.execute("SELECT wrapped_key FROM key_wraps WHERE owner_id = %s ORDER BY key_id", (owner,)).fetchall()
    assert len(after) == 2
    assert after[0] == before[0]
    assert before[1] not in after
    with reopened(services, owner) as uow:
        uow.records.add(APPLICATION, application(), clock())
        assert uow.records.counts.of(APPLICATION) == 1


def test_nothing_can_be_written_under_a_key_that_was_destroyed_in_between(services, owner, record, clock) -> None:
    with reopened(services, owner) as slow:
        with reopened(services, owner) as eraser:
            eraser.erase_data(clock())
            eraser.commit()
        with pytest.raises(Exception, match="violates foreign key"):
            slow.records.add(APPLICATION, application(), clock())


def test_w1_a_search_reads_a_few_records_at_a_time(services, owner, clock, monkeypatch) -> None:
    """Seen failing with all of them fetched: each search held every text of its account."""
    monkeypatch.setattr(connections, "FEW", 2)
    with reopened(services, owner) as uow:
        for number in range(5):
            uow.records.add(APPLICATION, application(company=str(number)), clock() + dt.timedelta(seconds=number))
        read: list[str] = []

        found = iter(uow.records.search(APPLICATION, lambda text: bool(read.append(text)) or True))

        first = next(found)
        assert len(read) == 1
        assert [first.id, *(row.id for row in found)] == [row.id for row in uow.records.scan(APPLICATION)]
        assert uow.records.get_many(APPLICATION, [UUID(bytes=first.id)])


MORE_THAN_PARAMETERS = 66_000  # a statement may have 65,535

WITH_MANY_IDS = {
    "get_many": lambda uow, ids, _now: uow.records.get_many(APPLICATION, ids),
    "remove": lambda uow, ids, now: uow.records.remove(APPLICATION, ids, now),
    "restore": lambda uow, ids, now: uow.records.restore(APPLICATION, ids, now),
    "locked_anywhere": lambda uow, ids, _now: uow.records.locked_anywhere(APPLICATION, ids),
    "some versions": lambda uow, ids, _now: uow.records.history.some(APPLICATION, [(each, 1) for each in ids]),
    "some names": lambda uow, ids, _now: uow.names.some(map(str, ids)),
    "names anywhere": lambda uow, ids, _now: uow.names.anywhere(ids),
    "sources": lambda uow, ids, now: uow.records.links.sources(ids, "task", {None, now}),
    "deleted_sources": lambda uow, ids, _now: uow.records.links.deleted_sources(ids, "task"),
    "existing": lambda uow, ids, _now: uow.records.links.existing("application", map(str, ids), held=True),
    "forget_targets": lambda uow, ids, _now: uow.records.links.forget_targets(ids),
    "along_with": lambda uow, ids, _now: uow.trash.along_with(ids),
}


@pytest.mark.parametrize("with_many_ids", WITH_MANY_IDS.values(), ids=WITH_MANY_IDS)
def test_more_ids_than_a_statement_has_parameters_are_looked_up(uow, clock, with_many_ids) -> None:
    """Seen to fail with ``IN`` for each of these ids: the driver refuses more than 65,535 parameters."""
    ids = [UUID(int=number) for number in range(MORE_THAN_PARAMETERS)]

    found = with_many_ids(uow, ids, clock())

    assert not found or found == ({}, set())


def test_what_links_to_no_live_record_is_found_among_many(uow) -> None:
    ids = {UUID(int=number) for number in range(MORE_THAN_PARAMETERS)}

    assert uow.records.links.without_live_target(ids) == ids


ANALYSES = "SELECT analyze_count FROM pg_stat_user_tables WHERE relname = 'records'"


@pytest.mark.parametrize("may_analyze", [True, False])
def test_statistics_are_refreshed_once_the_rows_are_kept_for_good(
    services, owner, admin, clock, may_analyze: bool
) -> None:
    [before] = admin.execute(ANALYSES).fetchone()
    if not may_analyze:
        admin.execute("REVOKE EXECUTE ON FUNCTION tmr_analyze_records FROM tmr_app")
    try:
        with services.repository.for_owner(owner) as uow:
            uow.records.add(APPLICATION, application(), clock())
            uow.refresh_statistics()
            uow.commit()
    finally:
        admin.execute("GRANT EXECUTE ON FUNCTION tmr_analyze_records TO tmr_app")

    assert admin.execute("SELECT count(*) FROM records").fetchone() == (1,)
    assert admin.execute(ANALYSES).fetchone() == (before + may_analyze,)
