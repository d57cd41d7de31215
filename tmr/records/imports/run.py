"""Importing a file: stage it sealed, show what would happen, do all of it or nothing, undo it."""

import datetime as dt
import hashlib
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import TextIO
from uuid import UUID

import msgspec

from tmr.domain.fields.kind import Kind, pipeline_of_kind
from tmr.domain.importing.errors import FileRefusedError
from tmr.domain.importing.plan import Plan, propose
from tmr.domain.importing.readers.archives import NOT_KNOWN, Archive, is_zip, sheets_of_old_excel
from tmr.domain.importing.readers.markdown import csv_of_markdown
from tmr.domain.importing.readers.text import encoding_of, open_text
from tmr.domain.importing.readers.workbooks.excel.old import is_old_excel
from tmr.domain.importing.readers.workbooks.sheet import Sheet, left_out_of
from tmr.domain.kinds import KINDS, kinds_for
from tmr.domain.kinds.application import APPLICATION
from tmr.domain.pipeline.changes import joined
from tmr.domain.pipeline.stage import Stage
from tmr.records.imports.rows import ImportLinks, PartWork, Result
from tmr.records.imports.staged_file import Source, packed, sealed_upload_of
from tmr.repository.records.imports import Import
from tmr.repository.records.records import BATCH_ROWS, NewRecord
from tmr.repository.repository import Repository
from tmr.repository.unit_of_work import UnitOfWork

INLINE_ROWS = 500
INLINE_BYTES = 4 * 1024 * 1024


class Bundle(msgspec.Struct):
    """The plans of all tables in a file, in the order in which they are carried out."""

    plans: list[Plan]
    bytes: int = 0
    stages: list[Stage] = []

    @property
    def rows(self) -> int:
        """How many rows there are in all."""
        return sum(plan.rows for plan in self.plans)

    @property
    def is_small(self) -> bool:
        """Whether it is done at once, while the person waits, and not through the queue."""
        return self.rows <= INLINE_ROWS and self.bytes <= INLINE_BYTES


def start_import(uow: UnitOfWork, content: bytes, encoding: str, now: dt.datetime, wanted: str = "") -> UUID:
    """Keep a file, sealed, with a proposal; return the import's id. ``wanted`` is the plural of what its rows are.

    Raises:
        FileRefusedError: it is no table, damaged or too large; nothing was kept.
    """
    content, tables, stages, _ = _tables(content, encoding)
    kinds = kinds_for(joined(pipeline_of_kind(uow.kinds[APPLICATION.plural]), stages))
    plans = _plans(kinds, tables, encoding, wanted)
    plans.sort(key=lambda plan: list(KINDS).index(plan.kind))
    bundle = Bundle(plans, len(content), stages)
    return uow.imports.add(content, bundle, bundle.rows, now)


def kinds_of(uow: UnitOfWork, bundle: Bundle) -> dict[str, Kind]:
    """Return every kind, with the stages that an export brings along beside the person's own."""
    return kinds_for(joined(pipeline_of_kind(uow.kinds[APPLICATION.plural]), bundle.stages))


def _tables(content: bytes, encoding: str) -> tuple[bytes, list[tuple[str, bytes]], list[Stage], list[Sheet]]:
    """Return what to keep of a file, its tables by their names, its stages, and what is left out by itself.

    A file that is one table has no name for it. What is left out is a sheet, or an entry of a ZIP as a sheet without
    rows; each says why.
    """
    if is_old_excel(content):
        return _of_sheets(sheets_of_old_excel(content))
    if not is_zip(content):
        content = csv_of_markdown(content, encoding) or content
        return content, [("", content)], [], []
    archive = Archive(sealed_upload_of([content]))
    if archive.is_workbook:
        return _of_sheets(archive.sheets())
    tables = [(name, archive.read(name)) for name in archive.tables()]
    tables = [(name, table) for name, table in tables if table.strip()]
    passed_over = [Sheet(name, b"", 0, "not read") for name in archive.passed_over]
    if archive.has_inner_tables:
        return *_kept(tables), [], passed_over
    return content, tables, archive.stages(), passed_over


