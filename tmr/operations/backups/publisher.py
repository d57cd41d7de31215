"""Who publishes at a target of backups: this installation, and no other one.

Each publication removes the earlier keys files, so two installations at one target destroy each other's backups. Worst
is a copy, whose keyring signs as its original's does, and which would bring back what was erased there since. So an
installation notes in its database the stamps that it published, by their MACs. A copy does not know those of its
original that came later, nor the original those of its copy.
"""

from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

import msgspec

from tmr.errors import OperatorError
from tmr.operations.data_folder import Folder, identity
from tmr.repository.database.installation_facts import BackupsState

OTHER = (
    "The newest backup at {place} was published by another installation, or by a copy of this one (stamp {counter} is "
    "not one that this installation made)."
)
DAMAGED = "The stamp of the backups at {place} is damaged, so it does not tell whose they are."
COPY = "{here} is a copy of {original}, which publishes its backups at {place}."
WAYS_OUT = (
    " Nothing was changed there. Set TMR_BACKUP_TARGET to an empty folder or prefix for this installation. If the "
    "backups there are for this installation to continue, remove the file `stamp` from them and try again: their keys "
    "file is then replaced."
)


def place_of(target: str) -> str:
    """Return the name that a target is known by: a folder's whole path, whichever way it was written."""
    return target if "://" in target else str(Path(target).absolute())


def place_in_words(target: str) -> str:
    """Return a target for people to read, without a password that an address may hold."""
    if "://" not in target:
        return place_of(target)
    parts = urlsplit(target)
    return f"{parts.scheme}://{parts.hostname or ''}{parts.path}"


class TargetTakenError(OperatorError):
    """Another installation publishes at the target; the message says what to do."""


class Publisher(msgspec.Struct, frozen=True):
    """One installation at one target; ``folder`` is its data directory, if the database is in it."""

    place: str = ""
    folder: Path | None = None

    def refuse_damaged(self) -> NoReturn:
        """Raise ``TargetTakenError`` for a stamp that says nothing."""
        raise TargetTakenError(DAMAGED.format(place=self._words()) + WAYS_OUT)

    def refuse_unknown(self, counter: int) -> NoReturn:
        """Raise ``TargetTakenError`` for a stamp that this installation does not know."""
        raise TargetTakenError(OTHER.format(place=self._words(), counter=counter) + WAYS_OUT)

    def refuse_copy(self, known: BackupsState) -> None:
        """Raise ``TargetTakenError`` if the database was copied from a data directory that is still there."""
        if original := self._original(known):
            raise TargetTakenError(
                COPY.format(here=self.folder, original=original, place=self._words()) + WAYS_OUT.partition(" If ")[0]
            )

    def noted(self, known: BackupsState, mac: str, recipient: str) -> BackupsState:
        """Return what is known once the stamp with this MAC was published; a copy forgets those of its original."""
        earlier = known.without(known.stamps) if self._original(known) else known
        path, inode = (str(self.folder.resolve()), identity(self.folder)) if self.folder else ("", "")
        return msgspec.structs.replace(
            earlier,
            stamps={**earlier.stamps, self.place: mac},
            recipients={**earlier.recipients, self.place: recipient},
            unreached={place: since for place, since in earlier.unreached.items() if place != self.place},
            intended_mac="",
            folder=path,
            folder_identity=inode,
        )

    def _original(self, known: BackupsState) -> Path | None:
        if self.folder is None or known.folder in ("", str(self.folder.resolve())):
            return None
        return Folder(known.folder, known.folder_identity).still_there()

    def _words(self) -> str:
        return self.place or "the target"
