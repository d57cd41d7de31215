"""What an installation does for itself when it is due: purges, rotation of keys, backups, the doctor.

The worker does each on its schedule; ``tmr upkeep`` does all that is due now.
"""

from collections.abc import Callable

from tmr.operations.jobs import tasks
from tmr.operations.jobs.tasks import JobContext
from tmr.repository.database.installation_facts import Examination, Rotation

Say = Callable[[str], None]


def run_all(job_context: JobContext, say: Say) -> Examination:
    """Do all that is due now, saying what was done; return what the doctor finds then."""
    tasks.forget_what_is_due(job_context)
    say("What is over is removed.")
    tasks.tell_of_orders(job_context)
    say("Whoever had to be told of a legal order is told.")
    say(f"Rotation of the wrapping key: {rotation_in_words(tasks.rotate_keys(job_context, say, waits=False))}.")
    say(BACKED_UP[tasks.back_up_when_due(job_context)] if job_context.backups else "Backups are off.")
    found = (
        job_context.watch.examine(job_context.clock())
        if job_context.watch
        else Examination(job_context.clock(), {}, [])
    )
    counts = ", ".join(f"{count} {state}" for state, count in sorted(found.counts.items()))
    say(f"Doctor: {counts}{'; broken: ' + ', '.join(found.broken) if found.broken else ''}.")
    return found


BACKED_UP = {True: "A backup is made.", False: "No backup was due: the newest is less than a day old."}


def rotation_in_words(rotation: Rotation | None) -> str:
    """Say how the rotation stands, and what to do where it waits for somebody."""
    if rotation is None or rotation.due_since is None:
        last = rotation.last_at if rotation else None
        return f"not due; rotated last at {last:%Y-%m-%d %H:%M} UTC" if last else "not due; nothing was erased yet"
    since = f"due since {rotation.due_since:%Y-%m-%d %H:%M} UTC"
    if not rotation.reason:
        return f"{since}; done by itself within a day, or now by `tmr upkeep`"
    return (
        f"{since}, and not done by itself: {rotation.reason}. Run `tmr keys add`, `tmr keys rewrap` and "
        "`tmr keys retire ID` for each earlier key, and bring the keyring to every machine"
    )
