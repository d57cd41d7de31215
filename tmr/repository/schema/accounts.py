"""The tables of accounts: keys, sessions, factors, tokens, mails, the log."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)

from tmr.repository.schema.columns import (
    goes_with,
    instant_column,
    key_column,
    metadata,
    of_account,
    owner_column,
    sealed_column,
    sealed_under_key,
)

accounts = Table(
    "accounts",
    metadata,
    owner_column(),
    instant_column("created_at"),
    Column("password_hash", Text),
    key_column(),
    sealed_column("email_sealed"),
    sealed_column("preferences_sealed"),
    instant_column("verified_at", nullable=True),
    instant_column("disabled_at", nullable=True),
    instant_column("password_set_at", nullable=True),
    Column("is_support", Boolean),  # None is no; the app cannot write it
    PrimaryKeyConstraint("owner_id"),
)

account_emails = Table(
    "account_emails",
    metadata,
    Column("email_index", LargeBinary, nullable=False),
    Column("owner_id", Uuid, nullable=False),
    PrimaryKeyConstraint("email_index"),
)

data_keys = Table(
    "data_keys",
    metadata,
    owner_column(),
    key_column(),
    Column("purpose", Text, nullable=False),
    instant_column("created_at"),
    instant_column("retired_at", nullable=True),
    instant_column("resealed_at", nullable=True),
    instant_column("wrap_destroyed_at", nullable=True),
    instant_column("begins_again_at", nullable=True),
    PrimaryKeyConstraint("owner_id", "key_id"),
    Index("data_keys_retired", "retired_at", postgresql_where=text("retired_at IS NOT NULL")),
    Index("data_keys_begin_again", "begins_again_at", postgresql_where=text("begins_again_at IS NOT NULL")),
)

wrapping_keys = Table(
    "wrapping_keys",
    metadata,
    Column("kek_id", Text, nullable=False),
    instant_column("created_at"),
    instant_column("backed_up_at", nullable=True),
    PrimaryKeyConstraint("kek_id"),
)

key_wraps = Table(
    "key_wraps",
    metadata,
    owner_column(),
    key_column(),
    Column("kind", Text, nullable=False),
    Column("kek_id", Text, nullable=False),
    Column("wrapped_key", LargeBinary, nullable=False),
    Column("slot_id", Uuid, nullable=False, server_default=text("'00000000-0000-0000-0000-000000000000'")),
    Column("session_id", Uuid),
    Column("stretching", Text),
    instant_column("made_at", nullable=True),
    instant_column("used_at", nullable=True),
    Column("idle_seconds", Integer),
    instant_column("expires_at", nullable=True),
    Column("token_id", Uuid),
    Column("coach_link_id", Uuid),
    Column("grant_id", Uuid),
    PrimaryKeyConstraint("owner_id", "key_id", "kind", "slot_id"),
    ForeignKeyConstraint(["owner_id", "key_id"], ["data_keys.owner_id", "data_keys.key_id"], ondelete="CASCADE"),
    ForeignKeyConstraint(["kek_id"], ["wrapping_keys.kek_id"]),
    goes_with("session_id", "sessions"),
    goes_with("token_id", "access_tokens"),
    goes_with("coach_link_id", "coach_links"),
    goes_with("grant_id", "support_grants"),
    Index("key_wraps_by_kek", "kek_id"),
    Index("key_wraps_by_session", "owner_id", "session_id", postgresql_where=text("session_id IS NOT NULL")),
    Index("key_wraps_by_token", "owner_id", "token_id", postgresql_where=text("token_id IS NOT NULL")),
    Index("key_wraps_by_coach_link", "owner_id", "coach_link_id", postgresql_where=text("coach_link_id IS NOT NULL")),
    Index("key_wraps_by_grant", "owner_id", "grant_id", postgresql_where=text("grant_id IS NOT NULL")),
)

sessions = Table(
    "sessions",
    metadata,
    owner_column(),
    Column("id", Uuid, nullable=False),
    Column("token_hash", LargeBinary, nullable=False),
    instant_column("created_at"),
    instant_column("last_seen_at"),
    instant_column("expires_at"),
    Column("idle_seconds", Integer, nullable=False),
    key_column(),
    sealed_column("device_sealed"),
    instant_column("authenticated_at"),
    PrimaryKeyConstraint("owner_id", "id"),
    of_account(),
    Index("sessions_by_token", "owner_id", "token_hash", unique=True),
)

one_time_tokens = Table(
    "one_time_tokens",
    metadata,
    owner_column(),
    Column("token_hash", LargeBinary, nullable=False),
    Column("purpose", Text, nullable=False),
    instant_column("expires_at"),
    Column("tries", Integer, nullable=False),
    key_column(),
    sealed_column("payload_sealed"),
    PrimaryKeyConstraint("owner_id", "token_hash"),
    sealed_under_key(),
)

totp_secrets = Table(
    "totp_secrets",
    metadata,
    owner_column(),
    instant_column("created_at"),
    Column("last_step", BigInteger, nullable=False),
    key_column(),
    sealed_column("secret_sealed"),
    PrimaryKeyConstraint("owner_id"),
    sealed_under_key(),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    owner_column(),
    Column("code_hash", LargeBinary, nullable=False),
    PrimaryKeyConstraint("owner_id", "code_hash"),
    of_account(),
)

passkeys = Table(
    "passkeys",
    metadata,
    owner_column(),
    Column("id", Uuid, nullable=False),
    instant_column("created_at"),
    instant_column("used_at", nullable=True),
    Column("sign_count", BigInteger, nullable=False),
    key_column(),
    sealed_column("passkey_sealed"),
    PrimaryKeyConstraint("owner_id", "id"),
    sealed_under_key(),
)

external_identities = Table(
    "external_identities",
    metadata,
    owner_column(),
    Column("id", Uuid, nullable=False),
    instant_column("created_at"),
    key_column(),
    sealed_column("identity_sealed"),
    PrimaryKeyConstraint("owner_id", "id"),
    sealed_under_key(),
)

known_devices = Table(
    "known_devices",
    metadata,
    owner_column(),
    Column("token_hash", LargeBinary, nullable=False),
    instant_column("expires_at"),
    Column("is_trusted", Boolean, nullable=False, server_default=text("true")),
    PrimaryKeyConstraint("owner_id", "token_hash"),
    of_account(),
)

outgoing_mails = Table(
    "outgoing_mails",
    metadata,
    owner_column(),
    Column("id", Uuid, nullable=False),
    instant_column("created_at"),
    key_column(),
    sealed_column("mail_sealed"),
    PrimaryKeyConstraint("owner_id", "id"),
    sealed_under_key(),
)

security_events = Table(
    "security_events",
    metadata,
    owner_column(),
    Column("position", Integer, nullable=False),
    instant_column("happened_at"),
    key_column(),
    sealed_column("event_sealed"),
    Column("chain_hash", LargeBinary, nullable=False),
    PrimaryKeyConstraint("owner_id", "position"),
    sealed_under_key(),
    of_account(),
)

owner_lookups = Table(
    "owner_lookups",
    metadata,
    Column("kind", Text, nullable=False),
    Column("lookup_hash", LargeBinary, nullable=False),
    owner_column(),
    PrimaryKeyConstraint("kind", "lookup_hash"),
    Index("owner_lookups_by_owner", "owner_id"),
)

invitations = Table(
    "invitations",
    metadata,
    Column("token_hash", LargeBinary, nullable=False),
    Column("email_index", LargeBinary, nullable=False),
    instant_column("expires_at"),
    PrimaryKeyConstraint("token_hash"),
)

limits = Table(
    "limits",
    metadata,
    Column("limit_key", LargeBinary, nullable=False),
    instant_column("resets_at"),
    Column("hits", Integer, nullable=False),
    PrimaryKeyConstraint("limit_key"),
)
