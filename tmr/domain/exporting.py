"""What an export holds: a header and rows of text for each kind, and a twin in JSON.

Records are numbered within their file, and links name the number: no id of the database leaves it, and an export that
is imported into another account and exported again is the same to the byte. Files are named by their path in it.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping

import msgspec

from tmr.domain.fields.formula_escaping import MAY_BEGIN, neutralise
from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Field, FieldType, Wire
from tmr.domain.fields.types.links import FILE, Link
from tmr.domain.fields.types.own import OwnChoices
from tmr.domain.record import Record

NUMBER = "id"
TIMES = ("created_at", "updated_at")
FLUSH_CHARS = 64 * 1024
LIST_SEPARATOR = "; "


class References(msgspec.Struct, frozen=True):
    """What replaces ids in an export: the number of each record, by the key of its kind, and the path of each file."""

    numbers: Mapping[str, Mapping[str, int]]
    paths: Mapping[str, str]

    def of(self, field: Field, value: Wire) -> list[str]:
        """Return what replaces the ids in a link; those of deleted records are left out."""
        ids = value if isinstance(value, list) else [str(value)] if value else []
        target = field.type.target if isinstance(field.type, Link) else ""
        known = self.paths if target == FILE else self.numbers.get(target, {})
        return [str(known[target_id]) for target_id in ids if target_id in known]


def header(kind: Kind) -> list[str]:
    """Return the columns: the names of the declared fields and the labels of own ones, the times, and the number."""
    return [*(field.header for field in kind.fields), *TIMES, NUMBER]


def csv_lines(kind: Kind, records: Iterable[Record], references: References) -> Iterator[bytes]:
    """Yield RFC 4180 CSV in UTF-8, in pieces of about 64 kB."""
    lines, size = [",".join(map(_cell, header(kind)))], 0
    added_at, added = None, ""
    numbers, columns = references.numbers[kind.key], [_column(field, references) for field in kind.fields]
    for record in records:
        values = record.values
        cells = [empty if (value := values[name]) is None else cell(value) for name, empty, cell in columns]
        if record.created_at != added_at:  # an import adds hundreds at the same instant
            added_at = record.created_at
            added = instant(added_at)
        changed = added if record.updated_at == added_at else instant(record.updated_at)
        line = f"{','.join(cells)},{added},{changed},{numbers[str(record.id)]}"
        lines.append(line)
        size += len(line)
        if size > FLUSH_CHARS:
            yield _joined(lines)
            lines, size = [], 0
    yield _joined(lines)


def json_lines(kind: Kind, records: Iterable[Record], references: References) -> Iterator[bytes]:
    """Yield a JSON array of objects, one record a line."""
    separator, numbers = b"[\n", references.numbers[kind.key]
    for record in records:
        links = {field.name: _json_link(field, record.values[field.name], references) for field in kind.links}
        times = {"created_at": instant(record.created_at), "updated_at": instant(record.updated_at)}
        values = {**json_values(kind, record.values), **links, **times, NUMBER: numbers[str(record.id)]}
        yield separator + msgspec.json.encode(values)
        separator = b",\n"
    yield b"\n]\n" if separator != b"[\n" else b"[]\n"


def json_values(kind: Kind, values: Mapping[str, Wire]) -> dict[str, object]:
    """Return the values of a record by the names of its columns, without what ``kind`` does not have."""
    return {field.header: json_value(field, values.get(field.name)) for field in kind.fields}


def instant(value: dt.datetime) -> str:
    """Write an instant in UTC, to the microsecond (RFC 3339)."""
    return value.astimezone(dt.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _column(field: Field, references: References) -> tuple[str, str, Callable[[Wire], str]]:
    """Return the name of a field, its cell where it is empty, and what makes the cell of a value."""
    write, of = field.type.write, references.of
    if isinstance(field.type, Link):
        return field.name, "", lambda value: _cell(LIST_SEPARATOR.join(of(field, value)))
    if type(field.type).write is FieldType.write:  # most: one call less for each of their cells
        return field.name, "", _cell
    return field.name, _cell(write(None)), lambda value: _cell(write(value))


def _cell(value: Wire) -> str:
    """Return one cell as RFC 4180 has it; the standard library's writer looks at each letter, which takes longer."""
    text = value if isinstance(value, str) else str(value)
    if text[:1] in MAY_BEGIN:
        text = neutralise(text)
    if '"' in text:
        return '"' + text.replace('"', '""') + '"'
    return f'"{text}"' if "," in text or "\n" in text or "\r" in text else text


def json_value(field: Field, value: Wire) -> Wire:
    """Return a value as it is stored; a choice of a person's own by its words, since its key means nothing outside."""
    return field.type.label(value) or None if isinstance(field.type, OwnChoices) else value


def _json_link(field: Field, value: Wire, references: References) -> object:
    targets = references.of(field, value)
    is_file = isinstance(field.type, Link) and field.type.target == FILE
    listed: list[object] = [target if is_file else int(target) for target in targets]
    if isinstance(field.type, Link) and field.type.is_many:
        return listed or None
    return listed[0] if listed else None


def _joined(lines: list[str]) -> bytes:
    return "".join([f"{line}\r\n" for line in lines]).encode()
