"""The own fields that come with a file: those of an export, and those that are made of its columns."""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress

import msgspec

from tmr.domain.fields.folding import fold
from tmr.domain.fields.kind import Kind
from tmr.domain.fields.own import TYPE_LABELS, OwnField, free_name
from tmr.domain.fields.own_changes import (
    LONGEST_LABEL,
    MOST_CHOICES,
    MOST_OF_A_KIND,
    MOST_RETIRED,
    OwnFieldRefusedError,
    checked_label,
    checked_word,
    number_of,
)
from tmr.domain.fields.types.own import OwnChoice
from tmr.domain.kinds import KINDS
from tmr.domain.pipeline.pipeline import DEFAULT_PIPELINE

_NAME = re.compile(r"own_[0-9a-f]{8}(_on|_n)?")
_KEY = re.compile(r"_[1-9]\d{0,5}", re.ASCII)

Headers = Mapping[str, Mapping[str, str]]


class Brought(msgspec.Struct, frozen=True):
    """The own fields of an export as this person will have them, and by the plural of a kind which column is which."""

    fields: list[OwnField]
    headers: Headers


def brought(present: Sequence[OwnField], others: Sequence[OwnField]) -> Brought:
    """Return the fields of an export beside those that a person has already.

    A field of the same name in storage, or of the same label and type, is the same one. One with the label of another
    type gets another label. What could not have been declared here, or is too much, is left out.
    """
    fields: list[OwnField] = []
    headers: dict[str, dict[str, str]] = {}
    for other in others[: len(KINDS) * MOST_OF_A_KIND]:
        placed = _placed_beside(present, fields, other) if other.kind in KINDS and _is_sound(other) else None
        if placed:
            fields.append(placed)
            headers.setdefault(other.kind, {})[other.label] = placed.name
    return Brought(fields, headers)


def settled_fields(present: Sequence[OwnField], others: Sequence[OwnField]) -> dict[tuple[str, str], OwnField]:
    """Return ``others`` as ``brought`` would today, by the kind and the name that each had; what has no room is out.

    They were placed when their file was read, and the fields that a person has may be others since.
    """
    settled: dict[tuple[str, str], OwnField] = {}
    for other in others:
        if placed := _placed_beside(present, list(settled.values()), other):
            settled[other.kind, other.name] = placed
    return settled


def joined_fields(present: Sequence[OwnField], others: Sequence[OwnField]) -> tuple[OwnField, ...]:
    """Return the fields that a person has, with the choices that ``others`` add, followed by those that are new."""
    joint = {(field.kind, field.name): field for field in present}
    for other in others:
        mine = joint.get((other.kind, other.name))
        joint[other.kind, other.name] = _with_choices_of(mine, other) if mine else other
    return tuple(joint.values())


def _placed_beside(present: Sequence[OwnField], fields: Sequence[OwnField], other: OwnField) -> OwnField | None:
    """Return a field as a person will have it who has ``present`` and gets ``fields``; None if it can't be kept."""
    # Without their choices, which are no part of the question: there may be 300 of each.
    beside = {field.name: field for field in (*present, *fields) if field.kind == other.kind}
    bare = [msgspec.structs.replace(field, choices=()) for field in beside.values()]
    return _placed(KINDS[other.kind].bound(DEFAULT_PIPELINE, bare), other)


def _placed(kind: Kind, other: OwnField) -> OwnField | None:
    by_name = {field.name: field for field in kind.own_fields if field.type == other.type}
    by_label = {fold(field.label): field for field in kind.own_fields if field.type == other.type}
    if same := by_name.get(other.name) or by_label.get(fold(other.label)):
        return msgspec.structs.replace(other, name=same.name, label=same.label, place=0)
    if len(kind.own_fields) >= MOST_OF_A_KIND:
        return None
    is_free = _NAME.fullmatch(other.name) and other.name not in kind.by_name
    name = other.name if is_free else free_name(other.type, kind.by_name)
    label = _free_label(kind, other)
    return msgspec.structs.replace(other, name=name, label=label, place=0) if label else None


def _free_label(kind: Kind, other: OwnField) -> str:
    for label in (other.label, f"{other.label} ({TYPE_LABELS[other.type].lower()})"):
        with suppress(OwnFieldRefusedError):
            return checked_label(kind, label)
    return ""


def _is_sound(field: OwnField) -> bool:
    """Whether a field from an export could have been declared here: it may have been written by hand."""
    keys = [choice.key for choice in field.choices]
    is_unique = len({*keys}) == len(keys) and all(_KEY.fullmatch(key) for key in keys)
    labels = [field.label, *(choice.label for choice in field.choices)]
    with suppress(OwnFieldRefusedError):
        is_plain = all(checked_word("label", label, "") == label for label in labels)
        is_short = len(field.labels) <= MOST_CHOICES and len(keys) <= MOST_CHOICES + MOST_RETIRED
        return field.type in TYPE_LABELS and is_unique and is_plain and is_short and len(field.label) <= LONGEST_LABEL
    return False


def _with_choices_of(mine: OwnField, other: OwnField) -> OwnField:
    known = {fold(choice.label) for choice in mine.choices}
    new = [choice for choice in other.choices if fold(choice.label) not in known]
    last = max(map(number_of, mine.choices), default=0)
    room = MOST_CHOICES - len(mine.labels)
    room_retired = MOST_RETIRED - (len(mine.choices) - len(mine.labels))
    added: list[OwnChoice] = []
    for choice in new:
        is_retired = choice.is_retired or room <= 0
        if is_retired and room_retired <= 0:
            continue  # a value of it goes where values go that are none of the choices
        room, room_retired = room - (not is_retired), room_retired - is_retired
        added.append(OwnChoice(f"_{last + len(added) + 1}", choice.label, is_retired))
    return msgspec.structs.replace(mine, choices=(*mine.choices, *added)) if added else mine
