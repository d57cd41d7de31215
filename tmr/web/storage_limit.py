"""The limit on what one account stores: people are warned near it, and at it nothing more is accepted.

Many accounts together could still fill the disk, so the last of it is kept for edits, deletions and exports.
"""

import logging
import shutil
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from flask import g, request

from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.error_pages import Words, answer
from tmr.web.services import services
from tmr.web.session.current import unit_of_work

logger = logging.getLogger(__name__)

NEAR = 0.8  # of the limit: from here on pages warn
REMEMBERED_SECONDS = 60.0  # counting takes some milliseconds per thousand records, too long for each request
REMEMBERED_ACCOUNTS = 10_000
SMALL_BYTES = 16 * 1024  # an edit of at most this size is accepted, so that a full account can still be tidied up
ADDING = (
    "records.create",
    "records.add_entry",
    "records.paste_rows",
    "records.create_import",
    "records.accept_import",
)
FULL = Words(
    "Your storage is full",
    "Nothing was changed. Delete documents you do not need: the space is free ten minutes later. Or ask the person who "
    "runs this server for more. Settings, Privacy shows what takes up space.",
)
LEAST_FREE_BYTES = 512 * 1024 * 1024  # or a twentieth of a small disk
DISK_FULL = Words(
    "The server's disk is nearly full",
    "Nothing was changed. Files cannot be added just now; small edits, deletions and exports still work. The person "
    "who runs this server has to make room.",
)


class _RecentTotals:
    """How many bytes accounts stored when they were last counted, in this process. Threads share it, so it locks."""

    def __init__(self) -> None:
        self._totals: OrderedDict[UUID, tuple[float, int]] = OrderedDict()
        self._changing = threading.Lock()

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


_recent = _RecentTotals()


def stores(handler: Callable[..., Any]) -> Callable[..., Any]:
    """Let a handler, behind ``sign_in_required``, store something only while there is room for the whole request."""

    @wraps(handler)
    def guarded(*args: object, **kwargs: object) -> Any:
        size = request.content_length or 0
        # The size of the request stands in for what it will store, which is not known yet.
        if _used() + size > services().settings.storage_limit and (size > SMALL_BYTES or request.endpoint in ADDING):
            return answer(413, words=FULL)
        if size > SMALL_BYTES and _is_disk_nearly_full():
            return answer(503, words=DISK_FULL)
        _recent.put(unit_of_work().owner, _used() + size)
        return handler(*args, **kwargs)

    return guarded


def _is_disk_nearly_full() -> bool:
    """Whether the last of the disk is reached that the embedded database is on; of another one nothing is known."""
    settings = services().settings
    if settings.database_url:
        return False
    disk = shutil.disk_usage(settings.data_dir)
    is_nearly_full = disk.free < min(LEAST_FREE_BYTES, disk.total // 20)
    if is_nearly_full:
        logger.error("the disk is nearly full (%d MB free): a file was refused", disk.free // 1024**2)
    return is_nearly_full


def is_nearly_full() -> bool:
    """Whether the account was near its limit when last counted; every page asks, so nothing is counted for it."""
    uow: UnitOfWork | None = g.get("unit_of_work")
    total = _recent.get(uow.owner) if uow else None
    return total is not None and total >= NEAR * services().settings.storage_limit


def remember(total: int) -> None:
    """Remember the total in bytes that was just counted for the account that is signed in."""
    _recent.put(unit_of_work().owner, total)


def _used() -> int:
    total = _recent.get(unit_of_work().owner)
    if total is None:
        total = unit_of_work().storage_used().total
        _recent.put(unit_of_work().owner, total)
    return total
