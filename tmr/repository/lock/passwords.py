"""What a typed password makes for its slot."""

import datetime as dt
from uuid import uuid4

import msgspec

from tmr.crypto.lock.slot import PASSWORD, Slot
from tmr.crypto.lock.slot_keys import Stretching, password_key
from tmr.repository.lock.kept_slots import KeptSlot


class Opening(msgspec.Struct, frozen=True):
    """A slot, and a key for it, right or wrong."""

    slot: Slot
    key: bytes

    def __repr__(self) -> str:
        return "Opening(…)"


def new_password_slot(now: dt.datetime) -> KeptSlot:
    """Return a slot for a password that is to open the records, with today's costs and a salt of its own."""
    return KeptSlot(Slot(PASSWORD, uuid4()), now, Stretching.new().text())


def opening_by_password(kept: KeptSlot, password: str) -> Opening:
    """Return the key that ``password`` makes for the slot of a password.

    It takes 64 MiB and a fifth of a second on purpose: the caller waits for its turn.
    """
    return Opening(kept.slot, password_key(password, Stretching.parse(kept.stretching or "")))
