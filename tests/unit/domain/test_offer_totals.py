"""What offers come to in a year, worked by hand."""

from decimal import Decimal

import pytest

from tmr.domain.agenda.offer_totals import best_of, offer_total


def test_a_year_is_added_up() -> None:
    values = {"base": "92000", "bonus": "9200", "sign_on": "5000", "equity": "12,000", "currency": "EUR"}

    total = offer_total(values)

    assert (total.lasting, total.first_year) == (Decimal(113_200), Decimal(118_200))


@pytest.mark.parametrize(
    ("period", "base", "a_year"),
    [
        ("month", "5000", 60_000),
        ("week", "1000", 52_000),
        ("day", "400", 104_000),
        ("hour", "45.50", 94_640),
        (None, "7", 7),
    ],
)
def test_periods_count_as_often_as_they_come(period, base, a_year) -> None:
    assert offer_total({"base": base, "period": period}).lasting == a_year


def test_equity_in_words_is_not_counted() -> None:
    assert offer_total({"base": "1", "equity": "0.5 % of the company"}).lasting == 1


def test_an_offer_without_a_base_has_no_total() -> None:
    assert offer_total({"bonus": "5"}) is None


def test_the_best_is_told_within_a_currency_only() -> None:
    euro, less, dollar = (
        offer_total({"base": base, "currency": currency})
        for base, currency in (("50", "EUR"), ("40", "EUR"), ("90", "USD"))
    )

    assert best_of([euro, less, dollar, None]) == [True, False, False, False]
