"""Migrations: up and down with data in the tables, and equal to the tables that queries name."""

from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, create_engine, event

from tests.conftest import FAST, libpq
from tests.support.backups import Keys, opened_by_age
from tests.support.factories import application, new_account
from tmr.config import load_settings
from tmr.domain.kinds.application import APPLICATION
from tmr.operations.database.embedded import EmbeddedServer
from tmr.repository.database.across_owners import AcrossOwners
from tmr.repository.database.connections import across_owners_engine
from tmr.repository.database.migrate import HEAD, current_version, downgrade, migrate
from tmr.repository.schema import metadata
from tmr.wiring.keyring import check_keys, load_keyring, make_keyring
from tmr.wiring.services import build, prepare, utc_now


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("migrations") / "var"
    server = EmbeddedServer(folder, settings=FAST)
    server.join()
    yield server
    server.leave()


def test_migrations_go_up_and_down_with_data_in_the_tables(fresh: EmbeddedServer, tmp_path: Path) -> None:
    settings = load_settings({"TMR_DATA_DIR": str(tmp_path / "var")})
    make_keyring(settings)
    assert migrate(fresh.migration_url, fresh.app_url)
    check_keys(load_keyring(settings), AcrossOwners(across_owners_engine(fresh.migration_url)))
    repository = build(settings, fresh.app_url).repository
    owner = repository.add_account(new_account(), utc_now())
    with repository.for_owner(owner) as uow:
        uow.records.add(APPLICATION, application(), utc_now())
        uow.commit()

    downgrade(fresh.migration_url)
    with psycopg.connect(libpq(fresh.migration_url)) as connection:
        left = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    migrate(fresh.migration_url, fresh.app_url)

    assert left == [("alembic_version",)]
    with psycopg.connect(libpq(fresh.migration_url)) as connection:
        assert current_version(connection) == HEAD


def test_a_second_migration_does_nothing(fresh: EmbeddedServer) -> None:
    migrate(fresh.migration_url, fresh.app_url)

    assert not migrate(fresh.migration_url, fresh.app_url)


@pytest.fixture
def crowded():
    """The strings with several statements that anything sends: PostgreSQL prepares no such string."""
    found: list[str] = []

    def judge(_connection, cursor, statement, parameters, *_others) -> None:
        if parameters:  # then it is one statement, or the server has refused it already
            return
        prepared = cursor.connection.pgconn.prepare(b"", statement.encode())
        if b"multiple commands" in prepared.error_message:
            found.append(statement)
            cursor.connection.rollback()

    event.listen(Engine, "before_cursor_execute", judge)
    yield found
    event.remove(Engine, "before_cursor_execute", judge)


def test_migrations_from_0010_on_send_one_statement_at_a_time(fresh: EmbeddedServer, crowded: list[str]) -> None:
    """A table that is spread over machines takes no several in one string."""
    migrate(fresh.migration_url, fresh.app_url)
    downgrade(fresh.migration_url, "0009")
    migrate(fresh.migration_url, fresh.app_url)

    assert crowded == []


def test_several_statements_in_one_string_are_recognised(fresh: EmbeddedServer, crowded: list[str]) -> None:
    with create_engine(fresh.migration_url).connect() as connection:
        connection.exec_driver_sql("SELECT 1; SELECT 2")

    assert crowded == ["SELECT 1; SELECT 2"]


def test_the_tables_are_those_that_queries_name(fresh: EmbeddedServer) -> None:
    migrate(fresh.migration_url, fresh.app_url)
    options = {
        "include_name": lambda name, kind, _: not (kind == "table" and (name or "").startswith("procrastinate")),
        "compare_type": True,
    }
    with create_engine(fresh.migration_url).connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection, opts=options), metadata)

    assert differences == []


def test_an_update_of_the_embedded_database_makes_a_backup_first(tmp_path: Path, capsys) -> None:
    keys = Keys(tmp_path)
    environ = {"TMR_BACKUP_TARGET": str(tmp_path / "backups"), "TMR_BACKUP_RECIPIENT": keys.recipient}
    settings = load_settings({"TMR_DATA_DIR": str(tmp_path / "var"), **environ})
    database = prepare(settings)
    try:
        made = build(settings, database.app_url, pool_size=1).repository
        owner = made.add_account(new_account(), utc_now())
        with made.for_owner(owner) as uow:
            uow.records.add(APPLICATION, application(company="Globex"), utc_now())
            uow.commit()
        downgrade(database.migration_url, "0004")
        prepare(settings).leave()
        again = build(settings, database.app_url, pool_size=1).repository
        with again.for_owner(owner) as uow:
            [record] = uow.records.everything(APPLICATION)
    finally:
        database.leave()
    [data] = (tmp_path / "backups").glob("data-*.age")
    [keys_file] = (tmp_path / "backups").glob("keys-*.age")

    assert "Backed up." in capsys.readouterr().out
    assert record.values["company"] == "Globex"
    assert b"records/000000.copy" in opened_by_age(data, keys)
    assert b'"schema_version":"0004"' in opened_by_age(data, keys)
    assert b"key_wraps/000000.copy" in opened_by_age(keys_file, keys)


def test_an_update_without_a_target_for_backups_says_so(tmp_path: Path, capsys) -> None:
    settings = load_settings({"TMR_DATA_DIR": str(tmp_path / "var"), "TMR_BACKUP_TARGET": "off"})
    database = prepare(settings)
    try:
        downgrade(database.migration_url, "0004")
        prepare(settings).leave()
    finally:
        database.leave()

    assert "Backups are off" in capsys.readouterr().out