def _of_sheets(sheets: list[Sheet]) -> tuple[bytes, list[tuple[str, bytes]], list[Stage], list[Sheet]]:
    tables = [(f"{sheet.name}.csv", sheet.csv) for sheet in sheets if not sheet.left_out]
    return *_kept(tables), [], left_out_of(sheets)


def _kept(tables: list[tuple[str, bytes]]) -> tuple[bytes, list[tuple[str, bytes]]]:
    """Return what to keep of tables that are no entries of a ZIP: the only one as it is, or a ZIP with them."""
    if len(tables) == 1:
        return tables[0][1], [("", tables[0][1])]
    return packed(tables), tables


def _plans(kinds: Mapping[str, Kind], tables: list[tuple[str, bytes]], encoding: str, wanted: str) -> list[Plan]:
    """Propose how to read each table; of several tables in another app's ZIP, only those whose layout is known."""
    plans, problems = [], []
    for name, table in tables:
        try:
            plans.append(_propose_one(kinds, name, table, encoding, wanted))
        except FileRefusedError as error:
            problems.append(error)
    if problems and any(plan.is_exact for plan in plans):
        raise problems[0]  # no part of our own export is left out silently
    is_mixed = len(tables) > 1 and any(plan.preset for plan in plans)
    kept = [plan for plan in plans if plan.preset] if is_mixed else plans
    if not kept:
        raise problems[0] if problems else FileRefusedError(NOT_KNOWN)
    return kept


def _propose_one(kinds: Mapping[str, Kind], name: str, table: bytes, encoding: str, wanted: str) -> Plan:
    used = encoding_of(table, encoding)
    checksum = hashlib.sha256(table).hexdigest()
    return propose(kinds, lambda: open_text([table], used), used, checksum, wanted, name)


def bundle_of(stored_import: Import) -> Bundle:
    """Return the bundle of plans that is stored with an import."""
    return msgspec.convert(stored_import.plan, Bundle)


def opener(source: Source, plan: Plan) -> Callable[[], TextIO]:
    """Return a function that opens a staged table from its beginning, any number of times."""
    return lambda: source.text(plan)


def preview(uow: UnitOfWork, stored_import: Import, bundle: Bundle) -> Result:
    """Return what the import would do, without doing it."""
    result, links, kinds = Result(), ImportLinks(uow, None), kinds_of(uow, bundle)
    source = Source(uow, stored_import.id)
    for plan in bundle.plans:
        work = PartWork(uow, kinds[plan.kind], plan, source, links, dt.datetime.now(dt.UTC))
        for _ in work.drafts():  # reading the rows is what counts them
            pass
        result.include(plan.kind, work.result)
    return result


def run(repository: Repository, owner: UUID, import_id: UUID, now: dt.datetime) -> None:
    """Do an accepted import in one transaction, all of it or nothing; its progress is written in others."""
    with repository.for_owner(owner) as uow:
        stored_import = uow.imports.get(import_id)
        if stored_import.state == "queued":
            carry_out(uow, stored_import, now, lambda count: _write_progress(repository, owner, import_id, count))
            uow.commit()


def carry_out(
    uow: UnitOfWork, stored_import: Import, now: dt.datetime, note: Callable[[int], None] | None = None
) -> None:
    """Do an import in the caller's transaction; ``note`` is called with the count of rows after every 500."""
    bundle, result, source = bundle_of(stored_import), Result(), Source(uow, stored_import.id)
    links, counted, kinds = ImportLinks(uow, source), _Progress(note), kinds_of(uow, bundle)
    for plan in bundle.plans:
        work = PartWork(uow, kinds[plan.kind], plan, source, links, now)
        uow.records.add_many(work.kind, counted.through(work.drafts()), stored_import.id)
        work.write_updates(stored_import.id)
        result.include(plan.kind, work.result)
    _keep_stages(uow, kinds)
    uow.reminders.wake(now)
    uow.imports.change_state(stored_import.id, ("queued",), "done")
    uow.imports.finish(stored_import.id, result)
    if result.added > INLINE_ROWS:
        uow.records.refresh_statistics()


