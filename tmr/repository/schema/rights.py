"""The tables of a person's rights, and what belongs to the installation."""

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
from sqlalchemy.dialects.postgresql import JSONB

from tmr.repository.schema.columns import (
    instant_column,
    key_column,
    metadata,
    of_account,
    owner_column,
    sealed_column,
    sealed_under_key,
)

exports = Table(
    "exports",
    metadata,
    owner_column(),
    Column("id", Uuid, nullable=False),
    Column("state", Text, nullable=False),
    Column("done_bytes", BigInteger, nullable=False),
    Column("total_bytes", BigInteger, nullable=False),
    instant_column("created_at"),
    instant_column("expires_at"),
    PrimaryKeyConstraint("owner_id", "id"),
    of_account(),
)

export_chunks = Table(
    "export_chunks",
    metadata,
    owner_column(),
    Column("export_id", Uuid, nullable=False),
    Column("position", Integer, nullable=False),
    key_column(),
    sealed_column("chunk_sealed"),
    PrimaryKeyConstraint("owner_id", "export_id", "position"),
    sealed_under_key(),
    ForeignKeyConstraint(["owner_id", "export_id"], ["exports.owner_id", "exports.id"], ondelete="CASCADE"),
)

support_grants = Table(
    "support_grants",
    metadata,
    owner_column(),
    Column("id", Uuid, nullable=False),
    Column("code_hash", LargeBinary, nullable=False),
    instant_column("created_at"),
    instant_column("expires_at"),
    key_column(),
    sealed_column("grant_sealed"),
    PrimaryKeyConstraint("owner_id", "id"),
    sealed_under_key(),
)

access_tokens = Table(
    "access_tokens",
    metadata,
    owner_column(),
    Column("id", Uuid, nullable=False),
    Column("token_hash", LargeBinary, nullable=False),
    instant_column("created_at"),
    instant_column("expires_at"),
    instant_column("used_at", nullable=True),
    key_column(),
    sealed_column("token_sealed"),
    Column("is_named_here", Boolean, nullable=False, server_default=text("true")),
    PrimaryKeyConstraint("owner_id", "id"),
    sealed_under_key(),
    Index("access_tokens_by_hash", "owner_id", "token_hash", unique=True),
)

coach_links = Table(
    "coach_links",
    metadata,
    owner_column(),
    Column("id", Uuid, nullable=False),
    Column("token_hash", LargeBinary, nullable=False),
    Column("code_hash", LargeBinary, nullable=False),
    instant_column("created_at"),
    instant_column("expires_at"),
    key_column(),
    sealed_column("link_sealed"),
    Column("is_named_here", Boolean, nullable=False, server_default=text("true")),
    PrimaryKeyConstraint("owner_id", "id"),
    sealed_under_key(),
    Index("coach_links_by_token", "owner_id", "token_hash", unique=True),
)

legal_orders = Table(
    "legal_orders",
    metadata,
    owner_column(),
    Column("id", Uuid, nullable=False),
    instant_column("made_at"),
    instant_column("notify_at"),
    instant_column("notified_at", nullable=True),
    key_column(),
    sealed_column("order_sealed"),
    PrimaryKeyConstraint("owner_id", "id"),
    sealed_under_key(),
    Index("legal_orders_due", "notify_at", postgresql_where=text("notified_at IS NULL")),
)

house_mails = Table(
    "house_mails",
    metadata,
    Column("id", Uuid, nullable=False),
    instant_column("created_at"),
    Column("kek_id", Text, nullable=False),
    sealed_column("mail_sealed"),
    PrimaryKeyConstraint("id"),
    ForeignKeyConstraint(["kek_id"], ["wrapping_keys.kek_id"]),
)

security_reports = Table(
    "security_reports",
    metadata,
    Column("id", Uuid, nullable=False),
    instant_column("received_at"),
    instant_column("due_at"),
    instant_column("answered_at", nullable=True),
    PrimaryKeyConstraint("id"),
)

erasures = Table(
    "erasures",
    metadata,
    Column("account_hash", LargeBinary, nullable=False),
    Column("erased", Text, nullable=False),
    instant_column("erased_at"),
    PrimaryKeyConstraint("account_hash", "erased", "erased_at"),
)

installation_facts = Table(
    "installation_facts",
    metadata,
    Column("name", Text, nullable=False),
    Column("value", JSONB, nullable=False),
    instant_column("noted_at"),
    PrimaryKeyConstraint("name"),
)

disclosures = Table(
    "disclosures",
    metadata,
    Column("id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    instant_column("happened_at"),
    instant_column("told_at", nullable=True),
    PrimaryKeyConstraint("id"),
)
