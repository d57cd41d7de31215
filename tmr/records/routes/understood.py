"""What a date in words means, while it is typed."""

import datetime as dt

import msgspec
from flask import Response, request

from tmr.domain.fields.folding import fold
from tmr.domain.fields.types.times import ZONES, read_moment
from tmr.domain.locales.typed_dates import LONGEST, Typing, read_date, read_wall_time
from tmr.records.blueprint import blueprint
from tmr.web.display.dates import clock, day
from tmr.web.display.typed_values import current_typing
from tmr.web.display.zone import current_zone, today, zone_named
from tmr.web.session.guards import sign_in_required

UNKNOWN = "Not a date yet"
NO_TIME = "add a time, such as 14:30"


@blueprint.get("/understood")
@sign_in_required
def show_understood() -> Response:
    """Answer, as one line of text, what ``text`` means in a field of that ``picker``; empty for an empty one.

    A time that is meant in another ``time_zone`` than the person's own is shown in both.
    """
    text = request.args.get("text", "").strip()[: LONGEST + 1]
    typing = msgspec.structs.replace(current_typing(), is_past="past" in request.args)
    has_time = request.args.get("picker", "") == "datetime-local"
    words = _moment_words(text, typing) if has_time else _day_words(_day(text, typing))
    return Response((words or UNKNOWN) if text else "", mimetype="text/plain")


def _day(text: str, typing: Typing) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return read_date(text, typing)


def _day_words(date: dt.date | None) -> str:
    if date is None or not 1900 <= date.year <= 2200:
        return ""
    return day(date) if date.year == today().year else f"{day(date)} {date.year}"


def _moment_words(text: str, typing: Typing) -> str:
    moment = read_moment(text) or read_wall_time(text, typing)
    if moment is None:
        date = _day_words(_day(text, typing))
        return f"{date}: {NO_TIME}" if date else ""
    here, name = current_zone(), ZONES.get(fold(request.args.get("time_zone", "")[:100]))
    there = zone_named(name) if name else here
    wall = (moment if moment.tzinfo else moment.replace(tzinfo=there)).astimezone(there)
    words = _day_words(wall.date())
    if not words or wall.utcoffset() == wall.astimezone(here).utcoffset():
        return words and f"{words}, {clock(wall)}"
    own = wall.astimezone(here)
    own_words = clock(own) if own.date() == wall.date() else f"{_day_words(own.date())}, {clock(own)}"
    return f"{words}, {clock(wall)} in {_city(there.key)}, which is {own_words} for you"


def _city(zone: str) -> str:
    return zone.rpartition("/")[2].replace("_", " ")
