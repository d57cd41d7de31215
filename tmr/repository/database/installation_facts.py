"""Facts about the installation as a whole: its id, keys, backups, what the doctor found. Nothing about any account."""

import datetime as dt
from collections.abc import Iterable
from typing import Any, TypeVar
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import Connection, Engine, select, text
from sqlalchemy.dialects.postgresql import insert

from tmr.repository.access.disclosures import PublicCounts
from tmr.repository.schema import installation_facts

Fact = TypeVar("Fact", bound=msgspec.Struct)


class Rotation(msgspec.Struct, frozen=True):
    """When the wrapping key rotated last, and since when it is due to rotate, if it is.

    ``reason`` says why it does not rotate automatically here; it is empty where it does. ``is_published`` is
    false while the keys file of the backups is still the one from before.
    """

    last_at: dt.datetime | None = None
    due_since: dt.datetime | None = None
    reason: str = ""
    is_published: bool = True


LEAST_TOLD = 10  # of how many accounts a figure is about people and told all the same
LOCKED_ACCOUNTS = "locked accounts"  # as the doctor's check of them is called


class Locked(msgspec.Struct, frozen=True):
    """How many accounts are locked, 0 if they are fewer than ten, and whether the keyring opened none of them."""

    accounts: int
    is_kept: bool


class Examination(msgspec.Struct, frozen=True):
    """What the doctor found when it last looked: how many checks of each state, and the names of the broken ones.

    ``locked`` is None if it could not look.
    """

    examined_at: dt.datetime
    counts: dict[str, int]
    broken: list[str]
    locked: Locked | None = None


class Told(msgspec.Struct, frozen=True):
    """The names of the broken checks of which the operator was told last; `tmr doctor` leaves it alone."""

    broken: list[str] = []


KIT_IS_HERE = "P07 private key of the backups"  # as an examination names it


class BackupsState(msgspec.Struct, frozen=True):
    """The state of the backups: counter of the last keys file, whether the recovery kit was moved away, and the data
    files that there are, each with its SHA-256.

    ``stamps`` has the MAC of the newest stamp at each target, ``recipients`` whom its keys file is sealed for, and
    ``unreached`` since when one could not be told of erasures; ``intended_…`` that of one that was about to be
    published; ``folder…`` tells which data directory published it.
    """

    counter: int = 0
    published_at: dt.datetime | None = None
    kit_moved_at: dt.datetime | None = None
    data: dict[str, str] = {}
    made_at: dt.datetime | None = None  # when the newest data file was
    stamps: dict[str, str] = {}
    intended_counter: int = 0
    intended_mac: str = ""
    folder: str = ""
    folder_identity: str = ""
    recipients: dict[str, str] = {}
    unreached: dict[str, dt.datetime] = {}

    def without(self, places: Iterable[str]) -> "BackupsState":
        """Return the state with these targets forgotten."""
        gone, known = set(places), (self.stamps, self.recipients, self.unreached)
        stamps, recipients, unreached = ({k: v for k, v in each.items() if k not in gone} for each in known)
        return msgspec.structs.replace(self, stamps=stamps, recipients=recipients, unreached=unreached)


class Standing(msgspec.Struct, frozen=True):
    """All facts, as the public page shows them; None for those that were never noted."""

    rotation: Rotation | None
    examination: Examination | None
    backups: BackupsState | None
    counts: PublicCounts


NAMES: dict[type[msgspec.Struct], str] = {
    Rotation: "rotation",
    Examination: "doctor",
    Told: "told",
    BackupsState: "backups",
}


class InstallationFacts:
    """Reads and writes facts as the role ``tmr_keeper``; for the worker and the command line only.

    On the schema of a release without facts, before it is upgraded, nothing is known and nothing is kept.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def installation_id(self, preferred: UUID | None, now: dt.datetime) -> UUID:
        """Return the id of this database's installation; one that has none yet takes ``preferred``, or a new one."""
        self._put("id", str(preferred or uuid4()), now, keeps=True)
        return UUID(self._get("id"))

    def known_id(self) -> UUID | None:
        """Return the id of this database's installation, or None if it has none yet."""
        value = self._get("id")
        return UUID(value) if value else None

    def stamp(self, installation: UUID, now: dt.datetime) -> None:
        """Give this database's installation another id."""
        self._put("id", str(installation), now)

    def get(self, kind: type[Fact]) -> Fact:
        """Return a fact, or an empty one."""
        return convert_fact(self._get(NAMES[kind]), kind) or kind()

    def find(self, kind: type[Fact]) -> Fact | None:
        """Return a fact, or None."""
        return convert_fact(self._get(NAMES[kind]), kind)

    def put(self, fact: msgspec.Struct, now: dt.datetime) -> None:
        """Replace a fact by this one."""
        self._put(NAMES[type(fact)], msgspec.to_builtins(fact), now)

    def _get(self, name: str) -> Any:
        with self._engine.begin() as connection:
            if not _has_place(connection):  # before anything else: without tables there is no such role either
                return None
            connection.execute(text("SET LOCAL ROLE tmr_keeper"))
            return read_fact(connection, name)

    def _put(self, name: str, value: object, now: dt.datetime, *, keeps: bool = False) -> None:
        query = insert(installation_facts).values(name=name, value=value, noted_at=now)
        others = {"value": query.excluded.value, "noted_at": query.excluded.noted_at}
        query = (
            query.on_conflict_do_nothing()
            if keeps
            else query.on_conflict_do_update(index_elements=["name"], set_=others)
        )
        with self._engine.begin() as connection:
            connection.execute(text("SET LOCAL ROLE tmr_keeper"))
            if _has_place(connection):
                connection.execute(query)


def convert_fact(value: Any, kind: type[Fact]) -> Fact | None:
    """Return a fact as the struct it was made of, or None for none."""
    return None if value is None else msgspec.convert(value, kind)


def find_fact(connection: Connection, kind: type[Fact]) -> Fact | None:
    """Return a fact, or None; for the role that serves requests."""
    return convert_fact(read_fact(connection, NAMES[kind]), kind)


def _has_place(connection: Connection) -> bool:
    return connection.scalar(text("SELECT to_regclass('installation_facts')")) is not None


def read_fact(connection: Connection, name: str) -> Any:
    """Return the value of a fact, or None."""
    return connection.scalar(select(installation_facts.c.value).where(installation_facts.c.name == name))
