"""The whole search: links between records, files, calendar feeds, reminders.

``record_links`` is an index over the ids that are sealed inside records; the sealed value is the truth. It takes the
place of ``records.parent_id``, which nothing ever wrote.
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = """
ALTER TABLE records DROP COLUMN parent_id;
CREATE TABLE record_links (
    owner_id uuid NOT NULL,
    target_id uuid NOT NULL,
    record_id uuid NOT NULL,
    PRIMARY KEY (owner_id, target_id, record_id),
    FOREIGN KEY (owner_id, record_id) REFERENCES records ON DELETE CASCADE
);
CREATE INDEX record_links_by_record ON record_links (owner_id, record_id);
CREATE TABLE files (
    owner_id uuid NOT NULL,
    id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    unlinked_at timestamptz,
    key_id integer NOT NULL,
    meta_sealed bytea NOT NULL,
    PRIMARY KEY (owner_id, id),
    FOREIGN KEY (owner_id, key_id) REFERENCES data_keys
);
CREATE TABLE file_chunks (
    owner_id uuid NOT NULL,
    file_id uuid NOT NULL,
    position integer NOT NULL,
    key_id integer NOT NULL,
    chunk_sealed bytea NOT NULL,
    PRIMARY KEY (owner_id, file_id, position),
    FOREIGN KEY (owner_id, key_id) REFERENCES data_keys,
    FOREIGN KEY (owner_id, file_id) REFERENCES files ON DELETE CASCADE
);
ALTER TABLE file_chunks ALTER COLUMN chunk_sealed SET STORAGE EXTERNAL;
CREATE TABLE calendar_feeds (
    owner_id uuid NOT NULL,
    id uuid NOT NULL,
    token_hash bytea NOT NULL,
    created_at timestamptz NOT NULL,
    read_at timestamptz,
    key_id integer NOT NULL,
    feed_sealed bytea NOT NULL,
    PRIMARY KEY (owner_id, id),
    FOREIGN KEY (owner_id, key_id) REFERENCES data_keys
);
CREATE UNIQUE INDEX calendar_feeds_by_token ON calendar_feeds (owner_id, token_hash);
CREATE TABLE reminders (
    owner_id uuid NOT NULL,
    subject_id uuid NOT NULL,
    due_at timestamptz NOT NULL,
    PRIMARY KEY (owner_id, subject_id)
);
CREATE INDEX reminders_due ON reminders (due_at);
"""

OWNED = ("record_links", "files", "file_chunks", "calendar_feeds", "reminders")
OWNER_IS_SET = "owner_id = nullif(current_setting('tmr.owner', true), '')::uuid"

GRANTS = """
GRANT SELECT, INSERT, UPDATE, DELETE ON record_links, files, file_chunks, calendar_feeds, reminders TO tmr_app;
GRANT SELECT ON record_links, files, file_chunks, calendar_feeds, reminders TO tmr_backup;
GRANT SELECT (owner_id, id, unlinked_at) ON files TO tmr_keeper;
GRANT SELECT (owner_id, target_id) ON record_links TO tmr_keeper;
GRANT SELECT (owner_id, subject_id, due_at) ON reminders TO tmr_keeper;
"""


def upgrade() -> None:
    """Make the tables with their policies."""
    for script in (TABLES, GRANTS):
        op.get_bind().exec_driver_sql(script.replace("%", "%%"))
    for table in OWNED:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY owned ON {table} USING ({OWNER_IS_SET}) WITH CHECK ({OWNER_IS_SET})")
        op.execute(f"CREATE POLICY kept ON {table} FOR SELECT TO tmr_keeper, tmr_backup USING (true)")


def downgrade() -> None:
    """Drop everything that this migration made."""
    for table in reversed(OWNED):
        op.execute(f"DROP TABLE {table}")
    op.execute("ALTER TABLE records ADD COLUMN parent_id uuid")
