"""Sample data: offered where nothing is yet, named on every page while it is there, and removed alone."""

import re

import pytest
from sqlalchemy import event

from tests.support.kinds import RecordForms

OFFER = 'action="/today/samples"'
BANNER = 'action="/today/samples/remove"'
PAGES = ("/today", "/applications", "/board", "/calendar", "/insights", "/settings", "/import", "/search?q=x", "/more")


EMPTY = ("/today", "/applications", "/contacts", "/documents", "/board", "/insights", "/calendar", "/activity")


@pytest.fixture
def record_forms(alice) -> RecordForms:
    return RecordForms(alice)


@pytest.mark.parametrize("path", EMPTY)
def test_every_empty_page_offers_it(alice, path: str) -> None:
    assert OFFER in alice.get(path).text


@pytest.mark.parametrize(
    "path", ["/contacts", "/applications?q=x", "/board?q=x", "/insights", "/calendar", "/activity"]
)
def test_an_account_with_applications_is_not_offered_it(alice, path: str) -> None:
    alice.add()

    assert OFFER not in alice.get(path).text


def test_an_account_with_applications_gets_none(alice) -> None:
    alice.add()

    alice.post("/today/samples")

    assert len(alice.ids()) == 1
    assert BANNER not in alice.get("/today").text


def test_while_it_is_there_every_page_says_so_and_can_remove_it(alice) -> None:
    before = [BANNER in alice.get(path).text for path in PAGES]

    alice.post("/today/samples")

    assert before == [False] * len(PAGES)
    assert all(BANNER in alice.get(path).text for path in PAGES)


def test_removing_it_leaves_what_the_person_added(record_forms, alice) -> None:
    alice.post("/today/samples")
    added = alice.add(company="Mine")

    answer = alice.post("/today/samples/remove")

    page = alice.get(answer.headers["Location"]).text
    assert "Sample data removed." in page
    assert BANNER not in page
    assert alice.ids() == {added}
    assert record_forms.ids("contacts") == set()


def test_it_can_be_removed_when_its_import_is_long_gone(alice, services, clock) -> None:
    alice.post("/today/samples")
    clock.turn(days=8)
    alice.sign_in()
    with services.repository.for_owner(alice.owner) as uow:
        uow.imports.forget_expired(clock())
        uow.commit()

    alice.post("/today/samples/remove")

    assert alice.ids() == set()
    assert BANNER not in alice.get("/today").text


def test_undoing_it_as_an_import_removes_the_banner_too(alice) -> None:
    alice.post("/today/samples")
    [place] = set(re.findall(r"/import/[0-9a-f-]{36}", alice.get("/import").text))

    alice.post(f"{place}/undo")

    assert BANNER not in alice.get("/today").text


def test_undoing_another_import_leaves_the_banner(alice) -> None:
    alice.post("/today/samples")
    place = alice.upload(b"company,title\nA,B\n").headers["Location"]
    alice.post(place)

    alice.post(f"{place}/undo")

    assert BANNER in alice.get("/today").text


def test_removing_what_is_not_there_changes_nothing(alice) -> None:
    added = alice.add()

    alice.post("/today/samples/remove")

    assert alice.ids() == {added}


def test_the_banner_costs_no_query(alice, services) -> None:
    def queries() -> int:
        counted: list[str] = []
        engine = services.repository._engine

        def note(*arguments: object) -> None:
            counted.append(str(arguments[2]))

        event.listen(engine, "before_cursor_execute", note)
        alice.get("/settings")
        event.remove(engine, "before_cursor_execute", note)
        return len(counted)

    before = queries()
    alice.post("/today/samples")

    assert queries() == before


def test_an_erasure_of_all_data_removes_the_banner(alice, services, clock) -> None:
    alice.post("/today/samples")

    with services.repository.for_owner(alice.owner) as uow:
        uow.erase_data(clock())
        uow.commit()

    assert BANNER not in alice.get("/today").text


def test_the_empty_list_says_that_rows_can_be_pasted(alice) -> None:
    assert "paste rows from a spreadsheet with Ctrl V" in alice.get("/applications").text


def test_adding_an_application_asks_for_the_link_and_the_text_of_the_posting(alice) -> None:
    page = alice.get("/applications?new=1").text
    form = page[page.index('id="quick-add"') : page.index("</form>", page.index('id="quick-add"'))]

    assert re.findall(r'<(?:input|select|textarea) name="(\w+)"', form) == [
        "company",
        "title",
        "status",
        "url",
        "job_description",
    ]
