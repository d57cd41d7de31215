"""Importing a file: stage it sealed, show what would happen, do it whole or not at all, take it back."""

import datetime as dt
import hashlib
from collections.abc import Callable, Iterator
from itertools import islice
from typing import TextIO
from uuid import UUID

import msgspec

from tmr.domain.application import APPLICATION
from tmr.domain.field_types import LongText, Wire
from tmr.domain.importing.duplicates import Duplicates
from tmr.domain.importing.errors import FileRefusedError
from tmr.domain.importing.own_archive import is_zip, unpack
from tmr.domain.importing.plan import ADD, UPDATE, Plan, cells_of, propose
from tmr.domain.importing.rows import Draft, RowReader
from tmr.domain.importing.text import encoding_of, open_text
from tmr.domain.pipeline import STAGE_ORDER
from tmr.domain.urls import url_hash
from tmr.repository.claims import Repository
from tmr.repository.errors import NothingToUndoError, StaleVersionError
from tmr.repository.imports import KEPT, Import
from tmr.repository.records import BATCH_ROWS, Change, NewRecord
from tmr.repository.unit_of_work import UnitOfWork

KIND = APPLICATION
INLINE_ROWS = 500
SHOWN_REJECTIONS = 50


class Result(msgspec.Struct):
    """What came of an import."""

    added: int = 0
    updated: int = 0
    skipped: int = 0
    rejected: int = 0
    rejections: list[tuple[int, str]] = []
    undone: int = 0
    kept: int = 0


def stage(uow: UnitOfWork, content: bytes, encoding: str, now: dt.datetime) -> UUID:
    """Look through a file and keep it, sealed, with a proposal; raises ``FileRefusedError``."""
    checksum = hashlib.sha256(content).hexdigest()
    table = unpack(KIND, content) if is_zip(content) else content
    name = encoding_of(table, encoding)
    plan = propose(KIND, lambda: open_text([table], name), name, checksum)
    return uow.imports.stage(table, plan, plan.rows, now)


def plan_of(found: Import) -> Plan:
    """Return an import's plan."""
    return msgspec.convert(found.plan, Plan)


def opener(uow: UnitOfWork, found: Import, plan: Plan) -> Callable[[], TextIO]:
    """Return what opens the staged file, as often as wanted."""
    return lambda: open_text(uow.imports.content(found.id), plan.encoding)


def preview(uow: UnitOfWork, found: Import, plan: Plan) -> Result:
    """Return what the import would do, without doing it."""
    work = Work(uow, found, plan, dt.datetime.now(dt.UTC))
    for _ in work.drafts():
        pass
    return work.result


def run(repository: Repository, owner: UUID, import_id: UUID, now: dt.datetime) -> None:
    """Do an accepted import in one transaction: whole or not at all. Progress is noted beside it."""
    with repository.for_owner(owner) as uow:
        found = uow.imports.get(import_id)
        if found.state == "queued":
            carry_out(uow, found, now, lambda count: _note(repository, owner, import_id, count))
            uow.commit()


def carry_out(uow: UnitOfWork, found: Import, now: dt.datetime, note: Callable[[int], None] | None = None) -> None:
    """Do an import in the caller's transaction; ``note`` hears of the progress every 500 rows."""
    work = Work(uow, found, plan_of(found), now)
    uow.records.add_many(KIND, _noted(work.drafts(), note), found.id)
    work.write_updates(found.id)
    uow.imports.finish(found.id, "done", work.result)
    if work.result.added > INLINE_ROWS:
        uow.records.refresh_statistics()


def undo(uow: UnitOfWork, found: Import, now: dt.datetime) -> Result:
    """Take a whole import back: what it added goes, what it changed is as before, unless changed again since."""
    result = msgspec.convert(found.result, Result)
    result.undone = len(uow.records.remove(KIND, uow.records.added_by(KIND, found.id), now))
    for record_id, version in uow.records.history.changed_by(found.id):
        try:
            uow.records.undo(KIND, record_id, version + 1, now)
            result.undone += 1
        except (StaleVersionError, NothingToUndoError, LookupError):
            result.kept += 1
    uow.imports.change_state(found.id, ("done",), "undone")
    uow.imports.finish(found.id, "undone", result)
    return result


