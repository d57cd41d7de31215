"""The installation's own upkeep, done when it is due: purges, key rotation, backups, the doctor.

The worker does each on its schedule; ``tmr upkeep`` does all that is due now.
"""

from collections.abc import Callable

from tmr.operations.jobs import backups, housekeeping, mails
from tmr.operations.jobs.attempts import SomeFailedError
from tmr.operations.jobs.context import JobContext
from tmr.operations.key_rotation import rotation_in_words
from tmr.repository.database.installation_facts import Examination

Say = Callable[[str], None]


def run_all(job_context: JobContext, say: Say) -> Examination:
    """Do all that is due now, saying what was done; return what the doctor finds afterwards.

    Raises:
        SomeFailedError: something failed for some accounts, and all the rest is done.
    """
    failed = _errors_of(housekeeping.forget_what_is_due, job_context, say, "Removed what has expired.")
    failed += _errors_of(housekeeping.settle, job_context, say, "Moved what earlier releases sealed under other keys.")
    failed += _errors_of(mails.tell_of_orders, job_context, say, "Told the owners of legal orders whose date has come.")
    say(f"Rotation of the wrapping key: {rotation_in_words(backups.rotate_keys(job_context, say, waits=False))}.")
    is_made = backups.back_up_when_due(job_context)
    say(BACKED_UP[is_made] if job_context.backups else "Backups are off.")
    for words in job_context.other_targets.unreached() if job_context.other_targets else []:
        say(words)
    examination = (
        job_context.watch.examine(job_context.clock())
        if job_context.watch
        else Examination(job_context.clock(), {}, [])
    )
    counts = ", ".join(f"{count} {state}" for state, count in sorted(examination.counts.items()))
    say(f"Doctor: {counts}{'; broken: ' + ', '.join(examination.broken) if examination.broken else ''}.")
    if failed:
        raise SomeFailedError("; ".join(map(str, failed)))
    return examination


def _errors_of(
    work: Callable[[JobContext], None], job_context: JobContext, say: Say, words: str
) -> list[SomeFailedError]:
    try:
        work(job_context)
    except SomeFailedError as error:
        return [error]
    say(words)
    return []


BACKED_UP = {True: "Made a backup.", False: "No backup was due: the newest is less than a day old."}
