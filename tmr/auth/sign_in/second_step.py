"""The second step of signing in: a code from the authenticator app, a recovery code, or a mailed one."""

from typing import Any

import msgspec
from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from tmr.auth.blueprint import blueprint
from tmr.auth.factors.checking import burn_code
from tmr.auth.lock.opening import opens_by_carried
from tmr.auth.sign_in import pending
from tmr.auth.sign_in.pending import Pending
from tmr.auth.sign_in.steps import complete_sign_in, mail_code
from tmr.auth.sign_up.completion import complete_sign_up, is_confirmed_address, mail_sign_up
from tmr.auth.sign_up.email_address import canonical
from tmr.domain.security_events import FACTOR_REFUSED
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.event_log import note
from tmr.web.return_path import safe_path
from tmr.web.services import now, services
from tmr.web.session.cookies import PENDING, read_cookie
from tmr.web.session.guards import public
from tmr.web.session.throttling import VERIFY_MAIL_BY_ACCOUNT, count

PAGE = "/login/2fa"
OVER = "That took longer than ten minutes, or there were too many tries. Please sign in again."
REFUSED = {
    pending.FACTOR: "That code is wrong or was already used. Wait for the next one, or use a recovery code.",
    pending.MAILED_CODE: "That code is wrong. Use the one in the newest email, or ask for another code.",
    pending.SIGN_UP: "That code is wrong. Use the one in the newest email, or ask for another code.",
}


@blueprint.get(PAGE)
@public
def show_second_step() -> Response:
    """Ask for the code that this browser's sign-in waits for."""
    sign_in = pending.find()
    if sign_in is None:
        return _start_over()
    with sign_in.uow as uow:
        return _render_second_step(uow, sign_in.waiting)


@blueprint.post(PAGE)
@public
def take_second_step() -> Response:
    """Check the code and sign in; a wrong one goes into the account's log."""
    sign_in = pending.find()
    if sign_in is None:
        return _start_over()
    uow, waiting = sign_in
    with uow:
        uow.account.hold()  # before the code and what waits for it are used up, as what ends sign-ins does
        if not _is_right(uow, waiting, request.form.get("code", "")):
            note(uow, FACTOR_REFUSED)
            uow.commit()
            return _answer_wrong_code()
        if not pending.burn(uow):  # of two requests with the same code one signs in
            return _start_over()
        return _complete(uow, waiting)


@blueprint.post(f"{PAGE}/resend")
@public
def resend_code() -> Response:
    """Mail another code; the one before stops working."""
    sign_in = pending.find()
    if sign_in is None or sign_in.waiting.step == pending.FACTOR:
        return _start_over()
    uow, waiting = sign_in
    is_sign_up = waiting.step == pending.SIGN_UP
    with uow:
        email = uow.account.email()
        # Until it is confirmed, each sign-up has a separate account, so the limit counts what goes to the mailbox.
        count(VERIFY_MAIL_BY_ACCOUNT, f"{canonical(email) or email} again" if is_sign_up else str(uow.owner))
    is_taken = is_sign_up and is_confirmed_address(canonical(email) or email)  # needs the connection that ended here
    with services().repository.for_owner(uow.owner) as uow:
        uow.account.hold()  # a change that ends sign-ins comes before this, or ends the new one too
        if not pending.burn(uow):  # it was voided at this moment, or another code is on its way
            return _start_over()
        if is_sign_up:
            mail_sign_up(uow, waiting, is_taken=is_taken)
        else:
            mail_code(uow, msgspec.structs.replace(waiting, opened=[]))  # for the token of before, which is burned
        uow.commit()
    flash("We sent you another code.")
    return redirect(PAGE, 303)


def _is_right(uow: UnitOfWork, waiting: Pending, code: str) -> bool:
    return burn_code(uow, code) if waiting.step == pending.FACTOR else pending.is_right_code(uow, waiting, code)


def _complete(uow: UnitOfWork, waiting: Pending) -> Response:
    next_path = safe_path(waiting.next, url_for("records.home"))
    if waiting.step == pending.SIGN_UP:
        return complete_sign_up(uow, next_path, keep=waiting.keep)
    if waiting.step == pending.MAILED_CODE and uow.account.standing().verified_at is None:
        uow.account.verify(now())
    opens = opens_by_carried(uow, waiting, read_cookie(PENDING))
    return complete_sign_in(uow, next_path, keep=waiting.keep, opens=opens)


def _answer_wrong_code() -> Response:
    sign_in = pending.find()  # found again: too many tries use it up
    if sign_in is None:
        return _start_over()
    with sign_in.uow as uow:
        return _render_second_step(uow, sign_in.waiting, REFUSED[sign_in.waiting.step])


def _render_second_step(uow: UnitOfWork, waiting: Pending, error: str = "") -> Response:
    context: dict[str, Any] = {
        "step": waiting.step,
        "email": uow.account.email(),
        "has_totp": uow.totp.exists(),
        "has_passkey": uow.passkeys.count() > 0,
        "error": error,
    }
    return htmx.render("auth/sign_in/second_step.html", status=422 if error else 200, **context)


def _start_over() -> Response:
    flash(OVER)
    return redirect(url_for("auth.sign_in"), 303)
