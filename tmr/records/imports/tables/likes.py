"""Names the records that rows of an import look like, so that a person can tell whether it is the same role."""

from uuid import UUID

import msgspec

from tmr.domain.fields.kind import Kind
from tmr.domain.record import Record
from tmr.records.imports.tables.results import LikeRow
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.display.dates import short_date

MOST_LIKES = 200  # of a table: as many as the page lists


def named_likes(uow: UnitOfWork, kind: Kind, likes: list[LikeRow]) -> list[LikeRow]:
    """Return the rows, each with the name of what it looks like, how that stands, and when it was applied for."""
    ids = list(dict.fromkeys(UUID(like.record_id) for like in likes if like.record_id))
    said = {str(record.id): _said(kind, record) for record in uow.records.get_many(kind, ids)} if ids else {}
    return [
        msgspec.structs.replace(like, why=said.get(like.record_id) or f"{like.why or 'another one'}, in this file")
        for like in likes
    ]


def _said(kind: Kind, record: Record) -> str:
    applied = record[kind.by_role["applied"].name]
    facts = [kind.words("status", {"status": record["status"]})]
    facts += [f"applied {short_date(applied)}"] if isinstance(applied, str) else []
    return f"{record.title[:120]} ({', '.join(facts)}), which you have"
