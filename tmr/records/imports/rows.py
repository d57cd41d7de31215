"""Reads the rows of one table of an import and sorts them: new, repeated, refused."""

import datetime as dt
from collections.abc import Iterator
from itertools import islice
from uuid import UUID, uuid4

import msgspec

from tmr.domain.fields.files import FileTypeRefusedError, file_type_of, plain_name
from tmr.domain.fields.kind import Kind, pipeline_of_kind
from tmr.domain.fields.type import Wire
from tmr.domain.fields.types.links import FILE
from tmr.domain.fields.types.texts import LongText
from tmr.domain.fields.types.times import Zone
from tmr.domain.importing.duplicates import Duplicates
from tmr.domain.importing.plan import ADD, UPDATE, Plan, cells_of
from tmr.domain.importing.rows import Draft, RowReader
from tmr.domain.kinds import BY_KEY, linking_to
from tmr.domain.kinds.application import APPLICATION
from tmr.domain.pipeline.category import rank
from tmr.records.editing import timeline
from tmr.records.editing.links import NameIndex
from tmr.records.imports.staged_file import Source
from tmr.repository.records.imports import KEPT
from tmr.repository.records.records import BATCH_ROWS, Change, NewRecord
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.display.zone import zone_named

SHOWN_REJECTIONS = 50
SHOWN_NOTED = 10


class PartCount(msgspec.Struct):
    """What came of the rows of one kind."""

    kind: str
    added: int
    updated: int
    skipped: int
    rejected: int


class Result(msgspec.Struct):
    """What came of an import, in all and for each kind."""

    added: int = 0
    updated: int = 0
    skipped: int = 0
    rejected: int = 0
    rejections: list[tuple[int, str]] = []
    noted: int = 0
    noted_rows: list[int] = []
    undone: int = 0
    kept: int = 0
    parts: list[PartCount] = []

    @property
    def changed(self) -> int:
        """How many records the import added or updated."""
        return self.added + self.updated

    def include(self, kind: str, part: "Result") -> None:
        """Count the rows of one more table."""
        self.parts.append(PartCount(kind, part.added, part.updated, part.skipped, part.rejected))
        self.added += part.added
        self.updated += part.updated
        self.skipped += part.skipped
        self.rejected += part.rejected
        self.noted += part.noted
        self.noted_rows = [*self.noted_rows, *part.noted_rows][:SHOWN_NOTED]
        self.rejections = [*self.rejections, *part.rejections][:SHOWN_REJECTIONS]


class ImportLinks:
    """Finds what the rows of an import link to: stored records, and those of earlier rows in the same file.

    Without a source, as in a preview, nothing is stored, and every file is taken to be there.
    """

    def __init__(self, uow: UnitOfWork, source: Source | None) -> None:
        self._uow = uow
        self._source = source
        self._numbers: dict[str, dict[str, str]] = {}
        self._new_names: dict[str, dict[str, str]] = {}
        self._names: dict[str, NameIndex] = {}
        self._files: dict[str, str] = {}

    def by_number(self, key: str, number: str) -> str | None:
        """Return the id of the record that has this number in the export, or of the file with this path."""
        return self._file(number) if key == FILE else self._numbers.get(key, {}).get(number)

    def by_name(self, key: str, words: str) -> list[str]:
        """Return the ids of all records of a kind that these words can mean."""
        if key not in self._names:
            stored = self._uow.names.all_of(BY_KEY[key])
            self._names[key] = NameIndex.of({**stored, **self._new_names.get(key, {})})
        return self._names[key].find(words)

    def know(self, kind: Kind, draft: Draft, record_id: UUID) -> None:
        """Remember a row that was read, so that later rows can link to it."""
        if draft.number:
            self._numbers.setdefault(kind.key, {})[draft.number] = str(record_id)
        if record_id.int and linking_to(kind.key):
            self._new_names.setdefault(kind.key, {})[str(record_id)] = kind.title_of(draft.values)
        self._names.pop(kind.key, None)

    def _file(self, path: str) -> str | None:
        if path not in self._files:
            file_id = self._store(path)
            if file_id is None:
                return None
            self._files[path] = file_id
        return self._files[path]

    def _store(self, path: str) -> str | None:
        """Store a document of the export; return its id, or None if it is missing or of no type that is accepted."""
        if self._source is None:
            return str(UUID(int=0))
        content = self._source.file(path)
        if content is None:
            return None
        name = plain_name(path.removeprefix("documents/"))
        file_type = _type_of(content)
        if not file_type:
            return None
        file_id, _ = self._uow.files.add([content], name, file_type, dt.datetime.now(dt.UTC))
        return str(file_id)


def _type_of(content: bytes) -> str:
    try:
        # Not compared with its name: that was done when it was first uploaded.
        return file_type_of(content[:8192], "")
    except FileTypeRefusedError:
        return ""


