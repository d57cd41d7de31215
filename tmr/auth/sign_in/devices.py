"""The devices that are signed in: see them, end one, end all others."""

from uuid import UUID

import msgspec
from flask import flash, redirect
from werkzeug.wrappers import Response

from tmr.auth.blueprint import blueprint
from tmr.auth.revocation import Event, revoke
from tmr.auth.sign_in.device_names import coarse_address, device_name
from tmr.auth.sign_in.steps import END_SESSION, SessionToEnd
from tmr.auth.sign_up.mailed_links import open_link, over
from tmr.domain.security_events import SESSION_ENDED, SESSIONS_ENDED
from tmr.repository.accounts.sessions import Session
from tmr.web import htmx
from tmr.web.security_events import note
from tmr.web.services import now
from tmr.web.session.current import device_token, unit_of_work
from tmr.web.session.guards import public, sign_in_required

PAGE = "/settings/sessions"
ENDED_TOO = "Calendar links, support access and links in emails have ended too."


class ShownSession(msgspec.Struct, frozen=True):
    """One line of the list."""

    session: Session
    device: str
    address: str
    is_this: bool


@blueprint.get(PAGE)
@sign_in_required
def list_sessions() -> Response:
    """List the sessions, this one first."""
    with unit_of_work() as uow:
        shown = [_shown(one, uow.session_id) for one in uow.sessions.list(now())]
        uow.commit()
    shown.sort(key=lambda one: not one.is_this)
    return htmx.render("auth/sign_in/sessions.html", sessions=shown)


@blueprint.post(f"{PAGE}/<uuid:session_id>/revoke")
@sign_in_required
def revoke_session(session_id: UUID) -> Response:
    """End one session. No step-up: ending one must never be hindered."""
    with unit_of_work() as uow:
        uow.sessions.remove(session_id)
        revoke(uow, Event.SESSION_ENDED, now(), device_token(uow))  # which browser it was is not known
        note(uow, SESSION_ENDED)
        uow.commit()
    return htmx.saved(PAGE, "layouts/parts/_notice.html", "Device signed out.")


@blueprint.post(f"{PAGE}/revoke-others")
@sign_in_required
def revoke_others() -> Response:
    """End every session but this one."""
    with unit_of_work() as uow:
        count = len(uow.sessions.list(now())) - 1
        revoke(uow, Event.SIGN_OUT_EVERYWHERE, now(), device_token(uow))
        note(uow, SESSIONS_ENDED)
        uow.commit()
    words = "1 other device is" if count == 1 else f"{count} other devices are"
    return htmx.saved(PAGE, "layouts/parts/_notice.html", f"{words} signed out. {ENDED_TOO}")


@blueprint.get("/sessions/end/<token>")
@public
def show_end(token: str) -> Response:
    """Ask for the press of a button: the mailed link alone ends nothing."""
    found = open_link(token, END_SESSION)
    if found is None:
        return over()
    with found[0]:
        return htmx.render("auth/sign_in/end_session.html", token=token)


@blueprint.post("/sessions/end/<token>")
@public
def end_by_mail(token: str) -> Response:
    """End the session that a mail told of."""
    found = open_link(token, END_SESSION)
    if found is None:
        return over()
    with found[0] as uow:
        named = uow.tokens.find(token, END_SESSION, SessionToEnd, now())
        uow.tokens.burn(token, END_SESSION, now())
        if named:
            uow.sessions.remove_if_there(named.session_id)  # it may have ended by itself
            uow.sessions.remove_since(named.began_at or now())
        revoke(uow, Event.SESSION_DISOWNED, now())
        note(uow, SESSION_ENDED)
        uow.commit()
    flash("Device signed out. If it was not yours, set a new password now.")
    return redirect("/forgot", 303)


def _shown(session: Session, current: UUID | None) -> ShownSession:
    device = session.device
    return ShownSession(
        session, device_name(device.user_agent), coarse_address(device.address), is_this=session.id == current
    )
