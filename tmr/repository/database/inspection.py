"""Inspects a live database for `tmr doctor`, without changing it or opening a sealed value."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Connection, Engine, func, select, text

from tmr.crypto.aead import FORMAT, OVERHEAD_BYTES
from tmr.crypto.envelope import RECORDS, WrappedKey, unwrap_data_key
from tmr.crypto.errors import DecryptionError
from tmr.crypto.keyring import Keyring
from tmr.repository.accounts.security_log import is_chain_whole
from tmr.repository.erasure import Erasure, Erasures
from tmr.repository.schema import OWNED, accounts, house_mails, key_wraps, metadata, security_events

OWNED_POLICY = "(owner_id = (NULLIF(current_setting('tmr.owner'::text, true), ''::text))::uuid)"
BCRYPT = r"^[\w-]+\$2b\$(1[2-9]|2\d|3[01])\$[./A-Za-z0-9]{53}$"
SAMPLE_ROWS = 200
ACCESS = Path(__file__).with_name("access.txt")

# What an extension brings is left out: a cluster's has views, rights and functions in ``public``.
_COLUMNS = """
    SELECT c.relname, a.attname FROM pg_class c
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'f')
       AND c.relname NOT LIKE 'procrastinate%' AND c.relname <> 'alembic_version'
       AND NOT EXISTS (SELECT FROM pg_depend d
                        WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
"""
_UNGUARDED = """
    SELECT c.relname FROM pg_class c
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'owner_id'
     WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND c.relname <> ALL (:without)
       AND NOT (c.relrowsecurity AND c.relforcerowsecurity AND EXISTS (
           SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'owned' AND p.polcmd = '*'
              AND pg_get_expr(p.polqual, p.polrelid) = :policy AND pg_get_expr(p.polwithcheck, p.polrelid) = :policy))
     ORDER BY c.relname
"""
# Who may do what, beyond the owner of each thing, as lines: what the migrations made is in access.txt.
_ACCESS = """
    WITH things AS (
        SELECT c.oid, c.relname, c.relkind, c.relacl, c.relowner
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
           AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relname NOT LIKE 'procrastinate%'
           AND NOT EXISTS (SELECT FROM pg_depend d
                        WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
    ), grants AS (
        SELECT relname AS thing, relowner, (aclexplode(relacl)).* FROM things
        UNION ALL SELECT relname || '.' || a.attname, relowner, (aclexplode(a.attacl)).*
          FROM things JOIN pg_attribute a ON a.attrelid = things.oid AND NOT a.attisdropped
    )
    SELECT format('relation %s of kind %s', relname, relkind) FROM things
    UNION ALL SELECT format('%s may %s %s', CASE grantee WHEN 0 THEN 'everybody' ELSE grantee::regrole::text END,
                            privilege_type, thing) FROM grants WHERE grantee <> relowner
    UNION ALL SELECT format('policy %s on %s for %s to %s using %s check %s', p.polname, t.relname, p.polcmd,
           (SELECT string_agg(CASE r WHEN 0 THEN 'everybody' ELSE r::regrole::text END, ' ' ORDER BY r::regrole::text)
              FROM unnest(p.polroles) r),
           coalesce(pg_get_expr(p.polqual, p.polrelid), '-'), coalesce(pg_get_expr(p.polwithcheck, p.polrelid), '-'))
      FROM pg_policy p JOIN things t ON t.oid = p.polrelid
    UNION ALL SELECT format('function %s with its owner''s rights, %s', f.proname, md5(f.prosrc))
      FROM pg_proc f JOIN pg_namespace n ON n.oid = f.pronamespace
     WHERE n.nspname <> 'information_schema' AND n.nspname !~ '^pg_' AND f.prosecdef
       AND NOT EXISTS (SELECT FROM pg_depend d
                        WHERE d.classid = 'pg_proc'::regclass AND d.objid = f.oid AND d.deptype = 'e')
"""
_ROLE = """
    SELECT r.rolsuper OR r.rolbypassrls OR r.rolcreatedb OR r.rolcreaterole AS is_strong,
           (SELECT count(*) FROM pg_class c WHERE c.relowner = r.oid) AS owns,
           ARRAY(SELECT g.rolname FROM pg_roles g WHERE g.oid <> r.oid AND g.rolname <> 'tmr_app'
                    AND pg_has_role(r.oid, g.oid, 'MEMBER') ORDER BY 1)::text[] AS member_of
      FROM pg_roles r WHERE r.rolname = :role
"""
_INHERITED = """
    SELECT rolname FROM pg_roles
     WHERE rolname IN ('tmr_keeper', 'tmr_backup', 'tmr_stats') AND pg_has_role(rolname, 'USAGE') ORDER BY 1
"""
_READABLE_BY_STATS = """
    SELECT c.relname FROM pg_class c
     WHERE c.relkind IN ('r', 'v', 'm') AND c.relnamespace = 'public'::regnamespace
       AND (has_table_privilege('tmr_stats', c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE')
            OR has_any_column_privilege('tmr_stats', c.oid, 'SELECT, INSERT, UPDATE'))
       AND NOT EXISTS (SELECT FROM pg_depend d
                        WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
"""
# Of each account whose newest key of the records is under no wrap of the keyring alone: every wrap of such a key.
_LOCKED = """
    WITH of_records AS (
        SELECT d.owner_id, d.key_id, w.kind, w.kek_id, w.wrapped_key FROM data_keys d
          JOIN key_wraps w USING (owner_id, key_id) WHERE d.purpose = 'records'
    ), newest AS (
        SELECT owner_id, max(key_id) AS key_id FROM data_keys WHERE purpose = 'records' GROUP BY owner_id
    )
    SELECT o.owner_id, o.key_id, o.kek_id, o.wrapped_key, o.key_id = n.key_id AS is_newest
      FROM of_records o JOIN newest n USING (owner_id)
     WHERE NOT EXISTS (SELECT FROM key_wraps p
                        WHERE p.owner_id = n.owner_id AND p.key_id = n.key_id AND p.kind = 'keyring')
"""
_LATE = {
    "deleted records that were not removed": "SELECT count(*) FROM records WHERE deleted_at < :undo",
    "sessions past their end": "SELECT count(*) FROM sessions WHERE expires_at < :hour"
    " OR last_seen_at + make_interval(secs => idle_seconds) < :hour",
    "invitations past their end": "SELECT count(*) FROM invitations WHERE expires_at < :hour",
    "exports past their day": "SELECT count(*) FROM exports WHERE expires_at < :hour",
    "imports past their week": "SELECT count(*) FROM imports WHERE expires_at < :hour",
    "support grants past their end": "SELECT count(*) FROM support_grants WHERE expires_at < :hour",
    "access tokens past their end": "SELECT count(*) FROM access_tokens WHERE expires_at < :hour",
    "coach links past their end": "SELECT count(*) FROM coach_links WHERE expires_at < :hour",
    "slots of passkeys that are gone": "SELECT count(*) FROM key_wraps w WHERE kind = 'prf' AND NOT EXISTS"
    " (SELECT FROM passkeys p WHERE p.owner_id = w.owner_id AND p.id = w.slot_id)",
    "mails older than a week": "SELECT count(*) FROM outgoing_mails WHERE created_at < :week",
    "mails of the installation older than a week": "SELECT count(*) FROM house_mails WHERE created_at < :week",
}


class AppRole(msgspec.Struct, frozen=True):
    """What the role that serves requests may do beyond its work."""

    is_strong: bool
    owns: int
    member_of: list[str]


class Locks(msgspec.Struct, frozen=True):
    """How many accounts are locked, of how many of them the keyring opens the records, and how many are under way:
    what they wrote before is still being sealed anew."""

    locked: int
    opened: int
    under_way: int


class Inspection:
    """Read-only transactions as the owner of the tables, who sees rows by the role ``tmr_backup`` only."""

    def __init__(self, engine: Engine, keyring: Keyring) -> None:
        self._engine = engine
        self._keyring = keyring

    def columns(self) -> set[tuple[str, str]]:
        """Return table and name of every stored column but the queue's."""
        with self._reading() as connection:
            return {(row[0], row[1]) for row in connection.execute(text(_COLUMNS))}

    def unguarded_tables(self) -> list[str]:
        """Return the tables with an owner whose row-level security is not on, not forced, or not ours."""
        values = {"without": ["account_emails", "owner_lookups"], "policy": OWNED_POLICY}
        with self._reading() as connection:
            return list(connection.scalars(text(_UNGUARDED), values))

    def access(self) -> set[str]:
        """Return every right and policy, a line each."""
        with self._reading() as connection:
            return set(connection.exec_driver_sql(_ACCESS.replace("%", "%%")).scalars())

    def app_role(self, name: str) -> AppRole:
        """Return what the role that serves requests may do."""
        with self._reading() as connection:
            return AppRole(*connection.execute(text(_ROLE), {"role": name}).one())

    def inherited_by_owner(self) -> list[str]:
        """Return the roles whose rows the owner of the tables sees without entering them; there should be none."""
        with self._reading() as connection:
            return list(connection.scalars(text(_INHERITED)))

    def readable_by_stats(self) -> list[str]:
        """Return the tables that the role for counting can touch; there should be none."""
        with self._reading() as connection:
            return list(connection.scalars(text(_READABLE_BY_STATS)))

    def unsealed(self) -> tuple[int, list[str]]:
        """Look at a sample of every sealed column; return how many values, and the columns where one is not sealed."""
        looked, bad = 0, []
        with self._reading("tmr_backup") as connection:
            for table in metadata.sorted_tables:
                for column in [
                    column
                    for column in table.columns
                    if column.name.endswith("_sealed") or column.name == "wrapped_key"
                ]:
                    query = select(column).where(column.is_not(None)).limit(SAMPLE_ROWS)
                    values = list(connection.scalars(query))
                    looked += len(values)
                    bad += [] if all(map(_looks_sealed, values)) else [f"{table.name}.{column.name}"]
        return looked, bad

    def weak_password_hashes(self) -> tuple[int, int]:
        """Return how many passwords are stored, and how many of them in any form but bcrypt at cost 12 or more."""
        is_weak = accounts.c.password_hash.op("!~")(BCRYPT)
        query = select(accounts.c.password_hash, is_weak).where(accounts.c.password_hash.is_not(None))
        with self._reading("tmr_backup") as connection:
            sizes = [row[1] for row in connection.execute(query)]
        return len(sizes), sum(sizes)

    def locks(self) -> Locks:
        """Try the keyring on every wrapped key of the accounts with the lock on, as someone would who stole both."""
        with self._reading("tmr_backup") as connection:
            rows = connection.execute(text(_LOCKED)).all()
        newest: set[UUID] = set()
        earlier: set[UUID] = set()
        for row in rows:
            if self._opens(row.owner_id, WrappedKey(row.key_id, RECORDS, row.kek_id, bytes(row.wrapped_key))):
                (newest if row.is_newest else earlier).add(row.owner_id)
        under_way = earlier - newest
        return Locks(len({row.owner_id for row in rows} - under_way), len(newest), len(under_way))

    def _opens(self, owner: UUID, wrapped: WrappedKey) -> bool:
        try:
            unwrap_data_key(self._keyring, owner, wrapped)
        except DecryptionError:
            return False
        return True

    def broken_logs(self) -> tuple[int, list[UUID]]:
        """Return how many accounts have a log, and the owners of those whose chain is broken."""
        query = select(security_events).order_by(security_events.c.owner_id, security_events.c.position)
        logs: dict[UUID, list[Any]] = {}
        with self._reading("tmr_backup") as connection:
            for row in connection.execute(query):
                logs.setdefault(row.owner_id, []).append(row)
        return len(logs), [owner for owner, rows in logs.items() if not is_chain_whole(self._keyring, owner, rows)]

    def late(self, now: dt.datetime) -> dict[str, int]:
        """Return how many rows of each kind should have been removed by now."""
        minute, hour = dt.timedelta(minutes=1), dt.timedelta(hours=1)
        values = {"undo": now - 20 * minute, "hour": now - hour, "week": now - dt.timedelta(days=7, hours=1)}
        with self._reading("tmr_backup") as connection:
            return {name: int(connection.scalar(text(query), values) or 0) for name, query in _LATE.items()}

    def overdue_notices(self, now: dt.datetime) -> int:
        """Return how many people should have been told about a legal order over an hour ago."""
        query = text("SELECT count(*) FROM legal_orders WHERE notified_at IS NULL AND notify_at < :before")
        with self._reading("tmr_backup") as connection:
            return int(connection.scalar(query, {"before": now - dt.timedelta(hours=1)}) or 0)

    def reports(self, now: dt.datetime) -> tuple[int, int]:
        """Return how many security reports wait for an answer, and how many of them are overdue."""
        query = text(
            "SELECT count(*), count(*) FILTER (WHERE due_at < :now) FROM security_reports WHERE answered_at IS NULL"
        )
        with self._reading("tmr_backup") as connection:
            waiting, overdue = connection.execute(query, {"now": now}).one()
        return waiting, overdue

    def erasures(self) -> list[Erasure]:
        """Return the mirror of the erasure ledger."""
        with self._reading("tmr_backup") as connection:
            return Erasures(connection, self._keyring).list()

    def kek_ids(self) -> set[str]:
        """Return the ids of all keys of the keyring that something is sealed under."""
        with self._reading("tmr_backup") as connection:
            queries = [select(table.c.kek_id).distinct() for table in (key_wraps, house_mails)]
            return {kek_id for query in queries for kek_id in connection.scalars(query)}

    def uncopied_keys(self) -> list[str]:
        """Return the ids of the wrapping keys of which no copy is known."""
        query = text("SELECT kek_id FROM wrapping_keys WHERE backed_up_at IS NULL ORDER BY kek_id")
        with self._reading("tmr_backup") as connection:
            return list(connection.scalars(query))

    @contextmanager
    def _reading(self, role: str = "") -> Iterator[Connection]:
        with self._engine.connect() as opened:
            connection = opened.execution_options(postgresql_readonly=True)
            if role:
                connection.execute(text(f"SET LOCAL ROLE {role}"))
            yield connection
            connection.rollback()


def rows_without_owner(app: Engine) -> int:
    """Return how many rows the role that serves requests sees when no owner is set; there should be none."""
    with app.connect() as connection:
        return sum(connection.scalar(select(func.count()).select_from(table)) or 0 for table in OWNED)


def _looks_sealed(value: bytes) -> bool:
    """Whether a value has the form of a sealed one; an empty one belongs to a file that is still being written."""
    return not value or (value[:1] == FORMAT and len(value) >= OVERHEAD_BYTES)
