"""Finds a text in the fields of many records, and says what replacing it would make of each."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice
from uuid import UUID

import msgspec

from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Field, FieldType, Wire
from tmr.domain.fields.types.own import Line
from tmr.domain.fields.types.texts import Email, LongText, Tags, Url
from tmr.domain.listing import Criteria, select
from tmr.domain.ordering import value_at
from tmr.domain.record import Record, Scanned
from tmr.domain.searching import text_filter
from tmr.records.cells.finding import Finder
from tmr.records.cells.setting import Left, RowEdit
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.display.zone import current_zone

TEXTS = (FieldType, Line, LongText, Tags, Url, Email)  # of the plain type itself, and not of what is derived from it
LONGEST = 300  # characters of the text to find, and of the one in its place
AROUND = 40  # characters that the preview shows on either side
MOST_TEXT = 8_000_000  # characters written at once
MOST_TOO_LONG = 10_000  # texts that are left at once because they would be too long
AT_A_TIME = 20  # records whose texts are in memory, each with half a megabyte of them
TOO_LONG = "would be too long"


class Replacement(msgspec.Struct, frozen=True, dict=True):
    """What to find in which fields, and what goes in its place; ``ids`` are the records to look into, or all."""

    find: str
    new: str
    fields: Sequence[Field]
    is_case_kept: bool = False
    ids: frozenset[UUID] = frozenset()

    @cached_property
    def finder(self) -> Finder:
        """What finds the text, whatever its case unless that was asked for."""
        return Finder(self.find, is_case_kept=self.is_case_kept)


class Match(msgspec.Struct, frozen=True, dict=True):
    """A field of a record in which the text was found: the text there, and what it becomes."""

    record: Record
    field: Field
    old: str
    at: int
    replacement: Replacement

    @cached_property
    def new(self) -> str:
        """The new text; where it is longer than the field can be, the replacing ended there."""
        return _replaced(self.record[self.field.name], self.field, self.replacement)

    @property
    def is_too_long(self) -> bool:
        """Whether the field cannot be as long as the text becomes."""
        return not isinstance(self.field.type, Tags) and len(self.new) > self.field.type.max_length

    @property
    def before(self) -> str:
        """The old text around the first place where it was found."""
        return _around(self.old, self.at)

    @property
    def after(self) -> str:
        """The new text around the same place."""
        return _around(self.new, self.at)


def text_fields(kind: Kind) -> list[Field]:
    """Return the fields whose text can be replaced."""
    return [field for field in kind.editable if type(field.type) in TEXTS]


def look(uow: UnitOfWork, kind: Kind, criteria: Criteria, replacement: Replacement) -> dict[UUID, int]:
    """Return in how many fields of each record of a list the text stands, in the order of the list."""
    linked, counts = uow.names.linked_by(kind), {}
    # As it stands in the stored text, in JSON: to fold that for a search would cost five times as much.
    stored = Finder(msgspec.json.encode(replacement.find).decode()[1:-1], is_case_kept=replacement.is_case_kept)
    passes = text_filter(kind, criteria.q, linked)
    is_wanted = {record_id.bytes for record_id in replacement.ids}

    def may_match(text: str) -> bool:
        return stored.first(text) >= 0 and (passes is None or passes(text))

    def found() -> Iterator[Scanned]:
        for row in uow.records.search(kind, may_match):
            if not is_wanted or row.id in is_wanted:
                values = (field.type.write(_value(row, field)) for field in replacement.fields)
                if count := sum(replacement.finder.first(text) >= 0 for text in values):
                    counts[row.id] = count
                    yield row

    return {UUID(bytes=row.id): counts[row.id] for row in select(kind, found(), criteria, linked, current_zone())}


def matches(uow: UnitOfWork, kind: Kind, ids: Iterable[UUID], replacement: Replacement) -> Iterator[Match]:
    """Yield the matches in these records, with few of them in memory at a time."""
    waiting = iter(ids)
    while some := list(islice(waiting, AT_A_TIME)):
        for record in uow.records.get_many(kind, some, with_detail=True):
            for field in replacement.fields:
                old = field.type.write(record.values.get(field.name))
                if (at := replacement.finder.first(old)) >= 0:
                    yield Match(record, field, old, at, replacement)


def edits(found: Iterator[Match], most: int, name_of: Callable[[Record], str]) -> tuple[list[RowEdit], list[Left]]:
    """Return the edits that replace these matches in at most so many records.

    Beside them is what is left because it would be too long: it takes no room from others, as long as it is not much.
    What comes after that is not looked at.
    """
    texts: dict[UUID, dict[str, str]] = {}
    versions: dict[UUID, int] = {}
    too_long: list[Left] = []
    room = MOST_TEXT
    for match in found:
        record_id = match.record.id
        if (record_id not in texts and len(texts) >= most) or len(too_long) >= MOST_TOO_LONG:
            break
        if match.is_too_long:
            too_long.append(Left(match.field.label, name_of(match.record), TOO_LONG))
            continue
        if len(match.new) > room:
            break
        room -= len(match.new)
        texts.setdefault(record_id, {})[match.field.name] = match.new
        versions[record_id] = match.record.version
    return [RowEdit(record_id, versions[record_id], row) for record_id, row in texts.items()], too_long


def _value(row: Scanned, field: Field) -> Wire:
    return value_at(row.summary if field.section == "summary" else row.detail or (), field.number)


def _replaced(value: Wire, field: Field, replacement: Replacement) -> str:
    """Return the text of a value with every match replaced; a tag of which nothing is left goes.

    50,000 letters replaced by 300 each would be 15 million: a text that gets too long for its field goes no further.
    """
    new, finder = replacement.new, replacement.finder
    if isinstance(value, list):
        return field.type.write([text for tag in value if (text := finder.replaced(tag, new).strip())])
    old, growth = field.type.write(value), len(new) - len(replacement.find)  # a match is as long as the text to find
    most = max(field.type.max_length - len(old), 0) // growth + 1 if growth > 0 else -1
    return finder.replaced(old, new, most)


def _around(text: str, at: int) -> str:
    start, end = max(at - AROUND, 0), at + 2 * AROUND
    piece = " ".join(text[start:end].split())
    return f"{'…' if start else ''}{piece}{'…' if end < len(text) else ''}"
