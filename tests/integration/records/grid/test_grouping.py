"""A list can be grouped by the words of a column: in their order, with how many there are, and under a name."""

import re

import pytest

from tests.support.factories import table
from tests.support.people import Person

ROWS = [("A", "applied", "remote"), ("B", "rejected", ""), ("C", "saved", "hybrid"), ("D", "applied", "remote")]


@pytest.fixture
def listed(alice) -> Person:
    names = ("company", "status", "work_mode")
    alice.bring(table(*({**dict(zip(names, row, strict=True)), "title": "T"} for row in ROWS)))
    return alice


def groups(page: str) -> list[str]:
    """The heads of the groups and the companies in them, as they stand."""
    body = page.partition('<tbody id="record-rows">')[2].partition("</tbody>")[0]
    rows = re.findall(r'<tr class="group">.*?</tr>|data-field="company"[^>]*><a[^>]*>\w<', body, re.S)
    return [" ".join(re.sub(r"<[^>]+>|data-field[^>]*>|<", " ", row).split()) for row in rows]


def test_groups_are_in_the_order_of_their_words_and_empty_ones_last(listed) -> None:
    by_status = ["Saved 1", "C", "Applied 2", "D", "A", "Rejected 1", "B"]

    assert groups(listed.get("/applications?group=status&sort=-company").text) == by_status
    assert groups(listed.get("/applications?group=work_mode&sort=company").text) == [
        *("Remote 2", "A", "D"),
        *("Hybrid 1", "C"),
        *("Empty 1", "B"),
    ]
    for nothing in ("", "company", "salary_min", "nothing"):
        assert groups(listed.get(f"/applications?group={nothing}&sort=company").text) == ["A", "B", "C", "D"]


def test_each_page_says_which_group_it_goes_on_with_and_how_large_that_is(alice) -> None:
    alice.bring(table(*({"company": f"C{n}", "title": "T", "status": "applied"} for n in range(27))))

    for page in (1, 2):
        assert groups(alice.get(f"/applications?group=status&page={page}").text)[0] == "Applied 27"


def test_a_view_keeps_how_its_list_is_grouped(listed) -> None:
    place = listed.post("/applications/views", name="By stage", group="status", sort="company").headers["Location"]
    page = listed.get(place).text

    assert groups(page)[:3] == ["Saved 1", "C", "Applied 2"]
    assert "Sort: Company (A to Z), by Status" in page
    assert groups(listed.get(place + "&group=").text) == ["A", "B", "C", "D"]  # as the file had them


def test_forms_and_links_keep_the_grouping(listed) -> None:
    page = listed.get("/applications?group=status&sort=title").text

    for name in ("search", "panel"):
        assert 'name="group" value="status"' in page.partition(f'class="{name}"')[2].partition("</form>")[0]
    assert re.search(
        r'value="status"\s+selected', page.partition('name="group" id="group"')[2].partition("</select>")[0]
    )
    menu = listed.htmx_get("/applications/columns/status?group=status&sort=title").text
    assert 'href="/applications?sort=title">Do not group<' in menu
    assert "Group by this" in listed.htmx_get("/applications/columns/work_mode").text
    assert "Group by this" not in listed.htmx_get("/applications/columns/company").text
