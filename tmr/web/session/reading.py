"""Turns at reading files that people bring, and at looking through an account: each keeps a core busy for a while.

Reading a file takes much memory too, and an account may store so much that looking through it takes many seconds, so
few go on at a time. A request that waits for its turn holds no connection of the database.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from uuid import UUID

from flask import abort, g

from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.error_pages import Words, answer
from tmr.web.session.current import unit_of_work, without_connection
from tmr.web.session.downloads import RETRY_SECONDS, Places
from tmr.web.session.throttling import client_site

READ_AT_ONCE = 2  # files in this process, each of another account
BY_ACCOUNT = 3  # requests at a time: one reads, the others wait
BY_SITE = 8  # from one IPv4 address or one IPv6 /48
IN_ALL = 16
SPARE = 1  # turns for accounts that took little time lately
SLOW_SECONDS = 3.0
FORGOTTEN = 0.1  # of a second, for each second that passes
LOOK_AGAIN_SECONDS = 0.5  # turns that others have get slow without a word
TURN_SECONDS = 20.0
SHORT_SECONDS = 2.0
MANY_RECORDS = 10_000  # of one kind: to open the summaries of so many takes a tenth of a second and 20 MB
MANY = Words(
    "Too many files at once",
    "Files of yours are still being read. Nothing was changed. Go back, where what you chose is still there, and try "
    "again in a few seconds.",
)
MANY_SEARCHES = Words(
    "Too many searches at once",
    "Your last search is still running. Nothing was changed. Try again in a few seconds.",
)

MANY_PAGES = Words(
    "Too many pages at once",
    "Your last page is still being put together. Nothing was changed. Try again in a few seconds.",
)


class Turns:
    """Who reads a file, or searches, in this process just now.

    Accounts whose turns take long can hold ``READ_AT_ONCE`` of them. There are ``SPARE`` more for the others, so that
    nobody who searches a list of the usual size waits for those.
    """

    def __init__(self) -> None:
        self._reading: dict[UUID, float] = {}  # since when
        self._spent: dict[UUID, tuple[float, float]] = {}  # seconds of turns, and when that was written
        self._changed = threading.Condition()

    def take(self, owner: UUID, seconds: float) -> bool:
        """Take a turn within ``seconds``; return whether there was one."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while not self._has_turn(owner):
                left = deadline - time.monotonic()
                if left <= 0:
                    return False
                self._changed.wait(min(left, LOOK_AGAIN_SECONDS))
            self._reading[owner] = time.monotonic()
        return True

    def give_back(self, owner: UUID) -> None:
        """Give a turn back."""
        with self._changed:
            spent = self._seconds_of(owner)
            self._reading.pop(owner, None)
            self._spent = {other: kept for other, kept in self._spent.items() if self._seconds_of(other) > 0}
            self._spent[owner] = spent, time.monotonic()
            self._changed.notify_all()

    def _has_turn(self, owner: UUID) -> bool:
        if owner in self._reading:
            return False
        has_spare = not self._is_slow(owner) and all(self._is_slow(other) for other in self._reading)
        return len(self._reading) < READ_AT_ONCE + (SPARE if has_spare else 0)

    def _is_slow(self, owner: UUID) -> bool:
        return self._seconds_of(owner) > SLOW_SECONDS

    def _seconds_of(self, owner: UUID) -> float:
        """Return how long this account has had turns lately, with the one that it has now."""
        now = time.monotonic()
        spent, written = self._spent.get(owner, (0.0, now))
        return max(spent - (now - written) * FORGOTTEN, 0.0) + now - self._reading.get(owner, now)


_places, _turns = Places(by_account=BY_ACCOUNT, by_site=BY_SITE, in_all=IN_ALL), Turns()
_searches, _search_turns = Places(by_account=2 * BY_ACCOUNT, by_site=2 * BY_SITE, in_all=2 * IN_ALL), Turns()


@contextmanager
def reading_turn(owner: UUID) -> Iterator[None]:
    """Take a turn at reading a file for the time of the block, or answer that too many are read.

    Use it before anything is changed, and call ``unit_of_work`` inside the block: it is a new one after a wait.
    """
    with _turn(_places, _turns, owner, MANY):
        yield


@contextmanager
def search_turn(owner: UUID) -> Iterator[None]:
    """Take a turn at looking through every text of an account, as ``reading_turn``."""
    with _turn(_searches, _search_turns, owner, MANY_SEARCHES):
        yield


def scan_turn(q: str = "") -> AbstractContextManager[None]:
    """Take a turn, as ``search_turn``, for a page that looks through all records, where that is much work.

    That is where it searches their texts for ``q``, or where there are many; else there is nothing to wait for. Call
    ``unit_of_work`` inside the block.
    """
    uow = unit_of_work()
    if q:
        return search_turn(uow.owner)
    return _turn(_searches, _search_turns, uow.owner, MANY_PAGES) if has_many_records(uow) else nullcontext()


@contextmanager
def scan_turn_in_a_change(uow: UnitOfWork, q: str = "") -> Iterator[None]:
    """Take a turn, where ``scan_turn`` does, for what a change shows or needs: the connection waits for a moment only.

    Without a turn the answer says so, and nothing is changed.
    """
    if g.get("has_search_turn") or not (q or has_many_records(uow)):
        yield
        return
    with search_turn_at_once(uow.owner, SHORT_SECONDS) as is_taken:
        if not is_taken:
            _refuse(503, MANY_SEARCHES if q else MANY_PAGES)
        yield


def has_many_records(uow: UnitOfWork) -> bool:
    """Whether the account had many records of a kind when the session was claimed."""
    return max(uow.counts_at_claim.values(), default=0) > MANY_RECORDS


@contextmanager
def search_turn_at_once(owner: UUID, seconds: float = 0) -> Iterator[bool]:
    """Take a turn at searching if there is one within ``seconds``, or without a wait; say whether there was."""
    is_taken = _search_turns.take(owner, seconds)
    try:
        yield is_taken
    finally:
        if is_taken:
            _search_turns.give_back(owner)


@contextmanager
def _turn(places: Places, turns: Turns, owner: UUID, words: Words) -> Iterator[None]:
    holder, is_taken = (f"account {owner}", f"site {client_site()}"), []
    if status := places.take(*holder):
        _refuse(status, words)

    def has_turn(seconds: float) -> bool:
        if turns.take(owner, seconds):
            is_taken.append(owner)
        return bool(is_taken)

    try:
        if not has_turn(0) and not without_connection(lambda: has_turn(TURN_SECONDS)):
            _refuse(503, words)
        g.has_search_turn = turns is _search_turns
        yield
    finally:
        g.has_search_turn = False
        for one in is_taken:
            turns.give_back(one)
        places.give_back(*holder)


def _refuse(status: int, words: Words) -> None:
    g.retry_after = RETRY_SECONDS
    abort(answer(status, words=words))
