"""The slots of an account: what each opens the records by, and which of them its owner sees."""

import datetime as dt
from collections.abc import Iterable, Mapping

import msgspec

from tmr.crypto.lock.slot import PASSWORD, RECOVERY, Slot


class SlotKey(msgspec.Struct, frozen=True):
    """The key of a slot, and for a password how it was made of that."""

    key: bytes
    stretching: str | None = None

    def __repr__(self) -> str:
        return "SlotKey(…)"


SlotKeys = Mapping[Slot, SlotKey]


class KeptSlot(msgspec.Struct, frozen=True):
    """A slot as its owner sees it, and how its password is stretched if it is of one."""

    slot: Slot
    made_at: dt.datetime
    stretching: str | None


def password_slot(slots: Iterable[KeptSlot]) -> KeptSlot | None:
    """Return the slot of the sign-in password, if it opens the records."""
    return next((kept for kept in slots if kept.slot.kind == PASSWORD), None)


def recovery_slot(slots: Iterable[KeptSlot]) -> KeptSlot | None:
    """Return the slot of the recovery code, if there is one."""
    return next((kept for kept in slots if kept.slot.kind == RECOVERY), None)
