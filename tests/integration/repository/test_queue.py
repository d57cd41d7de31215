"""The queue and its worker: real processes, real kills."""

import asyncio
import datetime as dt
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import pytest
from aiosmtpd.controller import Controller
from procrastinate.jobs import Job

from tests.support.backups import Keys, opened_by_age
from tests.support.factories import table
from tests.support.servers.served import free_port
from tmr.operations.jobs.housekeeping import forget_what_is_due
from tmr.operations.jobs.tasks import SLOTS, WORK_RETRIES, _mail_on_last_failure, make_app
from tmr.repository.queue.jobs import LANES, WORK, defer
from tmr.repository.queue.mails import Mail
from tmr.wiring.services import JOBS_POOL_SIZE

ROWS = 4_000


@pytest.fixture
def environment(data_dir: Path) -> dict[str, str]:
    return {**os.environ, "TMR_DATA_DIR": str(data_dir)}


def start_worker(environment: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "tmr", "worker"], env=environment)


def wait_for(condition, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


@pytest.fixture
def place(alice) -> str:
    """A large import, accepted."""
    content = table(*({"company": f"C{n}", "title": "T", "notes": "x" * 300} for n in range(ROWS)))
    address = alice.upload(content).headers["Location"]
    assert alice.post(address).status_code == 303
    return address


def state(admin) -> str:
    return admin.execute("SELECT state FROM imports").fetchone()[0]


def test_w8_what_a_killed_worker_was_at_and_the_next_one_queued_as_well_holds_nothing_up(admin, environment) -> None:
    """Seen failing with the duplicate left: it kept its lock for good, and whatever had stalled after it as well."""

    def stalled(task: str, lock: str) -> int:
        values = (task, lock, lock)
        return admin.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, status)"
            " VALUES ('default', %s, %s, %s, 'doing') RETURNING id",
            values,
        ).fetchone()[0]

    duplicate, later = stalled("examine", "examine"), stalled("publish", "publish")
    worker = start_worker(environment)
    try:
        for job in (duplicate, later):
            wait_for(
                lambda job=job: not admin.execute("SELECT 1 FROM procrastinate_jobs WHERE id = %s", (job,)).fetchone()
            )
    finally:
        worker.terminate()
        worker.wait(120)


def test_w2_a_mail_is_taken_before_large_work_that_was_queued_first(services, owner, other_owner, admin, clock) -> None:
    admin.execute("DELETE FROM procrastinate_jobs")
    with services.repository.for_owner(owner) as uow:
        for task in ("import", "export", "reseal"):
            uow.jobs.defer(task)
        uow.commit()
    with services.repository.for_owner(other_owner) as uow:
        uow.mails.add(Mail("b@example.org", "reset", {"link": "/"}), clock())
        uow.commit()

    fetch = "SELECT task_name FROM procrastinate_fetch_job_v2(NULL, NULL)"
    assert admin.execute(fetch).fetchone() == ("mail",)
    assert admin.execute(fetch).fetchone() == ("import",)


def fetched(admin) -> dict:
    """The job that a free worker takes next, in whichever lane."""
    row = admin.execute("SELECT task_name, args FROM procrastinate_fetch_job_v2(NULL, NULL)").fetchone()
    return {"task": row[0], **row[1]}


def test_w1_codes_leave_first_then_notices_and_the_reminders_of_one_account_last(
    services, owner, other_owner, admin, clock
) -> None:
    """Seen failing with one priority for every mail."""
    admin.execute("DELETE FROM procrastinate_jobs")
    with services.repository.for_owner(owner) as uow:
        for _ in range(50):
            uow.mails.add(Mail("a@example.org", "reminder", {}), clock())
        uow.commit()
    with services.repository.for_owner(other_owner) as uow:
        for template in ("notice", "code"):
            uow.mails.add(Mail("b@example.org", template, {}), clock())
        uow.commit()
    services.repository.defer("reset", "lock", email_hash="00")
    admin.execute("UPDATE procrastinate_jobs SET scheduled_at = NULL")

    taken = [fetched(admin) for _ in range(4)]

    assert [job["task"] for job in taken] == ["mail", "reset", "mail", "mail"]
    assert [job.get("owner") for job in taken] == [str(other_owner), None, str(other_owner), str(owner)]


