"""The recovery kit: what restores an installation from its backups when the machine is lost.

At its first start an installation makes an age identity for its backups. The kit holds it with the keys that do not
rotate; the wrapping keys, which do, are in each keys file of the backups, sealed for that identity. So the kit of the
first day restores a backup of any later one. Once the kit was moved away the identity is deleted here.
"""

import datetime as dt
import hashlib
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pyrage

from tmr.config import Settings, SettingsError
from tmr.operations.backups.signing import read_counter
from tmr.private_files import write_private
from tmr.repository.database.installation_facts import BackupsState, InstallationFacts
from tmr.repository.keys.keyring_store import KeyringStore

FORMAT = "tmr-recovery-kit/1"
HEAD = "# The private key of the backups. See `tmr recovery-kit`.\n"
HOW = """\
Recovery kit of TrackMyRoles
============================

Anyone who has this file and the backups can read every record. Keep it apart from both: on paper, in a safe, in a
password manager, never on the machine that it is for.

To bring the installation back on an empty machine, with the backups at TARGET (a directory or s3://bucket/prefix):

    tmr backup restore --from TARGET --kit THIS-FILE

Confirm that it was moved away, so that the private key is deleted from the machine:

    tmr recovery-kit --moved {code}

"""


class Kit(msgspec.Struct, frozen=True):
    """What the kit holds: the private key of the backups, the keys that do not rotate, and the newest counter."""

    format: str
    made_at: dt.datetime
    identity: str
    keys: str
    counter: int


class RecoveryError(SettingsError):
    """A kit cannot be made, or the given file is not one; the message says which."""


def new_identity() -> tuple[str, str]:
    """Return a fresh age identity and its public key."""
    identity = pyrage.x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def identity_file(settings: Settings) -> Path:
    """Return the path of the private key of the backups, which is there until the kit was moved away."""
    return settings.keyring_file.with_name(settings.keyring_file.name + ".recovery")


def recipient_file(settings: Settings) -> Path:
    """Return the path of the public key of the backups."""
    return settings.keyring_file.with_name(settings.keyring_file.name + ".recipient")


def counter_file(settings: Settings) -> Path:
    """Return the path of the newest known counter of the backups."""
    return settings.keyring_file.with_name(settings.keyring_file.name + ".counter")


def recipient_of(settings: Settings) -> str | None:
    """Return the public key that backups are sealed for, or None where there are none."""
    if settings.backup_recipient or not settings.backup_target:
        return settings.backup_recipient
    path = recipient_file(settings)
    return path.read_text(encoding="ascii").strip() if path.exists() else None


def known_recipient(settings: Settings) -> str | None:
    """Return the public key of this installation's backups, also where they are off by now."""
    path = recipient_file(settings)
    return recipient_of(settings) or (path.read_text(encoding="ascii").strip() if path.exists() else None)


def own_recipients(settings: Settings) -> set[str]:
    """Return the public keys that the files of this installation are sealed for, as far as its own files know them."""
    keys = {settings.backup_recipient, known_recipient(settings)}
    if (path := identity_file(settings)).exists():
        keys.add(str(pyrage.x25519.Identity.from_str(_identity(path)).to_public()))
    return {key for key in keys if key}


def ensure_identity(settings: Settings) -> None:
    """Make the identity of the backups, unless there is one or they are sealed for a key of the operator's."""
    if not settings.has_own_backups or recipient_file(settings).exists():
        return
    path = identity_file(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):  # another process has just made it: both go on with that one
        write_private(path, f"{HEAD}{new_identity()[0]}\n", is_new=True)
    write_private(recipient_file(settings), f"{pyrage.x25519.Identity.from_str(_identity(path)).to_public()}\n")


def renew_identity(settings: Settings) -> None:
    """Make a new identity for future backups; the old kit opens the existing ones.

    Raises:
        RecoveryError: backups are off, or for an identity of the operator's own, or no kit was moved away yet: then
            the private key here may be the only one that opens the backups that there are.
    """
    _refuse_without_backups(settings)
    if not settings.has_own_backups:
        raise RecoveryError("The backups of this installation are sealed for TMR_BACKUP_RECIPIENT.")
    if identity_file(settings).exists():
        raise RecoveryError(
            "The private key is still here, and opens the existing backups. Make its kit with "
            "`tmr recovery-kit --to FILE`, move the file away, and confirm that with --moved; then renew it."
        )
    identity, recipient = new_identity()
    write_private(identity_file(settings), f"{HEAD}{identity}\n")
    write_private(recipient_file(settings), f"{recipient}\n")