class Work:
    """Goes through the rows of one import and sorts them: new, repeated, refused."""

    def __init__(self, uow: UnitOfWork, found: Import, plan: Plan, now: dt.datetime) -> None:
        self._uow = uow
        self._plan = plan
        self._now = now
        self._cells = cells_of(plan, opener(uow, found, plan))
        self._reader = RowReader(KIND, plan)
        self._known = Duplicates(KIND, uow.records.scan(KIND))
        self._updates: dict[UUID, Draft] = {}
        self.result = Result()

    def drafts(self) -> Iterator[NewRecord]:
        """Yield the records to add, in the order of the file; count and remember the rest."""
        for position, (line, cells) in enumerate(self._cells):
            draft = self._reader.read(cells)
            if draft.error:
                self._reject(line, draft.error)
            elif self._is_new(draft):
                self.result.added += 1
                yield self._new(draft, position)

    def write_updates(self, import_id: UUID) -> None:
        """Write what repeated rows bring to their stored records."""
        may_move_back = self._plan.may_move_back
        waiting = iter(self._updates)
        while ids := list(islice(waiting, BATCH_ROWS)):
            stored = self._uow.records.get_many(KIND, ids, with_detail=True)
            drafts = [(one, self._updates[one.id].values) for one in stored]
            changes = [Change(one.id, merged(one.values, new, may_move_back=may_move_back)) for one, new in drafts]
            self._uow.records.update_many(KIND, changes, self._now, KEPT, import_id)

    def _is_new(self, draft: Draft) -> bool:
        fingerprint = url_hash(draft.values.get("url"))
        stored = self._known.find_stored(draft.values, fingerprint)
        is_repeated = not self._plan.is_exact and self._known.is_repeated(draft.values, fingerprint)
        if self._plan.duplicates == ADD or not (stored or is_repeated):
            return True
        if stored and self._plan.duplicates == UPDATE:
            self.result.updated += stored not in self._updates
            self.result.skipped += stored in self._updates
            self._updates[stored] = draft
        else:
            self.result.skipped += 1
        return False

    def _new(self, draft: Draft, position: int) -> NewRecord:
        # A microsecond apart, so that the grid shows them in the order of the file, first row first.
        step = dt.timedelta(microseconds=position)
        created = min(draft.created_at or self._now + step, self._now + step)
        updated = min(draft.updated_at or self._now - step, self._now)
        return NewRecord(draft.values, created, updated)

    def _reject(self, line: int, error: str) -> None:
        self.result.rejected += 1
        if len(self.result.rejections) < SHOWN_REJECTIONS:
            self.result.rejections.append((line, error))


def merged(stored: dict[str, Wire], brought: dict[str, Wire], *, may_move_back: bool) -> dict[str, Wire]:
    """Return the changes that a repeated row makes: it fills and replaces, keeps long text that is there, empties
    nothing, and moves a status forwards only unless told otherwise."""
    changes: dict[str, Wire] = {}
    for field in KIND.fields:
        value = brought.get(field.name)
        if value is None or (isinstance(field.type, LongText) and stored.get(field.name)):
            continue
        changes[field.name] = value
    before, after = str(stored.get("status")), str(changes.get("status"))
    if not may_move_back and STAGE_ORDER.get(after, 0) < STAGE_ORDER.get(before, 0):
        changes.pop("status", None)
    return changes


def _noted(drafts: Iterator[NewRecord], note: Callable[[int], None] | None) -> Iterator[NewRecord]:
    for count, draft in enumerate(drafts, 1):
        yield draft
        if note and count % INLINE_ROWS == 0:
            note(count)


def _note(repository: Repository, owner: UUID, import_id: UUID, count: int) -> None:
    with repository.for_owner(owner) as beside:  # of its own, so that it is seen before the import commits
        beside.imports.set_progress(import_id, count)
        beside.commit()


__all__ = [
    "INLINE_ROWS",
    "FileRefusedError",
    "Result",
    "carry_out",
    "opener",
    "plan_of",
    "preview",
    "run",
    "stage",
    "undo",
]
