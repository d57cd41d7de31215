"""What a proof of search is made of: the applications that were sent in a period, with their history."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from urllib.parse import urlsplit
from uuid import UUID

from tmr.domain.fields.kind import Kind, pipeline_of_kind
from tmr.domain.fields.types.links import link_ids
from tmr.domain.kinds.application import APPLICATION, STATUS
from tmr.domain.kinds.contact import CONTACT
from tmr.domain.kinds.event import EVENT, StatusChange, status_changes
from tmr.domain.kinds.interview import INTERVIEW
from tmr.domain.pipeline.category import CATEGORY
from tmr.domain.pipeline.pipeline import Pipeline
from tmr.domain.record import Record
from tmr.domain.reports.proof import Language, Line, Step
from tmr.records.history.ends import without_called_off
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.display.zone import current_zone

MOST_LINES = 2_000
AT_A_TIME = 100
CANCELLED = INTERVIEW.settled["outcome"]


def applied_between(
    uow: UnitOfWork, first: dt.date, last: dt.date, stages: Collection[str], language: Language, zone: dt.tzinfo
) -> tuple[list[Line], int]:
    """Return the applications sent in a period, the first one first, and how many there are: 2,000 lines at most.

    An application counts from the day of applying; without one, from its first move to a stage that was sent. With
    ``stages``, only those that are in one of them now.
    """
    kind = uow.kinds[APPLICATION.plural]
    pipeline, moves = pipeline_of_kind(kind), _moves(uow)
    status, applied = kind.by_name[STATUS].number, kind.by_role["applied"].number
    days: dict[UUID, dt.date] = {}
    for row in uow.records.scan(kind):
        record_id = UUID(bytes=row.id)
        day = _day_sent(row.summary[applied], moves.get(str(record_id), ()), pipeline, zone)
        if day and first <= day <= last and (not stages or row.summary[status] in stages):
            days[record_id] = day
    order = sorted(days, key=lambda record_id: (days[record_id], record_id))
    contacts, interviews = _contacts(uow), _interviews(uow)
    lines = []
    for record in _whole(uow, kind, order[:MOST_LINES]):
        history = [_step(pipeline, move.to_stage, _local(move, zone)) for move in moves.get(str(record.id), ())]
        line = Line(
            day=days[record.id],
            employer=str(record["company"] or ""),
            position=str(record["title"] or ""),
            place=str(record["location"] or ""),
            contact="; ".join(contacts.get(str(record.id), ())),
            how=_how(record, language),
            stage=_step(pipeline, str(record[STATUS])),
            history=history,
            interviews=interviews.get(str(record.id), 0),
        )
        lines.append(line)
    return lines, len(order)


def _moves(uow: UnitOfWork) -> Mapping[str, Sequence[StatusChange]]:
    found = defaultdict(list)
    for change in status_changes(uow.records.scan(uow.kinds[EVENT.plural])):
        found[change.application_id].append(change)
    for changes in found.values():
        changes.sort(key=lambda change: (change.happened_at, change.from_stage is not None))  # where it began, first
    return found


def _day_sent(applied_on: object, moves: Sequence[StatusChange], pipeline: Pipeline, zone: dt.tzinfo) -> dt.date | None:
    if isinstance(applied_on, str):
        return dt.date.fromisoformat(applied_on)
    sent = (move for move in moves if CATEGORY[pipeline.category_of(move.to_stage) or "saved"].is_sent)
    first = next(sent, None)
    return _local(first, zone) if first else None


def _contacts(uow: UnitOfWork) -> Mapping[str, Sequence[str]]:
    """Return the names of the people of each application."""
    kind = uow.kinds[CONTACT.plural]
    link = kind.link_to(APPLICATION.key)
    found: dict[str, list[str]] = defaultdict(list)
    if link is None:
        return found
    for row in uow.records.scan(kind):
        for application_id in link_ids(row.summary[link.number]):
            found[application_id].append(str(row.summary[kind.by_name["name"].number] or ""))
    return found


def _interviews(uow: UnitOfWork) -> Mapping[str, int]:
    """Return how many interviews each application has, without those that were cancelled or ended with it."""
    kind = uow.kinds[INTERVIEW.plural]
    application, outcome = (kind.by_name[name].number for name in ("application_id", "outcome"))
    found: dict[str, int] = defaultdict(int)
    rows = [row for row in uow.records.scan(kind) if row.summary[outcome] not in CANCELLED]
    for row in without_called_off(uow, kind, rows, current_zone()):
        found[str(row.summary[application])] += 1
    return found


def _whole(uow: UnitOfWork, kind: Kind, ids: Sequence[UUID]) -> Iterator[Record]:
    """Yield records with the link of their posting; a batch at a time, since each may hold long texts."""
    for start in range(0, len(ids), AT_A_TIME):
        yield from uow.records.get_many(kind, ids[start : start + AT_A_TIME], with_detail=True)


def _how(record: Record, language: Language) -> str:
    """Return by which way it was applied: its source, else the site of its posting."""
    if record["source"]:
        return str(record["source"])
    host = urlsplit(str(record["url"])).hostname if record["url"] else ""
    return f"{language.online}: {host.removeprefix('www.')}" if host else ""


def _step(pipeline: Pipeline, key: str, day: dt.date | None = None) -> Step:
    stage = pipeline.by_key.get(key)
    return Step(pipeline.category_of(key) or "saved", stage.label if stage else key, day)


def _local(move: StatusChange, zone: dt.tzinfo) -> dt.date:
    return dt.datetime.fromisoformat(move.happened_at).astimezone(zone).date()
