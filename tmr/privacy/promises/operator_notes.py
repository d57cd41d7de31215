"""What the operator has left to do, on the privacy page of their own account."""

from tmr.repository.database.installation_facts import KIT_IS_HERE
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.services import now, services


def operator_notes(uow: UnitOfWork) -> list[str]:
    """Return what waits for the operator, if this is their account.

    On an installation for one machine whoever has an account is taken for the operator; elsewhere it is the account
    with the operator's address, once that was confirmed.
    """
    own = services()
    if not own.settings.is_loopback and not _is_operator(uow):
        return []
    standing = own.repository.standing(now())
    notes = []
    if own.is_kit_here():
        notes.append(
            "The private key of the backups is still on this machine, so promise P07 is not kept yet. Run "
            "“tmr recovery-kit --to FILE”, move the file away, and confirm it as its text says."
        )
    if not own.settings.backup_target:
        notes.append("Backups are off: if this machine is lost, everything on it is lost.")
    if standing.rotation and standing.rotation.due_since and standing.rotation.reason:
        notes.append(
            f"The wrapping key should rotate since {standing.rotation.due_since:%Y-%m-%d}, and cannot by itself: "
            f"{standing.rotation.reason}. “tmr keys list” says what to do."
        )
    found = standing.examination.broken if standing.examination else []
    broken = [one for one in found if one != KIT_IS_HERE]  # which has a note of its own
    if broken:
        notes.append(f"The last check found broken promises: {'; '.join(broken)}. Run “tmr doctor”.")
    waiting = own.repository.reports_waiting()
    if waiting:
        notes.append(
            f"{len(waiting)} security report{'s wait' if len(waiting) > 1 else ' waits'} for an answer, the first "
            f"until {min(waiting):%Y-%m-%d %H:%M} UTC. “tmr reports list” names them."
        )
    return notes


def _is_operator(uow: UnitOfWork) -> bool:
    address = services().settings.operator
    is_theirs = bool(address) and uow.account.email().lower() == (address or "").lower()
    return is_theirs and uow.account.standing().verified_at is not None
