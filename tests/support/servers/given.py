"""A PostgreSQL that the tests are given by its address in place of the embedded one: another version, or a cluster."""

import inspect
import os
from functools import cache

import psycopg
import pytest
from sqlalchemy import make_url

from tmr.repository.database.migrate import GROUP_ROLES
from tmr.repository.database.spreading import spread

URL = os.environ.get("TMR_TEST_DATABASE_URL", "")
PASSWORD = "given-to-tests"
# Files that ask something of a server that one by its address does not have, and what.
OF_THE_EMBEDDED_ONE = {
    "test_database_link": "a pooler is put before its socket",
    "test_p06_unreadable": "its files are searched",
    "test_erased_for_good": "its files are searched",
}
OF_ONE_NODE = {
    "test_backups": "a restore fills tables before they are spread",
    "test_p07_p26_backups": "a restore fills tables before they are spread",
    "test_secrets": "a restore fills tables before they are spread",
}


class GivenServer:
    """The addresses of a database that belongs to these tests alone; what is in it is deleted."""

    def __init__(self) -> None:
        if int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")) > 1:
            raise pytest.UsageError("One database serves one process: TMR_TEST_WORKERS=1")
        self.admin_url = self._as("tmr_admin")
        self.migration_url = self._as("tmr_owner")
        self.app_url = self._as("tmr_app")

    def _as(self, role: str) -> str:
        url = make_url(URL).set(drivername="postgresql+psycopg", username=role, password=PASSWORD)
        return url.render_as_string(hide_password=False)

    def join(self) -> None:
        """Make the roles that the embedded one has; a superuser's address is given."""
        with psycopg.connect(URL, autocommit=True) as admin:
            there = {name for (name,) in admin.execute("SELECT rolname FROM pg_roles")}
            for role, rights in (("tmr_admin", "SUPERUSER"), ("tmr_owner", "CREATEROLE NOINHERIT")):
                if role not in there:
                    admin.execute(f"CREATE ROLE {role} LOGIN {rights} PASSWORD '{PASSWORD}'")
            admin.execute(f'ALTER DATABASE "{make_url(URL).database}" OWNER TO tmr_owner')
            # On PostgreSQL 15 a role with NOINHERIT has not the rights that an owner of the database has on it.
            grant = "GRANT CREATE ON SCHEMA public TO tmr_owner WITH GRANT OPTION"
            admin.execute(f"SELECT run_command_on_all_nodes('{grant}')" if is_cluster() else grant)

    def settle(self) -> None:
        """After the migrations: spread the tables if this is a cluster, as its operator does."""
        if spread(self.migration_url) is None:
            return
        with psycopg.connect(URL, autocommit=True) as admin:
            admin.execute("ALTER ROLE tmr_app SET citus.propagate_set_commands = 'local'")
            admin.execute("ALTER ROLE tmr_owner SET citus.multi_shard_modify_mode = 'sequential'")
            for role in GROUP_ROLES[1:]:
                admin.execute(f"ALTER ROLE {role} LOGIN")

    def leave(self) -> None:
        """Leave it running."""


@cache
def is_cluster() -> bool:
    """Whether the given database is a cluster."""
    with psycopg.connect(URL) as connection:
        return connection.execute("SELECT FROM pg_extension WHERE extname = 'citus'").fetchone() is not None


def skip_what_it_cannot_run(items: list[pytest.Item]) -> None:
    """Mark the tests that ask something of a server that the given one does not have, saying what."""
    unfit = {**OF_THE_EMBEDDED_ONE, **(OF_ONE_NODE if is_cluster() else {})}
    for item in items:
        reason = unfit.get(item.path.stem, "")
        if "data_dir" in inspect.signature(item.function).parameters:
            reason = "the data directory of the embedded one is looked into, or a command starts from it"
        if reason:
            item.add_marker(pytest.mark.skip(reason=f"not on TMR_TEST_DATABASE_URL: {reason}"))
