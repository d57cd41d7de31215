"""Turns at looking through an account: the bound that every page has, whether it asks for a turn or not.

A unit of work counts what it opens to look through it. A request that has opened much of it, and has no turn, takes one
until its end, or is answered that it must wait. So no page, present or future, keeps a core busy beside another one of
the same account.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn
from uuid import UUID

from flask import abort, g

from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.error_pages import OUTAGE, Words, answer
from tmr.web.monitoring.admission import aside
from tmr.web.session.turns.turns import RETRY_SECONDS, Turns

SHORT_SECONDS = 2.0  # that a request waits for a turn while it holds a connection
MANY_SEARCHES = Words(
    "Too many searches at once",
    "Your last search is still running. Nothing was changed. Try again in a few seconds.",
)
MANY_PAGES = Words(
    "Too many pages at once",
    "Your last page is still being put together. Nothing was changed. Try again in a few seconds.",
)

search_turns = Turns()


class NoTurnError(Exception):
    """There is no turn at once for what can be left out."""


def has_search_turn() -> bool:
    """Whether this request has a turn at looking through its account."""
    return bool(g.get("has_search_turn"))


def guard_scans(uow: UnitOfWork) -> None:
    """Let this unit of work of a request open much only in a turn."""
    uow.looking.on_much = lambda: take_for_request(uow.owner, OUTAGE if g.get("is_kept") else MANY_PAGES)


def take_for_request(owner: UUID, words: Words, seconds: float | None = None) -> None:
    """Take a turn until the end of this request, unless it has one; without one in time, answer with ``words``."""
    if has_search_turn():
        return
    with aside():  # others may be taken in meanwhile
        is_taken = search_turns.take(owner, SHORT_SECONDS if seconds is None else seconds)
    if not is_taken:
        refuse(503, words)
    g.has_search_turn, g.turn_of_request = True, owner


def give_back_turn(_error: BaseException | None) -> None:
    """Give back the turn that this request took until its end."""
    if (owner := g.pop("turn_of_request", None)) is not None:
        search_turns.give_back(owner)


@contextmanager
def only_at_once(uow: UnitOfWork, *, is_sure: bool = False) -> Iterator[None]:
    """Raise ``NoTurnError`` in the block instead of waiting for a turn: for what a page can leave out.

    With ``is_sure`` it is known beforehand that it takes a turn.
    """

    def take_at_once() -> None:
        if not has_search_turn():
            if not search_turns.take(uow.owner, 0):
                raise NoTurnError
            g.has_search_turn, g.turn_of_request = True, uow.owner

    before, uow.looking.on_much = uow.looking.on_much, take_at_once
    rows, size = uow.looking.rows, uow.looking.size
    try:
        if is_sure:
            take_at_once()
        yield
    except NoTurnError:  # what is left out was not opened, and calls for no turn of what follows
        uow.looking.rows, uow.looking.size = rows, size
        raise
    finally:
        uow.looking.on_much = before


def refuse(status: int, words: Words) -> NoReturn:
    """Answer that there is no turn now, and when to come again."""
    g.retry_after = RETRY_SECONDS
    abort(answer(status, words=words))
