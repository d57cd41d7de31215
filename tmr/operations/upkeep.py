"""What an installation does for itself when it is due: purges, rotation of keys, backups, the doctor.

The worker does each on its schedule; ``tmr upkeep`` does all that is due now.
"""

from collections.abc import Callable

from tmr.operations.jobs import tasks as jobs
from tmr.operations.jobs.tasks import Workshop
from tmr.repository.database.installation_facts import Examination, Rotation

Say = Callable[[str], None]


def run_all(workshop: Workshop, say: Say) -> Examination:
    """Do all that is due now, saying what was done; return what the doctor finds then."""
    jobs.forget_what_is_due(workshop)
    say("What is over is removed.")
    jobs.tell_of_orders(workshop)
    say("Whoever had to be told of a legal order is told.")
    say(f"Rotation of the wrapping key: {rotation_in_words(jobs.rotate_keys(workshop, say, waits=False))}.")
    say(BACKED_UP[jobs.back_up_when_due(workshop)] if workshop.backups else "Backups are off.")
    found = workshop.watch.examine(workshop.clock()) if workshop.watch else Examination(workshop.clock(), {}, [])
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
