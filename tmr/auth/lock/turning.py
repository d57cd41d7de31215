"""Locking the records of an account step by step, and unlocking them for good."""

from flask import abort, flash, redirect, request
from werkzeug.wrappers import Response

from tmr.auth.blueprint import blueprint
from tmr.auth.lock.opening import idle_of, stop_beginning_again_for
from tmr.auth.lock.page import PAGE, has_backups, show_lock
from tmr.auth.lock.strength import refusal_of
from tmr.auth.lock.typed_back import ask_again, find_held, forget_held, released, show_code
from tmr.auth.passwords.hashing import opening_in_turn
from tmr.auth.passwords.passphrase import new_passphrase
from tmr.auth.revocation import Event, revoke
from tmr.domain.security_events import LOCK_CODE_RENEWED, LOCK_KEY_RENEWED, LOCK_OFF, LOCK_ON, LOCK_PASSWORD_SET
from tmr.repository.errors import LockedError
from tmr.repository.keys.owner_keys import SessionSecret
from tmr.repository.lock.kept_slots import SlotKey, SlotKeys, password_slot
from tmr.repository.lock.passwords import Opening, new_password_slot
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.event_log import note, note_refused_confirmation
from tmr.web.services import now, services
from tmr.web.session.current import device_token, give_new_secret, unit_of_work, without_connection
from tmr.web.session.guards import confirmation_required, sign_in_required
from tmr.web.session.throttling import LOCK_CHANGE_BY_ACCOUNT, count, count_confirmation

BATCHES = 10  # in one request: some 2,000 records, or 20 MB of files
WRONG = "That is not your password. Nothing was changed."
NO_PASSWORD = "Set a password first: it is what will unlock your records."  # noqa: S105 - a message
WRONG_CODE = "That is not the code that was shown. Check it letter by letter, or start again with a new one."
EXPIRED = "The code has expired before it was typed back. Nothing was changed. Start again with a new one."
BUSY = "An import or an export of yours is still under way. Wait until it is done, then type the code again."
LOCKED = "Your records are locked."
UNLOCKED = "Your records are no longer locked: this server can open them again whenever it runs."
NEW_CODE = "Your new recovery code works, the one before no longer does. Other browsers have to unlock again."
PASSWORD_SET = "Your password unlocks your records. Other browsers have to unlock again."  # noqa: S105 - a message


@blueprint.get(PAGE)
@sign_in_required
def show_lock_page() -> Response:
    """Show what the lock would change, or how far it is."""
    return show_lock(unit_of_work())


@blueprint.post(PAGE)
@confirmation_required(PAGE)
def begin_lock() -> Response:
    """Check the password, and show the recovery code; nothing is locked before that was typed back."""
    if unit_of_work().lock.is_on:
        return redirect(PAGE, 303)
    password = request.form.get("password", "")
    if refused := _refused_password(password):
        return refused
    kept = new_password_slot(now())
    opening = without_connection(lambda: opening_in_turn(kept, password))
    return show_code(unit_of_work(), opening, kept)


@blueprint.post(f"{PAGE}/confirm")
@confirmation_required(PAGE)
def confirm_lock() -> Response:
    """Take the code that was typed back: begin to lock the records, or let it take the place of the one before."""
    uow = unit_of_work()
    uow.hold_account()  # before the row of the code, as all that ends ways in; an unlock under way comes before this
    held = find_held(uow)
    if held is None or (held.renews or held.password is None) != uow.lock.is_on:
        if not uow.lock.is_begun:  # else it was pressed twice
            flash(EXPIRED)
        return redirect(PAGE, 303)
    slots = released(uow, held, request.form.get("recovery_code", ""))
    if slots is None:
        response = ask_again(uow, WRONG_CODE, renews=held.renews)
        uow.commit()
        return response
    if held.passkey_id and not uow.passkeys.is_there(held.passkey_id):  # it was removed meanwhile
        flash(EXPIRED)
        return redirect(PAGE, 303)
    if held.password is not None and uow.is_at_large_work():
        return ask_again(uow, BUSY, renews=held.renews)
    count(LOCK_CHANGE_BY_ACCOUNT, str(uow.owner))
    if held.password is None:
        return _renew_code(uow, slots)
    if held.renews:
        check_renewable(by_passkey=held.passkey_id is not None)
    opening = Opening(held.password, slots[held.password].key)
    give_new_secret(lambda uow, session: _seal_anew(uow, session, slots, opening, renews=held.renews))
    return redirect(PAGE, 303)


def _seal_anew(uow: UnitOfWork, session: SessionSecret, slots: SlotKeys, opening: Opening, *, renews: bool) -> None:
    uow.wait_for_writers()  # before the rows of what is revoked: who stores a record renews copies of feeds at its end
    forget_held(uow)
    revoke(uow, Event.LOCK_TURNED_ON, now(), device_token(uow))
    if renews:
        stop_beginning_again_for(uow)
        uow.lock.renew(slots, now())
    else:
        uow.turn_lock_on(slots, now())
    uow.lock.open_for(session, opening.slot, opening.key, now(), idle_of(uow))
    note(uow, LOCK_KEY_RENEWED if renews else LOCK_ON)


