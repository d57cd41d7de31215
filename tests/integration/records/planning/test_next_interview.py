"""The next interview, as the card on Today: when, with whom, what to prepare, and what was sent."""

import io
import re

from tests.integration.records.planning.test_today import day, record_forms, sections

__all__ = ["record_forms"]  # the fixture


def card(page: str) -> str:
    found = re.search(r'<article class="interview-card".*?</article>', page, re.DOTALL)
    assert found, page
    return re.sub(r"\s+", " ", found[0])


def test_the_next_interview_is_a_card_and_the_others_are_lines(record_forms) -> None:
    application = record_forms.alice.add(company="Weißdorn", title="Data engineer")
    first = {"starts_at": f"{day(1)}T09:30", "kind": "video", "duration": "90", "interviewers": "Dr. Stoll"}
    record_forms.add(
        "interviews",
        application_id=application,
        place="https://meet.example/w",
        preparation="Read this\nRead that",
        questions="Who owns it?",
        **first,
    )
    record_forms.add("interviews", application_id=application, starts_at=f"{day(5)}T14:00", kind="panel")

    part = sections(record_forms.alice.get("/today").text)["Interviews"]
    shown = card(part)

    assert "Video interview tomorrow at 09:30" in shown
    assert "1 h 30 min" in shown
    assert "Dr. Stoll" in shown
    assert f'href="/applications/{application}"' in shown
    assert [
        item in shown for item in ("<span>Read this</span>", "<span>Read that</span>", "<span>Who owns it?</span>")
    ] == [True] * 3
    assert 'href="https://meet.example/w"' in shown
    assert part.count('<li class="day-line') == 1
    assert "Mon 30 Nov, 14:00" in part


def test_an_interview_that_has_begun_is_now(record_forms, clock) -> None:
    application = record_forms.alice.add()
    record_forms.add("interviews", application_id=application, starts_at=f"{day(0)}T12:30", kind="phone screen")
    before = card(record_forms.alice.get("/today").text)
    clock.turn(minutes=40)

    assert "Phone screen today at 12:30" in before
    assert "Phone screen now" in card(record_forms.alice.get("/today").text)


def test_it_is_rescheduled_on_today_and_comes_back_there(record_forms) -> None:
    application = record_forms.alice.add()
    meeting = record_forms.add("interviews", application_id=application, starts_at=f"{day(1)}T09:00", kind="video")
    form = re.search(rf'action="/interviews/{meeting}">.*?</form>', card(record_forms.alice.get("/today").text))[0]
    sent = dict(re.findall(r'name="(?!csrf)(\w+)"[^>]*value="([^"]*)"', form))

    moved = record_forms.alice.post(f"/interviews/{meeting}", **{**sent, "starts_at": f"{day(2)}T16:45"})
    shown = record_forms.alice.get("/today").text
    undo = re.search(r'action="([^"]+)"[^>]*data-undo.*?</form>', shown, re.DOTALL)
    back = record_forms.alice.post(undo[1], **dict(re.findall(r'name="(?!csrf)(\w+)" value="([^"]*)"', undo[0])))

    assert sent["starts_at"] == f"{day(1)}T09:00"
    assert [answer.headers["Location"] for answer in (moved, back)] == ["/today", "/today"]
    assert "16:45" in card(shown)
    assert "tomorrow at 09:00" in card(record_forms.alice.get("/today").text)


def test_the_time_where_it_was_arranged_shows_if_it_differs(record_forms) -> None:
    application = record_forms.alice.add()
    when = {"starts_at": f"{day(1)}T09:00", "time_zone": "America/Toronto"}
    record_forms.add("interviews", application_id=application, **when)

    shown = card(record_forms.alice.get("/today").text)

    assert "Interview tomorrow at 14:00" in shown
    assert "09:00 America/Toronto" in shown


def test_what_was_sent_is_beside_it(record_forms) -> None:
    application = record_forms.alice.add(url="https://jobs.example/1", job_description="We are looking for you.")
    resume = (io.BytesIO(b"%PDF-1.4\n"), "cv.pdf", "application/pdf")
    document = record_forms.add("documents", name="Résumé (new)", application_ids=application, file=resume)
    record_forms.add("interviews", application_id=application, starts_at=f"{day(1)}T09:00")
    saved = card(record_forms.alice.get("/today").text)
    record_forms.change("applications", application, status="applied")
    [event] = record_forms.ids("events")

    sent = card(record_forms.alice.get("/today").text)

    assert f'href="/documents/{document}/file"' in saved
    assert "At hand" in saved
    assert "Sent 25 Nov" in sent
    assert f'href="/events/{event}/files/1"' in sent
    assert "</svg>Résumé (new)</a>" in sent.replace("</svg> ", "</svg>")
    assert "Posting as of 25 Nov" in sent
    assert 'href="https://jobs.example/1"' in sent
