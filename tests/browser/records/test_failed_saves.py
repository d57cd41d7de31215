"""What was typed survives every save that fails."""

import os
from pathlib import Path

import psutil
from playwright.sync_api import Page, expect

from tests.browser.conftest import cell, sign_in
from tests.browser.records.test_keyboard import add
from tmr.operations.database.embedded import EmbeddedServer


def edit(page: Page, field: str, text: str) -> None:
    cell(page, field).focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Control+a")
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def test_a_value_that_is_refused_stays_with_its_reason(page: Page) -> None:
    add(page, "Globex", "Engineer")

    edit(page, "company", " ")

    expect(cell(page, "company").locator(".problem")).to_contain_text("Enter a company name")
    page.keyboard.type("Initech")
    page.keyboard.press("Enter")
    expect(cell(page, "company")).to_have_text("Initech")


def test_the_page_of_an_outage_comes_back_by_itself(page: Page) -> None:
    page.watch.may_err = True
    server = psutil.Process(int((database().pgdata / "postmaster.pid").read_text().split()[0]))
    stopped = [server, *server.children()]
    for process in stopped:
        process.suspend()
    try:
        page.goto("/applications", timeout=60_000)
        expect(page.locator("h1")).to_have_text("Back in a moment")
        expect(page.locator("main")).to_contain_text("will try again automatically")
    finally:
        for process in stopped:
            process.resume()

    expect(page.locator("h1")).to_have_text("Applications", timeout=60_000)


def database() -> EmbeddedServer:
    return EmbeddedServer(Path(os.environ["TMR_TEST_SERVED"]))


def test_a_lost_connection_keeps_it_and_offers_to_retry(page: Page) -> None:
    page.watch.may_err = True
    add(page, "Globex", "Engineer")
    page.context.set_offline(True)

    edit(page, "title", "Typed on the train")

    problem = cell(page, "title").locator(".problem")
    expect(problem).to_contain_text("You’re offline")
    expect(cell(page, "title").locator("input[name=title]")).to_have_value("Typed on the train")
    page.context.set_offline(False)
    problem.locator("button").click()
    expect(cell(page, "title")).to_have_text("Typed on the train")


def test_a_stale_version_shows_both_values(page: Page, email: str, open_page) -> None:
    add(page, "Globex", "Engineer")
    other = sign_in(open_page(), email)
    edit(other, "title", "From the other tab")
    expect(cell(other, "title")).to_have_text("From the other tab")

    edit(page, "title", "Mine")

    problem = cell(page, "title").locator(".problem")
    expect(problem).to_contain_text("From the other tab")
    expect(problem).to_contain_text("Mine")
    problem.locator("text=Keep mine").click()
    expect(cell(page, "title")).to_have_text("Mine")


def test_the_saved_version_can_be_used(page: Page, email: str, open_page) -> None:
    add(page, "Globex", "Engineer")
    other = sign_in(open_page(), email)
    edit(other, "title", "From the other tab")
    expect(cell(other, "title")).to_have_text("From the other tab")

    edit(page, "title", "Mine")
    cell(page, "title").locator("text=Use the saved version").click()

    expect(cell(page, "title")).to_have_text("From the other tab")


def test_a_sign_out_elsewhere_keeps_it_and_goes_on_after_signing_in_again(page: Page, email: str) -> None:
    add(page, "Globex", "Engineer")
    tab = page.context.new_page()
    tab.goto("/applications")
    tab.click("button:has-text('Sign out')")
    expect(tab.locator("text=Start your search")).to_be_visible()

    edit(page, "title", "Typed while signed out")
    expect(cell(page, "title").locator(".problem")).to_contain_text("still here")
    sign_in(tab, email)
    cell(page, "title").locator(".problem button").click()

    expect(cell(page, "title")).to_have_text("Typed while signed out")


def open_whole_form(page: Page) -> None:
    cell(page, "company").locator("a").click()
    page.wait_for_url("**/applications/*")
    page.goto(f"{page.url}?edit=all")


def test_a_long_form_keeps_it_too(page: Page) -> None:
    page.watch.may_err = True
    add(page, "Globex", "Engineer")
    open_whole_form(page)
    page.fill("#notes", "A long text")
    page.context.set_offline(True)

    page.locator("#notes").press("Control+Enter")

    expect(page.locator("#messages")).to_contain_text("You’re offline. Not saved yet, your text is still here.")
    assert page.input_value("#notes") == "A long text"
    page.context.set_offline(False)
    page.locator("#notes").press("Control+Enter")
    expect(page.locator("#messages")).to_contain_text("Saved.")


def test_leaving_asks_first_where_a_new_record_is_half_typed(page: Page) -> None:
    """Seen failing: what was typed was gone without a question."""
    page.goto("/applications?new=1")
    page.locator("#quick-add [name=company]").press_sequentially("Globex")
    asked = []
    page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.locator("nav.side a[href='/board']").click()
    expect(page.locator("#quick-add [name=company]")).to_have_value("Globex")
    assert asked == ["beforeunload"]

    page.keyboard.press("Escape")  # who puts it away has nothing to lose
    page.locator("nav.side a[href='/board']").click()
    page.wait_for_url("**/board")


def test_a_property_keeps_it_too(page: Page) -> None:
    page.watch.may_err = True
    add(page, "Globex", "Engineer")
    cell(page, "company").locator("a").click()
    page.locator("#properties-more > summary").click()
    page.locator("#properties-more a", has_text="Location").click()
    page.fill("#edit-location", "Rome")
    page.context.set_offline(True)

    page.locator("#edit-location").press("Enter")

    expect(page.locator("#messages")).to_contain_text("You’re offline")
    expect(page.locator("#edit-location")).to_have_value("Rome")
    page.context.set_offline(False)
    page.locator("#edit-location").press("Enter")
    expect(page.locator("#property-location .value")).to_contain_text("Rome")


def test_two_tabs_on_a_property_show_both_values(page: Page) -> None:
    page.watch.may_err = True
    add(page, "Globex", "Engineer")
    cell(page, "company").locator("a").click()
    page.wait_for_url("**/applications/*")
    tab, place = page.context.new_page(), f"{page.url}?edit=location"
    page.goto(place)
    tab.goto(place)
    tab.fill("#edit-location", "Rome")
    tab.locator("#edit-location").press("Enter")
    expect(tab.locator("#property-location .value")).to_contain_text("Rome")
    page.fill("#edit-location", "Ghent")
    page.locator("#edit-location").press("Enter")
    expect(page.locator("[data-stored=location]")).to_have_text("Rome")
    expect(page.locator("#edit-location")).to_have_value("Ghent")
    page.locator("#edit-location").press("Enter")

    expect(page.locator("#property-location .value")).to_contain_text("Ghent")


def test_two_tabs_on_a_long_form_show_both_values(page: Page) -> None:
    add(page, "Globex", "Engineer")
    open_whole_form(page)
    tab = page.context.new_page()
    tab.goto(page.url)
    tab.fill("#location", "Rome")
    tab.locator("#location").press("Control+Enter")
    expect(tab.locator("#messages")).to_contain_text("Saved.")

    page.fill("#location", "Paris")
    page.locator("#location").press("Control+Enter")

    expect(page.locator("[data-stored=location]")).to_have_text("Rome")
    expect(page.locator("#location")).to_have_value("Paris")
    page.locator("#location").press("Control+Enter")
    expect(page.locator("#messages")).to_contain_text("Saved.")
