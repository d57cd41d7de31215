"""Connections: a pool for requests, and connections for work across owners."""

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from itertools import chain
from typing import Any

import psycopg
from psycopg import sql
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.pool import NullPool

# A request waits for a connection, then for an answer, then a second for its cancelling: together less than 10 seconds.
CONNECT_SECONDS = POOL_SECONDS = 3
ANSWER_SECONDS = 5.0
LONG_SECONDS = 600.0
FEW = 50  # rows that are read first, until it shows how long they are: up to 26 MB of long texts
FEWEST, MOST = 10, 2_000  # rows that are read at a time after that
PORTION_BYTES = 2_000_000  # that they have together


class PromptConnection(psycopg.Connection[Any]):
    """A connection that gives up, and closes, when the server takes longer over a statement than ``patience``.

    A server that was stopped, or that the network lost, never says that it is gone.
    """

    patience = ANSWER_SECONDS

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait for the server, but not for ever: raise ``psycopg.OperationalError`` after ``patience`` seconds."""
        try:
            return super().wait(gen, interval, self.patience if timeout is None else timeout)
        except psycopg.OperationalError:
            if timeout is None and self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                with suppress(psycopg.Error):  # the server may not answer this either
                    self.cancel_safe(timeout=1.0)  # else the server would keep the statement's locks and its connection
                self.pgconn.finish()  # there is no telling what the server does with the statement now
            raise


def app_engine(
    url: str, *, pool_size: int = 8, is_pinged: bool = False, answer_seconds: float = LONG_SECONDS
) -> Engine:
    """Return the pool that serves requests, as the role ``tmr_app``.

    No prepared statements and no session state, so that it runs behind PgBouncer in transaction mode. With
    ``is_pinged`` a restart of the database goes unnoticed, at the price of a round trip before each use. A statement
    may take ``answer_seconds``.
    """
    engine = create_engine(
        url,
        pool_size=pool_size,
        pool_pre_ping=is_pinged,
        max_overflow=0,
        pool_timeout=POOL_SECONDS,
        hide_parameters=True,
        connect_args=_connect_args("tmr"),
    )

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: object, _record: object, arguments: list[Any], named: dict[str, Any]) -> PromptConnection:
        return PromptConnection.connect(*arguments, **named)

    @event.listens_for(engine, "checkout")
    def begin(connection: PromptConnection, *_others: object) -> None:
        connection.patience = answer_seconds
        if connection.read_only is False:  # after a unit of work that only read: each transaction would say READ WRITE,
            connection.read_only = None  # which also a server that takes no changes any more would let pass

    event.listen(engine, "handle_error", _note_demotion)
    return engine


def let_take_long(connection: Connection) -> None:
    """Let statements of this transaction take minutes: it does a lot at once, or waits for others that do."""
    driver: PromptConnection = connection.connection.driver_connection  # type: ignore[assignment]
    driver.patience = LONG_SECONDS


def _note_demotion(context: ExceptionContext) -> None:
    """Drop the connection to a server that a failover made read-only, so that the next one finds the primary."""
    is_meant = context.connection and context.connection.get_execution_options().get("postgresql_readonly")
    if isinstance(context.original_exception, psycopg.errors.ReadOnlySqlTransaction) and not is_meant:
        context.is_disconnect = True


def across_owners_engine(url: str) -> Engine:
    """Return an engine for work across owners; each transaction enters its role by ``SET LOCAL ROLE``."""
    return create_engine(url, poolclass=NullPool, hide_parameters=True, connect_args=_connect_args("tmr-across-owners"))


def _connect_args(name: str) -> dict[str, object]:
    alive = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3, "tcp_user_timeout": 60_000}
    named = {"prepare_threshold": None, "application_name": f"{name}-{os.getpid()}"}
    return {**named, **alive, "connect_timeout": CONNECT_SECONDS}


Parameters = Sequence[Any] | Mapping[str, Any]

# The most frequent reads bypass SQLAlchemy: compiling statements and unpacking rows took half of their time.


def read_first(connection: Connection, statement: str, parameters: Parameters) -> Sequence[Any] | None:
    """Return the first row of a statement, in the driver's binary form."""
    try:
        with _driver(connection).cursor(binary=True) as cursor:
            cursor.execute(statement, parameters)
            return cursor.fetchone()
    except psycopg.Error as error:
        raise _translate(connection, error) from error


