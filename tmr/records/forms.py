"""What a person may type into a record, and what is wrong with it."""

import msgspec
from werkzeug.datastructures import MultiDict

from tmr.domain.field_types import Field, Tags, Wire
from tmr.domain.kinds import Kind
from tmr.domain.records import Record

TWICE = "This was sent twice; send it once."


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

    @classmethod
    def parse(cls, kind: Kind, form: MultiDict[str, str]) -> "RecordForm":
        """Read the fields that ``form`` names; others of the record are left as they are."""
        texts, twice = _texts(kind, form)
        values, errors = kind.parse(texts)
        version = form.get("version", "")
        number = int(version) if version.isascii() and version.isdigit() and len(version) < 9 else None
        return cls(kind, texts, values, {**errors, **dict.fromkeys(twice, TWICE)}, None, number, {}, True)

    @classmethod
    def parse_new(cls, kind: Kind, form: MultiDict[str, str]) -> "RecordForm":
        """Read a new record: fields that were not sent are empty, and the required ones are missed."""
        complete = MultiDict(form)
        for field in kind.fields:
            if not any(name in form for name in (field.name, *field.aliases)):
                complete[field.name] = ""
        return cls.parse(kind, complete)

    @classmethod
    def of(cls, record: Record) -> "RecordForm":
        """Return the form that shows a record as it is stored."""
        return cls(record.kind, record=record)

    def text(self, field: Field) -> str:
        """Return what stands in the field: what was typed, else what is stored, else the default."""
        if field.name in self.texts:
            return self.texts[field.name]
        return field.type.write(self.record.values.get(field.name)) if self.record else field.default

    def beside(self, current: Record) -> "RecordForm":
        """Return this form with what is stored now beside each value that differs."""
        written = {name: self.kind.by_name[name].type.write(current.values.get(name)) for name in self.values}
        differing = {name: text for name, text in written.items() if current.values.get(name) != self.values[name]}
        return msgspec.structs.replace(self, record=current, conflicts=differing)


def _texts(kind: Kind, form: MultiDict[str, str]) -> tuple[dict[str, str], list[str]]:
    texts: dict[str, str] = {}
    twice = []
    for name, field in kind.by_word.items():
        sent = form.getlist(name)
        if len(sent) > 1 and not isinstance(field.type, Tags):
            twice.append(field.name)
        if sent:
            texts[field.name] = ";".join(sent) if isinstance(field.type, Tags) else sent[0]
    return texts, twice
