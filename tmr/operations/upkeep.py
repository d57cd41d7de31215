"""The installation's own upkeep, done when it is due: purges, key rotation, backups, the doctor.

The worker does each on its schedule; ``tmr upkeep`` does all that is due now.
"""

from collections.abc import Callable

from tmr.operations.jobs import backups, housekeeping, mails
from tmr.operations.jobs.context import JobContext
from tmr.repository.database.installation_facts import Examination, Rotation

Say = Callable[[str], None]


def run_all(job_context: JobContext, say: Say) -> Examination:
    """Do all that is due now, saying what was done; return what the doctor finds afterwards."""
    housekeeping.forget_what_is_due(job_context)
    say("Removed what has expired.")
    mails.tell_of_orders(job_context)
    say("Told the owners of legal orders whose date has come.")
    say(f"Rotation of the wrapping key: {rotation_in_words(backups.rotate_keys(job_context, say, waits=False))}.")
    say(BACKED_UP[backups.back_up_when_due(job_context)] if job_context.backups else "Backups are off.")
    examination = (
        job_context.watch.examine(job_context.clock())
        if job_context.watch
        else Examination(job_context.clock(), {}, [])
    )
    counts = ", ".join(f"{count} {state}" for state, count in sorted(examination.counts.items()))
    say(f"Doctor: {counts}{'; broken: ' + ', '.join(examination.broken) if examination.broken else ''}.")
    return examination


BACKED_UP = {True: "Made a backup.", False: "No backup was due: the newest is less than a day old."}


def rotation_in_words(rotation: Rotation | None) -> str:
    """Say when the key rotated last or since when that is due, and what an operator must do if it waits for them."""
    if rotation is None or rotation.due_since is None:
        last = rotation.last_at if rotation else None
        return f"not due; rotated last at {last:%Y-%m-%d %H:%M} UTC" if last else "not due; nothing was erased yet"
    since = f"due since {rotation.due_since:%Y-%m-%d %H:%M} UTC"
    if not rotation.reason:
        return f"{since}; it will rotate within a day; `tmr upkeep` does it now"
    return (
        f"{since}, and it cannot rotate automatically: {rotation.reason}. Run `tmr keys add`, `tmr keys rewrap` and "
        "`tmr keys retire ID` for each earlier key, and bring the keyring to every machine"
    )
