"""The queue's tasks and the worker that runs them (procrastinate)."""

import asyncio
import contextlib
import datetime as dt
import logging
import time
from collections.abc import Callable, Iterator
from smtplib import SMTPException
from uuid import UUID

import msgspec
from procrastinate import App, PsycopgConnector, RetryStrategy
from procrastinate import JobContext as RunningJob
from procrastinate.exceptions import AlreadyEnqueued, UniqueViolation
from procrastinate.jobs import Job, Status

from tmr.auth.passwords import reset
from tmr.operations import legal
from tmr.operations.backups.create import Backups
from tmr.operations.doctor.watch import Watch
from tmr.operations.key_rotation import KeyRotation
from tmr.operations.mail import Mailer, MailRefusedError
from tmr.privacy.export import run as export_run
from tmr.records.imports import run as import_run
from tmr.records.planning import reminders
from tmr.repository.database.across_owners import AcrossOwners
from tmr.repository.database.installation_facts import Rotation
from tmr.repository.errors import DatabaseError, DecryptionError, RecordNotFoundError
from tmr.repository.keys.resealing import Resealing
from tmr.repository.queue.mails import MAIL_KEPT, Mail, WaitingMail
from tmr.repository.queue.rate_limits import Limits
from tmr.repository.records.records import UNDO_TIME
from tmr.repository.repository import Repository
from tmr.repository.unit_of_work import UnitOfWork

logger = logging.getLogger(__name__)

# 5 s, 25 s, about 2, 10 and 52 minutes, then every 4 hours or longer: a server that is down for a day loses nothing.
MAIL_RETRIES = RetryStrategy(max_attempts=8, exponential_wait=5)
# 4 s, 16 s, 1, 4 and 17 minutes, 1 and 5 hours: a disk that is full for an evening costs nobody their import.
WORK_RETRIES = RetryStrategy(max_attempts=7, exponential_wait=4)
# What a person waits for at their screen, and what has no point an hour later.
SHORT_RETRIES = RetryStrategy(max_attempts=5, exponential_wait=3)
REPORTS_KEPT = dt.timedelta(days=365)
SIGN_UP_KEPT = dt.timedelta(hours=1)
STALLED_SECONDS = 10
AT_START = ("backup", "examine")  # what was due while nobody was there to do it
HEARTBEAT_SECONDS = 2.0


class MailWaitsError(Exception):
    """The mail could not be handed over now; it waits, and the queue tries again."""


class JobContext(msgspec.Struct):
    """What jobs work with."""

    repository: Repository
    across_owners: AcrossOwners
    limits: Limits
    mailer: Mailer
    clock: Callable[[], dt.datetime]
    publish_erasures: Callable[[dt.datetime], None]
    sends_mail: bool = True
    backups: Backups | None = None
    backup_recipient: str = ""
    rotation: KeyRotation | None = None
    watch: Watch | None = None


def make_app(connection_url: str, job_context: JobContext) -> App:
    """Return the queue with its tasks."""
    connector = PsycopgConnector(conninfo=connection_url, min_size=1, max_size=3, kwargs={"prepare_threshold": None})
    app = App(connector=connector, worker_defaults={"fetch_job_polling_interval": 2.0})

    @app.task(name="import", retry=WORK_RETRIES, pass_context=True)
    def run_import(running: RunningJob, owner: str, import_id: str) -> None:
        with _told_when_given_up(running, job_context, owner, "Your import", f"/import/{import_id}"):
            carry_out_import(job_context, UUID(owner), UUID(import_id))

    @app.task(name="undo-import", retry=WORK_RETRIES, pass_context=True)
    def run_import_undo(running: RunningJob, owner: str, import_id: str) -> None:
        with (
            contextlib.suppress(RecordNotFoundError),  # the data or the account was erased meanwhile
            _told_when_given_up(running, job_context, owner, "Undoing your import", f"/import/{import_id}"),
        ):
            import_run.run_undo(job_context.repository, UUID(owner), UUID(import_id), job_context.clock())

    @app.task(name="export", retry=WORK_RETRIES, pass_context=True)
    def run_export(running: RunningJob, owner: str, export_id: str) -> None:
        with _told_when_given_up(running, job_context, owner, "Your export", "/settings/privacy"):
            export_run.build(job_context.repository, UUID(owner), UUID(export_id), job_context.clock)

    @app.task(name="reseal", retry=WORK_RETRIES)
    def run_reseal(owner: str) -> None:
        reseal(job_context.repository, UUID(owner), job_context.clock)

    _add_mail_tasks(app, job_context)
    _add_account_tasks(app, job_context)
    _add_backup_tasks(app, job_context)
    _add_key_tasks(app, job_context)
    _add_examination(app, job_context)
    _add_housekeeping(app, job_context)
    return app


