"""Each limit is the number that the documentation says, and the documentation names every limit there is.

Seen failing with a limit off by one, and with a window off by a day.
"""

import datetime as dt
import re

from tests.support.paths import ROOT
from tmr.repository.queue.rate_limits import Limit
from tmr.web.session import throttling

PAGE = (ROOT / "docs" / "how-it-works" / "ways-in-and-out.md").read_text().partition("## Limits")[2]
ROW = re.compile(r"^\| ([^|]+) \| ([\d,]+) \| (\d+) (minute|hour|day)s? \|$", re.M)


def documented() -> list[Limit]:
    return [
        Limit(name, int(hits.replace(",", "")), dt.timedelta(**{f"{unit}s": int(length)}))
        for name, hits, length, unit in ROW.findall(PAGE)
    ]


def declared() -> list[Limit]:
    values = [value if isinstance(value, tuple) else (value,) for value in vars(throttling).values()]
    return [limit for limits in values for limit in limits if isinstance(limit, Limit)]


def test_a6_every_limit_is_as_documented() -> None:
    assert sorted(declared(), key=lambda limit: limit.name) == sorted(documented(), key=lambda limit: limit.name)
