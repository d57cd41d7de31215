"""An application's page: all that belongs to it, added, changed and undone without leaving."""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
PDF += b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@pytest.fixture
def application(page: Page) -> Page:
    page.goto("/applications?new=1")
    page.fill("#new-company", "Ørsted")
    page.fill("#new-title", "Engineer")
    page.keyboard.press("Enter")
    page.locator("#record-rows td[data-lead] a").click()
    page.wait_for_url("**/applications/*")
    return page


def panel(page: Page, plural: str):
    return page.locator(f"#panel-{plural}")


def open_form(page: Page, plural: str) -> None:
    panel(page, plural).locator(".adding > summary").first.press("Enter")


def test_everything_is_added_in_place_by_keyboard(application: Page) -> None:
    page, place = application, application.url
    open_form(page, "interviews")
    page.select_option("#new-interview-kind", "video")
    page.fill("#new-interview-starts_at", "2026-12-01T14:30")
    page.locator("#new-interview-place").press("Enter")
    expect(panel(page, "interviews").locator(".part")).to_contain_text("Video")
    expect(panel(page, "interviews")).to_contain_text("1 Dec, 14:30")
    expect(panel(page, "interviews").locator("summary").first).to_be_focused()

    open_form(page, "tasks")
    page.locator("#new-task-title").press_sequentially("Send the letter")
    page.keyboard.press("Enter")
    expect(panel(page, "tasks").locator(".part")).to_contain_text("Send the letter")

    open_form(page, "contacts")
    page.locator("#new-contact-name").press_sequentially("Ada Lovelace")
    page.keyboard.press("Enter")
    expect(panel(page, "contacts").locator(".part")).to_contain_text("Ada Lovelace")

    open_form(page, "offers")
    page.locator("#new-offer-base").press_sequentially("92000")
    page.keyboard.press("Enter")
    expect(panel(page, "offers").locator(".part")).to_contain_text("92,000")

    open_form(page, "events")
    page.select_option("#new-event-type", "call")
    page.fill("#new-event-happened_at", "2026-01-02T10:00")
    page.fill("#new-event-text", "They called early")
    page.locator("#new-event-form button:has-text('Add')").press("Enter")
    expect(panel(page, "events").locator(".part").first).to_contain_text("They called early")
    expect(panel(page, "events")).to_contain_text("2 Jan")
    assert page.url.split("#")[0] == place


def test_an_error_shows_at_its_field_and_keeps_what_was_typed(application: Page) -> None:
    page = application
    open_form(page, "tasks")
    page.fill("#new-task-due_on", "2026-12-01")

    page.locator("#new-task-form button:has-text('Add')").click()

    expect(page.locator("#new-task-form .error")).to_contain_text("Enter a task")
    expect(page.locator("#new-task-due_on")).to_have_value("2026-12-01")
    expect(page.locator("#new-task-title")).to_be_focused()
    page.keyboard.type("Now with a title")
    page.keyboard.press("Enter")
    expect(panel(page, "tasks").locator(".part")).to_contain_text("Now with a title")


def test_what_is_typed_in_one_form_survives_another_that_is_sent(application: Page) -> None:
    page = application
    for title in ("First words", "Second"):
        if not page.locator("#new-task-form").is_visible():
            open_form(page, "tasks")
        page.fill("#new-task-title", title)
        page.keyboard.press("Enter")
        expect(panel(page, "tasks")).to_contain_text(title)
    if not page.locator("#new-task-form").is_visible():
        open_form(page, "tasks")
    page.locator("#new-task-title").press_sequentially("Half a th")
    panel(page, "tasks").locator("a[aria-label='Edit Second']").click()
    panel(page, "tasks").locator("li.part [name=title]").press("End")
    page.keyboard.type(" thoughts")

    panel(page, "tasks").locator(".part", has_text="First words").locator("button", has_text="Done").click()
    expect(panel(page, "tasks")).to_contain_text("Reopen")

    expect(page.locator("#new-task-title")).to_have_value("Half a th")
    expect(panel(page, "tasks").locator("li.part [name=title]")).to_have_value("Second thoughts")
    page.locator("#new-task-title").press("End")
    page.keyboard.type("ought")
    page.keyboard.press("Enter")
    expect(panel(page, "tasks")).to_contain_text("Half a thought")
    expect(panel(page, "tasks").locator("li.part [name=title]")).to_have_value("Second thoughts")
    panel(page, "tasks").locator("li.part [name=title]").press("Enter")
    expect(panel(page, "tasks").locator(".what")).to_have_text(["Second thoughts", "Half a thought", "First words"])


