"""The jobs of backups and of the wrapping key, whose rotation the backups must follow."""

import logging
from collections.abc import Callable
from uuid import UUID

from tmr.operations.jobs.context import JobContext
from tmr.repository.database.installation_facts import Rotation

logger = logging.getLogger(__name__)


def tell_backups(job_context: JobContext) -> None:
    """Publish the ledger and a fresh keys file: from then on no backup can be read for what was erased.

    That is so at every target where this installation ever published.
    """
    now = job_context.clock()
    job_context.publish_erasures(now)
    if job_context.backups:
        job_context.backups.publish_keys(job_context.backup_recipient, job_context.clock, logger.debug)
    if job_context.other_targets:
        job_context.other_targets.tell(job_context.clock, logger.debug)


def back_up_when_due(job_context: JobContext) -> bool:
    """Make a backup if the newest is a day old, and remove those older than 30 days; return whether one was made.

    At the targets from before nothing is made, and removed all the same.
    """
    now = job_context.clock()
    if job_context.other_targets:
        job_context.other_targets.prune(job_context.clock)
    if not job_context.backups:
        return False
    is_due = job_context.backups.is_due(now)
    if is_due:
        job_context.publish_erasures(now)
        job_context.backups.create(job_context.backup_recipient, job_context.clock, logger.debug)
    job_context.backups.prune(now)
    return is_due


def finish_lock(job_context: JobContext, owner: UUID) -> None:
    """Back up what was resealed for a lock, then destroy the keys that opened it before.

    It needs no key of the records. A lock that was turned off since is left alone. One backup serves all who lock their
    records before it; where many were made lately, this waits for a time at which another may be.
    """
    now = job_context.clock()
    with job_context.repository.for_owner(owner) as uow:
        begun = uow.lock.progress() if uow.lock.is_begun else None
    if begun is None or begun.resealed_at is None:
        return
    resealed_at = begun.resealed_at
    if job_context.backups and not job_context.backups.holds(resealed_at, now):
        if waits_until := job_context.backups.waits_until(now):
            with job_context.repository.for_owner(owner) as uow:
                uow.jobs.finish_lock_at(waits_until)
                uow.commit()
            return
        job_context.publish_erasures(now)
        # It may have waited for the backup of another lock, which then serves this one too.
        backups, clock = job_context.backups, job_context.clock
        recipient, is_held = job_context.backup_recipient, lambda: backups.holds(resealed_at, clock())
        backups.create(recipient, clock, logger.debug, unless=is_held)
    with job_context.repository.for_owner(owner) as uow:
        uow.lock.hold()
        if not uow.lock.is_begun:
            return
        if uow.lock.progress().key_id == begun.key_id:
            uow.lock.finish(job_context.clock())
        else:  # turned off and on again since: what that one resealed is in no backup, and nothing else may be queued
            uow.jobs.finish_lock_at(job_context.clock())
        uow.commit()


def rotate_keys(job_context: JobContext, say: Callable[[str], None], *, waits: bool) -> Rotation | None:
    """Rotate the wrapping key if an erasure made that due; return when it rotated and whether it is still due."""
    if job_context.rotation is None:
        return None
    return job_context.rotation.run(job_context.clock(), lambda: tell_backups(job_context), say, waits=waits)
