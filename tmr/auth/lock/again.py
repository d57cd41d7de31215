"""Beginning again where neither the password nor the recovery code opens locked records: asked for, and stopped."""

from flask import abort, flash, redirect
from werkzeug.wrappers import Response

from tmr.auth.blueprint import blueprint
from tmr.auth.lock.page import PAGE
from tmr.domain.security_events import BEGINNING_AGAIN, NOT_BEGINNING_AGAIN
from tmr.web.event_log import note
from tmr.web.services import now
from tmr.web.session.current import unit_of_work
from tmr.web.session.guards import confirmation_required, sign_in_required
from tmr.web.session.throttling import LOCK_CHANGE_BY_ACCOUNT, count

BEGUN = "Your records go in seven days, unless you stop it or unlock them."
STOPPED = "Stopped. Your records stay, locked as they are."


@blueprint.post(f"{PAGE}/begin-again")
@confirmation_required(PAGE)
def begin_again() -> Response:
    """Let the records go in a week; where they are open they can be deleted at once."""
    uow = unit_of_work()
    if not uow.lock.is_on:
        abort(404)
    if uow.lock.is_open:
        return redirect("/settings/privacy?erase=data#erase", 303)
    count(LOCK_CHANGE_BY_ACCOUNT, str(uow.owner))
    uow.hold_account()
    if uow.beginning_again.begin(now()):
        note(uow, BEGINNING_AGAIN)
    uow.commit()
    flash(BEGUN)
    return redirect(PAGE, 303)


@blueprint.post(f"{PAGE}/stop-beginning-again")
@sign_in_required
def stop_beginning_again() -> Response:
    """Let the records stay. No confirmation is asked for: this destroys nothing."""
    uow = unit_of_work()
    uow.hold_account()  # before its keys, as unlocking does
    if uow.beginning_again.stop():
        note(uow, NOT_BEGINNING_AGAIN)
        flash(STOPPED)
    uow.commit()
    return redirect(PAGE, 303)
