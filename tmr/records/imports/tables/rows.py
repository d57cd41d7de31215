"""Reads the rows of one table of an import and sorts them: new, repeated, refused."""

import datetime as dt
from collections.abc import Iterator
from itertools import islice
from uuid import UUID, uuid4

import msgspec

from tmr.domain.fields.kind import Kind, pipeline_of_kind
from tmr.domain.fields.type import Wire
from tmr.domain.fields.types.times import Zone
from tmr.domain.importing.duplicates import Duplicates, Like, Marks
from tmr.domain.importing.plan import ADD, PREVIEW_ROWS, ROWS_ARE_STEPS, SKIP, UPDATE, Plan, cells_of
from tmr.domain.importing.reading.staged import Staged
from tmr.domain.importing.rows.draft import Draft, Step
from tmr.domain.importing.rows.reader import RowReader
from tmr.domain.importing.rows.steps import joined_steps, step_of
from tmr.domain.kinds.application import APPLICATION, STATUS
from tmr.domain.kinds.contact import CONTACT
from tmr.domain.kinds.document import DOCUMENT
from tmr.domain.kinds.event import EVENT, status_event
from tmr.records.editing import sent, timeline
from tmr.records.imports.tables.likes import MOST_LIKES, named_likes
from tmr.records.imports.tables.linking import ImportLinks
from tmr.records.imports.tables.people import People
from tmr.records.imports.tables.results import PROBLEM, SHOWN_NOTED, LeftRows, LikeRow, NamedRow, Result
from tmr.records.imports.tables.stored_steps import StoredSteps
from tmr.records.imports.tables.updates import merged, stored_in_batches
from tmr.repository.records.records import Change, NewRecord
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.display.zone import zone_named

REPEATED = "it is in this file already"
STORED = "you already have it"
CHOSEN = "it looks like another one, and you chose to skip it"
TWICE = "another row of this file updates it"
NEW_STEP = "you already have it, but not this step: “Update it” adds the step"
SHOWN_ASIDES = 100
DAY_APART = dt.timedelta(milliseconds=100)  # enough for the rows of one day, and ten years are six minutes
MOST_DAYS_APART = 3_650
MOST_NAMED = 2_000  # rows that are named one by one; all are counted


