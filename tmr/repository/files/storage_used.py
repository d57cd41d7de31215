"""How much one account keeps, in bytes as the database holds them: records, history, files, imports, exports."""

import msgspec
from sqlalchemy import Connection, text

_USED = text(
    """
    SELECT (SELECT coalesce(sum(octet_length(summary_sealed) + coalesce(octet_length(detail_sealed), 0)), 0)
              FROM records WHERE owner_id = :owner)
           + (SELECT coalesce(sum(octet_length(view_sealed)), 0) FROM saved_views WHERE owner_id = :owner),
           (SELECT coalesce(sum(octet_length(summary_sealed) + coalesce(octet_length(detail_sealed), 0)), 0)
              FROM record_versions WHERE owner_id = :owner)
           + (SELECT coalesce(sum(octet_length(step_sealed)), 0) FROM undo_steps WHERE owner_id = :owner),
           (SELECT coalesce(sum(octet_length(chunk_sealed)), 0) FROM file_chunks WHERE owner_id = :owner),
           (SELECT coalesce(sum(octet_length(chunk_sealed)), 0) FROM import_chunks WHERE owner_id = :owner)
           + (SELECT coalesce(sum(octet_length(chunk_sealed)), 0) FROM export_chunks WHERE owner_id = :owner)
    """
)


class StorageUsed(msgspec.Struct, frozen=True):
    """Bytes, sealed and padded as they are stored."""

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
    return StorageUsed(*map(int, connection.execute(_USED, {"owner": owner}).one()))
