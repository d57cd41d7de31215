"""Calendar feeds of locked accounts: a prepared copy, and its key for whoever knows the address."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let a feed keep a copy of what it shows."""
    op.execute("ALTER TABLE calendar_feeds ADD COLUMN copy_key_sealed bytea")
    op.execute("ALTER TABLE calendar_feeds ADD COLUMN copy_sealed bytea")


def downgrade() -> None:
    """Drop the copies: such a feed shows nothing until the lock is off."""
    op.execute("ALTER TABLE calendar_feeds DROP COLUMN copy_sealed")
    op.execute("ALTER TABLE calendar_feeds DROP COLUMN copy_key_sealed")
