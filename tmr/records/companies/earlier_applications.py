"""Tells a person who adds an application by hand about the same role, or about others at the same company."""

from collections.abc import Callable, Sequence
from uuid import UUID

import msgspec

from tmr.domain.companies.roles import SameCompany, are_titles_alike
from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Wire
from tmr.domain.fields.urls import url_hash
from tmr.domain.kinds.application import APPLICATION
from tmr.domain.kinds.event import EVENT
from tmr.domain.record import Record, Scanned, declared
from tmr.records import said
from tmr.records.editing.sent import kept_files
from tmr.repository.records.codec import URL_HASH_SLOT
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.display.dates import short_date

SHOWN = 2
MOST_EVENTS = 3  # of an application, which are opened for what was sent
MOST_SENT = 5


class Earlier(msgspec.Struct, frozen=True):
    """An application that is there already: its name, how it stands, and which documents were sent with it."""

    id: str
    name: str
    facts: list[str]
    sent: list[str]


def earlier_applications(uow: UnitOfWork, record: Record) -> said.Aside | None:
    """Return what to say of stored applications with the link of ``record``, its name, or at least its company.

    None if there is none, or ``record`` is no application. Whatever is found, open or closed, keeps nobody from adding.
    """
    if record.kind.key != APPLICATION.key:
        return None
    kind = uow.kinds[APPLICATION.plural]
    same_link, same_company = _alike(uow, kind, str(record["company"]), url_hash(record["url"]), but=record.id.bytes)
    same_role = _for_role(kind, same_company, str(record["title"]))
    if twins := list({row.id: row for row in [*same_link, *same_role]}.values()):
        return _about_role(kind, twins)
    return _about_company(kind, same_company, str(record["company"])) if same_company else None


def find_earlier(uow: UnitOfWork, company: str, title: str, url: str) -> list[Earlier]:
    """Return the stored applications for the same link, or for the same role at the same company, the latest first."""
    kind = uow.kinds[APPLICATION.plural]
    same_link, same_company = _alike(uow, kind, company, url_hash(url) if url else None)
    same_role = _for_role(kind, same_company, title) if company and title else []
    twins = list({row.id: row for row in [*same_link, *same_role]}.values())[:SHOWN]
    return [_earlier(uow, kind, row) for row in twins]


def _earlier(uow: UnitOfWork, kind: Kind, row: Scanned) -> Earlier:
    value = _reader(kind, row)
    applied = value(kind.by_role["applied"].name)
    facts = [kind.words("status", {"status": value("status")})]
    facts += [f"applied {short_date(applied)}"] if isinstance(applied, str) else []
    event = uow.kinds[EVENT.plural]
    sending = [one.id for one in uow.records.linked(event, UUID(bytes=row.id)) if one["sent_files"]][:MOST_EVENTS]
    events = uow.records.get_many(event, sending, with_detail=True)
    sent = [kept.name for event in events for kept in kept_files(event)]
    return Earlier(
        str(UUID(bytes=row.id)), f"{value('title')} at {value('company')}", facts, list(dict.fromkeys(sent))[:MOST_SENT]
    )


def _alike(
    uow: UnitOfWork, kind: Kind, company: str, hashed: Wire, but: bytes = b""
) -> tuple[list[Scanned], list[Scanned]]:
    """Return the applications with a link of this hash, and those at this company; none of them has the id ``but``."""
    number, is_same = kind.by_name["company"].number, SameCompany(company)
    same_link: list[Scanned] = []
    same_company: list[Scanned] = []
    for row in uow.records.scan(kind):
        if row.id == but:
            continue
        if hashed and row.summary[URL_HASH_SLOT] == hashed:
            same_link.append(declared(kind, row))
        if company and is_same(str(row.summary[number])):
            same_company.append(declared(kind, row))
    return same_link, same_company


def _for_role(kind: Kind, rows: Sequence[Scanned], title: str) -> list[Scanned]:
    number = kind.by_name["title"].number
    return [row for row in rows if are_titles_alike(str(row.summary[number]), title)]


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
