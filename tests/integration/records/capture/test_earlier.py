"""“Applied here before?” while an application is captured or typed, and after it was added."""

import io

import pytest

from tests.support.people import Person
from tmr.web.session import reading
from tmr.web.session.turns.searches import search_turns


def test_a_posting_of_a_role_that_is_there_is_said_before_it_is_kept(alice: Person) -> None:
    record = alice.add(company="Crumb & Daughters Ltd", title="Night Baker", status="rejected", applied_on="2026-11-03")
    shown = alice.post(
        "/capture/read", page="/capture", pasted="Company: Crumb & Daughters\nTitle: Night baker (all genders)"
    ).text
    assert "Applied here before?" in shown
    assert "Night Baker at Crumb &amp; Daughters Ltd" in shown
    assert "Rejected, applied 3 Nov" in shown
    assert f'href="/applications/{record}"' in shown
    assert f'action="/applications/{record}/duplicate"' in shown  # a new round


def test_the_same_link_is_found_whatever_the_title_and_another_role_is_not(alice: Person) -> None:
    alice.add(company="Crumb", title="Baker", url="https://crumb.example/jobs/7")
    asked = {"company": "Other", "title": "Cook", "url": "https://www.crumb.example/jobs/7/?utm_source=x"}
    assert "Baker at Crumb" in alice.post("/capture/earlier", htmx=True, page="/applications", **asked).text
    for said in ({"company": "Crumb", "title": "Senior Baker"}, {"company": "Crumble", "title": "Baker"}, {}):
        assert "before?" not in alice.post("/capture/earlier", htmx=True, page="/applications", **said).text


def test_what_was_sent_is_said(alice: Person) -> None:
    record = alice.add(company="Crumb", title="Baker")
    file = {"file": (io.BytesIO(b"My bread"), "letter.txt"), "name": "Letter to Crumb", "application_ids": record}
    sent = {**file, "csrf_token": alice.token("/documents")}
    alice.client.post("/documents", data=sent, content_type="multipart/form-data")
    alice.post(f"/applications/{record}", status="applied", version=alice.version(record))
    shown = alice.post("/capture/earlier", page="/applications", company="Crumb", title="Baker").text
    assert "Sent: Letter to Crumb" in shown


def test_c1_nobody_else_s_applications_are_found(alice: Person, bob: Person) -> None:
    bob.add(company="Crumb", title="Baker", url="https://crumb.example/jobs/7")
    asked = {"company": "Crumb", "title": "Baker", "url": "https://crumb.example/jobs/7"}
    assert "before?" not in alice.post("/capture/earlier", htmx=True, page="/applications", **asked).text


@pytest.mark.parametrize("path", ["/capture/earlier", "/capture/read"])
def test_w1_looking_through_a_large_account_waits_for_its_turn(alice: Person, monkeypatch, path: str) -> None:
    monkeypatch.setattr(reading, "TURN_SECONDS", 0.0)
    monkeypatch.setattr(reading, "MANY_RECORDS", 0)
    alice.add()
    token = alice.token("/capture")
    assert search_turns.take(alice.owner, 0)
    try:
        asked = {"csrf_token": token, "pasted": "Title: Baker", "company": "A", "title": "B"}
        assert alice.client.post(path, data=asked).status_code == 503
    finally:
        search_turns.give_back(alice.owner)
