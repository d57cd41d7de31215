"""What a passkey makes for its slot: the browser derives a secret of the passkey's PRF output, and keeps that itself.

The id of the slot is that of the passkey.
"""

import base64
import binascii
from collections.abc import Iterable
from uuid import UUID

from tmr.crypto.lock.slot import PRF, Slot
from tmr.crypto.lock.slot_keys import random_key_of
from tmr.repository.errors import DecryptionError
from tmr.repository.lock.kept_slots import KeptSlot
from tmr.repository.lock.passwords import Opening

SECRET_BYTES = 32
_LETTERS = 43  # of base64url without padding


def slot_of_passkey(passkey_id: UUID) -> Slot:
    """Return the slot of a passkey, whether or not it was let in."""
    return Slot(PRF, passkey_id)


def opening_by_passkey(owner: UUID, passkey_id: UUID, secret: str) -> Opening:
    """Return the key that ``secret``, as the browser sends it, makes for the slot of a passkey; right or wrong.

    Raises:
        DecryptionError: it has another form than any such secret.
    """
    slot = slot_of_passkey(passkey_id)
    return Opening(slot, random_key_of(owner, slot, bytes_of_secret(secret)))


def passkey_slots(slots: Iterable[KeptSlot]) -> dict[UUID, KeptSlot]:
    """Return the slots of passkeys, by the ids of these."""
    return {kept.slot.id: kept for kept in slots if kept.slot.kind == PRF}


def bytes_of_secret(secret: str) -> bytes:
    """Return what the browser derived, of the text that it sends, or raise ``DecryptionError``: it is none."""
    try:
        parsed = base64.b64decode(f"{secret}=", altchars="-_", validate=True) if len(secret) == _LETTERS else b""
    except (binascii.Error, ValueError) as error:
        raise DecryptionError from error
    if len(parsed) != SECRET_BYTES:
        raise DecryptionError
    return parsed