def read_all(connection: Connection, statement: str, parameters: Parameters) -> list[Any]:
    """Return all rows of a statement, in the driver's binary form."""
    try:
        with _driver(connection).cursor(binary=True) as cursor:
            cursor.execute(statement, parameters)
            return cursor.fetchall()
    except psycopg.Error as error:
        raise _translate(connection, error) from error


def uuid_array(ids: Iterable[bytes]) -> str:
    """Return these ids as PostgreSQL writes an array: the driver would take longer over each one than the database."""
    return "{" + ",".join([one.hex() for one in ids]) + "}"


def next_portion(count: int, size: int) -> int:
    """Return how many rows come to ``PORTION_BYTES``, when ``count`` of them had ``size`` bytes."""
    return min(max(PORTION_BYTES * count // max(size, 1), FEWEST), MOST)


def size_of(rows: Sequence[Sequence[Any]]) -> int:
    """Return how many bytes the long values of these rows have; a column with bytes has them in all rows."""
    columns = zip(*rows, strict=True)
    return sum(sum(map(len, column)) for column in columns if isinstance(column[0], bytes))


def insert_many(
    connection: Connection, table: str, shared: Mapping[str, Any], columns: Mapping[str, Sequence[Any]]
) -> None:
    """Insert rows in one statement: their own values by column, and those that all share; raise as SQLAlchemy would.

    A few thousand values at a time: a statement has 65,535 parameters at most.
    """
    rows = zip(*columns.values(), strict=True)
    parameters = [*shared.values(), *chain.from_iterable(rows)]
    count = len(next(iter(columns.values())))
    statement = _insertion(table, tuple(shared), tuple(columns), count)
    try:
        psycopg.RawCursor(_driver(connection)).execute(statement, parameters)
    except psycopg.IntegrityError as error:
        raise IntegrityError("", {}, error, hide_parameters=True) from error
    except psycopg.Error as error:
        raise _translate(connection, error) from error


@lru_cache(maxsize=4)  # nearly all batches are of one size
def _insertion(table: str, shared: tuple[str, ...], own: tuple[str, ...], count: int) -> bytes:
    """Return the statement, its parameters by number: the driver need not look for them in so long a text.

    COPY is not for tables with policies, and a spread database takes no INSERT … SELECT FROM unnest(…) into them.
    """
    together = [f"${number}" for number in range(1, len(shared) + 1)]
    numbers = iter(range(len(shared) + 1, len(shared) + 1 + count * len(own)))
    rows = (", ".join((*together, *(f"${next(numbers)}" for _ in own))) for _ in range(count))
    statement = sql.SQL("INSERT INTO {} ({}) VALUES {}").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, (*shared, *own))),
        sql.SQL(", ").join(sql.SQL(f"({row})") for row in rows),
    )
    return statement.as_bytes(None)


def _driver(connection: Connection) -> psycopg.Connection[Any]:
    if not connection.in_transaction():
        connection.begin()
    return connection.connection.driver_connection  # type: ignore[return-value]


def _translate(connection: Connection, error: psycopg.Error) -> DBAPIError:
    """Return what SQLAlchemy would raise, so that an outage is recognised and the connection leaves the pool."""
    is_meant = connection.get_execution_options().get("postgresql_readonly")
    is_demoted = isinstance(error, psycopg.errors.ReadOnlySqlTransaction) and not is_meant
    is_gone = is_demoted or isinstance(error, psycopg.OperationalError)
    if is_gone:
        is_broken = is_demoted or _driver(connection).broken
        connection.invalidate(error)
        if is_broken:  # then so are those that wait in the pool
            connection.engine.dispose(close=False)
    return DBAPIError("", {}, error, hide_parameters=True, connection_invalidated=is_gone)
