"""Slots: wraps of a data key under what a person holds, beside those under the keyring alone.

A wrap of the release before has no slot and none of the new columns. What opens a key for a session goes with it.
"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

UP = (
    "ALTER TABLE key_wraps ADD COLUMN slot_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000'",
    "ALTER TABLE key_wraps ADD COLUMN session_id uuid",
    "ALTER TABLE key_wraps ADD COLUMN stretching text",
    "ALTER TABLE key_wraps ADD COLUMN made_at timestamptz",
    "ALTER TABLE key_wraps ADD COLUMN used_at timestamptz",
    "ALTER TABLE key_wraps ADD COLUMN idle_seconds integer",
    "ALTER TABLE key_wraps ADD COLUMN expires_at timestamptz",
    "ALTER TABLE key_wraps DROP CONSTRAINT key_wraps_pkey, ADD PRIMARY KEY (owner_id, key_id, kind, slot_id)",
    "ALTER TABLE key_wraps ADD FOREIGN KEY (owner_id, session_id) REFERENCES sessions ON DELETE CASCADE",
    """
    ALTER TABLE key_wraps ADD CONSTRAINT key_wraps_of_sessions CHECK (
        (kind = 'unlock') = (session_id IS NOT NULL)
        AND (kind <> 'unlock' OR used_at IS NOT NULL AND idle_seconds IS NOT NULL AND expires_at IS NOT NULL)
    )
    """,
    "CREATE INDEX key_wraps_by_session ON key_wraps (owner_id, session_id) WHERE session_id IS NOT NULL",
    "GRANT SELECT (expires_at, used_at, idle_seconds) ON key_wraps TO tmr_keeper",
)
DOWN = (
    "DELETE FROM key_wraps WHERE kind <> 'keyring'",
    "ALTER TABLE key_wraps DROP CONSTRAINT key_wraps_of_sessions",
    "ALTER TABLE key_wraps DROP CONSTRAINT key_wraps_pkey, ADD PRIMARY KEY (owner_id, key_id, kind)",
    "DROP INDEX key_wraps_by_session",
    """
    ALTER TABLE key_wraps DROP COLUMN slot_id, DROP COLUMN session_id, DROP COLUMN stretching, DROP COLUMN made_at,
        DROP COLUMN used_at, DROP COLUMN idle_seconds, DROP COLUMN expires_at
    """,
)


def upgrade() -> None:
    """Let a wrap name its slot and its session."""
    for statement in UP:
        op.execute(statement)


def downgrade() -> None:
    """Delete the slots: what was locked can't be opened any more, and only the keyring's wraps stay."""
    op.execute("ALTER TABLE key_wraps NO FORCE ROW LEVEL SECURITY")
    for statement in DOWN:
        op.execute(statement)
    op.execute("ALTER TABLE key_wraps FORCE ROW LEVEL SECURITY")
