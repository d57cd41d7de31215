"""Where a sealed value belongs: the associated data that keeps it from being moved."""

import struct
from uuid import UUID

import msgspec

from tmr.crypto.aead import FORMAT


def length_prefixed(*parts: bytes) -> bytes:
    """Join ``parts``, each behind its length in four bytes, so that no two lists give one result."""
    return b"".join(struct.pack(">I", len(part)) + part for part in parts)


class Address(msgspec.Struct, frozen=True):
    """Owner, table, column, row and key number of one sealed value."""

    owner: UUID
    table: str
    column: str
    row: bytes
    key_id: int

    def aad(self) -> bytes:
        """Return the associated data of the value that belongs here."""
        return self.before_row() + length_prefixed(self.row, self.key_id.to_bytes(4, "big"))

    def before_row(self) -> bytes:
        """Return the part of the associated data that all rows of a column share."""
        return length_prefixed(FORMAT, self.owner.bytes, self.table.encode(), self.column.encode())

    def __str__(self) -> str:
        return f"{self.table}.{self.column} row {self.row.hex()} of {self.owner} under key {self.key_id}"