def _renew_code(uow: UnitOfWork, slots: SlotKeys) -> Response:
    for slot, slot_key in slots.items():
        uow.lock.replace(slot, slot_key, now())
    uow.lock.close_everywhere(besides=uow.session_id)
    stop_beginning_again_for(uow)
    forget_held(uow)
    note(uow, LOCK_CODE_RENEWED)
    uow.commit()
    flash(NEW_CODE)
    return redirect(PAGE, 303)


@blueprint.post(f"{PAGE}/next")
@sign_in_required
def reseal_next() -> Response:
    """Reseal the next batches, each in a transaction of its own; the page asks for them until nothing is left."""
    for _ in range(BATCHES):
        uow = unit_of_work()
        if not uow.lock.is_begun:
            return htmx.go(PAGE)
        if not uow.lock.reseal(now()):
            return _finish(uow)
        without_connection(lambda: None)  # commits
    return _show_progress(unit_of_work())


def _finish(uow: UnitOfWork) -> Response:
    if has_backups():
        uow.jobs.finish_lock()
        response = _show_progress(uow)
        uow.commit()
        return response
    uow.lock.finish(now())
    uow.commit()
    flash(LOCKED)
    return htmx.go(PAGE)


def _show_progress(uow: UnitOfWork) -> Response:
    if not htmx.is_htmx():
        return redirect(PAGE, 303)
    return htmx.render("auth/lock/index.html", "auth/lock/_progress.html", progress=uow.lock.progress(), is_open=True)


@blueprint.post("/settings/privacy/unlock-for-good")
@confirmation_required(PAGE)
def end_lock() -> Response:
    """Turn the lock off, where the records are open."""
    uow = unit_of_work()
    uow.hold_account()  # before its keys, as unlocking does
    stop_beginning_again_for(uow)
    if not uow.turn_lock_off():
        return redirect(PAGE, 303)
    forget_held(uow)
    note(uow, LOCK_OFF)
    uow.commit()
    flash(UNLOCKED)
    return redirect(PAGE, 303)


@blueprint.post(f"{PAGE}/recovery-code")
@confirmation_required(PAGE)
def make_lock_code() -> Response:
    """Show a new recovery code; the one before works until this one was typed back."""
    return show_code(_opened())


@blueprint.post(f"{PAGE}/key")
@confirmation_required(PAGE)
def renew_lock_key() -> Response:
    """Check the password, and show a new recovery code; once it was typed back everything is sealed under a new key."""
    check_renewable(by_passkey=False)
    password = request.form.get("key_password", "")
    if refused := _refused_password(password, "key_password"):
        return refused
    kept = new_password_slot(now())
    opening = without_connection(lambda: opening_in_turn(kept, password))
    check_renewable(by_passkey=False)
    return show_code(unit_of_work(), opening, kept)


def check_renewable(*, by_passkey: bool) -> None:
    """Answer with the page of the lock where no new key can be made this way: a passkey is for records without a
    password.

    Raises:
        LockedError: the records are closed.
    """
    lock = _opened().lock
    if lock.is_begun or by_passkey != (password_slot(lock.slots()) is None):  # the first: one is made just now
        abort(redirect(PAGE, 303))


@blueprint.post(f"{PAGE}/password")
@confirmation_required(PAGE)
def set_lock_password() -> Response:
    """Let the sign-in password open the records, such as after it was reset by mail."""
    _opened()
    password = request.form.get("password", "")
    if refused := _refused_password(password):
        return refused
    new = new_password_slot(now())
    opening = without_connection(lambda: opening_in_turn(new, password))
    uow = _opened()
    count(LOCK_CHANGE_BY_ACCOUNT, str(uow.owner))
    uow.hold_account()
    uow.lock.replace(opening.slot, SlotKey(opening.key, new.stretching), now())
    uow.lock.close_everywhere(besides=uow.session_id)
    stop_beginning_again_for(uow)
    note(uow, LOCK_PASSWORD_SET)
    uow.commit()
    flash(PASSWORD_SET)
    return redirect(PAGE, 303)


def _opened() -> UnitOfWork:
    """Return the unit of work of this request, in which locked records are open."""
    uow = unit_of_work()
    if not uow.lock.is_on:
        abort(404)
    if not uow.lock.is_open:
        raise LockedError
    return uow


def _refused_password(password: str, field: str = "password") -> Response | None:
    """Return the page with what is wrong with this password, if it is not that of the account or could be guessed."""
    uow = unit_of_work()
    count_confirmation(uow)
    stored, email, name = uow.account.password_hash(), uow.account.email(), uow.account.preferences().name
    if stored is None:
        return show_lock(uow, status=422, errors={field: NO_PASSWORD})
    if not without_connection(lambda: services().verify_password(password, stored)):
        note_refused_confirmation()
        return show_lock(unit_of_work(), status=422, errors={field: WRONG})
    if reason := without_connection(lambda: refusal_of(password, email, name)):
        return show_lock(unit_of_work(), status=422, errors={field: reason}, passphrase=new_passphrase())
    return None
