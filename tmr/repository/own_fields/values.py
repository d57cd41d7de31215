"""The values of own fields in all records of a kind, which go for good with their field."""

from collections.abc import Collection, Iterator
from typing import Any

import msgspec
import psycopg
from sqlalchemy import Connection, Row, Select, Table, bindparam, select, tuple_, update

from tmr.crypto.errors import DecryptionError
from tmr.crypto.padding import pad_to_block, unpad
from tmr.domain.kinds import KINDS
from tmr.repository.errors import DatabaseError, FieldsBusyError
from tmr.repository.keys.owner_keys import OwnerKeys
from tmr.repository.records.codec import decode_summary, without_own
from tmr.repository.schema import record_versions, records

AT_A_TIME = 500  # rows


def forget_values(connection: Connection, owner_keys: OwnerKeys, plural: str, standing: Collection[str]) -> None:
    """Delete the values of own fields but ``standing`` from all records of a kind, their versions and the trash.

    The numbers of versions stay: to people these records are what they were, and undo still goes back over them.

    Raises:
        FieldsBusyError: someone changes one of these records just now; nothing may be committed.
    """
    try:
        _forget(connection, owner_keys, plural, standing)
    except DatabaseError as error:
        if isinstance(error.orig, psycopg.errors.LockNotAvailable):
            raise FieldsBusyError from error
        raise


def _forget(connection: Connection, owner_keys: OwnerKeys, plural: str, standing: Collection[str]) -> None:
    # The records first: who holds one keeps an earlier version of it before letting go.
    for table in (records, record_versions):
        for rows in _batches(connection, owner_keys, table, KINDS[plural].key):
            changed = [(row, sealed) for row in rows if (sealed := _without(owner_keys, table, row, standing))]
            if changed:
                places = [{"of_record": row.record_id, "at_version": row.version, "new": new} for row, new in changed]
                connection.execute(_replacing(table, owner_keys), places)


def _batches(connection: Connection, owner_keys: OwnerKeys, table: Table, key: str) -> Iterator[list[Row[Any]]]:
    """Yield the rows that belong to records of a kind, locked in their order, some at a time."""
    query, place = _rows_of(table, owner_keys, key)
    after = query
    while rows := list(connection.execute(after)):
        yield rows
        after = query.where(place > (rows[-1].record_id, rows[-1].version))


def _rows_of(table: Table, owner_keys: OwnerKeys, key: str) -> tuple[Select[Any], Any]:
    record_id = _record_id(table)
    query = select(record_id.label("record_id"), table.c.version, table.c.key_id, table.c.summary_sealed)
    if table is not records:
        query = query.join(records, (records.c.owner_id == table.c.owner_id) & (records.c.id == record_id))
    query = query.where(records.c.owner_id == owner_keys.owner, records.c.kind == key)
    query = query.order_by(record_id, table.c.version).limit(AT_A_TIME).with_for_update(of=table, nowait=True)
    return query, tuple_(record_id, table.c.version)


def _replacing(table: Table, owner_keys: OwnerKeys) -> Any:
    are = (_record_id(table) == bindparam("of_record"), table.c.version == bindparam("at_version"))
    return update(table).where(table.c.owner_id == owner_keys.owner, *are).values(summary_sealed=bindparam("new"))


def _record_id(table: Table) -> Any:
    return records.c.id if table is records else table.c.record_id


def _without(owner_keys: OwnerKeys, table: Table, row: Row[Any], standing: Collection[str]) -> bytes | None:
    """Return the sealed summary of a row without other fields; None where it has none of those, or is damaged."""
    content = _opened(owner_keys, table, row)
    gone = decode_summary(content).own.keys() - standing if content is not None else None
    if content is None or not gone:
        return None
    emptied = pad_to_block(without_own(content, gone))
    return owner_keys.seal(row.key_id, emptied, table.name, "summary_sealed", row.record_id.bytes)


def _opened(owner_keys: OwnerKeys, table: Table, row: Any) -> bytes | None:
    place = (table.name, "summary_sealed", row.record_id.bytes)
    try:
        content = unpad(owner_keys.unseal(row.key_id, row.summary_sealed, *place))
        decode_summary(content)
    except (DecryptionError, msgspec.MsgspecError):
        return None
    return content
