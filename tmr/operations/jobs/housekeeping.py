"""The jobs that delete what is due, reseal under new keys, and revive work whose worker died."""

import contextlib
import datetime as dt
import logging
from collections.abc import Callable, Mapping
from functools import partial
from uuid import UUID

from procrastinate import App
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Job, Status

from tmr.domain.security_events import DATA_ERASED, LOCK_OFF
from tmr.operations.jobs.attempts import Attempts
from tmr.operations.jobs.context import JobContext
from tmr.repository.accounts.security_log import SecurityEvent
from tmr.repository.accounts.sessions import Device
from tmr.repository.errors import DecryptionError, FieldsBusyError, RecordNotFoundError
from tmr.repository.keys.resealing import Resealing
from tmr.repository.queue.mails import MAIL_KEPT
from tmr.repository.repository import Repository

logger = logging.getLogger(__name__)

REPORTS_KEPT = dt.timedelta(days=365)
SIGN_UP_KEPT = dt.timedelta(hours=1)
STALLED_SECONDS = 10


def forget_what_is_due(job_context: JobContext) -> None:
    """Delete for good what was deleted, replaced or staged long enough ago, and everything that has expired.

    What fails holds up nothing else.

    Raises:
        SomeFailedError: something failed, and all the rest is done.
    """
    now, attempts = job_context.clock(), Attempts("the purge", job_context.repository)
    # What belongs to no account goes first, so that no account can keep it from being done.
    attempts.all(_of_installation(job_context, now))
    attempts.for_each(job_context.across_owners.owners_with_due(now), partial(_forget_for_owner, job_context, now))
    abandoned = job_context.across_owners.abandoned_accounts(now - SIGN_UP_KEPT)
    attempts.for_each(abandoned, partial(_forget_sign_up, job_context, now))
    attempts.end()


def settle(job_context: JobContext) -> None:
    """Move what an earlier release sealed under the keys of accounts, and is now sealed like their records.

    Each account is a transaction of its own, and one that is settled is not looked at again: a kill loses nothing.

    Raises:
        SomeFailedError: something failed, and all the rest is done.
    """
    attempts = Attempts("settling", job_context.repository)
    attempts.for_each(job_context.across_owners.owners_to_settle(), partial(_settle_owner, job_context))
    attempts.end()


def _settle_owner(job_context: JobContext, owner: UUID) -> None:
    with job_context.repository.for_owner(owner) as uow:
        if uow.lock.is_open:  # else their next unlock does it
            uow.private.settle()
            uow.commit()


def _forget_sign_up(job_context: JobContext, now: dt.datetime, owner: UUID) -> None:
    with job_context.repository.for_owner(owner) as uow:
        if uow.account.is_claimed():  # it may have been confirmed since it was listed
            return
        with contextlib.suppress(DecryptionError):
            job_context.mailer.forget_address(uow.account.email())
        uow.forget_sign_up(now)
        uow.commit()


def _begin_again(job_context: JobContext, now: dt.datetime, owner: UUID) -> None:
    """Erase locked records for whoever asked for that a week ago, and turn the lock off."""
    with job_context.repository.for_owner(owner) as uow:
        if not uow.beginning_again.is_due(now):
            return
        uow.erase_data(now)
        for event in (DATA_ERASED, LOCK_OFF):
            uow.note(event, SecurityEvent(event.name, Device("", "")), now, sends_mail=job_context.sends_mail)
        uow.commit()


def _forget_for_owner(job_context: JobContext, now: dt.datetime, owner: UUID) -> None:
    _begin_again(job_context, now, owner)
    with contextlib.suppress(FieldsBusyError), job_context.repository.for_owner(owner) as uow:  # else in an hour
        if uow.lock.is_open:  # else their values, in records that only their owner can open, go when that one does
            uow.own_fields.forget_old(now)
            uow.commit()
    with job_context.repository.for_owner(owner) as uow:
        uow.account.hold()  # before sessions and the like, as what ends them does
        uow.files.forget_unused(now)
        short_lived = (uow.imports, uow.exports, uow.sessions, uow.tokens, uow.known_devices, uow.mails)
        expiring = (*short_lived, uow.grants, uow.access_tokens, uow.coach_links)
        for collection in expiring:
            collection.forget_expired(now)
        uow.lock.forget_expired(now)
        uow.forget_retired_keys(now)
        uow.trash.forget_old(now)
        uow.steps.forget_old(now)  # last: it keeps others of this owner from writing until the end
        uow.commit()


def _of_installation(job_context: JobContext, now: dt.datetime) -> Mapping[str, Callable[[], object]]:
    return {
        "counters of limits": lambda: job_context.limits.forget_expired(now),
        "answered reports": lambda: job_context.across_owners.forget_reports(now - REPORTS_KEPT),
        "invitations": lambda: job_context.repository.forget_invitations(now),
        "mails to nobody's account": lambda: _forget_installation_mails(job_context, now),
        "mails in the folder": lambda: job_context.mailer.forget_sent(now - MAIL_KEPT),
        "the ledger of erasures": lambda: job_context.publish_erasures(now),
    }


def _forget_installation_mails(job_context: JobContext, now: dt.datetime) -> None:
    with job_context.repository.installation() as installation:
        installation.mails.forget_expired(now)
        installation.commit()


def reseal(repository: Repository, owner: UUID, clock: Callable[[], dt.datetime]) -> None:
    """Seal under the newest key what earlier ones sealed, a batch in each transaction, so that a kill loses nothing."""
    resealing, looked = Resealing(), 1
    while looked:
        try:
            uow = repository.for_owner(owner)
        except RecordNotFoundError:
            return  # the account was erased since
        with uow:
            if not uow.lock.is_open:
                return  # its owner's browser does it, a batch at a time
            looked = uow.reseal(resealing, clock())
            uow.commit()


async def revive_stalled(app: App) -> None:
    """Queue again what a worker was doing when it died, unless the same job waits in the queue already."""
    stalled: list[Job] = list(await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS))
    for job in stalled:
        logger.warning("job %s (%s) lost its worker and starts again", job.id, job.task_name)
        try:
            await app.job_manager.retry_job(job)
        except (
            UniqueViolation
        ):  # a worker that started since queued it too; left as it is, this one would hold its lock for good
            await app.job_manager.finish_job(job, Status.FAILED, delete_job=True)
