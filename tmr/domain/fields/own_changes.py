"""Declaring an own field and changing it: what people typed, checked against the other fields of the same kind."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import count

import msgspec

from tmr.domain.fields.folding import fold
from tmr.domain.fields.kind import Kind
from tmr.domain.fields.own import CHOICE, TYPE_LABELS, OwnField, free_name
from tmr.domain.fields.types.own import OwnChoice

MOST_OF_A_KIND, MOST_CHOICES, LONGEST_LABEL = 30, 100, 60
MOST_RETIRED = 200
NO_KIND = "Choose where the field belongs."
NO_LABEL = "Enter a name for the field."
TOO_LONG = f"A name can have at most {LONGEST_LABEL} characters."
NO_TYPE = "Choose what the field holds."
NO_CHOICE = "Enter a choice on each line."
TOO_MANY_CHOICES = f"A field can have at most {MOST_CHOICES} choices."
# What else the columns of an export and of an import are called.
_TAKEN = ("id", "version", "created", "created at", "updated", "updated at", "added on", "deleted at", "kind")


class OwnFieldRefusedError(ValueError):
    """A field that cannot be declared so; ``field`` names the input that is wrong, and the message says why."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def declared(kind: Kind, label: str, of_type: str, choices: str = "") -> OwnField:
    """Return a new field of ``kind``, which has its present own fields; raise ``OwnFieldRefusedError``."""
    require_room(kind)
    if of_type not in TYPE_LABELS:
        raise OwnFieldRefusedError("type", NO_TYPE)
    name = free_name(of_type, {field.name for field in kind.own_fields})
    made = OwnField(kind.plural, name, checked_label(kind, label), of_type)
    return _with_choices(made, choices) if of_type == CHOICE else made


def changed(kind: Kind, field: OwnField, label: str | None, choices: str | None) -> OwnField:
    """Return a field of ``kind`` with another label and choices, where they are given; raise as ``declared`` does.

    A choice that is gone is retired, so that records keep it; one that takes the place of another is that one renamed.
    """
    new = field if label is None else msgspec.structs.replace(field, label=checked_label(kind, label, field.name))
    return new if choices is None or field.type != CHOICE else _with_choices(new, choices)


def require_room(kind: Kind) -> None:
    """Raise ``OwnFieldRefusedError`` if a kind has as many own fields as it can have."""
    if len(kind.own_fields) >= MOST_OF_A_KIND:
        limit = f"You have {MOST_OF_A_KIND} own fields for {kind.heading.lower()}. Delete one first."
        raise OwnFieldRefusedError("label", limit)


def retyped(kind: Kind, field: OwnField, of_type: str, texts: Iterable[str]) -> OwnField:
    """Return the field that is to take the place of another of ``kind`` and holds something else.

    Where that is a choice, ``texts`` are its choices: raise as ``declared`` does where they are too many.
    """
    if of_type not in TYPE_LABELS:
        raise OwnFieldRefusedError("type", NO_TYPE)
    name = free_name(of_type, {other.name for other in kind.own_fields})
    new = OwnField(field.kind, name, field.label, of_type)
    if of_type != CHOICE:
        return new
    short = (word for text in dict.fromkeys(texts) if len(word := " ".join(text.split())) <= LONGEST_LABEL)
    words = {fold(word): word for word in short}
    choices = [word for folded, word in words.items() if folded and word.isprintable()]
    if len(choices) > MOST_CHOICES:
        raise OwnFieldRefusedError("type", f"{len(choices):,} different values are too many for choices.")
    return msgspec.structs.replace(new, choices=_rearranged((), choices))


def checked_label(kind: Kind, text: str, of: str = "") -> str:
    """Return a label that no other field of ``kind`` has; ``of`` is the name of the field that is called so."""
    label = checked_word("label", text, NO_LABEL)
    others = (field for field in kind.fields if field.name != of)
    same = next((field for field in others if fold(label) in map(fold, (field.label, field.header))), None)
    if same:
        raise OwnFieldRefusedError("label", f"{kind.heading} already have a field “{same.label}”.")
    if fold(label) in map(fold, _TAKEN):
        raise OwnFieldRefusedError("label", "Exports have a column with this name. Choose another one.")
    return label


def checked_word(field: str, text: str, missing: str) -> str:
    """Return a label or a choice without white space around it; raise ``OwnFieldRefusedError`` for ``field``."""
    word = " ".join(text.split())
    if len(word) > LONGEST_LABEL:
        raise OwnFieldRefusedError(field, TOO_LONG)
    if not word or not fold(word) or not word.replace("\u200d", "").isprintable():
        raise OwnFieldRefusedError(field, missing)
    return word


def _with_choices(field: OwnField, text: str) -> OwnField:
    if len(text) > 10 * MOST_CHOICES * LONGEST_LABEL:
        raise OwnFieldRefusedError("choices", TOO_MANY_CHOICES)
    labels = _labels(text)
    return msgspec.structs.replace(field, choices=_rearranged(field.choices, labels))


def _labels(text: str) -> list[str]:
    """Return the choices that were typed, each once: one a line, or all on one line with semicolons or commas."""
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) == 1:
        lines = lines[0].split(";" if ";" in lines[0] else ",")
    unique: dict[str, str] = {}
    for line in dict.fromkeys(line for line in lines if line.strip()):
        word = checked_word("choices", line, NO_CHOICE)
        unique.setdefault(fold(word), word)
        if len(unique) > MOST_CHOICES:  # before the next one is read
            raise OwnFieldRefusedError("choices", TOO_MANY_CHOICES)
    return list(unique.values())


def _rearranged(choices: Sequence[OwnChoice], labels: Sequence[str]) -> tuple[OwnChoice, ...]:
    """Return choices with these labels in this order: those of before keep their keys, and what is gone is retired."""
    present = [choice for choice in choices if not choice.is_retired]
    folded = {label: fold(label) for label in labels}
    by_label = {fold(choice.label): choice for choice in [*reversed(choices), *present]}
    kept = {word: by_label[word] for word in folded.values() if word in by_label}
    kept |= {folded[new]: old for new, old in _renamed(present, folded) if folded[new] not in kept}
    free = _free_keys(choices)
    offered = [OwnChoice(kept[word].key if word in kept else next(free), label) for label, word in folded.items()]
    keys = {choice.key for choice in offered}
    retired = [msgspec.structs.replace(choice, is_retired=True) for choice in choices if choice.key not in keys]
    return (*offered, *sorted(retired, key=number_of)[-MOST_RETIRED:])


def _renamed(present: Sequence[OwnChoice], folded: Mapping[str, str]) -> Iterator[tuple[str, OwnChoice]]:
    """Yield the labels that stand where others stood, with the choice that was there, where as many came as went."""
    labels, before, after = list(folded), [fold(choice.label) for choice in present], list(folded.values())
    for change, start, end, new_start, new_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if change == "replace" and end - start == new_end - new_start:
            pairs = zip(labels[new_start:new_end], present[start:end], strict=True)
            yield from ((label, choice) for label, choice in pairs if fold(choice.label) not in after)


def _free_keys(choices: Sequence[OwnChoice]) -> Iterator[str]:
    return (f"_{number}" for number in count(max(map(number_of, choices), default=0) + 1))


def number_of(choice: OwnChoice) -> int:
    """Return the number in the key of a choice."""
    return int(choice.key[1:])
