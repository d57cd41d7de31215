"""Turns a record's values into the two arrays that are sealed, and back."""

from collections.abc import Mapping, Sequence

import msgspec

from tmr.crypto.errors import DecryptionError
from tmr.crypto.padding import pad_padme, pad_to_block
from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Field, Wire
from tmr.domain.fields.urls import url_hash

FORMAT = 1
FORMAT_SLOT = 0
URL_HASH_SLOT = 1
_decoder = msgspec.json.Decoder(list[str | int | list[str] | None])


def encode_summary(kind: Kind, values: Mapping[str, Wire]) -> bytes:
    """Return the padded array of the fields that lists need, with the hash of the url."""
    slots = _slots(kind.summary, values)
    slots[URL_HASH_SLOT] = url_hash(values.get("url"))
    return pad_to_block(msgspec.json.encode(slots))


def encode_detail(kind: Kind, values: Mapping[str, Wire]) -> bytes:
    """Return the padded array of long text and links."""
    return pad_padme(msgspec.json.encode(_slots(kind.detail, values)))


def decode_slots(content: bytes) -> list[Wire]:
    """Return the array, or raise ``DecryptionError`` for a format that a later release wrote."""
    slots = _decoder.decode(content)
    if not slots or slots[FORMAT_SLOT] != FORMAT:
        raise DecryptionError
    return slots


def named(fields: Sequence[Field], slots: Sequence[Wire]) -> dict[str, Wire]:
    """Return the values of ``fields`` by name; a field that was added after the array was written is None."""
    return {field.name: slots[field.number] if field.number < len(slots) else None for field in fields}


def _slots(fields: Sequence[Field], values: Mapping[str, Wire]) -> list[Wire]:
    slots: list[Wire] = [None] * (max(field.number for field in fields) + 1)
    slots[FORMAT_SLOT] = FORMAT
    for field in fields:
        slots[field.number] = values.get(field.name)
    return slots
