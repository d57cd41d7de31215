"""One search over everything."""

from typing import Any
from uuid import UUID

import msgspec
from flask import request
from werkzeug.wrappers import Response

from tmr.domain.fields.kind import Kind
from tmr.domain.listing import MAX_QUERY, Criteria
from tmr.domain.record import Record
from tmr.records.blueprint import blueprint
from tmr.records.editing.links import names_for
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.display.listed import matching
from tmr.web.session.current import unit_of_work
from tmr.web.session.guards import sign_in_required
from tmr.web.session.reading import search_turn

SHOWN = 8


class Hits(msgspec.Struct, frozen=True):
    """The first matching records of one kind, and how many match in all."""

    kind: Kind
    records: list[Record]
    names: dict[str, str]
    count: int


@blueprint.get("/search")
@sign_in_required
def search() -> Response:
    """Show what matches in every kind of record, ``SHOWN`` of each."""
    q = " ".join(request.args.get("q", "").replace("\0", "").split())[:MAX_QUERY]
    with search_turn(unit_of_work().owner), unit_of_work() as uow:
        # A kind without records is not searched, and what its records could link to is not named for it.
        searched = [kind for kind in uow.kinds.values() if q and uow.counts_at_claim.get(kind.key)]
        results = [_hits(uow, kind, q) for kind in searched]
        uow.commit()
    context: dict[str, Any] = {"q": q, "results": [hits for hits in results if hits.count]}
    return htmx.render("records/grid/search/search.html", "records/grid/search/search.fragment.html", **context)


def _hits(uow: UnitOfWork, kind: Kind, q: str) -> Hits:
    rows = matching(uow, kind, Criteria(q=q))
    records = uow.records.get_many(kind, [UUID(bytes=row.id) for row in rows[:SHOWN]])
    return Hits(kind, records, names_for(uow, records), len(rows))
