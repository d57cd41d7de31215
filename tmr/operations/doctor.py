"""`tmr doctor`: looks at every promise that can be checked on a live installation, without changing anything."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator

import msgspec

KEPT, BROKEN, NOT_CONFIGURED = "kept", "broken", "not configured"


class Finding(msgspec.Struct, frozen=True):
    """What was seen of a promise: its id, what was looked at, one of the three states, and the value that was seen."""

    promise: str
    what: str
    state: str
    seen: str


Check = Callable[[], Iterable[Finding]]


def finding(promise: str, what: str, seen: str, *, is_kept: bool) -> Finding:
    """Return what was seen, kept or broken."""
    return Finding(promise, what, KEPT if is_kept else BROKEN, seen)


def absent(promise: str, what: str, seen: str) -> Finding:
    """Return that there is nothing to look at."""
    return Finding(promise, what, NOT_CONFIGURED, seen)


def examine(checks: Iterable[tuple[str, str, Check]]) -> Iterator[Finding]:
    """Run checks, each with the promise and the name it goes by; one that fails by itself is a broken promise."""
    for promise, what, check in checks:
        try:
            yield from check()
        except Exception as error:  # noqa: BLE001 - whatever keeps a promise from being checked is told
            yield Finding(
                promise, what, BROKEN, f"could not be looked at: {type(error).__name__}: {_first_line(error)}"
            )


def as_table(findings: Iterable[Finding]) -> str:
    """Return the findings as a table for people."""
    rows = [("promise", "state", "what", "seen"), *((one.promise, one.state, one.what, one.seen) for one in findings)]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]]) for row in rows
    ]
    broken = sum(row[1] == BROKEN for row in rows)
    return "\n".join([*lines, "", f"{broken} broken." if broken else "Every promise that was looked at is kept."])


def as_json(findings: Iterable[Finding], now: dt.datetime) -> str:
    """Return the findings for machines."""
    told = {"checked_at": now.isoformat(timespec="seconds"), "findings": list(findings)}
    return msgspec.json.format(msgspec.json.encode(told)).decode()


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), "")[:200]
