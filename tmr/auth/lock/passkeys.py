"""Passkeys that unlock records: what the browser needs to ask one, letting one in, and ending that."""

from uuid import UUID

from flask import abort, flash, redirect, request
from werkzeug.wrappers import Response

from tmr.auth.blueprint import blueprint
from tmr.auth.factors.ceremony import LET_IN, SECRET_FIELD, UNLOCK, request_options, used_passkey
from tmr.auth.factors.passkeys import PasskeyRefusedError
from tmr.auth.lock.page import PAGE, show_lock
from tmr.auth.lock.turning import check_renewable
from tmr.auth.lock.typed_back import show_code
from tmr.domain.security_events import LOCK_PASSKEY_ADDED, LOCK_PASSKEY_ENDED
from tmr.repository.accounts.passkeys import Passkey
from tmr.repository.errors import DecryptionError
from tmr.repository.lock.kept_slots import SlotKey
from tmr.repository.lock.passkeys import opening_by_passkey, passkey_slots, slot_of_passkey
from tmr.repository.lock.passwords import Opening
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.event_log import note
from tmr.web.services import now
from tmr.web.session.current import unit_of_work
from tmr.web.session.guards import confirmation_required, sign_in_required
from tmr.web.session.throttling import count_confirmation

PASSKEYS = f"{PAGE}/passkeys"
REFUSED = "That passkey was not accepted. Nothing was changed. Try again."
LET_IN_NOW = "This passkey unlocks your records from now on, also when you sign in with it."
ENDED = "This passkey no longer unlocks your records. It still signs you in. Other browsers have to unlock again."


@blueprint.post("/unlock/passkey-options")
@sign_in_required
def offer_unlock() -> Response:
    """Return, as JSON, what the browser needs to ask a passkey that unlocks the records of this account."""
    uow = unit_of_work()
    let_in = passkey_slots(uow.lock.slots())
    return _options(UNLOCK, [passkey for passkey in uow.passkeys.list() if passkey.id in let_in])


@blueprint.post(f"{PASSKEYS}/options")
@confirmation_required(PAGE)
def offer_passkeys() -> Response:
    """Return, as JSON, what the browser needs to ask any passkey of this account, which the lock is to begin with."""
    return _options(LET_IN, unit_of_work().passkeys.list())


@blueprint.post(f"{PASSKEYS}/<uuid:passkey_id>/options")
@confirmation_required(PAGE)
def offer_this_passkey(passkey_id: UUID) -> Response:
    """Return, as JSON, what the browser needs to ask this very passkey."""
    return _options(LET_IN, [passkey for passkey in unit_of_work().passkeys.list() if passkey.id == passkey_id])


@blueprint.post(f"{PASSKEYS}/begin")
@confirmation_required(PAGE)
def begin_lock_with_passkey() -> Response:
    """Show the recovery code, for records that a passkey will unlock and no password; typing it back locks them.

    Where passkeys alone unlock them already, it seals them under a new key.
    """
    uow = unit_of_work()
    if renews := uow.lock.is_on:
        check_renewable(by_passkey=True)
    opening = _opening(uow)
    if opening is None:
        return show_lock(uow, status=422, errors={"key_passkey" if renews else "passkey": REFUSED})
    return show_code(uow, opening)


@blueprint.post(f"{PASSKEYS}/<uuid:passkey_id>")
@confirmation_required(PAGE)
def let_passkey_in(passkey_id: UUID) -> Response:
    """Let a passkey unlock the records, while they are open; it has just signed for that."""
    uow = _locked()
    uow.lock.check_open()
    opening = _opening(uow)
    if opening is None or opening.slot.id != passkey_id:
        return show_lock(uow, status=422, errors={"passkey": REFUSED})
    uow.lock.add(opening.slot, SlotKey(opening.key), now())
    note(uow, LOCK_PASSKEY_ADDED)
    uow.commit()
    flash(LET_IN_NOW)
    return redirect(PAGE, 303)


@blueprint.post(f"{PASSKEYS}/<uuid:passkey_id>/end")
@confirmation_required(PAGE)
def end_passkey(passkey_id: UUID) -> Response:
    """Let a passkey unlock nothing any more, also while the records are closed; it goes on signing in."""
    uow = _locked()
    uow.hold_account()  # an unlock by it that is under way comes before this
    if uow.lock.remove(slot_of_passkey(passkey_id), now()):
        uow.lock.close_everywhere(besides=uow.session_id)
        note(uow, LOCK_PASSKEY_ENDED)
        flash(ENDED)
    uow.commit()
    return redirect(PAGE, 303)


def _opening(uow: UnitOfWork) -> Opening | None:
    """Return the slot of the passkey that signed this request, and the key that it makes; None if it is refused."""
    count_confirmation(uow, "passkey")
    try:
        passkey = used_passkey(uow, LET_IN)
        return opening_by_passkey(uow.owner, passkey.id, request.form.get(SECRET_FIELD, ""))
    except (PasskeyRefusedError, DecryptionError):
        return None


def _locked() -> UnitOfWork:
    uow = unit_of_work()
    if not uow.lock.is_on:
        abort(404)
    return uow


def _options(purpose: str, known: list[Passkey]) -> Response:
    if not known:  # an empty list would let any passkey answer
        abort(404)
    return Response(request_options(purpose, known), mimetype="application/json")
