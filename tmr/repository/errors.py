"""What can go wrong between the app and its data."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy.exc import DBAPIError as DatabaseError
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from tmr.crypto.errors import DecryptionError, KeyringError
from tmr.domain.fields.kind import Kind
from tmr.domain.record import Record
from tmr.errors import OperatorError

__all__ = [
    "DamagedRecordError",
    "DatabaseError",
    "DatabaseUnreachableError",
    "DecryptionError",
    "EmailTakenError",
    "FieldsBusyError",
    "ImportStateError",
    "KeyringError",
    "LockedError",
    "NothingToUndoError",
    "PoolTimeoutError",
    "RecordNotFoundError",
    "StaleVersionError",
    "TooManyRecordsError",
    "WorkTakenError",
    "is_key_gone",
    "is_outage",
    "outages_told",
]


class DatabaseUnreachableError(OperatorError):
    """The database does not answer, or refuses the connection; the message has its words."""


class RecordNotFoundError(LookupError):
    """No such record for this owner; whether another owner has it makes no difference."""


class LockedError(Exception):
    """The records of this account are locked, and nothing that this transaction has opens them.

    It is no ``DecryptionError``: nothing is damaged, and the person can open them.
    """


class DamagedRecordError(DecryptionError):
    """A record's sealed value does not open. The log names its address."""


class StaleVersionError(Exception):
    """The record has changed since the version that an edit began from; ``current`` is what it is now."""

    def __init__(self, current: Record) -> None:
        super().__init__(f"version {current.version} is current")
        self.current = current


class NothingToUndoError(Exception):
    """The time for undoing is over, or the change was undone already."""


class TooManyRecordsError(Exception):
    """An account would have more records of a kind than it may; nothing may be committed. The message is a sentence."""

    def __init__(self, kind: Kind, most: int) -> None:
        what = "entries of timelines" if kind.key == "event" else kind.plural
        super().__init__(
            f"An account can have {most:,} {what} at most. Nothing was added; delete some that you don’t need, and try "
            "again. The trash does not count."
        )


class FieldsBusyError(Exception):
    """An own field can't go for good while values of own fields are written; nothing may be committed."""


class EmailTakenError(Exception):
    """An account with this address exists."""


class ImportStateError(Exception):
    """The import is in a state that does not allow this step; ``state`` names it."""

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


class WorkTakenError(Exception):
    """Someone does this piece of large work just now."""


def is_outage(error: Exception) -> bool:
    """Whether the database went away, so that the same request may succeed in a moment."""
    if not isinstance(error, DatabaseError):
        return False
    return error.connection_invalidated or error.statement is None or isinstance(error.orig, psycopg.OperationalError)


def is_key_gone(error: Exception) -> bool:
    """Whether the key has been destroyed under which something was to be stored, such as while a lock is turned on.

    The same request then seals under another one.
    """
    missing = getattr(error, "orig", None)
    return isinstance(missing, psycopg.errors.ForeignKeyViolation) and str(missing.diag.constraint_name).endswith(
        "_key_id_fkey"
    )


@contextmanager
def outages_told() -> Iterator[None]:
    """Raise ``DatabaseUnreachableError`` for an outage of the database in the block, whichever library noticed it."""
    try:
        yield
    except (OperationalError, psycopg.OperationalError) as error:
        raise DatabaseUnreachableError(
            f"the database cannot be reached: {getattr(error, 'orig', None) or error}"
        ) from error
