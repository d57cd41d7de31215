"""[W1] No pattern by which captures and imports are read takes a time that grows faster than the text does.

Seen failing with the patterns of forwarded mails, headers, lines of calendars and legal forms as they were.
"""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import tmr.domain.capture
import tmr.domain.importing
from tests.support.measuring.patterns import hostile_to, patterns_of
from tests.support.measuring.processor_time import hash_seconds

SIZE = 1_000
MOST_GROWTH = 3  # from a text to one twice as long: a square makes 4
# These go over a text again from each place in it. What they read is a title, a name, a line with single blanks or the
# value of a cell, so that they are tried with a short one.
SHORT = {
    *("names._IN_SUBJECT", "names._TRAILING", "names._GENDER", "names._REQUISITION"),
    *("lines._PLACE_END", "lines._SEARCHED_BY", "lines._AT", "lines._BY"),
    *("titles._PATTERNS", "titles._SPLIT", "titles._IN"),
    *("short_values._BRACKETS", "short_values._PARTS", "two_names._AT", "two_names._BETWEEN"),
    *("dates._TIME", "places._OR", "drop_downs._REFERENCE", "moments._TO"),
}
SHORT_SIZE = 300
NEVER = float("inf")


class _TooLongError(Exception):
    pass


def test_w1_no_pattern_takes_a_time_that_grows_faster_than_the_text() -> None:
    """What doubles with each sign is ended."""
    a_hash = hash_seconds()
    found = []
    for name, pattern, is_searched in _patterns():
        work = pattern.search if is_searched else pattern.match
        is_bytes = isinstance(pattern.pattern, bytes)
        for before, piece in hostile_to(pattern):
            is_bad = _is_dear if name in SHORT else _grows
            if is_bad(lambda size, run=work: run(_filled(before, piece, size, is_bytes)), a_hash):  # noqa: B023
                found.append((name, pattern.pattern[:60], before, piece))
                break
    assert found == []


def _patterns() -> Iterator[tuple]:
    for package in (tmr.domain.capture, tmr.domain.importing):
        yield from patterns_of(package)


def _filled(before: str, piece: str, size: int, is_bytes: bool) -> str | bytes:
    text = f"{before}{piece * (size // max(len(piece), 1))}\x01"
    return text.encode("latin-1", "replace") if is_bytes else text


def _is_dear(work: Callable[[int], object], a_hash: float) -> bool:
    return _seconds(lambda: work(SHORT_SIZE), a_hash, enough=a_hash / 5) > a_hash / 5


def _grows(work: Callable[[int], object], a_hash: float) -> bool:
    short = _seconds(lambda: work(SIZE), a_hash, enough=a_hash / 80)
    if short <= a_hash / 80 or short == NEVER:
        return short == NEVER
    return _seconds(lambda: work(SIZE * 2), a_hash, short * MOST_GROWTH) > short * MOST_GROWTH


def _seconds(work: Callable[[], object], a_hash: float, enough: float) -> float:
    """Return the least processor time of several times; a single one where it takes no more than ``enough``."""
    least = NEVER
    for _ in range(4):
        try:
            with _ended_after(a_hash * 4):
                least = min(least, _once(work))
        except _TooLongError:
            return NEVER
        if least <= enough:
            break
    return least


def _once(work: Callable[[], object]) -> float:
    """Return the processor time of one call; there is no clearing up before each of thousands."""
    began = time.process_time()
    work()
    return time.process_time() - began


@contextmanager
def _ended_after(seconds: float) -> Iterator[None]:
    """End what takes more processor time: patterns look for signals as they go."""

    def end(*_: object) -> None:
        raise _TooLongError

    before = signal.signal(signal.SIGVTALRM, end)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
