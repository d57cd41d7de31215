"""A claim that waits for a session that is being ended, or given another token, finds none.

It read the session without a lock. Once a minute it notes that the session was seen, and waited there for whoever was
ending it; then it went on with the session that was gone. The release before calls it as before.
"""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

LOOKS_AGAIN = """
           AND s.token_hash = claimed_hash;
        IF NOT FOUND THEN
            RETURN;
        END IF;"""
OPEN_SESSION = """
CREATE OR REPLACE FUNCTION tmr_open_session(claimed_owner uuid, claimed_hash bytea, at timestamptz)
RETURNS TABLE (
    session_id uuid, authenticated_at timestamptz, has_factor boolean, key_ids integer[], purposes text[],
    kek_ids text[], wrapped_keys bytea[], account_key_id integer, email_sealed bytea, preferences_sealed bytea
)
LANGUAGE plpgsql SECURITY INVOKER SET search_path = public, pg_temp AS $$
DECLARE
    found_session sessions;
BEGIN
    EXECUTE format('SET LOCAL tmr.claim = %L', claimed_owner);
    SELECT * INTO found_session FROM sessions s
     WHERE s.owner_id = claimed_owner AND s.token_hash = claimed_hash AND s.expires_at > at
       AND s.last_seen_at + make_interval(secs => s.idle_seconds) > at;
    SET LOCAL tmr.claim = '';
    IF found_session.id IS NULL THEN
        RETURN;
    END IF;
    EXECUTE format('SET LOCAL tmr.owner = %L', claimed_owner);
    IF found_session.last_seen_at < at - interval '1 minute' THEN
        UPDATE sessions s SET last_seen_at = at WHERE s.owner_id = claimed_owner AND s.id = found_session.id
           AND s.token_hash = claimed_hash;
        IF NOT FOUND THEN
            RETURN;
        END IF;
    END IF;
    RETURN QUERY
    SELECT found_session.id, found_session.authenticated_at,
           EXISTS (SELECT FROM totp_secrets t WHERE t.owner_id = claimed_owner)
           OR EXISTS (SELECT FROM passkeys p WHERE p.owner_id = claimed_owner),
           w.key_ids, w.purposes, w.kek_ids, w.wrapped_keys, a.key_id, a.email_sealed, a.preferences_sealed
      FROM accounts a
     CROSS JOIN (
        SELECT array_agg(d.key_id) AS key_ids, array_agg(d.purpose) AS purposes,
               array_agg(k.kek_id) AS kek_ids, array_agg(k.wrapped_key) AS wrapped_keys
          FROM data_keys d JOIN key_wraps k ON k.owner_id = d.owner_id AND k.key_id = d.key_id
         WHERE d.owner_id = claimed_owner AND k.kind = 'keyring'
     ) w
     WHERE a.owner_id = claimed_owner AND a.disabled_at IS NULL;
END
$$
"""


def upgrade() -> None:
    """Look once more where the session is noted as seen."""
    op.get_bind().exec_driver_sql(OPEN_SESSION.replace("%", "%%"))


def downgrade() -> None:
    """Note it without looking."""
    op.get_bind().exec_driver_sql(OPEN_SESSION.replace(LOOKS_AGAIN, ";").replace("%", "%%"))
