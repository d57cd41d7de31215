"""What lives as long as the process, and how requests get at it."""

import datetime as dt
from collections.abc import Callable, Sequence

import msgspec

from tmr.config import Settings
from tmr.repository.lock.kept_slots import KeptSlot
from tmr.repository.lock.passwords import Opening
from tmr.repository.queue.rate_limits import Limits
from tmr.repository.repository import Repository

EXTENSION = "tmr"


class Services(msgspec.Struct, frozen=True):
    """Everything that lives longer than a request.

    ``open_by_password`` returns what a password makes for a slot of locked records, once its turn has come.
    ``hash_password`` and ``verify_password`` hold the pepper, so that no room needs that key. The first of
    ``cookie_keys`` signs; the others verify what was signed with them earlier. ``publish_erasures`` writes the erasure
    ledger, which is stored apart from the data, and is called after each erasure. ``is_kit_here`` says whether the
    private key of the backups is still on this machine.
    """

    settings: Settings
    repository: Repository
    limits: Limits
    cookie_keys: Sequence[bytes]
    hash_password: Callable[[str], str]
    verify_password: Callable[[str, str | None], bool]
    needs_rehash: Callable[[str], bool]
    open_by_password: Callable[[KeptSlot, str], Opening]
    clock: Callable[[], dt.datetime]
    publish_erasures: Callable[[dt.datetime], None]
    newest_backup: Callable[[], dt.datetime | None] = lambda: None
    is_kit_here: Callable[[], bool] = lambda: False
    release: str = ""

    def __repr__(self) -> str:
        return "Services(…)"


def services() -> Services:
    """Return the services of the app that handles this request."""
    # Imported here, since commands build services too, and start sooner without Flask.
    from flask import current_app

    extension: Services = current_app.extensions[EXTENSION]
    return extension


def now() -> dt.datetime:
    """Return the time by the app's clock, in UTC."""
    return services().clock()
