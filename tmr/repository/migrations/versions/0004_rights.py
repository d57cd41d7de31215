"""A person's rights: waiting exports, support access, legal orders, the erasure ledger's mirror, reports, counts.

``house_mails``, ``security_reports`` and ``erasures`` belong to the installation and have no owner in front: a mail
that tells of a deleted account must outlive its keys, a report comes from anybody, and an erasure names its account by
a keyed hash only.
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE exports (
    owner_id uuid NOT NULL,
    id uuid NOT NULL,
    state text NOT NULL,
    done_bytes bigint NOT NULL,
    total_bytes bigint NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (owner_id, id)
);
CREATE TABLE export_chunks (
    owner_id uuid NOT NULL,
    export_id uuid NOT NULL,
    position integer NOT NULL,
    key_id integer NOT NULL,
    chunk_sealed bytea NOT NULL,
    PRIMARY KEY (owner_id, export_id, position),
    FOREIGN KEY (owner_id, key_id) REFERENCES data_keys,
    FOREIGN KEY (owner_id, export_id) REFERENCES exports ON DELETE CASCADE
);
ALTER TABLE export_chunks ALTER COLUMN chunk_sealed SET STORAGE EXTERNAL;
CREATE TABLE support_grants (
    owner_id uuid NOT NULL,
    id uuid NOT NULL,
    code_hash bytea NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL CHECK (expires_at <= created_at + interval '7 days'),
    key_id integer NOT NULL,
    grant_sealed bytea NOT NULL,
    PRIMARY KEY (owner_id, id),
    FOREIGN KEY (owner_id, key_id) REFERENCES data_keys
);
CREATE TABLE legal_orders (
    owner_id uuid NOT NULL,
    id uuid NOT NULL,
    made_at timestamptz NOT NULL,
    notify_at timestamptz NOT NULL,
    notified_at timestamptz,
    key_id integer NOT NULL,
    order_sealed bytea NOT NULL,
    PRIMARY KEY (owner_id, id),
    FOREIGN KEY (owner_id, key_id) REFERENCES data_keys
);
CREATE INDEX legal_orders_due ON legal_orders (notify_at) WHERE notified_at IS NULL;
CREATE TABLE house_mails (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    kek_id text NOT NULL,
    mail_sealed bytea NOT NULL
);
CREATE TABLE security_reports (
    id uuid PRIMARY KEY,
    received_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    answered_at timestamptz
);
CREATE TABLE erasures (
    account_hash bytea NOT NULL,
    erased text NOT NULL,
    erased_at timestamptz NOT NULL,
    PRIMARY KEY (account_hash, erased, erased_at)
);
-- What has no key of its account must not outlive it either, whoever writes while it is erased.
ALTER TABLE exports ADD FOREIGN KEY (owner_id) REFERENCES accounts ON DELETE CASCADE;
ALTER TABLE reminders ADD FOREIGN KEY (owner_id) REFERENCES accounts ON DELETE CASCADE;
ALTER TABLE sessions ADD FOREIGN KEY (owner_id) REFERENCES accounts ON DELETE CASCADE;
ALTER TABLE known_devices ADD FOREIGN KEY (owner_id) REFERENCES accounts ON DELETE CASCADE;
ALTER TABLE recovery_codes ADD FOREIGN KEY (owner_id) REFERENCES accounts ON DELETE CASCADE;
ALTER TABLE record_counts ADD FOREIGN KEY (owner_id) REFERENCES accounts ON DELETE CASCADE;
ALTER TABLE accounts ADD COLUMN is_support boolean NOT NULL DEFAULT false;
"""

OWNED = ("exports", "export_chunks", "support_grants", "legal_orders")
OWNER_IS_SET = "owner_id = nullif(current_setting('tmr.owner', true), '')::uuid"

