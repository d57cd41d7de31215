"""What the app keeps for as long as its process runs, as requests reach it."""

import datetime as dt
from collections.abc import Callable, Sequence

import msgspec
from flask import current_app

from tmr.config import Settings
from tmr.repository.queue.rate_limits import Limits
from tmr.repository.repository import Repository

EXTENSION = "tmr"


class Services(msgspec.Struct, frozen=True):
    """Everything that lives longer than a request.

    ``hash_password`` and ``verify_password`` hold the pepper, so that rooms need not share a key. The first of
    ``cookie_keys`` signs; the others verify what they signed earlier. ``publish_erasures`` writes the erasure ledger,
    which is kept apart from the data; it is called after each erasure.
    """

    settings: Settings
    repository: Repository
    limits: Limits
    cookie_keys: Sequence[bytes]
    hash_password: Callable[[str], str]
    verify_password: Callable[[str, str | None], bool]
    needs_rehash: Callable[[str], bool]
    clock: Callable[[], dt.datetime]
    publish_erasures: Callable[[dt.datetime], None]
    newest_backup: Callable[[], dt.datetime | None] = lambda: None
    is_kit_here: Callable[[], bool] = lambda: False
    release: str = ""

    def __repr__(self) -> str:
        return "Services(…)"


def services() -> Services:
    """Return the services of the app that handles this request."""
    extension: Services = current_app.extensions[EXTENSION]
    return extension


def now() -> dt.datetime:
    """Return the instant of this request, in UTC."""
    return services().clock()