def _identity(path: Path) -> str:
    return next(line for line in path.read_text(encoding="ascii").splitlines() if not line.startswith("#"))


def is_kit_here(settings: Settings) -> bool:
    """Whether the private key of backups is still on this machine, be it of those that are made elsewhere by now."""
    return identity_file(settings).exists()


def make_kit(settings: Settings, store: KeyringStore, now: dt.datetime) -> str:
    """Return the text of the kit.

    Raises:
        RecoveryError: backups are off, or for an identity of the operator's own, or the identity was moved away
            already.
    """
    path = identity_file(settings)
    if not path.exists():
        _refuse_without_backups(settings)
        if not settings.has_own_backups:
            raise RecoveryError(
                "The backups of this installation are sealed for TMR_BACKUP_RECIPIENT: its private key and a copy of "
                "the keyring (`tmr keys backup`) replace a kit."
            )
        raise RecoveryError("The private key is no longer on this machine: the kit was made and moved away before.")
    identity = _identity(path)
    # A kill in the middle of a renewal leaves the public key of the old kit, and backups must fit this one.
    write_private(recipient_file(settings), f"{pyrage.x25519.Identity.from_str(identity).to_public()}\n")
    counter = read_counter(counter_file(settings))
    kit = Kit(FORMAT, now, identity, store.lasting_part(), counter)
    return HOW.format(code=_code_of(identity, store)) + msgspec.json.format(msgspec.json.encode(kit)).decode() + "\n"


def _refuse_without_backups(settings: Settings) -> None:
    if not settings.backup_target:
        raise RecoveryError("Backups are off (TMR_BACKUP_TARGET), so there is nothing for a recovery kit to open.")


def confirm_moved(
    settings: Settings, store: KeyringStore, facts: InstallationFacts, code: str, now: dt.datetime
) -> None:
    """Delete the private key here, given its code, which is read from the kit in its new place.

    Raises:
        RecoveryError: the code is another one, such as of a kit that lacks a key which was added later, or there is no
            private key here.
    """
    path = identity_file(settings)
    if not path.exists():
        raise RecoveryError("The private key is no longer on this machine.")
    identity = _identity(path)
    if code.strip().lower() != _code_of(identity, store):
        raise RecoveryError(
            "That is not the code of the kit as it would be made now. The code is in the kit's text, after --moved. If "
            "keys were added since the kit was made, make a new one."
        )
    with path.open("r+b") as file:
        file.write(bytes(path.stat().st_size))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
    facts.put(msgspec.structs.replace(facts.get(BackupsState), kit_moved_at=now), now)


def read_kit(path: Path) -> Kit:
    """Read a kit, or raise ``RecoveryError`` if the file is not one."""
    try:
        text = path.read_text(encoding="utf-8")
        kit = msgspec.json.decode(text[text.index("{") :].encode(), type=Kit)
    except OSError as error:
        raise RecoveryError(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, msgspec.DecodeError) as error:
        raise RecoveryError(f"{path} is not a recovery kit, or is cut off: a kit ends with a closing brace.") from error
    if kit.format != FORMAT:
        raise RecoveryError(f"{path.name} is a recovery kit of another release: {kit.format}.")
    return kit


def kit_identity(kit: Kit) -> list[Any]:
    """Return the private key of a kit, in the form that opens backups."""
    try:
        return [pyrage.x25519.Identity.from_str(kit.identity)]
    except pyrage.IdentityError as error:
        raise RecoveryError("The recovery kit holds no private key.") from error


def keep_recipient(settings: Settings, kit: Kit) -> None:
    """Seal future backups for the kit that this installation was restored with, which is kept elsewhere already."""
    if settings.has_own_backups and not recipient_file(settings).exists():
        write_private(recipient_file(settings), f"{kit_identity(kit)[0].to_public()}\n")


def _code_of(identity: str, store: KeyringStore) -> str:
    """Return eight hex digits that identify a kit and all its keys, and reveal nothing about them."""
    return hashlib.sha256(f"tmr recovery kit\0{identity}\0{store.lasting_part()}".encode()).hexdigest()[:8]
