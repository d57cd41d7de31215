"""The tables of a job search: records, links, files, imports, feeds, reminders."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)

from tmr.repository.schema.columns import (
    instant_column,
    key_column,
    metadata,
    of_account,
    owner_column,
    sealed_column,
    sealed_under_key,
)

records = Table(
    "records",
    metadata,
    owner_column(),
    Column("id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("version", Integer, nullable=False),
    instant_column("created_at"),
    instant_column("updated_at"),
    instant_column("deleted_at", nullable=True),
    Column("import_id", Uuid),
    key_column(),
    sealed_column("summary_sealed"),
    sealed_column("detail_sealed"),
    PrimaryKeyConstraint("owner_id", "id"),
    sealed_under_key(),
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
    Index(
        "records_in_trash",
        "owner_id",
        text("deleted_at DESC"),
        "id",
        postgresql_where=text("deleted_at IS NOT NULL"),
    ),
)

record_versions = Table(
    "record_versions",
    metadata,
    owner_column(),
    Column("record_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    instant_column("made_at"),
    instant_column("expires_at", nullable=True),  # filled by the release before 0007 only
    Column("import_id", Uuid),
    key_column(),
    sealed_column("summary_sealed"),
    sealed_column("detail_sealed"),
    PrimaryKeyConstraint("owner_id", "record_id", "version"),
    sealed_under_key(),
    ForeignKeyConstraint(["owner_id", "record_id"], ["records.owner_id", "records.id"], ondelete="CASCADE"),
    Index("record_versions_expiring", "expires_at"),
)

version_files = Table(
    "version_files",
    metadata,
    owner_column(),
    Column("file_id", Uuid, nullable=False),
    Column("record_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    PrimaryKeyConstraint("owner_id", "file_id", "record_id", "version"),
    ForeignKeyConstraint(
        ["owner_id", "record_id", "version"],
        ["record_versions.owner_id", "record_versions.record_id", "record_versions.version"],
        ondelete="CASCADE",
    ),
    Index("version_files_by_version", "owner_id", "record_id", "version"),
)

undo_steps = Table(
    "undo_steps",
    metadata,
    owner_column(),
    Column("id", Uuid, nullable=False),
    Column("position", BigInteger, nullable=False),
    instant_column("made_at"),
    instant_column("undone_at", nullable=True),
    key_column(),
    sealed_column("step_sealed"),
    PrimaryKeyConstraint("owner_id", "id"),
    sealed_under_key(),
    Index("undo_steps_in_order", "owner_id", "position", unique=True),
    Index("undo_steps_by_age", "made_at"),
)

saved_views = Table(
    "saved_views",
    metadata,
    owner_column(),
    Column("id", Uuid, nullable=False),
    instant_column("created_at"),
    key_column(),
    sealed_column("view_sealed"),
    PrimaryKeyConstraint("owner_id", "id"),
    sealed_under_key(),
)

private_settings = Table(
    "private_settings",
    metadata,
    owner_column(),
    key_column(),
    sealed_column("settings_sealed"),
    Column("settled", SmallInteger, nullable=False, server_default=text("0")),
    PrimaryKeyConstraint("owner_id"),
    sealed_under_key(),
)

own_fields = Table(
    "own_fields",
    metadata,
    owner_column(),
    Column("id", Uuid, nullable=False),
    instant_column("created_at"),
    instant_column("deleted_at", nullable=True),
    key_column(),
    sealed_column("field_sealed"),
    PrimaryKeyConstraint("owner_id", "id"),
    sealed_under_key(),
)

record_counts = Table(
    "record_counts",
    metadata,
    owner_column(),
    Column("kind", Text, nullable=False),
    Column("live", Integer, nullable=False),
    PrimaryKeyConstraint("owner_id", "kind"),
    of_account(),
)

record_links = Table(
    "record_links",
    metadata,
    owner_column(),
    Column("target_id", Uuid, nullable=False),
    Column("record_id", Uuid, nullable=False),
    PrimaryKeyConstraint("owner_id", "target_id", "record_id"),
    ForeignKeyConstraint(["owner_id", "record_id"], ["records.owner_id", "records.id"], ondelete="CASCADE"),
    Index("record_links_by_record", "owner_id", "record_id"),
)

files = Table(
    "files",
    metadata,
    owner_column(),
    Column("id", Uuid, nullable=False),
    instant_column("created_at"),
    instant_column("unlinked_at", nullable=True),
    key_column(),
    sealed_column("meta_sealed"),
    PrimaryKeyConstraint("owner_id", "id"),
    sealed_under_key(),
)

file_chunks = Table(
    "file_chunks",
    metadata,
    owner_column(),
    Column("file_id", Uuid, nullable=False),
    Column("position", Integer, nullable=False),
    key_column(),
    sealed_column("chunk_sealed"),
    PrimaryKeyConstraint("owner_id", "file_id", "position"),
    sealed_under_key(),
    ForeignKeyConstraint(["owner_id", "file_id"], ["files.owner_id", "files.id"], ondelete="CASCADE"),
)

imports = Table(
    "imports",
    metadata,
    owner_column(),
    Column("id", Uuid, nullable=False),
    Column("state", Text, nullable=False),
    Column("done_rows", Integer, nullable=False),
    Column("total_rows", Integer, nullable=False),
    instant_column("created_at"),
    instant_column("expires_at"),
    key_column(),
    sealed_column("plan_sealed"),
    sealed_column("result_sealed", nullable=True),
    PrimaryKeyConstraint("owner_id", "id"),
    sealed_under_key(),
    Index("imports_expiring", "expires_at"),
)

import_chunks = Table(
    "import_chunks",
    metadata,
    owner_column(),
    Column("import_id", Uuid, nullable=False),
    Column("position", Integer, nullable=False),
    key_column(),
    sealed_column("chunk_sealed"),
    PrimaryKeyConstraint("owner_id", "import_id", "position"),
    sealed_under_key(),
    ForeignKeyConstraint(["owner_id", "import_id"], ["imports.owner_id", "imports.id"], ondelete="CASCADE"),
)

calendar_feeds = Table(
    "calendar_feeds",
    metadata,
    owner_column(),
    Column("id", Uuid, nullable=False),
    Column("token_hash", LargeBinary, nullable=False),
    instant_column("created_at"),
    instant_column("read_at", nullable=True),
    key_column(),
    sealed_column("feed_sealed"),
    sealed_column("copy_key_sealed", nullable=True),
    sealed_column("copy_sealed", nullable=True),
    PrimaryKeyConstraint("owner_id", "id"),
    sealed_under_key(),
    Index("calendar_feeds_by_token", "owner_id", "token_hash", unique=True),
)

reminders = Table(
    "reminders",
    metadata,
    owner_column(),
    Column("subject_id", Uuid, nullable=False),
    instant_column("due_at"),
    PrimaryKeyConstraint("owner_id", "subject_id"),
    of_account(),
    Index("reminders_due", "due_at"),
)
