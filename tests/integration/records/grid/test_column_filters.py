"""The menu of a column narrows its list, chips say by what, and what is set elsewhere stays."""

import re

import pytest

from tests.support.factories import table
from tests.support.people import Person


def companies(page: str) -> str:
    return "".join(re.findall(r'data-field="company"[^>]*><a[^>]*>(\w)<', page))


def chips(page: str) -> list[tuple[str, str]]:
    return re.findall(r'href="/applications\?([^"]*)"\s+aria-label="Remove the filter ([^"]+)"', page)


@pytest.fixture
def listed(alice) -> Person:
    rows = [
        ("A", "applied", "2", "65000"),
        ("B", "rejected", "5", ""),
        ("C", "applied", "", "9000"),
        ("D", "saved", "", ""),
    ]
    names = ("company", "status", "excitement", "salary_min")
    alice.bring(table(*({**dict(zip(names, row, strict=True)), "title": "T"} for row in rows)))
    return alice


def test_chips_say_what_narrows_a_list_and_each_can_be_removed(listed) -> None:
    query = "status=applied&status=saved&salary_min.from=65k&excitement.is=filled&date=applied_on&to=2030-01-01"
    page = listed.get(f"/applications?{query}").text

    words = ["Status: Applied, Saved", "Salary from 65,000", "Excitement: filled in", "Applied up to 1 Jan 2030"]
    assert [said for _, said in chips(page)] == words
    fewer = listed.get("/applications?" + chips(page)[1][0].replace("&amp;", "&")).text
    assert [said for _, said in chips(fewer)] == [words[0], *words[2:]]
    assert chips(listed.get("/applications?status=applied").text) == []  # the chip above the list says that
    assert companies(listed.get("/applications?excitement.is=empty").text) == "CD"


def test_what_is_not_understood_is_said_and_left_out(listed) -> None:
    page = listed.get("/applications?salary_min.from=a+lot").text

    assert companies(page) == "ABCD"
    assert "Salary: “a lot” is not understood" in page
    menu = listed.htmx_get("/applications/columns/salary_min?salary_min.from=a+lot").text
    assert 'value="a lot"' in menu
    assert "This is not understood." in menu


def test_the_menu_holds_what_narrows_by_its_column_and_keeps_the_rest(listed) -> None:
    query = "q=T&status=applied&excitement.is=filled&sort=title"
    menu = listed.htmx_get(f"/applications/columns/status?{query}").text

    assert re.search(r'value="applied"\s+checked', menu)
    for kept in ('name="q" value="T"', 'name="excitement.is" value="filled"', 'name="sort" value="title"'):
        assert kept in menu
    assert 'href="/applications?q=T&amp;excitement.is=filled&amp;sort=title">Clear<' in re.sub(r"\s+", " ", menu)
    head = listed.get(f"/applications?{query}").text
    assert 'aria-label="Status: options, filtered"' in head
    assert 'aria-label="Title: options"' in head


def test_a_search_and_the_panel_keep_what_columns_narrow(listed) -> None:
    page = listed.get("/applications?salary_min.from=65000&sort=title").text

    search, panel = (page.partition(f'class="{name}"')[2].partition("</form>")[0] for name in ("search", "panel"))
    assert 'name="salary_min.from" value="65000"' in search
    assert 'name="salary_min.from" value="65000"' in panel


def test_a_saved_view_and_the_export_take_what_columns_narrow(listed) -> None:
    place = listed.post("/applications/views", **{"name": "Paid", "salary_min.is": "filled"}).headers["Location"]

    assert companies(listed.get(place).text) == "AC"
    assert companies(listed.get(place + "&salary_min.is=").text) == "ABCD"
    menu = listed.htmx_get("/applications/columns/salary_min" + place.removeprefix("/applications")).text
    assert f'name="view" value="{place.partition("=")[2]}"' in menu
    assert 'name="q" value=""' in menu  # or unticking everything would bring back what the view has


def foot(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.partition("<tfoot>")[2].partition("</tfoot>")[0]).split())


def test_the_foot_is_about_the_whole_list_and_not_its_page_alone(listed) -> None:
    whole = "Totals Sum 74,000 Average 37,000 2 of 4 Average 3.5 2 of 4"

    assert foot(listed.get("/applications").text) == whole
    assert foot(listed.get("/applications?salary_min.from=10k").text) == (
        "Totals Sum 65,000 Average 65,000 1 of 1 Average 2.0 1 of 1"
    )
    assert foot(listed.get("/applications?q=nothing").text) == ""
    page = listed.get("/applications/totals?salary_min.from=10k").text
    assert "Totals of 1 application" in page
    assert re.search(r">65,000</td>\s*<td[^>]*>65,000</td>\s*<td[^>]*>1</td>", page)


def test_a_list_without_a_number_has_no_line_of_totals(alice) -> None:
    """Seen failing: “Totals” stood alone below it."""
    application = alice.add(company="Globex")
    empty = alice.get("/applications").text
    alice.change(application, excitement="3")

    assert "<tfoot hidden>" in empty
    assert foot(alice.get("/applications").text) == "Totals Average 3.0 1 of 1"


def test_the_table_of_totals_names_a_column_once_and_keeps_its_units_apart(alice) -> None:
    """Seen failing with a name in each line: a list of many currencies said “Salary” 28 times."""
    for low, currency in (("50000", "EUR"), ("70000", "EUR"), ("90000", "USD")):
        alice.add(company=currency + low, salary_min=low, salary_currency=currency, salary_period="year")

    page = alice.get("/applications/totals").text

    body = page.partition("<tbody>")[2].partition("</tbody>")[0]
    cells = [" ".join(text.split()) for text in re.findall(r"<t[dh][^>]*>([^<]*)</t[dh]>", body)]
    assert cells[:9] == ["Salary", "EUR / year", "120,000", "60,000", "2", "USD / year", "90,000", "90,000", "1"]
    assert '<th scope="rowgroup" rowspan="2">Salary</th>' in body
    assert '<th scope="row" class="unit">EUR / year</th>' in body


def test_a_list_of_many_pages_has_its_foot_on_demand(alice) -> None:
    """Seen failing while the foot was of the page: it showed figures at once."""
    alice.bring(table(*({"company": f"C{n}", "title": "T", "excitement": "2"} for n in range(30))))

    page = alice.get("/applications").text
    assert foot(page) == "Show totals"
    fragment = alice.htmx_get(re.search(r'hx-get="(/applications/totals[^"]*)"', page)[1]).text
    assert foot(fragment) == "Totals Average 2.0 30 of 30"
    assert "<html" not in fragment
    assert foot(alice.get("/applications?sort=title&page=2").text) == "Totals Average 2.0 30 of 30"


def test_a_list_without_numbers_has_no_foot(listed) -> None:
    listed.post("/applications/view", columns=["status"], query="")

    assert "<tfoot" not in listed.get("/applications").text
    assert "There are no numbers" in listed.get("/applications/totals").text


def test_every_column_is_reached_without_its_head(listed) -> None:
    """On a phone a row is a card, and there are no heads."""
    panel = listed.get("/applications?sort=title&status=applied").text.partition("panel")[2]
    address = re.search(r'href="(/applications/columns\?[^"]+)"', panel)[1].replace("&amp;", "&")

    page = listed.get(address).text

    for name in ("company", "source", "excitement"):  # shown or not
        assert f'href="/applications/columns/{name}?status=applied&amp;sort=title"' in page
