"""How many connections of this process the requests of one account have, so that none takes them all."""

import threading
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from uuid import UUID

from tmr.repository.database.connections import POOL_SECONDS
from tmr.repository.errors import PoolTimeoutError

SHARE = 3  # of the 8 of a process: more statements at once do not make one account any faster
MOST_WAITING = 16  # requests of one account, each of which holds a thread


class Shares:
    """The shares of accounts in the connections of a pool; who waits for one holds no connection.

    Requests of one account wait for each other's locks, and each would hold a connection meanwhile: eight of them were
    enough to keep everybody else out.
    """

    def __init__(
        self,
        while_waiting: Callable[[], AbstractContextManager[None]] = nullcontext,
        share: int = SHARE,
        seconds: float = POOL_SECONDS,
    ) -> None:
        self._while_waiting = while_waiting
        self._share, self._seconds = share, seconds
        self._held: Counter[UUID] = Counter()
        self._waiting: Counter[UUID] = Counter()
        self._changed = threading.Condition()

    def take(self, owner: UUID) -> None:
        """Take a connection's worth of an account's share, or raise ``PoolTimeoutError`` if none gets free."""
        with self._changed:
            if not self._has_room(owner):
                self._wait(owner)
            self._held[owner] += 1

    def give_back(self, owner: UUID) -> None:
        """Give it back."""
        with self._changed:
            self._held -= Counter((owner,))  # which also drops what is at zero
            self._changed.notify_all()

    def _wait(self, owner: UUID) -> None:
        if self._waiting[owner] >= MOST_WAITING:
            raise PoolTimeoutError
        self._waiting[owner] += 1
        try:
            with self._while_waiting():
                has_room = self._changed.wait_for(lambda: self._has_room(owner), self._seconds)
            if not has_room:
                raise PoolTimeoutError
        finally:
            self._waiting -= Counter((owner,))

    def _has_room(self, owner: UUID) -> bool:
        return self._held[owner] < self._share
