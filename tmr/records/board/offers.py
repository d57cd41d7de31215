"""Offers side by side."""

from typing import Any

from werkzeug.wrappers import Response

from tmr.domain.agenda.offer_totals import best_of, offer_total
from tmr.domain.kinds.offer import OFFER
from tmr.records.blueprint import blueprint
from tmr.records.editing.links import names_for
from tmr.web import htmx
from tmr.web.session.current import unit_of_work
from tmr.web.session.guards import sign_in_required

MOST = 8


@blueprint.get("/offers/compare")
@sign_in_required
def compare_offers() -> Response:
    """Show every offer that is not declined, last changed first, on what a year of it comes to."""
    with unit_of_work() as uow:
        kind = uow.kinds[OFFER.plural]
        found = [one for one in uow.records.everything(kind) if one.values["decision"] != "declined"]
        found.sort(key=lambda one: one.updated_at, reverse=True)
        names = names_for(uow, found[:MOST])
        uow.commit()
    totals = [offer_total(one.values) for one in found[:MOST]]
    context: dict[str, Any] = {"kind": kind, "offers": found[:MOST], "totals": totals, "best": best_of(totals)}
    return htmx.render("records/board/offers.html", names=names, more=len(found) - len(totals), **context)
