"""Which task of the queue does what, when it runs and how it retries; and the worker that runs them (procrastinate)."""

import asyncio
import contextlib
import logging
import signal
import time
from collections.abc import Iterator
from functools import partial
from uuid import UUID

from procrastinate import App, BaseRetryStrategy, PsycopgConnector, RetryDecision, RetryStrategy
from procrastinate import JobContext as RunningJob
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import Job

from tmr.auth.passwords import reset
from tmr.operations.jobs import backups, housekeeping, imports, mails
from tmr.operations.jobs.context import JobContext
from tmr.operations.jobs.housekeeping import STALLED_SECONDS
from tmr.privacy.export import run as export_run
from tmr.records.imports import run as import_run
from tmr.repository.errors import LockedError, RecordNotFoundError
from tmr.repository.queue.jobs import FINISH_LOCK, HOUSEKEEPING, MAIL, WORK, lock_of_waiting

logger = logging.getLogger(__name__)

# 5 s, 25 s, about 2, 10 and 52 minutes, then every 4 hours or longer: a server that is down for a day loses nothing.
MAIL_RETRIES = RetryStrategy(max_attempts=8, exponential_wait=5)
# 4 s, 16 s, 1, 4 and 17 minutes, 1 and 5 hours: a disk that is full for an evening costs nobody their import.
WORK_RETRIES = RetryStrategy(max_attempts=7, exponential_wait=4)
# 3, 9 and 27 s, 1 minute: a person waits for it at their screen, and an hour later it would serve no purpose.
SHORT_RETRIES = RetryStrategy(max_attempts=5, exponential_wait=3)

AT_START = ("backup", "examine")  # may have fallen due while no worker ran
HEARTBEAT_SECONDS = 2.0
# How many jobs of each lane run at the same time. Housekeeping has one for each kind that may take minutes: the purge,
# reminders, backups; and one more for what is short.
SLOTS = {MAIL: 2, HOUSEKEEPING: 4, WORK: 2}


class UntilFinished(BaseRetryStrategy):
    """Every half hour for as long as it takes: until then an earlier key, which the keyring opens, still lies there.

    While it waits it is in nobody's way, neither of backups nor of rotations.
    """

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:  # noqa: ARG002
        """Return when to try again."""
        return RetryDecision(retry_in={"minutes": 30}, lock=lock_of_waiting(str(job.task_kwargs["owner"])))


def make_app(connection_url: str, job_context: JobContext) -> App:
    """Return the queue with its tasks."""
    connector = PsycopgConnector(conninfo=connection_url, min_size=1, max_size=5, kwargs={"prepare_threshold": None})
    app = App(connector=connector, worker_defaults={"fetch_job_polling_interval": 2.0})

    @app.task(name="import", retry=WORK_RETRIES, pass_context=True)
    def run_import(running: RunningJob, owner: str, import_id: str) -> None:
        with _mail_on_last_failure(running, job_context, owner, "Your import", f"/import/{import_id}"):
            imports.carry_out_import(job_context, UUID(owner), UUID(import_id))

    @app.task(name="undo-import", retry=WORK_RETRIES, pass_context=True)
    def run_import_undo(running: RunningJob, owner: str, import_id: str) -> None:
        with (
            contextlib.suppress(RecordNotFoundError),  # the data or the account was erased since
            _mail_on_last_failure(running, job_context, owner, "Undoing your import", f"/import/{import_id}"),
        ):
            opens = partial(job_context.repository.for_owner, UUID(owner))
            import_run.run_undo(opens, UUID(import_id), job_context.clock())

    @app.task(name="export", retry=WORK_RETRIES, pass_context=True)
    def run_export(running: RunningJob, owner: str, export_id: str) -> None:
        with _mail_on_last_failure(running, job_context, owner, "Your export", "/settings/privacy"):
            opens = partial(job_context.repository.for_owner, UUID(owner))
            export_run.build(opens, UUID(export_id), job_context.clock)

    @app.task(name="reseal", retry=WORK_RETRIES)
    def run_reseal(owner: str) -> None:
        housekeeping.reseal(job_context.repository, UUID(owner), job_context.clock)

    _add_mail_tasks(app, job_context)
    _add_account_tasks(app, job_context)
    _add_backup_tasks(app, job_context)
    _add_key_tasks(app, job_context)
    _add_examination(app, job_context)
    _add_housekeeping(app, job_context)
    return app


@contextlib.contextmanager
def _mail_on_last_failure(
    running: RunningJob, job_context: JobContext, owner: str, what: str, link: str
) -> Iterator[None]:
    """Do work that a person waits for: when its last try fails, they get a mail that says where to start it again."""
    try:
        yield
    except LockedError:  # queued before the records were locked; another try would find them locked as well
        mails.tell_of_failure(job_context, UUID(owner), what, link, is_locked=True)
    except Exception:
        if running.job and running.job.attempts >= (WORK_RETRIES.max_attempts or 0):
            mails.tell_of_failure(job_context, UUID(owner), what, link)
        raise


def _add_mail_tasks(app: App, job_context: JobContext) -> None:
    @app.task(name="mail", queue=MAIL, retry=MAIL_RETRIES)
    def run_mail(owner: str, mail_id: str) -> None:
        mails.send_mail(job_context, UUID(owner), UUID(mail_id))

    @app.task(name="house-mail", queue=MAIL, retry=MAIL_RETRIES)
    def run_house_mail(mail_id: str) -> None:
        mails.send_installation_mail(job_context, UUID(mail_id))


