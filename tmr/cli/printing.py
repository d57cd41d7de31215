"""How commands print: progress apart from results, and lists."""

import datetime as dt
import sys
from collections.abc import Iterable


def say(words: str) -> None:
    """Print progress to standard error, where it does not mix with results."""
    print(words, file=sys.stderr, flush=True)


def print_list(lines: Iterable[str], when_empty: str) -> int:
    """Print each line, or ``when_empty`` if there is none; return the exit status of a command that only lists."""
    for line in list(lines) or [when_empty]:
        print(line)
    return 0


def utc(at: dt.datetime) -> str:
    """Return a time to the minute, in UTC, as lists show it."""
    return f"{at.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC"
