"""Rotation while people work: wrapping keys are added, used to rewrap, and retired; data keys are renewed."""

import datetime as dt
import logging
from collections.abc import Callable, Iterable
from pathlib import Path
from uuid import UUID

import msgspec

from tmr.auth.sign_up.email_address import canonical
from tmr.operations.backups.age import seal_to_file
from tmr.repository.database.across_owners import AcrossOwners, KeyInUseError
from tmr.repository.errors import (
    DatabaseError,
    DecryptionError,
    KeyringError,
    LockedError,
    RecordNotFoundError,
    is_outage,
)
from tmr.repository.keys.keyring_store import KeyringStore
from tmr.repository.repository import Repository

logger = logging.getLogger(__name__)


def reindex(repository: Repository, owners: Iterable[UUID]) -> int:
    """Re-index these accounts under the newest key of the keyring; return how many could not be."""
    left = 0
    for owner in owners:
        try:
            with repository.for_owner(owner) as uow:
                uow.reindex(canonical)
                uow.commit()
        except RecordNotFoundError:
            continue  # erased since
        except DecryptionError:
            logger.error("the address of %s does not open, and is looked up as before", owner)
            left += 1
        except DatabaseError:
            logger.error("the address of %s also leads to another account; remove one of the two", owner)
            left += 1
    return left


Say = Callable[[str], None]


PRIMARY, OPENS_ONLY, NOT_IN_USE, MISSING = "primary", "opens only", "not in use", "not in the keyring"


class KeyRow(msgspec.Struct, frozen=True):
    """A wrapping key as ``tmr keys list`` shows it."""

    kek_id: str
    state: str
    wraps: int
    backed_up_at: dt.datetime | None


