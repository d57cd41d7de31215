"""How much one account keeps, in bytes as the database holds them: records, history, files, imports, exports."""

import msgspec
from sqlalchemy import BindParameter, ColumnElement, Connection, Executable, bindparam, func, literal, select

from tmr.repository.schema import OWNED

# Every sealed column counts: one that did not would be a way to fill the disk past the limit of an account. But for
# what its owner neither writes nor can delete: the log, mails on their way, and orders that nobody may tell of.
NOT_COUNTED = {"legal_orders", "outgoing_mails", "security_events"}
_PARTS = {
    "history": ("record_versions", "undo_steps"),
    "files": ("files", "file_chunks"),
    "on_its_way": ("imports", "import_chunks", "exports", "export_chunks"),
}


class StorageUsed(msgspec.Struct, frozen=True):
    """Bytes, sealed and padded as they are stored; ``records`` has all that the others have not, such as own fields."""

    records: int
    history: int
    files: int
    on_its_way: int

    @property
    def total(self) -> int:
        """The sum, in bytes."""
        return self.records + self.history + self.files + self.on_its_way


def storage_used(connection: Connection, owner: object) -> StorageUsed:
    """Return how much the account of ``owner`` keeps."""
    return StorageUsed(**connection.execute(_USED, {"owner": owner}).one()._mapping)


def _bytes_in(tables: set[str], owner: BindParameter[object]) -> ColumnElement[int]:
    """Return the sum of what these tables hold sealed of an owner."""
    total: ColumnElement[int] = literal(0)
    for table in OWNED:
        sizes = [func.coalesce(func.octet_length(column), 0) for column in table.c if column.name.endswith("_sealed")]
        if table.name in tables and sizes:
            size = sum(sizes[1:], start=sizes[0])
            found = select(func.coalesce(func.sum(size), 0)).where(table.c.owner_id == owner)
            total = total + found.scalar_subquery()
    return total


def _query() -> Executable:
    owner: BindParameter[object] = bindparam("owner")
    parts = {part: {*names} for part, names in _PARTS.items()}
    parts["records"] = {table.name for table in OWNED}.difference(NOT_COUNTED, *parts.values())
    return select(*(_bytes_in(tables, owner).label(part) for part, tables in parts.items()))


_USED = _query()
