"""Whose rows a transaction sees: the one place that says so to row-level security."""

from uuid import UUID

from sqlalchemy import Connection


def set_owner(connection: Connection, owner: UUID) -> None:
    """Let this transaction see and write the rows of ``owner``, and no others, until it ends.

    Raises:
        TypeError: ``owner`` is text, or anything else but a UUID object.
    """
    if not isinstance(owner, UUID):
        raise TypeError(f"an owner is a UUID object and no {type(owner).__name__}")
    # A statement and not a call of set_config: only a statement is handed to the workers of a spread database. It takes
    # no parameters, so the value is made here from a number.
    connection.exec_driver_sql(f"SET LOCAL tmr.owner = '{UUID(int=owner.int)}'")
