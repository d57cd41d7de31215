"""Brings the schema to the newest version, as its owner."""

from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import Connection, create_engine, make_url

MIGRATIONS = Path(__file__).parents[1] / "migrations"
VERSIONS = sorted(path.name.split("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))
HEAD = VERSIONS[-1]
MIGRATION_LOCK = 7267001
GROUP_ROLES = ("tmr_app", "tmr_keeper", "tmr_backup", "tmr_stats")


def migrate(migration_url: str, app_url: str) -> bool:
    """Upgrade the schema to ``HEAD`` and create its roles; return whether anything was done. Leave a newer one.

    ``migration_url`` connects as the owner of the tables, ``app_url`` as the role that serves requests.

    Raises:
        psycopg.Error: the server cannot be reached, or the owner may not do what is needed.
    """
    with psycopg.connect(libpq(migration_url), autocommit=True) as connection:
        if (current_version(connection) or "") >= HEAD:
            return False
        _ensure_roles(connection, make_url(app_url).username or "", make_url(app_url).password or "")
    _upgrade(migration_url, "head")
    return True


def current_version(connection: psycopg.Connection[tuple[object, ...]]) -> str | None:
    """Return the version of the schema, or None before the first migration."""
    known = connection.execute("SELECT to_regclass('alembic_version')").fetchone()
    if known is None or known[0] is None:
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else None


def is_new(migration_url: str) -> bool:
    """Whether there is no schema yet."""
    with psycopg.connect(libpq(migration_url)) as connection:
        return current_version(connection) is None


def is_outdated(migration_url: str) -> bool:
    """Whether there is a schema, and an older one than this release needs."""
    with psycopg.connect(libpq(migration_url)) as connection:
        version = current_version(connection)
    return version is not None and version < HEAD


def downgrade(migration_url: str, version: str = "base") -> None:
    """Take the schema back to ``version``; data in dropped tables is lost."""
    _upgrade(migration_url, version)


def _upgrade(migration_url: str, version: str) -> None:
    engine = create_engine(migration_url, connect_args={"prepare_threshold": None})
    with engine.begin() as connection:
        step_to(connection, version)
    engine.dispose()


def step_to(connection: Connection, version: str) -> None:
    """Bring the schema up to ``head`` or ``HEAD``, or down to another version, within a transaction of its owner."""
    # Alembic takes 0.3 s to import, and a start that has nothing to migrate should not wait for it.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    _lock(connection)
    config.attributes["connection"] = connection
    (command.upgrade if version in ("head", HEAD) else command.downgrade)(config, version)


def _lock(connection: Connection) -> None:
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")


def _ensure_roles(connection: psycopg.Connection[tuple[object, ...]], app_role: str, password: str) -> None:
    present = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
    for role in GROUP_ROLES:
        if role not in present:
            connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(role)))
    # Only by SET ROLE: the owner of the tables does not see rows without it (PostgreSQL 15 cannot tell the two apart).
    terms = " WITH INHERIT FALSE, SET TRUE" if connection.info.server_version >= 160000 else ""
    for role in GROUP_ROLES[1:]:
        connection.execute(sql.SQL(f"GRANT {{}} TO CURRENT_USER{terms}").format(sql.Identifier(role)))
    if app_role == "tmr_app":
        statement = sql.SQL("ALTER ROLE tmr_app LOGIN NOINHERIT PASSWORD {}").format(sql.Literal(password))
        connection.execute(statement)
    else:
        connection.execute(sql.SQL("GRANT tmr_app TO {}").format(sql.Identifier(app_role)))


def libpq(url: str) -> str:
    """Return an address without the name of the driver, which the driver itself does not take."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)
