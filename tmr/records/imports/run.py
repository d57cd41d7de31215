"""Importing a file: stage it sealed, show what would happen, do all of it or nothing, undo it."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from uuid import UUID

import msgspec

from tmr.domain.fields.kind import Kind, pipeline_of_kind
from tmr.domain.fields.type import Wire
from tmr.domain.importing.plan import NO_FIELD, Plan
from tmr.domain.importing.proposing.columns import IS_COUNTER
from tmr.domain.importing.reading.bundle import INLINE_ROWS, MOST_ROWS, Bundle, kinds_with, settle_fields
from tmr.domain.importing.reading.staged import Staged
from tmr.domain.kinds import own_fields_of
from tmr.domain.kinds.application import APPLICATION
from tmr.records.imports.proposal.page_room import listed
from tmr.records.imports.staged_file import Source
from tmr.records.imports.tables.linking import ImportLinks
from tmr.records.imports.tables.own_fields import expect_own_fields, keep_own_fields
from tmr.records.imports.tables.results import Result
from tmr.records.imports.tables.rows import Known, PartWork
from tmr.records.imports.tables.updates import SHOWN_CHANGES, ShownChange, shown_changes
from tmr.records.imports.tables.views import bring_views
from tmr.repository.errors import TooManyRecordsError
from tmr.repository.history.step import Trace
from tmr.repository.records.imports import Import
from tmr.repository.records.records import BATCH_ROWS, NewRecord
from tmr.repository.unit_of_work import UnitOfWork

Opens = Callable[[], UnitOfWork]
MOST_SHOWN = 2_000
WHY_LEFT_OUT = {
    IS_COUNTER: ", which only counts the rows",
    NO_FIELD: ", since the field that it was for is gone or would be one too many",
}


def kinds_of(uow: UnitOfWork, bundle: Bundle) -> dict[str, Kind]:
    """Return every kind, with the stages and the fields that a file brings along beside the person's own."""
    return kinds_with(pipeline_of_kind(uow.kinds[APPLICATION.plural]), own_fields_of(uow.kinds), bundle)


def bundle_of(uow: UnitOfWork, stored_import: Import) -> Bundle:
    """Return the bundle of plans that is stored with an import, as it fits the fields that the person has by now."""
    bundle = msgspec.convert(stored_import.plan, Bundle)
    settle_fields(pipeline_of_kind(uow.kinds[APPLICATION.plural]), own_fields_of(uow.kinds), bundle)
    return bundle


class Preview(msgspec.Struct):
    """What an import would do: its result, the first records of each table by its entry, and changes by updates."""

    result: Result
    first: dict[str, list[tuple[int, dict[str, Wire]]]]
    changes: list[ShownChange]


def preview(uow: UnitOfWork, source: Staged, bundle: Bundle, most: int | None = None) -> Preview:
    """Return what the import of a staged file, or of the first ``most`` rows of each table, would do."""
    links, kinds, known = ImportLinks(uow, None), kinds_of(uow, bundle), Known(uow)
    shown = Preview(Result(), {}, [])
    for plan in bundle.used:
        work = PartWork(uow, kinds[plan.kind], plan, source, links, known, dt.datetime.now(dt.UTC), most)
        for _ in work.drafts():  # reading the rows is what counts them
            pass
        work.count_linked()
        work.name_likes()
        shown.result.include(plan.kind, work.result)
        shown.first[plan.entry] = [(line, _beginnings(draft.values)) for line, draft in work.first]
        if work.updates and len(shown.changes) < SHOWN_CHANGES:
            shown.changes += shown_changes(uow, work.kind, work.updates, may_move_back=plan.may_move_back)
    shown.result.unread = unread(bundle)
    return shown


def _beginnings(values: dict[str, Wire]) -> dict[str, Wire]:
    """Return values with as much of each text as a page would show."""
    return {name: value[:MOST_SHOWN] if isinstance(value, str) else value for name, value in values.items()}


