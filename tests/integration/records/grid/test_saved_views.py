"""What a list shows is kept under a name: it comes back, on the board and in the export too, and goes with the data."""

import io
import re
import zipfile

from tests.support.factories import table
from tests.support.people import PASSWORD, Person


def companies(page: str) -> str:
    return "".join(re.findall(r'data-field="company"[^>]*><a[^>]*>(\w)<', page))


def filled(alice: Person) -> None:
    rows = [("A", "applied", "2"), ("B", "rejected", "5"), ("C", "applied", "4"), ("D", "saved", "1")]
    alice.bring(table(*({"company": c, "title": "T", "status": s, "excitement": e} for c, s, e in rows)))


def saved(alice: Person, **fields) -> str:
    answer = alice.post("/applications/views", **{"name": "Waiting", **fields})
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/applications?view=")
    return answer.headers["Location"]


def test_a_view_keeps_filters_order_and_columns_under_a_name(alice) -> None:
    filled(alice)
    place = saved(alice, status="applied", sort="-excitement", columns=["company", "title", "status"])

    page = alice.get(place).text

    assert companies(page) == "CA"
    assert re.search(r'aria-current="page">Waiting<', page)
    assert 'data-field="location"' not in page
    assert "Sort: Excitement (highest first)" in page
    assert companies(alice.get(place + "&status=rejected").text) == "B"
    assert companies(alice.get(place + "&q=").text) == "ABCD"
    assert companies(alice.get("/applications").text) == "ABCD"


def test_a_list_begins_with_the_default_view_and_all_is_one_click_away(alice) -> None:
    filled(alice)
    first = saved(alice, status="applied", default="1")
    saved(alice, name="Closed", status="rejected", default="1")

    assert companies(alice.get("/applications").text) == "B"
    assert companies(alice.get("/applications?view=all").text) == "ABCD"
    assert companies(alice.get(first).text) == "AC"
    assert companies(alice.get("/applications?status=saved").text) == "D"


def test_a_view_is_changed_and_deleted_and_comes_back(alice) -> None:
    filled(alice)
    place = saved(alice, query="status=applied")
    address = place.replace("?view=", "/views/")

    alice.post(address, name="Newer", query="status=rejected")
    assert companies(alice.get(place).text) == "B"
    assert "Newer" in alice.get("/applications?view=all").text
    answer = alice.post(address + "/delete", htmx=True)
    assert "deleted" in answer.text or answer.headers.get("HX-Redirect")
    page = alice.get("/applications").text
    assert "Newer" not in re.sub(r"(?s)<div id=.messages.*", "", page)
    assert companies(page) == "ABCD"
    assert alice.post(address, name="x").status_code == 404
    alice.post("/applications/views", name="Newer", query="status=rejected")
    assert "Newer" in alice.get("/applications").text


def test_the_columns_of_a_view_are_its_own(alice) -> None:
    filled(alice)
    place = saved(alice, status="applied")

    alice.post("/applications/view", columns=["status"], query=place.partition("?")[2] + "&status=applied")

    assert 'data-field="excitement"' not in alice.get(place).text
    assert 'data-field="excitement"' in alice.get("/applications").text


def test_the_board_and_the_export_take_a_view(alice) -> None:
    filled(alice)
    place = saved(alice, status="applied", sort="-excitement")
    view = place.partition("?")[2]

    board = alice.get(f"/board?{view}").text
    alice.post("/reauthenticate", page="/reauthenticate", password=PASSWORD)
    exported = alice.get(f"/export/applications.csv?{view}").text

    assert re.findall(r"<b>(\w)</b>", board) == ["C", "A"]
    assert [line[0] for line in exported.splitlines()[1:]] == ["C", "A"]
    assert [line[0] for line in alice.get("/export/applications.csv?status=saved").text.splitlines()[1:]] == ["D"]


def test_nothing_is_exported_by_a_view_that_is_not_there(alice) -> None:
    filled(alice)
    place = saved(alice, status="applied")
    alice.post("/reauthenticate", page="/reauthenticate", password=PASSWORD)
    assert alice.get(f"/export/applications.csv?{place.partition('?')[2]}").status_code == 200

    alice.post(place.replace("?view=", "/views/") + "/delete")

    assert alice.get(f"/export/applications.csv?{place.partition('?')[2]}").status_code == 404
    assert len(alice.get("/export/applications.csv?view=all").text.splitlines()) == 5


def test_another_persons_view_is_not_there(alice, bob) -> None:
    place = saved(alice, status="applied")
    address = place.replace("?view=", "/views/")

    assert "Waiting" not in bob.get(place).text
    assert bob.post(address, name="Mine").status_code == 404
    assert bob.post(address + "/delete").status_code == 404


def test_what_is_wrong_is_said_and_there_is_an_end(alice) -> None:
    for name in ("", "  ", "\0"):
        assert "Enter a name for the view." in alice.post("/applications/views", htmx=True, name=name).text
    for number in range(20):
        saved(alice, name=f"View {number}", status="applied")
    answer = alice.post("/applications/views", htmx=True, name="One more")
    assert answer.status_code == 422
    assert "You have 20 views of this list. Delete one first." in answer.text


def test_views_go_along_with_everything_and_are_erased_with_it(alice, bob, admin) -> None:
    filled(alice)
    saved(alice, name="Zanzibar", status="applied", sort="-excitement", columns=["company"])
    alice.post("/reauthenticate", page="/reauthenticate", password=PASSWORD)
    archive = alice.post("/settings/privacy/export").data
    assert b"Zanzibar" in zipfile.ZipFile(io.BytesIO(archive)).read("settings.json")

    bob.bring(archive, "export.zip")

    page = bob.get("/applications?view=all").text
    place = re.search(r'href="(/applications\?view=[0-9a-f-]{36})"\s*>Zanzibar<', page)
    assert companies(bob.get(place[1]).text) == "CA"
    assert admin.execute("SELECT count(*) FROM saved_views WHERE view_sealed LIKE '%%Zanzibar%%'").fetchone() == (0,)
    alice.post("/settings/privacy/erase-data", password=PASSWORD)
    assert "Zanzibar" not in alice.get("/applications").text
    assert admin.execute("SELECT count(*) FROM saved_views").fetchone() == (1,)
