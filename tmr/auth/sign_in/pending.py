"""A pending sign-in: the first step was right, a second one is missing. It is not a session."""

import datetime as dt
import hashlib
import hmac
import secrets

import msgspec

from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.services import now, services
from tmr.web.session.cookies import PENDING, drop_cookie, read_cookie, set_cookie

PURPOSE = "pending sign-in"
LASTS = dt.timedelta(minutes=10)
MAX_TRIES = 5
FACTOR, MAILED_CODE, SIGN_UP = "factor", "mailed code", "sign-up"


class Pending(msgspec.Struct):
    """What a sign-in waits for, and how it goes on; sealed under the account's key."""

    step: str
    next: str
    keep: bool = False
    code_hash: bytes = b""


def begin(uow: UnitOfWork, pending: Pending) -> str:
    """Let this browser wait for the second step of this account; return the token its cookie holds."""
    token = uow.tokens.add(PURPOSE, pending, LASTS, now())
    set_cookie(PENDING, token, int(LASTS.total_seconds()))
    return token


def new_code(uow: UnitOfWork, token: str, pending: Pending) -> str:
    """Return a fresh code of eight digits that is good together with the cookie of this browser only."""
    code = f"{secrets.randbelow(10**8):08d}"
    uow.tokens.replace_payload(token, msgspec.structs.replace(pending, code_hash=_hash(token, code)))
    return code


def find() -> tuple[UnitOfWork, Pending] | None:
    """Return the pending sign-in of this browser with a unit of work of its account, or None."""
    token = read_cookie(PENDING)
    owner = services().repository.find_by_token(token) if token else None
    if owner is None:
        return None
    uow = services().repository.for_owner(owner)
    pending = uow.tokens.find(token, PURPOSE, Pending, now())
    if pending is None or uow.account.standing().disabled_at:
        uow.close()
        return None
    return uow, pending


def is_right_code(uow: UnitOfWork, pending: Pending, code: str) -> bool:
    """Whether ``code`` is the mailed one; each pending sign-in has five tries, wherever they come from."""
    typed = "".join(char for char in code if char.isascii() and char.isalnum())
    if not uow.tokens.count_try(read_cookie(PENDING), MAX_TRIES):
        burn(uow)
        return False
    return hmac.compare_digest(pending.code_hash, _hash(read_cookie(PENDING), typed))


def burn(uow: UnitOfWork) -> bool:
    """Use the pending sign-in up; False when somebody else was quicker."""
    drop_cookie(PENDING)
    return uow.tokens.burn(read_cookie(PENDING), PURPOSE, now())


def forget() -> None:
    """Let this browser wait for nothing any more."""
    if read_cookie(PENDING):
        drop_cookie(PENDING)


def _hash(token: str, code: str) -> bytes:
    # The token is in the browser alone, so that nobody can try codes against the database.
    return hashlib.sha256(f"{token}\0{code}".encode()).digest()