def _keep_stages(uow: UnitOfWork, kinds: Mapping[str, Kind]) -> None:
    """Save the stages that came with the file, if this person did not have all of them."""
    stages = kinds[APPLICATION.plural].stages
    if stages != uow.kinds[APPLICATION.plural].stages:
        uow.account.change_preferences(stages=list(stages))


def undo(uow: UnitOfWork, stored_import: Import, now: dt.datetime) -> bool:
    """Undo a whole import, at once or through the queue if it is large; return whether it is done.

    Raises:
        ImportStateError: it is not done, or was undone already.
    """
    uow.imports.change_state(stored_import.id, ("done",), "undoing")
    result = msgspec.convert(stored_import.result, Result)
    if is_small := result.changed <= INLINE_ROWS:
        _undo_changes(uow, stored_import, now)
    else:
        uow.imports.set_progress(stored_import.id, 0)
        uow.jobs.defer("undo-import", import_id=stored_import.id)
    return is_small


def run_undo(repository: Repository, owner: UUID, import_id: UUID, now: dt.datetime) -> None:
    """Undo an import in one transaction, all of it or nothing; its progress is written in others."""
    with repository.for_owner(owner) as uow:
        stored_import = uow.imports.get(import_id)
        if stored_import.state == "undoing":
            _undo_changes(uow, stored_import, now, lambda count: _write_progress(repository, owner, import_id, count))
            uow.commit()


def _undo_changes(
    uow: UnitOfWork, stored_import: Import, now: dt.datetime, note: Callable[[int], None] | None = None
) -> None:
    """Delete what was added and restore what was changed; records that were edited since are kept as they are."""
    result, is_made_up = msgspec.convert(stored_import.result, Result), not bundle_of(stored_import).plans
    result.undone = result.kept = 0
    for kind in reversed(uow.kinds.values()):  # what belongs to an application is deleted and counted before it
        added = uow.records.batches.added_by(kind, stored_import.id, untouched=not is_made_up)
        result.undone += len(uow.records.remove(kind, added, now))
        result.kept += len(uow.records.batches.added_by(kind, stored_import.id))
    for kind, versions in _changed_by(uow, stored_import.id):
        if note:
            note(result.undone + result.kept)
        undone = uow.records.undo_edits(kind, versions, now)
        result.undone += len(undone)
        result.kept += len(versions) - len(undone)
    uow.reminders.wake(now)
    uow.imports.change_state(stored_import.id, ("undoing",), "undone")
    uow.imports.finish(stored_import.id, result)


def _changed_by(uow: UnitOfWork, import_id: UUID) -> Iterator[tuple[Kind, dict[UUID, int]]]:
    for kind in uow.kinds.values():
        waiting = iter(uow.records.history.changed_by(kind, import_id).items())
        while versions := dict(islice(waiting, BATCH_ROWS)):
            yield kind, versions


class _Progress:
    """Counts the records that pass through, over all tables, and reports every 500."""

    def __init__(self, note: Callable[[int], None] | None) -> None:
        self._note = note
        self._count = 0

    def through(self, items: Iterator[NewRecord]) -> Iterator[NewRecord]:
        for item in items:
            yield item
            self._count += 1
            if self._note and self._count % INLINE_ROWS == 0:
                self._note(self._count)


def _write_progress(repository: Repository, owner: UUID, import_id: UUID, count: int) -> None:
    with repository.for_owner(owner) as uow:  # a second transaction, so that it is seen before the import commits
        uow.imports.set_progress(import_id, count)
        uow.commit()


__all__ = [
    "Bundle",
    "FileRefusedError",
    "Result",
    "bundle_of",
    "carry_out",
    "kinds_of",
    "opener",
    "preview",
    "run",
    "run_undo",
    "start_import",
    "undo",
]
