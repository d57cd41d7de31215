"""Settings in, a restored or a verified installation out."""

import datetime as dt
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
from sqlalchemy import Engine

from tmr.config import Settings
from tmr.crypto.keyring import Keyring, make_keyring_file, parse_keyring
from tmr.crypto.keyring_changes import replace_keyring_file, with_wrapping_keys
from tmr.operations.backups.create import Say
from tmr.operations.backups.recovery_kit import Kit, counter_file, keep_recipient, kit_identity, read_kit
from tmr.operations.backups.restore import (
    Chosen,
    Restored,
    RestoreError,
    choose,
    differing,
    fill,
    read_identity,
    schema_of,
    wrapping_of,
)
from tmr.operations.backups.signing import read_counter, write_counter
from tmr.operations.backups.targets import Target, target_of
from tmr.operations.database.scratch import scratch_server
from tmr.operations.keys import reindex
from tmr.privacy.erasure.ledger import write_ledger
from tmr.repository.database.across_owners import AcrossOwners
from tmr.repository.database.connections import across_owners_engine
from tmr.repository.database.dump import NotEmptyError, Restoration, restoring
from tmr.repository.database.installation_facts import BackupsState, InstallationFacts
from tmr.repository.database.migrate import migrate
from tmr.repository.database.spreading import is_spread, spread
from tmr.repository.keys.keyring_store import KeyringStore
from tmr.wiring.keyring import keyring_store, load_keyring
from tmr.wiring.services import build, opened_database, publish_erasures, utc_now


class Opening(msgspec.Struct):
    """What opens a backup: an age identity, with the keyring that was brought; or a recovery kit, which has both.

    Data that was backed up before a renewal of the kit needs the kit from before as well.
    """

    identity: Path | None = None
    kit: Path | None = None
    other_kits: Sequence[Path] = ()

    def read(self, settings: Settings) -> "Opened":
        """Read the files, or raise ``RestoreError`` or ``RecoveryError`` for a missing or a wrong one."""
        if self.kit is None:
            return Opened(read_identity(self.identity or Path()), _brought_store(settings), None)
        kits = sorted((read_kit(path) for path in (self.kit, *self.other_kits)), key=lambda kit: kit.made_at)
        kit = kits[-1]
        has_keyring = settings.keyring or settings.keyring_file.exists()
        store = _brought_store(settings) if has_keyring else _store_of_kit(settings, kit)
        return Opened([key for each in kits for key in kit_identity(each)], store, kit)


class Opened(msgspec.Struct):
    """What was read: the private keys of the backups, and a keyring that may lack newer wrapping keys."""

    keys: Any
    store: KeyringStore
    kit: Kit | None


class Knowledge(msgspec.Struct):
    """What is known of how new the backups must be: a counter that was typed in, and a person who can be asked."""

    counter: int | None = None
    agree: Callable[[Chosen], bool] = lambda _chosen: False

    def check(self, settings: Settings, chosen: Chosen, kit: Kit | None) -> None:
        """Raise ``RestoreError`` if keys and ledger are older than known, or nobody confirms that they are new."""
        beside = read_counter(counter_file(settings))
        # A number that was typed in is a decision, such as for a target with a counter of its own.
        known = max(beside, kit.counter if kit else 0) if self.counter is None else self.counter
        if chosen.counter < known:
            raise RestoreError(
                f"The keys file and the ledger at the target have counter {chosen.counter}, and {known} is known: "
                "older files were put in their place, and what was erased since would come back. Find the newer "
                "files, such as in the versions of the bucket."
            )
        # The kit does not know what was published after it was made, so its counter alone is not enough.
        if self.counter is None and not beside and not self.agree(chosen):
            raise RestoreError(
                "Nothing was restored. If these are the newest files ever published, run this again with --yes, or "
                "with --counter and the number that you know."
            )


def restore_backup(
    settings: Settings, place: str, opening: Opening, at: dt.datetime | None, say: Say, knowledge: Knowledge
) -> Restored:
    """Fill an empty database from the backups at ``place``, and bring the erasure ledger up to date.

    Raises:
        RestoreError: there is something in the database, the backup cannot be restored, or it is older than what is
            known; nothing was written.
    """
    opened, target = opening.read(settings), target_of(place)
    chosen = choose(target, at, settings.ledger_file, utc_now(), opened.store)
    knowledge.check(settings, chosen, opened.kit)
    version = schema_of(target, chosen, opened.keys, utc_now())
    text = _keyring_text(settings, opened, target, chosen)
    keyring = parse_keyring(text) if text else opened.store.keyring
    with opened_database(settings, is_to_be_filled=True) as database:
        _refuse_spread(database.migration_url)
        migrate(database.migration_url, database.app_url)
        engine = across_owners_engine(database.migration_url)

        def load(restoration: Restoration) -> Restored:
            done = fill(restoration, target, chosen, opened.keys, say)
            # After every row is in and before they are committed: a restore that is refused changes nothing.
            write_ledger(settings.ledger_file, chosen.erasures)
            _keep_keys(settings, text, opened.kit)
            return done

        restored = _fill_empty(engine, keyring, version, load)
        keyring = load_keyring(settings)
        _become_new_installation(settings, InstallationFacts(engine), keyring, chosen)
        repository = build(settings, database.app_url, pool_size=1).repository
        publish_erasures(settings, repository, utc_now())
        if keyring.was_changed("index"):  # the backup may be from before
            reindex(repository, AcrossOwners(engine).owners())
        spread(database.migration_url)
        return restored


