"""The limit on what one account stores: people are warned near it, and at it nothing more is accepted.

What counts is what a request really writes: a text that is set on a thousand records is sent once and stored a
thousand times. The size of the request is only looked at first, so that one without room is refused before it works.

Many accounts together could still fill the disk, so the last of it is kept for small edits, deletions and exports.
"""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from flask import abort, g, request

from tmr.disk_space import room_at
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.error_pages import Words, answer
from tmr.web.services import services

logger = logging.getLogger(__name__)

NEAR = 0.8  # of the limit: from here on pages warn
REMEMBERED_SECONDS = 60.0  # counting takes some milliseconds per thousand records, too long for each request
REMEMBERED_ACCOUNTS = 10_000
SMALL_BYTES = 16 * 1024  # an edit that stores at most this is accepted, so that a full account can still be tidied up
UNCOUNTED_BYTES = 256 * 1024  # so much of an account's small edits, in this process, is accepted before all is counted
# Times the limit, for small edits, undo and redo: a full account can still be tidied up, and yet not grow without end.
# Undo keeps what it replaces once for each change, so this is enough for many large ones.
TIDYING_ROOM = 1.25
ADDING = (
    "api.create",
    "records.create",
    "records.add_entry",
    "records.log_draft",
    "records.duplicate",
    "records.paste_rows",
    "records.create_import",
    "records.accept_import",
    "records.keep_capture",
    "records.apply_mail",
)
FULL = Words(
    "Your storage is full",
    "Nothing was changed. Delete documents you do not need: the space is free once the trash is emptied. "
    "Or ask the person who runs this server for more. Settings, Privacy shows what takes up space.",
)
DISK_FULL = Words(
    "The server's disk is nearly full",
    "Nothing was changed. Only some small edits, deletions and exports work just now. The person who runs this server "
    "has to make room.",
)


class _RecentTotals:
    """How many bytes accounts stored when they were last counted, in this process. Threads share it, so it locks.

    Beside that, what small edits have stored since the last time that they were compared with the limit.
    """

    def __init__(self) -> None:
        self._totals: OrderedDict[UUID, tuple[float, int]] = OrderedDict()
        self._of_edits: OrderedDict[UUID, int] = OrderedDict()
        self._changing = threading.Lock()

    def add_edit(self, owner: UUID, size: int) -> int:
        """Return what the small edits of an account have stored with this one, in bytes."""
        with self._changing:
            total = self._of_edits[owner] = self._of_edits.get(owner, 0) + size
            self._of_edits.move_to_end(owner)
            while len(self._of_edits) > REMEMBERED_ACCOUNTS:
                self._of_edits.popitem(last=False)
        return total

    def forget_edits(self, owner: UUID) -> None:
        with self._changing:
            self._of_edits.pop(owner, None)

    def get(self, owner: UUID) -> int | None:
        with self._changing:
            counted_at, total = self._totals.get(owner, (0.0, 0))
        return total if counted_at and time.monotonic() - counted_at < REMEMBERED_SECONDS else None

    def put(self, owner: UUID, total: int) -> None:
        with self._changing:
            self._totals[owner] = (time.monotonic(), total)
            self._totals.move_to_end(owner)
            while len(self._totals) > REMEMBERED_ACCOUNTS:
                self._totals.popitem(last=False)

    def grow(self, owner: UUID, size: int) -> None:
        """Add to a total without making it younger, so that it is counted again in time."""
        with self._changing:
            if owner in self._totals:
                counted_at, total = self._totals[owner]
                self._totals[owner] = (counted_at, total + size)

    def forget(self, owner: UUID) -> None:
        with self._changing:
            self._totals.pop(owner, None)


_recent = _RecentTotals()


def stores(handler: Callable[..., Any]) -> Callable[..., Any]:
    """Let a handler, behind ``sign_in_required``, store something only while there is room for the whole request."""

    @wraps(handler)
    def guarded(*args: object, **kwargs: object) -> Any:
        size = request.content_length or 0
        if size > SMALL_BYTES or request.endpoint in ADDING:
            _refuse_without_room(g.unit_of_work, size, size)
        return handler(*args, **kwargs)

    return guarded


def limit_growth(uow: UnitOfWork) -> None:
    """Let what this unit of work writes be as much as there is room for; past that the request is answered."""

    def allow(size: int, total: int, is_undo: bool) -> None:
        if total > SMALL_BYTES:
            _refuse_without_room(uow, size, total, TIDYING_ROOM if is_undo else 1)
        elif _recent.add_edit(uow.owner, size) > UNCOUNTED_BYTES:
            _refuse_without_room(uow, size, UNCOUNTED_BYTES, TIDYING_ROOM)
            _recent.forget_edits(uow.owner)
        _recent.grow(uow.owner, size)

    uow.growth.allow = allow


def _refuse_without_room(uow: UnitOfWork, size: int, total: int, room: float = 1) -> None:
    """Answer that there is no room for ``size`` more bytes, in a request or in small edits that store ``total`` so far.

    ``room`` is how many times the limit there is room for.
    """
    if _used(uow) + size > room * services().settings.storage_limit:
        _refuse(uow, 413, FULL)
    if total > SMALL_BYTES and _is_disk_nearly_full():
        _refuse(uow, 503, DISK_FULL)


def _refuse(uow: UnitOfWork, status: int, words: Words) -> None:
    _recent.forget(uow.owner)  # it counted what this request wrote so far, which is not kept
    abort(answer(status, words=words))


def _is_disk_nearly_full() -> bool:
    """Whether the last of the disk is reached that the embedded database is on; of another one nothing is known."""
    settings = services().settings
    if settings.database_url:
        return False
    room = room_at(settings.data_dir)
    if room.is_nearly_full:
        logger.error("the disk is nearly full (%s): a large change was refused", room)
    return room.is_nearly_full


def is_nearly_full() -> bool:
    """Whether the account was near its limit when last counted; every page asks, so nothing is counted for it."""
    uow: UnitOfWork | None = g.get("unit_of_work")
    total = _recent.get(uow.owner) if uow else None
    return total is not None and total >= NEAR * services().settings.storage_limit


def remember(total: int) -> None:
    """Remember the total in bytes that was just counted for the account that is signed in."""
    _recent.put(g.unit_of_work.owner, total)


def _used(uow: UnitOfWork) -> int:
    total = _recent.get(uow.owner)
    if total is None:
        total = uow.storage_used().total
        _recent.put(uow.owner, total)
    return total
