"""Does the same for many accounts, or several things in turn, so that one that fails holds up no other."""

import logging
import traceback
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from uuid import UUID

from tmr.errors import OperatorError
from tmr.repository.errors import LockedError, RecordNotFoundError
from tmr.repository.repository import Repository

logger = logging.getLogger(__name__)

Work = Callable[[], object]


class SomeFailedError(OperatorError):
    """Part of the work of a job failed and the rest is done; the log has each failure."""


class Attempts:
    """What one run of a job tries, and how much of it failed."""

    def __init__(self, what: str, repository: Repository) -> None:
        self._what = what
        self._repository = repository
        self._failed = 0
        self.locked = 0  # no failures: their owners can do it, and nobody else

    def for_each(self, owners: Iterable[UUID], work: Callable[[UUID], object]) -> None:
        """Do ``work`` for each of these accounts, but for those that were erased since they were listed."""
        for owner in owners:
            self._attempt(f"for {owner}", partial(work, owner))

    def all(self, parts: Mapping[str, Work]) -> None:
        """Do each of these; their names are for the log."""
        for name, work in parts.items():
            self._attempt(f"of {name}", work)

    def end(self) -> None:
        """Raise ``SomeFailedError`` if anything failed, so that the job is seen to have failed."""
        if self.locked:
            logger.info("%s left out %d accounts that are locked", self._what, self.locked)
        if self._failed:
            raise SomeFailedError(f"{self._what}: {self._failed} of its parts failed, and the log says which")

    def _attempt(self, part: str, work: Work) -> None:
        error = _error_of(work)
        if isinstance(error, LockedError):
            self.locked += 1
        elif error is not None:
            self._failed += 1
            # The message of an error may quote what a person wrote, so the log has its class and where it was raised.
            logger.error("%s %s failed: %s", self._what, part, _in_words(error))
            self._repository.readiness()  # without the database the rest would fail as well, one wait after another


def _error_of(work: Work) -> Exception | None:
    try:
        work()
    except RecordNotFoundError:
        return None
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one account, the others have their turn
        return error
    return None


def _in_words(error: Exception) -> str:
    places = traceback.extract_tb(error.__traceback__)
    place = next((each for each in reversed(places) if "/tmr/" in each.filename), places[-1])
    return f"{type(error).__name__} at {place.filename}:{place.lineno} in {place.name}"
