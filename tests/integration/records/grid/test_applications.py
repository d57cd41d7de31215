"""The grid, one record, and changes to many: with htmx and without."""

import re
import uuid

import pytest

from tests.support.factories import table
from tests.support.people import counts


def row(page: str, record_id: str) -> str:
    match = re.search(rf'<tr id="application-{record_id}".*?</tr>', page, re.S)
    assert match
    return match[0]


def test_the_page_and_the_fragment_share_a_partial(alice) -> None:
    record_id = alice.add()

    page, fragment = alice.get("/applications"), alice.htmx_get("/applications")

    assert row(page.text, record_id) == row(fragment.text, record_id)
    assert "<html" not in fragment.text
    assert page.headers["Vary"] == "HX-Request, HX-Request-Type, Cookie, Accept-Encoding, Sec-Fetch-Site"
    assert page.headers["Cache-Control"] == "no-store"


def test_a_row_carries_what_the_contract_names(alice) -> None:
    record_id = alice.add(company="Ørsted", status="applied")

    markup = row(alice.get("/applications").text, record_id)

    assert f'data-id="{record_id}" data-version="1"' in markup
    assert re.search(r'<td data-field="company"[^>]*>.*Ørsted', markup)
    assert 'data-field="status"' in markup


def test_create_refuses_an_empty_title_and_keeps_what_was_typed(alice) -> None:
    for htmx in (False, True):
        answer = alice.post("/applications", company="Globex", title=" ", htmx=htmx)
        assert answer.status_code == 422
        assert 'id="title-error"' in answer.text
        assert 'value="Globex"' in answer.text
    assert alice.ids() == set()


def test_create_by_htmx_answers_a_fresh_form_and_the_row(alice) -> None:
    alice.add()

    answer = alice.post("/applications", company="Globex", title="Engineer", htmx=True)

    assert answer.status_code == 200
    assert '<hx-partial hx-target="#cells [data-changed]" hx-swap="innerHTML">' in answer.text
    assert 'id="record-list"' not in answer.text  # the other rows stay as they are
    assert "Globex" in answer.text
    assert "Added " in answer.text
    assert 'value="Globex"' not in answer.text


@pytest.mark.parametrize(
    "fields", [{"status": "RÉJECTED"}, {"work_mode": "On_Site"}, {"period": "Year", "currency": "€"}]
)
def test_choices_and_aliases_are_folded(alice, fields: dict[str, str]) -> None:
    alice.add(**fields)

    assert alice.csv().count("\n") == 2


def test_c3_fields_of_the_row_cannot_be_sent(alice, admin) -> None:
    record_id = alice.add(owner_id="x", id="y", kind="contact", created_at="1999-01-01", deleted_at="1999-01-01")
    alice.change(record_id, title="Other", owner_id="00000000-0000-0000-0000-000000000000", created_at="1999-01-01")

    stored = admin.execute("SELECT count(*), min(created_at)::date FROM records").fetchone()

    assert stored[0] == 1
    assert stored[1].year > 2000


def test_a_change_is_kept_with_and_without_htmx(alice) -> None:
    record_id = alice.add()

    assert alice.change(record_id, title="Senior SRE").status_code == 303
    answer = alice.change(record_id, notes="x\n\ny", htmx=True)

    assert answer.status_code == 200
    assert "Saved." in answer.text
    assert "Senior SRE," in alice.csv()
    assert '"x\n\ny"' in alice.csv()


def test_a_cell_answers_itself_its_version_and_an_undo(alice) -> None:
    record_id = alice.add()

    answer = alice.change(record_id, cell="title", title="Senior SRE", htmx=True)

    assert answer.text.startswith('<td data-field="title">Senior SRE</td>')
    assert answer.headers["HX-Trigger"] == f'{{"tmr:saved":{{"id":"{record_id}","version":2}}}}'
    assert f'action="/applications/{record_id}/undo"' in answer.text


@pytest.mark.parametrize("version", ["", "x", "-1", "1.5", "99999999999999999999"])
def test_a_change_without_its_version_is_refused(alice, version: str) -> None:
    record_id = alice.add()

    answer = alice.change(record_id, version=version, title="Other")

    assert answer.status_code == 422
    assert 'value="Other"' in answer.text


def test_a_refused_change_keeps_everything_that_was_typed(alice) -> None:
    record_id = alice.add()

    answer = alice.change(record_id, company="", notes="\nfirst line stays", url="javascript:alert(1)")

    assert answer.status_code == 422
    assert 'id="company-error"' in answer.text
    assert 'aria-describedby="url-error"' in answer.text
    assert ">\n\nfirst line stays</textarea>" in answer.text
    assert "javascript:alert(1)" in answer.text


def test_c6_a_stale_version_shows_both_values(alice) -> None:
    record_id = alice.add(title="First")
    alice.change(record_id, title="Second", version="1")

    page = alice.change(record_id, title="Mine", version="1")
    cell = alice.change(record_id, cell="title", title="Mine", version="1", htmx=True)

    assert page.status_code == cell.status_code == 409
    for answer in (page, cell):
        assert "Mine" in answer.text
        assert re.search(r'data-stored="title">Second<', answer.text)
    assert 'name="version" value="2"' in page.text
    assert 'data-version="2"' in cell.text
    assert "Second" in alice.csv()


