"""The records before and after one in the list that it was opened from."""

from collections.abc import Callable
from urllib.parse import parse_qs, quote, urlencode
from uuid import UUID

import msgspec
from flask import request

from tmr.domain.kinds.application import APPLICATION, STATUS
from tmr.domain.listing import Criteria, parse_criteria
from tmr.domain.record import Record
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.display.listed import matching
from tmr.web.display.typed_values import current_typing
from tmr.web.session.reading import has_many_records
from tmr.web.session.turns.searches import NoTurnError, only_at_once

LONGEST_QUERY = 1_000
MOST = 1_000  # with more, finding a place in a list that nobody asked for would slow every page


class Neighbours(msgspec.Struct, frozen=True):
    """Where a record is in a list: its number from 1, how many there are, and the addresses around it."""

    number: int
    count: int
    before: str = ""
    after: str = ""


def neighbours_of(uow: UnitOfWork, record: Record) -> Neighbours | None:
    """Return the place of ``record`` in the list of the query ``from``, else among the applications of its stage.

    None if it is not in that list, or alone in it, or if looking through that list would have to wait for a turn.
    """
    query = request.args.get("from", "")[:LONGEST_QUERY]
    if not query and (record.kind.key != APPLICATION.key or uow.records.counts.of(record.kind) > MOST):
        return None
    sent = parse_qs(query or urlencode({STATUS: str(record.values[STATUS])}))
    criteria = parse_criteria(record.kind, lambda name: sent.get(name, []), current_typing())
    try:
        ids = _ids(uow, record, criteria)
    except NoTurnError:
        return None
    if record.id not in ids or len(ids) < 2:
        return None
    at, address = ids.index(record.id), _addresses(record, query)
    before = address(ids[at - 1]) if at else ""
    return Neighbours(at + 1, len(ids), before, address(ids[at + 1]) if at + 1 < len(ids) else "")


def _ids(uow: UnitOfWork, record: Record, criteria: Criteria) -> list[UUID]:
    with only_at_once(uow, is_sure=bool(criteria.q) or has_many_records(uow)):
        return [UUID(bytes=row.id) for row in matching(uow, record.kind, criteria)]


def _addresses(record: Record, query: str) -> Callable[[UUID], str]:
    suffix = f"?from={quote(query, safe='')}" if query else ""
    return lambda other: f"/{record.kind.plural}/{other}{suffix}"
