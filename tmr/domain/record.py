"""Records as the app passes them around."""

import datetime as dt
from uuid import UUID

import msgspec

from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Wire


class Record(msgspec.Struct, frozen=True):
    """One record of ``kind``, opened. Without its detail, ``values`` holds the summary's fields only."""

    id: UUID
    kind: Kind
    version: int
    created_at: dt.datetime
    updated_at: dt.datetime
    values: dict[str, Wire]

    def __getitem__(self, name: str) -> Wire:
        return self.values[name]

    @property
    def title(self) -> str:
        """The words by which a person knows this record."""
        return self.kind.title_of(self.values)

    def rewritten(self, values: dict[str, Wire], now: dt.datetime) -> "Record":
        """Return the record as it is once ``values`` are written at ``now``."""
        return msgspec.structs.replace(self, version=self.version + 1, updated_at=now, values=values)


class Searched(msgspec.Struct, frozen=True, gc=False):
    """All texts of one record, as search compares them; ``spelled`` has them with ``ae`` for ``ä``, if that differs."""

    plain: str
    spelled: str


class Scanned(msgspec.Struct, frozen=True, gc=False):
    """One record as a scan over all of them sees it: the stored arrays, not yet named, or with its texts for search."""

    id: bytes
    summary: list[Wire]
    detail: list[Wire] | None = None
    text: Searched | None = None


def declared(kind: Kind, row: Scanned) -> Scanned:
    """Return a row as pages keep many of: without long texts, and without own fields, which may hold far more."""
    first = kind.first_own_number
    return row if row.detail is None and len(row.summary) <= first else Scanned(row.id, row.summary[:first])
