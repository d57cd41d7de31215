"""Key rotation: which wrapping keys may be used, and since when a data key is retired.

A wrapping key that is not in ``wrapping_keys`` can wrap nothing, and one that wraps something cannot be taken out of
it: a process that still holds a retired key fails loudly instead of wrapping what nobody can open later.
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE wrapping_keys (
    kek_id text PRIMARY KEY,
    created_at timestamptz NOT NULL,
    backed_up_at timestamptz
);
ALTER TABLE key_wraps NO FORCE ROW LEVEL SECURITY;
INSERT INTO wrapping_keys (kek_id, created_at)
SELECT kek_id, now() FROM key_wraps UNION SELECT kek_id, now() FROM house_mails;
ALTER TABLE key_wraps FORCE ROW LEVEL SECURITY;
ALTER TABLE key_wraps ADD FOREIGN KEY (kek_id) REFERENCES wrapping_keys;
ALTER TABLE house_mails ADD FOREIGN KEY (kek_id) REFERENCES wrapping_keys;
CREATE INDEX key_wraps_by_kek ON key_wraps (kek_id);
ALTER TABLE data_keys ADD COLUMN retired_at timestamptz;
CREATE INDEX data_keys_retired ON data_keys (retired_at) WHERE retired_at IS NOT NULL;
GRANT SELECT, INSERT, DELETE, UPDATE (backed_up_at) ON wrapping_keys TO tmr_keeper;
GRANT SELECT ON wrapping_keys TO tmr_backup;
GRANT SELECT (owner_id, retired_at) ON data_keys TO tmr_keeper;
GRANT SELECT (kek_id) ON house_mails TO tmr_keeper;
"""
DOWN = """
ALTER TABLE house_mails DROP CONSTRAINT house_mails_kek_id_fkey;
ALTER TABLE key_wraps DROP CONSTRAINT key_wraps_kek_id_fkey;
DROP INDEX key_wraps_by_kek;
ALTER TABLE data_keys DROP COLUMN retired_at;
DROP TABLE wrapping_keys;
REVOKE SELECT (kek_id) ON house_mails FROM tmr_keeper;
"""


def upgrade() -> None:
    """Make the table of wrapping keys from those that are in use."""
    op.get_bind().exec_driver_sql(UP)


def downgrade() -> None:
    """Drop what this migration made."""
    op.get_bind().exec_driver_sql(DOWN)
