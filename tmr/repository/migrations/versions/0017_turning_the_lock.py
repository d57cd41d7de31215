"""How far the turning on of a lock is: when all was resealed, and when what opened it before was destroyed.

Both are of the key that is locked, and empty for every other.
"""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let a data key say since when it seals everything, and since when nothing else does."""
    op.execute("ALTER TABLE data_keys ADD COLUMN resealed_at timestamptz")
    op.execute("ALTER TABLE data_keys ADD COLUMN wrap_destroyed_at timestamptz")


def downgrade() -> None:
    """Forget it."""
    op.execute("ALTER TABLE data_keys DROP COLUMN resealed_at, DROP COLUMN wrap_destroyed_at")
