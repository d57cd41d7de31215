"""Offers side by side."""

import re

import pytest
from tests.support.kinds import Keeper


@pytest.fixture
def keeper(alice) -> Keeper:
    return Keeper(alice)


def offer(keeper: Keeper, company: str, **values: str) -> str:
    return keeper.add("offers", application_id=keeper.alice.add(company=company, title="Engineer"), **values)


def compared(keeper: Keeper) -> str:
    return keeper.alice.get("/offers/compare").text


def test_nothing_to_compare_says_what_would_stand_here(keeper) -> None:
    assert "Nothing to compare yet" in compared(keeper)


def test_offers_of_one_currency_are_compared_by_what_a_first_year_brings(keeper) -> None:
    offer(keeper, "Acme", base="5000", period="month", currency="EUR")
    offer(keeper, "Globex", base="58000", period="year", currency="EUR", sign_on="4000", equity="options, some")
    offer(keeper, "Hooli", base="90000", period="year", currency="USD")

    first_year = re.search(r"First year</th>(.*?)</tr>", compared(keeper), re.DOTALL)[1]

    assert set(re.findall(r"<td>(.*?)</td>", first_year)) == {
        "USD 90,000",
        'EUR 62,000 <span class="tag">most</span>',
        "EUR 60,000",
    }
    assert "options, some, not counted" in compared(keeper)


def test_a_declined_offer_is_left_out(keeper) -> None:
    offer(keeper, "Acme", base="50000", currency="EUR", decision="declined")

    assert "Acme" not in compared(keeper)


def test_more_offers_than_fit_are_said(keeper) -> None:
    for n in range(9):
        offer(keeper, f"Firm {n}", base="50000", currency="EUR")

    page = compared(keeper)

    assert page.count("Firm ") == 8
    assert "These are the 8 that changed last" in page
    assert ">1 more</a>" in page
