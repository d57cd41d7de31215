"""The fields that people declare for their records, sealed like the values in them."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLE = """
CREATE TABLE own_fields (
    owner_id uuid NOT NULL,
    id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    deleted_at timestamptz,
    key_id integer NOT NULL,
    field_sealed bytea NOT NULL,
    PRIMARY KEY (owner_id, id),
    FOREIGN KEY (owner_id, key_id) REFERENCES data_keys
);
ALTER TABLE own_fields ALTER COLUMN field_sealed SET STORAGE EXTERNAL;
GRANT SELECT, INSERT, UPDATE, DELETE ON own_fields TO tmr_app;
GRANT SELECT ON own_fields TO tmr_backup;
GRANT SELECT (owner_id, deleted_at) ON own_fields TO tmr_keeper;
ALTER TABLE own_fields ENABLE ROW LEVEL SECURITY;
ALTER TABLE own_fields FORCE ROW LEVEL SECURITY;
"""
OWNER_IS_SET = "owner_id = nullif(current_setting('tmr.owner', true), '')::uuid"


def upgrade() -> None:
    """Make the table with its policies."""
    op.get_bind().exec_driver_sql(TABLE)
    op.execute(f"CREATE POLICY owned ON own_fields USING ({OWNER_IS_SET}) WITH CHECK ({OWNER_IS_SET})")
    op.execute("CREATE POLICY kept ON own_fields FOR SELECT TO tmr_keeper, tmr_backup USING (true)")


def downgrade() -> None:
    """Drop the table; the fields in it are lost, and nothing shows their values any more."""
    op.execute("DROP TABLE own_fields")
