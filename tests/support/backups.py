"""Backups as tests make and open them."""

import shutil
import subprocess
from pathlib import Path

import pyrage

from tmr.config import Settings, load_settings
from tmr.operations.backups.create import Backups
from tmr.operations.backups.recovery_kit import counter_file
from tmr.operations.backups.signing import Stamper
from tmr.operations.backups.targets import Target
from tmr.repository.database.connections import across_owners_engine
from tmr.repository.database.installation_facts import InstallationFacts
from tmr.repository.keys.keyring_store import KeyringStore
from tmr.wiring.keyring import load_keyring
from tmr.wiring.restoring import Knowledge

YES = Knowledge(agree=lambda _chosen: True)


class Keys:
    """A pair of age keys: the public half for the server, the private one in a file elsewhere."""

    def __init__(self, folder: Path) -> None:
        identity = pyrage.x25519.Identity.generate()
        self.recipient = str(identity.to_public())
        self.identity = identity
        self.file = folder / "identity.txt"
        self.file.write_text(f"# made for a test\n{identity}\n")


def backups(settings: Settings, server, target: Target) -> Backups:
    engine = across_owners_engine(server.migration_url)
    store = KeyringStore(load_keyring(settings), settings.keyring_file, settings.keyring)
    stamper = Stamper(store, InstallationFacts(engine), counter_file(settings))
    return Backups(engine, target, settings.data_dir / "backup-spool", settings.ledger_file, stamper)


def another_machine(settings: Settings, folder: Path, *, with_ledger: bool = False) -> Settings:
    """An empty installation elsewhere, to which only the keyring was brought."""
    keyring = folder / "brought.keyring"
    shutil.copy(settings.keyring_file, keyring)
    made = load_settings({"TMR_DATA_DIR": str(folder / "restored"), "TMR_KEYRING_FILE": str(keyring)})
    if with_ledger:
        shutil.copy(settings.ledger_file, made.ledger_file)
    return made


def opened_by_age(path: Path, keys: Keys) -> bytes:
    """What the stock program says is inside."""
    command = ["age", "--decrypt", "--identity", str(keys.file), str(path)]
    return subprocess.run(command, capture_output=True, check=True).stdout


def quiet(words: str) -> None:
    """Say nothing."""
