"""The timeline of an application writes itself: each change of status, and what was sent on the day it was sent."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from uuid import UUID

from tmr.domain.exporting import instant
from tmr.domain.fields.kind import pipeline_of_kind
from tmr.domain.fields.type import Wire
from tmr.domain.kinds.application import APPLICATION, STATUS
from tmr.domain.kinds.document import DOCUMENT
from tmr.domain.kinds.event import EVENT, status_event
from tmr.domain.pipeline.category import APPLIED, CATEGORY, SAVED, rank
from tmr.domain.pipeline.pipeline import Pipeline
from tmr.domain.record import Record
from tmr.repository.records.records import Changed, NewRecord
from tmr.repository.unit_of_work import UnitOfWork

MOST_SENT = 60  # documents that are kept as they were: what a field of many lines holds with room to spare


def note_statuses(uow: UnitOfWork, changed: Iterable[Changed], now: dt.datetime, import_id: UUID | None = None) -> None:
    """Write an event, part of an import if one is named, for each application whose status is another one now."""
    moved = [one for one in changed if one.before.values.get(STATUS) != one.values.get(STATUS)]
    pipeline = pipeline_of_person(uow)
    sending = [one.before.id for one in moved if _is_sent(pipeline, one.before.values[STATUS], one.values[STATUS])]
    documents = _documents_of(uow, sending)
    events = []
    for one in moved:
        values = status_event(one.before.id, one.before.values[STATUS], one.values[STATUS], instant(now)[:19] + "Z")
        if one.before.id in sending:
            values |= _frozen(one.values, documents.get(str(one.before.id), []))
        events.append(NewRecord(values, now, now))
    uow.records.add_many(EVENT, events, import_id)


def note_creation(uow: UnitOfWork, record: Record, now: dt.datetime) -> None:
    """Write the first event of an application that does not begin as saved, and freeze what was sent."""
    status, pipeline = record.values[STATUS], pipeline_of_person(uow)
    if pipeline.category_of(status) == SAVED:
        return
    values = status_event(record.id, None, status, instant(now)[:19] + "Z")
    if _is_sent(pipeline, None, status):
        values |= _frozen(record.values, _documents_of(uow, [record.id]).get(str(record.id), []))
    uow.records.add(EVENT, values, now)


def take_back(uow: UnitOfWork, application: UUID, changed_at: dt.datetime, now: dt.datetime) -> None:
    """Take away the events that the change of that very instant wrote, since it is undone."""
    written = [one.id for one in uow.records.linked(EVENT, application) if one.created_at == changed_at]
    uow.records.remove(EVENT, written, now)


def pipeline_of_person(uow: UnitOfWork) -> Pipeline:
    """Return the stages of the person of this unit of work."""
    return pipeline_of_kind(uow.kinds[APPLICATION.plural])


def _is_sent(pipeline: Pipeline, before: Wire, after: Wire) -> bool:
    """Whether a move means that the application has just gone out."""
    was, becomes = pipeline.category_of(before), pipeline.category_of(after)
    return becomes in CATEGORY and CATEGORY[becomes].is_sent and rank(was) < rank(APPLIED)


def _frozen(values: dict[str, Wire], documents: Sequence[Record]) -> dict[str, Wire]:
    """Return the posting's text and the documents as they are now, with their hashes."""
    posting, documents = values.get("job_description"), documents[:MOST_SENT]
    lines = [_line(one.values) for one in documents]
    return {
        "posting": posting,
        "posting_sha256": hashlib.sha256(str(posting).encode()).hexdigest() if posting else None,
        "sent": "\n".join(lines) or None,
        "sent_files": [str(one.values["file"]) for one in documents if one.values["file"]] or None,
    }


def _line(document: dict[str, Wire]) -> str:
    if not document["file_sha256"]:
        return str(document["name"])
    return f"{document['name']} ({document['file_name']}), SHA-256 {document['file_sha256']}"


def _documents_of(uow: UnitOfWork, applications: Sequence[UUID]) -> dict[str, list[Record]]:
    if not applications:
        return {}
    found: dict[str, list[Record]] = {}
    for one in uow.records.get_many(DOCUMENT, uow.records.links.sources(applications, DOCUMENT.key)):
        for application in one.values["application_ids"] or ():  # type: ignore[union-attr]
            found.setdefault(application, []).append(one)
    return found
