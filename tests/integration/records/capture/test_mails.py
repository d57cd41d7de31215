"""An email about an application: read, looked through, and what it changes once a person says so."""

import html
import io
import re

import pytest

from tests.support.capture_samples import SAMPLES
from tests.support.kinds import RecordForms
from tests.support.people import Person

MAILS = SAMPLES / "mails"


def form_of(text: str) -> dict[str, str]:
    """Return what the review of a mail would send as it stands."""
    form = text.partition('id="mail-form"')[2]
    found = {}
    for tag in re.findall(r"<input [^>]*>", form):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if attributes.get("type") != "checkbox" and attributes.get("name") not in (None, "csrf_token"):
            found[attributes["name"]] = attributes.get("value", "")
    for name, options in re.findall(r'<select name="(\w+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else ""
    found["text"] = re.search(r'<textarea name="text"[^>]*>\n(.*?)</textarea>', form, re.DOTALL)[1]
    return {name: html.unescape(value) for name, value in found.items()}


def read(person: Person, name: str) -> str:
    data = {"csrf_token": person.token("/capture"), "file": (io.BytesIO((MAILS / name).read_bytes()), name)}
    answer = person.client.post("/capture/read", data=data, content_type="multipart/form-data")
    assert answer.status_code == 200, answer.text
    return answer.text


@pytest.fixture
def overath(alice: Person) -> str:
    """An application that the mails of Webwaren Overath are about, beside another one of the same title."""
    alice.add(company="Kartonwerk Deutz", title="Einkäufer Naturfasern", status="applied")
    return str(alice.add(company="Webwaren Overath", title="Einkäufer Naturfasern (m/w/d)", status="applied"))


def test_an_invitation_becomes_an_interview_of_the_application_that_it_is_about(alice: Person, overath: str) -> None:
    alice.post("/settings/profile", page="/settings", email=alice.email, time_zone="Europe/Berlin")
    shown = read(alice, "inv-outlook-teams-de.eml")
    proposed = form_of(shown)
    assert "This looks like an invitation to an interview" in shown
    assert (proposed["application"], proposed["stage"], proposed["interview"]) == (overath, "interviewing", "new")
    assert "Teams-Besprechung" not in alice.get(f"/applications/{overath}").text  # nothing changes by itself

    saved = alice.post("/capture/mail", page="/capture", **proposed)
    assert saved.location == f"/applications/{overath}"
    page = alice.get(saved.location).text
    assert "https://teams.example.com/l/meetup-join/" in page
    assert 'value="interviewing" selected' in page or "Interviewing" in page
    listed = alice.get("/interviews").text
    assert "14:00" in listed
    assert "Microsoft Teams-Besprechung" not in page + listed  # the body is thrown away


PROPOSING = """From: Ada <ada@webwaren-overath.example>
Date: Mon, 30 Nov 2026 09:00:00 +0100
To: me@example.org
Subject: Interview: buyer of natural fibres

Which suits you for an interview of 45 minutes as buyer: Monday 7 December 2026, 10:00, or Tuesday 8 December, 14:00?
"""


def proposed_times(alice: Person) -> tuple[dict[str, str], str]:
    """The review of a mail that proposes two times, and what it would send to add an interview at the second one."""
    data = {"csrf_token": alice.token("/capture"), "pasted": PROPOSING}
    shown = alice.client.post("/capture/read", data=data, content_type="multipart/form-data").text
    second = re.search(r'<option value="(at:[^"]+)"[^>]*>Add the one on Tue 8 Dec, 14:00</option>', shown)
    assert second, shown
    return form_of(shown), second[1]


def test_the_time_agreed_on_is_chosen_from_those_that_a_mail_proposes(alice: Person, overath: str) -> None:
    """Seen failing: the times were thrown away, and the one agreed on had to be typed."""
    form, second = proposed_times(alice)
    assert form["interview"] == ""  # none of them by itself
    saved = alice.post("/capture/mail", page="/capture", **form | {"application": overath, "interview": second})

    assert saved.location == f"/applications/{overath}"
    assert "8 Dec, 14:00" in alice.get(saved.location).text
    assert re.findall(r"\b\d+ Dec, \d\d:\d\d", alice.get("/interviews").text) == ["8 Dec, 14:00"]


def test_the_times_are_offered_again_when_something_else_is_wrong(alice: Person, overath: str) -> None:
    form, second = proposed_times(alice)
    sent = form | {"application": "", "interview": second, "proposed": ["2026-12-07T10:00", "2026-12-08T14:00"]}
    again = alice.post("/capture/mail", page="/capture", **sent)

    assert again.status_code == 422
    assert form_of(again.text)["interview"] == second
    assert "Add the one on Mon 7 Dec, 10:00" in again.text
    assert alice.get("/interviews").text.count("Dec, ") == 0


@pytest.mark.parametrize("chosen", ["at:", "at:never", "at:0000-13-99T99:99", "at:2026-12-08"])
def test_a_time_that_is_none_is_asked_for(alice: Person, overath: str, chosen: str) -> None:
    form, _ = proposed_times(alice)
    answer = alice.post("/capture/mail", page="/capture", **form | {"application": overath, "interview": chosen})
    assert answer.status_code == 422
    assert "Enter a day and a time." in html.unescape(answer.text)


def test_a_rejection_moves_the_application_and_its_text_is_kept_only_if_that_is_chosen(alice: Person) -> None:
    record = alice.add(company="Serif Harbor", title="Content Designer", status="interviewing")
    proposed = form_of(read(alice, "rej-greenhouse-en.eml"))
    assert (proposed["application"], proposed["stage"], proposed["interview"]) == (str(record), "rejected", "")
    alice.post("/capture/mail", page="/capture", **proposed, keep="1")
    page = alice.get(f"/applications/{record}").text
    assert "A great many people applied" in page


def test_a_confirmation_of_an_unknown_application_proposes_a_new_one(alice: Person) -> None:
    proposed = form_of(read(alice, "conf-greenhouse-en.eml"))
    assert (proposed["application"], proposed["company"], proposed["title"], proposed["stage"]) == (
        *("new", "Tannenbeck Instruments", "Release Engineer", "applied"),
    )
    saved = alice.post("/capture/mail", page="/capture", **proposed)
    assert "23 Nov" in alice.get(saved.location).text  # the day of the mail is the day of applying


def test_a_stage_never_goes_back_by_a_mail(alice: Person) -> None:
    alice.add(company="Tannenbeck Instruments", title="Release Engineer", status="interviewing")
    assert form_of(read(alice, "conf-greenhouse-en.eml"))["stage"] == ""


def test_another_mail_proposes_nothing(alice: Person) -> None:
    shown = read(alice, "other-flat-de.eml")
    assert "no change is suggested" in shown
    proposed = form_of(shown)
    assert (proposed["application"], proposed["stage"], proposed["interview"]) == ("", "", "")
    refused = alice.post("/capture/mail", page="/capture", **proposed)
    assert refused.status_code == 422
    assert "Choose the application" in refused.text


def test_what_is_wrong_is_said_and_nothing_is_changed(alice: Person, overath: str) -> None:
    before = alice.version(overath)
    proposed = form_of(read(alice, "inv-outlook-teams-de.eml"))
    refused = alice.post("/capture/mail", page="/capture", **{**proposed, "starts_at": "soon"})
    assert refused.status_code == 422
    assert form_of(refused.text)["application"] == overath
    assert alice.version(overath) == before


def test_c1_neither_another_person_s_application_nor_its_interview_is_reached(alice: Person, bob: Person) -> None:
    theirs = bob.add(company="Acme", title="SRE")
    proposed = form_of(read(alice, "rej-greenhouse-en.eml"))
    assert alice.post("/capture/mail", page="/capture", **{**proposed, "application": str(theirs)}).status_code == 422
    own = alice.add(company="Acme", title="SRE")
    other = alice.add(company="Bolt", title="SRE")
    alice.post("/interviews", page="/interviews", application_id=str(other), starts_at="2026-12-01T10:00", kind="video")
    number = re.search(r'id="row-([0-9a-f-]{36})"|/interviews/([0-9a-f-]{36})', alice.get("/interviews").text)
    interview = next(filter(None, number.groups()))
    moved = {**proposed, "application": str(own), "interview": interview, "starts_at": "2026-12-02T10:00"}
    version = RecordForms(alice).version("interviews", interview)
    refused = alice.post("/capture/mail", page="/capture", **{**moved, "text": "What it said"})
    assert refused.status_code == 422  # seen failing: 404, and what was typed was gone with the page
    assert "That interview belongs to another application" in refused.text
    assert "What it said" in refused.text
    assert RecordForms(alice).version("interviews", interview) == version


def test_w1_a_hostile_mail_is_read_in_part_and_not_an_error(alice: Person) -> None:
    for name in (
        "hostile-nesting.eml",
        "hostile-charset.eml",
        "hostile-html-scripts.eml",
        "hostile-200-attachments.eml",
    ):
        assert "mail-form" in read(alice, name)
