"""What an Undo button sends, and what its answer replaces."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

import msgspec

from tmr.domain.record import Record
from tmr.records.editing.origin import Origin, list_fields


class Undo(msgspec.Struct, frozen=True):
    """The form behind an Undo button, or behind the Redo button of an undo."""

    action: str
    fields: Sequence[tuple[str, object]]
    target: str = "#record-list"
    swap: str = "outerHTML"
    is_redo: bool = False


class Choices(msgspec.Struct, frozen=True):
    """The form behind some buttons beside Undo, which offer what may come next.

    ``options`` are the value of ``name`` and the words of each button.
    """

    label: str
    action: str
    fields: Sequence[tuple[str, object]]
    name: str
    options: Sequence[tuple[str, str]]
    target: str
    swap: str = "outerHTML"


def undo_of_edit(record: Record, origin: Origin) -> Undo:
    """Return the button that undoes the edit that led to this version."""
    action = f"/{record.kind.plural}/{record.id}/undo"
    return Undo(action, [("version", record.version), *origin.undo_fields], origin.undo_target)


def undo_of_creation(record: Record, origin: Origin) -> Undo:
    """Return the button that deletes what was just added."""
    fields = [("undo", "1"), *origin.undo_fields]  # says that this is no deletion like others
    return Undo(f"/{record.kind.plural}/{record.id}/delete", fields, origin.undo_target)


def undo_of_deletion(at: dt.datetime, origin: Origin) -> Undo:
    """Return the button that restores what was deleted at that instant."""
    return _of_instant("restore", at, origin)


def undo_of_bulk_edit(at: dt.datetime, origin: Origin) -> Undo:
    """Return the button that undoes the edits of that instant, in each record that has not changed since."""
    return _of_instant("undo", at, origin)


def undo_of_step(step_id: UUID, origin: Origin | None = None, back: str = "") -> Undo:
    """Return the button that undoes a change; its answer goes to ``origin``, or else to the page ``back``."""
    if origin is None:
        return Undo("/undo", [("step", step_id), ("back", back)], "#messages")
    fields = [("step", step_id), ("back", back), ("kind", origin.kind.plural), *origin.undo_fields]
    return Undo("/undo", fields, origin.undo_target)


def redo_of_step(step_id: UUID, origin: Origin | None = None, back: str = "") -> Undo:
    """Return the button that redoes a change; its answer goes where that of ``undo_of_step`` does."""
    return msgspec.structs.replace(undo_of_step(step_id, origin, back), action="/redo", is_redo=True)


def undo_of_import(import_id: UUID, origin: Origin) -> Undo:
    """Return the button that undoes the import of rows that were pasted into a list."""
    return Undo(f"/import/{import_id}/undo", list_fields(origin))


def _of_instant(action: str, at: dt.datetime, origin: Origin) -> Undo:
    # The instant names the whole batch, however many records it has.
    fields = [("action", action), ("at", at.isoformat()), *origin.undo_fields]
    return Undo(f"/{origin.kind.plural}/bulk", fields, origin.undo_target)
