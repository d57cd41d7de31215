"""All rows of all accounts, still sealed, for a backup; and the way back into an empty database."""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import Connection, Engine, Table, text
from sqlalchemy.dialects import postgresql

from tmr.crypto.keyring import Keyring
from tmr.repository.database.migrate import HEAD, current_version, step_to
from tmr.repository.erasure import Erasure, erase_again
from tmr.repository.errors import DatabaseError, DecryptionError
from tmr.repository.keys.data_keys import wrapped_keys
from tmr.repository.keys.owner_keys import OwnerKeys
from tmr.repository.schema import OWNED, accounts, data_keys, key_wraps, metadata, wrapping_keys

KEYS = (wrapping_keys, data_keys, key_wraps)
# A restore drops sessions, tokens, grants, and any work and mails under way.
LEFT_OUT = (
    "access_tokens",
    "coach_links",
    "erasures",
    "export_chunks",
    "exports",
    "house_mails",
    "import_chunks",
    "imports",
    "installation_facts",
    "invitations",
    "known_devices",
    "limits",
    "one_time_tokens",
    "outgoing_mails",
    "sessions",
    "support_grants",
)
_OTHERS = [table for table in metadata.sorted_tables if table not in (*KEYS, accounts) and table.name not in LEFT_OUT]
ROWS = (accounts, *_OTHERS)
BY_NAME = {table.name: table for table in (*KEYS, *ROWS)}
_CONDITIONS = {
    "owner_lookups": "kind IN ('passkey', 'identity', 'feed')",
    # What opens locked records for a session, a grant, a token or a link is gone after a restore, as those are.
    "key_wraps": "kind IN ('keyring', 'password', 'prf', 'recovery')",
}
_SLOTS_OF_NO_PASSKEY = """
    DELETE FROM key_wraps w WHERE kind = 'prf'
       AND NOT EXISTS (SELECT FROM passkeys p WHERE p.owner_id = w.owner_id AND p.id = w.slot_id)
"""
DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]
BACKUP_LOCK = 7267002
_FORMS = "SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO'; SET LOCAL bytea_output = 'hex'"


class Dump:
    """A snapshot of the database, read as ``tmr_backup``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def version(self) -> str:
        """Return the version of the schema."""
        return current_version(_driver(self._connection)) or ""

    def columns(self, table: Table) -> list[str]:
        """Return the columns of a table that ``rows`` yields, in that order.

        Before a migration the database may lack a column, or a whole table, that this release knows.
        """
        there = _columns(self._connection, table.name)
        return [str(name) for name in table.columns.keys() if name in there]  # noqa: SIM118

    def rows(self, table: Table, columns: Sequence[str] | None = None) -> Iterator[bytes]:
        """Yield a table as PostgreSQL's COPY text, in the order of its key, in pieces; some columns, or all."""
        there = self.columns(table)
        chosen = there if columns is None else [name for name in columns if name in there]
        if not chosen:
            return
        order = ", ".join(name for name in table.primary_key.columns.keys() if name in there)  # noqa: SIM118
        where = f" WHERE {_CONDITIONS[table.name]}" if table.name in _CONDITIONS else ""
        query = f"COPY (SELECT {', '.join(chosen)} FROM {table.name}{where} ORDER BY {order}) TO STDOUT"  # noqa: S608
        with _driver(self._connection).cursor() as cursor, cursor.copy(query) as copy:
            yield from map(bytes, copy)


@contextmanager
def dumping(engine: Engine) -> Iterator[Dump]:
    """Open a snapshot of the whole database for reading."""
    with engine.connect() as opened:
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        connection = opened.execution_options(**options)
        connection.execute(text("SET LOCAL ROLE tmr_backup"))
        connection.exec_driver_sql(_FORMS)
        yield Dump(connection)
        connection.rollback()


