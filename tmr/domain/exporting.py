"""What an export holds: a header and rows of text for each kind, and a twin in JSON."""

import csv
import datetime as dt
from collections.abc import Iterable, Iterator
from io import StringIO
from itertools import groupby
from operator import attrgetter

import msgspec

from tmr.domain.csv_cells import neutralise
from tmr.domain.kinds import Kind
from tmr.domain.records import Record

TIMES = ("created_at", "updated_at")
FLUSH_CHARS = 64 * 1024


def header(kind: Kind) -> list[str]:
    """Return the columns: the names of the declared fields, then the times."""
    return [*(field.name for field in kind.fields), *TIMES]


def csv_lines(kind: Kind, records: Iterable[Record]) -> Iterator[bytes]:
    """Yield RFC 4180 CSV in UTF-8, in pieces of about 64 kB."""
    buffer = StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(header(kind))
    writers = [(field.name, field.type.write) for field in kind.fields]
    for record in in_stable_order(records):
        values = record.values
        cells = [neutralise(write(values[name])) for name, write in writers]
        writer.writerow([*cells, instant(record.created_at), instant(record.updated_at)])
        if buffer.tell() > FLUSH_CHARS:
            yield _taken(buffer)
    yield _taken(buffer)


def json_lines(records: Iterable[Record]) -> Iterator[bytes]:
    """Yield a JSON array of objects, one record a line."""
    separator = b"[\n"
    for record in in_stable_order(records):
        times = {"created_at": instant(record.created_at), "updated_at": instant(record.updated_at)}
        yield separator + msgspec.json.encode({**record.values, **times})
        separator = b",\n"
    yield b"\n]\n" if separator != b"[\n" else b"[]\n"


def in_stable_order(records: Iterable[Record]) -> Iterator[Record]:
    """Order records of one instant by content, so that two exports of the same records are equal to the byte."""
    for _, group in groupby(records, key=attrgetter("created_at")):
        together = list(group)
        yield from together if len(together) == 1 else sorted(together, key=_content)


def instant(value: dt.datetime) -> str:
    """Write an instant in UTC, to the microsecond (RFC 3339)."""
    return value.astimezone(dt.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _content(record: Record) -> bytes:
    return msgspec.json.encode([record.updated_at, list(record.values.values())])


def _taken(buffer: StringIO) -> bytes:
    content = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return content
