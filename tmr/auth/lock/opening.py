"""Opening locked records by what their owner has: at the sign-in, or in a session that is there already."""

import datetime as dt
from collections.abc import Callable
from functools import partial
from uuid import UUID

import msgspec

from tmr.auth.factors.ceremony import UNLOCK, used_passkey
from tmr.auth.factors.passkeys import PasskeyRefusedError
from tmr.auth.passwords.hashing import CrowdError, opening_in_turn
from tmr.auth.sign_in.pending import Pending
from tmr.domain.security_events import LOCK_CODE_USED, NOT_BEGINNING_AGAIN, RECORDS_OPENED
from tmr.repository.errors import DecryptionError
from tmr.repository.keys.owner_keys import SessionSecret
from tmr.repository.lock.kept_slots import KeptSlot, password_slot, recovery_slot
from tmr.repository.lock.passkeys import opening_by_passkey
from tmr.repository.lock.passwords import Opening
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.event_log import note
from tmr.web.lock.closed_page import CREDENTIAL_FIELD
from tmr.web.services import now, services
from tmr.web.session.current import give_new_secret, unit_of_work, without_connection
from tmr.web.session.throttling import count_unlock

WRONG = "That is not the password that opens your records. If you reset it since, use your recovery code."
WRONG_CODE = "That is not the recovery code of your records."
WRONG_PASSKEY = "That passkey did not unlock your records. Try another, or another way."
NO_PASSWORD = "No password opens your records. Use a passkey, or your recovery code."  # noqa: S105 - a message
BUSY = "The server is very busy. Try again in a few seconds. Nothing was changed or lost."
NO_CODE = "No recovery code opens your records."

IDLE_CHOICES = ((15, "15 minutes"), (30, "30 minutes"), (60, "1 hour"), (240, "4 hours"), (720, "12 hours"))

Opens = Callable[[SessionSecret], None]


def opening_at_sign_in(owner: UUID, password: str) -> Opening | None:
    """Return what opens the locked records of an account whose password is right; None if the lock is off."""
    with services().repository.for_owner(owner) as uow:
        kept = password_slot(uow.lock.slots()) if uow.lock.is_on else None
    return opening_in_turn(kept, password) if kept else None


def opens_by_passkey(uow: UnitOfWork, passkey_id: UUID, secret: str) -> Opens | None:
    """Return how a session that begins in ``uow`` opens the records, if this passkey has a slot and it is its secret.

    Its signature was checked before.
    """
    if not secret or not uow.lock.is_on:
        return None
    try:
        return opens_by(uow, opening_by_passkey(uow.owner, passkey_id, secret))
    except DecryptionError:
        return None


def opens_by(uow: UnitOfWork, opening: Opening | None) -> Opens | None:
    """Return how a session that begins in ``uow`` opens the records, if ``opening`` is right.

    It is not if the password was reset by mail since: that gives the account back, and not the records.
    """
    if opening is None or not uow.lock.is_right(opening.slot, opening.key):
        return None
    return partial(_open, uow, opening)


def _open(uow: UnitOfWork, opening: Opening, session: SessionSecret) -> None:
    uow.lock.open_for(session, opening.slot, opening.key, now(), idle_of(uow))
    _do_what_waited(uow)


def idle_of(uow: UnitOfWork) -> dt.timedelta:
    """Return for how long records that are unlocked from now on stay open without a request."""
    return dt.timedelta(minutes=uow.account.preferences().unlock_minutes)


def _do_what_waited(uow: UnitOfWork) -> None:
    """Do what waited for an unlock: move what an earlier release sealed elsewhere, and let go what is to go.

    Own fields that were deleted 30 days ago go for good now, since their values are in records that open only now.
    """
    uow.private.settle()
    uow.own_fields.forget_old_unless_busy(now())
    stop_beginning_again_for(uow)


def stop_beginning_again_for(uow: UnitOfWork) -> None:
    """Let the records stay for someone in whose browser they are open.

    Whoever opens them need not begin again without them, and whoever asked for that did not open them.
    """
    if uow.beginning_again.stop():
        note(uow, NOT_BEGINNING_AGAIN)


def carried_by(uow: UnitOfWork, waiting: Pending, token: str, opening: Opening | None) -> Pending:
    """Return a sign-in that waits for its second step, with what will open the records for the browser with ``token``.

    The password itself is kept nowhere.
    """
    if opening is None or not uow.lock.is_right(opening.slot, opening.key):
        return waiting
    return msgspec.structs.replace(waiting, opened=uow.lock.carried(opening.slot, opening.key, token))


def opens_by_carried(uow: UnitOfWork, waiting: Pending, token: str) -> Opens | None:
    """Return how the session of a sign-in that has waited opens the records, if its first step did."""
    if not waiting.opened:
        return None
    return partial(_open_carried, uow, waiting, token)


def _open_carried(uow: UnitOfWork, waiting: Pending, token: str, session: SessionSecret) -> None:
    try:
        uow.lock.open_carried(session, waiting.opened, token, now(), idle_of(uow))
    except DecryptionError:  # the wrapping key has rotated since, or the lock was changed: the session is there, closed
        return
    _do_what_waited(uow)


def open_here(password: str) -> str:
    """Open the records in this session by its password, under a new secret; return what is wrong, or nothing."""
    uow = unit_of_work()
    if uow.lock.is_open:
        return ""
    count_unlock(uow)
    kept = password_slot(uow.lock.slots())
    if kept is None:
        return NO_PASSWORD
    opening = without_connection(partial(_opening_unless_crowded, kept, password))
    if opening is None:
        return BUSY
    unit_of_work().hold_account()  # what takes this away waits until it is there, or has taken it away by now
    if not unit_of_work().lock.is_right(opening.slot, opening.key):
        return WRONG
    note(unit_of_work(), RECORDS_OPENED)
    give_new_secret(lambda uow, session: _open(uow, opening, session))
    return ""


def _opening_unless_crowded(kept: KeptSlot, password: str) -> Opening | None:
    try:
        return opening_in_turn(kept, password)
    except CrowdError:
        return None


def open_here_by_passkey(secret: str) -> str:
    """Open the records in this session by a passkey that signed for it, as ``open_here`` does by the password."""
    uow = unit_of_work()
    if uow.lock.is_open:
        return ""
    count_unlock(uow)
    try:
        passkey = used_passkey(uow, UNLOCK, CREDENTIAL_FIELD)
        opening = opening_by_passkey(uow.owner, passkey.id, secret)
    except (PasskeyRefusedError, DecryptionError):
        return WRONG_PASSKEY
    uow.hold_account()
    if not uow.lock.is_right(opening.slot, opening.key):
        return WRONG_PASSKEY
    note(uow, RECORDS_OPENED)
    give_new_secret(lambda uow, session: _open(uow, opening, session))
    return ""


def open_here_by_code(code: str) -> str:
    """Open the records in this session by their recovery code, as ``open_here`` does by the password."""
    uow = unit_of_work()
    if uow.lock.is_open:
        return ""
    count_unlock(uow)
    kept = recovery_slot(uow.lock.slots())
    if kept is None:
        return NO_CODE
    try:
        key = uow.lock_codes.key(kept.slot, code)
    except DecryptionError:
        return WRONG_CODE
    uow.hold_account()
    if not uow.lock.is_right(kept.slot, key):
        return WRONG_CODE
    note(uow, LOCK_CODE_USED)
    give_new_secret(lambda uow, session: _open(uow, Opening(kept.slot, key), session))
    return ""
