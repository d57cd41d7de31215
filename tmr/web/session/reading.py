"""Turns at reading files that people bring, and at looking through an account: each keeps a core busy for a while.

Reading a file takes much memory too, and an account may store so much that looking through it takes many seconds, so
few go on at a time. A request that waits for its turn holds no connection of the database.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from uuid import UUID

from flask import g

from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.error_pages import Words
from tmr.web.monitoring.admission import aside
from tmr.web.session.current import unit_of_work, without_connection
from tmr.web.session.downloads import Places
from tmr.web.session.throttling import client_site
from tmr.web.session.turns.searches import (
    MANY_PAGES,
    MANY_SEARCHES,
    has_search_turn,
    refuse,
    search_turns,
    take_for_request,
)
from tmr.web.session.turns.turns import Turns

BY_ACCOUNT = 3  # requests at a time: one reads, the others wait
BY_SITE = 8  # from one IPv4 address or one IPv6 /48
IN_ALL = 16
TURN_SECONDS = 20.0
MANY_RECORDS = 10_000  # of one kind: to open the summaries of so many takes a tenth of a second and 20 MB
MANY = Words(
    "Too many files at once",
    "Files of yours are still being read. Nothing was changed. Go back, where what you chose is still there, and try "
    "again in a few seconds.",
)

_places, _turns = Places(by_account=BY_ACCOUNT, by_site=BY_SITE, in_all=IN_ALL), Turns()
_searches = Places(by_account=2 * BY_ACCOUNT, by_site=2 * BY_SITE, in_all=2 * IN_ALL)


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
    if has_search_turn():
        yield
        return
    with _turn(_searches, search_turns, owner, MANY_SEARCHES):
        yield


def scan_turn(q: str = "") -> AbstractContextManager[None]:
    """Take a turn, as ``search_turn``, for a page that looks through all records, where that is sure to be much work.

    That is where it searches their texts for ``q``, or where there are many. Where few hold much, they have a turn once
    that shows (``guard_scans``), and the connection waits for it. Call ``unit_of_work`` inside the block.
    """
    uow = unit_of_work()
    if q:
        return search_turn(uow.owner)
    needs_turn = has_many_records(uow) and not has_search_turn()
    return _turn(_searches, search_turns, uow.owner, MANY_PAGES) if needs_turn else nullcontext()


def scan_turn_in_a_change(uow: UnitOfWork, q: str = "") -> AbstractContextManager[None]:
    """Take a turn, where ``scan_turn`` does, for what a change shows or needs: the connection waits for a moment only.

    It lasts until the end of the request. Without a turn the answer says so, and nothing is changed.
    """
    if q or has_many_records(uow):
        take_for_request(uow.owner, MANY_SEARCHES if q else MANY_PAGES)
    return nullcontext()


def has_many_records(uow: UnitOfWork) -> bool:
    """Whether the account had many records of a kind when the session was claimed."""
    return max(uow.counts_at_claim.values(), default=0) > MANY_RECORDS


@contextmanager
def _turn(places: Places, turns: Turns, owner: UUID, words: Words) -> Iterator[None]:
    holder, is_taken = (f"account {owner}", f"site {client_site()}"), []
    before = has_search_turn()
    if status := places.take(*holder):
        refuse(status, words)

    def has_turn(seconds: float) -> bool:
        with aside() if seconds else nullcontext():
            has_one = turns.take(owner, seconds)
        if has_one:
            is_taken.append(owner)
        return bool(is_taken)

    try:
        if not has_turn(0) and not without_connection(lambda: has_turn(TURN_SECONDS)):
            refuse(503, words)
        g.has_search_turn = before or turns is search_turns
        yield
    finally:
        g.has_search_turn = before or "turn_of_request" in g
        for one in is_taken:
            turns.give_back(one)
        places.give_back(*holder)
