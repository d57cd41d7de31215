"""Connections: one pool for requests, and one way in for work across owners."""

import os
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.pool import NullPool


def app_engine(url: str, *, pool_size: int = 8, is_pinged: bool = False) -> Engine:
    """Return the pool that serves requests, as the role ``tmr_app``.

    No prepared statements and no session state, so that it runs behind PgBouncer in transaction mode. Connections that
    are pinged before each use outlive a restart of the database unseen, for a round trip more.
    """
    return create_engine(
        url,
        pool_size=pool_size,
        pool_pre_ping=is_pinged,
        max_overflow=0,
        pool_timeout=8,
        hide_parameters=True,
        connect_args=_connect_args("tmr"),
    )


def keeper_engine(url: str) -> Engine:
    """Return connections for work across owners; each transaction enters its role by ``SET LOCAL ROLE``."""
    return create_engine(url, poolclass=NullPool, hide_parameters=True, connect_args=_connect_args("tmr-keeper"))


def _connect_args(name: str) -> dict[str, object]:
    return {"prepare_threshold": None, "application_name": f"{name}-{os.getpid()}", "connect_timeout": 8}


Parameters = Sequence[Any] | Mapping[str, Any]

# The hot reads go to the driver as they are: compiling and unpacking them with SQLAlchemy took half of their time.


def read_first(connection: Connection, statement: str, parameters: Parameters) -> Sequence[Any] | None:
    """Return the first row of a statement, in the driver's binary form."""
    try:
        with _driver(connection).cursor(binary=True) as cursor:
            cursor.execute(statement, parameters)
            return cursor.fetchone()
    except psycopg.Error as error:
        raise _translated(connection, error) from error


def read_all(connection: Connection, statement: str, parameters: Parameters) -> list[Any]:
    """Return all rows of a statement, in the driver's binary form."""
    try:
        with _driver(connection).cursor(binary=True) as cursor:
            cursor.execute(statement, parameters)
            return cursor.fetchall()
    except psycopg.Error as error:
        raise _translated(connection, error) from error


def run(connection: Connection, statement: str, parameters: Parameters) -> None:
    """Run a statement that answers nothing, raising as SQLAlchemy would."""
    try:
        _driver(connection).execute(statement, parameters)
    except psycopg.IntegrityError as error:
        raise IntegrityError("", {}, error, hide_parameters=True) from error
    except psycopg.Error as error:
        raise _translated(connection, error) from error


def _driver(connection: Connection) -> psycopg.Connection[Any]:
    if not connection.in_transaction():
        connection.begin()
    return connection.connection.driver_connection  # type: ignore[return-value]


def _translated(connection: Connection, error: psycopg.Error) -> DBAPIError:
    """Raise as SQLAlchemy would, so that an outage is known as one and the connection leaves the pool."""
    is_gone = isinstance(error, psycopg.OperationalError)
    if is_gone:
        is_broken = _driver(connection).broken
        connection.invalidate(error)
        if is_broken:  # so are the others that wait in the pool
            connection.engine.dispose(close=False)
    return DBAPIError("", {}, error, hide_parameters=True, connection_invalidated=is_gone)
