"""Offers side by side."""

import re

import pytest

from tests.support.kinds import RecordForms


@pytest.fixture
def record_forms(alice) -> RecordForms:
    return RecordForms(alice)


def offer(record_forms: RecordForms, company: str, **values: str) -> str:
    return record_forms.add(
        "offers", application_id=record_forms.alice.add(company=company, title="Engineer"), **values
    )


def compared(record_forms: RecordForms) -> str:
    return record_forms.alice.get("/offers/compare").text


def test_nothing_to_compare_says_what_would_appear_here(record_forms) -> None:
    assert "Nothing to compare yet" in compared(record_forms)


def test_offers_of_one_currency_are_compared_by_what_a_first_year_brings(record_forms) -> None:
    offer(record_forms, "Acme", base="5000", period="month", currency="EUR")
    offer(record_forms, "Globex", base="58000", period="year", currency="EUR", sign_on="4000", equity="options, some")
    offer(record_forms, "Hooli", base="90000", period="year", currency="USD")

    first_year = re.search(r"First year</th>(.*?)</tr>", compared(record_forms), re.DOTALL)[1]

    assert {" ".join(cell.split()) for cell in re.findall(r"<td>(.*?)</td>", first_year, re.DOTALL)} == {
        "USD 90,000",
        'EUR 62,000 <span class="tag">most</span>',
        "EUR 60,000",
    }
    assert "options, some, not counted" in compared(record_forms)


def test_a_declined_offer_is_left_out(record_forms) -> None:
    offer(record_forms, "Acme", base="50000", currency="EUR", decision="declined")

    assert "Acme" not in compared(record_forms)


def test_more_offers_than_fit_are_said(record_forms) -> None:
    for n in range(9):
        offer(record_forms, f"Firm {n}", base="50000", currency="EUR")

    page = compared(record_forms)

    assert page.count("Firm ") == 8
    assert "These are the 8 offers you changed last" in page
    assert ">See 1 more</a>" in page
