"""The tables, as queries name them. The migrations make them; a test holds the two together."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)

metadata = MetaData()


def _instant(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


def _owner() -> Column[object]:
    return Column("owner_id", Uuid, nullable=False)


def _key() -> Column[object]:
    return Column("key_id", Integer, nullable=False)


def _sealed(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, LargeBinary, nullable=nullable)


def _sealed_under_key() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["owner_id", "key_id"], ["data_keys.owner_id", "data_keys.key_id"])


accounts = Table(
    "accounts",
    metadata,
    _owner(),
    _instant("created_at"),
    Column("password_hash", Text),
    _key(),
    _sealed("email_sealed"),
    _sealed("preferences_sealed"),
    _instant("verified_at", nullable=True),
    _instant("disabled_at", nullable=True),
    _instant("password_set_at", nullable=True),
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
    _owner(),
    _key(),
    Column("purpose", Text, nullable=False),
    _instant("created_at"),
    PrimaryKeyConstraint("owner_id", "key_id"),
)

key_wraps = Table(
    "key_wraps",
    metadata,
    _owner(),
    _key(),
    Column("kind", Text, nullable=False),
    Column("kek_id", Text, nullable=False),
    Column("wrapped_key", LargeBinary, nullable=False),
    PrimaryKeyConstraint("owner_id", "key_id", "kind"),
    ForeignKeyConstraint(["owner_id", "key_id"], ["data_keys.owner_id", "data_keys.key_id"], ondelete="CASCADE"),
)

sessions = Table(
    "sessions",
    metadata,
    _owner(),
    Column("id", Uuid, nullable=False),
    Column("token_hash", LargeBinary, nullable=False),
    _instant("created_at"),
    _instant("last_seen_at"),
    _instant("expires_at"),
    Column("idle_seconds", Integer, nullable=False),
    _key(),
    _sealed("device_sealed"),
    _instant("authenticated_at"),
    PrimaryKeyConstraint("owner_id", "id"),
    Index("sessions_by_token", "owner_id", "token_hash", unique=True),
)

records = Table(
    "records",
    metadata,
    _owner(),
    Column("id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("version", Integer, nullable=False),
    _instant("created_at"),
    _instant("updated_at"),
    _instant("deleted_at", nullable=True),
    Column("import_id", Uuid),
    _key(),
    _sealed("summary_sealed"),
    _sealed("detail_sealed"),
    PrimaryKeyConstraint("owner_id", "id"),
    _sealed_under_key(),
    Index(
        "records_by_change",
        "owner_id",
        "kind",
        text("updated_at DESC"),
        "id",
        postgresql_where=text("deleted_at IS NULL"),
    ),
    Index("records_by_age", "owner_id", "kind", "created_at", "id", postgresql_where=text("deleted_at IS NULL")),
    Index("records_deleted", "deleted_at", postgresql_where=text("deleted_at IS NOT NULL")),
    Index("records_by_import", "owner_id", "import_id", postgresql_where=text("import_id IS NOT NULL")),
)

record_versions = Table(
    "record_versions",
    metadata,
    _owner(),
    Column("record_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    _instant("expires_at"),
    Column("import_id", Uuid),
    _key(),
    _sealed("summary_sealed"),
    _sealed("detail_sealed"),
    PrimaryKeyConstraint("owner_id", "record_id", "version"),
    _sealed_under_key(),
    ForeignKeyConstraint(["owner_id", "record_id"], ["records.owner_id", "records.id"], ondelete="CASCADE"),
    Index("record_versions_expiring", "expires_at"),
)

record_counts = Table(
    "record_counts",
    metadata,
    _owner(),
    Column("kind", Text, nullable=False),
    Column("live", Integer, nullable=False),
    PrimaryKeyConstraint("owner_id", "kind"),
)

imports = Table(
    "imports",
    metadata,
    _owner(),
    Column("id", Uuid, nullable=False),
    Column("state", Text, nullable=False),
    Column("done_rows", Integer, nullable=False),
    Column("total_rows", Integer, nullable=False),
    _instant("created_at"),
    _instant("expires_at"),
    _key(),
    _sealed("plan_sealed"),
    _sealed("result_sealed", nullable=True),
    PrimaryKeyConstraint("owner_id", "id"),
    _sealed_under_key(),
    Index("imports_expiring", "expires_at"),
)

import_chunks = Table(
    "import_chunks",
    metadata,
    _owner(),
    Column("import_id", Uuid, nullable=False),
    Column("position", Integer, nullable=False),
    _key(),
    _sealed("chunk_sealed"),
    PrimaryKeyConstraint("owner_id", "import_id", "position"),
    _sealed_under_key(),
    ForeignKeyConstraint(["owner_id", "import_id"], ["imports.owner_id", "imports.id"], ondelete="CASCADE"),
)

limits = Table(
    "limits",
    metadata,
    Column("limit_key", LargeBinary, nullable=False),
    _instant("resets_at"),
    Column("hits", Integer, nullable=False),
    PrimaryKeyConstraint("limit_key"),
)

owner_lookups = Table(
    "owner_lookups",
    metadata,
    Column("kind", Text, nullable=False),
    Column("lookup_hash", LargeBinary, nullable=False),
    _owner(),
    PrimaryKeyConstraint("kind", "lookup_hash"),
    Index("owner_lookups_by_owner", "owner_id"),
)

invitations = Table(
    "invitations",
    metadata,
    Column("token_hash", LargeBinary, nullable=False),
    Column("email_index", LargeBinary, nullable=False),
    _instant("expires_at"),
    PrimaryKeyConstraint("token_hash"),
)

one_time_tokens = Table(
    "one_time_tokens",
    metadata,
    _owner(),
    Column("token_hash", LargeBinary, nullable=False),
    Column("purpose", Text, nullable=False),
    _instant("expires_at"),
    Column("tries", Integer, nullable=False),
    _key(),
    _sealed("payload_sealed"),
    PrimaryKeyConstraint("owner_id", "token_hash"),
    _sealed_under_key(),
)

totp_secrets = Table(
    "totp_secrets",
    metadata,
    _owner(),
    _instant("created_at"),
    Column("last_step", BigInteger, nullable=False),
    _key(),
    _sealed("secret_sealed"),
    PrimaryKeyConstraint("owner_id"),
    _sealed_under_key(),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    _owner(),
    Column("code_hash", LargeBinary, nullable=False),
    PrimaryKeyConstraint("owner_id", "code_hash"),
)

passkeys = Table(
    "passkeys",
    metadata,
    _owner(),
    Column("id", Uuid, nullable=False),
    _instant("created_at"),
    _instant("used_at", nullable=True),
    Column("sign_count", BigInteger, nullable=False),
    _key(),
    _sealed("passkey_sealed"),
    PrimaryKeyConstraint("owner_id", "id"),
    _sealed_under_key(),
)

external_identities = Table(
    "external_identities",
    metadata,
    _owner(),
    Column("id", Uuid, nullable=False),
    _instant("created_at"),
    _key(),
    _sealed("identity_sealed"),
    PrimaryKeyConstraint("owner_id", "id"),
    _sealed_under_key(),
)

known_devices = Table(
    "known_devices",
    metadata,
    _owner(),
    Column("token_hash", LargeBinary, nullable=False),
    _instant("expires_at"),
    PrimaryKeyConstraint("owner_id", "token_hash"),
)

outgoing_mails = Table(
    "outgoing_mails",
    metadata,
    _owner(),
    Column("id", Uuid, nullable=False),
    _instant("created_at"),
    _key(),
    _sealed("mail_sealed"),
    PrimaryKeyConstraint("owner_id", "id"),
    _sealed_under_key(),
)

security_events = Table(
    "security_events",
    metadata,
    _owner(),
    Column("position", Integer, nullable=False),
    _instant("happened_at"),
    _key(),
    _sealed("event_sealed"),
    Column("chain_hash", LargeBinary, nullable=False),
    PrimaryKeyConstraint("owner_id", "position"),
    _sealed_under_key(),
)

record_links = Table(
    "record_links",
    metadata,
    _owner(),
    Column("target_id", Uuid, nullable=False),
    Column("record_id", Uuid, nullable=False),
    PrimaryKeyConstraint("owner_id", "target_id", "record_id"),
    ForeignKeyConstraint(["owner_id", "record_id"], ["records.owner_id", "records.id"], ondelete="CASCADE"),
    Index("record_links_by_record", "owner_id", "record_id"),
)

files = Table(
    "files",
    metadata,
    _owner(),
    Column("id", Uuid, nullable=False),
    _instant("created_at"),
    _instant("unlinked_at", nullable=True),
    _key(),
    _sealed("meta_sealed"),
    PrimaryKeyConstraint("owner_id", "id"),
    _sealed_under_key(),
)

file_chunks = Table(
    "file_chunks",
    metadata,
    _owner(),
    Column("file_id", Uuid, nullable=False),
    Column("position", Integer, nullable=False),
    _key(),
    _sealed("chunk_sealed"),
    PrimaryKeyConstraint("owner_id", "file_id", "position"),
    _sealed_under_key(),
    ForeignKeyConstraint(["owner_id", "file_id"], ["files.owner_id", "files.id"], ondelete="CASCADE"),
)

calendar_feeds = Table(
    "calendar_feeds",
    metadata,
    _owner(),
    Column("id", Uuid, nullable=False),
    Column("token_hash", LargeBinary, nullable=False),
    _instant("created_at"),
    _instant("read_at", nullable=True),
    _key(),
    _sealed("feed_sealed"),
    PrimaryKeyConstraint("owner_id", "id"),
    _sealed_under_key(),
    Index("calendar_feeds_by_token", "owner_id", "token_hash", unique=True),
)

reminders = Table(
    "reminders",
    metadata,
    _owner(),
    Column("subject_id", Uuid, nullable=False),
    _instant("due_at"),
    PrimaryKeyConstraint("owner_id", "subject_id"),
    Index("reminders_due", "due_at"),
)

UNOWNED = ("account_emails", "invitations", "limits", "owner_lookups")
OWNED = tuple(table for table in metadata.sorted_tables if table.name not in UNOWNED)
