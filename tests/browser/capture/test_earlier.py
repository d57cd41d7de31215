"""“Applied here before?” is asked while an application is typed above the list."""

from playwright.sync_api import expect

from tests.browser.conftest import sign_up


def test_what_is_there_already_is_said_before_the_application_is_added(open_page, email) -> None:
    page = open_page()
    sign_up(page, email)
    for title in ("Baker", "baker (m/w/d)"):
        page.goto("/applications?new=1")
        page.fill("#new-company", "Crumb" if title == "Baker" else "Crumb GmbH")
        page.fill("#new-title", title)
        page.press("#new-title", "Tab")
        if title == "Baker":
            page.click("#quick-add .primary")
            expect(page.locator("#record-rows")).to_contain_text("Baker")
            expect(page.locator("#earlier")).to_be_empty()
    expect(page.locator("#earlier")).to_contain_text("You already have Baker at Crumb (Saved).")
    page.click("#quick-add .primary")  # add anyway
    expect(page.locator("#record-rows")).to_contain_text("Crumb GmbH")
    expect(page.locator("#earlier")).to_be_empty()
