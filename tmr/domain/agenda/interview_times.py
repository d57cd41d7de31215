"""When an interview is: kept as wall time and zone, so that it stays right across a clock change."""

import datetime as dt
from collections.abc import Mapping
from contextlib import suppress
from zoneinfo import ZoneInfo

from tmr.domain.fields.type import Wire

USUAL_MINUTES = 60


def starts_at(values: Mapping[str, Wire], own_zone: ZoneInfo) -> dt.datetime | None:
    """Return the instant at which an interview starts, in its own zone, or None.

    A wall time that a clock change skips is taken as it would have been before it; one that comes twice, as the first
    (PEP 495, fold=0).
    """
    wall = values.get("starts_at")
    if not isinstance(wall, str):
        return None
    return dt.datetime.fromisoformat(wall).replace(tzinfo=zone_of(values, own_zone))


def ends_at(values: Mapping[str, Wire], own_zone: ZoneInfo) -> dt.datetime | None:
    """Return the instant at which it ends, or None without a start; one without a duration takes an hour."""
    start = starts_at(values, own_zone)
    minutes = values.get("duration")
    if start is None:
        return None
    length = dt.timedelta(minutes=minutes if isinstance(minutes, int) and minutes else USUAL_MINUTES)
    # Added in UTC: wall times do not count the hour that a clock change skips or repeats.
    return (start.astimezone(dt.UTC) + length).astimezone(start.tzinfo)


def zone_of(values: Mapping[str, Wire], own_zone: ZoneInfo) -> ZoneInfo:
    """Return the zone that an interview was entered in, or the person's own if that is empty or unknown."""
    name = values.get("time_zone")
    with suppress(KeyError, ValueError, OSError):
        return ZoneInfo(str(name)) if name else own_zone
    return own_zone
