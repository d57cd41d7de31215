"""The wrapping key rotates automatically after erasures, so that no key of the keyring opens what was erased.

An erasure destroys the wrapped keys of an account, but their bytes stay for a while: in pages of the database that
were not reused, in its write-ahead log, in a copy of the disk. So a new wrapping key takes over what is left, and the
earlier ones, which could open the rest, are destroyed (NIST SP 800-88, cryptographic erase).
"""

import datetime as dt
from collections.abc import Callable

import msgspec

from tmr.operations.keys import NOT_IN_USE, OPENS_ONLY, PRIMARY, Keys, Say
from tmr.repository.database.across_owners import AcrossOwners, KeyInUseError
from tmr.repository.database.installation_facts import InstallationFacts, Rotation
from tmr.repository.errors import KeyringError

LATEST = dt.timedelta(hours=24)
WAITS = dt.timedelta(hours=20)  # for more erasures, so that it rotates about once a day
ROUNDS = 5  # a process may still wrap under the earlier key while the rest is rewrapped
BY_HAND = "the keyring may be shared with other machines (TMR_KEY_ROTATION is by-hand)"


class KeyRotation:
    """Rotates the wrapping key of one installation when an erasure has made that due."""

    def __init__(self, keys: Keys, across_owners: AcrossOwners, facts: InstallationFacts, *, is_by_hand: bool) -> None:
        self._keys = keys
        self._across_owners = across_owners
        self._facts = facts
        self._is_by_hand = is_by_hand

    def standing(self) -> Rotation:
        """Return when the key rotated and whether it is due, by the database and the keyring as they are now."""
        reason = BY_HAND if self._is_by_hand else self._keys.unwritable()
        return Rotation(self._last(), self._due_since(), reason, self._facts.get(Rotation).is_published)

    def run(self, now: dt.datetime, publish: Callable[[], None], say: Say, *, waits: bool) -> Rotation:
        """Rotate if it is due and can be done here; note the outcome and return it.

        With ``waits`` an erasure of the last hours waits for others. ``publish`` publishes a fresh keys file for the
        backups; until that succeeds, each run tries again and raises what it raises.
        """
        standing = self.standing()
        is_early = waits and standing.due_since is not None and now - standing.due_since < WAITS
        if standing.due_since and not standing.reason and not is_early:
            self._rotate(now, say)
        if not standing.reason:
            self._retire_what_is_left(now)
        if not self._facts.get(Rotation).is_published:
            publish()  # after the earlier keys are gone, since the file holds every key of the keyring
        return self._note(now, is_published=True)

    def _note(self, now: dt.datetime, *, is_published: bool) -> Rotation:
        standing = msgspec.structs.replace(self.standing(), is_published=is_published)
        self._facts.put(standing, now)
        return standing

    def _rotate(self, now: dt.datetime, say: Say) -> None:
        """Rewrap everything under a new key; a primary key from after all erasures is new enough."""
        if self._primary_since() <= max(self._erased_at(), default=now):
            say(f"{self._keys.add(now, is_primary=True)} wraps from now on.")
        for _ in range(ROUNDS):
            if not self._keys.rewrap(say):
                return

    def _retire_what_is_left(self, now: dt.datetime) -> None:
        """Destroy every earlier key that nothing needs; the rest is tried next time.

        That a fresh keys file is due is noted before: whoever ends this process in between ends none of it.
        """
        was_published = self._facts.get(Rotation).is_published
        has_retired = False
        for row in self._keys.list():
            is_earlier = row.state == NOT_IN_USE or (row.state == OPENS_ONLY and self._is_superseded(row.kek_id))
            if is_earlier and not row.wraps:
                self._note(now, is_published=False)
                try:
                    self._keys.retire(row.kek_id)
                    has_retired = True
                except (KeyInUseError, KeyringError):
                    continue
        if was_published and not has_retired:
            self._note(now, is_published=True)

    def _is_superseded(self, kek_id: str) -> bool:
        """Whether a later key is primary; a key on standby is not superseded, it has yet to become primary."""
        created = self._created()
        return kek_id in created and created[kek_id] < self._primary_since()

    def _due_since(self) -> dt.datetime | None:
        """Return when something was erased that a key of the keyring may still open.

        A key that the database no longer knows may be of any age. The mirror of the ledger forgets erasures after 30
        days, so an older due date is taken from the last noted rotation.
        """
        created = self._created()
        held = [created.get(row.kek_id) for row in self._keys.list() if row.state in (PRIMARY, OPENS_ONLY, NOT_IN_USE)]
        oldest = None if None in held else min(filter(None, held), default=None)
        return min((at for at in self._erased_at() if oldest is None or at >= oldest), default=None)

    def _erased_at(self) -> list[dt.datetime]:
        known = self._facts.get(Rotation).due_since
        return [*self._across_owners.erased_at(), *([known] if known else [])]

    def _created(self) -> dict[str, dt.datetime]:
        return {key.kek_id: key.created_at for key in self._across_owners.wrapping_keys()}

    def _primary_since(self) -> dt.datetime:
        return self._created()[next(row.kek_id for row in self._keys.list() if row.state == PRIMARY)]

    def _last(self) -> dt.datetime | None:
        """Return when the present wrapping key was made, if it is not the first."""
        primary = next((row.kek_id for row in self._keys.list() if row.state == PRIMARY), "")
        return self._created().get(primary) if primary != "k1" else None


def rotation_in_words(rotation: Rotation | None) -> str:
    """Say when the key rotated last or since when that is due, and what an operator must do if it waits for them."""
    if rotation is None or rotation.due_since is None:
        last = rotation.last_at if rotation else None
        return f"not due; rotated last at {last:%Y-%m-%d %H:%M} UTC" if last else "not due; nothing was erased yet"
    since = f"due since {rotation.due_since:%Y-%m-%d %H:%M} UTC"
    if not rotation.reason:
        return f"{since}; it will rotate within a day; `tmr upkeep` does it now"
    return (
        f"{since}, and it cannot rotate automatically: {rotation.reason}. Run `tmr keys add`, `tmr keys rewrap` and "
        "`tmr keys retire ID` for each earlier key, and bring the keyring to every machine"
    )
