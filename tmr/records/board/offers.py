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
    """Compare what the offers that are not declined pay in a year: the ``MOST`` that were changed last."""
    with unit_of_work() as uow:
        kind = uow.kinds[OFFER.plural]
        offers = [offer for offer in uow.records.everything(kind) if offer.values["decision"] != "declined"]
        offers.sort(key=lambda offer: offer.updated_at, reverse=True)
        names = names_for(uow, offers[:MOST])
        uow.commit()
    totals = [offer_total(offer.values) for offer in offers[:MOST]]
    context: dict[str, Any] = {"kind": kind, "offers": offers[:MOST], "totals": totals, "best": best_of(totals)}
    return htmx.render("records/board/offers.html", names=names, more=len(offers) - len(totals), **context)
