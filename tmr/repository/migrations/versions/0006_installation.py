"""What is known of the installation as a whole, and how often somebody else looked at an account.

``installation_facts`` holds no word of anybody: the installation's id, when keys were rotated, what the doctor found.
``disclosures`` counts legal orders and looks of support without saying whose account it was, so that the public count
outlives the account.
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE installation_facts (
    name text PRIMARY KEY,
    value jsonb NOT NULL,
    noted_at timestamptz NOT NULL
);
CREATE TABLE disclosures (
    id uuid PRIMARY KEY,
    kind text NOT NULL,
    happened_at timestamptz NOT NULL,
    told_at timestamptz
);
GRANT SELECT ON installation_facts, disclosures TO tmr_app, tmr_backup;
GRANT SELECT, INSERT, UPDATE ON installation_facts TO tmr_keeper;
GRANT INSERT, UPDATE (told_at) ON disclosures TO tmr_app;
GRANT SELECT (id, created_at) ON support_grants TO tmr_keeper;
GRANT SELECT ON erasures TO tmr_keeper;
"""
DOWN = """
DROP TABLE installation_facts, disclosures;
REVOKE SELECT (id, created_at) ON support_grants FROM tmr_keeper;
REVOKE SELECT ON erasures FROM tmr_keeper;
"""


def upgrade() -> None:
    """Make both tables."""
    op.get_bind().exec_driver_sql(UP)


def downgrade() -> None:
    """Drop what this migration made."""
    op.get_bind().exec_driver_sql(DOWN)