class Known:
    """The stored records that rows can repeat, and the rows met so far: shared by all tables of one import."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow
        self._by_kind: dict[str, Duplicates] = {}

    def of(self, kind: Kind) -> Duplicates:
        """Return what is known of one kind."""
        if kind.key not in self._by_kind:
            self._by_kind[kind.key] = Duplicates(kind, self._uow.records.scan(kind))
        return self._by_kind[kind.key]


class _Row(msgspec.Struct):
    """A record in the file: the number and the cells of its row.

    ``steps`` are the number, the cells and the step of each row of a log that tells of it.
    """

    line: int
    cells: list[str]
    draft: Draft
    steps: list[tuple[int, list[str], Step]] = []


class PartWork:
    """The import of one table, or of its first ``most`` rows: sorted, counted, and made into records or updates."""

    def __init__(
        self,
        uow: UnitOfWork,
        kind: Kind,
        plan: Plan,
        source: Staged,
        links: ImportLinks,
        known: Known,
        now: dt.datetime,
        most: int | None = None,
    ) -> None:
        self._uow = uow
        self._plan = plan
        self._now = now
        self._most = most
        self._links = links
        self.kind = kind
        self._source = source
        self._reader = RowReader(self.kind, plan, links, now, zone_named(uow.account.preferences().zone))
        self._known = known.of(self.kind)
        self._created = uow.records.created(self.kind) if plan.is_exact else {}
        if plan.is_exact:
            self._known.know_instants(self._created)
        self._of_file = {self._reader.created_at(cells) for _, cells in self._cells()} if plan.is_exact else set()
        self._added_anyway = frozenset(plan.added_anyway)
        self._met: set[UUID] = set()
        self._zone = _own_zone(uow, self.kind)
        self._people = People()
        self._events: list[NewRecord] = []
        self._documents: list[dict[str, Wire]] = []
        self._stored_steps = StoredSteps(uow)
        self._dated: set[UUID] = set()  # stored applications whose new stage has a day of its own
        self._last_age = dt.timedelta()
        self._left = LeftRows(plan.name, [*plan.table.header, PROBLEM])
        self.updates: dict[UUID, Draft] = {}
        self.first: list[tuple[int, Draft]] = []
        self.result = Result(left=[self._left])
        # Ascending, so that records of one instant stay in the order of the file.
        self._ids = iter(sorted(uuid4() for _ in range(plan.rows)))

    def _cells(self) -> Iterator[tuple[int, list[str]]]:
        return islice(cells_of(self._plan, lambda: self._source.text(self._plan)), self._most)

    def drafts(self) -> Iterator[NewRecord]:
        """Yield the records to add, in the order of the file; count and remember the rest."""
        for position, row in enumerate(self._rows()):
            draft = row.draft
            if draft.error:
                self._reject(row.line, row.cells, draft)
                continue
            stored = self._repeated(row)
            record_id = stored or next(self._ids)
            self._links.know(self.kind, draft, record_id)
            if stored is None:
                self.result.added += 1
                self._count_noted(row.line, draft)
                self._meet(draft, record_id)
                self._note_steps(draft, record_id)
                if len(self.first) < PREVIEW_ROWS:
                    self.first.append((row.line, draft))
                if self.kind.key == DOCUMENT.key and not self._plan.is_exact:
                    self._documents.append(draft.values)
                yield self._new(draft, position, record_id)

    def write_linked(self, import_id: UUID) -> None:
        """Write the contacts and the entries of timelines that the rows brought beside their records."""
        self._uow.records.add_many(EVENT, self._events, import_id)
        sent.join_new(self._uow, self.kind, self._documents, self._now, import_id)
        self._count_linked(EVENT.key, len(self._events))
        self._count_linked(CONTACT.key, self._people.write(self._uow, import_id, self._now))

    def count_linked(self) -> None:
        """Count, for a preview, what ``write_linked`` would write."""
        self._count_linked(EVENT.key, len(self._events))
        self._count_linked(CONTACT.key, len(self._people))

    def write_updates(self, import_id: UUID) -> None:
        """Write what repeated rows change in their stored records, as part of the import."""
        for stored in stored_in_batches(self._uow, self.kind, self.updates):
            changes = [
                Change(record.id, self._merged(record.values, self.updates[record.id].brought)) for record in stored
            ]
            changed = self._uow.records.update_many(self.kind, changes, self._now, import_id)
            if self.kind.key == APPLICATION.key and not self._plan.is_exact:
                undated = [change for change in changed if change.before.id not in self._dated]
                timeline.note_statuses(self._uow, undated, self._now, import_id)
            if not self._plan.is_exact:
                sent.join_changed(self._uow, self.kind, changed, self._now, import_id)

    def _rows(self) -> Iterator[_Row]:
        """Yield each row that is a record; rows that are steps of one application come as one."""
        read = ((line, cells, self._reader.read(cells)) for line, cells in self._cells())
        if self._plan.rows_are != ROWS_ARE_STEPS:
            for line, cells, draft in read:
                if not self._put_aside(line, cells, draft):
                    yield _Row(line, cells, draft)
            return
        whole: list[tuple[int, Draft]] = []
        steps: dict[int, tuple[int, list[str], Step]] = {}
        for line, cells, draft in read:
            if self._put_aside(line, cells, draft):
                continue
            if draft.error:
                yield _Row(line, cells, draft)
            else:
                whole.append((line, draft))
                steps[line] = line, cells, step_of(self.kind, draft)
        for lines, draft in joined_steps(self.kind, pipeline_of_kind(self.kind), whole):
            yield _Row(lines[0], steps[lines[0]][1], draft, [steps[line] for line in lines])

    def _put_aside(self, line: int, cells: list[str], draft: Draft) -> bool:
        """Whether a row is no record; it is named all the same."""
        if draft.aside:
            # Each is counted by its number; only the first are shown with their texts.
            text = " ".join(" ".join(cells).split())[:160] if len(self.result.asides) < SHOWN_ASIDES else ""
            self.result.asides.append(NamedRow(line, text, draft.aside, self._plan.entry))
        return bool(draft.aside)

    def _repeated(self, row: _Row) -> UUID | None:
        """Count a repeated row, and return the record that it repeats; None for a row to add.

        The id 0 means that it repeats an earlier row of the file, which is not stored yet.
        """
        draft = row.draft
        marks = self._known.marks(draft.values, draft.reference, draft.apart)
        stored = self._stored_as(draft, marks)
        is_repeated = not self._plan.is_exact and self._known.is_repeated(marks)
        if not (stored or is_repeated):
            return self._as_decided(row, marks)
        if self._plan.duplicates == ADD or self._is_added_anyway(row):
            return None
        if stored and self._plan.duplicates == UPDATE and stored not in self.updates:
            self._update(row, stored)
        else:
            again = stored in self.updates
            self._skip(row, stored, TWICE if again else STORED if stored else REPEATED)
        return stored or UUID(int=0)

    def _as_decided(self, row: _Row, marks: Marks) -> UUID | None:
        """Do what was decided about a row that only looks like a record, or like an earlier row; else it is added."""
        draft = row.draft
        if self._plan.is_exact or not draft.given.issuperset(self.kind.identity.alike or ()):
            return None
        like = self._known.find_like(marks)
        if like is None:
            self._known.meet(marks, self._place(row))
            return None
        choice = self._plan.decided.get(str(row.line), ADD)
        self._name_like(row, like, choice)
        if choice == UPDATE and like.record_id and like.record_id not in self.updates:
            self._update(row, like.record_id)
        elif choice in (SKIP, UPDATE):
            self._skip(row, like.record_id, TWICE if like.record_id in self.updates else CHOSEN)
        else:
            return None
        return like.record_id or UUID(int=0)

    def _name_like(self, row: _Row, like: Like, choice: str) -> None:
        self.result.alike += 1
        if len(self.result.likes) < MOST_LIKES:
            place, record_id = like.place, str(like.record_id or "")
            name = self._name(row.draft)
            self.result.likes.append(LikeRow(row.line, name, place, self._plan.entry, choice, record_id))

    def name_likes(self) -> None:
        """Name, for a preview, the records that rows look like."""
        self.result.likes = named_likes(self._uow, self.kind, self.result.likes)

    def _place(self, row: _Row) -> str:
        return NamedRow(row.line, "", "", self._plan.entry).place

    def _update(self, row: _Row, stored: UUID) -> None:
        self.result.updated += 1
        self.updates[stored] = row.draft
        self._add_steps(row, stored)

    def _is_added_anyway(self, row: _Row) -> bool:
        lines = (row.line, *(line for line, _, _ in row.steps))
        return not self._added_anyway.isdisjoint(lines)

    def _add_steps(self, row: _Row, stored: UUID) -> None:
        """Add the steps that the timeline of a stored application lacks, on their own days."""
        draft = row.draft
        steps = draft.steps or [step for _, _, step in row.steps if step.happened_at]
        if not steps or self.kind.key != APPLICATION.key or self._plan.is_exact:
            return
        new = [step for step in steps if self._stored_steps.lacks(stored, step)]
        for values in self._stored_steps.events(stored, new):
            self._events.append(NewRecord(values, self._now, self._now))
        if draft.values[STATUS] in {step.stage for step in steps}:
            self._dated.add(stored)

    def _skip(self, row: _Row, stored: UUID | None, why: str) -> None:
        """Count and name a row that is skipped; of a log, each of the rows that are its steps."""
        rows: list[tuple[int, list[str], Step | None]] = [*row.steps] or [(row.line, row.cells, None)]
        for line, cells, step in rows:
            is_new = bool(step and stored and why == STORED and self._stored_steps.lacks(stored, step))
            said = NEW_STEP if is_new else why
            self.result.skipped += 1
            if len(self.result.skips) < MOST_NAMED:
                self.result.skips.append(NamedRow(line, self._name(row.draft), said, self._plan.entry))
            if not self._plan.is_exact:
                self._left.rows.append((line, said, cells))

    def _reject(self, line: int, cells: list[str], draft: Draft) -> None:
        self.result.rejected += 1
        if len(self.result.refusals) < MOST_NAMED:
            text = " ".join(" ".join(cells).split())[:80]
            self.result.refusals.append(NamedRow(line, text, draft.error, self._plan.entry))
        self._left.rows.append((line, draft.error, cells))

    def _name(self, draft: Draft) -> str:
        names = self._links.names_in(self.kind, draft.values)
        return self.kind.title_of(draft.values, names)[:120]

    def _meet(self, draft: Draft, record_id: UUID) -> None:
        if (draft.person or draft.others) and self.kind.key == APPLICATION.key:
            company, notes = str(draft.values["company"] or ""), self.kind.catch_all
            people = filter(None, (draft.person, *draft.others))
            lines = [line for person in people for line in self._people.meet(person, company, record_id)]
            if lines:
                draft.values[notes] = "\n".join(filter(None, (str(draft.values[notes] or ""), *lines)))

    def _note_steps(self, draft: Draft, record_id: UUID) -> None:
        before = None
        for step in draft.steps:
            if step.happened_at:
                values = status_event(record_id, before, step.stage, step.happened_at)
                self._events.append(NewRecord({**values, "text": step.text or None}, self._now, self._now))
                before = step.stage

    def _stored_as(self, draft: Draft, marks: Marks) -> UUID | None:
        """Return which of the stored records a row is, or None for a new one.

        No two rows of our own export are the same record. So it is the one that was added at the row's own instant,
        else the oldest that was added at none of the instants in the file.
        """
        if not self._plan.is_exact:
            return next(iter(self._known.find_stored(marks)), None)
        same = self._known.find_added_at(marks, draft.created_at) if draft.created_at else []
        best = [record_id for record_id in same if record_id not in self._met]
        if not best:
            left = (record_id for record_id in self._known.find_stored(marks) if record_id not in self._met)
            others = [record_id for record_id in left if self._created[record_id] not in self._of_file]
            best = sorted(others, key=lambda record_id: self._created[record_id])
        self._met.update(best[:1])
        return next(iter(best), None)

    def _new(self, draft: Draft, position: int, record_id: UUID) -> NewRecord:
        # A microsecond apart, so that lists show them in the order of the file, first row first; applications with the
        # latest day of applying first, as they would stand if each had been added on its day.
        step = dt.timedelta(microseconds=position)
        created = min(draft.created_at or self._now - self._age(draft) - step, self._now)
        updated = min(draft.updated_at or self._now - step, self._now)
        zone = {name: value for name, value in self._zone.items() if not draft.values[name] and not self._plan.is_exact}
        return NewRecord({**draft.values, **zone}, created, updated, record_id)

    def _age(self, draft: Draft) -> dt.timedelta:
        applied = self.kind.by_role.get("applied")
        day = draft.values.get(applied.name) if applied else None
        if isinstance(day, str):
            days = (self._now.date() - dt.date.fromisoformat(day)).days
            self._last_age = DAY_APART * min(max(days, 0), MOST_DAYS_APART)
        return self._last_age  # without a day of its own: beside the row before it

    def _count_noted(self, line: int, draft: Draft) -> None:
        self.result.noted += draft.is_noted
        if draft.is_noted and len(self.result.noted_rows) < SHOWN_NOTED:
            self.result.noted_rows.append(line)

    def _count_linked(self, key: str, count: int) -> None:
        if count:
            self.result.linked[key] = self.result.linked.get(key, 0) + count

    def _merged(self, stored: dict[str, Wire], brought: dict[str, Wire]) -> dict[str, Wire]:
        return merged(self.kind, stored, brought, may_move_back=self._plan.may_move_back)


def _own_zone(uow: UnitOfWork, kind: Kind) -> dict[str, Wire]:
    zone = uow.account.preferences().zone or "UTC"
    return {field.name: zone for field in kind.fields if isinstance(field.type, Zone)}
