"""A drafted email: from the application, from Today, by one's own template, and nothing is sent from here."""

import html
import re
from urllib.parse import unquote

import pytest

from tmr.web.session import reading
from tmr.web.session.turns.searches import search_turns


def link_on(page: str) -> str:
    return unquote(html.unescape(re.search(r'id="draft-link"\s+href="([^"]+)"', page)[1]))


def test_a_draft_is_made_of_ones_own_template_for_the_person_of_the_application(alice, bob, letters) -> None:
    days = {"applied_on": "2026-03-02", "follow_up_on": "2026-03-20"}
    record = alice.add(company="Ørsted", title="Engineer", status="applied", **days)
    alice.post("/settings/profile", page="/settings", name="Ada Lovelace")
    alice.post("/contacts", name="Mette Holm", email="mette@example.org", application_ids=record)
    usual = alice.get(f"/applications/{record}/draft").text
    text = "Subject: {company}\nDear {first name}, {title}? {salary} {me}"
    alice.post("/documents", page="/documents", name="Mine", kind="Message template", notes=text)
    before = len(letters())

    page = alice.get(f"/applications/{record}/draft").text

    assert "Save as my template" in usual
    assert link_on(usual).startswith(
        "mailto:mette@example.org?subject=My application for Engineer&body=Dear Mette Holm,"
    )
    assert link_on(page) == "mailto:mette@example.org?subject=Ørsted&body=Dear Mette, Engineer? {salary} Ada Lovelace"
    assert "<code>{salary}</code>" in page
    assert "Save as my template" not in page
    assert len(letters()) == before
    assert bob.get(f"/applications/{record}/draft").status_code == 404
    assert f"/applications/{record}/draft" in alice.get(f"/applications/{record}").text


def test_the_usual_template_becomes_ones_own_and_is_a_document_like_any(alice) -> None:
    record = alice.add(status="applied", follow_up_on="2020-01-01")
    page = alice.get(f"/applications/{record}/draft").text
    fields = dict(re.findall(r'name="(name|kind|notes)"\s+value="([^"]*)"', page))

    alice.post("/documents", page="/documents", **{name: html.unescape(value) for name, value in fields.items()})

    assert "Edit the template" in alice.get(f"/applications/{record}/draft").text
    assert f"/applications/{record}/draft" in alice.get("/today").text
    alice.post("/undo")  # so it is kept, undone, exported and erased as documents are
    assert "Save as my template" in alice.get(f"/applications/{record}/draft").text


@pytest.mark.parametrize("follow_up_on", ["2020-01-01", "2099-01-01"])
def test_logging_a_draft_meets_the_follow_up_and_undo_brings_it_back(alice, follow_up_on: str) -> None:
    """Seen failing: the follow-up stayed due on Today."""
    record = alice.add(company="Ørsted", title="Engineer", status="applied", follow_up_on=follow_up_on)
    page = alice.get(f"/applications/{record}/draft").text
    action, fields = re.search(r'action="([^"]+)">((?:(?!</form>).)*)>I sent it, log it', page, re.DOTALL).groups()
    sent = dict(re.findall(r'name="(?!csrf)(\w+)"\s+value="([^"]*)"', fields))

    answer = alice.post(action, page=f"/applications/{record}/draft", **sent)

    shown = alice.get(f"/applications/{record}").text
    assert answer.headers["Location"] == f"/applications/{record}"
    assert [alice.get("/today").text.count("Follow-ups"), "Followed up: My application" in shown] == [0, True]
    assert follow_up_on[:4] not in alice.csv()
    forms = re.findall(r"<form.*?</form>", shown, re.DOTALL)
    [undo] = [form for form in forms if 'name="step"' in form]
    undone = dict(re.findall(r'name="(?!csrf)(\w+)" value="([^"]*)"', undo))
    place = re.search(r'action="([^"]+)"', undo)[1]
    assert alice.post(place, page=f"/applications/{record}", **undone).status_code == 303
    assert follow_up_on in alice.csv()
    assert "Followed up: My application" not in alice.get(f"/applications/{record}").text


def test_c1_a_draft_of_a_strangers_application_is_not_logged(alice, bob) -> None:
    record = alice.add()

    assert bob.post(f"/applications/{record}/draft", page="/applications", subject="Mine").status_code == 404
    assert "Followed up" not in alice.get(f"/applications/{record}").text


def test_w1_it_takes_a_turn_in_a_large_account(alice, monkeypatch) -> None:
    record = alice.add()
    monkeypatch.setattr(reading, "TURN_SECONDS", 0.0)
    monkeypatch.setattr(reading, "MANY_RECORDS", 0)
    assert search_turns.take(alice.owner, 0)

    waited = alice.get(f"/applications/{record}/draft")

    search_turns.give_back(alice.owner)
    assert waited.status_code == 503


def test_the_templates_that_come_along_are_in_four_languages_by_choice(alice) -> None:
    record = alice.add(company="Ørsted", title="Engineer", status="applied", applied_on="2026-03-02")
    alice.post("/contacts", name="Mette Holm", email="mette@example.org", application_ids=record)
    text = "Asunto: {puesto}\nHola, {nombre}, {fecha}"
    alice.post("/documents", page="/documents", name="Mía", kind="Message template", notes=text)

    own, german, wrong = (
        alice.get(f"/applications/{record}/draft{asked}").text for asked in ("", "?template=de", "?template=xx")
    )

    assert link_on(own) == link_on(wrong) == "mailto:mette@example.org?subject=Engineer&body=Hola, Mette, 02/03/2026"
    assert re.findall(r'<option value="(..)"', own) == ["en", "de", "fr", "es"]
    assert re.findall(r'<option value="(\w+)"\s+selected>([^<]*)<', german) == [("de", "Nachfrage (Deutsch)")]
    assert link_on(german).startswith(
        "mailto:mette@example.org?subject=Meine Bewerbung als Engineer&body=Guten Tag Mette Holm,"
    )
    assert "am 02.03.2026 habe ich mich bei Ørsted als Engineer beworben" in link_on(german)
    assert "Save as my template" in german
    assert "Save as my template" not in own


def test_a_text_that_is_too_long_for_a_link_is_not_cut_off_but_copied(alice) -> None:
    record = alice.add(title="Engineer")
    text = "Subject: About {title}\n" + "I like bridges. " * 200
    alice.post("/documents", page="/documents", name="Long", kind="Message template", notes=text)

    page = alice.get(f"/applications/{record}/draft").text

    assert link_on(page) == "mailto:?subject=About Engineer&body="
    assert "copy the text from here" in page
    assert page.count("I like bridges.") == 200
