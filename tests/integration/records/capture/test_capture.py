"""Adding an application from a posting: read, looked through, kept."""

import datetime as dt
import html
import re

import msgspec
import pytest

from tests.support.capture_samples import SAMPLES, page_text
from tests.support.people import Person
from tmr.records.capture.bookmarklet import bookmarklet
from tmr.records.imports.apart import reader as apart
from tmr.records.imports.apart.messages import CAPTURE_LIMITS, Failed
from tmr.records.imports.apart.reader import LIMITS
from tmr.web.session.throttling import CAPTURE_BY_ACCOUNT

POSTINGS = SAMPLES / "postings"


def fields_of(text: str) -> dict[str, str]:
    """Return what the form of what was found holds."""
    form = text.partition('id="capture-form"')[2]
    found = dict(re.findall(r'<input name="(\w+)" type="text" value="([^"]*)"', form))
    for name, options in re.findall(r'<select name="(\w+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else ""
    if area := re.search(r'<textarea name="job_description"[^>]*>\n(.*?)</textarea>', form, re.DOTALL):
        found["job_description"] = area[1]
    return {name: html.unescape(value) for name, value in found.items()}


def test_a_posting_becomes_an_application_in_three_actions(alice: Person) -> None:
    pasted = page_text((POSTINGS / "join.html").read_bytes())
    read = alice.post("/capture/read", page="/capture", pasted=pasted, url="https://join.example.com/x?utm_source=a")
    found = fields_of(read.text)
    assert read.status_code == 200
    assert found["company"] == "Archivwerk Lindau"
    assert "the page’s job data (JSON-LD)" in read.text
    assert alice.get("/applications").text.count("Archivwerk") == 0  # nothing is kept by reading

    kept = alice.post("/capture", page="/capture", **found)
    assert kept.status_code == 303
    page = alice.get(kept.location).text
    assert "Restaurierungsassistenz Papier" in page
    assert "Wir retten nasse Bücher" in page  # the posting's text, as other postings are kept


def test_a_link_alone_is_kept_with_placeholders(alice: Person) -> None:
    for sent in ({"pasted": "https://board.example/jobs/1?utm_source=x"}, {"url": "https://board.example/jobs/1"}):
        found = fields_of(alice.post("/capture/read", page="/capture", **sent).text)
        assert (found["company"], found["title"]) == ("Unknown company", "Unknown role")
        assert found["url"] == "https://board.example/jobs/1"
    assert alice.post("/capture", page="/capture", **found).status_code == 303


def test_what_is_wrong_is_said_and_nothing_is_kept(alice: Person) -> None:
    assert alice.post("/capture/read", page="/capture").status_code == 422
    refused = alice.post("/capture", page="/capture", company="", title="Baker", url="nowhere")
    assert refused.status_code == 422
    assert "Enter a company name." in refused.text
    assert "Baker" not in alice.get("/applications").text


def test_the_window_of_the_bookmarklet_closes_after_saving(alice: Person) -> None:
    kept = alice.post("/capture", page="/capture", htmx=True, window="1", company="Crumb", title="Baker")
    assert "data-close-window" in kept.text
    assert "Added Baker at Crumb." in kept.text


def test_w1_strangers_can_neither_read_nor_keep_and_the_server_refuses_what_is_shared(app, alice: Person) -> None:
    stranger = app.test_client()
    assert stranger.get("/capture").location.endswith("/login?next=/capture")
    for path in ("/capture", "/capture/read"):
        assert stranger.post(path, data={"pasted": "x"}).status_code == 403  # no token
    assert stranger.post("/capture/share", data={"text": "x"}).status_code == 404
    assert alice.post("/capture/share", page="/capture", text="x").status_code == 404


def test_w1_reading_has_a_limit_for_each_account(alice: Person, services, clock) -> None:
    for _ in range(CAPTURE_BY_ACCOUNT.hits):
        services.limits.hit(CAPTURE_BY_ACCOUNT, str(alice.owner), clock())
    assert alice.post("/capture/read", page="/capture", pasted="Baker").status_code == 429


def test_w1_a_fault_of_ours_is_told_as_such_and_is_in_the_log_without_what_was_sent(
    alice: Person, monkeypatch, caplog
) -> None:
    """It was an answer of 500, or “takes too long” where the answer could not be written."""
    monkeypatch.setattr(apart.reader, "ask", lambda *_: (Failed("OverflowError", ["moments.py:1 in _day"]), b""))
    refused = alice.post("/capture/read", page="/capture", pasted="Secret bakery")
    assert refused.status_code == 422
    assert "This could not be read." in refused.text
    assert "moments.py" in caplog.text
    assert "Secret" not in caplog.text


def test_w1_what_takes_too_much_is_refused_in_words_of_its_own(alice: Person, monkeypatch) -> None:
    page = "<html>" + "<li>a" * 60_000
    monkeypatch.setattr(apart, "CAPTURE_LIMITS", msgspec.structs.replace(CAPTURE_LIMITS, memory_bytes=30 * 1024 * 1024))
    refused = alice.post("/capture/read", page="/capture", pasted=page)
    assert (refused.status_code, "This takes too much memory" in refused.text) == (422, True)

    def ended(*_) -> bytes:
        raise EOFError

    monkeypatch.setattr(apart, "receive", ended)
    long = msgspec.structs.replace(CAPTURE_LIMITS, cpu_seconds=600, row_seconds=600.0, seconds=600)
    at_once = msgspec.structs.replace(CAPTURE_LIMITS, cpu_seconds=0)
    for limits, words in ((long, "This can’t be read here."), (at_once, "This takes too long to read.")):
        monkeypatch.setattr(apart, "CAPTURE_LIMITS", limits)
        refused = alice.post("/capture/read", page="/capture", pasted="Baker")
        assert (refused.status_code, words in refused.text) == (422, True)


def test_w1_a_large_page_is_read_within_less_than_a_file_of_an_import_may_take() -> None:
    """A capture has limits of its own, far below those of an import."""
    assert CAPTURE_LIMITS.cpu_seconds * 5 < LIMITS.cpu_seconds
    assert CAPTURE_LIMITS.memory_bytes * 2 < LIMITS.memory_bytes
    page = "<html><h1>Baker</h1>" + "<div><p>Baking of <b>bread</b> in Leeds.</p></div>" * 100_000
    read = apart.capture_apart(page.encode(), "", dt.datetime(2026, 11, 30, tzinfo=dt.UTC), "Europe/London")
    assert read.posting.fields["title"].value == "Baker"


@pytest.mark.parametrize("sent", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "javascript:alert(1)"])
def test_i1_markup_in_a_posting_is_shown_as_text(alice: Person, sent: str) -> None:
    posting = f"Company: Crumb {sent}\nTitle: Baker {sent}\nLocation: Leeds {sent}\nApply: {sent}"
    read = alice.post("/capture/read", page="/capture", pasted=posting, url=sent)
    assert "<script>alert" not in read.text
    assert "<img src=x" not in read.text
    assert not re.search(r'(?:href|src|action)="javascript:alert', read.text)


def test_the_bookmarklet_leads_to_this_installation_and_nowhere_else(app) -> None:
    with app.app_context():
        address = bookmarklet()
    assert address.startswith("javascript:")
    assert address.count("://") == 1
    assert not re.search(r"[\s\"]", address)


def test_the_manifest_names_an_address_for_sharing_that_only_the_service_worker_knows(alice: Person) -> None:
    target = alice.get("/manifest.webmanifest").json["share_target"]
    assert (target["action"], target["method"]) == ("/capture/share", "POST")
    assert "/capture/share" in alice.get("/service-worker.js").text