def unread(bundle: Bundle) -> list[str]:
    """Return, as sentences, which sheets, files, lines and columns are not imported."""
    said = [f"{name}." for name in bundle.passed_over]
    for plan in bundle.plans:
        of = f" of {plan.name}" if plan.name else ""
        if not plan.is_used:
            rows = f"{plan.rows:,} row{'s' if plan.rows != 1 else ''}"
            names = ", ".join(f"“{name}”" for name in plan.table.header if name)[:200]
            said.append(f"{plan.name}: {rows} left out{_why_left_out(plan)}. Its columns are {names}.")
            continue
        said += [f"Above the header{of}: “{text}”." for text in plan.table.above]
        for index in plan.left_out:
            why = WHY_LEFT_OUT.get(plan.reason(index), "")
            said.append(f"Column{of}: “{plan.table.header[index] or index + 1}”{why}.")
        said += [
            f"Column{of}: “{plan.table.header[index]}”{WHY_LEFT_OUT[NO_FIELD]}. Its values are in the notes."
            for index, target in enumerate(plan.columns)
            if target and plan.reason(index) == NO_FIELD
        ]
    return listed(said)


def _why_left_out(plan: Plan) -> str:
    if plan.is_beyond:
        return f", because one import takes {MOST_ROWS:,} rows in all"
    return ", because the sheet is hidden" if plan.is_hidden else ""


def run(opens: Opens, import_id: UUID, now: dt.datetime) -> None:
    """Do an accepted import in one transaction, all of it or nothing; its progress is written in others.

    ``opens`` opens units of work of its owner: those of a job, or of the request of someone whose records are locked.

    Raises:
        WorkTakenError: someone does it just now.
    """
    with opens() as uow:
        stored_import = uow.imports.take_up(import_id)
        if stored_import.state == "queued":
            carry_out(uow, stored_import, now, lambda count: _write_progress(opens, import_id, count))
            uow.commit()


def run_or_give_up(opens: Opens, import_id: UUID, now: dt.datetime) -> None:
    """Do an accepted import as ``run`` does; one that cannot succeed is marked as failed, and nothing of it is kept."""
    try:
        run(opens, import_id, now)
    except TooManyRecordsError as error:  # the proposal said so, or others were added since
        _give_up(opens, import_id, Result(unread=[str(error)]))
    except ValueError:  # FileRefusedError, or something in the file that no reader foresaw
        _give_up(opens, import_id, Result())


def _give_up(opens: Opens, import_id: UUID, result: Result) -> None:
    with opens() as uow:
        uow.imports.change_state(import_id, ("queued",), "failed")
        uow.imports.finish(import_id, result)
        uow.commit()


def carry_out(
    uow: UnitOfWork, stored_import: Import, now: dt.datetime, note: Callable[[int], None] | None = None
) -> None:
    """Do an import in the caller's transaction; ``note`` is called with the count of rows after every 500."""
    uow.hold_own_fields()
    bundle, result, source = bundle_of(uow, stored_import), Result(), Source(uow, stored_import.id)
    expect_own_fields(uow, bundle)
    links, counted, kinds, known = ImportLinks(uow, source), _Progress(note), kinds_of(uow, bundle), Known(uow)
    works: list[tuple[Plan, PartWork]] = []
    for plan in bundle.used:
        work = PartWork(uow, kinds[plan.kind], plan, source, links, known, now)
        uow.records.add_many(work.kind, counted.through(work.drafts()), stored_import.id)
        work.write_updates(stored_import.id)
        works.append((plan, work))
    for (
        plan,
        work,
    ) in works:  # last, so that a person with a row of their own is taken from there, with all that it says
        work.write_linked(stored_import.id)
        result.include(plan.kind, work.result)
    result.unread = unread(bundle)
    _keep_stages(uow, kinds)
    keep_own_fields(uow, bundle, now)
    if any(plan.is_exact and plan.entry for plan in bundle.used):
        bring_views(uow, kinds, source.views(), now)
    uow.reminders.wake(now)
    uow.records.notes.imported(stored_import.id, now)
    uow.imports.change_state(stored_import.id, ("queued",), "done")
    uow.imports.finish(stored_import.id, result.bounded())
    if result.changed > INLINE_ROWS:  # also where a few rows brought many entries of timelines
        uow.refresh_statistics()


