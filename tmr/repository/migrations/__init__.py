"""Alembic migrations. They run as the owner of the tables, and nothing else does."""
