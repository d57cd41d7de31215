"""What was sent with an application: frozen when it is applied for, joined on that day, added later by hand.

It is kept in the entry of the timeline that says so. That entry is written once; what a person adds on the same day is
put into it as well, since people apply first and file the rest an hour later.
"""

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import msgspec

from tmr.domain.exporting import instant
from tmr.domain.fields.kind import Kind, pipeline_of_kind
from tmr.domain.fields.type import Wire
from tmr.domain.fields.types.links import link_ids
from tmr.domain.kinds.application import APPLICATION
from tmr.domain.kinds.document import DOCUMENT
from tmr.domain.kinds.event import EVENT, StatusChange, status_changes, status_event
from tmr.domain.pipeline.category import APPLIED, CATEGORY, rank
from tmr.domain.pipeline.pipeline import Pipeline
from tmr.domain.record import Record
from tmr.repository.records.records import Changed
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.display.zone import zone_named

Values = Mapping[str, Wire]

SHA256 = ", SHA-256 "  # between the name of a document and its hash, in what an event keeps
MOST_SENT = 60  # documents copied: their names and hashes fit into one long text with room to spare
POSTING, DOCUMENT_LINK = "job_description", "application_ids"
NO_DAY = "Fill in the day you applied first: what you sent is kept with that day."
NO_POSTING = "There is no job description to keep yet."
IS_KEPT = "Another posting is kept as sent already. It stays as it was."
IS_FULL = f"No more than {MOST_SENT} documents can be kept as sent."


class SentRefusedError(ValueError):
    """What cannot be added to what was sent; the message says why."""


class Addition(msgspec.Struct):
    """What joins the entry of one application: a posting, documents, or both."""

    posting: Wire = None
    documents: list[Values] = []


class Kept(msgspec.Struct, frozen=True):
    """One document as it was sent: its number among the files of its event, or 0 if it had no file."""

    number: int
    name: str
    sha256: str = ""


def kept_files(event: Record) -> list[Kept]:
    """Return the documents that were sent with an application, as its event kept them."""
    lines = str(event["sent"] or "").splitlines()
    kept, number = [], 0
    for name, _, sha256 in (line.partition(SHA256) for line in lines):
        number += bool(sha256)
        kept.append(Kept(number if sha256 else 0, name, sha256))
    return kept


def sha256_of(posting: Wire) -> str:
    """Return the fingerprint of a posting, as an entry keeps it."""
    return hashlib.sha256(str(posting).encode()).hexdigest()


def is_sending(pipeline: Pipeline, before: Wire, after: Wire) -> bool:
    """Whether a move means that the application has just gone out."""
    was, becomes = pipeline.category_of(before), pipeline.category_of(after)
    return becomes in CATEGORY and CATEGORY[becomes].is_sent and rank(was) < rank(APPLIED)


def frozen(values: Values, documents: Sequence[Values]) -> dict[str, Wire]:
    """Return the posting's text and the documents as they are now, with their hashes, as values of an entry."""
    return _joined({}, Addition(values.get(POSTING), list(documents)))


def join_new(
    uow: UnitOfWork, kind: Kind, added: Iterable[Values], now: dt.datetime, import_id: UUID | None = None
) -> None:
    """Put the documents among these new records into the entries of today, of the applications that they link to."""
    if kind.key == DOCUMENT.key:
        _join(uow, _of_documents(({}, values) for values in added), now, import_id)


def join_changed(
    uow: UnitOfWork, kind: Kind, changed: Iterable[Changed], now: dt.datetime, import_id: UUID | None = None
) -> None:
    """Put what these changes brought into the entries of today: postings, newly linked documents, a first file.

    A posting takes the place of the one that was kept earlier today. What was kept on an earlier day stays as it is.
    """
    if kind.key == APPLICATION.key:
        _join(uow, _of_postings(changed), now, import_id)
    elif kind.key == DOCUMENT.key:
        _join(uow, _of_documents((change.before.values, change.values) for change in changed), now, import_id)


def applications_joined(before: Values, after: Values) -> list[str]:
    """Return the applications that a document is sent with after a change, and was not before."""
    if after.get("file") and not before.get("file"):
        return link_ids(after.get(DOCUMENT_LINK))
    earlier = link_ids(before.get(DOCUMENT_LINK))
    return [application for application in link_ids(after.get(DOCUMENT_LINK)) if application not in earlier]


