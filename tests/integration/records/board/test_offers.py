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


def cells(row: str) -> list[str]:
    found = re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in found]


def test_offers_in_several_currencies_are_compared_by_the_rate_that_was_typed(record_forms) -> None:
    offer(record_forms, "Acme", base="50000", currency="EUR")
    offer(record_forms, "Globex", base="52000", currency="EUR")
    offer(record_forms, "Hooli", base="746000", currency="DKK")
    page = compared(record_forms)
    assert 'name="rate.DKK"' in page
    assert "First year in EUR" not in page

    for rate in ("7.46", "7,46"):
        page = record_forms.alice.get(f"/offers/compare?rate.DKK={rate}").text
        row = re.search(r"First year in EUR</th>(.*?)</tr>", page, re.DOTALL)[1]
        assert set(cells(row)) == {"100,000 most", "52,000", "50,000"}
        assert f'value="{rate}"' in page

    for nonsense in ("0", "-1", "x", "1e9999"):
        assert record_forms.alice.get(f"/offers/compare?rate.DKK={nonsense}").status_code == 200


def test_nothing_to_compare_says_what_would_appear_here(record_forms) -> None:
    assert "Nothing to compare yet" in compared(record_forms)


def test_offers_of_one_currency_are_compared_by_what_a_first_year_brings(record_forms) -> None:
    offer(record_forms, "Acme", base="5000", period="month", currency="EUR")
    offer(record_forms, "Globex", base="58000", period="year", currency="EUR", sign_on="4000", equity="options, some")
    offer(record_forms, "Hooli", base="90000", period="year", currency="USD")

    first_year = re.search(r"First year</th>(.*?)</tr>", compared(record_forms), re.DOTALL)[1]

    assert set(cells(first_year)) == {"USD 90,000", "EUR 62,000 most", "EUR 60,000"}
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
