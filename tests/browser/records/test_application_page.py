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


def choose(page: Page, plural: str, what: str, named: str = "") -> None:
    """Open the menu of a line and choose what is in it."""
    line = panel(page, plural).locator("li.part", has_text=named or None).first
    line.locator(".flyout > summary").press("Enter")
    line.locator(f".fly >> text={what}").press("Enter")


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
    if page.locator("#record-next .reschedule").count():  # until its day has passed
        page.keyboard.press("r")
        expect(page.locator("#reschedule-at")).to_be_focused()
        page.keyboard.press("Escape")

    open_form(page, "tasks")
    page.locator("#new-task-title").press_sequentially("Send the letter")
    page.keyboard.press("Enter")
    expect(panel(page, "tasks").locator(".part")).to_contain_text("Send the letter")

    open_form(page, "contacts")
    page.locator("#new-contact-name").press_sequentially("Ada Lovelace")
    page.keyboard.press("Enter")
    expect(panel(page, "contacts").locator(".part")).to_contain_text("Ada Lovelace")

    expect(panel(page, "offers")).to_be_hidden()
    page.locator("#record-steps > form button[value=offer]").press("Enter")
    expect(panel(page, "offers")).to_be_visible()
    open_form(page, "offers")
    page.locator("#new-offer-base").press_sequentially("92000")
    page.keyboard.press("Enter")
    expect(panel(page, "offers").locator(".part")).to_contain_text("92,000")

    page.locator("#new-event-form [value=call]").press("Space")
    page.locator("#new-event-form .when > summary").press("Enter")
    page.fill("#new-event-happened_at", "2027-01-02T10:00")
    page.fill("#new-event-text", "They called early")
    page.locator("#new-event-text").press("Control+Enter")
    expect(panel(page, "events").locator(".part").first).to_contain_text("They called early")
    expect(panel(page, "events").locator(".part .what").first).to_have_text("Call")
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
    choose(page, "tasks", "Edit", "Second")
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
    expect(page.locator(".stage-row > summary")).to_contain_text("Saved")
    page.locator("#new-event-text").press_sequentially("Half a note")

    page.locator(".stage-row > summary").press("Enter")
    page.locator(".stage-row button[value=applied]").press("Enter")

    expect(panel(page, "events").locator(".part").first).to_contain_text("Moved to Applied")
    expect(page.locator(".stage-row > summary")).to_contain_text("Applied")
    expect(page.locator(".stage-row [aria-current=step]")).to_contain_text("Applied")
    expect(page.locator("#new-event-text")).to_have_value("Half a note")


def test_an_entry_is_edited_deleted_and_brought_back_in_place(application: Page) -> None:
    page = application
    open_form(page, "tasks")
    page.fill("#new-task-title", "First words")
    page.keyboard.press("Enter")
    choose(page, "tasks", "Edit")
    title = panel(page, "tasks").locator("li.part [name=title]")
    expect(title).to_be_focused()
    title.fill("Other words")
    page.keyboard.press("Enter")
    expect(panel(page, "tasks").locator(".what")).to_have_text("Other words")

    panel(page, "tasks").locator("button", has_text="Done").click()
    expect(panel(page, "tasks")).to_contain_text("Reopen")
    choose(page, "tasks", "Delete")
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

    page.keyboard.press("d")
    expect(page.locator("#new-document-name")).to_be_focused()
    open_form(page, "contacts")
    name, button = page.locator("#new-contact-name"), page.locator("#new-contact-form .primary")
    expect(name).to_be_focused()
    name.fill("ada")
    expect(button).to_have_text("Add")
    name.fill("ada lovelace")
    expect(button).to_have_text("Link")
    page.keyboard.press("Enter")
    expect(panel(page, "contacts").locator(".part")).to_contain_text("Ada Lovelace")
    page.locator("body").press("u")
    expect(panel(page, "contacts").locator(".part")).to_have_count(0)

    open_form(page, "contacts")
    name.fill("ada")
    page.keyboard.press("Enter")
    expect(page.locator("#new-contact-add")).to_contain_text("Ada Lovelace")
    expect(page.locator("#new-contact-add")).to_be_focused()
    expect(button).to_have_text("Link")
    name.press("Enter")
    expect(panel(page, "contacts").locator(".part")).to_contain_text("Ada Lovelace")
    choose(page, "contacts", "Unlink")
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
    panel(page, "documents").locator("a.what").click()

    link = page.locator("a:has-text('Open in a new tab')")
    expect(link).to_have_attribute("target", "_blank")
    answer = page.request.get(link.get_attribute("href"))
    assert answer.headers["content-disposition"].startswith("inline")
    assert re.search(r"\bsandbox\b", answer.headers["content-security-policy"])
    assert answer.body() == PDF