@contextlib.contextmanager
def _told_when_given_up(
    running: RunningJob, job_context: JobContext, owner: str, what: str, link: str
) -> Iterator[None]:
    """Do work in here that its person waits for: when it fails for the last time, they are told where to try again."""
    try:
        yield
    except Exception:
        if running.job and running.job.attempts >= (WORK_RETRIES.max_attempts or 0):
            tell_of_failure(job_context, UUID(owner), what, link)
        raise


def tell_of_failure(job_context: JobContext, owner: UUID, what: str, link: str) -> None:
    """Mail somebody that ``what`` could not be finished, and at which page they can try again.

    The page says so too: what keeps the work from being done, such as a full disk, may keep this mail from being kept.
    """
    try:
        with job_context.repository.for_owner(owner) as uow:
            uow.mails.add(Mail(uow.account.email(), "not_finished", {"what": what, "link": link}), job_context.clock())
            uow.commit()
    except (DatabaseError, RecordNotFoundError) as error:
        logger.error("nobody could be told that work of %s has failed: %s", owner, type(error).__name__)


def _add_mail_tasks(app: App, job_context: JobContext) -> None:
    @app.task(name="mail", retry=MAIL_RETRIES)
    def run_mail(owner: str, mail_id: str) -> None:
        send_mail(job_context, UUID(owner), UUID(mail_id))

    @app.task(name="house-mail", retry=MAIL_RETRIES)
    def run_house_mail(mail_id: str) -> None:
        send_installation_mail(job_context, UUID(mail_id))


def _add_backup_tasks(app: App, job_context: JobContext) -> None:
    @app.task(name="publish", retry=MAIL_RETRIES)
    def publish() -> None:
        tell_backups(job_context)

    @app.periodic(cron="17 * * * *")
    @app.task(name="backup", queueing_lock="backup", lock="publish")
    def backup(timestamp: int) -> None:  # noqa: ARG001
        back_up_when_due(job_context)


def hashes_of(joined: str) -> list[bytes]:
    """Return the hashes of an address that a job was given: one for each key of the keyring, joined by commas."""
    return [bytes.fromhex(one) for one in joined.split(",")]


def _add_key_tasks(app: App, job_context: JobContext) -> None:
    @app.periodic(cron="41 * * * *")
    @app.task(name="rotate", queueing_lock="rotate", lock="publish")
    def rotate(timestamp: int) -> None:  # noqa: ARG001
        rotate_keys(job_context, logger.info, waits=True)


def _add_examination(app: App, job_context: JobContext) -> None:
    @app.periodic(cron="29 4 * * *")
    @app.task(name="examine", queueing_lock="examine", lock="publish")  # after a backup that is due, not before it
    def examine(timestamp: int) -> None:  # noqa: ARG001
        if job_context.watch:
            job_context.watch.examine(job_context.clock())

    @app.periodic(cron="*/15 * * * *")
    @app.task(name="watch", queueing_lock="watch")
    def watch(timestamp: int) -> None:  # noqa: ARG001
        if job_context.watch:
            job_context.watch.tell_of_reports(job_context.clock())


def _add_account_tasks(app: App, job_context: JobContext) -> None:
    @app.task(name="reset", retry=SHORT_RETRIES)
    def run_reset(email_hash: str) -> None:
        reset.send_reset(job_context.repository, hashes_of(email_hash), job_context.clock())

    @app.task(name="refused", retry=SHORT_RETRIES)
    def run_refused(email_hash: str) -> None:
        reset.note_refusal(job_context.repository, job_context.limits, hashes_of(email_hash), job_context.clock())


