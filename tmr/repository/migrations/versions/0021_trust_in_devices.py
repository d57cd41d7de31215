"""Whether a known device was signed out from elsewhere since: it keeps its own limits then, and no other trust."""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Trust every browser that is known by now."""
    op.execute("ALTER TABLE known_devices ADD COLUMN is_trusted boolean NOT NULL DEFAULT true")


def downgrade() -> None:
    """Forget browsers that are not trusted: the release before would trust them."""
    op.execute("DELETE FROM known_devices WHERE NOT is_trusted")
    op.execute("ALTER TABLE known_devices DROP COLUMN is_trusted")
