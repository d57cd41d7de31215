"""The page of coach links: each is shown once with its code, when it is made, and can be revoked at any time."""

import datetime as dt
from typing import Any
from uuid import UUID

from flask import request
from werkzeug.wrappers import Response

from tmr.domain.fields.type import ValueRefusedError
from tmr.domain.fields.types.dates import Date
from tmr.domain.security_events import COACH_LINK_MADE, COACH_LINK_REVOKED, LOCK_COACH_LINK_REVOKED
from tmr.privacy.blueprint import blueprint
from tmr.repository.access.coach_links import CoachLink
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.display.typed_values import current_typing
from tmr.web.display.zone import current_zone, today
from tmr.web.event_log import called, note
from tmr.web.services import now, services
from tmr.web.session.current import is_confirmed, unit_of_work
from tmr.web.session.guards import confirmation_required, sign_in_required
from tmr.web.session.throttling import COACH_LINK_BY_ACCOUNT, count

PAGE = "/settings/coach"
MAX_LINKS, MOST_DAYS, USUAL_DAYS = 5, 180, 30
TOO_MANY = f"You already have {MAX_LINKS} links. Revoke one first."
WHICH_DAY = f"Choose a day from tomorrow on, at most {MOST_DAYS} days ahead."


@blueprint.get(PAGE)
@sign_in_required
def show_coach_links() -> Response:
    """Show the coach links, and until when each works."""
    with unit_of_work() as uow:
        return _page(uow, 200)


@blueprint.post(PAGE)
@confirmation_required(PAGE)
def create_coach_link() -> Response:
    """Make a coach link; it and its code are shown in this one answer and never again."""
    count(COACH_LINK_BY_ACCOUNT, str(unit_of_work().owner))
    typed = request.form.get("ends_on", "")
    label = " ".join(request.form.get("label", "").split())[:60] or "Coach"
    link = CoachLink(label, notes=bool(request.form.get("notes")), pay=bool(request.form.get("pay")))
    day = _day(typed)
    with unit_of_work() as uow:
        errors = {} if day else {"ends_on": WHICH_DAY}
        if not uow.has_room(lambda: uow.coach_links.list(now()), MAX_LINKS):
            errors["label"] = TOO_MANY
        if day is None or errors:
            return _page(uow, 422, errors=errors, typed=link, ends_on=str(day or ""), refused="" if day else typed)
        end = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), current_zone())
        token, code = uow.coach_links.add(link, end.astimezone(dt.UTC), now())
        note(uow, COACH_LINK_MADE, about=called(uow, label, now()))
        return _page(uow, 200, address=f"{services().settings.base_url}/coach/{token}", code=code)


@blueprint.post(f"{PAGE}/<uuid:link_id>/revoke")
@sign_in_required
def revoke_coach_link(link_id: UUID) -> Response:
    """Revoke a coach link: it is not found from its next look on."""
    with unit_of_work() as uow:
        has_opened = uow.coach_links.remove(link_id)
        note(uow, LOCK_COACH_LINK_REVOKED if has_opened else COACH_LINK_REVOKED)
        uow.commit()
    return htmx.saved(PAGE, "layouts/parts/_notice.html", "Link revoked. It shows nothing from now on.")


def _day(typed: str) -> dt.date | None:
    """Return the last day of a link as it was typed; None for one that it cannot be."""
    kind = Date()
    try:
        day = kind.parse(kind.read(typed[:60], current_typing()))
    except ValueRefusedError:
        return None
    last = dt.date.fromisoformat(str(day)) if day else today() + dt.timedelta(days=USUAL_DAYS)
    return last if 0 < (last - today()).days <= MOST_DAYS else None


def _page(uow: UnitOfWork, status: int, **more: Any) -> Response:
    context = {
        "links": uow.coach_links.list(now()),
        "typed": CoachLink("", notes=False, pay=False),
        "ends_on": (today() + dt.timedelta(days=USUAL_DAYS)).isoformat(),
        "refused": "",
        "errors": {},
        "address": "",
        "code": "",
        "is_confirmed": is_confirmed(),
        **more,
    }
    if status == 200:
        uow.commit()
    return htmx.render("privacy/coach/settings.html", status=status, **context)
