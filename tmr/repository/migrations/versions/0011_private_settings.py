"""What people wrote outside of their records, sealed like those: names of stages and calendar links, words to support.

A migration has no keys: the rows are made by the worker, one account at a time.
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TABLE = (
    """
    CREATE TABLE private_settings (
        owner_id uuid NOT NULL,
        key_id integer NOT NULL,
        settings_sealed bytea NOT NULL,
        PRIMARY KEY (owner_id),
        FOREIGN KEY (owner_id, key_id) REFERENCES data_keys
    )
    """,
    "ALTER TABLE private_settings ALTER COLUMN settings_sealed SET STORAGE EXTERNAL",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON private_settings TO tmr_app",
    "GRANT SELECT ON private_settings TO tmr_backup",
    "GRANT SELECT (owner_id) ON private_settings TO tmr_keeper",
    "ALTER TABLE private_settings ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE private_settings FORCE ROW LEVEL SECURITY",
)
OWNER_IS_SET = "owner_id = nullif(current_setting('tmr.owner', true), '')::uuid"


def upgrade() -> None:
    """Make the table with its policies."""
    for statement in TABLE:
        op.execute(statement)
    op.execute(f"CREATE POLICY owned ON private_settings USING ({OWNER_IS_SET}) WITH CHECK ({OWNER_IS_SET})")
    op.execute("CREATE POLICY kept ON private_settings FOR SELECT TO tmr_keeper, tmr_backup USING (true)")


def downgrade() -> None:
    """Drop the table; the names in it are lost."""
    op.execute("DROP TABLE private_settings")
