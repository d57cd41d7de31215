"""Finds a text in the fields of many records, and says what replacing it would make of each."""

from collections.abc import Callable, Iterator, Sequence
from uuid import UUID

import msgspec

from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Field, FieldType, Wire
from tmr.domain.fields.types.own import Line
from tmr.domain.fields.types.texts import Email, LongText, Tags, Url
from tmr.domain.listing import Criteria, select
from tmr.domain.record import Record
from tmr.domain.searching import text_filter
from tmr.records.cells.finding import Finder
from tmr.records.cells.setting import Left, RowEdit
from tmr.records.editing.changes import AT_A_TIME
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.display.zone import current_zone

TEXTS = (FieldType, Line, LongText, Tags, Url, Email)  # of the plain type itself, and not of what is derived from it
LONGEST = 300  # characters of the text to find, and of the one in its place
AROUND = 40  # characters that the preview shows on either side
MOST_TEXT = 8_000_000  # characters written at once
TOO_LONG = "would be too long"


class Replacement(msgspec.Struct, frozen=True):
    """What to find in which fields, and what goes in its place; ``ids`` are the records to look into, or all."""

    find: str
    new: str
    fields: Sequence[Field]
    is_case_kept: bool = False
    ids: frozenset[UUID] = frozenset()

    @property
    def finder(self) -> Finder:
        """What finds the text, whatever its case unless that was asked for."""
        return Finder(self.find, is_case_kept=self.is_case_kept)


class Match(msgspec.Struct, frozen=True):
    """A field of a record in which the text was found: the text there, and what it becomes.

    ``new`` ends the replacing where the text is longer than the field can be.
    """

    record: Record
    field: Field
    old: str
    new: str
    at: int

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


def matches(uow: UnitOfWork, kind: Kind, criteria: Criteria, replacement: Replacement) -> Iterator[Match]:
    """Yield the matches in a list, in its order, with few records in memory at a time."""
    linked = uow.names.linked_by(kind)
    tests = [test for test in (text_filter(kind, text, linked) for text in (criteria.q, replacement.find)) if test]
    rows = select(kind, uow.records.search(kind, _all_of(tests)), criteria, linked, current_zone())
    ids = [UUID(bytes=row.id) for row in rows]
    wanted = [record_id for record_id in ids if not replacement.ids or record_id in replacement.ids]
    finder = replacement.finder
    for start in range(0, len(wanted), AT_A_TIME):
        for record in uow.records.get_many(kind, wanted[start : start + AT_A_TIME], with_detail=True):
            for field in replacement.fields:
                old = field.type.write(record.values.get(field.name))
                if (at := finder.first(old)) >= 0:
                    new = _replaced(record[field.name], field, finder, replacement)
                    yield Match(record, field, old, new, at)


def edits(found: Iterator[Match], most: int, name_of: Callable[[Record], str]) -> tuple[list[RowEdit], list[Left], int]:
    """Return the edits that replace these matches in at most so many records, and how many matches are left over.

    Between them is what is left because it would be too long: it takes no room from others.
    """
    texts: dict[UUID, dict[str, str]] = {}
    versions: dict[UUID, int] = {}
    too_long: list[Left] = []
    room, left = MOST_TEXT, 0
    for match in found:
        record_id = match.record.id
        if match.is_too_long:
            too_long.append(Left(match.field.label, name_of(match.record), TOO_LONG))
            continue
        if (record_id not in texts and len(texts) >= most) or len(match.new) > room:
            left += 1
            continue
        room -= len(match.new)
        texts.setdefault(record_id, {})[match.field.name] = match.new
        versions[record_id] = match.record.version
    return [RowEdit(record_id, versions[record_id], row) for record_id, row in texts.items()], too_long, left


def _all_of(tests: Sequence[Callable[[str], bool]]) -> Callable[[str], bool] | None:
    return (lambda text: all(test(text) for test in tests)) if tests else None


def _replaced(value: Wire, field: Field, finder: Finder, replacement: Replacement) -> str:
    """Return the text of a value with every match replaced; a tag of which nothing is left goes.

    50,000 letters replaced by 300 each would be 15 million: a text that gets too long for its field goes no further.
    """
    new = replacement.new
    if isinstance(value, list):
        return field.type.write([text for tag in value if (text := finder.replaced(tag, new).strip())])
    old, growth = field.type.write(value), len(new) - len(replacement.find)  # a match is as long as the text to find
    most = max(field.type.max_length - len(old), 0) // growth + 1 if growth > 0 else -1
    return finder.replaced(old, new, most)


def _around(text: str, at: int) -> str:
    start, end = max(at - AROUND, 0), at + 2 * AROUND
    piece = " ".join(text[start:end].split())
    return f"{'…' if start else ''}{piece}{'…' if end < len(text) else ''}"
