"""Turns a record's values into the two arrays that are sealed, and back."""

from collections.abc import Callable, Collection, Mapping, Sequence
from operator import itemgetter
from typing import Any

import msgspec

from tmr.crypto.errors import DecryptionError
from tmr.crypto.padding import pad_padme, pad_to_block
from tmr.domain.fields.kind import Kind
from tmr.domain.fields.own import PREFIX
from tmr.domain.fields.type import Wire
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
    slots = _slots(kind.summary_places, values)
    slots[URL_HASH_SLOT] = url_hash(values.get("url"))
    own = {name: value for name, value in values.items() if name.startswith(PREFIX) and value is not None}
    return pad_to_block(msgspec.json.encode([*slots, own] if own else slots))


def encode_detail(kind: Kind, values: Mapping[str, Wire]) -> bytes:
    """Return the padded array of long text and links."""
    return pad_padme(msgspec.json.encode(_slots(kind.detail_places, values)))


def decode_summary(content: bytes) -> Summary:
    """Return the summary, or raise ``DecryptionError`` for a format that a later release wrote."""
    slots = _decoder.decode(content)
    own = slots.pop() if slots and isinstance(slots[-1], dict) else {}
    if not slots or slots[FORMAT_SLOT] != FORMAT:
        raise DecryptionError
    return Summary(slots, own)  # type: ignore[arg-type]


def decode_slots(content: bytes) -> list[Wire]:
    """Return an array without own fields, or raise as ``decode_summary`` does."""
    slots: list[Any] = _decoder.decode(content)
    if not slots or slots[FORMAT_SLOT] != FORMAT:
        raise DecryptionError
    if slots[-1].__class__ is dict:
        slots.pop()
    return slots


def summary_reader(kind: Kind) -> Callable[[bytes], list[Wire]]:
    """Return what turns a summary into its array with the values of the own fields of ``kind`` at their numbers.

    That raises as ``decode_summary`` does. All records of a kind go through it, so it calls as little as possible.
    """
    decode, first, names = _decoder.decode, kind.first_own_number, [field.name for field in kind.own_fields]

    def slots_of(content: bytes) -> list[Wire]:
        slots: list[Any] = decode(content)
        if not slots or slots[FORMAT_SLOT] != FORMAT:
            raise DecryptionError
        if slots[-1].__class__ is dict:
            own = slots.pop()
            if names:
                declared = [*slots, *[None] * (first - len(slots))][:first]
                return [*declared, *map(own.get, names)]
        return slots

    return slots_of


def summary_values(kind: Kind, content: bytes) -> dict[str, Wire]:
    """Return the values of a summary by name, also those of own fields that ``kind`` does not have."""
    summary = decode_summary(content)
    own = {field.name: summary.own.get(field.name) for field in kind.own_fields}
    values = named(kind.summary_places, summary.slots)
    return {**values, **own, **summary.own} if own or summary.own else values


def without_own(content: bytes, names: Collection[str]) -> bytes:
    """Return a summary without the values of these own fields, not yet padded; all else stays as it is."""
    summary = decode_summary(content)
    own = {name: value for name, value in summary.own.items() if name not in names}
    return msgspec.json.encode([*summary.slots, own] if own else summary.slots)


def named(places: Sequence[tuple[str, int]], slots: Sequence[Wire]) -> dict[str, Wire]:
    """Return the values at these places by their names; a field that was added after the array was written is None."""
    filled = len(slots)
    return {name: slots[at] if at < filled else None for name, at in places}


def _slots(places: Sequence[tuple[str, int]], values: Mapping[str, Wire]) -> list[Wire]:
    slots: list[Wire] = [None] * (max(map(itemgetter(1), places)) + 1)
    slots[FORMAT_SLOT] = FORMAT
    for name, at in places:
        slots[at] = values.get(name)
    return slots