def _add_housekeeping(app: App, job_context: JobContext) -> None:
    @app.periodic(cron="* * * * *")
    @app.task(name="purge", queueing_lock="purge")
    def purge(timestamp: int) -> None:  # noqa: ARG001
        forget_what_is_due(job_context)

    @app.periodic(cron="* * * * *")
    @app.task(name="remind", queueing_lock="remind")
    def remind(timestamp: int) -> None:  # noqa: ARG001
        send_reminders(job_context)

    @app.periodic(cron="* * * * *")
    @app.task(name="tell", queueing_lock="tell")
    def tell(timestamp: int) -> None:  # noqa: ARG001
        tell_of_orders(job_context)

    @app.periodic(cron="* * * * * */5")
    @app.task(name="revive", queueing_lock="revive", pass_context=False)
    async def revive(timestamp: int) -> None:  # noqa: ARG001
        await revive_stalled(app)


def carry_out_import(job_context: JobContext, owner: UUID, import_id: UUID) -> None:
    """Run an import; one that cannot succeed is marked as failed, with nothing of it kept."""
    try:
        import_run.run(job_context.repository, owner, import_id, job_context.clock())
    except RecordNotFoundError:
        return  # the data or the account was erased meanwhile
    except ValueError:  # FileRefusedError, and whatever else a file can hold that nobody thought of
        with job_context.repository.for_owner(owner) as uow:
            uow.imports.change_state(import_id, ("queued",), "failed")
            uow.imports.finish(import_id, import_run.Result())
            uow.commit()


def reseal(repository: Repository, owner: UUID, clock: Callable[[], dt.datetime]) -> None:
    """Seal what earlier keys of the records sealed under the newest one, a batch at a time; a kill loses nothing."""
    resealing, looked = Resealing(), 1
    while looked:
        try:
            uow = repository.for_owner(owner)
        except RecordNotFoundError:
            return  # the account was erased meanwhile
        with uow:
            looked = uow.reseal(resealing, clock())
            uow.commit()


def send_mail(job_context: JobContext, owner: UUID, mail_id: UUID) -> None:
    """Send a waiting mail and forget it, in one transaction that holds it: two workers never send the same one.

    What goes wrong on the way is raised, and the queue tries again; what the server refuses for good is dropped.
    """
    try:
        uow = job_context.repository.for_owner(owner)
    except RecordNotFoundError:
        return  # the account was erased meanwhile
    with uow:
        waiting = uow.mails.take(mail_id)
        if waiting is None:
            return
        if job_context.clock() - waiting.created_at < MAIL_KEPT:
            _hand_over(job_context, waiting)
        uow.mails.remove(mail_id)
        uow.commit()


def send_installation_mail(job_context: JobContext, mail_id: UUID) -> None:
    """Send a waiting mail that no account sends, as ``send_mail`` does."""
    with job_context.repository.installation() as installation:
        waiting = installation.mails.take(mail_id)
        if waiting is None:
            return
        if waiting.mail.template == "farewell":
            tell_backups(job_context)  # the mail says that the erasure is final, so it must be
        if job_context.clock() - waiting.created_at < MAIL_KEPT:
            _hand_over(job_context, waiting)
        installation.mails.remove(mail_id)
        installation.commit()


def _hand_over(job_context: JobContext, waiting: WaitingMail) -> None:
    try:
        job_context.mailer.send(waiting)
    except MailRefusedError as error:
        logger.warning("mail %s is dropped: %s", waiting.id, error)
    except (OSError, SMTPException) as error:
        # The message of an error may hold the address; the queue would write it down.
        logger.warning("mail %s waits: %s", waiting.id, type(error).__name__)
        raise MailWaitsError from None


def forget_what_is_due(job_context: JobContext) -> None:
    """Delete for good what was deleted, replaced or staged long enough ago, and whatever else is over."""
    now = job_context.clock()
    for owner in job_context.across_owners.owners_with_due(now, UNDO_TIME):
        with (
            contextlib.suppress(RecordNotFoundError),
            job_context.repository.for_owner(owner) as uow,
        ):  # or erased meanwhile
            _forget_of(uow, now)
            uow.commit()
    for owner in job_context.across_owners.abandoned_accounts(now - SIGN_UP_KEPT):
        with contextlib.suppress(RecordNotFoundError), job_context.repository.for_owner(owner) as uow:
            if not uow.account.is_claimed():  # or confirmed meanwhile
                uow.erase_account(now)
                uow.commit()
    _forget_of_installation(job_context, now)
    job_context.publish_erasures(now)