class PartWork:
    """The import of one table: its rows sorted, counted, and made into records or updates."""

    def __init__(
        self, uow: UnitOfWork, kind: Kind, plan: Plan, source: Source, links: ImportLinks, now: dt.datetime
    ) -> None:
        self._uow = uow
        self._plan = plan
        self._now = now
        self._links = links
        self.kind = kind
        self._source = source
        self._reader = RowReader(self.kind, plan, links, now, zone_named(uow.account.preferences().zone))
        self._known = Duplicates(self.kind, uow.records.scan(self.kind))
        self._created = uow.records.created(self.kind) if plan.is_exact else {}
        self._of_file = {self._reader.created_at(cells) for _, cells in self._cells()} if plan.is_exact else set()
        self._met: set[UUID] = set()
        self._updates: dict[UUID, Draft] = {}
        self._zone = _own_zone(uow, self.kind)
        self.result = Result()
        # Ascending, so that records of one instant stay in the order of the file.
        self._ids = iter(sorted(uuid4() for _ in range(plan.rows)))

    def _cells(self) -> Iterator[tuple[int, list[str]]]:
        return cells_of(self._plan, lambda: self._source.text(self._plan))

    def drafts(self) -> Iterator[NewRecord]:
        """Yield the records to add, in the order of the file; count and remember the rest."""
        for position, (line, cells) in enumerate(self._cells()):
            draft = self._reader.read(cells)
            if draft.error:
                self._reject(line, draft.error)
                continue
            stored = self._repeated(draft)
            record_id = stored or next(self._ids)
            self._links.know(self.kind, draft, record_id)
            if stored is None:
                self.result.added += 1
                self._count_noted(line, draft)
                yield self._new(draft, position, record_id)

    def write_updates(self, import_id: UUID) -> None:
        """Write what repeated rows change in their stored records, as part of the import."""
        waiting = iter(self._updates)
        while ids := list(islice(waiting, BATCH_ROWS)):
            stored = self._uow.records.get_many(self.kind, ids, with_detail=True)
            changes = [
                Change(record.id, self._merged(record.values, self._updates[record.id].brought)) for record in stored
            ]
            changed = self._uow.records.update_many(self.kind, changes, self._now, KEPT, import_id)
            if self.kind.key == APPLICATION.key and not self._plan.is_exact:
                timeline.note_statuses(self._uow, changed, self._now, import_id)

    def _repeated(self, draft: Draft) -> UUID | None:
        """Count a repeated row, and return the record that it repeats; None for a row to add.

        The id 0 means that it repeats an earlier row of the file, which is not stored yet.
        """
        marks = self._known.marks(draft.values)
        stored = self._stored_as(draft, self._known.find_stored(marks))
        is_repeated = not self._plan.is_exact and self._known.is_repeated(marks)
        if self._plan.duplicates == ADD or not (stored or is_repeated):
            return None
        if stored and self._plan.duplicates == UPDATE:
            self.result.updated += stored not in self._updates
            self.result.skipped += stored in self._updates
            self._updates[stored] = draft
        else:
            self.result.skipped += 1
        return stored or UUID(int=0)

    def _stored_as(self, draft: Draft, candidates: list[UUID]) -> UUID | None:
        """Return which of the stored records a row is, or None for a new one.

        No two rows of our own export are the same record. So it is the one that was added at the row's own instant,
        else the oldest that was added at none of the instants in the file.
        """
        if not self._plan.is_exact:
            return next(iter(candidates), None)
        left = [record_id for record_id in candidates if record_id not in self._met]
        same = [record_id for record_id in left if self._created[record_id] == draft.created_at]
        others = [record_id for record_id in left if self._created[record_id] not in self._of_file]
        best = same or sorted(others, key=lambda record_id: self._created[record_id])
        self._met.update(best[:1])
        return next(iter(best), None)

    def _new(self, draft: Draft, position: int, record_id: UUID) -> NewRecord:
        # A microsecond apart, so that the grid shows them in the order of the file, first row first.
        step = dt.timedelta(microseconds=position)
        created = min(draft.created_at or self._now + step, self._now + step)
        updated = min(draft.updated_at or self._now - step, self._now)
        zone = {name: value for name, value in self._zone.items() if not draft.values[name] and not self._plan.is_exact}
        return NewRecord({**draft.values, **zone}, created, updated, record_id)

    def _count_noted(self, line: int, draft: Draft) -> None:
        self.result.noted += draft.is_noted
        if draft.is_noted and len(self.result.noted_rows) < SHOWN_NOTED:
            self.result.noted_rows.append(line)

    def _reject(self, line: int, error: str) -> None:
        self.result.rejected += 1
        if len(self.result.rejections) < SHOWN_REJECTIONS:
            self.result.rejections.append((line, error))

    def _merged(self, stored: dict[str, Wire], brought: dict[str, Wire]) -> dict[str, Wire]:
        return merged(self.kind, stored, brought, may_move_back=self._plan.may_move_back)


def merged(kind: Kind, stored: dict[str, Wire], brought: dict[str, Wire], *, may_move_back: bool) -> dict[str, Wire]:
    """Return the changes that a repeated row makes.

    It fills and replaces values, but keeps long text and files that are there, and empties nothing. A status only moves
    forwards, unless ``may_move_back``.
    """
    changes: dict[str, Wire] = {}
    for field in kind.fields:
        value = brought.get(field.name)
        is_kept = isinstance(field.type, LongText) or field.is_fixed
        if value is None or (is_kept and stored.get(field.name)):
            continue
        changes[field.name] = value
    pipeline = pipeline_of_kind(kind)
    before, after = (rank(pipeline.category_of(values.get("status"))) for values in (stored, changes))
    if "status" in changes and not may_move_back and after < before:
        changes.pop("status")
    for name in kind.contradictions({**stored, **changes}, {}):  # a pair that would not fit together stays as it was
        for field_name in (name, kind.by_name[name].not_below):
            changes.pop(field_name, None)
    return changes


def _own_zone(uow: UnitOfWork, kind: Kind) -> dict[str, Wire]:
    zone = uow.account.preferences().zone or "UTC"
    return {field.name: zone for field in kind.fields if isinstance(field.type, Zone)}
