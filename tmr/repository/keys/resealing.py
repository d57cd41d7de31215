"""Reseals under the newest key what an earlier one sealed: records, history and files.

Short-lived rows expire under the key that they have, unless that key is to go at once.
"""

import logging
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Table, func, select, update

from tmr.crypto.envelope import RECORDS, DataKey
from tmr.crypto.errors import DecryptionError
from tmr.repository.keys.owner_keys import OwnerKeys
from tmr.repository.schema import (
    file_chunks,
    files,
    import_chunks,
    imports,
    own_fields,
    private_settings,
    record_versions,
    records,
    saved_views,
    undo_steps,
)

logger = logging.getLogger(__name__)


class Sealed(msgspec.Struct, frozen=True):
    """A table whose rows are resealed: the place of a row, how a value opens and seals, rows in a batch."""

    table: Table
    columns: tuple[str, ...]
    place: Callable[[Any], bytes]
    batch: int
    opens: Callable[..., bytes] = DataKey.unseal
    seals: Callable[..., bytes] = DataKey.seal

    def again(self, row: Row[Any], old: DataKey, new: DataKey) -> dict[str, bytes]:
        """Return the columns of a row sealed under ``new``, or raise ``DecryptionError``."""
        name, place = self.table.name, self.place(row)
        return {
            column: self.seals(new, self.opens(old, getattr(row, column), name, column, place), name, column, place)
            for column in self.columns
            if getattr(row, column) is not None
        }


SEALED = (
    Sealed(records, ("summary_sealed", "detail_sealed"), lambda row: row.id.bytes, 200),
    Sealed(record_versions, ("summary_sealed", "detail_sealed"), lambda row: row.record_id.bytes, 200),
    Sealed(undo_steps, ("step_sealed",), lambda row: row.id.bytes, 50),
    Sealed(saved_views, ("view_sealed",), lambda row: row.id.bytes, 200),
    Sealed(own_fields, ("field_sealed",), lambda row: row.id.bytes, 200),
    Sealed(private_settings, ("settings_sealed",), lambda row: row.owner_id.bytes, 1),
    Sealed(files, ("meta_sealed",), lambda row: row.id.bytes, 200),
    Sealed(
        file_chunks,
        ("chunk_sealed",),
        lambda row: row.file_id.bytes + row.position.to_bytes(4, "big"),
        8,
        DataKey.unseal_chunk,
        DataKey.seal_chunk,
    ),
)
# What waits for its person to import it, for a week at most.
STAGED = (
    Sealed(imports, ("plan_sealed", "result_sealed"), lambda row: row.id.bytes, 10),
    Sealed(import_chunks, ("chunk_sealed",), lambda row: row.import_id.bytes + row.position.to_bytes(4, "big"), 8),
)
EVERYTHING = (*SEALED, *STAGED)


class Resealing:
    """Brings the rows of one owner under the newest key, a batch in each transaction.

    A run that is interrupted can start over: rows that are done no longer match. Rows that do not open stay as they
    are, are logged by their address, and keep the key that they need. With ``gives_up`` they keep it no longer: it is
    to go at once, and no other opens them.
    """

    def __init__(self, holders: Sequence[Sealed] = SEALED, *, gives_up: bool = False) -> None:
        self._holders, self._gives_up = holders, gives_up
        self._damaged = dict.fromkeys(holders, 0)

    def step(self, connection: Connection, owner_keys: OwnerKeys) -> int:
        """Reseal the next rows; return how many were looked at, 0 at the end."""
        for holder in self._holders:
            newest = owner_keys.newest(RECORDS)
            rows = connection.execute(self._next(holder, owner_keys, newest)).all()
            for row in rows:
                self._renew(connection, owner_keys, holder, row, newest)
            if rows:
                return len(rows)
        return 0

    def _next(self, holder: Sealed, owner_keys: OwnerKeys, newest: DataKey) -> Any:
        keys, table = holder.table.primary_key.columns, holder.table
        columns = [*keys, table.c.key_id, *(table.c[name] for name in holder.columns)]
        query = select(*columns).where(table.c.owner_id == owner_keys.owner, table.c.key_id != newest.key_id)
        return query.order_by(*keys).offset(self._damaged[holder]).limit(holder.batch).with_for_update()

    def _renew(
        self, connection: Connection, owner_keys: OwnerKeys, holder: Sealed, row: Row[Any], newest: DataKey
    ) -> None:
        try:
            sealed = holder.again(row, owner_keys.by_id(row.key_id), newest)
        except DecryptionError:
            address = (holder.table.name, holder.place(row).hex(), owner_keys.owner, row.key_id)
            logger.error("a sealed value does not open: %s row %s of %s under key %s", *address)
            if not self._gives_up:
                self._damaged[holder] += 1
                return
            sealed = {}
        is_it = [column == row._mapping[column.name] for column in holder.table.primary_key.columns]
        connection.execute(update(holder.table).where(*is_it).values(key_id=newest.key_id, **sealed))


def left_under_old_keys(connection: Connection, owner_keys: OwnerKeys, holders: Sequence[Sealed] = SEALED) -> int:
    """Return how many rows of this owner are sealed under an earlier key of the records."""
    newest = max(owner_keys.ids(RECORDS))
    counts = [
        select(func.count()).where(holder.table.c.owner_id == owner_keys.owner, holder.table.c.key_id != newest)
        for holder in holders
    ]
    return sum(connection.scalar(query) or 0 for query in counts)


def sealed_rows(connection: Connection, owner_keys: OwnerKeys) -> int:
    """Return how many rows of this owner are sealed under any key of the records."""
    counts = [select(func.count()).where(each.table.c.owner_id == owner_keys.owner) for each in EVERYTHING]
    return sum(connection.scalar(query) or 0 for query in counts)
