"""AES-256-GCM with a random nonce in front, and how keys are derived; the only module that imports a cipher."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tmr.crypto.errors import DecryptionError

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
SALT_BYTES = 16
FORMAT = b"\x01"
OVERHEAD_BYTES = len(FORMAT) + NONCE_BYTES + TAG_BYTES


def random_key() -> bytes:
    """Return 32 random bytes from the operating system."""
    return os.urandom(KEY_BYTES)


def derive_key(key: bytes, purpose: str) -> bytes:
    """Return a 32-byte key for ``purpose`` by HKDF-SHA256 (RFC 5869), without salt."""
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose.encode()).derive(key)


def random_salt() -> bytes:
    """Return 16 random bytes from the operating system."""
    return os.urandom(SALT_BYTES)


def stretch(password: bytes, salt: bytes, memory_kib: int, passes: int, lanes: int) -> bytes:
    """Return a 32-byte key from a password by Argon2id (RFC 9106), which takes time and memory on purpose."""
    argon2 = Argon2id(salt=salt, length=KEY_BYTES, iterations=passes, lanes=lanes, memory_cost=memory_kib)
    return argon2.derive(password)


class Cipher:
    """AES-256-GCM (NIST SP 800-38D) under one key.

    A sealed value is ``format 1 ‖ nonce 12 ‖ ciphertext ‖ tag 16``.
    """

    __slots__ = ("_gcm",)

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError("A key has 32 bytes.")
        self._gcm = AESGCM(key)

    def __repr__(self) -> str:
        return "Cipher(…)"

    def seal(self, plaintext: bytes, aad: bytes) -> bytes:
        """Return the sealed value, bound to ``aad``."""
        nonce = os.urandom(NONCE_BYTES)
        return FORMAT + nonce + self._gcm.encrypt(nonce, plaintext, aad)

    def unseal(self, sealed: bytes, aad: bytes) -> bytes:
        """Return the plaintext, or raise ``DecryptionError`` without saying why."""
        if sealed[:1] != FORMAT:
            raise DecryptionError
        try:
            return self._gcm.decrypt(sealed[1:13], sealed[13:], aad)
        except (InvalidTag, ValueError) as error:
            raise DecryptionError from error
