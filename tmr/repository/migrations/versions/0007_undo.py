"""Undo that is never lost: what each change was, what records were before it, and which files that needs.

A record keeps its earlier versions from here on, so ``expires_at`` is empty. The release before still fills it, and
forgets its own versions by it; a later release takes the column away.
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE undo_steps (
    owner_id uuid NOT NULL,
    id uuid NOT NULL,
    position bigint NOT NULL,
    made_at timestamptz NOT NULL,
    undone_at timestamptz,
    key_id integer NOT NULL,
    step_sealed bytea NOT NULL,
    PRIMARY KEY (owner_id, id),
    FOREIGN KEY (owner_id, key_id) REFERENCES data_keys
);
ALTER TABLE undo_steps ALTER COLUMN step_sealed SET STORAGE EXTERNAL;
CREATE UNIQUE INDEX undo_steps_in_order ON undo_steps (owner_id, position);
CREATE INDEX undo_steps_by_age ON undo_steps (made_at);
CREATE TABLE version_files (
    owner_id uuid NOT NULL,
    file_id uuid NOT NULL,
    record_id uuid NOT NULL,
    version integer NOT NULL,
    PRIMARY KEY (owner_id, file_id, record_id, version),
    FOREIGN KEY (owner_id, record_id, version) REFERENCES record_versions ON DELETE CASCADE
);
CREATE INDEX version_files_by_version ON version_files (owner_id, record_id, version);
ALTER TABLE record_versions ADD COLUMN made_at timestamptz NOT NULL DEFAULT now();
ALTER TABLE record_versions ALTER COLUMN expires_at DROP NOT NULL;
ALTER TABLE record_versions NO FORCE ROW LEVEL SECURITY;
UPDATE record_versions SET expires_at = NULL;
ALTER TABLE record_versions FORCE ROW LEVEL SECURITY;
CREATE INDEX records_in_trash ON records (owner_id, deleted_at DESC, id) WHERE deleted_at IS NOT NULL;
"""

OWNED = ("undo_steps", "version_files")
OWNER_IS_SET = "owner_id = nullif(current_setting('tmr.owner', true), '')::uuid"

GRANTS = """
GRANT SELECT, INSERT, UPDATE, DELETE ON undo_steps, version_files TO tmr_app;
GRANT SELECT ON undo_steps, version_files TO tmr_backup;
GRANT SELECT (owner_id, made_at) ON undo_steps TO tmr_keeper;
GRANT SELECT (owner_id, file_id) ON version_files TO tmr_keeper;
"""

DOWN = """
DROP TABLE undo_steps, version_files;
DROP INDEX records_in_trash;
ALTER TABLE record_versions DROP COLUMN made_at;
ALTER TABLE record_versions NO FORCE ROW LEVEL SECURITY;
DELETE FROM record_versions WHERE expires_at IS NULL;
ALTER TABLE record_versions FORCE ROW LEVEL SECURITY;
ALTER TABLE record_versions ALTER COLUMN expires_at SET NOT NULL;
"""


def upgrade() -> None:
    """Make the tables with their policies, and keep the versions that there are."""
    for script in (TABLES, GRANTS):
        op.get_bind().exec_driver_sql(script)
    for table in OWNED:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY owned ON {table} USING ({OWNER_IS_SET}) WITH CHECK ({OWNER_IS_SET})")
        op.execute(f"CREATE POLICY kept ON {table} FOR SELECT TO tmr_keeper, tmr_backup USING (true)")


def downgrade() -> None:
    """Drop what this migration made; versions without an end go, since the release before would keep them for ever."""
    op.get_bind().exec_driver_sql(DOWN)
