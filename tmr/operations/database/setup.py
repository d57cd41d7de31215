"""Makes the role that owns the tables, and its database, on a PostgreSQL of the operator's own or of a provider."""

import secrets

import msgspec
import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

from tmr.config import SettingsError

DATABASE, OWNER, APP = "tmr", "tmr_owner", "tmr_app"


class Addresses(msgspec.Struct, frozen=True):
    """The two addresses that an installation is set up with; they hold the passwords."""

    database_url: str
    migration_url: str

    def __repr__(self) -> str:
        return "Addresses(…)"


def set_up_database(admin_url: str) -> Addresses:
    """Make the owner's role and the database; return the addresses for both roles.

    ``admin_url`` leads to any database of the server, as a role that may create roles and databases. The role that
    serves requests is made by the first migration, with the password that its address has.

    Raises:
        SettingsError: there is such a role or database already.
        psycopg.Error: the server cannot be reached, or refuses.
    """
    url = make_url(admin_url)
    passwords = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
    libpq = url.set(drivername="postgresql").render_as_string(hide_password=False)
    made = url.set(drivername="postgresql", database=DATABASE).render_as_string(hide_password=False)
    with psycopg.connect(libpq, autocommit=True) as admin:
        _refuse_second(admin)
        owner, literal = sql.Identifier(OWNER), sql.Literal(passwords[0])
        admin.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEROLE PASSWORD {}").format(owner, literal))
        admin.execute(
            sql.SQL("GRANT {} TO CURRENT_USER").format(owner)
        )  # who gives a database away must be in the role
        admin.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), owner))
    with psycopg.connect(made, autocommit=True) as admin:
        # On PostgreSQL 15 the owner of the tables would see all rows by the roles that it is put into. Without them it
        # has not what the owner of a database has on its schema.
        admin.execute(sql.SQL("GRANT CREATE ON SCHEMA public TO {} WITH GRANT OPTION").format(owner))
        admin.execute(sql.SQL("ALTER ROLE {} NOINHERIT").format(owner))
    return Addresses(_address(url, APP, passwords[1]), _address(url, OWNER, passwords[0]))


def _refuse_second(admin: psycopg.Connection[tuple[object, ...]]) -> None:
    roles = admin.execute("SELECT rolname FROM pg_roles WHERE rolname IN (%s, %s)", (OWNER, APP)).fetchall()
    databases = admin.execute("SELECT datname FROM pg_database WHERE datname = %s", (DATABASE,)).fetchall()
    taken = [str(row[0]) for row in (*roles, *databases)]
    if taken:
        raise SettingsError(f"There is {' and '.join(sorted(taken))} on this server already. Nothing was changed.")


def _address(url: URL, role: str, password: str) -> str:
    address = url.set(drivername="postgresql", username=role, password=password, database=DATABASE)
    return address.render_as_string(hide_password=False)
