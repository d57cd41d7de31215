"""When applications ended, by their timelines, and which interviews and offers ended with them."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID
from zoneinfo import ZoneInfo

from tmr.domain.agenda.agenda import open_rows
from tmr.domain.agenda.called_off import ENDS_WITH_APPLICATION, PLANNED, ended_at, has_ended, is_called_off
from tmr.domain.fields.kind import Kind
from tmr.domain.fields.types.links import link_ids
from tmr.domain.kinds.application import APPLICATION, STATUS
from tmr.domain.kinds.event import EVENT
from tmr.domain.record import Record, Scanned
from tmr.repository.errors import DamagedRecordError
from tmr.repository.unit_of_work import UnitOfWork


def still_on(uow: UnitOfWork, kind: Kind, rows: Iterable[Scanned], zone: ZoneInfo) -> list[Scanned]:
    """Return the rows of records that want something still, without what ended with its application."""
    wanted = open_rows(kind, rows)
    if kind.key not in ENDS_WITH_APPLICATION or not wanted:
        return wanted
    slot = kind.by_name["application_id"].number
    ended = _ends_of(uow, {str(row.summary[slot]) for row in wanted if row.summary[slot]})
    if not ended:
        return wanted
    doubtful = [UUID(bytes=row.id) for row in wanted if row.summary[slot] in ended]
    off = {record.id.bytes for record in uow.records.get_many(kind, doubtful) if _is_off(uow, record, ended, zone)}
    return [row for row in wanted if row.id not in off]


def without_called_off(uow: UnitOfWork, kind: Kind, rows: Sequence[Scanned], zone: ZoneInfo) -> list[Scanned]:
    """Return the rows of records that want something still or are settled, without what ended with its application."""
    off = {row.id for row in open_rows(kind, rows)} - {row.id for row in still_on(uow, kind, rows, zone)}
    return [row for row in rows if row.id not in off]


def called_off(uow: UnitOfWork, records: Sequence[Record], zone: ZoneInfo) -> set[UUID]:
    """Return the ids of those of these interviews or offers that ended with their application."""
    applications = {application for record in records for application in link_ids(record["application_id"])}
    ended = _ends_of(uow, applications) if applications else {}
    return {record.id for record in records if _is_off(uow, record, ended, zone)}


def _ends_of(uow: UnitOfWork, applications: set[str]) -> dict[str, dt.datetime]:
    """Return when those of these applications ended that have: by their moves, else when they were added.

    Such a one came as ended, from a file. What came with it is over, and what is added later counts.
    """
    kind = uow.kinds[APPLICATION.plural]
    status, found = kind.by_name[STATUS].number, uow.records.among(kind, [UUID(one).bytes for one in applications])
    ended = [row.id for row in found if has_ended(kind.pipeline, row.summary[status])]
    if not ended:
        return {}
    names, at, to = (EVENT.by_name[name].number for name in ("application_id", "happened_at", "to_stage"))
    moves = defaultdict(list)
    for event in uow.records.scan(EVENT, naming=ended):
        if event.summary[to]:
            moves[event.summary[names]].append((event.summary[at], event.summary[to]))
    known = uow.records.get_many(kind, [UUID(bytes=row_id) for row_id in ended])
    return {str(one.id): ended_at(kind.pipeline, moves[str(one.id)]) or one.created_at for one in known}


def _is_off(uow: UnitOfWork, record: Record, ended: Mapping[str, dt.datetime], zone: ZoneInfo) -> bool:
    end = ended.get(str(record["application_id"]))
    return end is not None and is_called_off(record, end, zone) and not _is_rescheduled_since(uow, record, end)


def _is_rescheduled_since(uow: UnitOfWork, record: Record, end: dt.datetime) -> bool:
    """Whether an interview has another time, or an offer another day to answer by, than it had at that instant.

    One of which an earlier version can't be opened counts as if it had the same.
    """
    planned, then = record[PLANNED[record.kind.key]], None
    if planned is None or record.updated_at.replace(microsecond=0) <= end:
        return False
    try:
        for earlier in uow.records.history.of(record):
            then = earlier[PLANNED[record.kind.key]]
            if earlier.updated_at.replace(microsecond=0) <= end:
                break
    except DamagedRecordError:
        return False
    return then is not None and then != planned
