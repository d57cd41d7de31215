"""The companies of a search, and the page of one: its applications, people and interviews.

The address of a page names one of the records that name the company, so no name stands in an address.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec
from werkzeug.wrappers import Response

from tmr.domain.companies.names import NOTES, company_key
from tmr.domain.fields.kind import Kind
from tmr.domain.fields.types.links import link_ids
from tmr.domain.kinds.application import APPLICATION
from tmr.domain.kinds.contact import CONTACT
from tmr.domain.kinds.document import DOCUMENT
from tmr.domain.kinds.interview import INTERVIEW
from tmr.domain.kinds.offer import OFFER
from tmr.domain.record import Record, Scanned
from tmr.records.blueprint import blueprint
from tmr.records.editing.links import names_for
from tmr.repository.errors import RecordNotFoundError
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.session.current import unit_of_work
from tmr.web.session.guards import sign_in_required
from tmr.web.session.reading import scan_turn

COMPANY = "company"
NAMING = (APPLICATION, CONTACT)  # the kinds whose records name a company
MOST_COMPANIES, MOST_RECORDS, MOST_NOTES = 1_000, 100, 20  # on a page


class Listed(msgspec.Struct):
    """A company of the list: its name as it was written last, the record that its page goes by, and counts."""

    name: str
    record_id: UUID
    applications: int = 0
    people: int = 0


class Part(msgspec.Struct, frozen=True):
    """The records of one kind on a company's page, and how many there are in all."""

    kind: Kind
    records: list[Record]
    count: int


@blueprint.get("/companies")
@sign_in_required
def list_companies() -> Response:
    """Show the companies by name, with how many applications and people there are."""
    with scan_turn(), unit_of_work() as uow:
        found = _all_of(uow)
        uow.commit()
    companies = sorted(found.values(), key=lambda company: company_key(company.name))
    context: dict[str, Any] = {"companies": companies[:MOST_COMPANIES], "count": len(companies)}
    return htmx.render("records/companies/index.html", **context)


@blueprint.get("/companies/<uuid:record_id>")
@sign_in_required
def show_company(record_id: UUID) -> Response:
    """Show everything with the company that an application or a contact names."""
    with scan_turn(), unit_of_work() as uow:
        name = _name_of(uow, record_id)
        parts, notes = _parts(uow, company_key(name)), _notes(uow, company_key(name))
        names = names_for(uow, [record for part in parts for record in part.records])
        uow.commit()
    context: dict[str, Any] = {"name": name, "parts": parts, "names": names, "most": MOST_RECORDS}
    context |= {"notes": notes, "type_of_notes": NOTES}
    return htmx.render("records/companies/show.html", **context)


def _all_of(uow: UnitOfWork) -> dict[str, Listed]:
    found: dict[str, Listed] = {}
    for kind in NAMING:
        for row, name in _named(uow, kind):
            if key := company_key(name):
                company = found.setdefault(key, Listed(name, UUID(bytes=row.id)))
                if kind is APPLICATION:
                    company.applications += 1
                else:
                    company.people += 1
    return found


def _name_of(uow: UnitOfWork, record_id: UUID) -> str:
    """Return the company that a record names; raise ``RecordNotFoundError`` where there is none."""
    for kind in NAMING:
        for record in uow.records.get_many(uow.kinds[kind.plural], [record_id]):
            if company_key(str(record[COMPANY] or "")):
                return str(record[COMPANY])
    raise RecordNotFoundError


def _parts(uow: UnitOfWork, key: str) -> list[Part]:
    applications = _ids(row for row, name in _named(uow, APPLICATION) if company_key(name) == key)
    wanted = {str(record_id) for record_id in applications}
    people = _ids(
        row for row, name in _named(uow, CONTACT) if company_key(name) == key or _links(CONTACT, row) & wanted
    )
    interviews, offers = (_of_applications(uow, kind, wanted) for kind in (INTERVIEW, OFFER))
    listed = ((APPLICATION, applications), (CONTACT, people), (INTERVIEW, interviews), (OFFER, offers))
    return [_part(uow, uow.kinds[kind.plural], ids) for kind, ids in listed]


def _notes(uow: UnitOfWork, key: str) -> list[Record]:
    """Return what was written about a company: the documents of that type which are called like it."""
    kind = uow.kinds[DOCUMENT.plural]
    name, what = kind.by_name["name"].number, kind.by_name["kind"].number
    rows = (row for row in uow.records.scan(kind) if row.summary[what] == NOTES)
    ids = _ids(row for row in rows if company_key(str(row.summary[name] or "")) == key)
    return uow.records.get_many(kind, ids[:MOST_NOTES], with_detail=True)


def _of_applications(uow: UnitOfWork, kind: Kind, wanted: set[str]) -> list[UUID]:
    return _ids(row for row in uow.records.scan(kind) if _links(kind, row) & wanted)


def _part(uow: UnitOfWork, kind: Kind, ids: list[UUID]) -> Part:
    return Part(kind, uow.records.get_many(kind, ids[:MOST_RECORDS]), len(ids))


def _named(uow: UnitOfWork, kind: Kind) -> list[tuple[Scanned, str]]:
    """Return the records of a kind with the name of the company in each, the last changed first."""
    number = kind.by_name[COMPANY].number
    return [(row, str(row.summary[number] or "")) for row in uow.records.scan(kind)]


def _links(kind: Kind, row: Scanned) -> set[str]:
    link = kind.link_to(APPLICATION.key)
    return set(link_ids(row.summary[link.number])) if link else set()


def _ids(rows: Iterable[Scanned]) -> list[UUID]:
    return [UUID(bytes=row.id) for row in rows]
