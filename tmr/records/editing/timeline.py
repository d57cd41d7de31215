"""What the app writes to an application's timeline: each change of status, and a copy of what was sent."""

import datetime as dt
from collections.abc import Iterable, Sequence
from uuid import UUID

from tmr.domain.exporting import instant
from tmr.domain.fields.kind import Values, pipeline_of_kind
from tmr.domain.kinds.application import APPLICATION, STATUS
from tmr.domain.kinds.document import DOCUMENT
from tmr.domain.kinds.event import EVENT, status_event
from tmr.domain.pipeline.category import SAVED
from tmr.domain.pipeline.pipeline import Pipeline
from tmr.domain.record import Record
from tmr.records.editing import sent
from tmr.repository.records.records import Changed, NewRecord
from tmr.repository.unit_of_work import UnitOfWork


def note_statuses(uow: UnitOfWork, changed: Iterable[Changed], now: dt.datetime, import_id: UUID | None = None) -> None:
    """Write an event for each application whose status changed; with ``import_id``, as a part of that import."""
    moves = [change for change in changed if change.before.values.get(STATUS) != change.values.get(STATUS)]
    pipeline = pipeline_of_person(uow)
    sendings = [
        move.before.id for move in moves if sent.is_sending(pipeline, move.before.values[STATUS], move.values[STATUS])
    ]
    documents = _documents_of(uow, sendings)
    events = []
    for move in moves:
        application = move.before
        values = status_event(application.id, application.values[STATUS], move.values[STATUS], instant(now)[:19] + "Z")
        if application.id in sendings:
            values |= sent.frozen(move.values, documents.get(str(application.id), []))
        events.append(NewRecord(values, now, now))
    add_entries(uow, events, import_id)


def add_entries(uow: UnitOfWork, entries: Sequence[NewRecord], import_id: UUID | None = None) -> None:
    """Add entries that say what a change did, as far as there is room: a move is never refused for its entry.

    The history of the record tells of it all the same.
    """
    uow.records.add_many(EVENT, entries[: uow.records.counts.room_for(EVENT)], import_id)


def note_creation(uow: UnitOfWork, record: Record, now: dt.datetime) -> None:
    """Write the first event of an application that does not begin as saved, with a copy of what was sent."""
    status, pipeline = record.values[STATUS], pipeline_of_person(uow)
    if pipeline.category_of(status) == SAVED:
        return
    values = status_event(record.id, None, status, instant(now)[:19] + "Z")
    if sent.is_sending(pipeline, None, status):
        values |= sent.frozen(record.values, _documents_of(uow, [record.id]).get(str(record.id), []))
    add_entries(uow, [NewRecord(values, now, now)])


def pipeline_of_person(uow: UnitOfWork) -> Pipeline:
    """Return the stages of the person of this unit of work."""
    return pipeline_of_kind(uow.kinds[APPLICATION.plural])


def _documents_of(uow: UnitOfWork, applications: Sequence[UUID]) -> dict[str, list[Values]]:
    if not applications:
        return {}
    by_application: dict[str, list[Values]] = {}
    for document in uow.records.get_many(DOCUMENT, uow.records.links.sources(applications, DOCUMENT.key)):
        for application in document.values["application_ids"] or ():  # type: ignore[union-attr]
            by_application.setdefault(application, []).append(document.values)
    return by_application
