"""The devices that are signed in: list them, sign one out, sign all others out."""

from uuid import UUID

import msgspec
from flask import flash, redirect
from werkzeug.wrappers import Response

from tmr.auth.blueprint import blueprint
from tmr.auth.lock.opening import IDLE_CHOICES
from tmr.auth.revocation import END_SESSION, LEFT_BEHIND_WORDS, Event, revoke
from tmr.auth.sign_in.device_names import coarse_address, device_name
from tmr.auth.sign_in.steps import SessionToEnd
from tmr.auth.sign_up.mailed_links import answer_expired_link, open_link
from tmr.domain.security_events import SESSION_ENDED, SESSIONS_ENDED
from tmr.repository.accounts.sessions import Session
from tmr.web import htmx
from tmr.web.event_log import note
from tmr.web.services import now
from tmr.web.session.current import device_token, unit_of_work
from tmr.web.session.guards import public, sign_in_required
from tmr.web.session.throttling import SIGN_OUT_BY_SESSION, count

PAGE = "/settings/sessions"
ENDED_TOO = f"{LEFT_BEHIND_WORDS.capitalize()} have ended too, and so have sign-ins and changes of address under way."


class ShownSession(msgspec.Struct, frozen=True):
    """One line of the list, in the words that the page shows."""

    session: Session
    device: str
    address: str
    is_this: bool


@blueprint.get(PAGE)
@sign_in_required
def list_sessions() -> Response:
    """List the account's sessions, the one that asks first."""
    with unit_of_work() as uow:
        shown = [_described(session, uow.session_id) for session in uow.sessions.list(now())]
        idle = uow.account.preferences().unlock_minutes
        uow.commit()
    shown.sort(key=lambda line: not line.is_this)
    choices = [(str(minutes), said) for minutes, said in IDLE_CHOICES]
    return htmx.render(
        "auth/sign_in/sessions.html",
        sessions=shown,
        left_behind=LEFT_BEHIND_WORDS,
        idle=str(idle),
        idle_choices=choices,
    )


@blueprint.post(f"{PAGE}/<uuid:session_id>/revoke")
@sign_in_required
def revoke_session(session_id: UUID) -> Response:
    """End one session. No confirmation is asked for: nothing may keep people from signing a device out."""
    with unit_of_work() as uow:
        uow.account.hold()  # before the row of the session, as everything that ends ways in
        uow.sessions.remove(session_id)
        revoke(uow, Event.SESSION_ENDED, now(), device_token(uow))  # which token its browser holds is not known
        note(uow, SESSION_ENDED)
        uow.commit()
    return htmx.saved(PAGE, "layouts/parts/_notice.html", "Device signed out.")


@blueprint.post(f"{PAGE}/revoke-others")
@sign_in_required
def revoke_others() -> Response:
    """End every session but this one, and say how many that were; where there was none, the log gets no entry."""
    with unit_of_work() as uow:
        count(SIGN_OUT_BY_SESSION, str(uow.session_id))  # a stranger's session uses up nothing of the owner's
        others = len(uow.sessions.list(now())) - 1  # before they are gone
        revoke(uow, Event.SIGN_OUT_EVERYWHERE, now(), device_token(uow))
        if others:
            note(uow, SESSIONS_ENDED)
        uow.commit()
    words = "1 other device is" if others == 1 else f"{others} other devices are"
    return htmx.saved(PAGE, "layouts/parts/_notice.html", f"{words} signed out. {ENDED_TOO}")


@blueprint.get("/sessions/end/<token>")
@public
def show_end(token: str) -> Response:
    """Ask for the press of a button: programs that open links in mails must not end a session."""
    link = open_link(token, END_SESSION)
    if link is None:
        return answer_expired_link()
    with link.uow:
        return htmx.render("auth/sign_in/end_session.html", token=token)


@blueprint.post("/sessions/end/<token>")
@public
def end_by_mail(token: str) -> Response:
    """End the session that a mail warned about, and every one that began after it."""
    link = open_link(token, END_SESSION)
    if link is None:
        return answer_expired_link()
    with link.uow as uow:
        uow.account.hold()
        named = uow.tokens.find(token, END_SESSION, SessionToEnd, now())
        uow.tokens.burn(token, END_SESSION, now())
        if named:
            uow.sessions.remove_if_there(named.session_id)  # it may have expired
            uow.sessions.remove_since(named.began_at or now())
        revoke(uow, Event.SESSION_DISOWNED, now())
        note(uow, SESSION_ENDED)
        uow.commit()
    flash("Device signed out. If it was not yours, set a new password now.")
    return redirect("/forgot", 303)


def _described(session: Session, current: UUID | None) -> ShownSession:
    device = session.device
    return ShownSession(
        session, device_name(device.user_agent), coarse_address(device.address), is_this=session.id == current
    )
