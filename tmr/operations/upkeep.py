"""What an installation does for itself when it is due: purges, rotation of keys, backups, the doctor.

The worker does each on its schedule; ``tmr upkeep`` does all that is due now.
"""

from collections.abc import Callable, Iterator

from tmr.operations import jobs
from tmr.operations.jobs import Workshop
from tmr.repository.installation import Rotation

Say = Callable[[str], None]


def run_all(workshop: Workshop, say: Say) -> None:
    """Do all that is due now, saying what was done."""
    for what, work in _works(workshop, say):
        say(f"{what}:")
        work()


def _works(workshop: Workshop, say: Say) -> Iterator[tuple[str, Callable[[], None]]]:
    yield "what is over is removed", lambda: jobs.forget_what_is_due(workshop)
    yield "notices of legal orders", lambda: jobs.tell_of_orders(workshop)
    yield "rotation of the wrapping key", lambda: say(rotation_in_words(jobs.rotate_keys(workshop, say, waits=False)))
    yield "backups", lambda: jobs.back_up_when_due(workshop)
    yield "doctor", lambda: say(_examined(workshop))


def _examined(workshop: Workshop) -> str:
    if workshop.watch is None:
        return "not here"
    found = workshop.watch.examine(workshop.clock())
    counts = ", ".join(f"{count} {state}" for state, count in sorted(found.counts.items()))
    return f"{counts}{'; broken: ' + ', '.join(found.broken) if found.broken else ''}"


def rotation_in_words(rotation: Rotation | None) -> str:
    """Say how the rotation stands, and what to do where it waits for somebody."""
    if rotation is None or rotation.due_since is None:
        last = rotation.last_at if rotation else None
        return f"not due; rotated last at {last:%Y-%m-%d %H:%M} UTC" if last else "not due; nothing was erased yet"
    since = f"due since {rotation.due_since:%Y-%m-%d %H:%M} UTC"
    if not rotation.reason:
        return f"{since}; what still uses an earlier key is wrapped anew at the next run"
    return (
        f"{since}, and not done by itself: {rotation.reason}. Run `tmr keys add`, `tmr keys rewrap` and "
        "`tmr keys retire ID` for each earlier key, and bring the keyring to every machine."
    )
