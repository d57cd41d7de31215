"""Tells a person who adds an application by hand about the same role, or about others at the same company."""

from collections.abc import Callable, Sequence
from uuid import UUID

from tmr.domain.fields.folding import fold
from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Wire
from tmr.domain.fields.urls import url_hash
from tmr.domain.kinds.application import APPLICATION
from tmr.domain.record import Record, Scanned
from tmr.records import said
from tmr.repository.records.codec import URL_HASH_SLOT
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.display.dates import short_date

SHOWN = 2


def earlier_applications(uow: UnitOfWork, record: Record) -> said.Aside | None:
    """Return what to say of stored applications with the link of ``record``, its name, or at least its company.

    None if there is none, or ``record`` is no application. Whatever is found, open or closed, keeps nobody from adding.
    """
    if record.kind.key != APPLICATION.key:
        return None
    kind = uow.kinds[APPLICATION.plural]
    others = [row for row in uow.records.scan(kind) if row.id != record.id.bytes]
    hashed = url_hash(record["url"])
    same_link = [row for row in others if hashed and row.summary[URL_HASH_SLOT] == hashed]
    same_company = _alike(kind, others, record, "company")
    same_role = _alike(kind, same_company, record, "title")
    if twins := list({row.id: row for row in [*same_link, *same_role]}.values()):
        return _about_role(kind, twins)
    return _about_company(kind, same_company, str(record["company"])) if same_company else None


def _alike(kind: Kind, rows: Sequence[Scanned], record: Record, name: str) -> list[Scanned]:
    number, wanted = kind.by_name[name].number, fold(str(record[name]))
    return [row for row in rows if fold(str(row.summary[number])) == wanted]


def _about_role(kind: Kind, twins: Sequence[Scanned]) -> said.Aside:
    value = _reader(kind, twins[0])
    applied = value(kind.by_role["applied"].name)
    facts = [kind.words("status", {"status": value("status")})]
    facts += [f"applied {short_date(applied)}"] if isinstance(applied, str) else []
    more = f" and {len(twins) - 1} more" if len(twins) > 1 else ""
    return said.Aside(
        before="You already have ",
        name=f"“{value('title')} at {value('company')}”",
        address=f"/{kind.plural}/{UUID(bytes=twins[0].id)}",
        after=f" ({', '.join(facts)}){more}.",
    )


def _about_company(kind: Kind, rows: Sequence[Scanned], company: str) -> said.Aside:
    readers = [_reader(kind, row) for row in rows[:SHOWN]]
    named = [f"{value('title')} ({kind.words('status', {'status': value('status')})})" for value in readers]
    more = f" and {len(rows) - SHOWN} more" if len(rows) > SHOWN else ""
    return said.Aside(f"You already have {company} in your list: {', '.join(named)}{more}.")


def _reader(kind: Kind, row: Scanned) -> Callable[[str], Wire]:
    return lambda name: row.summary[kind.by_name[name].number]
