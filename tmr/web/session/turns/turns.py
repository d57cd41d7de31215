"""Who keeps a core of this process busy just now, and whose turn is next."""

import threading
import time
from uuid import UUID

READ_AT_ONCE = 2  # turns in this process, each of another account
SPARE = 1  # turns for accounts that took little time lately
SLOW_SECONDS = 3.0
FORGOTTEN = 0.1  # of a second, for each second that passes
RETRY_SECONDS = 10  # after which someone without a turn can come again
LOOK_AGAIN_SECONDS = 0.5  # turns that others have get slow without a word


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

    def has(self, owner: UUID) -> bool:
        """Whether this account has a turn just now."""
        with self._changed:
            return owner in self._reading

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
