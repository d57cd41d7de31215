"""The columns that many tables share."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    DateTime,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    MetaData,
    Uuid,
    any_,
    literal,
)
from sqlalchemy.dialects.postgresql import ARRAY

metadata = MetaData()


def instant_column(name: str, *, nullable: bool = False) -> Column[object]:
    """Return a column of an instant with its zone."""
    return Column(name, DateTime(timezone=True), nullable=nullable)


def owner_column() -> Column[object]:
    """Return the column of the owner."""
    return Column("owner_id", Uuid, nullable=False)


def key_column() -> Column[object]:
    """Return the column of the number of the key that sealed a row."""
    return Column("key_id", Integer, nullable=False)


def sealed_column(name: str, *, nullable: bool = False) -> Column[object]:
    """Return a column of sealed bytes."""
    return Column(name, LargeBinary, nullable=nullable)


def goes_with(column: str, table: str) -> ForeignKeyConstraint:
    """Return the constraint that a row goes with the one of another table that ``column`` names."""
    return ForeignKeyConstraint(["owner_id", column], [f"{table}.owner_id", f"{table}.id"], ondelete="CASCADE")


def sealed_under_key() -> ForeignKeyConstraint:
    """Return the constraint that a row lives as long as its key at the most."""
    return ForeignKeyConstraint(["owner_id", "key_id"], ["data_keys.owner_id", "data_keys.key_id"])


def of_account() -> ForeignKeyConstraint:
    """Return the constraint that a row goes with its account."""
    return ForeignKeyConstraint(["owner_id"], ["accounts.owner_id"], ondelete="CASCADE")


def is_among(column: ColumnElement[Any], values: Iterable[Any]) -> ColumnElement[bool]:
    """Return whether ``column`` has one of these values, however many: they are one parameter of the statement.

    ``IN`` makes a parameter of each, and a statement may have 65,535.
    """
    return column == any_(literal(list(values), ARRAY(column.type)))
