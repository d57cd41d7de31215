"""Alembic's entry: one connection, handed in by ``tmr.repository.database.migrate``."""

from alembic import context

from tmr.repository.schema import metadata


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    return not (kind == "table" and (name or "").startswith("procrastinate"))


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    include_name=_is_ours,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
