"""Secrets that are random already, their hashes, and codes that people read aloud."""

import hashlib
import secrets

_ALPHABET = "abcdefghjkmnpqrstuvwxyz123456789"  # no i, l, o, 0: read aloud without mistakes


def new_code(size: int) -> str:
    """Return ``size`` random bytes (a multiple of five) in groups of four letters."""
    number = int.from_bytes(secrets.token_bytes(size), "big")
    letters = [_ALPHABET[(number >> shift) & 31] for shift in range(0, size * 8, 5)]
    return "-".join("".join(letters[start : start + 4]) for start in range(0, len(letters), 4))


def plain_code(code: str) -> str:
    """Return a code as it is hashed, however it was typed: without case, spaces and hyphens."""
    return "".join(char for char in code.lower() if char.isalnum())


def new_token() -> str:
    """Return a 256-bit random token in URL-safe text, 43 characters."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    """Return the SHA-256 of a random token, 32 bytes: all that the database keeps of it."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
