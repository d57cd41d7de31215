"""Access tokens for scripts: the hash of each, when it ends, and what it is for, sealed."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TABLE = (
    """
    CREATE TABLE access_tokens (
        owner_id uuid NOT NULL,
        id uuid NOT NULL,
        token_hash bytea NOT NULL,
        created_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        used_at timestamptz,
        key_id integer NOT NULL,
        token_sealed bytea NOT NULL,
        PRIMARY KEY (owner_id, id),
        FOREIGN KEY (owner_id, key_id) REFERENCES data_keys
    )
    """,
    "CREATE UNIQUE INDEX access_tokens_by_hash ON access_tokens (owner_id, token_hash)",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON access_tokens TO tmr_app",
    "GRANT SELECT ON access_tokens TO tmr_backup",
    "GRANT SELECT (owner_id, expires_at) ON access_tokens TO tmr_keeper",
    "ALTER TABLE access_tokens ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE access_tokens FORCE ROW LEVEL SECURITY",
)
OWNER_IS_SET = "owner_id = nullif(current_setting('tmr.owner', true), '')::uuid"


def upgrade() -> None:
    """Make the table with its policies."""
    for statement in TABLE:
        op.execute(statement)
    op.execute(f"CREATE POLICY owned ON access_tokens USING ({OWNER_IS_SET}) WITH CHECK ({OWNER_IS_SET})")
    op.execute("CREATE POLICY kept ON access_tokens FOR SELECT TO tmr_keeper, tmr_backup USING (true)")


def downgrade() -> None:
    """Drop the table, and what leads to it: no token opens anything any more."""
    op.execute("DELETE FROM owner_lookups WHERE kind = 'access'")
    op.execute("DROP TABLE access_tokens")
