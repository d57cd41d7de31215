"""What an offer comes to in a year, so that offers of different shapes can be compared.

Currencies are converted only by a rate that the person gives.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal

import msgspec

from tmr.domain.fields.amounts import read_amount
from tmr.domain.fields.type import Wire

# How often a period comes in a year of full-time work: 52 weeks of 5 days of 8 hours.
TIMES_A_YEAR = {"year": 1, "month": 12, "week": 52, "day": 260, "hour": 2_080}


class OfferTotal(msgspec.Struct, frozen=True):
    """One offer in figures, in its own currency: ``lasting`` every year, ``first_year`` with what comes once."""

    currency: str
    base: Decimal
    bonus: Decimal
    equity: Decimal
    sign_on: Decimal

    @property
    def lasting(self) -> Decimal:
        """What every year pays, without the signing bonus."""
        return self.base + self.bonus + self.equity

    @property
    def first_year(self) -> Decimal:
        """What the first year pays, with the signing bonus."""
        return self.lasting + self.sign_on


def offer_total(values: Mapping[str, Wire]) -> OfferTotal | None:
    """Return what an offer comes to, or None without a base. A base without a period is taken as yearly."""
    base = values.get("base")
    if not base:
        return None
    times = TIMES_A_YEAR.get(str(values.get("period") or "year"), 1)
    bonus, sign_on = (Decimal(str(values.get(name) or 0)) for name in ("bonus", "sign_on"))
    equity = read_amount(str(values.get("equity") or "")) or Decimal(0)
    return OfferTotal(str(values.get("currency") or ""), Decimal(str(base)) * times, bonus, equity, sign_on)


def best_of(totals: list[OfferTotal | None]) -> list[bool]:
    """Return for each offer whether its first year pays most among those in its currency; a single one is not best."""
    are_best = []
    for total in totals:
        rivals = [rival for rival in totals if rival and total and rival.currency == total.currency]
        is_best = (
            total is not None and len(rivals) > 1 and total.first_year == max(rival.first_year for rival in rivals)
        )
        are_best.append(is_best)
    return are_best


def common_currency(totals: Iterable[OfferTotal | None]) -> str:
    """Return the currency that most offers are in, the first of several; empty if none has one."""
    counts = Counter(total.currency for total in totals if total and total.currency)
    return max(counts, key=lambda currency: counts[currency], default="")


def converted(total: OfferTotal | None, currency: str, rates: Mapping[str, Decimal]) -> OfferTotal | None:
    """Return the offer in ``currency``, of which one is worth ``rates`` of the others; None without a rate for it."""
    rate = Decimal(1) if total and total.currency == currency else rates.get(total.currency) if total else None
    if total is None or not rate:
        return None
    return OfferTotal(currency, total.base / rate, total.bonus / rate, total.equity / rate, total.sign_on / rate)
