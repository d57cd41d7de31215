"""Downloads: their clients read at their own speed, so they hold no connection of the database and few threads.

What has to be made is made whole before the answer begins, and waits sealed. What is stored is read a piece at a time,
each in a short transaction.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from io import SEEK_SET
from uuid import UUID

from flask import Response, abort, g, request

from tmr.repository.errors import DecryptionError, WorkTakenError
from tmr.repository.files.sealed_upload import PIECE_BYTES, SealedUpload
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.error_pages import Words, answer
from tmr.web.monitoring.admission import aside, is_fair
from tmr.web.session.current import opener
from tmr.web.session.throttling import client_site
from tmr.web.session.turns.turns import RETRY_SECONDS, Turns
from tmr.web.transport.bodies import Body, body_of

# Each holds a thread while its client reads. Of the 128 threads of a web process, bodies that are waited for can take
# 96 (see bodies.py): so many downloads at once, and no more, leave some for everything else.
IN_ALL = 24
BY_SITE = 12  # from one IPv4 address or one IPv6 /48
BY_ACCOUNT = 4
TURN_SECONDS = 30.0  # that an export waits for its turn: each keeps a core busy, and holds a connection meanwhile
WHOLE_BYTES = 256 * 1024  # an answer of at most so many is handed over whole, as pages are
MANY = Words("Too many downloads at once", "Let one of them finish, then try again. Nothing was changed.")

_turns = Turns()  # of what may take minutes, such as an export
_short_turns = Turns()  # of what takes seconds at the most: a feed, a coach's page, a page of a script


class Places:
    """Places for work in this process that holds a thread for long, with a share for each account and site.

    Once another site has more than one account may have, each has no more than it leaves: two sites with some accounts
    each had every place.
    """

    def __init__(self, *, by_account: int = BY_ACCOUNT, by_site: int = BY_SITE, in_all: int = IN_ALL) -> None:
        self._by_account, self._by_site, self._in_all = by_account, by_site, in_all
        self._taken: Counter[str] = Counter()
        self._of_sites: Counter[str] = Counter()
        self._changing = threading.Lock()

    def take(self, account: str, site: str) -> int:
        """Take a place; return 0 if there was one, else the status to answer with."""
        with self._changing:
            if self._taken[account] >= self._by_account or self._taken[site] >= self._by_site:
                return 429
            left = self._in_all - self._taken["all"]
            others = max((taken for other, taken in self._of_sites.items() if other != site), default=0)
            if left <= 0 or (others > self._by_account and not is_fair(self._taken[site], left, self._by_site)):
                return 503
            self._taken.update((account, site, "all"))
            self._of_sites.update((site,))
        return 0

    def give_back(self, account: str, site: str) -> None:
        """Give a place back."""
        with self._changing:
            self._taken -= Counter((account, site, "all"))  # which also drops what is at zero
            self._of_sites -= Counter((site,))


_places = Places()


class Download:
    """The pieces of an answer, and the place that it has until its end, however that comes."""

    def __init__(self, account: str, site: str, body: Body) -> None:
        self._holder = (account, site)
        self._body = body
        body.is_answered_in_pieces = True
        self._pieces: Iterator[bytes] = iter(())
        self._is_over = False

    def begin(self, pieces: Iterator[bytes]) -> "Download":
        """Send these pieces from now on."""
        self._pieces = pieces
        return self

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        self._body.client_is_here()
        try:
            piece = next(self._pieces)
        except BaseException:  # its end, or what went wrong
            self.close()
            raise
        self._body.wait_for_client()
        return piece

    def close(self) -> None:
        """End the download: its place is free again."""
        if self._is_over:
            return
        self._is_over = True
        self._body.client_is_here()
        _places.give_back(*self._holder)
        if hasattr(self._pieces, "close"):
            self._pieces.close()

    def __del__(self) -> None:
        self.close()


def send_stored(uow: UnitOfWork, size: int, read: Callable[[UnitOfWork, int], bytes | None]) -> Response:
    """Answer with stored content of ``size`` bytes; ``read`` returns its pieces by their numbers, from 0.

    ``uow`` is the unit of work of the request, which has ended: each piece is read in one of its own.

    An answer that breaks off is shorter than its header says, so that every client notices.
    """
    download = begin_download(uow.owner)
    return _sized(download.begin(_read_each(opener(uow), size, read)), size)


def send_made(download: Download, uow: UnitOfWork, make: Callable[[UnitOfWork], Iterable[bytes]]) -> Response:
    """Answer with what ``make`` makes of the account's data as it is at one moment; a HEAD request makes nothing.

    ``uow`` is the unit of work of the request, which has ended: ``make`` gets one of its own.
    """
    if request.method == "HEAD":
        download.close()
        return Response()
    made = SealedUpload()
    try:
        with _turn(uow.owner), opener(uow)(is_snapshot=True) as reading:
            for piece in make(reading):
                made.write(piece)
    except BaseException:
        download.close()
        raise
    size = made.tell()
    made.seek(0, SEEK_SET)
    return _sized(download.begin(_read_whole(made)), size)


def send_slowly(owner: UUID, content: bytes, content_type: str) -> Response:
    """Answer with content that may be large: then it waits sealed, and keeps a place until its client has taken it."""
    if len(content) <= WHOLE_BYTES:
        return Response(content, content_type=content_type)
    download, kept = begin_download(owner), SealedUpload()
    kept.write(content)
    kept.seek(0, SEEK_SET)
    response = _sized(download.begin(_read_whole(kept)), len(content))
    response.content_type = content_type
    return response


@contextmanager
def at_work(owner: UUID) -> Iterator[None]:
    """Take one of the places for downloads, and a turn at work that keeps a core busy, for the time of the block.

    An account has one turn at a time, and some are kept for those whose work is short.
    """
    with _place(owner), _turn(owner, _short_turns):
        yield


@contextmanager
def at_large_work(owner: UUID) -> Iterator[None]:
    """Do as ``at_work`` for what may take minutes, which holds up no short work of the account.

    Raises:
        WorkTakenError: this account has such work done already, in this process.
    """
    with _place(owner):
        if _turns.has(owner):
            raise WorkTakenError
        with _turn(owner):
            yield


@contextmanager
def _place(owner: UUID) -> Iterator[None]:
    holder = _take_place(owner)
    try:
        yield
    finally:
        _places.give_back(*holder)


def begin_download(owner: UUID) -> Download:
    """Return a download that has a place, or answer that there are too many."""
    return Download(*_take_place(owner), body_of(request.environ))


def _take_place(owner: UUID) -> tuple[str, str]:
    """Take a place and return who has it, or answer that there are too many."""
    holder = (f"account {owner}", f"site {client_site()}")
    if status := _places.take(*holder):
        g.retry_after = RETRY_SECONDS
        abort(answer(status, words=MANY))
    return holder


@contextmanager
def _turn(owner: UUID, turns: Turns = _turns) -> Iterator[None]:
    with aside():  # others may be taken in meanwhile
        is_taken = turns.take(owner, TURN_SECONDS)
    if not is_taken:
        abort(503)
    try:
        yield
    finally:
        turns.give_back(owner)


def _sized(download: Download, size: int) -> Response:
    response = Response(download)
    response.content_length = size
    return response


def _read_each(
    opens: Callable[..., UnitOfWork], size: int, read: Callable[[UnitOfWork, int], bytes | None]
) -> Iterator[bytes]:
    number, left = 0, size
    while left > 0:
        with opens() as uow:
            piece = read(uow, number)
        if piece is None:  # it was deleted since, or is damaged
            raise DecryptionError
        yield piece
        number, left = number + 1, left - len(piece)


def _read_whole(made: SealedUpload) -> Iterator[bytes]:
    with made:
        while piece := made.read(PIECE_BYTES):
            yield piece
