"""Links for a coach: the hashes of each and of its code, when it ends, and what it shows, sealed."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TABLE = (
    """
    CREATE TABLE coach_links (
        owner_id uuid NOT NULL,
        id uuid NOT NULL,
        token_hash bytea NOT NULL,
        code_hash bytea NOT NULL,
        created_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        key_id integer NOT NULL,
        link_sealed bytea NOT NULL,
        PRIMARY KEY (owner_id, id),
        FOREIGN KEY (owner_id, key_id) REFERENCES data_keys
    )
    """,
    "CREATE UNIQUE INDEX coach_links_by_token ON coach_links (owner_id, token_hash)",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON coach_links TO tmr_app",
    "GRANT SELECT ON coach_links TO tmr_backup",
    "GRANT SELECT (owner_id, expires_at) ON coach_links TO tmr_keeper",
    "ALTER TABLE coach_links ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE coach_links FORCE ROW LEVEL SECURITY",
)
OWNER_IS_SET = "owner_id = nullif(current_setting('tmr.owner', true), '')::uuid"


def upgrade() -> None:
    """Make the table with its policies."""
    for statement in TABLE:
        op.execute(statement)
    op.execute(f"CREATE POLICY owned ON coach_links USING ({OWNER_IS_SET}) WITH CHECK ({OWNER_IS_SET})")
    op.execute("CREATE POLICY kept ON coach_links FOR SELECT TO tmr_keeper, tmr_backup USING (true)")


def downgrade() -> None:
    """Drop the table, and what leads to it: no link opens anything any more."""
    op.execute("DELETE FROM owner_lookups WHERE kind = 'coach'")
    op.execute("DROP TABLE coach_links")