@contextmanager
def alone(engine: Engine, say: Callable[[str], None]) -> Iterator[None]:
    """Hold the lock that lets one process on any machine back this database up; wait for it, saying so."""
    with engine.connect() as opened:
        connection = opened.execution_options(isolation_level="AUTOCOMMIT")
        if not connection.execute(text(f"SELECT pg_try_advisory_lock({BACKUP_LOCK})")).scalar_one():
            say("Another backup of this database is under way: waiting for it.")
            connection.execute(text(f"SELECT pg_advisory_lock({BACKUP_LOCK})"))
        try:
            yield
        finally:
            with suppress(DatabaseError):  # a connection that is gone holds nothing
                connection.execute(text(f"SELECT pg_advisory_unlock({BACKUP_LOCK})"))


class NotEmptyError(Exception):
    """There are accounts in the database."""


class Restoration:
    """One transaction as the owner of the tables that fills an empty database. Without ``commit()`` nothing stays.

    The tables are as they were when the dump was made, until ``update``.
    """

    def __init__(self, connection: Connection, keyring: Keyring, version: str) -> None:
        self._connection = connection
        self._keyring = keyring
        self._version = version
        self.dropped = 0

    def load(self, name: str, columns: Sequence[str], pieces: Iterable[bytes]) -> int:
        """Load a table of a dump; return how many rows. Rows that a destroyed key sealed are left out.

        Keys must come first, then the other tables in the order of ``ROWS``. A dump of keys that is of a later schema
        than the tables is loaded once more after the update, for the columns that the tables lacked before.

        Raises:
            KeyError: there is no such table or column.
            ValueError: the rows do not fit it.
        """
        table = BY_NAME[name]
        if not columns:
            raise ValueError(f"{name} has no columns")
        there = _columns(self._connection, name)
        taken = [column for column in columns if column in there]
        self._stage(table, columns, pieces)
        staged = self._run("SELECT count(*) FROM staged").scalar_one()
        loaded = int(self._run(_insert_statement(table, taken, there)).rowcount) if taken else staged
        self._run("DROP TABLE staged")
        self.dropped += staged - loaded
        return loaded

    def _stage(self, table: Table, columns: Sequence[str], pieces: Iterable[bytes]) -> None:
        kinds = [f"{name} {table.columns[name].type.compile(dialect=DIALECT)}" for name in columns]
        self._run(f"CREATE TEMP TABLE staged ({', '.join(kinds)}) ON COMMIT DROP")
        query = f"COPY staged ({', '.join(columns)}) FROM STDIN"
        try:
            with _driver(self._connection).cursor() as cursor, cursor.copy(query) as copy:
                for piece in pieces:
                    copy.write(piece)
        except psycopg.Error as error:
            raise ValueError(f"{table.name} has rows of another form") from error

    def update(self) -> bool:
        """Migrate the filled tables to the schema of this release; return whether they were older."""
        if self._version == HEAD:
            return False
        self._run("SET CONSTRAINTS ALL IMMEDIATE")
        step_to(self._connection, HEAD)
        self._version = HEAD
        self.open()
        return True

    def opens(self) -> bool:
        """Whether the keyring opens these keys; only some of them are tried."""
        some = "SELECT owner_id FROM key_wraps WHERE kind = 'keyring' GROUP BY owner_id ORDER BY owner_id LIMIT 20"
        owners = self._run(some).scalars().all()
        return not owners or any(self._opens(owner) for owner in owners)

    def _opens(self, owner: UUID) -> bool:
        owner_keys = OwnerKeys(owner, self._keyring, wrapped_keys(self._connection, owner))
        with suppress(DecryptionError):
            return bool([owner_keys.by_id(key.key_id) for key in owner_keys.wrapped() if key.is_plain])
        return False

    def open(self) -> None:
        """Lift row-level security for the owner of the tables, who fills them."""
        for table in OWNED:
            self._run(f"ALTER TABLE IF EXISTS {table.name} NO FORCE ROW LEVEL SECURITY")

    def forget(self, erasures: Iterable[Erasure], made_at: dt.datetime) -> int:
        """Erase again what was erased after the dump was made; return how many accounts that concerns.

        An account that was deleted never comes back, so it goes whenever that was.
        """
        return erase_again(self._connection, self._keyring, erasures, made_at)

    def finish(self) -> None:
        """Recount records, drop keys without an account, and put row-level security back."""
        self._run("UPDATE record_counts SET live = 0")  # a kind without records keeps a row that says so
        self._run(
            "INSERT INTO record_counts AS c (owner_id, kind, live) SELECT owner_id, kind, count(*) FROM records "
            "WHERE deleted_at IS NULL GROUP BY owner_id, kind "
            "ON CONFLICT (owner_id, kind) DO UPDATE SET live = excluded.live"
        )
        self._run(_SLOTS_OF_NO_PASSKEY)  # the keys are newer than the rest: it was added since, or removed before
        self._run("DELETE FROM data_keys d WHERE NOT EXISTS (SELECT FROM accounts a WHERE a.owner_id = d.owner_id)")
        for table in OWNED:
            self._run(f"ALTER TABLE {table.name} FORCE ROW LEVEL SECURITY")

    def checksum_source(self) -> Dump:
        """Return the rows as they are now, for comparing."""
        self._connection.exec_driver_sql(_FORMS)
        return Dump(self._connection)

    def _run(self, statement: str) -> Any:
        return self._connection.execute(text(statement))


