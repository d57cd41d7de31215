"""``accounts.is_support`` has no default any more: nothing there is no.

The app may not write this column. A shard of a spread database is sent every column that has a default, by name, so
that no account could be added there. The release before takes nothing for no as well.
"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

DOWN = (
    "ALTER TABLE accounts NO FORCE ROW LEVEL SECURITY",
    "UPDATE accounts SET is_support = false WHERE is_support IS NULL",
    "ALTER TABLE accounts FORCE ROW LEVEL SECURITY",
    "ALTER TABLE accounts ALTER COLUMN is_support SET DEFAULT false",
    "ALTER TABLE accounts ALTER COLUMN is_support SET NOT NULL",
)


def upgrade() -> None:
    """Let the column be empty, and take its default away."""
    op.execute("ALTER TABLE accounts ALTER COLUMN is_support DROP NOT NULL")
    op.execute("ALTER TABLE accounts ALTER COLUMN is_support DROP DEFAULT")


def downgrade() -> None:
    """Say no where nothing is said, and let that be the default again."""
    for statement in DOWN:
        op.execute(statement)
