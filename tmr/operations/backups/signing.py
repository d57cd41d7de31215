"""Signs what a backup publishes: a stamp ties the keys file and the erasure ledger together, and says how new they are.

Anyone who can write to the target could put an older keys file and an empty ledger back, and so bring an erased account
back at the next restore. So each publication has a counter, and a stamp under the ledger's key (HMAC-SHA-256, RFC 2104)
that holds the ledger itself and the SHA-256 of the keys file. The newest counter is noted beside the keyring, and in
the recovery kit: what is older than that is refused.
"""

import datetime as dt
import hashlib
import hmac
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from tmr.operations.backups.publisher import Publisher
from tmr.operations.backups.targets import Target
from tmr.private_files import write_private
from tmr.repository.database.installation_facts import BackupsState, InstallationFacts
from tmr.repository.keys.keyring_store import KeyringStore

STAMP = "stamp"


class Stamp(msgspec.Struct, frozen=True):
    """One publication: its number, when it was made, which files it is about, and the ledger as it was."""

    counter: int
    made_at: dt.datetime
    keys_name: str
    keys_sha256: str
    ledger: str
    data: dict[str, str]  # the data files that there are, each with its SHA-256
    mac: str = ""

    def message(self) -> bytes:
        """Return what the MAC is over."""
        return b"backup stamp\0" + msgspec.json.encode(msgspec.structs.replace(self, mac=""))


class StampError(Exception):
    """The stamp of a backup is damaged, or not from this installation; the message says which."""


class Stamper:
    """Numbers and signs what one installation publishes."""

    def __init__(
        self,
        store: KeyringStore,
        facts: InstallationFacts,
        counter_file: Path,
        elsewhere: Callable[[], bytes] | None = None,
        place: str = "",
        folder: Path | None = None,
    ) -> None:
        """Take the keys and the facts; ``elsewhere`` reads the stamp of a target other than the configured one.

        ``place`` names the target, and ``folder`` is the data directory, if the database is in it.
        """
        self._store = store
        self._facts = facts
        self._counter_file = counter_file
        self._elsewhere = elsewhere
        self._publisher = Publisher(place, folder)
        self._named_there: dict[str, str] | None = None

    def wrapping_keys(self) -> bytes:
        """Return the wrapping keys of the keyring, for the keys file, as JSON."""
        kept = {"primary": self._store.primary(), "wrapping": self._store.wrapping_keys()}
        return msgspec.json.encode(kept)

    def refuse_others(self, target: Target) -> None:
        """Make sure that the newest stamp at a target is one that this installation published, or was about to.

        Raises:
            TargetTakenError: another installation, or a copy of this one, publishes there.
        """
        if not (content := stamp_at(target)):
            return
        known = self._facts.get(BackupsState)
        try:
            there = _decode(content)
        except StampError:
            self._publisher.refuse_damaged()
        if there.mac not in (known.intended_mac, *known.stamps.values()):
            is_noted_by_number = there.counter in (known.counter, read_counter(self._counter_file))
            if known.stamps or not is_noted_by_number or not _is_signed(there, self._store):
                self._publisher.refuse_unknown(there.counter)
        self._publisher.refuse_copy(known)

    def stamp(self, keys_file: Path, ledger: str, now: dt.datetime) -> bytes:
        """Return the stamp of a keys file that is about to be published, under the next number; note it first.

        Else an installation that is killed after it has published, and before it noted that, would not know the stamp.
        """
        known = self._facts.get(BackupsState)
        counter = max(known.counter, known.intended_counter, read_counter(self._counter_file)) + 1
        data = self._known_data_files()
        stamp = Stamp(counter, now, keys_file.name, sha256_of(keys_file), ledger, data)
        mac = self._store.keyring.keyed_hash("ledger", stamp.message()).hex()
        self._facts.put(msgspec.structs.replace(known, intended_counter=counter, intended_mac=mac), now)
        return msgspec.json.encode(msgspec.structs.replace(stamp, mac=mac))

    def note_data(self, name: str, sha256: str, now: dt.datetime) -> None:
        """Note a data file that was published: the next stamp at its target names it."""
        data = {**self._known_data_files(), name: sha256}
        if self._elsewhere:
            self._named_there = data
        else:
            known = self._facts.get(BackupsState)
            self._facts.put(msgspec.structs.replace(known, data=data, made_at=now), now)

    def forget_data(self, names: Iterable[str], now: dt.datetime) -> None:
        """Note that data files were removed."""
        known, gone = self._known_data_files(), set(names)
        left = {name: digest for name, digest in known.items() if name not in gone}
        if self._elsewhere:
            self._named_there = left
        elif left != known:
            self._facts.put(msgspec.structs.replace(self._facts.get(BackupsState), data=left), now)

    def _known_data_files(self) -> dict[str, str]:
        """Return the data files that are known at the target, each with its SHA-256."""
        if not self._elsewhere:
            return self._facts.get(BackupsState).data
        if self._named_there is None:
            try:
                self._named_there = read_stamp(self._elsewhere(), self._store).data
            except StampError:  # there is none yet, or it is not from this installation
                self._named_there = {}
        return self._named_there

    def note(self, stamp: bytes, recipient: str, now: dt.datetime) -> None:
        """Note that a stamp was published, whom its keys file is for, and that nothing older is accepted any more."""
        published = msgspec.json.decode(stamp, type=Stamp)
        write_counter(self._counter_file, published.counter)
        known = self._publisher.noted(self._facts.get(BackupsState), published.mac, recipient)
        self._facts.put(msgspec.structs.replace(known, counter=published.counter, published_at=now), now)


def read_stamp(content: bytes, store: KeyringStore) -> Stamp:
    """Return a stamp that this installation made.

    Raises:
        StampError: it is damaged, or its MAC is not under a ledger key of the keyring.
    """
    stamp = _decode(content)
    if not _is_signed(stamp, store):
        raise StampError(
            "The keyring is not that of the installation that was backed up, or the stamp was exchanged: it was not "
            "made by this installation."
        )
    return stamp


def _decode(content: bytes) -> Stamp:
    try:
        return msgspec.json.decode(content, type=Stamp)
    except msgspec.DecodeError as error:
        raise StampError("The stamp of the backups is damaged.") from error


def _is_signed(stamp: Stamp, store: KeyringStore) -> bool:
    """Whether its MAC is under a ledger key of the keyring."""
    macs = [mac.hex() for mac in store.keyring.keyed_hashes("ledger", stamp.message())]
    return any(hmac.compare_digest(mac.encode(), stamp.mac.encode()) for mac in macs)


def stamp_at(target: Target) -> bytes:
    """Return the stamp at a target as it is there, empty if there is none."""
    if STAMP not in dict(target.list()):
        return b""
    with target.opened(STAMP) as file:
        content: bytes = file.read()
    return content


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_counter(path: Path) -> int:
    """Return the newest counter that is known beside the keyring, 0 where there is none."""
    try:
        return int(path.read_text(encoding="ascii").strip() or 0)
    except FileNotFoundError:
        return 0


def write_counter(path: Path, counter: int) -> None:
    """Note a counter, whole or not at all, unless a greater one is known."""
    if counter <= read_counter(path):
        return
    write_private(path, f"{counter}\n")