def _keep_stages(uow: UnitOfWork, kinds: Mapping[str, Kind]) -> None:
    """Save the stages that came with the file, if this person did not have all of them."""
    stages = kinds[APPLICATION.plural].stages
    if stages != uow.kinds[APPLICATION.plural].stages:
        uow.private.change(stages=list(stages))


def undo(uow: UnitOfWork, stored_import: Import, now: dt.datetime) -> bool:
    """Undo a whole import, at once or through the queue if it is large; return whether it is done.

    Nothing of locked records is queued: the page that shows the import has it done in a request of its own.

    Raises:
        ImportStateError: it is not done, or was undone already.
    """
    uow.imports.change_state(stored_import.id, ("done",), "undoing")
    uow.steps.forget_import(stored_import.id)
    if uow.account.preferences().samples == str(stored_import.id):
        uow.account.change_preferences(samples="")
    result = msgspec.convert(stored_import.result, Result)
    if is_small := result.changed <= INLINE_ROWS:
        _undo_changes(uow, stored_import, now)
    else:
        uow.imports.set_progress(stored_import.id, 0)
        if not uow.lock.is_on:
            uow.jobs.defer("undo-import", import_id=stored_import.id)
    return is_small


def run_undo(opens: Opens, import_id: UUID, now: dt.datetime) -> None:
    """Undo an import as ``run`` does it."""
    with opens() as uow:
        stored_import = uow.imports.take_up(import_id)
        if stored_import.state == "undoing":
            _undo_changes(uow, stored_import, now, lambda count: _write_progress(opens, import_id, count))
            uow.commit()


def _undo_changes(
    uow: UnitOfWork, stored_import: Import, now: dt.datetime, note: Callable[[int], None] | None = None
) -> None:
    """Delete what was added and restore what was changed; records that were edited since are kept as they are."""
    result, is_made_up = (
        msgspec.convert(stored_import.result, Result),
        not msgspec.convert(stored_import.plan, Bundle).plans,
    )
    result.undone = result.kept = 0
    with uow.records.notes.quiet():
        for kind in reversed(uow.kinds.values()):  # what belongs to an application is deleted and counted before it
            added = uow.records.batches.added_by(kind, stored_import.id, untouched=not is_made_up)
            result.undone += len(uow.records.remove(kind, added, now))
            result.kept += len(uow.records.batches.added_by(kind, stored_import.id))
    for changed in _changed_by(uow, stored_import.id):
        if note:
            note(result.undone + result.kept)
        left = uow.undoing.bring_back(changed, now)
        result.undone += len(changed) - len(left)
        result.kept += len(left)
    uow.reminders.wake(now)
    uow.imports.change_state(stored_import.id, ("undoing",), "undone")
    uow.imports.finish(stored_import.id, result)


def _changed_by(uow: UnitOfWork, import_id: UUID) -> Iterator[list[Trace]]:
    for kind in uow.kinds.values():
        waiting = iter(uow.records.history.changed_by(kind, import_id))
        while changed := list(islice(waiting, BATCH_ROWS)):
            yield changed


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


def _write_progress(opens: Opens, import_id: UUID, count: int) -> None:
    with opens() as uow:  # a second transaction, so that it is seen before the import commits
        uow.imports.set_progress(import_id, count)
        uow.commit()


__all__ = [
    "Preview",
    "bundle_of",
    "carry_out",
    "kinds_of",
    "preview",
    "run",
    "run_or_give_up",
    "run_undo",
    "undo",
]