def test_a_property_is_edited_in_place_and_the_focus_comes_back_to_it(application: Page) -> None:
    page = application
    page.locator("#properties-more > summary").press("Enter")
    page.locator("#properties-more a", has_text="Salary").press("Enter")
    expect(page.locator("#edit-salary_min")).to_be_focused()
    page.keyboard.type("82000")
    page.locator("#edit-salary_max").fill("92000")
    page.locator("#edit-salary_currency").fill("EUR")
    page.keyboard.press("Enter")

    expect(page.locator("#property-salary_min .value")).to_contain_text("€82–92k")
    expect(page.locator("#property-salary_min a")).to_be_focused()
    expect(page.locator("#record-head")).to_contain_text("€82–92k")
    expect(page.locator("#messages")).to_contain_text("Saved.")

    page.keyboard.press("Enter")
    page.locator("#edit-salary_max").fill("1")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#salary_max-error")).to_be_visible()
    expect(page.locator("#edit-salary_max")).to_be_focused()
    expect(page.locator("#edit-salary_max")).to_have_value("1")
    page.keyboard.press("Escape")
    expect(page.locator("#property-salary_min .value")).to_contain_text("€82–92k")
    expect(page.locator("#property-salary_min a")).to_be_focused()


def test_e_edits_the_title_and_escape_leaves_it(application: Page) -> None:
    page = application
    page.keyboard.press("e")
    expect(page.locator("#edit-title")).to_be_focused()
    page.keyboard.type("x")
    page.keyboard.press("Escape")
    expect(page.locator("#record-title")).to_have_text("Engineer")
    expect(page.locator("#record-title a")).to_be_focused()

    page.goto(f"{page.url.split('?')[0]}?edit=title")
    expect(page.locator("#edit-title")).to_be_focused()


def test_two_properties_that_are_open_at_once_are_both_saved(application: Page) -> None:
    page = application
    for name in ("Location", "Source"):
        page.locator("#properties-more").evaluate("details => { details.open = true; }")
        page.locator("#properties-more a", has_text=name).click()
        expect(page.locator(f"#edit-{name.lower()}")).to_be_focused()
    page.fill("#edit-location", "Ghent")
    page.fill("#edit-source", "A friend")
    page.locator("#edit-location").press("Enter")
    expect(page.locator("#property-location .value")).to_contain_text("Ghent")
    page.locator("#edit-source").press("Enter")

    expect(page.locator("#property-source .value")).to_contain_text("A friend")
    expect(page.locator("#property-location .value")).to_contain_text("Ghent")
    expect(page.locator("a", has_text="Add a field")).to_have_count(1)


def test_j_and_k_turn_to_the_next_and_the_previous_application_of_the_stage(application: Page) -> None:
    page, place = application, application.url
    page.goto("/applications?new=1")
    page.fill("#new-company", "Globex")
    page.fill("#new-title", "Analyst")
    page.keyboard.press("Enter")
    expect(page.locator("#record-rows > tr")).to_have_count(2)
    page.goto(place)
    expect(page.locator(".top .count")).to_have_text("2 of 2 in this list")
    page.keyboard.press("k")
    expect(page.locator("#record-title")).to_have_text("Analyst")
    page.keyboard.press("j")
    expect(page.locator("#record-title")).to_have_text("Engineer")


def test_a_file_that_is_dropped_anywhere_becomes_a_document(application: Page) -> None:
    page = application
    page.evaluate(
        """() => {
            const moved = new DataTransfer();
            moved.items.add(new File(["%PDF-1.4 words"], "cv.pdf", { type: "application/pdf" }));
            const event = new DragEvent("drop", { dataTransfer: moved, bubbles: true, cancelable: true });
            document.querySelector("#record-head").dispatchEvent(event);
        }"""
    )
    expect(panel(page, "documents").locator(".part")).to_contain_text("cv")


def test_an_application_is_closed_with_a_reason_and_opened_again(application: Page) -> None:
    page = application
    page.locator("#record-steps > .closing > summary").click()
    closing = page.locator("#record-steps > .closing form")
    closing.locator("[value=withdrawn]").check()
    closing.locator("[name=closed_reason]").fill("Too far away")
    closing.locator("button").click()

    expect(page.locator("#record-steps > form [aria-current=step]")).to_contain_text("Withdrawn")
    expect(page.locator("#property-closed_reason")).to_contain_text("Too far away")
    expect(page.locator("#record-next")).to_be_hidden()
    page.locator("body").press("u")
    expect(page.locator("#record-steps > form [aria-current=step]")).to_contain_text("Saved")


def test_previous_and_next_follow_the_list_as_it_was_sorted(application: Page) -> None:
    page = application
    for company in ("Alpha", "Zeta"):
        page.goto("/applications?new=1")
        page.fill("#new-company", company)
        page.fill("#new-title", "Analyst")
        page.keyboard.press("Enter")
        expect(page.locator("#record-rows")).to_contain_text(company)
    page.goto("/applications?sort=company")
    page.locator("#record-rows td[data-lead] a", has_text="Alpha").click()
    expect(page.locator(".top .count")).to_have_text("1 of 3 in this list")
    page.keyboard.press("j")
    expect(page.locator(".top .count")).to_have_text("2 of 3 in this list")
    page.keyboard.press("j")
    expect(page.locator(".top .count")).to_have_text("3 of 3 in this list")
    expect(page.locator(".trail .here")).to_have_text("Zeta")