def test_w1_each_further_large_work_of_an_account_waits_behind_the_first_of_everyone_else(
    services, owner, other_owner, admin
) -> None:
    """Seen failing with one priority for every import."""
    admin.execute("DELETE FROM procrastinate_jobs")
    for person in (*[owner] * 15, other_owner):
        with services.repository.for_owner(person) as uow:
            uow.jobs.defer("import", lock=uuid4(), import_id=uuid4())
            uow.commit()
    with services.repository.for_owner(owner) as uow:
        uow.jobs.defer("reseal", lock=uuid4())
        uow.commit()

    taken = [fetched(admin) for _ in range(17)]

    assert [job["owner"] for job in taken] == [str(owner), str(other_owner), *[str(owner)] * 15]
    assert taken[-1]["task"] == "reseal"


def test_w1_every_task_is_in_the_lane_that_it_is_queued_for_and_every_lane_has_workers(job_context, server) -> None:
    tasks = make_app(server.app_url, job_context).tasks

    own = {name: task for name, task in tasks.items() if task.queue != "builtin"}
    assert {name: task.queue for name, task in own.items()} == {name: LANES.get(name, WORK) for name in own}
    assert set(SLOTS) == {*LANES.values(), WORK}
    assert sum(SLOTS.values()) + SLOTS[WORK] <= JOBS_POOL_SIZE


def test_p30_a_lock_is_finished_however_long_backups_fail(job_context, server) -> None:
    """Seen failing: after a few days it was given up, and the key from before, which the keyring opens, stayed."""
    task = make_app(server.app_url, job_context).tasks["finish-lock"]
    tried = Job(
        queue=task.queue,
        lock="publish",
        queueing_lock=None,
        task_name=task.name,
        task_kwargs={"owner": str(uuid4())},
        attempts=10_000,
    )

    decision = task.retry_strategy.get_retry_decision(exception=OSError(), job=tried)

    assert decision.retry_at - dt.datetime.now(dt.UTC) < dt.timedelta(hours=1)
    assert decision.lock != "publish"  # for which backups and rotations would wait as long


@pytest.fixture
def slow_server() -> Iterator[str]:
    """A mail server that takes its time over each mail."""

    class Handler:
        async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802
            await asyncio.sleep(0.2)
            return "250 OK"

    controller = Controller(Handler(), hostname="127.0.0.1", port=free_port())
    controller.start()
    yield f"smtp://127.0.0.1:{controller.server.sockets[0].getsockname()[1]}"
    controller.stop()


def test_w1_housekeeping_goes_on_while_the_reminders_of_one_account_are_sent(
    services, owner, admin, clock, environment, slow_server
) -> None:
    """Seen failing with one worker for everything: nothing was purged before the last mail had left."""
    values = {"at": "9:00", "interview": "", "link": "/today"}
    with services.repository.for_owner(owner) as uow:
        for _ in range(400):
            uow.mails.add(Mail("a@example.org", "reminder", values), clock())
        uow.commit()
    admin.execute("INSERT INTO limits (limit_key, resets_at, hits) VALUES ('\\x00', now() - interval '1 day', 1)")
    count = "SELECT count(*) FROM outgoing_mails"
    worker = start_worker({**environment, "TMR_MAIL_URL": slow_server, "TMR_MAIL_FROM": "tmr@example.org"})
    try:
        wait_for(lambda: not admin.execute("SELECT 1 FROM limits WHERE limit_key = '\\x00'").fetchone())
        (left,) = admin.execute(count).fetchone()
        assert left > 0
        wait_for(lambda: admin.execute(count).fetchone()[0] < left)
    finally:
        worker.terminate()
        worker.wait(120)
    assert worker.returncode == 0


