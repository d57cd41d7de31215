"""Calendar feeds: made and revoked in settings, read by calendars that know their address."""

from typing import Any
from uuid import UUID

from flask import Response as FlaskResponse
from flask import request
from werkzeug.wrappers import Response

from tmr.domain.security_events import FEED_MADE, FEED_REVOKED
from tmr.records.blueprint import blueprint
from tmr.records.planning.dated_records import entries_near
from tmr.records.planning.icalendar_text import BUSY, LEVELS, calendar_text
from tmr.repository.access.calendar_feeds import Feed
from tmr.repository.errors import RecordNotFoundError
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.display.zone import zone_named
from tmr.web.event_log import note
from tmr.web.services import now, services
from tmr.web.session.current import is_confirmed, unit_of_work
from tmr.web.session.downloads import at_work
from tmr.web.session.guards import confirmation_required, public, sign_in_required
from tmr.web.session.throttling import FEED_BY_ACCOUNT, FEED_BY_ADDRESS, FEED_BY_TOKEN, client_network, count

MAX_FEEDS = 10
TOO_MANY = f"You already have {MAX_FEEDS} subscribe links. Revoke one first."
CHOOSE = "Choose what the calendar may show."


@blueprint.get("/settings/calendar")
@sign_in_required
def show_feeds() -> Response:
    """Show the feeds, and when each was last read."""
    with unit_of_work() as uow:
        return _feeds_page(uow, 200)


@blueprint.post("/settings/calendar")
@confirmation_required("/settings/calendar")
def create_feed() -> Response:
    """Make a feed; its address is shown in this one answer and never again."""
    count(FEED_BY_ACCOUNT, str(unit_of_work().owner))
    level = request.form.get("level", "")
    with unit_of_work() as uow:
        problem = CHOOSE if level not in dict(LEVELS) else TOO_MANY if len(uow.feeds.list()) >= MAX_FEEDS else ""
        if problem:
            return _feeds_page(uow, 422, errors={"level": problem})
        label = " ".join(request.form.get("label", "").split())[:60] or "Calendar"
        token = uow.feeds.add(Feed(label, level), now())
        note(uow, FEED_MADE, about=level)
        return _feeds_page(uow, 200, address=f"{services().settings.base_url}/calendar/feed/{token}.ics")


@blueprint.post("/settings/calendar/<uuid:feed_id>/revoke")
@sign_in_required
def revoke_feed(feed_id: UUID) -> Response:
    """Revoke a feed: its address is not found from now on."""
    with unit_of_work() as uow:
        uow.feeds.remove(feed_id)
        note(uow, FEED_REVOKED)
        uow.commit()
    notice = "Link revoked. Calendars that use it get no more updates."
    return htmx.saved("/settings/calendar", "layouts/parts/_notice.html", notice)


@blueprint.get("/calendar/feed/<token>.ics")
@public
def read_feed(token: str) -> Response:
    """Answer a calendar that knows the address of a feed; any other address is not found.

    It holds what is near: a large account would else take a second of work, as often as anyone asks.
    """
    repository = services().repository
    owner = repository.find_by_feed(token)
    if owner is None:
        raise RecordNotFoundError
    count(FEED_BY_ADDRESS, client_network())
    count(FEED_BY_TOKEN, token)
    with at_work(owner):
        with repository.for_owner(owner) as uow:
            feed = uow.feeds.read(token, now())
            if feed is None or uow.account.standing().disabled_at:
                raise RecordNotFoundError
            zone = zone_named(uow.account.preferences().zone)
            uow.commit()
        with repository.for_owner(owner, is_read_only=True) as uow:
            entries = entries_near(uow, zone, now().astimezone(zone).date(), is_timed=feed.level == BUSY)
        text = calendar_text(entries, feed.level, services().settings.base_url, now())
    headers = {"Content-Disposition": 'attachment; filename="trackmyroles.ics"', "Cache-Control": "private, no-store"}
    return FlaskResponse(text, content_type="text/calendar; charset=utf-8", headers=headers)


def _feeds_page(uow: UnitOfWork, status: int, **more: Any) -> Response:
    context = {
        "feeds": uow.feeds.list(),
        "levels": LEVELS,
        "errors": {},
        "address": "",
        "is_confirmed": is_confirmed(),
        **more,
    }
    if status == 200:
        uow.commit()
    return htmx.render("records/planning/calendar/feeds.html", status=status, **context)
