"""Calendar feeds: made and revoked in settings, read by calendars that know their address."""

from functools import partial
from typing import Any
from uuid import UUID

from flask import Response as FlaskResponse
from flask import request
from werkzeug.wrappers import Response

from tmr.domain.agenda.agenda import Entry
from tmr.domain.security_events import FEED_MADE, FEED_REVOKED
from tmr.records.blueprint import blueprint
from tmr.records.planning.dated_records import entries_near
from tmr.records.planning.icalendar_text import ALARMS, BUSY, LEVELS, USUAL_ALARM, calendar_text
from tmr.records.planning.reminders import plan_reminders
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
CHOOSE_ALARM = "Choose when its alarms ring."


@blueprint.get("/settings/calendar")
@sign_in_required
def show_feeds() -> Response:
    """Show the feeds, and when each was last read; without their names while these are locked, to revoke one."""
    with unit_of_work() as uow:
        return _feeds_page(uow, 200)


@blueprint.post("/settings/calendar")
@confirmation_required("/settings/calendar")
def create_feed() -> Response:
    """Make a feed; its address is shown in this one answer and never again."""
    count(FEED_BY_ACCOUNT, str(unit_of_work().owner))
    level, alarm = request.form.get("level", ""), request.form.get("alarm", str(USUAL_ALARM))
    minutes = next((minutes for minutes, _words in ALARMS if str(minutes) == alarm), None)
    with unit_of_work() as uow:
        has_room = uow.has_room(uow.feeds.list, MAX_FEEDS)
        problem = CHOOSE if level not in dict(LEVELS) else "" if has_room else TOO_MANY
        if problem or minutes is None:
            return _feeds_page(uow, 422, errors={"level": problem} if problem else {"alarm": CHOOSE_ALARM})
        label = " ".join(request.form.get("label", "").split())[:60] or "Calendar"
        token = uow.feeds.add(Feed(label, level, minutes), now())
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

    It holds what is near: a large account would else take a second of work, as often as anyone asks. Of locked records
    it is what was prepared when they were open last.
    """
    repository = services().repository
    owner = repository.find_by_feed(token)
    if owner is None:
        raise RecordNotFoundError
    count(FEED_BY_ADDRESS, client_network())
    count(FEED_BY_TOKEN, token)
    with at_work(owner):
        text = _text(owner, token)
    headers = {"Content-Disposition": 'attachment; filename="trackmyroles.ics"', "Cache-Control": "private, no-store"}
    return FlaskResponse(text, content_type="text/calendar; charset=utf-8", headers=headers)


def _text(owner: UUID, token: str) -> bytes:
    repository = services().repository
    with repository.for_owner(owner) as uow:
        feed = uow.feeds.read(token, now())
        if feed is None or uow.account.standing().disabled_at:
            raise RecordNotFoundError
        prepared = uow.feeds.copy(token) if uow.lock.is_on else None
        uow.commit()
    if prepared is not None:
        return prepared
    with repository.for_owner(owner, is_read_only=True, may_keep=True) as uow:  # calendars ask again and again
        return _made(feed, _near(uow, is_timed=feed.level == BUSY))


def _near(uow: UnitOfWork, *, is_timed: bool) -> list[Entry]:
    zone = zone_named(uow.account.preferences().zone)
    return entries_near(uow, zone, now().astimezone(zone).date(), is_timed=is_timed)


def _made(feed: Feed, entries: list[Entry]) -> bytes:
    return calendar_text(entries, feed.level, services().settings.base_url, now(), feed.alarm_minutes)


def keep_up(uow: UnitOfWork) -> None:
    """Do at the end of a request what no worker can for locked records: plan reminders, and prepare calendar feeds.

    What a feed shows follows from records, stages and the zone, so it is prepared again after any change of those.
    """
    if uow.reminders.is_woken:
        plan_reminders(uow, now())
    if uow.records.is_changed or uow.private.is_changed or uow.reminders.is_woken:
        _prepare(uow)


def _prepare(uow: UnitOfWork) -> None:
    listed = uow.feeds.list()  # without any, nothing is read
    near = {is_timed: _near(uow, is_timed=is_timed) for is_timed in {one.feed.level == BUSY for one in listed}}
    uow.feeds.copies.renew({one.id: partial(_made, one.feed, near[one.feed.level == BUSY]) for one in listed})


def _feeds_page(uow: UnitOfWork, status: int, **more: Any) -> Response:
    context = {
        "feeds": uow.feeds.list(with_names=uow.lock.is_open),
        "levels": LEVELS,
        "alarms": [(str(minutes), words) for minutes, words in ALARMS],
        "alarm": str(USUAL_ALARM),
        "errors": {},
        "address": "",
        "is_confirmed": is_confirmed(),
        **more,
    }
    if status == 200:
        uow.commit()
    return htmx.render("records/planning/calendar/feeds.html", status=status, **context)
