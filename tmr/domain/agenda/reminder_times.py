"""When a person who asked for mails is due for the next one; the time is passed in, so that tests can set it."""

import datetime as dt
from zoneinfo import ZoneInfo

WORKDAYS = "workdays"
EVERY_DAY = "every day"
DAYS = ((WORKDAYS, "Monday to Friday"), (EVERY_DAY, "Every day"))
COUNTS = "counts"
NAMES = "names"
SAYS = (
    (COUNTS, "Numbers only, such as “2 interviews”"),
    (NAMES, "Companies and job titles too"),
)
HOURS = tuple(range(24))
LEADS = (
    (0, "No reminder"),
    (15, "15 minutes before"),
    (60, "1 hour before"),
    (180, "3 hours before"),
    (1440, "1 day before"),
)


def next_morning(hour: int, days: str, now: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """Return the next instant after ``now`` at which a clock in ``zone`` shows that hour, on a day that counts.

    An hour that a clock change skips comes an hour later that day; one that it repeats comes once.
    """
    date = now.astimezone(zone).date()
    while True:
        moment = dt.datetime.combine(date, dt.time(hour), zone)
        if moment.astimezone(dt.UTC) > now.astimezone(dt.UTC) and (days == EVERY_DAY or date.weekday() < 5):
            return moment.astimezone(dt.UTC)
        date += dt.timedelta(days=1)


def before(starts: dt.datetime, minutes: int, now: dt.datetime) -> dt.datetime | None:
    """Return when to remind of what starts at that instant, or None when that moment has passed."""
    at = starts.astimezone(dt.UTC) - dt.timedelta(minutes=minutes)
    return at if minutes and at > now.astimezone(dt.UTC) else None
