"""What an Undo button sends, and what its answer replaces."""

import datetime as dt
from collections.abc import Sequence

import msgspec

from tmr.domain.fields.kind import Kind
from tmr.domain.record import Record

LONGEST_QUERY = 1_000  # of a redirect's Undo in a cookie, of which a browser keeps 4 kB


class Undo(msgspec.Struct, frozen=True):
    """The form behind an Undo button."""

    action: str
    fields: Sequence[tuple[str, object]]
    target: str = "#record-list"
    swap: str = "outerHTML"


def back_to(query: str) -> list[tuple[str, str]]:
    """Return the field that leads back to a list as it was filtered; too long a filter for a cookie is left out."""
    return [("query", query if len(query) <= LONGEST_QUERY else "")]


def undo_of_edit(record: Record, query: str) -> Undo:
    """Take back the edit that led to this version."""
    action = f"/{record.kind.plural}/{record.id}/undo"
    return Undo(action, [("version", record.version), *back_to(query)])


def undo_of_creation(record: Record, query: str) -> Undo:
    """Delete what was just added."""
    return Undo(f"/{record.kind.plural}/{record.id}/delete", back_to(query))


def undo_of_deletion(kind: Kind, at: dt.datetime, query: str) -> Undo:
    """Bring back what was deleted at that instant."""
    return _of_instant(kind, "restore", at, query)


def undo_of_bulk_edit(kind: Kind, at: dt.datetime, query: str) -> Undo:
    """Take back the edits of that instant, of each record that has not changed since."""
    return _of_instant(kind, "undo", at, query)


def _of_instant(kind: Kind, action: str, at: dt.datetime, query: str) -> Undo:
    # The instant names the whole batch, however many records it has.
    return Undo(f"/{kind.plural}/bulk", [("action", action), ("at", at.isoformat()), *back_to(query)])