def _forget_of(uow: UnitOfWork, now: dt.datetime) -> None:
    uow.records.forget_deleted(now - UNDO_TIME)
    uow.records.history.forget(now)
    uow.files.forget_unused(now, UNDO_TIME)
    over_at_a_time = (uow.imports, uow.exports, uow.sessions, uow.tokens, uow.known_devices, uow.grants, uow.mails)
    for collection in over_at_a_time:
        collection.forget_expired(now)
    uow.forget_retired_keys(now)


def _forget_of_installation(job_context: JobContext, now: dt.datetime) -> None:
    job_context.limits.forget_expired(now)
    job_context.across_owners.forget_reports(now - REPORTS_KEPT)
    with job_context.repository.installation() as installation:
        installation.mails.forget_expired(now)
        installation.commit()
    job_context.mailer.forget_sent(now - MAIL_KEPT)


def send_reminders(job_context: JobContext) -> None:
    """Queue the mails of everybody whose reminder is due; one person's trouble does not keep the others waiting."""
    now = job_context.clock()
    for owner in job_context.across_owners.owners_to_remind(now):
        try:
            reminders.send_due(job_context.repository, owner, now)
        except DecryptionError:
            logger.error("reminders of %s wait: something sealed does not open", owner)


def tell_backups(job_context: JobContext) -> None:
    """Publish the ledger and a fresh keys file, so that what was erased is unreadable in every backup from now on."""
    now = job_context.clock()
    job_context.publish_erasures(now)
    if job_context.backups:
        job_context.backups.publish_keys(job_context.backup_recipient, job_context.clock, logger.debug)


def back_up_when_due(job_context: JobContext) -> bool:
    """Make a backup when the newest is a day old, and remove those older than 30 days; return whether one was made."""
    now = job_context.clock()
    if not job_context.backups:
        return False
    is_due = job_context.backups.is_due(now)
    if is_due:
        job_context.publish_erasures(now)
        job_context.backups.create(job_context.backup_recipient, job_context.clock, logger.debug)
    job_context.backups.prune(now)
    return is_due


def rotate_keys(job_context: JobContext, say: Callable[[str], None], *, waits: bool) -> Rotation | None:
    """Rotate the wrapping key if an erasure has made that due, at the latest within a day; return how it stands."""
    if job_context.rotation is None:
        return None
    return job_context.rotation.run(job_context.clock(), lambda: tell_backups(job_context), say, waits=waits)


def tell_of_orders(job_context: JobContext) -> None:
    """Tell everybody of the legal orders whose date has come; one person's trouble does not keep the others waiting."""
    now = job_context.clock()
    for owner in job_context.across_owners.owners_to_tell(now):
        try:
            legal.tell_owner(job_context.repository, owner, now, sends_mail=job_context.sends_mail)
        except (DecryptionError, RecordNotFoundError):
            logger.error("the notice of a legal order to %s waits: something does not open", owner)


async def revive_stalled(app: App) -> None:
    """Queue again what a worker was doing when it died, but for what waits there already, to be done once."""
    stalled: list[Job] = list(await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS))
    for job in stalled:
        logger.warning("job %s (%s) lost its worker and starts again", job.id, job.task_name)
        try:
            await app.job_manager.retry_job(job)
        except UniqueViolation:  # the next worker's start has queued it as well; left as it is, it would hold its lock
            await app.job_manager.finish_job(job, Status.FAILED, delete_job=True)


def run_worker(app: App, *, listens: bool) -> None:
    """Run jobs until SIGINT or SIGTERM. Who cannot listen for new ones, behind a pooler, looks every two seconds."""
    asyncio.run(_run(app, listens=listens))


async def _run(app: App, *, listens: bool) -> None:
    async with app.open_async():
        for name in AT_START:
            with contextlib.suppress(AlreadyEnqueued):
                await app.tasks[name].defer_async(timestamp=int(time.time()))
        await app.run_worker_async(
            concurrency=2,
            listen_notify=listens,
            update_heartbeat_interval=HEARTBEAT_SECONDS,
            stalled_worker_timeout=STALLED_SECONDS,
            shutdown_graceful_timeout=8,
            delete_jobs="always",
        )
