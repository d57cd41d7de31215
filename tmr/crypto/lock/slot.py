"""A slot: one way to open a locked data key, wrapped in two boxes. Bytes in, bytes out.

The inner box is sealed under a key made of what a person holds, the outer one under the keyring. So a thief of the
database has nothing to test guesses on, and the outer box can be renewed without the person.
"""

from uuid import UUID

import msgspec

from tmr.crypto.address import length_prefixed
from tmr.crypto.aead import Cipher
from tmr.crypto.keyring import KeyWrapper

PASSWORD, PRF, RECOVERY, UNLOCK = "password", "prf", "recovery", "unlock"
GRANT, TOKEN, COACH = "grant", "token", "coach"
LASTING = (PASSWORD, PRF, RECOVERY)  # the others go with a session, a grant, a token or a link
PENDING = "pending"  # of a sign-in that waits for its second step; never a row
KINDS = (*LASTING, UNLOCK, GRANT, TOKEN, COACH)
# Never the form of a plain wrap under the keyring: neither box opens as one, nor a plain wrap as a slot.
FORM = b"\x02"
INNER, OUTER = b"inner", b"outer"


class Slot(msgspec.Struct, frozen=True):
    """What opens a key: of which kind, which of them, and for which session if it is for one."""

    kind: str
    id: UUID
    session_id: UUID | None = None


class KeyPlace(msgspec.Struct, frozen=True):
    """Which data key it is: whose, for what, and its number."""

    owner: UUID
    purpose: str
    key_id: int

    def aad(self, box: bytes, slot: Slot) -> bytes:
        """Return the associated data of one box of a slot of this key."""
        number, session = self.key_id.to_bytes(4, "big"), slot.session_id.bytes if slot.session_id else b""
        key = (FORM, box, self.owner.bytes, self.purpose.encode(), number)
        return length_prefixed(*key, slot.kind.encode(), slot.id.bytes, session)


def put_in(keyring: KeyWrapper, place: KeyPlace, slot: Slot, slot_key: bytes, secret: bytes) -> tuple[str, bytes]:
    """Wrap a data key in both boxes; return the id of the wrapping key, and the wrap."""
    inner = Cipher(slot_key).seal(secret, place.aad(INNER, slot))
    return keyring.wrap(inner, place.aad(OUTER, slot))


def take_out(keyring: KeyWrapper, place: KeyPlace, slot: Slot, slot_key: bytes, wrapped: tuple[str, bytes]) -> bytes:
    """Return the data key, or raise ``DecryptionError``: another slot's key, or a box that was changed or moved."""
    inner = keyring.unwrap(*wrapped, place.aad(OUTER, slot))
    return Cipher(slot_key).unseal(inner, place.aad(INNER, slot))


def in_new_outer_box(keyring: KeyWrapper, place: KeyPlace, slot: Slot, wrapped: tuple[str, bytes]) -> tuple[str, bytes]:
    """Put the inner box, unopened, into a new outer one under the keyring's primary key."""
    return keyring.wrap(keyring.unwrap(*wrapped, place.aad(OUTER, slot)), place.aad(OUTER, slot))
