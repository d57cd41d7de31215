"""Turns a record's values into the two arrays that are sealed, and back."""

from collections.abc import Collection, Mapping, Sequence

import msgspec

from tmr.crypto.errors import DecryptionError
from tmr.crypto.padding import pad_padme, pad_to_block
from tmr.domain.fields.kind import Kind
from tmr.domain.fields.own import PREFIX
from tmr.domain.fields.type import Field, Wire
from tmr.domain.fields.urls import url_hash

FORMAT = 1
FORMAT_SLOT = 0
URL_HASH_SLOT = 1
_decoder = msgspec.json.Decoder(list[str | int | list[str] | dict[str, Wire] | None])


class Summary(msgspec.Struct, frozen=True):
    """An opened summary: the values of the declared fields by number, and those of a person's own fields by name."""

    slots: list[Wire]
    own: dict[str, Wire]


def encode_summary(kind: Kind, values: Mapping[str, Wire]) -> bytes:
    """Return the padded array of the fields that lists need, with the hash of the url.

    The values of own fields come last, by their names, whether ``kind`` knows these fields or not: one that was deleted
    may come back, and code that has a kind as it was declared loses none. Without any, nothing is added.
    """
    slots = _slots(kind.declared_summary, values)
    slots[URL_HASH_SLOT] = url_hash(values.get("url"))
    own = {name: value for name, value in values.items() if name.startswith(PREFIX) and value is not None}
    return pad_to_block(msgspec.json.encode([*slots, own] if own else slots))


def encode_detail(kind: Kind, values: Mapping[str, Wire]) -> bytes:
    """Return the padded array of long text and links."""
    return pad_padme(msgspec.json.encode(_slots(kind.detail, values)))


def decode_summary(content: bytes) -> Summary:
    """Return the summary, or raise ``DecryptionError`` for a format that a later release wrote."""
    slots = _decoder.decode(content)
    own = slots.pop() if slots and isinstance(slots[-1], dict) else {}
    if not slots or slots[FORMAT_SLOT] != FORMAT:
        raise DecryptionError
    return Summary(slots, own)  # type: ignore[arg-type]


def decode_slots(content: bytes) -> list[Wire]:
    """Return an array without own fields, or raise as ``decode_summary`` does."""
    return decode_summary(content).slots


def summary_slots(kind: Kind, content: bytes) -> list[Wire]:
    """Return the array of a summary with the values of the own fields that ``kind`` has at their numbers."""
    summary = decode_summary(content)
    if not summary.own or not kind.own_fields:
        return summary.slots
    first = kind.first_own_number
    declared = [*summary.slots, *[None] * (first - len(summary.slots))][:first]
    return [*declared, *(summary.own.get(field.name) for field in kind.own_fields)]


def summary_values(kind: Kind, content: bytes) -> dict[str, Wire]:
    """Return the values of a summary by name, also those of own fields that ``kind`` does not have."""
    summary = decode_summary(content)
    own = {field.name: summary.own.get(field.name) for field in kind.own_fields}
    return {**named(kind.declared_summary, summary.slots), **own, **summary.own}


def without_own(content: bytes, names: Collection[str]) -> bytes:
    """Return a summary without the values of these own fields, not yet padded; all else stays as it is."""
    summary = decode_summary(content)
    own = {name: value for name, value in summary.own.items() if name not in names}
    return msgspec.json.encode([*summary.slots, own] if own else summary.slots)


def named(fields: Sequence[Field], slots: Sequence[Wire]) -> dict[str, Wire]:
    """Return the values of ``fields`` by name; a field that was added after the array was written is None."""
    return {field.name: slots[field.number] if field.number < len(slots) else None for field in fields}


def _slots(fields: Sequence[Field], values: Mapping[str, Wire]) -> list[Wire]:
    slots: list[Wire] = [None] * (max(field.number for field in fields) + 1)
    slots[FORMAT_SLOT] = FORMAT
    for field in fields:
        slots[field.number] = values.get(field.name)
    return slots