def test_a_worker_carries_a_large_import_out(alice, admin, environment, place) -> None:
    worker = start_worker(environment)
    try:
        wait_for(lambda: state(admin) == "done")
    finally:
        worker.terminate()
        worker.wait(120)

    assert re.search(rf'data-added="{ROWS}"', alice.get(place).text)
    assert admin.execute("SELECT count(*) FROM records").fetchone() == (ROWS,)
    assert admin.execute("SELECT count(*) FROM import_chunks").fetchone() == (0,)
    assert worker.returncode == 0


def test_f5_a_killed_worker_leaves_nothing_half_done_and_the_next_one_finishes(admin, environment, place) -> None:
    worker = start_worker(environment)
    wait_for(lambda: admin.execute("SELECT done_rows FROM imports").fetchone()[0] >= 500)
    worker.send_signal(signal.SIGKILL)
    worker.wait()

    assert admin.execute("SELECT count(*) FROM records").fetchone() == (0,)
    assert state(admin) == "queued"
    again = start_worker(environment)
    try:
        wait_for(lambda: state(admin) == "done")
    finally:
        again.terminate()
        again.wait(120)
    assert admin.execute("SELECT count(*) FROM records").fetchone() == (ROWS,)
    assert admin.execute("SELECT live FROM record_counts").fetchone() == (ROWS,)


@pytest.fixture
def updated(alice, environment, place) -> str:
    """A second large import, which changed what the first one added."""
    worker = start_worker(environment)
    wait_for(lambda: 'id="import-result"' in alice.get(place).text)
    again = alice.upload(table(*({"company": f"C{n}", "title": "T", "location": "Rome"} for n in range(ROWS))))
    address = again.headers["Location"]
    assert alice.post(address, duplicates="update").status_code == 303
    wait_for(lambda: 'id="import-result"' in alice.get(address).text)
    worker.terminate()
    worker.wait(120)
    return address


def test_f5_a_large_import_is_undone_whole_by_the_queue_though_a_worker_is_killed(
    alice, admin, environment, updated
) -> None:
    alice.post(f"{updated}/undo")
    alice.post(f"{updated}/undo")
    waiting = alice.get(updated).text
    worker = start_worker(environment)
    wait_for(lambda: admin.execute("SELECT max(done_rows) FROM imports WHERE state = 'undoing'").fetchone()[0] == 500)
    added = alice.post("/applications", page="/applications", company="Later", title="T")
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    halfway = alice.csv().count("Rome")
    again = start_worker(environment)
    try:
        wait_for(lambda: 'id="import-result"' in alice.get(updated).text)
    finally:
        again.terminate()
        again.wait(120)

    assert added.status_code == 303
    assert f"Undoing: 0 of {ROWS:,} records." in waiting
    assert (halfway, alice.csv().count("Rome")) == (ROWS, 0)
    assert f"Import undone: {ROWS:,} records are back as they were." in alice.get(updated).text
    assert admin.execute("SELECT live FROM record_counts").fetchone() == (ROWS + 1,)


def test_p14_a_worker_killed_over_a_backup_leaves_no_half_file_and_the_next_one_makes_it(
    alice, services, settings, environment, tmp_path
) -> None:
    keys, away, spool = Keys(tmp_path), tmp_path / "backups", settings.data_dir / "backup-spool"
    alice.bring(table(*({"company": f"C{n}", "title": "T", "notes": "x" * 300} for n in range(400))))
    environment |= {"TMR_BACKUP_TARGET": str(away), "TMR_BACKUP_RECIPIENT": keys.recipient}
    with services.repository.installation() as installation:
        defer(installation._connection, "backup", {"timestamp": "0"}, "publish")
        installation.commit()

    worker = start_worker(environment)
    wait_for(lambda: spool.is_dir() and any(path.name.startswith(".data-") for path in spool.iterdir()))
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    assert all(b"manifest.json" in opened_by_age(path, keys) for path in away.glob("data-*.age"))
    again = start_worker(environment)
    try:
        wait_for(lambda: len(list(away.glob("keys-*.age"))) == 1)
    finally:
        again.terminate()
        again.wait(120)

    assert b"manifest.json" in opened_by_age(max(away.glob("data-*.age")), keys)
    assert [path.name for path in away.iterdir() if path.name.startswith(".")] == []
    assert list(spool.iterdir()) == []


