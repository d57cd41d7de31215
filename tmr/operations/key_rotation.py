"""The wrapping key rotates by itself after erasures, so that no key of the keyring opens what was erased.

An erasure destroys the wrapped keys of an account, and yet their bytes stay for a while: in pages of the database that
were not reused, in its write-ahead log, in a copy of the disk. So a new wrapping key takes over what is left, and the
earlier ones, which could open the rest, are destroyed (NIST SP 800-88, cryptographic erase).
"""

import datetime as dt
from collections.abc import Callable

import msgspec

from tmr.operations.keys import Keys, Say
from tmr.repository.errors import KeyringError
from tmr.repository.installation import InstallationFacts, Rotation
from tmr.repository.keeper import Keeper, KeyInUseError

LATEST = dt.timedelta(hours=24)
WAITS = dt.timedelta(hours=20)  # for other erasures, so that it happens about once a day
ROUNDS = 5  # somebody may wrap under the earlier key while the rest is wrapped anew
BY_HAND = "the keyring may be shared with other machines (TMR_KEY_ROTATION is by-hand)"


class KeyRotation:
    """Rotates the wrapping key of one installation when an erasure has made that due."""

    def __init__(self, keys: Keys, keeper: Keeper, facts: InstallationFacts, *, is_by_hand: bool) -> None:
        self._keys = keys
        self._keeper = keeper
        self._facts = facts
        self._is_by_hand = is_by_hand

    def standing(self) -> Rotation:
        """Return how the rotation stands, as the database and the keyring say it now."""
        reason = BY_HAND if self._is_by_hand else self._keys.unwritable()
        return Rotation(self._last(), self._due_since(), reason)

    def run(self, now: dt.datetime, publish: Callable[[], None], say: Say, *, waits: bool) -> Rotation:
        """Rotate if it is due and can be done here, note how it stands, and return that.

        With ``waits`` an erasure of the last hours waits for others. ``publish`` makes the keys file of backups anew.
        """
        standing = self.standing()
        is_early = waits and standing.due_since is not None and now - standing.due_since < WAITS
        if standing.due_since and not standing.reason and not is_early:
            self._rotate(now, publish, say)
            standing = self.standing()
        self._retire_what_is_left(publish)
        standing = msgspec.structs.replace(standing, due_since=self._due_since())
        self._facts.put(standing, now)
        return standing

    def _rotate(self, now: dt.datetime, publish: Callable[[], None], say: Say) -> None:
        kek_id = self._keys.add(now, is_primary=True)
        say(f"{kek_id} wraps from now on.")
        for _ in range(ROUNDS):
            if not self._keys.rewrap(say):
                break
        publish()

    def _retire_what_is_left(self, publish: Callable[[], None]) -> None:
        """Destroy every earlier key that nothing needs; one that something needs is tried again the next time."""
        if self._is_by_hand or self._keys.unwritable():
            return
        for row in self._keys.list():
            if row.state == "opens only" and not row.wraps and self._is_superseded(row.kek_id):
                try:
                    self._keys.retire(row.kek_id, publish)
                except (KeyInUseError, KeyringError):
                    continue

    def _is_superseded(self, kek_id: str) -> bool:
        """Whether a later key is primary: one that was added on standby waits for its turn."""
        known = {one.kek_id: one.created_at for one in self._keeper.wrapping_keys()}
        primary = next((row.kek_id for row in self._keys.list() if row.state == "primary"), "")
        return kek_id in known and primary in known and known[kek_id] < known[primary]

    def _due_since(self) -> dt.datetime | None:
        """Return when something was erased that an earlier key of the keyring, or the present one, may still open."""
        rows, known = self._keys.list(), {one.kek_id: one.created_at for one in self._keeper.wrapping_keys()}
        held = [known[row.kek_id] for row in rows if row.state in ("primary", "opens only") and row.kek_id in known]
        if not held:
            return None
        erased = self._keeper.erased_at()
        return min((at for at in erased if at >= min(held)), default=None)

    def _last(self) -> dt.datetime | None:
        """Return when the present wrapping key was made, if it is not the first."""
        rows = self._keeper.wrapping_keys()
        primary = next((row.kek_id for row in self._keys.list() if row.state == "primary"), "")
        return next((one.created_at for one in rows if one.kek_id == primary and primary != "k1"), None)
