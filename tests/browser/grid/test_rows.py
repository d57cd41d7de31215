"""What is done to a whole row of the grid."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import wait_until
from tests.browser.grid.test_in_place import without_drawing_again
from tests.browser.grid.test_ranges import bring

HAS_LATER_SCRIPT = "performance.getEntriesByType('resource').some(({ name }) => name.includes('/later.'))"


def test_a_task_is_ticked_in_its_row_and_the_focus_stays_on_the_button(page: Page) -> None:
    page.goto("/tasks?new=1")
    for title in ("Call Maria", "Write"):
        page.fill("#new-title", title)
        page.locator("#new-title").press("Enter")
        expect(page.locator("#messages")).to_contain_text(title)
    row = page.locator("#record-rows > tr", has_text="Call Maria")
    page.locator("#record-rows > tr", has_text="Write").locator("[name=ids]").check()

    with without_drawing_again(page):
        row.get_by_role("button", name="Done: Call Maria").click()
        reopen = row.get_by_role("button", name="Reopen: Call Maria")
        expect(reopen).to_be_focused()
        expect(page.locator(".pick :checked")).to_have_count(1)
        page.keyboard.press("Control+z")
        expect(row.get_by_role("button", name="Done: Call Maria")).to_be_visible()

    page.set_viewport_size({"width": 360, "height": 740})
    row.get_by_role("button", name="Done: Call Maria").click()
    expect(reopen).to_be_visible()
    assert "/tasks?" in page.url


def test_enter_on_the_box_of_a_task_ticks_no_other(page: Page) -> None:
    """Seen failing: the first row's button was what Enter pressed."""
    page.goto("/tasks?new=1")
    for title in ("Call Maria", "Write", "Read"):
        page.fill("#new-title", title)
        page.locator("#new-title").press("Enter")
        expect(page.locator("#messages")).to_contain_text(title)
    box = page.locator("[name=ids]").nth(1)
    box.check()

    with page.expect_response("**/tasks/bulk"):
        box.press("Enter")

    expect(page.get_by_role("button", name="Reopen")).to_have_count(0)
    expect(page.get_by_role("button", name="Done:")).to_have_count(3)


def test_delete_on_the_box_of_a_row_deletes_the_selected_rows_or_that_row(page: Page) -> None:
    """Seen failing: nothing came of the key."""
    bring(page, 4)
    rows, boxes = page.locator("#record-rows > tr[data-id]"), page.locator("[name=ids]")
    expect(rows).to_have_count(4)
    boxes.nth(1).focus()
    wait_until(page, lambda: page.evaluate(HAS_LATER_SCRIPT))

    page.keyboard.press("Delete")
    expect(rows).to_have_count(3)
    expect(page.locator("#record-rows td:focus")).to_have_count(1)
    boxes.nth(0).check()
    boxes.nth(1).check()
    page.keyboard.press("Delete")
    expect(rows).to_have_count(1)
    page.locator("[data-undo] button").click()
    expect(rows).to_have_count(3)
    page.locator("[data-pick-all]").focus()
    page.keyboard.press("Delete")
    expect(rows).to_have_count(3)
