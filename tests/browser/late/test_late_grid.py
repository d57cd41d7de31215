"""The grid, when a script or an answer comes after a person has gone on."""

import re

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import cell, focused, wait_until
from tests.browser.grid.test_ranges import bring, paste
from tests.browser.late.holding import Late

CELL = r"/applications/[\w-]+$"


def write(page: Page, field: str, text: str, row: int = 0) -> None:
    """Type into a cell of an earlier row, whatever its field begins with."""
    cell(page, field, row).focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Control+a")
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def scripts_held_back(page: Page, name: str) -> list[Route]:
    held: list[Route] = []
    page.route(re.compile(rf"/{name}\.[^/]*js"), lambda route: held.append(route))
    page.reload()
    return held


def let_come(page: Page, held: list[Route]) -> None:
    wait_until(page, lambda: held)
    for route in held:
        route.continue_()


def test_an_undo_takes_back_the_change_that_is_under_way_and_what_is_typed_next_is_saved_after_it(page: Page) -> None:
    """Seen failing: what was typed next was a conflict with the undo."""
    bring(page, 3)
    write(page, "location", "Delft")
    expect(page.locator("#messages")).to_contain_text("Saved.")
    late = Late(page, CELL)
    write(page, "location", "Gent", 1)
    late.wait_for(1)
    page.keyboard.press("Control+z")
    undo = Late(page, "/undo$")
    late.open()
    undo.wait_for(1)
    write(page, "title", "Builder", 1)
    expect(page.locator("td.saving")).to_have_count(1)
    undo.open()
    expect(page.locator("td.saving")).to_have_count(0)
    expect(cell(page, "title", 1)).to_have_text("Builder")
    expect(cell(page, "location", 1)).to_have_text("")
    expect(cell(page, "location")).to_have_text("Delft")


def test_a_value_for_the_selected_rows_and_a_search_are_not_lost_to_an_answer(page: Page) -> None:
    """Seen failing: the value was taken away while it was typed; rows that were selected later were not any more; a
    list that was searched while a cell was saved showed everything."""
    bring(page, 4)
    late = Late(page, CELL)
    write(page, "location", "Delft")
    late.wait_for(1)
    page.locator("[name=ids]").nth(1).check()
    page.locator("#bulk select[name=field]").select_option("location")
    page.locator("[data-bulk-value] input").click()
    page.keyboard.type("Gh")
    late.answer()
    expect(page.locator("#messages")).to_contain_text("Saved.")
    page.keyboard.type("ent")
    expect(page.locator("[data-bulk-value] input")).to_have_value("Ghent")

    bulk = Late(page, "/bulk$")
    page.keyboard.press("Enter")
    bulk.wait_for(1)
    page.locator("[name=ids]").nth(2).check()
    bulk.open()
    expect(cell(page, "location", 1)).to_have_text("Ghent")
    expect(page.locator("[name=ids]").nth(1)).not_to_be_checked()
    expect(page.locator("[name=ids]").nth(2)).to_be_checked()

    searched = Late(page, r"\?.*q=", "GET")
    page.locator("#search").fill("02")
    searched.wait_for(1)
    write(page, "location", "Lyon", 3)
    late.wait_for(1)
    searched.open()
    late.open()
    expect(page.locator("#record-rows > tr")).to_have_count(1)
    expect(page).to_have_url(re.compile("q=02"))


def test_what_is_typed_into_the_form_above_the_list_before_its_answer_stays(page: Page) -> None:
    """Seen failing: the form was drawn again without it, and an error that was there took the focus each time."""
    bring(page, 1)
    page.keyboard.press("n")
    late = Late(page, "/applications$")
    page.keyboard.type("Globex")
    page.keyboard.press("Enter")
    late.wait_for(1)
    page.keyboard.press("Tab")
    page.keyboard.type("Engineer")
    late.answer()
    expect(page.locator("#quick-add .error")).to_be_visible()
    expect(page.locator("#new-company")).to_have_value("Globex")
    expect(page.locator("#new-title")).to_have_value("Engineer")

    write(page, "location", "Delft")
    expect(page.locator("#messages")).to_contain_text("Saved.")
    assert focused(page) == "location"

    for _ in range(2):
        page.locator("#new-title").press("Enter")
    late.wait_for(1)
    page.keyboard.type("Ini")
    late.open()
    expect(page.locator("#messages")).to_contain_text("Globex")
    expect(page.locator("#new-company")).to_be_focused()
    page.keyboard.type("tech")
    expect(page.locator("#new-company")).to_have_value("Initech")
    expect(page.locator("#new-title")).to_have_value("")
    expect(page.locator("#record-rows > tr", has_text="Globex")).to_have_count(1)


def test_a_script_that_comes_late_looks_at_what_was_typed_and_leaves_the_focus_where_it_is(page: Page) -> None:
    """Seen failing: nobody looked for earlier applications, and a table that was read late took the focus back, so that
    the next letter went into another cell."""
    bring(page, 3)
    held = scripts_held_back(page, "later")
    cell(page, "location").focus()
    paste(page, "Delft\nGent")
    page.keyboard.press("ArrowRight")
    place = focused(page)
    let_come(page, held)
    expect(cell(page, "location", 1)).to_have_text("Gent")
    assert focused(page) == place != "location"

    held = scripts_held_back(page, "later")
    page.keyboard.press("n")
    page.keyboard.type("Company 00")
    page.keyboard.press("Tab")
    page.keyboard.type("Engineer")
    page.keyboard.press("Tab")
    let_come(page, held)
    expect(page.locator("#earlier")).to_contain_text("Applied here before?")

    looked_for = Late(page, "/earlier$")
    page.fill("#new-title", "Writer")
    page.keyboard.press("Enter")
    expect(page.locator("#messages")).to_contain_text("Writer")
    looked_for.wait_for(1)
    looked_for.open()
    page.locator("#new-company").press("Escape")
    expect(page.locator("#earlier")).to_have_text("")
