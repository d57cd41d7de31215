"""The devices that are signed in: see them, end one, end all others."""

from uuid import UUID

import msgspec
from werkzeug.wrappers import Response

from tmr.auth.blueprint import blueprint
from tmr.auth.device_names import coarse_address, device_name
from tmr.repository.sessions import Session
from tmr.web import htmx
from tmr.web.guards import sign_in_required
from tmr.web.identity import unit_of_work
from tmr.web.parts import now

PAGE = "/settings/sessions"


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
    return htmx.render("auth/sessions.html", sessions=shown)


@blueprint.post(f"{PAGE}/<uuid:session_id>/revoke")
@sign_in_required
def revoke_session(session_id: UUID) -> Response:
    """End one session. No step-up: ending one must never be hindered."""
    with unit_of_work() as uow:
        uow.sessions.remove(session_id)
        uow.commit()
    return htmx.saved(PAGE, "layouts/_notice.html", "That device is signed out.")


@blueprint.post(f"{PAGE}/revoke-others")
@sign_in_required
def revoke_others() -> Response:
    """End every session but this one."""
    with unit_of_work() as uow:
        count = uow.sessions.remove_others(uow.session_id)
        uow.commit()
    words = "1 other device is" if count == 1 else f"{count} other devices are"
    return htmx.saved(PAGE, "layouts/_notice.html", f"{words} signed out.")


def _shown(session: Session, current: UUID | None) -> ShownSession:
    device = session.device
    return ShownSession(
        session, device_name(device.user_agent), coarse_address(device.address), is_this=session.id == current
    )
