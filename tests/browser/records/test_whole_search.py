"""A whole search: by keyboard only, without JavaScript, and by touch on a phone."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import cell, sign_up
from tests.browser.records.test_keyboard import add
from tests.support.people import PASSWORD

ALSO_LOCKED = True

KINDS = {
    "contacts": {"name": "Ada Lovelace"},
    "interviews": {"application_id": "Ørsted · Engineer", "starts_at": "2026-12-01T14:30"},
    "tasks": {"title": "Send the letter"},
    "offers": {"application_id": "Ørsted · Engineer", "base": "92000"},
    "documents": {"name": "Résumé"},
    "events": {"application_id": "Ørsted · Engineer", "text": "They called"},
}


def new_application(page: Page) -> None:
    page.goto("/applications?new=1")
    page.fill("#new-company", "Ørsted")
    page.fill("#new-title", "Engineer")
    page.locator("#quick-add button:has-text('Add')").press("Enter")
    expect(page.locator("#record-rows")).to_contain_text("Ørsted")


def test_every_kind_is_added_found_selected_deleted_and_brought_back_by_keyboard(page: Page) -> None:
    new_application(page)
    for plural, fields in KINDS.items():
        page.goto(f"/{plural}")
        before = page.locator("#record-rows > tr").count()
        page.locator("body").press("n")
        for name, value in fields.items():
            page.fill(f"#new-{name}", value)
        page.locator("#quick-add button:has-text('Add')").press("Enter")
        expect(page.locator("#record-rows > tr")).to_have_count(before + 1)
        page.locator("#quick-add input:not([type=hidden])").first.press("Escape")
        page.locator("body").press("ArrowDown")
        page.keyboard.press("x")
        page.keyboard.press("Delete")
        expect(page.locator("#record-rows > tr"), plural).to_have_count(before)
        page.locator("body").press("u")
        expect(page.locator("#record-rows > tr")).to_have_count(before + 1)
        page.locator("body").press("ArrowDown")
        page.keyboard.press("Control+Enter")
        page.wait_for_url(re.compile(rf"/{plural}/[0-9a-f-]{{36}}$"))


def test_stages_are_changed_by_keyboard(page: Page) -> None:
    new_application(page)
    page.goto("/settings/pipeline")
    page.locator("[name='label.saved']").fill("Dream jobs")
    page.keyboard.press("Enter")
    expect(page.locator("#messages")).to_contain_text("Saved.")
    page.locator("button[aria-label='Move Offer up']").press("Enter")
    page.goto("/board")
    labels = page.locator(".column h2 .st").all_inner_texts()
    assert labels[:5] == ["Dream jobs", "Applied", "Screening", "Offer", "Interviewing"]


@pytest.fixture
def plain(open_page, email: str) -> Page:
    return sign_up(open_page(java_script_enabled=False), email)


def test_a_whole_search_works_without_javascript(plain: Page) -> None:
    page = plain
    new_application(page)
    for plural, fields in KINDS.items():
        page.goto(f"/{plural}?new=1")
        for name, value in fields.items():
            page.fill(f"#new-{name}", value)
        page.click("#quick-add button:has-text('Add')")
        expect(page.locator("#messages")).to_contain_text("Added ")

    page.goto("/board")
    page.locator("li.card input").check()
    page.select_option("#bulk select[name=value]", "applied")
    page.click("#bulk button:has-text('Move')")
    expect(page.locator("ol[data-status=applied]")).to_contain_text("Ørsted")
    page.click("#messages button:has-text('Undo')")
    expect(page.locator("ol[data-status=saved]")).to_contain_text("Ørsted")

    page.locator("li.card a").click()
    page.locator("#panel-tasks summary").first.click()
    page.fill("#new-task-title", "Due today")
    page.fill("#new-task-due_on", "2020-01-01")
    page.click("#new-task-form button:has-text('Add')")
    expect(page.locator("#panel-tasks")).to_contain_text("Due today")
    page.locator("#panel-tasks .part", has_text="Due today").locator(".flyout > summary").click()
    page.locator("#panel-tasks .part", has_text="Due today").locator("a:has-text('Edit')").click()
    page.fill("#title", "Due since long")
    page.click("button:has-text('Save')")
    expect(page.locator("#panel-tasks")).to_contain_text("Due since long")
    page.locator("#panel-tasks .part", has_text="Due since long").locator(".flyout > summary").click()
    page.locator("#panel-tasks .part", has_text="Due since long").locator("button:has-text('Delete')").click()
    page.click("#messages button:has-text('Undo')")
    expect(page.locator("#panel-tasks")).to_contain_text("Due since long")

    page.goto("/today")
    page.locator("[data-line]", has_text="Due since long").locator("[data-done]").click()
    expect(page.locator("#messages")).to_contain_text("Done.")
    page.click("#messages button:has-text('Undo')")
    expect(page.locator("[data-line]", has_text="Due since long")).to_be_visible()

    for path in ("/calendar", "/calendar?view=agenda", "/insights", "/offers/compare", "/search?q=letter"):
        assert page.goto(path).status == 200
    expect(page.locator("#found")).to_contain_text("Send the letter")
    page.goto("/contacts")
    page.locator("summary:has-text('Paste rows')").click()
    page.fill("textarea[name=rows]", "Grace Hopper\tNavy\nAlan Turing\tBletchley")
    page.click("button:has-text('Add rows')")
    expect(page.locator("#record-rows > tr")).to_have_count(3)


def test_a_whole_search_works_by_touch(open_page, email: str) -> None:
    page = open_page(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    sign_up(page, email)
    new_application(page)

    page.locator("nav.side >> text=Menu").tap()
    page.locator("main >> text=Board").tap()
    page.wait_for_url("**/board")
    page.locator("[data-move]").tap()
    page.locator("#move-menu >> text=Applied").tap()
    expect(page.locator("ol[data-status=applied]")).to_contain_text("Ørsted")
    expect(page.locator("#messages")).to_contain_text("Moved ")

    page.locator("li.card a").tap()
    page.wait_for_url("**/applications/*")
    page.locator(".segment", has_text="Details").tap()
    page.locator("#panel-tasks summary").first.tap()
    page.fill("#new-task-title", "Call back")
    page.fill("#new-task-due_on", "2020-01-01")
    page.locator("#new-task-form >> text=Add").last.tap()
    expect(page.locator("#panel-tasks .part")).to_contain_text("Call back")

    page.locator("nav.side >> text=Today").tap()
    page.locator("[data-line] [data-done]").first.tap()
    expect(page.locator("#messages")).to_contain_text("Done.")
    page.locator("#messages >> text=Undo").tap()
    expect(page.locator("[data-line]")).to_contain_text("Call back")
    for path in ("/calendar", "/insights", "/tasks", "/settings/pipeline", "/offers/compare"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path


def test_everything_goes_into_another_account_by_keyboard(page: Page, open_page, email: str, tmp_path) -> None:
    page.goto("/today")
    page.locator("button:has-text('sample data')").press("Enter")
    expect(page.locator("[data-line]").first).to_be_visible()
    page.goto("/settings/privacy")
    with page.expect_download() as download:
        page.locator("button:has-text('Export everything')").press("Enter")
    download.value.save_as(tmp_path / "export.zip")

    other = sign_up(open_page(), f"other-{email}")
    other.goto("/import")
    other.locator("#file").set_input_files(tmp_path / "export.zip")
    other.locator("button:has-text('Preview')").press("Enter")
    other.locator("button:has-text('Import')").first.press("Enter")
    expect(other.locator("#import-result")).to_have_attribute("data-rejected", "0", timeout=60_000)

    for plural in ("applications", *KINDS):
        first, second = (tab.request.get(f"/export/{plural}.csv").body() for tab in (page, other))
        assert first == second, plural
    assert PASSWORD


def test_a_deletion_leads_to_the_trash_and_a_history_brings_a_version_back(page: Page) -> None:
    add(page, "Globex", "Engineer")
    page.keyboard.press("Control+k")
    page.keyboard.type("Trash")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Trash")
    page.goto("/applications")
    cell(page, "title").press("Enter")
    page.keyboard.type("Gardener")
    page.keyboard.press("Enter")
    expect(page.locator("#messages")).to_contain_text("Saved.")

    page.click("tbody a")
    page.click("summary[aria-label='More actions']")
    page.click("text=History")
    expect(page.locator("ins").first).to_have_text("Gardener")
    page.click("text=Bring this back")
    expect(page.locator("#messages")).to_contain_text("That version is back.")
    expect(page.locator("h1")).to_contain_text("Engineer")

    page.click("summary[aria-label='More actions']")
    page.click(".fly >> text=Delete")
    page.click("#messages >> text=trash")
    page.click("text=Restore")
    expect(page.locator("#messages")).to_contain_text("Restored Globex · Engineer.")
    expect(page.locator("h1 + .empty")).to_contain_text("The trash is empty")
