"""Slots of access tokens, coach links and support codes, which go with those; names of tokens and links move away.

A migration has no keys: the worker moves the names that rows still have, and those of an earlier release that runs on.
"""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

# The kind of a slot, the column that names what it is for, and the table of that.
HANDED_OUT = (
    ("token", "token_id", "access_tokens"),
    ("coach", "coach_link_id", "coach_links"),
    ("grant", "grant_id", "support_grants"),
)


NAMED = ("access_tokens", "coach_links")


def upgrade() -> None:
    """Let a wrap name the token, link or grant that it is for, and rows of tokens and links say if they have names."""
    for kind, column, table in HANDED_OUT:
        index = f"key_wraps_by_{column.removesuffix('_id')}"
        op.execute(f"ALTER TABLE key_wraps ADD COLUMN {column} uuid")
        op.execute(f"ALTER TABLE key_wraps ADD FOREIGN KEY (owner_id, {column}) REFERENCES {table} ON DELETE CASCADE")
        is_named = f"(kind = '{kind}') = ({column} IS NOT NULL) AND ({column} IS NULL OR {column} = slot_id)"
        op.execute(f"ALTER TABLE key_wraps ADD CONSTRAINT key_wraps_of_{table} CHECK ({is_named})")
        op.execute(f"CREATE INDEX {index} ON key_wraps (owner_id, {column}) WHERE {column} IS NOT NULL")
    for table in NAMED:
        op.execute(f"ALTER TABLE {table} ADD COLUMN is_named_here boolean NOT NULL DEFAULT true")
        op.execute(f"GRANT SELECT (is_named_here) ON {table} TO tmr_keeper")


def downgrade() -> None:
    """Delete these slots: tokens, links and codes stay, and open no locked records. Names that have moved are lost."""
    for table in NAMED:
        op.execute(f"ALTER TABLE {table} DROP COLUMN is_named_here")
    op.execute("ALTER TABLE key_wraps NO FORCE ROW LEVEL SECURITY")
    op.execute("DELETE FROM key_wraps WHERE kind IN ('token', 'coach', 'grant')")
    for _kind, column, table in HANDED_OUT:
        op.execute(f"ALTER TABLE key_wraps DROP CONSTRAINT key_wraps_of_{table}, DROP COLUMN {column}")
    op.execute("ALTER TABLE key_wraps FORCE ROW LEVEL SECURITY")
