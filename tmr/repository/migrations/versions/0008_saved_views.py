"""Views of lists that a person saved, sealed like the records that they show."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLE = """
CREATE TABLE saved_views (
    owner_id uuid NOT NULL,
    id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    key_id integer NOT NULL,
    view_sealed bytea NOT NULL,
    PRIMARY KEY (owner_id, id),
    FOREIGN KEY (owner_id, key_id) REFERENCES data_keys
);
ALTER TABLE saved_views ALTER COLUMN view_sealed SET STORAGE EXTERNAL;
GRANT SELECT, INSERT, UPDATE, DELETE ON saved_views TO tmr_app;
GRANT SELECT ON saved_views TO tmr_backup;
ALTER TABLE saved_views ENABLE ROW LEVEL SECURITY;
ALTER TABLE saved_views FORCE ROW LEVEL SECURITY;
"""
OWNER_IS_SET = "owner_id = nullif(current_setting('tmr.owner', true), '')::uuid"


def upgrade() -> None:
    """Make the table with its policies."""
    op.get_bind().exec_driver_sql(TABLE)
    op.execute(f"CREATE POLICY owned ON saved_views USING ({OWNER_IS_SET}) WITH CHECK ({OWNER_IS_SET})")
    op.execute("CREATE POLICY kept ON saved_views FOR SELECT TO tmr_keeper, tmr_backup USING (true)")


def downgrade() -> None:
    """Drop the table; the views in it are lost."""
    op.execute("DROP TABLE saved_views")
