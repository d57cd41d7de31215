"""Connections: a pool for requests, and connections for work across owners."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.pool import NullPool

# A request waits for a connection, then for an answer, then a second for its cancelling: together less than 10 seconds.
CONNECT_SECONDS = POOL_SECONDS = 3
ANSWER_SECONDS = 5.0
LONG_SECONDS = 600.0
FEW = 100  # rows with long values that are read at a time: up to 40 MB


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


def read_each(connection: Connection, statement: str, parameters: Parameters) -> Iterator[Any]:
    """Yield the rows of a statement as ``read_all`` returns them, ``FEW`` at a time: for rows with long values."""
    try:
        with _driver(connection).cursor("few", binary=True) as cursor:
            cursor.itersize = FEW
            cursor.execute(statement, parameters)
            yield from cursor
    except psycopg.Error as error:
        raise _translate(connection, error) from error


def run(connection: Connection, statement: str, parameters: Parameters) -> None:
    """Run a statement that returns no rows, raising as SQLAlchemy would."""
    try:
        _driver(connection).execute(statement, parameters)
    except psycopg.IntegrityError as error:
        raise IntegrityError("", {}, error, hide_parameters=True) from error
    except psycopg.Error as error:
        raise _translate(connection, error) from error


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
