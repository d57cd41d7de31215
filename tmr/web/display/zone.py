"""What time it is where the person is: instants are kept in UTC and shown in their own zone."""

import datetime as dt
from contextlib import suppress
from zoneinfo import ZoneInfo

from flask import g, has_request_context

from tmr.domain.fields.folding import fold
from tmr.domain.fields.times import read_moment
from tmr.web.services import now

UTC = ZoneInfo("UTC")
NOW_WORDS = ("now", "yes", "done", "x", "true", "on")


def current_zone() -> ZoneInfo:
    """Return the zone that the person of this request has set, or UTC."""
    zone: ZoneInfo = g.get("zone", UTC) if has_request_context() else UTC
    return zone


def zone_named(name: str) -> ZoneInfo:
    """Return the zone of that name; UTC for none, and for one that this machine does not know."""
    with suppress(KeyError, ValueError, OSError):
        return ZoneInfo(name or "UTC")
    return UTC


def today() -> dt.date:
    """Return the date of this moment where the person is."""
    moment = now() if has_request_context() else dt.datetime.now(dt.UTC)
    return moment.astimezone(current_zone()).date()


def local_text(instant: str) -> str:
    """Return a stored instant as the clock on the person's wall shows it: ``2026-11-24T14:30``."""
    moment = dt.datetime.fromisoformat(instant)
    return moment.astimezone(current_zone()).replace(tzinfo=None).isoformat(timespec="minutes")


def instant_text(typed: str) -> str:
    """Return what a person typed for an instant with its offset: a time without one is theirs, ``now`` is now."""
    if fold(typed) in NOW_WORDS:
        return now().isoformat(timespec="seconds")
    moment = read_moment(typed)
    if moment is None or moment.tzinfo:
        return typed
    return moment.replace(tzinfo=current_zone()).isoformat(timespec="seconds")
