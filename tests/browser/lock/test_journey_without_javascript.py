"""The daily jobs without JavaScript, with records that close in the middle of each: typed once, saved after the unlock.

The jobs themselves are in `tests/browser/test_without_javascript.py` and `tests/browser/records/test_whole_search.py`.
"""

from playwright.sync_api import Page, expect

from tests.browser.conftest import cell, sign_up
from tests.browser.lock.journey import leave_alone, turn_on, unlock
from tests.browser.lock.test_journey_by_keyboard import ONE_ROW
from tests.browser.test_without_javascript import add


def test_the_daily_jobs_go_on_where_the_records_closed(open_page, email: str) -> None:
    page = sign_up(open_page(java_script_enabled=False), email)
    add(page, "Globex")
    turn_on(page)

    def send(button: str) -> None:
        """Press a button after a day away, and unlock on the page that comes instead."""
        leave_alone(page)
        page.locator(button).first.click()
        expect(page.locator("h1")).to_have_text("Your records are locked")
        unlock(page)

    go_through(page, send)


def go_through(page: Page, send) -> None:
    page.goto("/applications?new=1")
    page.fill("#new-company", "Initech <&>")
    page.fill("#new-title", "Engineer")
    send("#quick-add button:has-text('Add')")
    expect(page.locator("#record-rows")).to_contain_text("Initech <&>")

    send("td[data-field=company] a:has-text('Globex')")
    page.wait_for_url("**/applications/*")
    page.goto(f"{page.url}?edit=location")
    page.fill("#edit-location", "Ghent")
    send("#property-location-form button:has-text('Save')")
    expect(page.locator("#property-location")).to_contain_text("Ghent")
    send("#record-steps > form button[value=screening]")
    expect(page.locator(".steps [aria-current=step]").first).to_contain_text("Screening")
    send("#messages button:has-text('Undo')")
    expect(page.locator(".steps [aria-current=step]").first).not_to_contain_text("Screening")

    page.goto("/applications")
    for row in range(2):
        page.locator("#record-rows input[type=checkbox]").nth(row).check()
    page.select_option("#bulk [name=field]", "location")
    page.fill("#bulk [name=value]", "Berlin")
    send("#bulk button:has-text('Apply')")
    expect(cell(page, "location", 1)).to_have_text("Berlin")

    page.goto("/board")
    page.locator("li.card input").first.check()
    page.select_option("#bulk select[name=value]", "applied")
    send("#bulk button:has-text('Move')")
    expect(page.locator("ol[data-status=applied] li.card")).to_have_count(1)

    page.goto("/calendar/new?add=task")
    page.fill("#title", "Call back")
    send("main button:has-text('Add')")
    expect(page.locator("#messages")).to_contain_text("Task added.")
    page.goto("/today")
    send("[data-line]:has-text('Call back') [data-done]")
    expect(page.locator("#messages")).to_contain_text("Done.")

    page.goto("/applications")
    page.fill("#search", "initech")
    leave_alone(page)
    page.press("#search", "Enter")
    unlock(page)
    expect(page.locator("#record-rows > tr")).to_have_count(1)

    page.goto("/settings/fields?kind=applications")
    page.fill("#label", "Mascot")
    send("button:has-text('Add field')")
    expect(page.locator("details.own-field")).to_contain_text("Mascot")

    page.goto("/import")
    page.set_input_files("#file", ONE_ROW)
    send("button:has-text('Preview')")
    page.set_input_files("#file", ONE_ROW)
    page.click("button:has-text('Preview')")
    send("button:has-text('Import 1 application')")
    expect(page.locator("#import-result")).to_have_attribute("data-added", "1")

    page.goto("/settings/privacy")
    send("button:has-text('Export everything')")
    with page.expect_download():
        page.click("button:has-text('Export everything')")