# Whether an account serves support is for the operator to say: the app can read it and never write it.
GRANTS = """
REVOKE UPDATE, INSERT ON accounts FROM tmr_app;
GRANT INSERT (owner_id, created_at, password_hash, key_id, email_sealed, preferences_sealed, verified_at, disabled_at,
              password_set_at) ON accounts TO tmr_app;
GRANT UPDATE (owner_id, password_hash, key_id, email_sealed, preferences_sealed, verified_at, disabled_at,
              password_set_at) ON accounts TO tmr_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON exports, export_chunks, support_grants, legal_orders TO tmr_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON house_mails TO tmr_app;
GRANT SELECT, INSERT, DELETE ON erasures TO tmr_app;
GRANT SELECT, INSERT ON security_reports TO tmr_app;
GRANT SELECT ON exports, export_chunks, support_grants, legal_orders, house_mails, security_reports, erasures
   TO tmr_backup;
GRANT SELECT (owner_id, created_at) ON outgoing_mails TO tmr_keeper;
GRANT SELECT (owner_id, expires_at) ON exports, support_grants TO tmr_keeper;
GRANT SELECT (owner_id, notify_at, notified_at) ON legal_orders TO tmr_keeper;
GRANT SELECT, DELETE, UPDATE (answered_at) ON security_reports TO tmr_keeper;
GRANT SELECT ON record_counts TO tmr_keeper;
GRANT SELECT (owner_id) ON totp_secrets, passkeys TO tmr_keeper;
GRANT SELECT (owner_id, is_support), UPDATE (is_support) ON accounts TO tmr_keeper;
"""

# The one thing that tmr_stats may do. What fewer than ten accounts have in common is not told, not even to that role.
COUNTS = """
CREATE FUNCTION tmr_counts() RETURNS TABLE (what text, accounts bigint, total bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH counted (place, what, accounts, total) AS (
        SELECT 1, 'accounts', count(*), count(*) FROM accounts
        UNION ALL
        SELECT 2, 'accounts seen in the last 30 days', count(DISTINCT owner_id), count(DISTINCT owner_id)
          FROM sessions WHERE last_seen_at > now() - interval '30 days'
        UNION ALL
        SELECT 3, 'accounts with an authenticator app', count(*), count(*) FROM totp_secrets
        UNION ALL
        SELECT 4, 'accounts with a passkey', count(DISTINCT owner_id), count(DISTINCT owner_id) FROM passkeys
        UNION ALL
        SELECT 5, kind || ' records', count(*), sum(live) FROM record_counts WHERE live > 0 GROUP BY kind
    )
    SELECT counted.what, CASE WHEN counted.accounts >= 10 THEN counted.accounts END,
           CASE WHEN counted.accounts >= 10 THEN counted.total END
      FROM counted ORDER BY place, counted.what
$$;
REVOKE ALL ON FUNCTION tmr_counts FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tmr_counts TO tmr_stats;
GRANT CREATE ON SCHEMA public TO tmr_keeper;
ALTER FUNCTION tmr_counts OWNER TO tmr_keeper;
REVOKE CREATE ON SCHEMA public FROM tmr_keeper;
"""


def upgrade() -> None:
    """Make the tables with their policies, and the counts."""
    for script in (TABLES, GRANTS, COUNTS):
        op.get_bind().exec_driver_sql(script.replace("%", "%%"))
    for table in OWNED:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY owned ON {table} USING ({OWNER_IS_SET}) WITH CHECK ({OWNER_IS_SET})")
        op.execute(f"CREATE POLICY kept ON {table} FOR SELECT TO tmr_keeper, tmr_backup USING (true)")
    op.execute("CREATE POLICY appointed ON accounts FOR UPDATE TO tmr_keeper USING (true)")


def downgrade() -> None:
    """Drop everything that this migration made."""
    op.execute("DROP FUNCTION tmr_counts; DROP POLICY appointed ON accounts")
    for table in (*reversed(OWNED), "house_mails", "security_reports", "erasures"):
        op.execute(f"DROP TABLE {table}")
    for table in ("reminders", "sessions", "known_devices", "recovery_codes", "record_counts"):
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {table}_owner_id_fkey")
    op.execute("ALTER TABLE accounts DROP COLUMN is_support")
    op.execute("GRANT INSERT, UPDATE ON accounts TO tmr_app")
