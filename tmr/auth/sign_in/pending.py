"""A pending sign-in: the first step is done and the second is missing. It is not a session."""

import datetime as dt
import hashlib
import hmac
import secrets
from typing import NamedTuple

import msgspec

from tmr.repository.lock.records_lock import Carried
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.services import now, services
from tmr.web.session.cookies import PENDING, drop_cookie, read_cookie, set_cookie

PURPOSE = "pending sign-in"
LASTS = dt.timedelta(minutes=10)
MAX_TRIES = 5
FACTOR, MAILED_CODE, SIGN_UP = "factor", "mailed code", "sign-up"


class Pending(msgspec.Struct):
    """Which step a sign-in waits for, and how it goes on after that; sealed under the account's key.

    ``opened`` holds the keys of locked records, for the browser whose cookie has the token of this sign-in. So does
    ``next_box``: where it goes on to may say what is searched for. ``next`` is empty as long as it is kept.
    """

    step: str
    next: str
    keep: bool = False
    code_hash: bytes = b""
    opened: Carried = []
    next_box: bytes = b""


class PendingSignIn(NamedTuple):
    """The sign-in that this browser waits for, with a unit of work of its account; the caller closes that."""

    uow: UnitOfWork
    waiting: Pending


def begin(uow: UnitOfWork, pending: Pending) -> str:
    """Let this browser wait for the second step of this account; return the token that its cookie will hold."""
    token = uow.tokens.add(PURPOSE, None, LASTS, now())
    keep(uow, token, pending)
    set_cookie(PENDING, token, int(LASTS.total_seconds()))
    return token


def keep(uow: UnitOfWork, token: str, pending: Pending) -> None:
    """Keep what this sign-in waits for in place of what it waited for before."""
    box = uow.tokens.box(token, pending.next)
    uow.tokens.replace_payload(token, msgspec.structs.replace(pending, next="", next_box=box))


def new_code(uow: UnitOfWork, token: str, pending: Pending) -> str:
    """Return a new code of eight digits, which works only together with this browser's cookie."""
    code = f"{secrets.randbelow(10**8):08d}"
    keep(uow, token, msgspec.structs.replace(pending, code_hash=_hash(token, code)))
    return code


def find() -> PendingSignIn | None:
    """Return the pending sign-in of this browser; None if there is none, it has expired, or the account is disabled."""
    token = read_cookie(PENDING)
    owner = services().repository.find_by_token(token) if token else None
    if owner is None:
        return None
    uow = services().repository.for_owner(owner)
    pending = uow.tokens.find(token, PURPOSE, Pending, now())
    if pending is None or uow.account.standing().disabled_at:
        uow.close()
        return None
    if pending.next_box:  # else a release from before this one began it
        pending.next = uow.tokens.open_box(token, pending.next_box)
    return PendingSignIn(uow, pending)


def is_right_code(uow: UnitOfWork, pending: Pending, code: str) -> bool:
    """Whether ``code`` is the mailed one; a pending sign-in has five tries, whichever network they come from."""
    typed = "".join(char for char in code if char.isascii() and char.isalnum())
    # Counted before the comparison, in one update: tries sent at the same time cannot share a count.
    if not uow.tokens.count_try(read_cookie(PENDING), MAX_TRIES):
        burn(uow)
        return False
    return hmac.compare_digest(pending.code_hash, _hash(read_cookie(PENDING), typed))


def burn(uow: UnitOfWork) -> bool:
    """Use the pending sign-in up; False if another request has just done that."""
    drop_cookie(PENDING)
    return uow.tokens.burn(read_cookie(PENDING), PURPOSE, now())


def forget() -> None:
    """Drop this browser's cookie of a pending sign-in; the sign-in itself is left to expire."""
    if read_cookie(PENDING):
        drop_cookie(PENDING)


def _hash(token: str, code: str) -> bytes:
    # Only the browser has the token, so a copy of the database is not enough to guess the code.
    return hashlib.sha256(f"{token}\0{code}".encode()).digest()
