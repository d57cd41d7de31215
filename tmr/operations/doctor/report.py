"""`tmr doctor`: checks every promise that can be checked on a live installation, without changing anything."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

import msgspec

KEPT, BROKEN, UNKNOWN, OFF = "kept", "broken", "unknown", "off"


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a check found: the promise's id, what was checked, one of the four states, and the value that was seen.

    ``accounts`` is how many accounts it is about, where that is counted.
    """

    promise: str
    what: str
    state: str
    seen: str
    accounts: int = 0


Check = Callable[[], Iterable[Finding]]


def finding(promise: str, what: str, seen: str, *, is_kept: bool, accounts: int = 0) -> Finding:
    """Return what was seen, kept or broken."""
    return Finding(promise, what, KEPT if is_kept else BROKEN, seen, accounts)


def absent(promise: str, what: str, seen: str) -> Finding:
    """Return that there is nothing to check, since it is not configured."""
    return Finding(promise, what, OFF, seen)


def unknown(promise: str, what: str, seen: str) -> Finding:
    """Return that it could not be checked, so whether the promise is kept is not known."""
    return Finding(promise, what, UNKNOWN, seen)


def examine(checks: Iterable[tuple[str, str, Check]]) -> Iterator[Finding]:
    """Run checks, each with the promise and the name it goes by; one that raises yields an unknown finding."""
    for promise, what, check in checks:
        try:
            yield from check()
        except Exception as error:  # noqa: BLE001 - a check that raises must not hide the others
            yield unknown(promise, what, f"could not be checked: {type(error).__name__}: {_first_line(error)}")


def as_table(findings: Iterable[Finding]) -> str:
    """Return the findings as a table for people."""
    findings = list(findings)
    rows = [("promise", "state", "what", "seen"), *(msgspec.structs.astuple(finding) for finding in findings)]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]]) for row in rows
    ]
    return "\n".join([*lines, "", in_words(findings)])


def in_words(findings: Iterable[Finding]) -> str:
    """Return the outcome in a sentence."""
    states = Counter(finding.state for finding in findings)
    if states[BROKEN]:
        return f"{states[BROKEN]} broken, {states[KEPT]} kept, {states[UNKNOWN]} unknown, {states[OFF]} off."
    if states[UNKNOWN]:
        return f"{states[UNKNOWN]} could not be checked; {states[KEPT]} kept, {states[OFF]} off."
    return "Every promise that was checked is kept."


def as_json(findings: Iterable[Finding], now: dt.datetime) -> str:
    """Return the findings for machines."""
    told = {"checked_at": now.isoformat(timespec="seconds"), "findings": list(findings)}
    return msgspec.json.format(msgspec.json.encode(told)).decode()


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), "")[:200]