def test_salary_is_checked_against_what_is_stored(alice) -> None:
    record_id = alice.add(salary_min="90000")

    answer = alice.change(record_id, cell="salary_min", salary_max="80000", htmx=True)

    assert answer.status_code == 422
    assert 'id="salary_max-error"' in answer.text


def test_delete_can_be_undone_for_thirty_days(alice, clock) -> None:
    record_id = alice.add()
    for _ in range(2):
        assert alice.post(f"/applications/{record_id}/delete").status_code == 303
        assert alice.get(f"/applications/{record_id}").status_code == 404
        assert alice.post(f"/applications/{record_id}/undo").status_code == 303
        assert alice.get(f"/applications/{record_id}").status_code == 200

    alice.post(f"/applications/{record_id}/delete")
    clock.turn(days=30)
    alice = alice.elsewhere()
    assert alice.post(f"/applications/{record_id}/undo").status_code == 303
    assert alice.get(f"/applications/{record_id}").status_code == 404


def test_the_page_after_a_deletion_offers_to_undo_it(alice) -> None:
    record_id = alice.add()
    alice.post(f"/applications/{record_id}/delete")

    page = alice.get("/applications").text
    [fields] = re.findall(r"<form[^>]*data-undo>(.*?)</form>", page, re.S)
    sent = dict(re.findall(r'name="(\w+)" value="([^"]*)"', fields))
    sent.pop("csrf_token")
    alice.post("/applications/bulk", **sent)

    assert alice.ids() == {record_id}


def test_an_edit_is_undone_by_its_version(alice) -> None:
    record_id = alice.add(title="First")
    alice.change(record_id, title="Second")

    assert alice.post(f"/applications/{record_id}/undo", version="2", htmx=True).status_code == 200
    assert "First" in alice.csv()
    assert alice.post(f"/applications/{record_id}/undo", version="2", htmx=True).status_code == 409


def test_bulk_sets_a_field_on_many_and_undoes_it(alice) -> None:
    ids = [alice.add(company=f"C{n}") for n in range(3)]

    answer = alice.post("/applications/bulk", ids=ids[:2], action="set", field="status", value="Offer", htmx=True)

    assert answer.status_code == 200
    assert "2 moved to Offer." in answer.text
    assert alice.csv().count(",offer,") == 2
    at = re.search(r'name="at" value="([^"]+)"', answer.text)[1]
    alice.post("/applications/bulk", action="undo", at=at.replace("&#43;", "+"))
    assert alice.csv().count(",offer,") == 0


def test_bulk_deletes_many_and_undoes_it(alice) -> None:
    ids = [alice.add(company=f"C{n}") for n in range(3)]

    answer = alice.post("/applications/bulk", ids=ids, action="delete", htmx=True)

    assert alice.ids() == set()
    at = re.search(r'name="at" value="([^"]+)"', answer.text)[1]
    alice.post("/applications/bulk", action="restore", at=at.replace("&#43;", "+"))
    assert alice.ids() == set(ids)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"action": "set"},
        {"action": "set", "field": "nothing", "value": "x"},
        {"action": "set", "field": "status", "value": "zorp"},
        {"action": "set", "field": "company", "value": ""},
        {"action": "explode"},
        {"action": "restore", "at": "soon"},
        {"action": "undo", "at": "0001-01-01T00:00:00+23:59"},
    ],
)
def test_bulk_refuses_what_it_does_not_understand(alice, fields: dict[str, str]) -> None:
    record_id = alice.add()

    for htmx in (False, True):
        answer = alice.post("/applications/bulk", ids=record_id, htmx=htmx, **fields)
        assert answer.status_code == 422
    assert alice.version(record_id) == "1"


def test_bulk_without_ids_and_with_too_many_is_refused(alice) -> None:
    many = [str(uuid.uuid4()) for _ in range(1_001)]

    assert alice.post("/applications/bulk", action="delete").status_code == 422
    assert alice.post("/applications/bulk", action="delete", ids=many).status_code == 422
    assert alice.post("/applications/bulk", action="delete", ids="x").status_code == 404


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("q=fair", {"A"}),
        ("q=orsted", {"B"}),
        ("status=open", {"A", "B"}),
        ("status=closed", {"C"}),
        ("tag=python", {"A"}),
        ("work_mode=remote", {"B"}),
        ("from=2026-11-01&to=2026-11-30", {"B"}),
        ("q=nothing", set()),
        ("page=9", set()),
    ],
)
def test_the_list_shows_what_was_asked_for(alice, query: str, expected: set[str]) -> None:
    alice.add(company="A", notes="Met at the fair", tags="python; sql")
    alice.add(company="B", title="Ørsted fan", work_mode="remote", applied_on="2026-11-20", status="applied")
    alice.add(company="C", status="rejected")

    page = alice.get(f"/applications?{query}").text

    assert set(re.findall(r'data-field="company"[^>]*><a[^>]*>(\w)<', page)) == expected


