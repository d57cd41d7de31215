"""Rows stay where they are until somebody asks for the order of the list."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import cell
from tests.browser.grid.test_ranges import bring


def order(page: Page) -> list[str]:
    return page.locator("#record-rows td[data-field=company]").all_inner_texts()


def test_a_bulk_change_moves_no_row_of_a_sorted_list(page: Page) -> None:
    bring(page, 3)
    page.goto("/applications?sort=-status,company")
    before = order(page)

    page.locator("[name=ids]").nth(1).check()
    page.locator("[data-bulk-value] select").select_option("Applied")
    page.locator("#bulk >> text=Apply").click()

    expect(cell(page, "status", 1)).to_have_text("Applied")
    expect(page.locator("#bulk.on")).to_have_count(0)
    expect(cell(page, "company")).to_be_focused()  # the bar is gone, and the focus is where keys are heard
    expect(page.locator("[data-bulk-value] select")).to_have_value("choose…")
    assert order(page) == before
    page.reload()  # which asks for the order of the list
    assert order(page) == [before[1], before[0], before[2]]
    page.keyboard.press("Control+z")
    expect(cell(page, "status")).to_have_text("Saved")


def test_a_row_that_an_undo_brings_back_into_a_narrowed_list_is_shown_again(page: Page) -> None:
    bring(page, 2)
    page.goto("/applications?status=saved&sort=company")
    cell(page, "company").focus()
    page.keyboard.type("s")
    page.keyboard.type("rej")
    page.keyboard.press("Enter")
    expect(cell(page, "status")).to_have_text("Rejected")
    page.fill("#search", "company")
    expect(page.locator("#record-rows > tr")).to_have_count(1)

    page.locator("[data-undo] button").click()

    expect(page.locator("#record-rows > tr")).to_have_count(2)
