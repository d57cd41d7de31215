"""The fields of a record as its page shows them: one property each, read first and edited one at a time."""

from collections.abc import Mapping, Sequence

import msgspec

from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Field, Wire
from tmr.domain.fields.types.links import Link
from tmr.domain.fields.types.texts import LongText

Values = Mapping[str, Wire]


class Property(msgspec.Struct, frozen=True):
    """What is shown on one line and edited at once: a field, and those that are edited together with it."""

    fields: tuple[Field, ...]

    @property
    def lead(self) -> Field:
        """The field that names the property."""
        return self.fields[0]

    @property
    def name(self) -> str:
        """What the property is called in an address."""
        return self.lead.name

    @property
    def is_long(self) -> bool:
        """Whether it is text of several lines, which has a section to itself."""
        return isinstance(self.lead.type, LongText)

    @property
    def leads_elsewhere(self) -> bool:
        """Whether its value is a link, so that clicking it opens something and does not edit."""
        return isinstance(self.lead.type, Link) or self.lead.opens is not None

    def is_filled(self, values: Values) -> bool:
        """Whether there is something to show."""
        return any(values.get(field.name) not in (None, "", []) for field in self.fields)


class Properties(msgspec.Struct, frozen=True):
    """Every property of a kind, by where its page shows it."""

    head: Sequence[Property]
    brief: Sequence[Property]
    long: Sequence[Property]

    def find(self, name: str) -> Property | None:
        """Return the property with a field of that name; None if the page has none."""
        everything = (*self.head, *self.brief, *self.long)
        return next((one for one in everything if any(field.name == name for field in one.fields)), None)

    def empty(self, values: Values) -> list[Property]:
        """Return what could be added: the properties without a value."""
        return [one for one in (*self.brief, *self.long) if not one.is_filled(values)]


def properties_of(kind: Kind) -> Properties:
    """Return the properties of a kind; a stage is none, since it is moved and not edited."""
    every = [Property(fields) for fields in kind.edited_together if fields[0] is not kind.stage_field]
    named = set(kind.name_fields)
    head = [one for one in every if one.name in named and one.lead.is_required and not one.leads_elsewhere]
    rest = [one for one in every if one not in head]
    brief = sorted((one for one in rest if not one.is_long), key=lambda one: not one.lead.is_due)
    return Properties(head, brief, [one for one in rest if one.is_long])
