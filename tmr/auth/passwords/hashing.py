"""bcrypt over a peppered hash: hash, verify, needs_rehash. Pure, no Flask."""

import base64
import hmac
import threading
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

import bcrypt

COST = 12
Pepper = Callable[[bytes, str], bytes]  # of a message, under the pepper of that id

# bcrypt holds a core for a quarter of a second; more at once would starve every other page of this process. Those
# who wait hold a thread each, so that there are fewer places than threads: somebody who only reads always finds one.
LONGEST_TYPED = 4_096  # what has 1,024 characters in NFC may be typed with a few more; NFC takes time with the square
WAITING_PLACES = 100
SITE_PLACES = 20  # of those for one site, so that it takes several to keep everybody else from signing in
_one_at_a_time = threading.BoundedSemaphore(1)
_waiting_room = threading.BoundedSemaphore(WAITING_PLACES)
_site = ContextVar("site", default="")
_waiting_of_site: Counter[str] = Counter()
_counting = threading.Lock()


class CrowdError(Exception):
    """So many people sign in at this moment that one more would have to wait too long."""


def hash_password(password: str, pepper_id: str, pepper: Pepper) -> str:
    """Return ``pepper id$bcrypt hash``.

    The hashed text is base64(HMAC-SHA-256(pepper, NFC(password))): bcrypt stops at 72 bytes and at NUL, this does not.

    Raises:
        CrowdError: too many wait for their turn.
    """
    with turn():
        hashed = bcrypt.hashpw(_peppered(password, pepper_id, pepper), bcrypt.gensalt(COST))
    return pepper_id + hashed.decode()


def verify_password(password: str, stored: str | None, pepper_ids: Sequence[str], pepper: Pepper) -> bool:
    """Whether ``password`` is the one behind ``stored``; without one, as much work is done and the answer is no.

    ``pepper_ids`` are those that a hash may have been made with, the newest first.

    Raises:
        CrowdError: too many wait for their turn.
    """
    password = password if len(password) <= LONGEST_TYPED else ""
    known_id, _, rest = (stored or "").partition("$")
    is_known = bool(rest) and known_id in pepper_ids
    target = f"${rest}" if is_known else _DUMMY
    with turn():
        found = bcrypt.hashpw(_peppered(password, known_id if is_known else pepper_ids[0], pepper), target.encode())
    return hmac.compare_digest(found, target.encode()) and is_known


def needs_rehash(stored: str, pepper_id: str) -> bool:
    """Whether ``stored`` was made at a lower cost than today's, or with an earlier pepper."""
    return int(stored.split("$")[2]) < COST or stored.partition("$")[0] != pepper_id


def ask_from(site: str) -> None:
    """Let what this thread hashes from now on count as asked for by ``site``; an empty one has no share of its own."""
    _site.set(site)


@contextmanager
def turn() -> Iterator[None]:
    """Take a turn at work that holds a core for long, one at a time in this process.

    Raises:
        CrowdError: too many wait for theirs, or too many of the site that asks.
    """
    with _place_of(_site.get()):
        if not _waiting_room.acquire(blocking=False):
            raise CrowdError
        try:
            with _one_at_a_time:
                yield
        finally:
            _waiting_room.release()


@contextmanager
def _place_of(site: str) -> Iterator[None]:
    with _counting:
        if site and _waiting_of_site[site] >= SITE_PLACES:
            raise CrowdError
        _waiting_of_site[site] += 1
    try:
        yield
    finally:
        with _counting:
            _waiting_of_site[site] -= 1
            if not _waiting_of_site[site]:
                del _waiting_of_site[site]


def _peppered(password: str, pepper_id: str, pepper: Pepper) -> bytes:
    normal = unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
    return base64.b64encode(pepper(normal, pepper_id))


_DUMMY = bcrypt.hashpw(b"no account has this", bcrypt.gensalt(COST)).decode()
