"""The companies of a search, and everything with one of them."""

import re

from tmr.web.session import reading
from tmr.web.session.turns.searches import search_turns


def test_everything_with_a_company_is_on_one_page_whatever_its_spelling(alice) -> None:
    first = alice.add(company="Ørsted", title="Engineer", status="applied")
    second = alice.add(company="ORSTED A/S", title="Planner")
    other = alice.add(company="Bosch GmbH", title="Chemist")
    alice.post("/contacts", name="Mette Holm", company="Ørsted AS")
    alice.post("/contacts", name="Recruiter", company="Agency", application_ids=second)
    alice.post("/contacts", name="Stranger", company="Bosch")
    alice.post("/interviews", application_id=first, kind="video", starts_at="2026-12-01T10:00")
    alice.post("/interviews", application_id=other, kind="panel", starts_at="2026-12-02T10:00")
    alice.post("/offers", application_id=second, base="90000")

    listed = alice.get("/companies").text
    links = re.findall(r'href="(/companies/[0-9a-f-]{36})">([^<]+)<', listed)
    page = alice.get(f"/companies/{first}").text

    assert len(links) == 3  # with the agency
    assert "2 applications" in listed
    assert f'"/applications/{first}"' in page
    assert f'"/applications/{second}"' in page
    assert [name in page for name in ("Mette Holm", "Recruiter", "Video", "Offers (1)")] == [True] * 4
    assert [name for name in ("Bosch", "Stranger", "Panel") if name in page] == []
    assert alice.get(f"/companies/{second}").text.count("<li") == page.count("<li")


def test_a_company_has_notes_of_its_own_which_are_a_document_like_any(alice) -> None:
    first, second = alice.add(company="Ørsted"), alice.add(company="Orsted A/S", title="Planner")
    page = f"/companies/{first}"
    fields = dict(re.findall(r'name="(name|kind)"\s+value="([^"]*)"', alice.get(page).text))

    alice.post("/documents", page="/documents", **fields, notes="Good canteen.\nFar away.")

    for path in (page, f"/companies/{second}"):
        assert "Good canteen.\nFar away." in alice.get(path).text
        assert "?edit=notes" in alice.get(path).text
    assert "Good canteen" not in alice.get(f"/companies/{alice.add(company='Bosch')}").text
    alice.post("/undo")
    alice.post("/undo")
    assert "Good canteen" not in alice.get(page).text


def test_c1_the_page_of_anothers_record_or_of_a_nameless_one_is_not_there(alice, bob) -> None:
    record = alice.add()
    alice.post("/contacts", name="Nobody")
    nameless = re.search(r'data-id="([0-9a-f-]{36})"', alice.get("/contacts").text)[1]

    assert bob.get(f"/companies/{record}").status_code == 404
    assert alice.get(f"/companies/{nameless}").status_code == 404


def test_w1_both_pages_take_a_turn(alice, monkeypatch) -> None:
    record = alice.add()
    monkeypatch.setattr(reading, "TURN_SECONDS", 0.0)
    monkeypatch.setattr(reading, "MANY_RECORDS", 0)
    assert search_turns.take(alice.owner, 0)

    waited = [alice.get(path).status_code for path in ("/companies", f"/companies/{record}")]

    search_turns.give_back(alice.owner)
    assert waited == [503, 503]
