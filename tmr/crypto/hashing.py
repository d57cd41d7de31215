"""Hashes for secrets that are random already: tokens and urls."""

import hashlib
import secrets


def new_token() -> str:
    """Return a 256-bit random token in URL-safe text, 43 characters."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    """Return the SHA-256 of a random token, 32 bytes: all that the database keeps of it."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
