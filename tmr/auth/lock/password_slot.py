"""The password of locked records, when the sign-in password changes: one transaction changes both."""

from collections.abc import Callable

from tmr.auth.passwords.hashing import opening_in_turn
from tmr.repository.lock.kept_slots import KeptSlot, SlotKey, password_slot
from tmr.repository.lock.passwords import Opening, new_password_slot
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.services import now
from tmr.web.session.current import unit_of_work, without_connection

STILL_LOCKED = (
    "Your records still unlock with the password from before, or with your recovery code. Unlock them, then set your "
    "new password in Settings, Privacy, Lock."
)
RENEW_KEY = (
    "If someone else knew the one before and may have had a copy of this server, they may know their key as well: seal "
    "your records under a new one in Settings, Privacy, Lock."
)


def opens_by_password(uow: UnitOfWork) -> bool:
    """Whether a password opens locked records: not those that were locked with a passkey alone."""
    return uow.lock.is_on and password_slot(uow.lock.slots()) is not None


def rewriting_of_slot(current: str, new: str) -> Callable[[UnitOfWork], bool]:
    """Return what lets a new password open the records in place of the one before, as part of the change.

    That one returns False where it can't be done, and the slot of before stays: the records are closed in this session,
    and the current password does not open them, since it was reset by mail.
    """
    uow = unit_of_work()
    kept = None if uow.lock.is_open else password_slot(uow.lock.slots())
    slot = new_password_slot(now())
    old, opening = without_connection(lambda: (_opening(kept, current), opening_in_turn(slot, new)))

    def rewrite(uow: UnitOfWork) -> bool:
        if not uow.lock.is_open:
            if old is None or not uow.lock.is_right(old.slot, old.key):
                return False
            uow.lock.open_here(old.slot, old.key)
        uow.lock.replace(opening.slot, SlotKey(opening.key, slot.stretching), now())
        return True

    return rewrite


def _opening(kept: KeptSlot | None, password: str) -> Opening | None:
    return opening_in_turn(kept, password) if kept else None
