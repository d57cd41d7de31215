"""The recovery code of locked records, and what waits for it to be typed back."""

from uuid import UUID, uuid4

import msgspec

from tmr.crypto.hashing import new_code, plain_code
from tmr.crypto.lock.slot import PENDING, PRF, RECOVERY, KeyPlace, Slot, put_in, take_out
from tmr.crypto.lock.slot_keys import LEAST_BYTES, random_key_of
from tmr.repository.errors import DecryptionError
from tmr.repository.keys.owner_keys import OwnerKeys
from tmr.repository.lock.kept_slots import SlotKey, SlotKeys
from tmr.repository.lock.passwords import Opening

CODE_BYTES = 20
_HELD = "held"  # the purpose of what is no data key


class Held(msgspec.Struct, frozen=True):
    """What waits for a code to be typed back: the key of another slot, sealed for that code and one browser.

    ``password`` is that slot: of the password, or of a passkey. It is None where only the code is to be another one;
    with ``renews`` the key of the records is, too.
    """

    code_slot: Slot
    box: tuple[str, bytes]
    pending_id: UUID
    password: Slot | None = None
    stretching: str | None = None
    renews: bool = False

    @property
    def passkey_id(self) -> UUID | None:
        """The passkey that the lock is to begin with, if it is to begin with one."""
        return self.password.id if self.password and self.password.kind == PRF else None


class LockCodes:
    """The recovery codes of the owner that a unit of work is bound to: 160 bits, of which nothing is kept."""

    def __init__(self, owner_keys: OwnerKeys) -> None:
        self._owner_keys = owner_keys

    def key(self, slot: Slot, code: str, *more: str) -> bytes:
        """Return the key that ``code`` makes for a slot, with ``more`` that is random too; right or wrong.

        Raises:
            DecryptionError: it is too short to be a code.
        """
        plain = plain_code(code).encode("utf-8", "surrogatepass")
        if len(plain) < LEAST_BYTES:
            raise DecryptionError
        return random_key_of(self._owner_keys.owner, slot, plain, *(each.encode() for each in more))

    def hold(self, code: str, token: str, password: Opening | None = None, stretching: str | None = None) -> Held:
        """Return what opens again by ``code`` and ``token`` together, of which the database holds neither."""
        pending_id = uuid4()
        key = self.key(Slot(PENDING, pending_id), code, token)
        secret = password.key if password else b""
        box = put_in(self._owner_keys.keyring, self._place(), Slot(PENDING, pending_id), key, secret)
        return Held(Slot(RECOVERY, uuid4()), box, pending_id, password.slot if password else None, stretching)

    def release(self, held: Held, code: str, token: str) -> SlotKeys:
        """Return the slots that ``hold`` was about, or raise ``DecryptionError``: it is another code, or browser."""
        pending = Slot(PENDING, held.pending_id)
        secret = take_out(self._owner_keys.keyring, self._place(), pending, self.key(pending, code, token), held.box)
        slots = {held.code_slot: SlotKey(self.key(held.code_slot, code))}
        if held.password:
            slots[held.password] = SlotKey(secret, held.stretching)
        return slots

    def _place(self) -> KeyPlace:
        return KeyPlace(self._owner_keys.owner, _HELD, 0)


def new_recovery_code() -> str:
    """Return a code of 160 bits, in groups of four letters."""
    return new_code(CODE_BYTES)
