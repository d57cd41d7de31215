"""When locked records go that nobody can open, and whether lines of Today are among the private settings yet.

A migration has no keys: the worker moves those lines, one account at a time, and others are moved at an unlock.
"""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let the newest key of locked records say when it is destroyed, and let the worker find it and what to move."""
    op.execute("ALTER TABLE private_settings ADD COLUMN settled smallint NOT NULL DEFAULT 0")
    op.execute("GRANT SELECT (settled) ON private_settings TO tmr_keeper")
    op.execute("ALTER TABLE data_keys ADD COLUMN begins_again_at timestamptz;")
    op.execute("CREATE INDEX data_keys_begin_again ON data_keys (begins_again_at) WHERE begins_again_at IS NOT NULL")
    op.execute("GRANT SELECT (begins_again_at) ON data_keys TO tmr_keeper")


def downgrade() -> None:
    """Forget it: nothing goes by itself then, and lines that were put off are shown again."""
    op.execute("ALTER TABLE private_settings DROP COLUMN settled")
    op.execute("ALTER TABLE data_keys DROP COLUMN begins_again_at")