def add_by_hand(
    uow: UnitOfWork, application: Record, document: Record | None, now: dt.datetime, *, replaces: bool
) -> tuple[Record | None, Record]:
    """Add a document, or without one the posting, to what was sent; return the entry as it was, and as it is.

    An application that came without an entry, such as an imported one, gets one on the day it was applied for. With
    ``replaces``, the posting takes the place of another one that is kept.

    Raises:
        SentRefusedError: there is nothing to add, no day to add it to, no room, or another posting is kept.
    """
    addition = Addition(None, [document.values]) if document else Addition(application[POSTING])
    if not document and not addition.posting:
        raise SentRefusedError(NO_POSTING)
    if not (latest := _latest_entries(uow, [application.id]).get(str(application.id))):
        return None, _new_entry(uow, application, addition, now)
    [entry] = uow.records.locked(EVENT, [latest[0]])
    if addition.posting and entry["posting"] not in (None, addition.posting) and not replaces:
        raise SentRefusedError(IS_KEPT)
    joined = _joined(entry.values, addition)
    if document and not _holds(joined, document.values):
        raise SentRefusedError(IS_FULL)
    return entry, uow.records.write(entry, joined, None, now)


def _new_entry(uow: UnitOfWork, application: Record, addition: Addition, now: dt.datetime) -> Record:
    kind = uow.kinds[APPLICATION.plural]
    day, stage = application[kind.by_role["applied"].name], pipeline_of_kind(kind).first_of(APPLIED)
    if not isinstance(day, str) or stage is None:
        raise SentRefusedError(NO_DAY)
    noon = dt.datetime.combine(dt.date.fromisoformat(day), dt.time(12), _zone_of(uow))
    values = status_event(application.id, None, stage.key, instant(min(noon.astimezone(dt.UTC), now))[:19] + "Z")
    return uow.records.add(EVENT, {**values, **_joined({}, addition)}, now)


def _zone_of(uow: UnitOfWork) -> dt.tzinfo:
    # Not the zone of the request: large imports are done by the worker.
    return zone_named(uow.account.preferences().zone)


def _of_postings(changed: Iterable[Changed]) -> dict[str, Addition]:
    return {
        str(change.before.id): Addition(change.values[POSTING])
        for change in changed
        if change.values.get(POSTING) and change.values[POSTING] != change.before.values.get(POSTING)
    }


def _of_documents(changed: Iterable[tuple[Values, Values]]) -> dict[str, Addition]:
    additions: dict[str, Addition] = {}
    for before, after in changed:
        for application in applications_joined(before, after):
            additions.setdefault(application, Addition()).documents.append(after)
    return additions


def _join(uow: UnitOfWork, additions: Mapping[str, Addition], now: dt.datetime, import_id: UUID | None) -> None:
    if not additions:
        return
    zone, latest = _zone_of(uow), _latest_entries(uow, map(UUID, additions))
    today = now.astimezone(zone).date()
    todays = {event: application for application, (event, at) in latest.items() if at.astimezone(zone).date() == today}
    entries = uow.records.locked(EVENT, list(todays))
    pairs = [(entry, _joined(entry.values, additions[todays[entry.id]])) for entry in entries]
    uow.records.write_many(pairs, now, import_id)


def _latest_entries(uow: UnitOfWork, applications: Iterable[UUID]) -> dict[str, tuple[UUID, dt.datetime]]:
    """Return which entry says last that an application went out, and when that was, by the application's id."""
    pipeline = pipeline_of_kind(uow.kinds[APPLICATION.plural])
    latest: dict[str, tuple[UUID, dt.datetime]] = {}
    for row in uow.records.scan(EVENT, naming=[one.bytes for one in applications]):
        change: StatusChange | None = next(status_changes([row]), None)
        if change is None or not is_sending(pipeline, change.from_stage, change.to_stage):
            continue
        at = dt.datetime.fromisoformat(change.happened_at)
        if change.application_id not in latest or latest[change.application_id][1] < at:
            latest[change.application_id] = UUID(bytes=row.id), at
    return latest


def _joined(entry: Values, addition: Addition) -> dict[str, Wire]:
    """Return the values of an entry that holds the addition as well; a document that it holds is not added twice."""
    values: dict[str, Wire] = {
        "posting": addition.posting or entry.get("posting"),
        "posting_sha256": sha256_of(addition.posting) if addition.posting else entry.get("posting_sha256"),
    }
    lines, files = str(entry.get("sent") or "").splitlines(), [*link_ids(entry.get("sent_files"))]
    for document in addition.documents:
        if _is_among(document, lines, files):
            continue
        lines = [line for line in lines if line != document.get("name")]  # it was there by its name, without a file
        if len(lines) < MOST_SENT:
            lines.append(_line(document))
            files += link_ids(document.get("file"))
    return {**values, "sent": "\n".join(lines) or None, "sent_files": files or None}


def _holds(entry: Values, document: Values) -> bool:
    return _is_among(document, str(entry.get("sent") or "").splitlines(), link_ids(entry.get("sent_files")))


def _is_among(document: Values, lines: Sequence[str], files: Sequence[str]) -> bool:
    return document["file"] in files if document.get("file") else _line(document) in lines


def _line(document: Values) -> str:
    if not document.get("file_sha256"):
        return str(document["name"])
    return f"{document['name']} ({document['file_name']}){SHA256}{document['file_sha256']}"