def test_a_status_saved_on_the_page_shows_in_its_timeline_and_above_at_once(application: Page) -> None:
    page = application
    page.set_viewport_size({"width": 390, "height": 780})
    expect(page.locator("#record-state")).to_contain_text("Saved")
    open_form(page, "events")
    page.locator("#new-event-text").press_sequentially("Half a note")

    page.select_option("#fields [name=status]", "applied")
    page.locator("#fields [name=status]").press("Control+Enter")

    expect(panel(page, "events").locator(".part").first).to_contain_text("Saved → Applied")
    expect(page.locator("#record-state")).to_contain_text("Applied")
    expect(page.locator("#new-event-text")).to_have_value("Half a note")


def test_an_entry_is_edited_deleted_and_brought_back_in_place(application: Page) -> None:
    page = application
    open_form(page, "tasks")
    page.fill("#new-task-title", "First words")
    page.keyboard.press("Enter")
    panel(page, "tasks").locator("a", has_text="Edit").click()
    title = panel(page, "tasks").locator("li.part [name=title]")
    expect(title).to_be_focused()
    title.fill("Other words")
    page.keyboard.press("Enter")
    expect(panel(page, "tasks").locator(".what")).to_have_text("Other words")

    panel(page, "tasks").locator("button", has_text="Done").click()
    expect(panel(page, "tasks")).to_contain_text("Reopen")
    panel(page, "tasks").locator("button[aria-label^=Delete]").click()
    expect(panel(page, "tasks").locator(".part")).to_have_count(0)
    page.locator("body").press("u")
    expect(panel(page, "tasks").locator(".what")).to_have_text("Other words")
    expect(page.locator("#record-list")).to_have_count(0)


def test_a_contact_that_is_there_is_linked_and_unlinked(application: Page) -> None:
    page, place = application, application.url
    page.goto("/contacts?new=1")
    page.fill("#new-name", "Ada Lovelace")
    page.keyboard.press("Enter")
    expect(page.locator("#record-rows")).to_contain_text("Ada Lovelace")
    page.goto(place)

    panel(page, "contacts").locator("summary", has_text="existing").click()
    panel(page, "contacts").locator("[name=add]").fill("ada")
    page.keyboard.press("Enter")
    expect(panel(page, "contacts").locator(".part")).to_contain_text("Ada Lovelace")
    panel(page, "contacts").locator("button", has_text="Unlink").click()
    expect(panel(page, "contacts").locator(".part")).to_have_count(0)


def test_a_document_is_uploaded_with_progress_once_and_comes_back(application: Page, tmp_path: Path) -> None:
    page = application
    content = PDF + os.urandom(3_000_000)
    (tmp_path / "cv.pdf").write_bytes(content)
    sent: list[str] = []
    page.on("request", lambda request: request.method == "POST" and sent.append(request.url))
    shown = page.evaluate_handle(
        """() => {
            const seen = { bars: 0 };
            new MutationObserver(() => { seen.bars += document.querySelectorAll(".uploading progress").length; })
              .observe(document.body, { childList: true, subtree: true });
            return seen;
        }"""
    )
    open_form(page, "documents")
    page.locator("#new-document-file").set_input_files(tmp_path / "cv.pdf")
    with page.expect_navigation():
        page.locator("#new-document-form button:has-text('Add')").click()

    expect(panel(page, "documents").locator(".part")).to_contain_text("cv")
    assert len(sent) == 1
    assert shown is not None
    with page.expect_download() as download:
        panel(page, "documents").locator("a", has_text="Download").click()
    assert download.value.path().read_bytes() == content
    assert download.value.suggested_filename == "cv.pdf"


def test_a_refused_upload_says_why_and_leaves_nothing(application: Page, tmp_path: Path) -> None:
    page = application
    page.watch.may_err = True
    (tmp_path / "cv.pdf").write_bytes(b"MZ" + os.urandom(600_000))
    open_form(page, "documents")
    page.fill("#new-document-name", "Kept name")
    page.locator("#new-document-file").set_input_files(tmp_path / "cv.pdf")
    page.locator("#new-document-form button:has-text('Add')").click()

    expect(page.locator("#messages")).to_contain_text("This type of file")
    expect(page.locator("#new-document-name")).to_have_value("Kept name")
    page.reload()
    expect(panel(page, "documents").locator(".part")).to_have_count(0)


def test_a_pdf_opens_in_a_tab_of_its_own_under_a_sandbox(application: Page, tmp_path: Path) -> None:
    page = application
    page.watch.may_err = True  # the browser's own viewer is not held to be silent
    (tmp_path / "cv.pdf").write_bytes(PDF)
    open_form(page, "documents")
    page.locator("#new-document-file").set_input_files(tmp_path / "cv.pdf")
    page.locator("#new-document-form button:has-text('Add')").click()
    panel(page, "documents").locator(".what a").click()

    link = page.locator("a:has-text('Open in a new tab')")
    expect(link).to_have_attribute("target", "_blank")
    answer = page.request.get(link.get_attribute("href"))
    assert answer.headers["content-disposition"].startswith("inline")
    assert re.search(r"\bsandbox\b", answer.headers["content-security-policy"])
    assert answer.body() == PDF
