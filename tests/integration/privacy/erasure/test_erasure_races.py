"""Erasing while something else is under way: it waits its turn, leaves nothing, and hangs nowhere."""

import datetime as dt
import threading
import uuid

import pytest

from tests.support.factories import application, new_account, table
from tests.support.people import PASSWORD
from tests.support.servers.served import until
from tmr.domain.kinds.application import APPLICATION
from tmr.operations.jobs.housekeeping import forget_what_is_due
from tmr.operations.jobs.imports import carry_out_import
from tmr.operations.jobs.mails import send_installation_mail
from tmr.repository.access.legal_orders import Order

ROWS = 1_300
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"


@pytest.mark.parametrize("what", ["erase_data", "erase_account"])
def test_erasing_during_a_large_import_ends_and_leaves_nothing(
    alice, services, job_context, clock, admin, what: str
) -> None:
    place = alice.upload(table(*({"company": f"A {n}", "title": "B"} for n in range(ROWS)))).headers["Location"]
    assert alice.post(place).status_code == 303
    ((arguments,),) = admin.execute("SELECT args FROM procrastinate_jobs WHERE task_name = 'import'").fetchall()
    owner, import_id = uuid.UUID(arguments["owner"]), uuid.UUID(arguments["import_id"])
    importing = threading.Thread(target=carry_out_import, args=(job_context, owner, import_id))
    done: list[bool] = []

    def erase() -> None:
        while not admin.execute("SELECT done_rows FROM imports").fetchone()[0] and importing.is_alive():
            pass
        with services.repository.for_owner(owner) as uow:
            getattr(uow, what)(clock())
            uow.commit()
        done.append(True)

    erasing = threading.Thread(target=erase, daemon=True)
    importing.start()
    erasing.start()
    importing.join(180)
    erasing.join(180)

    assert done == [True]
    assert not importing.is_alive()
    for name in ("records", "imports", "import_chunks", "record_counts", "record_links"):
        assert admin.execute(f"SELECT count(*) FROM {name}").fetchone() == (0,), name


@pytest.mark.parametrize("what", ["erase_data", "erase_account"])
def test_erasing_waits_for_a_write_that_is_not_committed(services, owner, clock, admin, what: str) -> None:
    writing = services.repository.for_owner(owner)
    writing.records.add(APPLICATION, application(), clock())

    def erase() -> None:
        with services.repository.for_owner(owner) as uow:
            getattr(uow, what)(clock())
            uow.commit()

    erasing = threading.Thread(target=erase, daemon=True)
    erasing.start()
    until(lambda: admin.execute(WAITING).fetchone()[0], 120)
    writing.commit()
    erasing.join(120)

    assert not erasing.is_alive()
    assert admin.execute("SELECT count(*) FROM records").fetchone() == (0,)


def test_a_purge_goes_on_past_an_account_that_is_gone(services, owner, other_owner, job_context, clock, admin) -> None:
    with services.repository.for_owner(other_owner) as uow:
        record = uow.records.add(APPLICATION, application(), clock())
        uow.records.remove(APPLICATION, [record.id], clock())
        uow.commit()
    admin.execute("ALTER TABLE exports DROP CONSTRAINT exports_owner_id_fkey")
    gone = "00000000-0000-4000-8000-000000000000"
    admin.execute("INSERT INTO exports VALUES (%s, %s, 'queued', 0, 0, now(), 'epoch')", (gone, gone))
    clock.turn(days=31)
    try:
        forget_what_is_due(job_context)
    finally:
        admin.execute("DELETE FROM exports")
        admin.execute(
            "ALTER TABLE exports ADD CONSTRAINT exports_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES accounts "
            "ON DELETE CASCADE"
        )

    assert admin.execute("SELECT count(*) FROM records").fetchone() == (0,)


def test_p19_a_deferred_notice_comes_though_the_account_is_gone_by_then(
    alice, services, clock, admin, job_context, post_office
) -> None:
    with services.repository.for_owner(alice.owner) as uow:
        uow.legal_orders.add(Order("AZ 4711", "age1"), clock() + dt.timedelta(days=5), clock())
        uow.commit()
    alice.post("/settings/privacy/erase-account", password=PASSWORD, email=alice.email)
    jobs = "SELECT args->>'mail_id', scheduled_at FROM procrastinate_jobs WHERE task_name = 'house-mail'"
    waiting = dict(admin.execute(jobs).fetchall())

    for mail_id in waiting:
        send_installation_mail(job_context, uuid.UUID(mail_id))

    assert sorted(at - clock() > dt.timedelta(days=4) for at in waiting.values()) == [False, True]
    assert sorted(letter.subject for letter in post_office.letters) == [
        "A copy of your data was made for a legal order",
        "Your TrackMyRoles account is deleted",
    ]


def test_a_sign_up_that_was_confirmed_in_between_is_not_abandoned(services, clock) -> None:
    owner = services.repository.add_account(new_account(), clock())

    with services.repository.for_owner(owner) as uow:
        assert uow.account.is_claimed()
