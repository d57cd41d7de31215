"""Turns at reading files that people bring: it keeps a core busy and takes much memory, so few are read at a time.

A request that waits for its turn holds no connection of the database.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from flask import abort, g

from tmr.web.error_pages import Words, answer
from tmr.web.session.current import without_connection
from tmr.web.session.downloads import RETRY_SECONDS, Places
from tmr.web.session.throttling import client_site

READ_AT_ONCE = 2  # files in this process, each of another account
BY_ACCOUNT = 3  # requests at a time: one reads, the others wait
BY_SITE = 8  # from one IPv4 address or one IPv6 /48
IN_ALL = 16
TURN_SECONDS = 20.0
MANY = Words(
    "Too many files at once",
    "Files of yours are still being read. Nothing was changed. Go back, where what you chose is still there, and try "
    "again in a few seconds.",
)


class Turns:
    """Who reads a file in this process just now."""

    def __init__(self) -> None:
        self._reading: set[UUID] = set()
        self._changed = threading.Condition()

    def take(self, owner: UUID, seconds: float) -> bool:
        """Take a turn within ``seconds``; return whether there was one."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while owner in self._reading or len(self._reading) >= READ_AT_ONCE:
                left = deadline - time.monotonic()
                if left <= 0:
                    return False
                self._changed.wait(left)
            self._reading.add(owner)
        return True

    def give_back(self, owner: UUID) -> None:
        """Give a turn back."""
        with self._changed:
            self._reading.discard(owner)
            self._changed.notify_all()


_places, _turns = Places(by_account=BY_ACCOUNT, by_site=BY_SITE, in_all=IN_ALL), Turns()


@contextmanager
def reading_turn(owner: UUID) -> Iterator[None]:
    """Take a turn at reading a file for the time of the block, or answer that too many are read.

    Use it before anything is changed, and call ``unit_of_work`` inside the block: it is a new one after a wait.
    """
    holder, is_taken = (f"account {owner}", f"site {client_site()}"), []
    if status := _places.take(*holder):
        _refuse(status)

    def has_turn(seconds: float) -> bool:
        if _turns.take(owner, seconds):
            is_taken.append(owner)
        return bool(is_taken)

    try:
        if not has_turn(0) and not without_connection(lambda: has_turn(TURN_SECONDS)):
            _refuse(503)
        yield
    finally:
        for one in is_taken:
            _turns.give_back(one)
        _places.give_back(*holder)


def _refuse(status: int) -> None:
    g.retry_after = RETRY_SECONDS
    abort(answer(status, words=MANY))