def _refuse_spread(migration_url: str) -> None:
    if is_spread(migration_url):
        raise RestoreError(
            "The tables of this database are spread over a cluster, and a restore fills them before they are. Make a "
            "new database on every node, and restore into it before you run `tmr migrate`: the restore spreads "
            "them at its end. Nothing was written."
        )


def _brought_store(settings: Settings) -> KeyringStore:
    if not settings.keyring and not settings.keyring_file.exists():
        raise RestoreError(
            f"There is no keyring at {settings.keyring_file}: bring that of the installation that was backed up, or "
            "its recovery kit (--kit). A new keyring opens nothing."
        )
    return keyring_store(settings, load_keyring(settings))


def _store_of_kit(settings: Settings, kit: Kit) -> KeyringStore:
    """Return the kit's keys with a placeholder wrapping key: the keys file, which the kit opens, has the real ones."""
    unused = msgspec.json.decode(_new_keyring_text())["wrapping"]
    text = with_wrapping_keys(kit.keys, next(iter(unused)), unused)
    return KeyringStore(parse_keyring(text), settings.keyring_file, text)


def _new_keyring_text() -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "keyring"
        make_keyring_file(path)
        return path.read_text(encoding="ascii")


def _keyring_text(settings: Settings, opened: Opened, target: Target, chosen: Chosen) -> str:
    """Return the keyring that opens the backup if it is not the one that was brought: with keys from the keys file."""
    inside = wrapping_of(target, chosen, opened.keys)
    is_of_kit = opened.kit is not None and not (settings.keyring or settings.keyring_file.exists())
    if inside is None or (not is_of_kit and set(inside.wrapping) <= opened.store.keyring.kek_ids):
        return ""
    if settings.keyring:
        raise RestoreError("TMR_KEYRING is older than the backup and lacks its keys: bring the newest, or the kit.")
    earlier = {} if is_of_kit else opened.store.wrapping_keys()
    return with_wrapping_keys(opened.store.lasting_part(), inside.primary, {**earlier, **inside.wrapping})


def _keep_keys(settings: Settings, text: str, kit: Kit | None) -> None:
    if text:
        settings.keyring_file.parent.mkdir(parents=True, exist_ok=True)
        replace_keyring_file(settings.keyring_file, text)
    if kit:
        keep_recipient(settings, kit)


def _become_new_installation(settings: Settings, facts: InstallationFacts, keyring: Keyring, chosen: Chosen) -> None:
    """Make this an installation of its own: the one that was backed up may still be there."""
    store = keyring_store(settings, keyring)
    installation = uuid4()
    if settings.rotates_by_hand or store.unwritable():
        installation = keyring.installation or installation
    else:
        with store.changing(None) as draft:
            draft.stamp(installation)
    facts.stamp(installation, utc_now())
    facts.put(BackupsState(chosen.counter, chosen.published_at, data=chosen.named), utc_now())
    write_counter(counter_file(settings), chosen.counter)


def _fill_empty(engine: Engine, keyring: Keyring, version: str, fill_it: Callable[[Restoration], Restored]) -> Restored:
    try:
        with restoring(engine, keyring, version) as restoration:
            restored = fill_it(restoration)
    except NotEmptyError:
        raise RestoreError("There are accounts in this database: a restore fills an empty one only.") from None
    AcrossOwners(engine).register(keyring.primary, utc_now())
    return restored


def verify_backup(settings: Settings, place: str, opening: Opening, say: Say) -> list[str]:
    """Restore the newest backup into a scratch database; return the tables that differ from what was backed up."""
    opened, target = opening.read(settings), target_of(place)
    chosen = choose(target, None, settings.ledger_file, utc_now(), opened.store)
    version = schema_of(target, chosen, opened.keys, utc_now())
    text = _keyring_text(settings, opened, target, chosen)
    keyring = parse_keyring(text) if text else opened.store.keyring
    with scratch_server() as server:
        migrate(server.migration_url, server.app_url)
        engine = across_owners_engine(server.migration_url)
        with restoring(engine, keyring, version) as restoration:
            nothing_erased = msgspec.structs.replace(chosen, erasures=[])
            done = fill(restoration, target, nothing_erased, opened.keys, say)
        if done.left_out:
            say(f"{done.left_out} rows left out, their keys are destroyed; what has lost some is not compared.")
        if done.left_out and not done.rows.get("accounts"):
            raise RestoreError(f"{chosen.keys.name} opens no account of {chosen.data.name}.")
        return differing(engine, target, chosen.data, opened.keys, may_lack_rows=bool(done.left_out))
