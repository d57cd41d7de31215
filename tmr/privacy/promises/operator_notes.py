"""What the operator still has to do, shown on the privacy page of the operator's account."""

from tmr.repository.database.installation_facts import KIT_IS_HERE
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.services import now, services


def operator_notes(uow: UnitOfWork) -> list[str]:
    """Return what the operator still has to do, if this is the operator's account; else nothing.

    On an installation for one machine, everyone with an account counts as the operator. Elsewhere it is the account
    with the operator's address, once that is confirmed.
    """
    app_services = services()
    settings = app_services.settings
    is_for_one_machine = settings.is_loopback and not settings.is_open_to_others
    if not is_for_one_machine and not _is_operator(uow):
        return []
    standing = app_services.repository.standing(now())
    notes = []
    if app_services.is_kit_here():
        notes.append(
            "The private key of the backups is still on this machine, so promise P07 is not kept yet. Run "
            "“tmr recovery-kit --to FILE”, move the file away, and confirm it as its text says."
        )
    if not app_services.settings.backup_target:
        notes.append("Backups are off: if this machine is lost, everything on it is lost.")
    known = standing.backups.unreached if standing.backups else {}
    notes += [
        f"{place}, where backups went before, could not be reached since {since:%Y-%m-%d %H:%M} UTC: what was erased "
        "since may still be readable there. “tmr upkeep” says what to do."
        for place, since in sorted(known.items())
    ]
    if standing.rotation and standing.rotation.due_since and standing.rotation.reason:
        notes.append(
            f"The wrapping key should rotate since {standing.rotation.due_since:%Y-%m-%d}, and cannot by itself: "
            f"{standing.rotation.reason}. “tmr keys list” says what to do."
        )
    broken = standing.examination.broken if standing.examination else []
    broken = [finding for finding in broken if finding != KIT_IS_HERE]  # the first note says that already
    if broken:
        notes.append(f"The last check found broken promises: {'; '.join(broken)}. Run “tmr doctor”.")
    due_times = app_services.repository.reports_waiting()
    if due_times:
        notes.append(
            f"{len(due_times)} security report{'s wait' if len(due_times) > 1 else ' waits'} for an answer, the first "
            f"until {min(due_times):%Y-%m-%d %H:%M} UTC. “tmr reports list” names them."
        )
    return notes


def _is_operator(uow: UnitOfWork) -> bool:
    address = services().settings.operator
    is_theirs = bool(address) and uow.account.email().lower() == (address or "").lower()
    return is_theirs and uow.account.standing().verified_at is not None
