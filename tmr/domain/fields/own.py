"""A person's own fields: declared by them for one kind of record, and from then on fields like the others."""

from collections.abc import Callable, Collection, Mapping, Sequence
from secrets import token_hex

import msgspec

from tmr.domain.fields.type import Field, FieldType, Opening
from tmr.domain.fields.types.choices import Flag
from tmr.domain.fields.types.dates import Date
from tmr.domain.fields.types.own import Line, Money, Number, OwnChoice, OwnChoices
from tmr.domain.fields.types.texts import Url

PREFIX = "own_"  # what the names of own fields begin with, and of no other
CHOICE = "choice"
# By the word for a type: what people read for it, and what makes the type from the choices of a field.
_TYPES: Mapping[str, tuple[str, Callable[[Sequence[OwnChoice]], FieldType]]] = {
    "text": ("Text", lambda _: Line()),
    "number": ("Number", lambda _: Number()),
    "money": ("Money", lambda _: Money()),
    "date": ("Date", lambda _: Date()),
    CHOICE: ("Choice", OwnChoices),
    "tick": ("Yes or no", lambda _: Flag()),
    "link": ("Link", lambda _: Url()),
}
# How the names of fields with such values end, by which style sheets know what is read from its end.
_ENDINGS = {"date": "_on", "number": "_n", "money": "_n"}
TYPE_LABELS = {key: label for key, (label, _) in _TYPES.items()}


class OwnField(msgspec.Struct, frozen=True, omit_defaults=True):
    """One own field: the plural of its kind, its name in storage and forms, its label, and its type.

    The name is random and never changes, so that values, views and exports follow a new label. Fields are in the order
    of their ``place``, and those of one place in that in which they were declared.
    """

    kind: str
    name: str
    label: str
    type: str
    choices: tuple[OwnChoice, ...] = ()
    place: int = 0

    @property
    def labels(self) -> list[str]:
        """The words of the choices that it offers."""
        return [choice.label for choice in self.choices if not choice.is_retired]

    def as_field(self, number: int) -> Field:
        """Return the field as forms, lists and files see it; ``number`` is its place in an opened record."""
        _, make = _TYPES[self.type]
        opens = Opening() if self.type == "link" else None
        return Field(name=self.name, label=self.label, number=number, type=make(self.choices), opens=opens, is_own=True)


def free_name(of_type: str, taken: Collection[str] = ()) -> str:
    """Return a new name for a field of this type, which no other field of its kind has."""
    name = PREFIX + token_hex(4) + _ENDINGS.get(of_type, "")
    return free_name(of_type, taken) if name in taken else name
