"""The foundation: accounts, keys, sessions, sealed records, imports, limits and the queue.

Every table with user data has ``owner_id`` first in its key and forced row-level security. Frozen once released:
later changes are migrations of their own.
"""

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE accounts (
    owner_id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    password_hash text,
    key_id integer NOT NULL,
    email_sealed bytea NOT NULL,
    preferences_sealed bytea NOT NULL
);
CREATE TABLE account_emails (email_index bytea PRIMARY KEY, owner_id uuid NOT NULL);
CREATE TABLE data_keys (
    owner_id uuid NOT NULL,
    key_id integer NOT NULL,
    purpose text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (owner_id, key_id)
);
CREATE TABLE key_wraps (
    owner_id uuid NOT NULL,
    key_id integer NOT NULL,
    kind text NOT NULL,
    kek_id text NOT NULL,
    wrapped_key bytea NOT NULL,
    PRIMARY KEY (owner_id, key_id, kind),
    FOREIGN KEY (owner_id, key_id) REFERENCES data_keys ON DELETE CASCADE
);
CREATE TABLE sessions (
    owner_id uuid NOT NULL,
    id uuid NOT NULL,
    token_hash bytea NOT NULL,
    created_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    idle_seconds integer NOT NULL,
    key_id integer NOT NULL,
    device_sealed bytea NOT NULL,
    PRIMARY KEY (owner_id, id)
);
CREATE UNIQUE INDEX sessions_by_token ON sessions (owner_id, token_hash);
CREATE TABLE records (
    owner_id uuid NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL,
    parent_id uuid,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    import_id uuid,
    key_id integer NOT NULL,
    summary_sealed bytea NOT NULL,
    detail_sealed bytea NOT NULL,
    PRIMARY KEY (owner_id, id),
    FOREIGN KEY (owner_id, key_id) REFERENCES data_keys
);
ALTER TABLE records ALTER COLUMN summary_sealed SET STORAGE EXTERNAL;
ALTER TABLE records ALTER COLUMN detail_sealed SET STORAGE EXTERNAL;
CREATE INDEX records_by_change ON records (owner_id, kind, updated_at DESC, id) WHERE deleted_at IS NULL;
CREATE INDEX records_by_age ON records (owner_id, kind, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX records_deleted ON records (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX records_by_import ON records (owner_id, import_id) WHERE import_id IS NOT NULL;
CREATE TABLE record_versions (
    owner_id uuid NOT NULL,
    record_id uuid NOT NULL,
    version integer NOT NULL,
    expires_at timestamptz NOT NULL,
    import_id uuid,
    key_id integer NOT NULL,
    summary_sealed bytea NOT NULL,
    detail_sealed bytea NOT NULL,
    PRIMARY KEY (owner_id, record_id, version),
    FOREIGN KEY (owner_id, key_id) REFERENCES data_keys,
    FOREIGN KEY (owner_id, record_id) REFERENCES records ON DELETE CASCADE
);
CREATE INDEX record_versions_expiring ON record_versions (expires_at);
CREATE TABLE record_counts (
    owner_id uuid NOT NULL,
    kind text NOT NULL,
    live integer NOT NULL,
    PRIMARY KEY (owner_id, kind)
);
CREATE TABLE imports (
    owner_id uuid NOT NULL,
    id uuid NOT NULL,
    state text NOT NULL,
    done_rows integer NOT NULL,
    total_rows integer NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    key_id integer NOT NULL,
    plan_sealed bytea NOT NULL,
    result_sealed bytea,
    PRIMARY KEY (owner_id, id),
    FOREIGN KEY (owner_id, key_id) REFERENCES data_keys
);
CREATE INDEX imports_expiring ON imports (expires_at);
CREATE TABLE import_chunks (
    owner_id uuid NOT NULL,
    import_id uuid NOT NULL,
    position integer NOT NULL,
    key_id integer NOT NULL,
    chunk_sealed bytea NOT NULL,
    PRIMARY KEY (owner_id, import_id, position),
    FOREIGN KEY (owner_id, key_id) REFERENCES data_keys,
    FOREIGN KEY (owner_id, import_id) REFERENCES imports ON DELETE CASCADE
);
ALTER TABLE import_chunks ALTER COLUMN chunk_sealed SET STORAGE EXTERNAL;
CREATE TABLE limits (limit_key bytea PRIMARY KEY, resets_at timestamptz NOT NULL, hits integer NOT NULL);
"""

OWNED = (
    "accounts",
    "data_keys",
    "key_wraps",
    "sessions",
    "records",
    "record_versions",
    "record_counts",
    "imports",
    "import_chunks",
)
OWNER_IS_SET = "owner_id = nullif(current_setting('tmr.owner', true), '')::uuid"

# A claim comes before an owner: the owner half of a cookie opens this one table, for reading, and only the hash of
# the secret half turns the claim into an owner. Nothing is visible to a claim that does not match.
CLAIM = """
CREATE POLICY claimed ON sessions FOR SELECT TO tmr_app
    USING (owner_id = nullif(current_setting('tmr.claim', true), '')::uuid);

CREATE FUNCTION tmr_claim_session(claimed_owner uuid, claimed_hash bytea, at timestamptz)
RETURNS TABLE (
    session_id uuid, session_created_at timestamptz, account_key_id integer, email_sealed bytea,
    preferences_sealed bytea, key_ids integer[], purposes text[], kek_ids text[], wrapped_keys bytea[]
)
LANGUAGE plpgsql SECURITY INVOKER SET search_path = public, pg_temp AS $$
DECLARE
    found_session sessions;
BEGIN
    PERFORM set_config('tmr.claim', claimed_owner::text, true);
    SELECT * INTO found_session FROM sessions s
     WHERE s.owner_id = claimed_owner AND s.token_hash = claimed_hash AND s.expires_at > at
       AND s.last_seen_at + make_interval(secs => s.idle_seconds) > at;
    PERFORM set_config('tmr.claim', '', true);
    IF found_session.id IS NULL THEN
        RETURN;
    END IF;
    PERFORM set_config('tmr.owner', claimed_owner::text, true);
    IF found_session.last_seen_at < at - interval '1 minute' THEN
        UPDATE sessions s SET last_seen_at = at WHERE s.owner_id = claimed_owner AND s.id = found_session.id;
    END IF;
    RETURN QUERY
    SELECT found_session.id, found_session.created_at, a.key_id, a.email_sealed, a.preferences_sealed,
           w.key_ids, w.purposes, w.kek_ids, w.wrapped_keys
      FROM accounts a
     CROSS JOIN (
        SELECT array_agg(d.key_id) AS key_ids, array_agg(d.purpose) AS purposes,
               array_agg(k.kek_id) AS kek_ids, array_agg(k.wrapped_key) AS wrapped_keys
          FROM data_keys d JOIN key_wraps k ON k.owner_id = d.owner_id AND k.key_id = d.key_id
         WHERE d.owner_id = claimed_owner AND k.kind = 'keyring'
     ) w
     WHERE a.owner_id = claimed_owner;
END
$$;
REVOKE ALL ON FUNCTION tmr_claim_session FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tmr_claim_session TO tmr_app;
"""

# After a large import the planner would go on guessing from yesterday's statistics until autovacuum comes by.
ANALYZE = """
CREATE FUNCTION tmr_analyze_records() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    ANALYZE records;
END
$$;
REVOKE ALL ON FUNCTION tmr_analyze_records FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tmr_analyze_records TO tmr_app;
"""

GRANTS = """
GRANT USAGE ON SCHEMA public TO tmr_app, tmr_keeper, tmr_backup, tmr_stats;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO tmr_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO tmr_app;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO tmr_backup;
GRANT SELECT (owner_id, key_id, kind, kek_id) ON key_wraps TO tmr_keeper;
GRANT SELECT (owner_id, id, deleted_at) ON records TO tmr_keeper;
GRANT SELECT (owner_id, expires_at) ON record_versions TO tmr_keeper;
GRANT SELECT (owner_id, id, expires_at, state) ON imports TO tmr_keeper;
GRANT SELECT (owner_id, id, expires_at, last_seen_at, idle_seconds) ON sessions TO tmr_keeper;
REVOKE ALL ON alembic_version FROM tmr_app;
GRANT SELECT ON alembic_version TO tmr_app;
"""


def upgrade() -> None:
    """Make the tables, the policies, the claim and the queue."""
    for script in (TABLES, SchemaManager.get_schema(), CLAIM, ANALYZE, GRANTS):
        op.get_bind().exec_driver_sql(script.replace("%", "%%"))
    for table in OWNED:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY owned ON {table} USING ({OWNER_IS_SET}) WITH CHECK ({OWNER_IS_SET})")
        op.execute(f"CREATE POLICY kept ON {table} FOR SELECT TO tmr_keeper, tmr_backup USING (true)")


def downgrade() -> None:
    """Drop everything that this migration made."""
    op.execute("DROP FUNCTION tmr_claim_session; DROP FUNCTION tmr_analyze_records")
    for table in reversed((*OWNED, "account_emails", "limits")):
        op.execute(f"DROP TABLE {table}")
    op.get_bind().exec_driver_sql(DROP_QUEUE.replace("%", "%%"))


DROP_QUEUE = """
DO $$ DECLARE found record; BEGIN
    FOR found IN SELECT format('DROP TABLE %I CASCADE', tablename) AS statement FROM pg_tables
                  WHERE schemaname = 'public' AND tablename LIKE 'procrastinate%' LOOP
        EXECUTE found.statement;
    END LOOP;
    FOR found IN SELECT format('DROP FUNCTION %s CASCADE', oid::regprocedure) AS statement FROM pg_proc
                  WHERE pronamespace = 'public'::regnamespace AND proname LIKE 'procrastinate%' LOOP
        EXECUTE found.statement;
    END LOOP;
    FOR found IN SELECT format('DROP TYPE %s CASCADE', oid::regtype) AS statement FROM pg_type
                  WHERE typnamespace = 'public'::regnamespace AND typname LIKE 'procrastinate%'
                    AND typtype IN ('e', 'c') LOOP
        EXECUTE found.statement;
    END LOOP;
END $$
"""
