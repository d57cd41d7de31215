"""Gives an own field another type: a new field takes its place, and the old one is deleted with all its values.

So nothing is lost: what does not fit the new type is still in the old field, which can be restored for 30 days.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from tmr.domain.fields.kind import Kind
from tmr.domain.fields.own import CHOICE, OwnField
from tmr.domain.fields.own_changes import OwnFieldRefusedError, retyped
from tmr.domain.fields.type import Field, ValueRefusedError, Wire
from tmr.domain.kinds import kinds_for
from tmr.domain.ordering import value_at
from tmr.domain.record import Record
from tmr.repository.own_fields.own_fields import KeptField
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.display.typed_values import current_typing
from tmr.web.display.zone import current_zone

MOST_VALUES = 1_000
AT_A_TIME = 100  # records that are in memory whole
MOST_NAMED = 5
LONGEST_QUOTED = 40
TOO_MANY = f"A field with more than {MOST_VALUES:,} values keeps its type."
_WRITTEN = ("text", CHOICE, "link")  # what a person wrote as they pleased, and reads so
Values = Mapping[UUID, Wire]


def retype(uow: UnitOfWork, kept: KeptField, of_type: str, now: dt.datetime, *, may_leave: bool) -> int:
    """Let a field hold something else; return how many values stayed behind.

    Raises:
        OwnFieldRefusedError: it has too many values, or some do not fit, and ``may_leave`` is false; the message names
            them. Nothing was changed.
    """
    kind = uow.kinds[kept.field.kind]
    records = _filled(uow, kind, kind.by_name[kept.field.name])
    texts = {record.id: _text(kind.by_name[kept.field.name], kept.field, of_type, record) for record in records}
    new = retyped(kind, kept.field, of_type, texts.values())
    values, left = _read(new, kept.field.type, records, texts)
    if left and not may_leave:
        raise OwnFieldRefusedError("type", _named(left, len(records)))
    uow.own_fields.take_place(kept.id, new, now)
    _follow(uow, kept.field, new)
    _write(uow, kinds_for(own_fields=uow.own_fields.declared)[new.kind], new, values, now)
    return len(left)


def _filled(uow: UnitOfWork, kind: Kind, field: Field) -> list[Record]:
    rows = uow.records.scan(kind)
    ids = [UUID(bytes=row.id) for row in rows if value_at(row.summary, field.number) is not None]
    if len(ids) > MOST_VALUES:
        raise OwnFieldRefusedError("type", TOO_MANY)
    return uow.records.get_many(kind, ids)


def _text(field: Field, own: OwnField, of_type: str, record: Record) -> str:
    """Return a value as a person reads it where words become of it, else as it is kept, which has one meaning."""
    value = record.values[field.name]
    if own.type in _WRITTEN or of_type in _WRITTEN:
        return field.type.typed(value, current_typing().locale, current_zone())
    return field.type.write(value)


def _read(
    new: OwnField, was_type: str, records: Sequence[Record], texts: Mapping[UUID, str]
) -> tuple[Values, list[tuple[str, str]]]:
    """Return the values that fit the new field, and the text and the name of the record of each that does not."""
    reader, typing = new.as_field(0).type, current_typing()
    values: dict[UUID, Wire] = {}
    left: list[tuple[str, str]] = []
    for record in records:
        text = texts[record.id]
        try:
            values[record.id] = reader.parse(reader.read(text, typing) if was_type in _WRITTEN else text)
        except ValueRefusedError:
            left.append((text, record.title))
    return values, left


def _named(left: Sequence[tuple[str, str]], count: int) -> str:
    quoted = [f"“{text[:LONGEST_QUOTED]}” ({name[:LONGEST_QUOTED]})" for text, name in left[:MOST_NAMED]]
    more = f" and {len(left) - MOST_NAMED:,} more" if len(left) > MOST_NAMED else ""
    fits = "does" if len(left) == 1 else "do"
    return f"{len(left):,} of {count:,} values {fits} not fit: {', '.join(quoted)}{more}. Nothing was changed."


def _follow(uow: UnitOfWork, old: OwnField, new: OwnField) -> None:
    """Let columns and saved views show the new field where they showed the old one."""
    preferences = uow.account.preferences()
    views = {
        key: [new.name if name == old.name else name for name in columns] for key, columns in preferences.views.items()
    }
    widths = {
        key: {new.name if name == old.name else name: width for name, width in of_list.items()}
        for key, of_list in preferences.widths.items()
    }
    if (views, widths) != (preferences.views, preferences.widths):
        uow.account.change_preferences(views=views, widths=widths)
    for kept in uow.saved_views.of(old.kind):
        columns = tuple(new.name if name == old.name else name for name in kept.view.columns)
        view = msgspec.structs.replace(kept.view, query=kept.view.query.replace(old.name, new.name), columns=columns)
        if view != kept.view:
            uow.saved_views.change(kept.id, view)


def _write(uow: UnitOfWork, kind: Kind, new: OwnField, values: Values, now: dt.datetime) -> None:
    ids = sorted(values)  # as the database locks them
    with uow.records.notes.quiet():  # the change is to the field, and its undo is to restore the old one
        for start in range(0, len(ids), AT_A_TIME):
            records = uow.records.locked(kind, ids[start : start + AT_A_TIME])
            uow.records.write_many([(record, {new.name: values[record.id]}) for record in records], now)
