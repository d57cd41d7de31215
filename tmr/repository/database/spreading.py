"""Spreads the tables of owners over the nodes of a Citus cluster, by the owner; does nothing on any other PostgreSQL.

It runs after the migrations and not in one of them: so it spreads whatever a later one adds, and what is there already
when a database becomes a cluster.
"""

from collections.abc import Collection, Iterator

import psycopg
from psycopg import sql

from tmr.repository.database.migrate import MIGRATION_LOCK, libpq
from tmr.repository.schema import OWNED

REFERENCE = "wrapping_keys"  # small, read by every node, and changed a few times a year
REFERRING = ("key_wraps", "house_mails")
# What is written in one transaction with rows of an owner. The cluster must know such a table, so that a commit over
# both is in two phases. The queue's tables stay as they are: functions return rows of their type.
TOGETHER = ("account_emails", "disclosures", "erasures", "house_mails", "installation_facts", "owner_lookups")
PROPAGATION = "citus.propagate_set_commands"


def spread(migration_url: str) -> list[str] | None:
    """Spread every table that is not spread yet, all of them or none; return which, or None if this is no cluster.

    Rows that are there move along. Nothing can be written to a table while it moves.

    Raises:
        psycopg.Error: the cluster refuses.
    """
    with psycopg.connect(libpq(migration_url), autocommit=True) as connection:
        return _spread(connection) if is_cluster(connection) else None


def is_cluster(connection: psycopg.Connection[tuple[object, ...]]) -> bool:
    """Whether the extension is there."""
    return connection.execute("SELECT FROM pg_extension WHERE extname = 'citus'").fetchone() is not None


def is_spread(migration_url: str) -> bool:
    """Whether the tables of owners are spread."""
    with psycopg.connect(libpq(migration_url), autocommit=True) as connection:
        return is_cluster(connection) and OWNED[0].name in _known(connection)


def missing_setting(app_url: str) -> str:
    """Return the statement that lets the cluster hand the owner of a transaction to its nodes, or nothing if it does.

    Without that setting nobody sees any row.
    """
    with psycopg.connect(libpq(app_url), autocommit=True) as connection:
        query = "SELECT current_setting(%s, true), quote_ident(session_user)"
        value, role = connection.execute(query, [PROPAGATION]).fetchone() or ("", "")
    return "" if value == "local" else f"ALTER ROLE {role} SET {PROPAGATION} = 'local'"


def _spread(connection: psycopg.Connection[tuple[object, ...]]) -> list[str]:
    connection.execute(sql.SQL("SELECT pg_advisory_lock({})").format(MIGRATION_LOCK))
    known = _known(connection)
    with connection.transaction():
        for statement in statements(known):
            connection.execute(statement.encode())
    moved = [table.name for table in OWNED if table.name not in known]
    for name in moved:  # the rows that were copied are still in the files of this node, where nobody sees them
        connection.execute(f"SELECT truncate_local_data_after_distributing_table('{name}')".encode())
    return moved


def _known(connection: psycopg.Connection[tuple[object, ...]]) -> set[str]:
    return {str(name) for (name,) in connection.execute("SELECT logicalrelid::text FROM pg_dist_partition")}


def statements(known: Collection[str]) -> Iterator[str]:
    """Yield what spreads the tables that the cluster does not know yet, one statement each, for one transaction.

    Tables of this node come first, since they change here, and then the reference table. A table is spread after those
    that it refers to.
    """
    yield "SET LOCAL citus.multi_shard_modify_mode TO 'sequential'"
    is_first = REFERENCE not in known
    for table in REFERRING if is_first else ():
        yield f"ALTER TABLE {table} DROP CONSTRAINT {table}_kek_id_fkey"
    for table in TOGETHER:
        if table not in known:
            yield f"SELECT citus_add_local_table_to_metadata('{table}')"
    if is_first:
        yield f"SELECT create_reference_table('{REFERENCE}')"
    first, *others = [table.name for table in OWNED]
    for name, beside in ((first, "none"), *((name, first) for name in others)):
        if name not in known:
            yield f"SELECT create_distributed_table('{name}', 'owner_id', colocate_with => '{beside}')"
    for table in REFERRING if is_first else ():
        foreign_key = f"FOREIGN KEY (kek_id) REFERENCES {REFERENCE}"
        yield f"ALTER TABLE {table} ADD CONSTRAINT {table}_kek_id_fkey {foreign_key}"