def _add_backup_tasks(app: App, job_context: JobContext) -> None:
    @app.task(name="publish", queue=HOUSEKEEPING, retry=MAIL_RETRIES)
    def publish() -> None:
        backups.tell_backups(job_context)

    @app.task(name=FINISH_LOCK, queue=HOUSEKEEPING, retry=UntilFinished())
    def finish_lock(owner: str) -> None:
        with contextlib.suppress(RecordNotFoundError):  # the account was erased since
            backups.finish_lock(job_context, UUID(owner))

    @app.periodic(cron="17 * * * *")
    @app.task(name="backup", queue=HOUSEKEEPING, queueing_lock="backup", lock="publish")
    def backup(timestamp: int) -> None:  # noqa: ARG001
        backups.back_up_when_due(job_context)


def hashes_of(joined: str) -> list[bytes]:
    """Return the hashes of an address, one for each key of the keyring, from the joined hex that a job was given."""
    return [bytes.fromhex(text) for text in joined.split(",")]


def _add_key_tasks(app: App, job_context: JobContext) -> None:
    @app.periodic(cron="41 * * * *")
    @app.task(name="rotate", queue=HOUSEKEEPING, queueing_lock="rotate", lock="publish")
    def rotate(timestamp: int) -> None:  # noqa: ARG001
        backups.rotate_keys(job_context, logger.info, waits=True)


def _add_examination(app: App, job_context: JobContext) -> None:
    @app.periodic(cron="29 4 * * *")
    # The lock runs it after a backup that is due, not before.
    @app.task(name="examine", queue=HOUSEKEEPING, queueing_lock="examine", lock="publish")
    def examine(timestamp: int) -> None:  # noqa: ARG001
        if job_context.watch:
            job_context.watch.examine(job_context.clock())

    @app.periodic(cron="*/15 * * * *")
    @app.task(name="watch", queue=HOUSEKEEPING, queueing_lock="watch", lock="watch")
    def watch(timestamp: int) -> None:  # noqa: ARG001
        if job_context.watch:
            job_context.watch.tell_of_reports(job_context.clock())
            job_context.watch.tell_of_disks(job_context.clock())


def _add_account_tasks(app: App, job_context: JobContext) -> None:
    @app.task(name="reset", queue=MAIL, retry=SHORT_RETRIES)
    def run_reset(email_hash: str) -> None:
        reset.send_reset(job_context.repository, hashes_of(email_hash), job_context.clock())

    @app.task(name="refused", retry=SHORT_RETRIES)
    def run_refused(email_hash: str) -> None:
        reset.note_refusal(
            job_context.repository,
            job_context.limits,
            hashes_of(email_hash),
            job_context.clock(),
            sends_mail=job_context.sends_mail,
        )


def _add_housekeeping(app: App, job_context: JobContext) -> None:
    @app.periodic(cron="* * * * *")
    @app.task(name="purge", queue=HOUSEKEEPING, queueing_lock="purge", lock="purge")
    def purge(timestamp: int) -> None:  # noqa: ARG001
        housekeeping.forget_what_is_due(job_context)

    # Once a day, at a quiet hour: while an update is under way, the release before reads these where they were.
    @app.periodic(cron="53 3 * * *")
    @app.task(name="settle", queue=HOUSEKEEPING, queueing_lock="settle", lock="settle")
    def settle(timestamp: int) -> None:  # noqa: ARG001
        housekeeping.settle(job_context)

    @app.periodic(cron="* * * * *")
    @app.task(name="remind", queue=HOUSEKEEPING, queueing_lock="remind", lock="remind")
    def remind(timestamp: int) -> None:  # noqa: ARG001
        mails.send_reminders(job_context)

    @app.periodic(cron="* * * * *")
    @app.task(name="tell", queue=HOUSEKEEPING, queueing_lock="tell", lock="tell")
    def tell(timestamp: int) -> None:  # noqa: ARG001
        mails.tell_of_orders(job_context)

    @app.periodic(cron="* * * * * */5")
    @app.task(name="revive", queue=HOUSEKEEPING, priority=10, queueing_lock="revive", pass_context=False)
    async def revive(timestamp: int) -> None:  # noqa: ARG001
        await housekeeping.revive_stalled(app)


def run_worker(app: App, *, listens: bool) -> None:
    """Run jobs until SIGINT or SIGTERM. Behind a pooler, where a worker cannot listen for new ones, poll every 2 s."""
    asyncio.run(_run(app, listens=listens))


async def _run(app: App, *, listens: bool) -> None:
    async with app.open_async():
        for name in AT_START:
            with contextlib.suppress(AlreadyEnqueued):
                await app.tasks[name].defer_async(timestamp=int(time.time()))
        lanes = [asyncio.create_task(_run_lane(app, name, listens=listens)) for name in SLOTS]
        stop = partial(_stop, lanes)
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop)
        # A lane that ends by itself has lost the database: all end, and the process is started again.
        await asyncio.wait(lanes, return_when=asyncio.FIRST_COMPLETED)
        stop()
        for outcome in await asyncio.gather(*lanes, return_exceptions=True):
            if isinstance(outcome, Exception):
                raise outcome


async def _run_lane(app: App, name: str, *, listens: bool) -> None:
    await app.run_worker_async(
        queues=[name],
        name=name,
        concurrency=SLOTS[name],
        listen_notify=listens,
        install_signal_handlers=False,
        update_heartbeat_interval=HEARTBEAT_SECONDS,
        stalled_worker_timeout=STALLED_SECONDS,
        shutdown_graceful_timeout=8,
        delete_jobs="always",
    )


def _stop(lanes: list[asyncio.Task[None]]) -> None:
    for lane in lanes:
        if not lane.cancelling():  # a second time, it would drop what it is about to finish
            lane.cancel()
