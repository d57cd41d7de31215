"""Accounts as strong as a dedicated provider's: factors, one-time tokens, mails, known devices, the security log.

Only additions, so that the release before this one runs on as long as it must. ``owner_lookups`` and ``invitations``
have no owner in front: they lead from a keyed hash to an owner before one is known.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = """
ALTER TABLE accounts
    ADD COLUMN verified_at timestamptz,
    ADD COLUMN disabled_at timestamptz,
    ADD COLUMN password_set_at timestamptz;
-- A session from before this column was known must be confirmed before anything that asks for it.
ALTER TABLE sessions ADD COLUMN authenticated_at timestamptz NOT NULL DEFAULT 'epoch';
CREATE TABLE owner_lookups (
    kind text NOT NULL,
    lookup_hash bytea NOT NULL,
    owner_id uuid NOT NULL,
    PRIMARY KEY (kind, lookup_hash)
);
CREATE INDEX owner_lookups_by_owner ON owner_lookups (owner_id);
CREATE TABLE invitations (
    token_hash bytea PRIMARY KEY,
    email_index bytea NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE TABLE one_time_tokens (
    owner_id uuid NOT NULL,
    token_hash bytea NOT NULL,
    purpose text NOT NULL,
    expires_at timestamptz NOT NULL,
    tries integer NOT NULL DEFAULT 0,
    key_id integer NOT NULL,
    payload_sealed bytea NOT NULL,
    PRIMARY KEY (owner_id, token_hash),
    FOREIGN KEY (owner_id, key_id) REFERENCES data_keys
);
CREATE TABLE totp_secrets (
    owner_id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    last_step bigint NOT NULL,
    key_id integer NOT NULL,
    secret_sealed bytea NOT NULL,
    FOREIGN KEY (owner_id, key_id) REFERENCES data_keys
);
CREATE TABLE recovery_codes (
    owner_id uuid NOT NULL,
    code_hash bytea NOT NULL,
    PRIMARY KEY (owner_id, code_hash)
);
CREATE TABLE passkeys (
    owner_id uuid NOT NULL,
    id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    used_at timestamptz,
    sign_count bigint NOT NULL,
    key_id integer NOT NULL,
    passkey_sealed bytea NOT NULL,
    PRIMARY KEY (owner_id, id),
    FOREIGN KEY (owner_id, key_id) REFERENCES data_keys
);
CREATE TABLE external_identities (
    owner_id uuid NOT NULL,
    id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    key_id integer NOT NULL,
    identity_sealed bytea NOT NULL,
    PRIMARY KEY (owner_id, id),
    FOREIGN KEY (owner_id, key_id) REFERENCES data_keys
);
CREATE TABLE known_devices (
    owner_id uuid NOT NULL,
    token_hash bytea NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (owner_id, token_hash)
);
CREATE TABLE outgoing_mails (
    owner_id uuid NOT NULL,
    id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    key_id integer NOT NULL,
    mail_sealed bytea NOT NULL,
    PRIMARY KEY (owner_id, id),
    FOREIGN KEY (owner_id, key_id) REFERENCES data_keys
);
CREATE TABLE security_events (
    owner_id uuid NOT NULL,
    position integer NOT NULL,
    happened_at timestamptz NOT NULL,
    key_id integer NOT NULL,
    event_sealed bytea NOT NULL,
    chain_hash bytea NOT NULL,
    PRIMARY KEY (owner_id, position),
    FOREIGN KEY (owner_id, key_id) REFERENCES data_keys
);
"""

OWNED = (
    "one_time_tokens",
    "totp_secrets",
    "recovery_codes",
    "passkeys",
    "external_identities",
    "known_devices",
    "outgoing_mails",
    "security_events",
)
OWNER_IS_SET = "owner_id = nullif(current_setting('tmr.owner', true), '')::uuid"

# Takes the place of tmr_claim_session, which stays for the release that still calls it.
CLAIM = """
CREATE FUNCTION tmr_open_session(claimed_owner uuid, claimed_hash bytea, at timestamptz)
RETURNS TABLE (
    session_id uuid, authenticated_at timestamptz, has_factor boolean, key_ids integer[], purposes text[],
    kek_ids text[], wrapped_keys bytea[], account_key_id integer, email_sealed bytea, preferences_sealed bytea
)
LANGUAGE plpgsql SECURITY INVOKER SET search_path = public, pg_temp AS $$
DECLARE
    found_session sessions;
BEGIN
    PERFORM set_config('tmr.claim', claimed_owner::text, true);
    SELECT * INTO found_session FROM sessions s
     WHERE s.owner_id = claimed_owner AND s.token_hash = claimed_hash AND s.expires_at > at
       AND s.last_seen_at + make_interval(secs => s.idle_seconds) > at;
    PERFORM set_config('tmr.claim', '', true);
    IF found_session.id IS NULL THEN
        RETURN;
    END IF;
    PERFORM set_config('tmr.owner', claimed_owner::text, true);
    IF found_session.last_seen_at < at - interval '1 minute' THEN
        UPDATE sessions s SET last_seen_at = at WHERE s.owner_id = claimed_owner AND s.id = found_session.id;
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
$$;
REVOKE ALL ON FUNCTION tmr_open_session FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tmr_open_session TO tmr_app;
"""

# The log is append-only for the app: its rows go with the account, and in no other way.
FORGET_EVENTS = """
CREATE FUNCTION tmr_erase_security_events() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    own uuid := nullif(current_setting('tmr.owner', true), '')::uuid;
BEGIN
    IF EXISTS (SELECT FROM accounts WHERE owner_id = own) THEN
        RAISE EXCEPTION 'the security log stays as long as its account';
    END IF;
    DELETE FROM security_events WHERE owner_id = own;
END
$$;
REVOKE ALL ON FUNCTION tmr_erase_security_events FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tmr_erase_security_events TO tmr_app;
"""

GRANTS = """
GRANT SELECT, INSERT, UPDATE, DELETE ON owner_lookups, invitations, one_time_tokens, totp_secrets, recovery_codes,
    passkeys, external_identities, known_devices, outgoing_mails TO tmr_app;
GRANT SELECT, INSERT ON security_events TO tmr_app;
GRANT SELECT ON owner_lookups, invitations, one_time_tokens, totp_secrets, recovery_codes, passkeys,
    external_identities, known_devices, outgoing_mails, security_events TO tmr_backup;
GRANT SELECT (owner_id, expires_at) ON one_time_tokens, known_devices TO tmr_keeper;
GRANT SELECT (owner_id, created_at) ON accounts TO tmr_keeper;
GRANT SELECT (owner_id) ON account_emails TO tmr_keeper;
"""


def upgrade() -> None:
    """Make the tables with their policies, and the new claim."""
    for script in (TABLES, CLAIM, FORGET_EVENTS, GRANTS):
        op.get_bind().exec_driver_sql(script.replace("%", "%%"))
    for table in OWNED:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY owned ON {table} USING ({OWNER_IS_SET}) WITH CHECK ({OWNER_IS_SET})")
        op.execute(f"CREATE POLICY kept ON {table} FOR SELECT TO tmr_keeper, tmr_backup USING (true)")


def downgrade() -> None:
    """Drop everything that this migration made."""
    op.execute("DROP FUNCTION tmr_open_session; DROP FUNCTION tmr_erase_security_events")
    for table in (*OWNED, "owner_lookups", "invitations"):
        op.execute(f"DROP TABLE {table}")
    op.execute("ALTER TABLE sessions DROP COLUMN authenticated_at")
    op.execute("ALTER TABLE accounts DROP COLUMN verified_at, DROP COLUMN disabled_at, DROP COLUMN password_set_at")
