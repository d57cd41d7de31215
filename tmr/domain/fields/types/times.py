"""Fields that hold a time: as a clock shows it or in UTC, a zone, a duration."""

import datetime as dt
import re
from collections import Counter
from typing import ClassVar
from zoneinfo import available_timezones

import msgspec

from tmr.domain.fields.folding import fold
from tmr.domain.fields.type import FieldType, SortKey, ValueRefusedError, Wire
from tmr.domain.locales.locale import Locale
from tmr.domain.locales.typed_dates import Typing, read_wall_time

NOW_WORDS = ("now", "yes", "done", "x", "true", "on")  # in a spreadsheet, of a task that is done
NO_TIME = "Enter a day and a time, such as tomorrow 11:00, fri 14:30 or 24 Nov 2026 14:30."


class WallTime(FieldType):
    """Date and time of day as a clock shows them, kept as ``YYYY-MM-DDTHH:MM``; the zone is a field of its own."""

    control = "dated"
    picker = "datetime-local"
    input_attributes: ClassVar = {"placeholder": "tomorrow 11:00"}
    display = "wall_time"
    is_dated = True
    directions: ClassVar[tuple[str, str]] = ("earliest first", "latest first")
    is_typed_as_shown = False

    def read(self, text: str, typing: Typing) -> str:
        moment = None if read_moment(text) else read_wall_time(text, typing)
        return moment.isoformat(timespec="minutes") if moment else text

    def typed(self, value: Wire, locale: Locale, _zone: dt.tzinfo) -> str:
        return locale.moment(dt.datetime.fromisoformat(str(value))) if value else ""

    def parse(self, text: str) -> Wire:
        if not text.strip():
            return None
        moment = read_moment(text)
        if moment is None or moment.tzinfo:
            raise ValueRefusedError(NO_TIME)
        return moment.isoformat(timespec="minutes")

    def sort_key(self, value: Wire) -> SortKey:
        return str(value)


class Instant(FieldType):
    """A moment, kept in UTC to the second (RFC 3339); what comes without an offset is taken for UTC."""

    control = "dated"
    picker = "datetime-local"
    input_attributes: ClassVar = {"placeholder": "yesterday 14:30"}
    display = "instant"
    is_dated = True
    directions: ClassVar[tuple[str, str]] = ("earliest first", "latest first")
    is_local = True
    is_past = True
    is_typed_as_shown = False
    keeps_what_is_shown = True

    def read(self, text: str, typing: Typing) -> str:
        """Return the moment with its offset: that of the person's zone if none was typed."""
        if fold(text) in NOW_WORDS:
            return typing.now.isoformat(timespec="seconds")
        moment = read_moment(text) or read_wall_time(text, msgspec.structs.replace(typing, is_past=True))
        if moment is None or moment.tzinfo:
            return text
        return moment.replace(tzinfo=typing.now.tzinfo).isoformat(timespec="seconds")

    def typed(self, value: Wire, locale: Locale, zone: dt.tzinfo) -> str:
        return locale.moment(dt.datetime.fromisoformat(str(value)).astimezone(zone)) if value else ""

    def parse(self, text: str) -> Wire:
        if not text.strip():
            return None
        moment = read_moment(text)
        if moment is None:
            raise ValueRefusedError(NO_TIME)
        moment = moment.astimezone(dt.UTC) if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
        return moment.isoformat(timespec="seconds").replace("+00:00", "Z")

    def sort_key(self, value: Wire) -> SortKey:
        return str(value)


class Zone(FieldType):
    """A time zone by its name in the IANA database, such as ``Europe/Berlin``."""

    datalist = "options-zone"
    input_attributes: ClassVar = {"placeholder": "Europe/Berlin"}

    def parse(self, text: str) -> Wire:
        name = ZONES.get(fold(text))
        if text.strip() and name is None:
            raise ValueRefusedError("Enter the time zone as region/city, for example Europe/Berlin.")
        return name


class Minutes(FieldType):
    """A length of time in whole minutes, up to two weeks; ``1h 30``, ``1:30`` and ``90`` are one."""

    display = "length"
    directions: ClassVar[tuple[str, str]] = ("shortest first", "longest first")
    is_typed_as_shown = False
    most = 14 * 24 * 60
    _form = re.compile(r"(?:(\d{1,3})\s*(?:h|hours?|:)\s*)?(?:(\d{1,5})\s*(?:m|min|mins|minutes?)?)?", re.ASCII | re.I)

    def parse(self, text: str) -> Wire:
        bare = text.strip()
        if not bare:
            return None
        match = self._form.fullmatch(bare)
        minutes = int(match[1] or 0) * 60 + int(match[2] or 0) if match else -1
        if not 0 <= minutes <= self.most:
            raise ValueRefusedError("Enter the duration in minutes or h:mm, for example 45 or 1:30.")
        return minutes

    def sort_key(self, value: Wire) -> SortKey:
        return int(str(value))


def read_moment(text: str) -> dt.datetime | None:
    """Return the date and time in ``text`` (ISO 8601, with or without an offset), or None."""
    try:
        moment = dt.datetime.fromisoformat(text.strip())
        return moment if 1900 <= moment.astimezone(dt.UTC).year <= 2200 and ":" in text else None
    except (ValueError, OverflowError):
        return None


def _zones() -> dict[str, str]:
    """Return every zone by its folded name, and by its city alone where only one zone has it."""
    names = sorted(name for name in available_timezones() if name not in ("localtime", "posixrules"))
    cities = Counter(fold(name.rpartition("/")[2]) for name in names if "/" in name)
    alone = {city: name for name in names if "/" in name and cities[city := fold(name.rpartition("/")[2])] == 1}
    return {**alone, **{fold(name): name for name in names}}


ZONES = _zones()
