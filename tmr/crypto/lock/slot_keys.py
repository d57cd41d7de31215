"""The key of a slot, made of what a person holds: Argon2id of a password, HKDF of everything that is random."""

import base64
import re
import unicodedata
from uuid import UUID

import msgspec

from tmr.crypto.address import length_prefixed
from tmr.crypto.aead import derive_key, random_salt, stretch
from tmr.crypto.errors import DecryptionError
from tmr.crypto.lock.slot import PASSWORD, Slot

LEAST_BYTES = 16  # HKDF adds nothing to a secret: what has less than 128 bits can be guessed
MEMORY_KIB, PASSES, LANES = 64 * 1024, 3, 1
MOST_MEMORY_KIB, MOST_PASSES, MOST_LANES = 256 * 1024, 10, 4  # beyond these, a changed row would stop the server
_FORM = re.compile(r"argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$([A-Za-z0-9+/]{22})")


class Stretching(msgspec.Struct, frozen=True):
    """How a password becomes a key: the salt and costs of Argon2id (RFC 9106), stored beside its wraps."""

    salt: bytes
    memory_kib: int = MEMORY_KIB
    passes: int = PASSES
    lanes: int = LANES

    @classmethod
    def new(cls) -> "Stretching":
        """Return today's costs with a random salt."""
        return cls(random_salt())

    @classmethod
    def parse(cls, text: str) -> "Stretching":
        """Read the stored form; raise ``DecryptionError`` for another, and for costs beyond what a server can bear."""
        match = _FORM.fullmatch(text)
        if match is None:
            raise DecryptionError
        memory, passes, lanes = map(int, match.groups()[:3])
        in_bounds = memory <= MOST_MEMORY_KIB and 1 <= passes <= MOST_PASSES and 1 <= lanes <= MOST_LANES
        if not in_bounds or memory < 8 * lanes:
            raise DecryptionError
        return cls(base64.b64decode(match[4] + "=="), memory, passes, lanes)

    def text(self) -> str:
        """Return the stored form, as PHC strings are written, without a hash."""
        salt = base64.b64encode(self.salt).decode().rstrip("=")
        return f"argon2id$v=19$m={self.memory_kib},t={self.passes},p={self.lanes}${salt}"


def password_key(password: str, stretching: Stretching) -> bytes:
    """Return the key of a password slot. It keeps a core busy for 0.2 s, so the caller waits for its turn."""
    normal = unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
    return stretch(normal, stretching.salt, stretching.memory_kib, stretching.passes, stretching.lanes)


def random_key_of(owner: UUID, slot: Slot, *secrets: bytes) -> bytes:
    """Return the key of a slot of any other kind, bound to its owner, slot and session.

    Raises:
        ValueError: the first secret is shorter than 128 bits, or the slot is for a password.
    """
    if slot.kind == PASSWORD or len(secrets[0]) < LEAST_BYTES:
        raise ValueError("The key of a slot needs a secret of 128 random bits.")
    session = slot.session_id.hex if slot.session_id else ""
    purpose = f"tmr/lock/{slot.kind}/v1/{owner.hex}/{slot.id.hex}/{session}"
    return derive_key(length_prefixed(*secrets), purpose)
