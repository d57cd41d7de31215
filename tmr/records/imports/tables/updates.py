"""What a repeated row changes in the record that it repeats."""

from collections.abc import Iterator, Mapping
from itertools import islice
from uuid import UUID

import msgspec

from tmr.domain.fields.kind import Kind, pipeline_of_kind
from tmr.domain.fields.type import Wire
from tmr.domain.fields.types.texts import LongText
from tmr.domain.importing.rows.draft import Draft
from tmr.domain.pipeline.category import rank
from tmr.domain.record import Record
from tmr.repository.records.records import BATCH_ROWS
from tmr.repository.unit_of_work import UnitOfWork

SHOWN_CHANGES = 20


class ShownChange(msgspec.Struct, frozen=True):
    """One record that an import would change: its name, and the label, the old and the new words of each field."""

    name: str
    fields: list[tuple[str, str, str]]


def merged(kind: Kind, stored: dict[str, Wire], brought: dict[str, Wire], *, may_move_back: bool) -> dict[str, Wire]:
    """Return the changes that a repeated row makes.

    It fills and replaces values, but keeps the name of the record, and long text and files that are there, and empties
    nothing. A status only moves forwards, unless ``may_move_back``.
    """
    changes: dict[str, Wire] = {}
    for field in kind.fields:
        value = brought.get(field.name)
        is_kept = isinstance(field.type, LongText) or field.is_fixed or field.name in kind.identity.together
        if value is None or (is_kept and stored.get(field.name)):
            continue
        changes[field.name] = value
    pipeline = pipeline_of_kind(kind)
    before, after = (rank(pipeline.category_of(values.get("status"))) for values in (stored, changes))
    if "status" in changes and not may_move_back and after < before:
        changes.pop("status")
    for name in kind.contradictions({**stored, **changes}, {}):  # a pair that would not fit together stays as it was
        for field_name in (name, kind.by_name[name].not_below):
            changes.pop(field_name, None)
    return {name: value for name, value in changes.items() if stored.get(name) != value}


def stored_in_batches(uow: UnitOfWork, kind: Kind, ids: Mapping[UUID, Draft]) -> Iterator[list[Record]]:
    """Yield the records with these ids, opened whole, a batch at a time."""
    waiting = iter(ids)
    while batch := list(islice(waiting, BATCH_ROWS)):
        yield uow.records.get_many(kind, batch, with_detail=True)


def shown_changes(
    uow: UnitOfWork, kind: Kind, updates: Mapping[UUID, Draft], *, may_move_back: bool
) -> list[ShownChange]:
    """Return what the first updates would change, as people read it; updates that change nothing are left out."""
    first = dict(islice(updates.items(), SHOWN_CHANGES))
    shown = []
    for records in stored_in_batches(uow, kind, first):
        for record in records:
            changes = merged(kind, record.values, first[record.id].brought, may_move_back=may_move_back)
            fields = [
                (kind.by_name[name].label, kind.words(name, record.values)[:80], kind.words(name, changes)[:80])
                for name in changes
            ]
            shown.append(ShownChange(record.title, fields))
    return [change for change in shown if change.fields]