@contextmanager
def restoring(engine: Engine, keyring: Keyring, version: str = HEAD) -> Iterator[Restoration]:
    """Open an empty database for filling; leaving without an error keeps it all, and with one nothing.

    Its tables take the form of schema ``version`` until ``Restoration.update``.
    """
    with engine.begin() as connection:
        restoration = Restoration(connection, keyring, version)
        restoration.open()
        connection.execute(text("LOCK TABLE accounts"))  # nobody signs up while it is filled
        if connection.execute(text("SELECT EXISTS (SELECT FROM accounts)")).scalar_one():
            raise NotEmptyError
        if version != HEAD:
            step_to(connection, version)
            restoration.open()
        yield restoration
        restoration.finish()


def _filter(table: Table, columns: Sequence[str]) -> str:
    """Return the condition that leaves out rows without their key, their account or their parent."""
    terms = []
    names = table.columns.keys()
    if (table not in KEYS and "key_id" in names) or table is key_wraps:
        terms.append("EXISTS (SELECT FROM data_keys d WHERE d.owner_id = s.owner_id AND d.key_id = s.key_id)")
    if table not in KEYS and "owner_id" in names and table.name != "accounts":
        terms.append("EXISTS (SELECT FROM accounts a WHERE a.owner_id = s.owner_id)")
    if table is key_wraps and "slot_id" not in columns:  # the tables are of before there were slots: those come later
        terms.append("s.kind = 'keyring'")
    if "record_id" in names:
        terms.append("EXISTS (SELECT FROM records r WHERE r.owner_id = s.owner_id AND r.id = s.record_id)")
    if table.name == "file_chunks":
        terms.append("EXISTS (SELECT FROM files f WHERE f.owner_id = s.owner_id AND f.id = s.file_id)")
    return f" WHERE {' AND '.join(terms)}" if terms else ""


def _insert_statement(table: Table, columns: Sequence[str], there: Collection[str]) -> str:
    """Return the statement that inserts staged rows; keys that exist already get the columns that they lack."""
    names = ", ".join(columns)
    taking = f"INSERT INTO {table.name} ({names}) SELECT {names} FROM staged s{_filter(table, columns)}"  # noqa: S608
    if table not in KEYS:
        return taking
    primary_key = [name for name in table.primary_key.columns.keys() if name in there]  # noqa: SIM118
    others = ", ".join(f"{name} = excluded.{name}" for name in columns if name not in primary_key)
    return f"{taking} ON CONFLICT ({', '.join(primary_key)}) DO {f'UPDATE SET {others}' if others else 'NOTHING'}"


def _columns(connection: Connection, table: str) -> set[str]:
    query = "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped"
    return {str(name) for (name,) in _driver(connection).execute(query, (table,))}


def _driver(connection: Connection) -> psycopg.Connection[Any]:
    return connection.connection.driver_connection  # type: ignore[return-value]
