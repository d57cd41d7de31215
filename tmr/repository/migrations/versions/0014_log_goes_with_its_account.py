"""The log of security events goes with its account by a foreign key, as sessions do.

Before, the app called ``tmr_erase_security_events``, which stays for the release that still does and finds nothing to
delete then. In a spread database a transaction can't be two users in one shard.
"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the foreign key."""
    op.execute("ALTER TABLE security_events ADD FOREIGN KEY (owner_id) REFERENCES accounts ON DELETE CASCADE")


def downgrade() -> None:
    """Drop it."""
    op.execute("ALTER TABLE security_events DROP CONSTRAINT security_events_owner_id_fkey")
