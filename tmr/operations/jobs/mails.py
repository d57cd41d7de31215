"""The jobs that send waiting mails, and those that find out who is due one."""

import logging
from smtplib import SMTPException
from uuid import UUID

from tmr.operations import legal
from tmr.operations.jobs.attempts import Attempts
from tmr.operations.jobs.backups import tell_backups
from tmr.operations.jobs.context import JobContext
from tmr.operations.mail import MailRefusedError
from tmr.records.planning import reminders
from tmr.repository.errors import DatabaseError, RecordNotFoundError
from tmr.repository.queue.mails import MAIL_KEPT, Mail, WaitingMail

logger = logging.getLogger(__name__)


class MailWaitsError(Exception):
    """The mail server did not take the mail this time; the mail stays, and the queue tries again."""


def send_mail(job_context: JobContext, owner: UUID, mail_id: UUID) -> None:
    """Send a waiting mail and delete it, in one transaction that locks its row: two workers never send the same one.

    A mail that the server refuses for good is dropped. Any other failure is raised, and the queue tries again.
    """
    try:
        uow = job_context.repository.for_owner(owner)
    except RecordNotFoundError:
        return  # the account was erased since
    with uow:
        waiting = uow.mails.take(mail_id)
        if waiting is None:
            return
        if job_context.clock() - waiting.created_at < MAIL_KEPT:
            _hand_over(job_context, waiting)
        uow.mails.remove(mail_id)
        uow.commit()


def send_installation_mail(job_context: JobContext, mail_id: UUID) -> None:
    """Send a waiting mail that belongs to no account, under the rules of ``send_mail``."""
    with job_context.repository.installation() as installation:
        waiting = installation.mails.take(mail_id)
        if waiting is None:
            return
        if waiting.mail.template == "farewell":
            tell_backups(job_context)  # the mail says that the erasure is final, so make it so first
            job_context.mailer.forget_address(waiting.mail.to)
        if job_context.clock() - waiting.created_at < MAIL_KEPT:
            _hand_over(job_context, waiting)
        installation.mails.remove(mail_id, job_context.clock())
        installation.commit()


def _hand_over(job_context: JobContext, waiting: WaitingMail) -> None:
    try:
        job_context.mailer.send(waiting)
    except MailRefusedError as error:
        logger.warning("mail %s is dropped: %s", waiting.id, error)
    except (OSError, SMTPException) as error:
        # The error's text may hold the address, and the queue would log it: only its class is kept.
        logger.warning("mail %s waits: %s", waiting.id, type(error).__name__)
        raise MailWaitsError from None


def tell_of_failure(job_context: JobContext, owner: UUID, what: str, link: str, *, is_locked: bool = False) -> None:
    """Mail the owner that ``what`` could not be finished, and on which page they can try again.

    ``is_locked`` says that their records were locked before it ran.

    The page says so too: whatever stopped the work, such as a full disk, may stop this mail as well.
    """
    try:
        with job_context.repository.for_owner(owner) as uow:
            values = {"what": what, "link": link, **({"is_locked": "yes"} if is_locked else {})}
            uow.mails.add(Mail(uow.account.email(), "not_finished", values), job_context.clock())
            uow.commit()
    except (DatabaseError, RecordNotFoundError) as error:
        logger.error("the owner %s could not be told that their work has failed: %s", owner, type(error).__name__)


def send_reminders(job_context: JobContext) -> None:
    """Queue the mails of everyone whose reminder is due; one account with which that fails holds up no other.

    Raises:
        SomeFailedError: it failed with some, and the others have theirs.
    """
    now, attempts = job_context.clock(), Attempts("the reminder", job_context.repository)
    attempts.for_each(
        job_context.across_owners.owners_to_remind(now),
        lambda owner: reminders.send_due(job_context.repository, job_context.limits, owner, now),
    )
    attempts.end()


def tell_of_orders(job_context: JobContext) -> None:
    """Tell owners of the legal orders whose date has come, as ``send_reminders`` does."""
    now, attempts = job_context.clock(), Attempts("the notice of a legal order", job_context.repository)
    attempts.for_each(
        job_context.across_owners.owners_to_tell(now),
        lambda owner: legal.tell_owner(job_context.repository, owner, now, sends_mail=job_context.sends_mail),
    )
    attempts.end()
