"""Hashing passwords with bcrypt over a peppered hash, one at a time in each process. Pure, no Flask."""

import base64
import hmac
import threading
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

import bcrypt

from tmr.repository.lock.kept_slots import KeptSlot
from tmr.repository.lock.passwords import Opening, opening_by_password
from tmr.web.monitoring.admission import aside, is_fair

COST = 12
Pepper = Callable[[bytes, str], bytes]  # of a message, under the pepper of that id

LONGEST_TYPED = 4_096  # 1,024 characters of NFC can be typed as more; normalising takes time with the square of them
# bcrypt keeps a core busy for a quarter of a second; several at once would starve every other page of this process.
# Each request that waits holds a thread, so there are fewer places than threads: people who only read always get one.
WAITING_PLACES = 100
SITE_PLACES = 20  # of those for one site, so that one site alone cannot keep everyone else from signing in
_one_at_a_time = threading.BoundedSemaphore(1)
_waiting_room = threading.BoundedSemaphore(WAITING_PLACES)
_site = ContextVar("site", default="")
_waiting_of_site: Counter[str] = Counter()
_counting = threading.Lock()


class CrowdError(Exception):
    """So many people are signing in that one more would have to wait too long."""


def hash_password(password: str, pepper_id: str, pepper: Pepper) -> str:
    """Return ``pepper id$bcrypt hash``.

    What is hashed is base64(HMAC-SHA-256(pepper, NFC(password))): bcrypt alone would stop at 72 bytes and at NUL.

    Raises:
        CrowdError: too many requests wait for their turn.
    """
    with turn():
        hashed = bcrypt.hashpw(_peppered(password, pepper_id, pepper), bcrypt.gensalt(COST))
    return pepper_id + hashed.decode()


def verify_password(password: str, stored: str | None, pepper_ids: Sequence[str], pepper: Pepper) -> bool:
    """Whether ``password`` is the one behind ``stored``; without a stored hash, the same work is done for a no.

    ``pepper_ids`` are those that a hash may have been made with, newest first.

    Raises:
        CrowdError: too many requests wait for their turn.
    """
    password = password if len(password) <= LONGEST_TYPED else ""  # too long for any account: not worth normalising
    known_id, _, rest = (stored or "").partition("$")
    is_known = bool(rest) and known_id in pepper_ids
    target = f"${rest}" if is_known else _DUMMY
    with turn():
        hashed = bcrypt.hashpw(_peppered(password, known_id if is_known else pepper_ids[0], pepper), target.encode())
    return hmac.compare_digest(hashed, target.encode()) and is_known


def needs_rehash(stored: str, pepper_id: str) -> bool:
    """Whether ``stored`` was made at a lower cost than today's, or with an earlier pepper."""
    return int(stored.split("$")[2]) < COST or stored.partition("$")[0] != pepper_id


def ask_from(site: str) -> None:
    """Count what this thread hashes from now on towards the share of ``site``; an empty site has no limit."""
    _site.set(site)


@contextmanager
def turn() -> Iterator[None]:
    """Wait for a turn at work that keeps a core busy; one thread of this process works at a time.

    Raises:
        CrowdError: too many wait already, or too many from the site that asks.
    """
    with _place_of(_site.get()):
        if not _waiting_room.acquire(blocking=False):
            raise CrowdError
        try:
            with aside():
                _one_at_a_time.acquire()
            try:
                yield
            finally:
                _one_at_a_time.release()
        finally:
            _waiting_room.release()


@contextmanager
def _place_of(site: str) -> Iterator[None]:
    """Take one of the places of ``site``, or raise ``CrowdError``."""
    with _counting:
        left = WAITING_PLACES - _waiting_of_site.total()
        if site and not is_fair(_waiting_of_site[site], left, SITE_PLACES):
            raise CrowdError
        _waiting_of_site[site] += 1
    try:
        yield
    finally:
        with _counting:
            _waiting_of_site[site] -= 1
            if not _waiting_of_site[site]:  # or the counter would grow with every address ever seen
                del _waiting_of_site[site]


def _peppered(password: str, pepper_id: str, pepper: Pepper) -> bytes:
    normal = unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
    return base64.b64encode(pepper(normal, pepper_id))


# Compared with when there is no stored hash, so that the answer takes as long. Nobody's: its salt and digest are zeros.
_DUMMY = f"$2b${COST:02}${'.' * 53}"


def opening_in_turn(kept: KeptSlot, password: str) -> Opening:
    """Return what ``password`` makes for this slot, right or wrong; it takes its turn, as hashing does.

    Raises:
        CrowdError: too many requests wait for theirs.
    """
    typed = password if len(password) <= LONGEST_TYPED else ""
    with turn():
        return opening_by_password(kept, typed)