class Keys:
    """The wrapping keys of one installation, in its keyring and in its database."""

    def __init__(self, store: KeyringStore, across_owners: AcrossOwners, repository: Repository) -> None:
        self._store = store
        self._across_owners = across_owners
        self._repository = repository

    def add(self, now: dt.datetime, *, is_primary: bool, to: Path | None = None) -> str:
        """Add a wrapping key, and return its id. If it is primary, everything is wrapped under it from now on.

        The database gets it before the keyring does: a kill in between leaves a name under which nothing is wrapped.
        """
        with self._store.changing(to) as draft:
            kek_id = draft.next_key_id({key.kek_id for key in self._across_owners.wrapping_keys()})
            self._across_owners.register(kek_id, now)
            draft.add(kek_id, is_primary=is_primary)
        return kek_id

    def add_hashing(self, purpose: str, to: Path | None = None) -> str:
        """Add a hashing key of ``purpose``, the newest from the next start on, and return its id."""
        with self._store.changing(to) as draft:
            return draft.add_hashing(purpose)

    def retire_hashing(self, key_id: str, to: Path | None = None) -> None:
        """Remove an earlier hashing key; first re-index every account if it is one for look-ups.

        Raises:
            KeyringError: it is the newest one, or not there.
            KeyInUseError: passwords that were hashed with it, logs that were chained with it, or erasures that were
                noted with it are still there.
        """
        with self._store.changing(to) as draft:
            draft.remove_hashing(key_id)
            if reason := self._why_needed(key_id):
                raise KeyInUseError(f"{key_id} is still needed: {reason}.")

    def _why_needed(self, key_id: str) -> str:
        purpose = key_id.rpartition("-")[0]
        if purpose == "index" and (left := reindex(self._repository, self._across_owners.owners())):
            return f"{left} accounts cannot be looked up by another one; the log names them"
        if purpose == "pepper" and (count := self._across_owners.passwords_with(key_id)):
            return f"{count} passwords were hashed with it, and are rehashed when their owners sign in"
        if purpose == "ledger" and self._across_owners.has_erasures():
            return "the ledger holds erasures, which it forgets after 30 days"
        if purpose == "audit" and self._across_owners.has_accounts():
            return "logs of accounts were chained with it, and they are kept as long as the accounts"
        return ""

    def unwritable(self) -> str:
        """Return why the keyring cannot be changed here; empty if it can."""
        return self._store.unwritable()

    def promote(self, kek_id: str, now: dt.datetime, to: Path | None = None) -> None:
        """Make a key of the keyring the one that wraps; raise ``KeyringError`` if it holds no such key."""
        with self._store.changing(to) as draft:
            draft.promote(kek_id)
            self._across_owners.register(kek_id, now)

    def rewrap(self, say: Say) -> int:
        """Rewrap everything that is not under the primary key; return how much is left.

        Each account is a transaction of its own: a kill loses nothing, and the next run goes on from there.
        """
        primary = self._store.keyring.primary
        owners = self._across_owners.owners_not_under(primary)
        for number, owner in enumerate(owners, 1):
            self._rewrap_account(owner)
            if number % 100 == 0 or number == len(owners):
                say(f"{number:,} of {len(owners):,} accounts")
        with self._repository.installation() as installation:
            installation.mails.rewrap()
            installation.commit()
        return sum(key.wraps for key in self._across_owners.wrapping_keys() if key.kek_id != primary)

    def _rewrap_account(self, owner: UUID) -> None:
        try:
            with self._repository.for_owner(owner) as uow:
                uow.rewrap_keys()
                uow.commit()
        except RecordNotFoundError:
            return  # erased since
        except DecryptionError:
            logger.error("a data key of %s does not open, and stays wrapped as it is", owner)
        except DatabaseError as error:
            _log_unless_outage(error, "the data keys of %s could not be rewrapped", owner)

    def retire(self, kek_id: str, to: Path | None = None) -> None:
        """Remove a wrapping key that nothing needs; also one that a kill left in the keyring without its row.

        Publish a fresh keys file for the backups after that: the old one still holds the key.

        Raises:
            KeyringError: it is the primary key, or there is no such key.
            KeyInUseError: something is wrapped under it.
        """
        if kek_id not in [row.kek_id for row in self.list()]:
            raise KeyringError(f"There is no key {kek_id}. `tmr keys list` lists the keys.")
        with self._store.changing(to) as draft:
            draft.remove(kek_id)
            self._across_owners.withdraw(kek_id)

    def list(self) -> list[KeyRow]:
        """Return every wrapping key that the keyring or the database knows, the oldest first."""
        # From the file: in memory a removed key stays until this process ends.
        primary, held = self._store.primary(), set(self._store.wrapping_keys())
        known = {key.kek_id: key for key in self._across_owners.wrapping_keys()}
        rows = []
        for kek_id in [*known, *sorted(held - set(known))]:
            state = PRIMARY if kek_id == primary else OPENS_ONLY if kek_id in held else MISSING
            row = known.get(kek_id)
            state = state if row else NOT_IN_USE
            rows.append(KeyRow(kek_id, state, row.wraps if row else 0, row.backed_up_at if row else None))
        return rows

    def back_up(self, recipient: str, path: Path, now: dt.datetime) -> None:
        """Write the keyring at ``path``, sealed for an age public key, and note that there is a copy.

        Raises:
            SettingsError: the recipient is not an age public key, or there is something at ``path``.
        """
        seal_to_file([self._store.text().encode()], recipient, path)
        self._across_owners.note_key_backup(self._store.keyring.kek_ids, now)

    def renew(self, owner: UUID | None, now: dt.datetime, say: Say) -> tuple[int, int]:
        """Make a new data key for the records of one account, or of all; return how many, and how many are left.

        From then on new content is sealed under it; the worker reseals the old, and the earlier key goes 30 days
        later, when no backup needs it any longer. An account that fails is logged and stays as it is.
        """
        owners, done, left, locked = self._across_owners.owners() if owner is None else [owner], 0, 0, 0
        for number, each in enumerate(owners, 1):
            try:
                with self._repository.for_owner(each) as uow:
                    uow.renew_records_key(now)
                    uow.commit()
                    done += 1
            except RecordNotFoundError:
                pass  # erased since
            except LockedError:
                locked += 1
            except DatabaseError as error:
                _log_unless_outage(error, "the data key of %s could not be renewed", each)
                left += 1
            if number % 100 == 0 or number == len(owners):
                say(f"{number:,} of {len(owners):,} accounts")
        if locked:
            say(f"{locked:,} of them are locked: only their owners can renew those keys.")
        return done, left


def _log_unless_outage(error: DatabaseError, sentence: str, owner: UUID) -> None:
    """Log what failed for one account; raise ``error`` again if the database is away, as it is for all the others."""
    if is_outage(error):
        raise error
    logger.error(sentence + ": %s", owner, type(error.orig).__name__)
