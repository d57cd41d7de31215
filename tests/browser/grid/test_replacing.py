"""Find and replace by keyboard, in the cells that are selected."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import cell
from tests.browser.grid.test_ranges import bring


def test_the_selected_rows_and_columns_are_what_is_looked_into(page: Page) -> None:
    bring(page, 3)
    cell(page, "title").focus()
    page.keyboard.press("Shift+ArrowDown")

    page.keyboard.press("Control+k")
    page.keyboard.type("repl")
    expect(page.locator("[data-chosen]")).to_have_text("Find and replace…")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("In the 2 rows that you selected.")
    expect(page.locator("fieldset :checked")).to_have_count(1)
    page.get_by_label("Find").fill("engineer")
    page.get_by_label("Replace with").fill("Analyst")
    page.keyboard.press("Enter")
    expect(page.locator("#matches")).to_contain_text("Title of Company 00")
    page.get_by_role("button", name="Replace").click()

    expect(page.locator("#messages")).to_contain_text("2 cells changed.")
    expect(page.locator("td[data-field=title]")).to_have_text(["Analyst", "Analyst", "Engineer"])
    page.keyboard.press("u")
    expect(page.locator("td[data-field=title]")).to_have_text(["Engineer"] * 3)
    page.keyboard.press("Control+h")
    expect(page.get_by_label("Replace with")).to_be_visible()