def test_sorting_puts_the_empty_ones_last_both_ways(alice) -> None:
    for company, interest in (("A", "1"), ("B", ""), ("C", "5")):
        alice.add(company=company, excitement=interest)

    def order(sort: str) -> str:
        page = alice.get(f"/applications?sort={sort}").text
        return "".join(re.findall(r'data-field="company"[^>]*><a[^>]*>(\w)<', page))

    assert (order("excitement"), order("-excitement")) == ("ACB", "CAB")


def test_a_list_is_sorted_by_several_fields(alice) -> None:
    for company, interest, place in (("A", "1", "Bonn"), ("B", "5", ""), ("C", "5", "Aix"), ("D", "1", "Aix")):
        alice.add(company=company, excitement=interest, location=place)

    def order(query: str) -> str:
        page = alice.get(f"/applications?{query}").text
        return "".join(re.findall(r'data-field="company"[^>]*><a[^>]*>(\w)<', page))

    assert order("sort=-excitement,location") == order("sort=-excitement&sort=location") == "CBDA"
    assert order("sort=location,excitement") == "DCAB"
    page = alice.get("/applications?sort=-excitement,location,-excitement").text
    assert "Sort: Excitement (highest first), then Location (A to Z)" in page
    assert page.count("aria-sort") == 1


def test_applications_begin_with_the_newest_and_an_edit_moves_none(alice, clock) -> None:
    ids = []
    for company in "ABC":
        clock.turn(seconds=1)
        ids.append(alice.add(company=company))

    def order(query: str = "") -> str:
        page = alice.get(f"/applications{query}").text
        return "".join(re.findall(r'data-field="company"[^>]*><a[^>]*>(\w)<', page))

    assert order() == "CBA"
    alice.post(f"/applications/{ids[0]}", title="Lead engineer", version="1")
    alice.post(f"/applications/{ids[1]}", location="Bonn", version="1")
    assert order() == order("?status=saved&status=applied") == order("?q=engineer") == "CBA"
    assert "Sort: Newest first" in alice.get("/applications").text


@pytest.mark.parametrize(
    ("dates", "order"),
    [
        (["2026-09-01", "2026-10-01", "2026-11-01"], "CBA"),
        (["2026-11-01", "2026-10-01", "2026-09-01"], "ABC"),
        (["2026-11-01", "2026-11-01", ""], "ABC"),
        (["", "", ""], "ABC"),
    ],
)
def test_imported_applications_stand_by_the_day_of_applying_then_as_in_the_file(alice, dates, order) -> None:
    rows = [{"company": c, "title": "T", "applied_on": day} for c, day in zip("ABC", dates, strict=True)]
    alice.bring(table(*rows))

    page = alice.get("/applications").text

    assert "".join(re.findall(r'data-field="company"[^>]*><a[^>]*>(\w)<', page)) == order


@pytest.mark.parametrize("size", [25, 50, 100])
def test_pages_have_the_size_that_was_chosen(alice, size: int) -> None:
    alice.bring(table(*({"company": f"C{n}", "title": "T"} for n in range(120))))
    alice.post("/applications/view", columns=["company", "title"], per_page=str(size), query="")

    page = alice.get("/applications").text

    assert page.count("<tr id=") == size
    assert 'rel="next"' in page
    assert 'data-field="status"' not in page
    assert alice.get("/applications?page=2").text.count("<tr id=") == min(size, 120 - size)


def test_rows_of_an_import_are_in_the_order_of_the_file(alice) -> None:
    alice.bring(table(*({"company": f"C{n}", "title": "T"} for n in range(3))))

    page = alice.get("/applications").text

    assert re.findall(r'data-field="company"[^>]*><a[^>]*>(\w\d)<', page) == ["C0", "C1", "C2"]


def test_a_damaged_record_is_named_and_the_rest_shown(alice, admin) -> None:
    broken, whole = alice.add(company="A"), alice.add(company="B")
    admin.execute("UPDATE records SET summary_sealed = ''::bytea WHERE id = %s", (broken,))

    page = alice.get("/applications")

    assert page.status_code == 200
    assert alice.ids() == {whole}
    assert "1 record cannot be opened" in page.text
    assert alice.get(f"/applications/{broken}").status_code == 500


def test_the_first_page_teaches_the_next_step(alice) -> None:
    assert "Your search starts here" in alice.get("/applications").text
    alice.add()
    assert "No applications match" in alice.get("/applications?q=zzz").text


def test_adding_a_role_says_that_its_company_is_in_the_list_already(alice) -> None:
    first = alice.post("/applications", htmx=True, company="Müller & Söhne", title="Engineer", status="rejected")
    second = alice.post("/applications", htmx=True, company="muller & sohne", title="Lead")

    assert "in your list" not in first.text
    assert "You already have muller &amp; sohne in your list: Engineer (Rejected)." in second.text


__all__ = ["counts"]
