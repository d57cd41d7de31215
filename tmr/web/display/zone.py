"""The person's time zone: instants are stored in UTC and shown in that zone."""

import datetime as dt
from contextlib import suppress
from zoneinfo import ZoneInfo

from flask import g, has_request_context

from tmr.web.services import now

UTC = ZoneInfo("UTC")


def current_zone() -> ZoneInfo:
    """Return the time zone of the account that is signed in; UTC without one, and outside a request."""
    zone: ZoneInfo = g.get("zone", UTC) if has_request_context() else UTC
    return zone


def zone_named(name: str) -> ZoneInfo:
    """Return the time zone called ``name``; UTC for an empty name, and for one that this machine does not know."""
    with suppress(KeyError, ValueError, OSError):
        return ZoneInfo(name or "UTC")
    return UTC


def today() -> dt.date:
    """Return today's date in the person's time zone; the same all through a request, whose every cell asks for it."""
    if not has_request_context():
        return dt.datetime.now(dt.UTC).date()
    zone = current_zone()
    known: tuple[ZoneInfo, dt.date] | None = g.get("today")
    if known is None or known[0] is not zone:
        known = g.today = zone, now().astimezone(zone).date()
    return known[1]


def local_text(instant: str) -> str:
    """Return a stored instant as local time in the person's zone: ``2026-11-24T14:30``."""
    moment = dt.datetime.fromisoformat(instant)
    return moment.astimezone(current_zone()).replace(tzinfo=None).isoformat(timespec="minutes")
