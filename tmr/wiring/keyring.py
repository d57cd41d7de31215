"""The keyring from the environment or its file, checked against the database that it opens."""

import datetime as dt
from uuid import UUID

from tmr.config import Settings, SettingsError
from tmr.crypto.errors import KeyringError
from tmr.crypto.keyring import Keyring, make_keyring_file, parse_keyring, read_keyring_file
from tmr.operations.database.own_folder import note_owner, other_owner_of
from tmr.repository.database.across_owners import AcrossOwners
from tmr.repository.database.installation_facts import InstallationFacts
from tmr.repository.keys.keyring_store import KeyringStore

NO_INSTALLATION = (
    "There is no installation in {data_dir}. Set TMR_DATA_DIR, or make one with `tmr serve`. (`make run` reads .env; "
    "`tmr` takes the environment as it is.)"
)


def make_keyring(settings: Settings) -> None:
    """Write a fresh keyring where the settings want it, unless one is there already."""
    make_keyring_file(settings.keyring_file)


def load_keyring(settings: Settings) -> Keyring:
    """Return the keyring from the environment or its file; a missing one is never made here."""
    if settings.keyring:
        return parse_keyring(settings.keyring)
    if not settings.keyring_file.exists():
        if not settings.database_url and not (settings.data_dir / "postgres").exists():
            raise SettingsError(NO_INSTALLATION.format(data_dir=settings.data_dir))
        raise KeyringError(
            f"There is data here, but no keyring at {settings.keyring_file}. Without it nothing can be read: put it "
            "back, or set TMR_KEYRING_FILE. For an empty database, make one with `tmr keys init`."
        )
    return read_keyring_file(settings.keyring_file)


def keyring_store(settings: Settings, keyring: Keyring) -> KeyringStore:
    """Return the store that changes ``keyring`` in its file; one from the environment it cannot change."""
    return KeyringStore(keyring, settings.keyring_file, settings.keyring)


def check_keys(keyring: Keyring, across_owners: AcrossOwners) -> None:
    """Make sure that the keyring fits the database; a fresh one takes the keyring's primary key as its own.

    Raises:
        KeyringError: some data key is wrapped under a key that the keyring lacks, or its primary key was retired.
    """
    missing = across_owners.kek_ids() - keyring.kek_ids
    if missing:
        raise KeyringError(f"The data needs the keys {', '.join(sorted(missing))}, which the keyring does not hold.")
    known = {key.kek_id for key in across_owners.wrapping_keys()}
    if not known:
        across_owners.register(keyring.primary, dt.datetime.now(dt.UTC))
    elif keyring.primary not in known:
        raise KeyringError(
            f"The database does not know {keyring.primary}, the keyring's primary key: it was retired, or added "
            "elsewhere. Use the keyring of `tmr keys list`, or add this one with `tmr keys promote`."
        )


def refuse_keyring_of_original(settings: Settings) -> None:
    """Make sure that the keyring, with the ledger and the counter beside it, is not that of another data directory.

    Raises:
        KeyringError: this data directory is a copy, and its original is still there.
    """
    if settings.database_url:  # machines that share a database may share a keyring too
        return
    owner = other_owner_of(settings.keyring_file, settings.data_dir)
    if owner:
        raise KeyringError(
            f"{settings.data_dir} is a copy of another installation, {owner}, and {settings.keyring_file} belongs to "
            "that one: to change it here would change it there. Nothing was touched. Copy the keyring too, and name "
            "the copy in TMR_KEYRING_FILE."
        )


def keep_keyring(settings: Settings) -> None:
    """Note that the keyring belongs to this data directory, so that a copy of it is refused."""
    if not settings.database_url:
        note_owner(settings.keyring_file, settings.data_dir)


def refuse_keyring_of_another(keyring: Keyring, facts: InstallationFacts) -> None:
    """Make sure that the keyring belongs to this database's installation, as far as either names one.

    Raises:
        KeyringError: it belongs to another one.
    """
    installation = facts.known_id()
    if installation and keyring.installation not in (None, installation):
        raise KeyringError(
            "The keyring belongs to another installation than this database. Bring this installation's keyring. To "
            "put a backup into an empty database, use `tmr backup restore`."
        )


def stamp_keyring(settings: Settings, keyring: Keyring, facts: InstallationFacts) -> UUID:
    """Return the id of this database's installation; a keyring that names none gets it if only this machine has it."""
    installation = facts.installation_id(keyring.installation, dt.datetime.now(dt.UTC))
    store = keyring_store(settings, keyring)
    if keyring.installation is None and not settings.rotates_by_hand and not store.unwritable():
        with store.changing(None) as draft:
            draft.stamp(installation)
    return installation
