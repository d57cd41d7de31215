"""Who is served when more ask than can be served: the others are told at once, and not after a wait of many seconds.

Requests wait for each other in the threads of a process. Without a limit they all become slow together, and those that
only ask whether the server is alive wait behind them. So each process takes in only what it can do in about a second,
by what requests took lately. Static files and health are not counted, and neither is a request while it waits for
something else: its body, a turn at hashing a password or at reading.

The last quarter of the places is for those who are not there yet, and so is a quarter of what a second site leaves:
nobody keeps everyone else out from a few places in the network.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from werkzeug.exceptions import ServiceUnavailable

WITHIN_SECONDS = 0.7  # what is taken in is answered within about that, so that hardly any answer takes a second
FEWEST, MOST = 16, 64  # requests at a time: some are always taken in, and threads are left to tell the others
FIRST_SECONDS = 0.02  # what a request takes, until one was seen
WEIGHT = 0.05  # of the latest request in what requests took lately
ADMISSION = "tmr admission"  # its place among the extensions of the app
SHARE = 3  # times what is left, that one site may have: three quarters of all, and of what others leave
_current = threading.local()


def is_fair(taken: int, left: int, most: int) -> bool:
    """Whether a site that has ``taken`` places may have one more, of which ``left`` are free: at most ``most``.

    It gets no more than it leaves to others, so each further site halves what is left, and the next one finds a place.
    """
    return taken < min(most, left)


class _Ticket:
    """One request that was taken in from ``site``; ``others`` is with how many it shares the process."""

    def __init__(self, admission: "Admission", site: str, began: float, others: int) -> None:
        self.admission = admission
        self.site = site
        self.began = began
        self.others = others
        self.aside = 0.0
        self.is_inside = True


class Admission:
    """Counts the requests of a process that want to be worked on now; none is refused before ``begin``."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self.clock = clock
        self.inside = 0
        self.refused = 0
        self._of_site: Counter[str] = Counter()  # of those inside
        self._is_limiting = False
        self._seconds = FIRST_SECONDS  # of work for one request
        self._lock = threading.Lock()

    def begin(self) -> None:
        """Refuse what is too much from now on: this process serves people."""
        self._is_limiting = True

    @property
    def most(self) -> int:
        """How many requests can be worked on at a time, so that each is answered soon."""
        return max(FEWEST, min(int(WITHIN_SECONDS / self._seconds), MOST))

    def enter(self, site: str) -> _Ticket | None:
        """Take a request of ``site`` in, or return None because it would take too long, or keep others out.

        A site is an IPv4 address, or an IPv6 /48 network.
        """
        with self._lock:
            if not self._has_place_for(site):
                self.refused += 1
                return None
            self._count(site, 1)
            return _Ticket(self, site, self.clock(), self.inside)

    def _has_place_for(self, site: str) -> bool:
        left = SHARE * (self.most - self.inside)
        return not self._is_limiting or is_fair(self._of_site[site], left, self.most)

    def _count(self, site: str, difference: int) -> None:
        self.inside += difference
        self._of_site[site] += difference
        if not self._of_site[site]:  # or the counter would grow with every address ever seen
            del self._of_site[site]

    def leave(self, ticket: _Ticket) -> None:
        """Note that a request has been answered, and what of the time was its own."""
        with self._lock:
            if ticket.is_inside:
                self._count(ticket.site, -1)
            seconds = max(self.clock() - ticket.began - ticket.aside, 0) / ticket.others
            self._seconds += (seconds - self._seconds) * WEIGHT

    def step_aside(self, ticket: _Ticket) -> None:
        """Let another request in while this one waits."""
        with self._lock:
            self._count(ticket.site, -1)
            ticket.is_inside = False

    def step_back(self, ticket: _Ticket, *, may_refuse: bool = False) -> bool:
        """Go on with a request that waited; return False if it may be refused, and has no place any more."""
        with self._lock:
            if may_refuse and not self._has_place_for(ticket.site):
                self.refused += 1
                return False
            self._count(ticket.site, 1)
            ticket.is_inside = True
            return True

    @contextmanager
    def working(self, ticket: _Ticket) -> Iterator[None]:
        """Work on a request that was taken in; during the block ``aside`` knows it."""
        _current.ticket = ticket
        try:
            yield
        finally:
            _current.ticket = None
            self.leave(ticket)


@contextmanager
def aside(*, may_refuse: bool = False) -> Iterator[None]:
    """Do not count the request of this thread for the time of the block, in which it waits for others.

    With ``may_refuse`` it goes on only if it would be taken in again: many that waited may be ready at the same time.

    Raises:
        ServiceUnavailable: it is not taken in again.
    """
    ticket: _Ticket | None = getattr(_current, "ticket", None)
    if ticket is None:
        yield
        return
    began = ticket.admission.clock()
    ticket.admission.step_aside(ticket)
    try:
        yield
    finally:
        is_back = ticket.admission.step_back(ticket, may_refuse=may_refuse)
        ticket.aside += ticket.admission.clock() - began
    if not is_back:
        raise ServiceUnavailable
