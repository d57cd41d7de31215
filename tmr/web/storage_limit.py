"""The limit on what one account keeps: told before it is reached, and then nothing more is taken in."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from flask import g, request

from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.errors import Words, answer
from tmr.web.services import services
from tmr.web.session.current import unit_of_work

NEAR = 0.8
REMEMBERED_SECONDS = 60.0  # counting takes some milliseconds for each thousand records
REMEMBERED_ACCOUNTS = 10_000
SMALL_BYTES = 16 * 1024  # an edit of this size goes through: somebody must be able to tidy up
ADDING = ("records.create", "records.paste_rows", "records.create_import", "records.accept_import")
FULL = Words(
    "Your storage is full",
    "Nothing was changed. Delete documents you do not need: the space is free ten minutes later. Or ask the person who "
    "runs this server for more. Settings, Privacy shows what takes up space.",
)


class _Remembered:
    """What accounts were found to keep a moment ago, in this process."""

    def __init__(self) -> None:
        self._known: OrderedDict[UUID, tuple[float, int]] = OrderedDict()
        self._changing = threading.Lock()

    def get(self, owner: UUID) -> int | None:
        with self._changing:
            at, total = self._known.get(owner, (0.0, 0))
        return total if at and time.monotonic() - at < REMEMBERED_SECONDS else None

    def put(self, owner: UUID, total: int) -> None:
        with self._changing:
            self._known[owner] = (time.monotonic(), total)
            self._known.move_to_end(owner)
            while len(self._known) > REMEMBERED_ACCOUNTS:
                self._known.popitem(last=False)


_remembered = _Remembered()


def stores(handler: Callable[..., Any]) -> Callable[..., Any]:
    """Let a handler behind ``sign_in_required`` take something in only while there is room for the request."""

    @wraps(handler)
    def guarded(*args: object, **kwargs: object) -> Any:
        size = request.content_length or 0
        if _used() + size > services().settings.storage_limit and (size > SMALL_BYTES or request.endpoint in ADDING):
            return answer(413, words=FULL)
        _remembered.put(unit_of_work().owner, _used() + size)
        return handler(*args, **kwargs)

    return guarded


def is_nearly_full() -> bool:
    """Whether the account was found to be near its limit a moment ago; nothing is counted for this."""
    uow: UnitOfWork | None = g.get("unit_of_work")
    known = _remembered.get(uow.owner) if uow else None
    return known is not None and known >= NEAR * services().settings.storage_limit


def remember(total: int) -> None:
    """Note what was just counted for the person who is signed in."""
    _remembered.put(unit_of_work().owner, total)


def _used() -> int:
    known = _remembered.get(unit_of_work().owner)
    if known is None:
        known = unit_of_work().storage_used().total
        _remembered.put(unit_of_work().owner, known)
    return known
