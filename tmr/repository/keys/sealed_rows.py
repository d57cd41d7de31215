"""The rows of one owner that are sealed under the keys of the records, as the database keeps them."""

import datetime as dt
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from tmr.repository.keys.owner_keys import OwnerKeys
from tmr.repository.keys.resealing import SEALED


def sealed_rows(connection: Connection, owner_keys: OwnerKeys) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each row with the name of its table, a table after the other; what is sealed is in hexadecimal."""
    for holder in SEALED:
        table = holder.table
        ordered = table.primary_key.columns
        query = select(table).where(table.c.owner_id == owner_keys.owner).order_by(*ordered)
        streamed = connection.execution_options(yield_per=holder.batch).execute(query)
        for row in streamed.mappings():
            yield table.name, {column.name: _plain(row[column.name]) for column in table.columns}


def _plain(value: object) -> object:
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC)
    return str(value) if isinstance(value, UUID) else value
