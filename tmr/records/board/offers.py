"""Offers side by side."""

from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from flask import request
from werkzeug.wrappers import Response

from tmr.domain.agenda.offer_totals import OfferTotal, best_of, common_currency, converted, offer_total
from tmr.domain.kinds.offer import OFFER
from tmr.records.blueprint import blueprint
from tmr.records.editing.links import names_for
from tmr.web import htmx
from tmr.web.session.current import unit_of_work
from tmr.web.session.guards import sign_in_required
from tmr.web.session.reading import scan_turn

MOST = 8


@blueprint.get("/offers/compare")
@sign_in_required
def compare_offers() -> Response:
    """Compare what the offers that are not declined pay in a year: the ``MOST`` that were changed last."""
    with scan_turn(), unit_of_work() as uow:
        kind = uow.kinds[OFFER.plural]
        decision = kind.by_name["decision"].number
        ids = [UUID(bytes=row.id) for row in uow.records.scan(kind) if row.summary[decision] != "declined"]
        offers = uow.records.get_many(kind, ids[:MOST], with_detail=True)
        names = names_for(uow, offers)
        uow.commit()
    totals = [offer_total(offer.values) for offer in offers]
    context: dict[str, Any] = {"kind": kind, "offers": offers, "totals": totals, "best": best_of(totals)}
    context |= _in_one_currency(totals)
    return htmx.render("records/board/offers.html", names=names, more=len(ids) - len(totals), **context)


def _in_one_currency(totals: list[OfferTotal | None]) -> dict[str, Any]:
    """Return the totals in the currency of most offers, by the rates in the address, and the currencies that need one.

    Nothing of it is stored: a rate holds for a day, and the address keeps it.
    """
    currency = common_currency(totals)
    others = sorted({total.currency for total in totals if total and total.currency} - {currency})
    typed = {other: request.args.get(f"rate.{other}", "").strip()[:20] for other in others}
    rates = {other: rate for other, text in typed.items() if (rate := _rate(text))}
    comparable = [converted(total, currency, rates) for total in totals] if rates else []
    return {"currency": currency, "typed": typed, "comparable": comparable, "best_of_all": best_of(comparable)}


def _rate(text: str) -> Decimal | None:
    """Return an exchange rate; None for what is no number above 0. Its comma or point begins the decimals always."""
    try:
        rate = Decimal(text.replace(",", "."))
    except InvalidOperation:
        return None
    return rate if rate.is_finite() and Decimal("1e-9") < rate < Decimal("1e9") else None
