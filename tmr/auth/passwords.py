"""bcrypt over a peppered hash: hash, verify, needs_rehash. Pure, no Flask."""

import base64
import hmac
import threading
import unicodedata
from collections.abc import Callable

import bcrypt

COST = 12
Pepper = Callable[[bytes], bytes]

# bcrypt holds a core for a quarter of a second; more at once would starve every other page of this process.
_one_at_a_time = threading.BoundedSemaphore(1)


def hash_password(password: str, pepper_id: str, pepper: Pepper) -> str:
    """Return ``pepper id$bcrypt hash``.

    The hashed text is base64(HMAC-SHA-256(pepper, NFC(password))): bcrypt stops at 72 bytes and at NUL, this does not.
    """
    with _one_at_a_time:
        hashed = bcrypt.hashpw(_peppered(password, pepper), bcrypt.gensalt(COST))
    return pepper_id + hashed.decode()


def verify_password(password: str, stored: str | None, pepper_id: str, pepper: Pepper) -> bool:
    """Whether ``password`` is the one behind ``stored``; without one, as much work is done and the answer is no."""
    known_id, _, rest = (stored or "").partition("$")
    is_known = bool(rest) and known_id == pepper_id
    target = f"${rest}" if is_known else _DUMMY
    with _one_at_a_time:
        found = bcrypt.hashpw(_peppered(password, pepper), target.encode())
    return hmac.compare_digest(found, target.encode()) and is_known


def needs_rehash(stored: str) -> bool:
    """Whether ``stored`` was made at a lower cost than today's."""
    return int(stored.split("$")[2]) < COST


def _peppered(password: str, pepper: Pepper) -> bytes:
    normal = unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
    return base64.b64encode(pepper(normal))


_DUMMY = bcrypt.hashpw(b"no account has this", bcrypt.gensalt(COST)).decode()
