"""A recovery code that was just shown and has to be typed back: until then it opens nothing."""

import datetime as dt
from typing import Any

import msgspec
from werkzeug.wrappers import Response

from tmr.auth.lock.page import show_lock
from tmr.repository.errors import DecryptionError
from tmr.repository.lock.codes import Held, new_recovery_code
from tmr.repository.lock.kept_slots import KeptSlot, SlotKeys
from tmr.repository.lock.passwords import Opening
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.services import now
from tmr.web.session.cookies import LOCKING, drop_cookie, read_cookie, set_cookie

PURPOSE = "recovery code of the lock"
LASTS = dt.timedelta(hours=1)
MAX_TRIES = 20


def show_code(uow: UnitOfWork, opening: Opening | None = None, kept: KeptSlot | None = None) -> Response:
    """Show a new code, once, and ask for it; with ``opening`` typing it back seals the records under a new key.

    What the password or the passkey opens waits for the code and for this browser's cookie: the database holds neither.
    """
    uow.hold_account()  # a password that was changed meanwhile ends what is kept for the one before
    code = new_recovery_code()
    uow.tokens.remove(PURPOSE)  # only the newest code counts
    token = uow.tokens.add(PURPOSE, None, LASTS, now())
    held = uow.lock_codes.hold(code, token, opening, kept.stretching if kept else None)
    renews = opening is not None and uow.lock.is_on
    uow.tokens.replace_payload(token, msgspec.structs.replace(held, renews=renews))
    set_cookie(LOCKING, token, int(LASTS.total_seconds()))
    response = show_lock(uow, shown_code=code, is_typing=True, renews=renews)
    uow.commit()
    return response


def ask_again(uow: UnitOfWork, error: str, **more: Any) -> Response:
    """Ask for the code once more; it is not shown again."""
    return show_lock(uow, status=422, errors={"recovery_code": error}, is_typing=True, **more)


def find_held(uow: UnitOfWork) -> Held | None:
    """Return what waits for a code to be typed back in this browser, or None: it was not begun, or too long ago."""
    token = read_cookie(LOCKING)
    return uow.tokens.find(token, PURPOSE, Held, now()) if token else None


def released(uow: UnitOfWork, held: Held, code: str) -> SlotKeys | None:
    """Return the slots that wait, if this is the code that was shown; None if not, or after too many tries."""
    token = read_cookie(LOCKING)
    if not uow.tokens.count_try(token, MAX_TRIES):
        return None
    try:
        return uow.lock_codes.release(held, code, token)
    except DecryptionError:
        return None


def forget_held(uow: UnitOfWork) -> None:
    """Let nothing wait any more."""
    uow.tokens.remove(PURPOSE)
    drop_cookie(LOCKING)
