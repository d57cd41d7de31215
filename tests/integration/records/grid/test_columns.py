"""The columns of a list: which, in what order and how wide, kept for each person and each width of the screen."""

import re

import pytest

from tests.support.kinds import declare
from tests.support.people import Person
from tmr.domain.columns.order import NARROWEST, WIDEST, as_width, in_order, moved, read_widths
from tmr.domain.kinds import KINDS
from tmr.domain.kinds.application import APPLICATION

ALL = [field.name for field in APPLICATION.shown]
PLACE = "/applications/columns"


def columns(person: Person, path: str = "/applications") -> list[str]:
    return re.findall(r'<th class="c-\w+"\s+data-field="(\w+)"', person.get(path).text)


def widths(person: Person) -> dict[str, str]:
    return dict(re.findall(r'data-field="(\w+)"\s+data-width="(\d+)"', person.get("/applications").text))


def change(person: Person, name: str, change: str, **fields: str):
    answer = person.post(f"{PLACE}/{name}", page="/applications", change=change, **fields)
    assert answer.status_code == 303
    return answer


@pytest.fixture
def listed(alice) -> Person:
    alice.add()
    return alice


def test_columns_are_chosen_in_an_order(listed) -> None:
    listed.post("/applications/view", columns=["tags", "title", "status"], query="")

    assert columns(listed) == ["company", "tags", "title", "status"]


def test_an_arrow_of_the_panel_moves_a_column_and_opens_the_panel_again(listed) -> None:
    answer = listed.post("/applications/view", columns=ALL, move="status.up", query="sort=title")

    assert answer.headers["Location"] == "/applications?sort=title#columns"
    assert columns(listed) == ["company", "status", "title", *ALL[3:]]
    listed.post("/applications/view", columns=ALL, move="nothing.up", query="")
    assert columns(listed) == ALL


def test_a_column_is_moved_and_hidden_from_its_head_and_the_first_one_stays(listed) -> None:
    assert change(listed, "status", "left").headers["Location"] == "/applications"
    assert columns(listed)[:3] == ["company", "status", "title"]
    change(listed, "status", "left")
    assert columns(listed)[:3] == ["company", "status", "title"]
    change(listed, "tags", "move", before="status")
    assert columns(listed)[:3] == ["company", "tags", "status"]
    change(listed, "tags", "move", before="")
    assert columns(listed)[-1] == "tags"
    change(listed, "tags", "hide")
    assert "tags" not in columns(listed)
    for name in ("company", "title"):  # without these there is no record
        change(listed, name, "hide")
        assert name in columns(listed)
    for name in ("left", "right", "move"):
        change(listed, "company", name, before="status")
        assert columns(listed)[0] == "company"


def test_each_width_of_the_screen_keeps_its_own(listed) -> None:
    """Seen failing while the setting was kept by the kind alone: the phone had the columns of the wide screen."""
    elsewhere = listed.elsewhere()
    change(listed, "tags", "hide", screen="wide")
    assert "tags" not in columns(listed)
    assert 'data-screen="wide"' in listed.get("/applications").text

    answer = elsewhere.post(
        "/applications/screen", page="/applications", htmx=True, screen="narrow", query="sort=title"
    )
    assert 'data-field="tags"' not in answer.text  # nothing was set for a narrow one yet
    assert 'data-query="sort=title"' in answer.text
    assert 'data-screen="narrow"' in answer.text
    change(elsewhere, "location", "hide", screen="narrow")

    assert "location" in columns(listed)
    assert "location" not in columns(elsewhere)
    assert elsewhere.client.get_cookie("tmr-screen").http_only


def test_cards_of_a_phone_show_own_fields_once_columns_were_chosen_there(listed) -> None:
    """Seen failing: a phone showed own fields on the page of a record only."""
    declare(listed, "Mascot")
    change(listed, "tags", "hide", screen="wide")
    phone = listed.elsewhere()
    phone.post("/applications/screen", page="/applications", screen="narrow")
    assert "data-own" not in phone.get("/applications").text

    change(phone, "location", "hide", screen="narrow")

    assert "data-own" in phone.get("/applications").text
    assert "data-own" not in listed.get("/applications").text


def test_without_a_script_there_is_one_setting(listed) -> None:
    change(listed, "tags", "hide")

    assert "tags" not in columns(listed.elsewhere())
    assert "data-screen" not in listed.get("/applications").text
    change(listed, "tags", "hide", screen="huge")
    assert listed.client.get_cookie("tmr-screen") is None


def test_what_another_person_sets_is_theirs(listed, bob) -> None:
    bob.add()
    change(bob, "tags", "hide")

    assert columns(listed) == ALL


def test_widths_are_kept_in_steps_between_bounds(listed) -> None:
    change(listed, "title", "wider")
    assert widths(listed) == {"title": "160"}
    assert 'class="ledger sized"' in listed.get("/applications").text
    change(listed, "title", "narrower", widths="title:300 company:187 nothing:4 tags:x status:9999999")
    assert widths(listed) == {"company": "180", "title": "280"}
    change(listed, "tags", "width", widths="tags:99999 title:0")
    assert widths(listed) == {"company": "180", "title": str(NARROWEST), "tags": str(WIDEST)}
    change(listed, "tags", "fit")
    assert widths(listed) == {}


def test_the_menu_of_a_column_is_a_page_and_a_fragment(listed) -> None:
    page, fragment = listed.get(f"{PLACE}/status?q=x"), listed.htmx_get(f"{PLACE}/status?q=x")

    assert "<h1>Status</h1>" in page.text
    assert 'href="/applications?q=x&amp;sort=-status"' in page.text
    assert "<html" not in fragment.text
    assert "Move left" in fragment.text
    assert "Hide" not in listed.get(f"{PLACE}/title").text
    assert listed.get(f"{PLACE}/nothing").status_code == 404
    assert listed.get(f"{PLACE}/url").status_code == 404  # no column
    assert listed.post(f"{PLACE}/nothing").status_code == 404


def test_the_columns_of_a_saved_view_keep_their_order(listed) -> None:
    place = listed.post("/applications/views", name="Mine", sort="title", columns=["tags", "status"]).headers[
        "Location"
    ]

    assert columns(listed, place) == ["company", "title", "tags", "status"]
    change(listed, "tags", "right", query=place.partition("?")[2])
    assert columns(listed, place) == ["company", "title", "status", "tags"]
    assert columns(listed, "/applications?view=all") == ALL


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.plural)
def test_every_order_begins_with_what_opens_a_record(kind) -> None:
    names = [field.name for field in kind.columns]

    for asked in ([], names, names[::-1], [names[-1], "nothing", names[-1]]):
        ordered = [field.name for field in in_order(kind, asked)]
        assert ordered[0] == kind.lead.name
        assert len(ordered) == len(set(ordered))
        assert set(kind.required) & set(names) <= set(ordered)


def test_places_and_widths() -> None:
    assert moved("abc", "b", 1) == ["a", "c", "b"]
    assert moved("abc", "c", 1) == ["a", "b", "c"]
    assert moved("abc", "a", -1) == ["a", "b", "c"]
    assert [as_width(pixels) for pixels in (0, 69, 70.5, 10_000)] == [NARROWEST, 60, 80, WIDEST]
    assert read_widths(APPLICATION, "company:١٢ title:-5 status:") == {}
