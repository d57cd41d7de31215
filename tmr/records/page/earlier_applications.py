"""Tells a person who adds an application by hand about earlier ones at the same company."""

from uuid import UUID

from tmr.domain.fields.folding import fold
from tmr.domain.kinds.application import APPLICATION
from tmr.domain.record import Record
from tmr.repository.unit_of_work import UnitOfWork

SHOWN = 2


def earlier_at_company(uow: UnitOfWork, record: Record) -> str:
    """Return a sentence about other applications at the company of ``record``, last changed first; empty for none."""
    if record.kind.key != APPLICATION.key:
        return ""
    kind = uow.kinds[APPLICATION.plural]
    company, title, status = (kind.by_name[name].number for name in ("company", "title", "status"))
    wanted = fold(str(record["company"]))
    others = [row.summary for row in uow.records.scan(kind) if UUID(bytes=row.id) != record.id]
    same = [values for values in others if fold(str(values[company])) == wanted]
    if not same:
        return ""
    named = [f"{values[title]} ({kind.words('status', {'status': values[status]})})" for values in same[:SHOWN]]
    more = f" and {len(same) - SHOWN} more" if len(same) > SHOWN else ""
    return f"You already have {record['company']} in your list: {', '.join(named)}{more}."
