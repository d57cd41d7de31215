"""The daily jobs by touch at 360 px, with records that close in the middle of each: typed once, saved after the unlock.

The jobs themselves, and in how few taps each is done, are in `tests/browser/test_daily_jobs.py`.
"""

from playwright.sync_api import Page, expect

from tests.browser.conftest import cell, sign_up
from tests.browser.lock.journey import leave_alone, turn_on, unlock
from tests.browser.test_daily_jobs import PHONE, said
from tests.browser.test_without_javascript import add


def fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= 360, page.url


def test_the_daily_jobs_go_on_where_the_records_closed(open_page, email: str) -> None:
    """Seen failing: the value of a bulk edit was lost, an undo was too, and the page of a posting was too wide."""
    page = sign_up(open_page(**PHONE), email)
    add(page, "Globex")
    turn_on(page)

    def send(button: str) -> None:
        """Tap after a day away, and unlock where that is asked for."""
        leave_alone(page)
        page.locator(button).first.tap()
        expect(page.locator("main input[type=password]")).to_be_visible()
        fits(page)
        unlock(page)

    page.locator(".bar >> text=New").tap()
    page.fill("#new-company", "Weißdorn")
    page.fill("#new-title", "Baker")
    send("#quick-add >> text=Add")
    said(page, "Added Baker at Weißdorn.")
    page.locator("[data-cancel]").tap()

    page.locator("#record-rows input[type=checkbox]").first.tap()
    page.locator("[data-bulk-value] select").select_option("Rejected")
    send("#bulk >> text=Apply")
    said(page, "Rejected")
    send("#messages >> text=Undo")
    said(page, "back")

    page.locator("nav.side >> text=Menu").tap()
    page.wait_for_url("**/more")
    send("main >> text=Board")
    page.wait_for_url("**/board")
    page.locator("[data-move]").first.tap()
    send("#move-menu >> text=Applied")
    said(page, "Moved ")
    expect(page.locator("ol[data-status=applied] li.card")).to_have_count(1)

    page.locator("ol[data-status=applied] li.card a").tap()
    page.wait_for_url("**/applications/*")
    page.locator(".segment", has_text="Details").tap()
    page.locator("#panel-documents .adding > summary").tap()
    page.fill("#new-document-name", "Résumé, platform")
    send("#new-document-form button[type=submit]")
    expect(page.locator("#panel-documents .part")).to_contain_text("Résumé, platform")
    page.locator("#panel-tasks summary").first.tap()
    page.fill("#new-task-title", "Call back")
    page.fill("#new-task-due_on", "2020-01-01")
    send("#new-task-form button[type=submit]")
    expect(page.locator("#panel-tasks .part")).to_contain_text("Call back")

    send("nav.side >> text=Today")
    page.wait_for_url("**/today")
    send("[data-line] [data-done]")
    said(page, "Done.")

    page.goto("/capture")
    page.fill("[name=pasted]", "Title: Night Baker\nCompany: Crumb")
    page.locator("#capture-read [type=submit]").tap()
    expect(page.locator("#capture-form [name=company]")).to_have_value("Crumb")
    send("#capture-form .primary")
    said(page, "Added Night Baker at Crumb.")

    send("nav.side >> text=Applications")
    expect(cell(page, "company")).to_be_visible()