def test_p6_purges_forget_what_is_due(alice, job_context, admin, clock) -> None:
    record_id = alice.add()
    alice.change(record_id, title="Other")
    alice.post(f"/applications/{record_id}/delete")
    alice.upload(table({"company": "A", "title": "B"}))
    clock.turn(days=31)

    alice.elsewhere()
    clock.turn(days=181)
    forget_what_is_due(job_context)

    over = ("records", "record_versions", "undo_steps", "imports", "import_chunks", "sessions", "limits")
    for name in (*over, "one_time_tokens", "owner_lookups", "known_devices"):
        assert admin.execute(f"SELECT count(*) FROM {name}").fetchone() == (0,), name


def queued(admin) -> list[tuple[str, int, float]]:
    """What waits in the queue for an owner: the task, how often it has failed, and the seconds until the next try."""
    return admin.execute(
        "SELECT task_name, attempts, extract(epoch FROM scheduled_at - now())::float FROM procrastinate_jobs "
        "WHERE status = 'todo' AND args ? 'owner'"
    ).fetchall()


def test_w8_work_that_fails_is_tried_again_after_growing_pauses_and_its_owner_can_hurry_it(
    alice, admin, environment, place
) -> None:
    [(position, whole)] = admin.execute("SELECT position, chunk_sealed FROM import_chunks LIMIT 1").fetchall()
    admin.execute("UPDATE import_chunks SET chunk_sealed = '\\x00' WHERE position = %s", (position,))
    worker = start_worker(environment)
    try:
        wait_for(lambda: any(attempts == 2 for _task, attempts, _wait in queued(admin)))
        [(task, _attempts, wait)] = queued(admin)
        told = alice.get(place).text
        admin.execute("UPDATE import_chunks SET chunk_sealed = %s WHERE position = %s", (whole, position))
        alice.post(f"{place}/retry", page=place)
        wait_for(lambda: state(admin) == "done")
    finally:
        worker.terminate()
        worker.wait(120)

    assert task == "import"
    assert 5 < wait < 17
    assert "It will be tried again at" in told
    assert f'action="{place}/retry"' in told


def test_w8_what_nobody_tries_any_more_its_owner_can_begin_again(alice, admin, place) -> None:
    admin.execute("DELETE FROM procrastinate_jobs")
    told = alice.get(place).text

    for _ in range(2):
        alice.post(f"{place}/retry", page=place)

    assert "We have stopped trying." in told
    assert [task for task, *_ in queued(admin)] == ["import"]
    assert "We have stopped trying." not in alice.get(place).text


def test_w8_an_export_that_failed_can_be_begun_again(alice, services, admin, clock) -> None:
    with services.repository.for_owner(alice.owner) as uow:
        export_id = uow.exports.start(1, clock())
        uow.commit()
    admin.execute("DELETE FROM procrastinate_jobs")
    told = alice.get("/settings/privacy").text

    assert alice.post(f"/settings/privacy/exports/{export_id}/retry", page="/settings").status_code == 303
    assert "Your export could not be finished" in told
    assert [task for task, *_ in queued(admin)] == ["export"]


def test_w8_the_person_who_waits_gets_a_mail_when_the_last_try_has_failed(
    alice, job_context, letters, admin, place
) -> None:
    for attempts in range(WORK_RETRIES.max_attempts + 1):
        context = SimpleNamespace(job=SimpleNamespace(attempts=attempts))
        with (
            pytest.raises(OSError),
            _mail_on_last_failure(context, job_context, str(alice.owner), "Your import", place),
        ):
            raise OSError("No space left on device")

    admin.execute("DELETE FROM procrastinate_jobs WHERE task_name = 'import'")
    [letter] = [letter for letter in letters() if "could not be finished" in letter.subject]
    assert place in letter.text
