"""Targets that backups went to before, or once on request: what is erased must become unreadable there too.

A keys file opens every account that was there when it was made. So each place where one was published is known, and
gets a fresh one like the configured target, until its last data file is 30 days old and all of it is removed.
"""

import datetime as dt
import logging
from collections.abc import Callable
from pathlib import Path

import msgspec

from tmr.errors import OperatorError
from tmr.operations.backups.create import Backups, Clock, Say
from tmr.operations.backups.publisher import place_in_words, place_of
from tmr.repository.database.installation_facts import BackupsState, InstallationFacts

logger = logging.getLogger(__name__)


class OtherTargets:
    """Every target but the configured one at which this installation published."""

    def __init__(
        self,
        facts: InstallationFacts,
        configured: str | None,
        backups_at: Callable[[str], Backups],
        recipient: Callable[[], str | None],
    ) -> None:
        """Take how to reach a target, and whom to seal for where the key it was last sealed for is not known."""
        self._facts = facts
        self._configured = configured and place_of(configured)
        self._backups_at = backups_at
        self._recipient = recipient

    def tell(self, clock: Clock, say: Say) -> None:
        """Publish the ledger and a fresh keys file at each; where that cannot be done, note it and go on."""
        self._try_each(clock, lambda place: self._tell(place, clock, say))

    def prune(self, clock: Clock) -> None:
        """Remove data files older than 30 days, and with the last one all that was published there."""
        self._try_each(clock, lambda place: self._prune(place, clock))

    def forget(self, place: str, now: dt.datetime) -> bool:
        """Forget a target that is gone for good; return whether it was known."""
        known = self._facts.get(BackupsState)
        names = [
            name for name in known.stamps if place in (name, place_in_words(name)) or place_of(place) == place_of(name)
        ]
        self._facts.put(known.without(names), now)
        return bool(names)

    def unreached(self) -> list[str]:
        """Return a line for each target that could not be reached."""
        return unreached_in_words(self._facts.get(BackupsState))

    def _others(self) -> list[str]:
        return [name for name in self._facts.get(BackupsState).stamps if name and place_of(name) != self._configured]

    def _try_each(self, clock: Clock, act: Callable[[str], None]) -> None:
        for place in self._others():
            try:
                if not _is_there(place):
                    raise FileNotFoundError(place)
                act(place)
            except (OperatorError, OSError) as error:
                logger.warning("backups at %s could not be reached: %s", place_in_words(place), error)
                self._note(place, clock(), is_reached=False)
            else:
                self._note(place, clock(), is_reached=True)

    def _tell(self, place: str, clock: Clock, say: Say) -> None:
        backups = self._backups_at(place)
        recipient = self._facts.get(BackupsState).recipients.get(place) or self._recipient()
        if recipient:
            backups.publish_keys(recipient, clock, say)
        else:
            backups.remove_keys(say)

    def _prune(self, place: str, clock: Clock) -> None:
        backups, now = self._backups_at(place), clock()
        if place in self._facts.get(BackupsState).unreached:
            self._tell(place, clock, logger.debug)
        backups.prune(now)
        if not any(file.half == "data" for file in backups.files()):
            backups.remove_all()
            self._facts.put(self._facts.get(BackupsState).without([place]), now)

    def _note(self, place: str, now: dt.datetime, *, is_reached: bool) -> None:
        known = self._facts.get(BackupsState)
        unreached = {name: since for name, since in known.unreached.items() if name != place}
        if not is_reached:
            unreached[place] = known.unreached.get(place, now)
        if unreached != known.unreached:
            self._facts.put(msgspec.structs.replace(known, unreached=unreached), now)


def unreached_in_words(known: BackupsState | None) -> list[str]:
    """Return a line for each target that could not be reached, for the operator."""
    return [
        f"{place_in_words(place)} could not be reached since {since:%Y-%m-%d %H:%M} UTC, so what was erased since may "
        "still be readable from the backups there. Make it reachable and run `tmr upkeep`; if it is gone for good, run "
        f"`tmr backup forget --from {place_in_words(place)}`."
        for place, since in sorted((known or BackupsState()).unreached.items())
    ]


def _is_there(place: str) -> bool:
    return "://" in place or Path(place).is_dir()
