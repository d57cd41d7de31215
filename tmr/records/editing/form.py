"""The form of a record: what was typed, what it means, and what is wrong with it."""

from collections.abc import Mapping

import msgspec
from werkzeug.datastructures import MultiDict

from tmr.domain.fields.kind import Kind
from tmr.domain.fields.own import PREFIX
from tmr.domain.fields.type import Field, Wire
from tmr.domain.fields.types.links import Link
from tmr.domain.record import Record
from tmr.web.display.typed_values import meant, typed
from tmr.web.display.zone import local_text

TWICE = "This was sent twice. Send it once."
GONE = "A field of your own was deleted, or got another type, since this form was opened. You typed: “{typed}”"
LONGEST_QUOTED = 1_000  # characters


class RecordForm(msgspec.Struct):
    """Texts as typed, the values they mean, and an error for each that was refused."""

    kind: Kind
    texts: dict[str, str] = {}
    values: dict[str, Wire] = {}
    errors: dict[str, str] = {}
    record: Record | None = None
    version: int | None = None
    conflicts: dict[str, str] = {}
    is_open: bool = False
    names: dict[str, str] = {}
    matches: dict[str, str] = {}

    @classmethod
    def parse(cls, kind: Kind, form: MultiDict[str, str]) -> "RecordForm":
        """Return the form with those fields that ``form`` names; an edit leaves the others as they are.

        Links have to be ids here: ``resolve_links`` puts them in the place of names first.
        """
        texts, twice = _texts(kind, form)
        went = _typed_into_fields_that_went(kind, form)
        gone = {name: GONE.format(typed=text[:LONGEST_QUOTED]) for name, text in went}
        values, errors = kind.parse({name: meant(text, kind.by_name[name]) for name, text in texts.items()})
        version = form.get("version", "")
        number = int(version) if version.isascii() and version.isdigit() and len(version) < 9 else None
        return cls(kind, texts, values, {**errors, **dict.fromkeys(twice, TWICE), **gone}, None, number, {}, True)

    @classmethod
    def parse_new(cls, kind: Kind, form: MultiDict[str, str]) -> "RecordForm":
        """Return the form of a new record: fields that were not sent are empty, and an error if they are required."""
        complete = MultiDict(form)
        for field in kind.editable:
            if not any(name in form for name in (field.name, *field.aliases)):
                complete[field.name] = ""
        return cls.parse(kind, complete)

    @classmethod
    def of(cls, record: Record, names: dict[str, str]) -> "RecordForm":
        """Return the form of a stored record; ``names`` is what the records that it links to are called."""
        return cls(record.kind, record=record, names=names)

    def written(self, name: str, values: Mapping[str, Wire]) -> str:
        """Return the text of one of these values, as this person reads and types it."""
        field = self.kind.by_name[name]
        value, words = values.get(name), self.kind.words(name, values, self.names)
        return typed(value, field) if words == field.type.write(value) else words

    def text(self, field: Field) -> str:
        """Return the text in the field: what was typed, else what is stored, else the default."""
        if field.name in self.texts and not (isinstance(field.type, Link) and field.name in self.values):
            return self.texts[field.name]
        if isinstance(field.type, Link):
            return self.kind.words(field.name, self.record.values if self.record else self.values, self.names)
        return typed(self.record.values.get(field.name), field) if self.record else field.default

    @property
    def asked(self) -> tuple[Field, ...]:
        """The fields of a form that adds a record: the quick ones, and whatever else was sent or refused."""
        sent = {name for name, text in self.texts.items() if text.strip() and text != self.kind.by_name[name].default}
        shown = {field.name for field in self.kind.quick} | sent | set(self.errors)
        return tuple(field for field in self.kind.editable if field.name in shown)

    @property
    def loose_errors(self) -> dict[str, str]:
        """The errors of no field of this kind: those of links that are stored in the other records."""
        return {name: error for name, error in self.errors.items() if name not in self.kind.by_name}

    @property
    def title(self) -> str:
        """What the record is called."""
        return self.kind.title_of(self.record.values, self.names) if self.record else self.kind.title

    def beside(self, current: Record) -> "RecordForm":
        """Return this form with the text of what is stored now for each value that differs from it."""
        written = {name: self.written(name, current.values) for name in self.values}
        differing = {name: text for name, text in written.items() if current.values.get(name) != self.values[name]}
        return msgspec.structs.replace(self, record=current, conflicts=differing)


def stays(field: Field, text: str | None, stored: Wire) -> bool:
    """Whether a form sent back just what it showed of a value, and reading that would change or refuse the value.

    That is so for a stage that is retired, and for an instant, of which a form shows no seconds.
    """
    if stored is None or text is None or not field.type.keeps_what_is_shown:
        return False
    if field.type.is_local:
        shown = typed(stored, field).split()  # which may have blanks that do not break
        return text.split() == shown or text == local_text(str(stored))
    return text == stored


def _typed_into_fields_that_went(kind: Kind, form: MultiDict[str, str]) -> list[tuple[str, str]]:
    """Return the name and the text of each own field that the form has, and the kind has no more."""
    went = [(name, text) for name, text in form.items() if name.startswith(PREFIX) and name not in kind.by_word]
    return [(name, text) for name, text in went if text.strip()]


def _texts(kind: Kind, form: MultiDict[str, str]) -> tuple[dict[str, str], list[str]]:
    texts: dict[str, str] = {}
    twice = []
    for name, field in kind.by_word.items():
        sent = form.getlist(name)
        takes_many = field.type.takes_many
        if len(sent) > 1 and not takes_many:
            twice.append(field.name)
        if sent:
            texts[field.name] = ";".join(sent) if takes_many else sent[0]
    return texts, twice
