"""What is sent to a cluster to spread the tables. No cluster runs here: functions of its names note their calls."""

import re

import psycopg
import pytest

from tests.conftest import FAST, libpq
from tmr.config import Settings, load_settings
from tmr.errors import OperatorError
from tmr.operations.database.embedded import EmbeddedServer
from tmr.repository.database.migrate import migrate
from tmr.repository.database.spreading import TOGETHER, is_spread, spread
from tmr.repository.schema import OWNED, UNOWNED
from tmr.wiring.commands import spread_database
from tmr.wiring.keyring import make_keyring
from tmr.wiring.restoring import RestoreError, _refuse_spread

STAND_IN = """
INSERT INTO pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion)
VALUES (99999, 'citus', 10, 'pg_catalog'::regnamespace, false, '0');
CREATE TABLE pg_dist_partition (logicalrelid regclass);
CREATE TABLE calls (at serial, call text);
GRANT ALL ON pg_dist_partition, calls, calls_at_seq TO tmr_owner;
CREATE FUNCTION noted(name regclass, call text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO pg_dist_partition VALUES (name); INSERT INTO calls (call) VALUES (call || ' ' || name::text) $$;
CREATE FUNCTION create_distributed_table(name regclass, by text, colocate_with text) RETURNS void LANGUAGE sql AS $$
    SELECT noted(name, by || ' with ' || colocate_with) $$;
CREATE FUNCTION create_reference_table(name regclass) RETURNS void LANGUAGE sql AS $$
    SELECT noted(name, 'reference') $$;
CREATE FUNCTION citus_add_local_table_to_metadata(name regclass) RETURNS void LANGUAGE sql AS $$
    SELECT noted(name, 'known') $$;
CREATE FUNCTION truncate_local_data_after_distributing_table(name regclass) RETURNS void LANGUAGE sql AS $$
    INSERT INTO calls (call) VALUES ('truncate ' || name::text) $$;
"""
CONSTRAINTS = "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
CONSTRAINTS += "WHERE conrelid <> 0 AND conrelid::regclass::text <> 'calls' ORDER BY 1, 2"
NAMES = [table.name for table in OWNED]
FIRST, *OTHERS = NAMES


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory):
    running = EmbeddedServer(tmp_path_factory.mktemp("spreading") / "var", settings=FAST)
    running.join()
    migrate(running.migration_url, running.app_url)
    yield running
    running.leave()


@pytest.fixture(scope="module")
def to_it(alone: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The settings that lead there."""
    urls = {"TMR_DATABASE_URL": alone.app_url, "TMR_MIGRATION_URL": alone.migration_url}
    settings = load_settings({"TMR_DATA_DIR": str(tmp_path_factory.mktemp("to_it") / "var"), **urls})
    make_keyring(settings)
    return settings


def test_a_plain_postgresql_is_left_as_it_is(alone: EmbeddedServer, to_it: Settings) -> None:
    assert spread(alone.migration_url) is None
    assert not is_spread(alone.migration_url)
    _refuse_spread(alone.migration_url)
    assert "is no Citus cluster" in spread_database(to_it)


def test_a_cluster_gets_every_table_once_and_keeps_every_constraint(alone: EmbeddedServer) -> None:
    with psycopg.connect(libpq(alone.admin_url), autocommit=True) as admin:
        before = admin.execute(CONSTRAINTS).fetchall()
        admin.execute(STAND_IN)

        assert spread(alone.migration_url) == NAMES
        calls = [call for (call,) in admin.execute("SELECT call FROM calls ORDER BY at")]
        assert spread(alone.migration_url) == []
        admin.execute("DELETE FROM pg_dist_partition WHERE logicalrelid = 'own_fields'::regclass")
        assert spread(alone.migration_url) == ["own_fields"]  # as if a migration had just added it

        distributed = [f"owner_id with none {FIRST}", *(f"owner_id with {FIRST} {name}" for name in OTHERS)]
        truncated = [f"truncate {name}" for name in NAMES]
        assert calls == [*(f"known {name}" for name in TOGETHER), "reference wrapping_keys", *distributed, *truncated]
        assert admin.execute("SELECT call FROM calls ORDER BY at OFFSET %s", [len(calls)]).fetchall() == [
            (f"owner_id with {FIRST} own_fields",),
            ("truncate own_fields",),
        ]
        assert admin.execute(CONSTRAINTS).fetchall() == before
        assert is_spread(alone.migration_url)
        with pytest.raises(RestoreError, match="before you run `tmr migrate`"):
            _refuse_spread(alone.migration_url)


def test_a_table_comes_after_those_that_it_refers_to() -> None:
    for table in OWNED:
        referred = {key.column.table.name for key in table.foreign_keys} - set(UNOWNED) - {table.name}
        assert referred <= set(NAMES[: NAMES.index(table.name)])


def test_c4_a_cluster_that_would_hand_no_owner_to_its_nodes_is_told_of(alone: EmbeddedServer, to_it: Settings) -> None:
    with pytest.raises(OperatorError) as refused:
        spread_database(to_it)
    [statement] = re.findall("ALTER ROLE .*;", str(refused.value))
    with psycopg.connect(libpq(alone.admin_url), autocommit=True) as admin:
        admin.execute(statement)

    assert statement == "ALTER ROLE tmr_app SET citus.propagate_set_commands = 'local';"
    assert spread_database(to_it) == "All tables were spread already."
