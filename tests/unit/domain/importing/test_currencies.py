"""Signs of money that several countries share mean the money of the country that the list speaks of."""

import pytest

from tests.unit.domain.importing.test_rows import read
from tmr.domain.importing.readers.money.currencies import MAX_CHARS, signs_of

HEADER = ["Company", "Role", "Location", "Pay"]


@pytest.mark.parametrize(
    ("header", "rows", "signs"),
    [
        (HEADER, [["Acme", "Clerk", "Toronto, ON", "$60k"], ["Beta", "Cook", "Halifax NS", ""]], {"$": "CAD"}),
        (HEADER, [["Health Canada", "Clerk", "", "$60k"], ["Parks Canada", "Cook", "", ""]], {"$": "CAD"}),
        (HEADER, [["Acme", "Clerk", "Geelong VIC 3220", "$40/hr"], ["Beta", "Cook", "Sydney", ""]], {"$": "AUD"}),
        (HEADER, [["Acme", "Clerk", "", "$90k + super"], ["Beta", "Cook", "", "$80k + super"]], {"$": "AUD"}),
        (["Company", "Link"], [["Acme", "https://acme.com.au/1"], ["Beta", "https://beta.com.au"]], {"$": "AUD"}),
        (["Company", "Source"], [["Acme", "Seek"], ["Beta", "Seek"]], {"$": "AUD"}),
        (["Company", "Phone"], [["Acme", "0412 555 019"], ["Beta", "+61 2 5550 1122"]], {"$": "AUD"}),
        (HEADER, [["Acme", "Clerk", "Auckland", "$60k"], ["Beta", "Cook", "Wellington", ""]], {"$": "NZD"}),
        (["Empresa", "Vacante", "Estatus", "Sueldo"], [["Bimbo", "Cocinero", "Postulado", "$9,000"]], {"$": "MXN"}),
        (HEADER, [["Acme", "Clerk", "", "$60k AUD"], ["Beta", "Cook", "", "AUD 50k"]], {"$": "AUD"}),
        (["Företag", "Tjänst", "Lön"], [["Acme", "Kock", "30 000 kr"]], {"kr": "SEK"}),
        (["Selskap", "Stilling", "Søkt", "Lønn"], [["Acme", "Kokk", "", "500 000 kr"]], {"kr": "NOK"}),
        (["Virksomhed", "Stilling", "Ansøgt", "Løn"], [["Acme", "Kok", "", "30.000 kr."]], {"kr": "DKK"}),
        (HEADER, [["Acme", "Clerk", "Oslo", "600k kr"], ["Beta", "Cook", "Bergen", ""]], {"kr": "NOK"}),
        (["公司", "职位", "薪资"], [["甲", "工程师", "¥20k"]], {"¥": "CNY"}),
        # What says nothing, or too little, leaves a sign as it is.
        (HEADER, [["Acme", "Clerk", "Remote", "$60k"], ["Beta", "Cook", "", ""]], {}),
        (HEADER, [["Acme", "CAD designer", "", "$60k"], ["Beta", "CAD drafter", "", "$50k"]], {}),
        (HEADER, [["Acme", "Clerk", "Toronto", "$60k"], *[["Beta", "Cook", "", ""]] * 9], {}),
        (HEADER, [["Acme", "Clerk", "Toronto", "$60k"], ["Beta", "Cook", "Austin, TX", "$9"]] * 2, {}),
        (["Company", "Notes"], [["Acme", "super nice, seek feedback"], ["Beta", "super far away"]], {}),
    ],
)
def test_a_shared_sign_is_the_money_of_the_country_that_the_list_speaks_of(
    header: list[str], rows: list[list[str]], signs: dict[str, str]
) -> None:
    assert signs_of(header, rows) == signs


def test_pay_below_a_shared_sign_gets_the_currency_of_the_list() -> None:
    _, drafts = read(
        ["Company", "Role", "Location", "Status", "Pay"],
        ["Acme", "Engineer", "Ottawa, ON", "Applied", "$90k-$100k"],
        ["Beta", "Analyst", "Calgary AB", "Applied", "US$80,000"],
        ["Gamma", "Clerk", "Toronto", "Applied", "$50k USD"],
    )

    assert [draft.values["salary_currency"] for _, draft in drafts] == ["CAD", "USD", "USD"]


def test_kronor_leave_no_word_once_their_country_is_known() -> None:
    _, drafts = read(
        ["Företag", "Tjänst", "Lön", "Läge"],
        ["Acme", "Kock", "36 000 kr/mån", "Ansökt"],
        ["Beta", "Bagare", "30 000 kr plus bonus", "Ansökt"],
    )

    assert [draft.values["salary_currency"] for _, draft in drafts] == ["SEK", "SEK"]
    assert drafts[0][1].values["notes"] is None
    assert "plus bonus" in str(drafts[1][1].values["notes"])


def test_only_so_much_of_a_cell_tells_the_country() -> None:
    rows = [[text * MAX_CHARS] for text in ("www.", "@", ", ON ", "://", "+61", "9K ")]

    assert signs_of(["Notes"], [*rows, ["x" * MAX_CHARS + " Toronto"]]) == {}


def test_days_come_first_in_a_list_of_a_country_that_writes_them_so() -> None:
    plan, drafts = read(
        ["Job", "Employer", "Suburb", "Applied", "Update"],
        ["Barista", "Elm", "Carlton, VIC", "3/11/26", "Applied"],
        ["Cook", "Oak", "Fitzroy, VIC", "4/11/26", "Applied"],
    )

    assert plan.date_orders == {"3": "day-first"}
    assert drafts[0][1].values["applied_on"] == "2026-11-03"
