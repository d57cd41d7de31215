"""Letters in a cell: commands act at once, and words are written whatever they begin with, however slowly."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import cell, focused, wait_until
from tests.browser.grid.test_ranges import bring

WORDS = [
    "sofia",
    "santiago",
    "xian",
    "essen",
    "nice",
    "utrecht",
    "geneva",
    "london",
    "Nice",
    "3rd floor",
    "stavanger s",
]


def menu(page: Page):
    return page.locator(".commands")


def state(page: Page) -> tuple[str, str, int]:
    """What a word that was mistaken for a command would have changed."""
    row = page.locator("#record-rows > tr").first
    return row.locator("[data-lead]").inner_text(), cell(page, "status").inner_text(), row.locator(":checked").count()


def test_a_word_typed_slowly_is_written_into_its_cell_and_does_nothing_else(page: Page) -> None:
    """Seen failing with the timers of before: “xian” lost its first letter, which had selected the row."""
    bring(page, 1)
    page.clock.install()

    for word in WORDS:
        page.reload()  # which leaves nothing to undo
        cell(page, "location").focus()
        for letter in word:
            page.keyboard.press(letter if letter != " " else "Space")
            page.clock.run_for(3_000)
        page.keyboard.press("Enter")
        page.clock.run_for(1_000)
        expect(cell(page, "location")).to_have_text(word)
        assert state(page) == ("Company 00", "Saved", 0)
        assert page.locator("#record-rows > tr").count() == 1


def bring_and_change_the_first(page: Page) -> None:
    """Leave two rows, and a change of the first one that can be undone."""
    bring(page, 2)
    cell(page, "location").focus()
    page.keyboard.type("Berlin")
    page.keyboard.press("Enter")
    expect(page.locator("#messages")).to_contain_text("Saved.")


def test_a_word_that_is_typed_after_a_change_is_kept_whole_though_its_first_letter_undoes(page: Page) -> None:
    bring_and_change_the_first(page)

    cell(page, "location", 1).focus()
    page.keyboard.type("utrec")
    expect(page.locator("#messages")).not_to_contain_text("Saved.")  # the undo was answered while the word was typed
    expect(cell(page, "location", 1).locator("input[name=location]")).to_have_value("utrec")
    page.keyboard.type("ht")
    page.keyboard.press("Enter")

    expect(cell(page, "location", 1)).to_have_text("utrecht")
    expect(cell(page, "location")).to_have_text("Berlin")


def test_a_word_that_is_saved_before_its_first_letter_is_taken_back_takes_nothing_else_with_it(page: Page) -> None:
    """Seen failing: what was undone could not be done again after the save, and the page was left."""
    bring_and_change_the_first(page)
    held: list[Route] = []
    page.route("**/redo", lambda route: held.append(route))

    cell(page, "location", 1).focus()
    page.keyboard.type("utrecht")
    page.keyboard.press("Enter")
    expect(page.locator("#messages")).not_to_contain_text("Saved.")
    expect(cell(page, "location", 1)).to_have_class(re.compile("saving"))
    wait_until(page, lambda: held)
    held[0].continue_()

    expect(cell(page, "location", 1)).to_have_text("utrecht")
    expect(page.locator("td.saving")).to_have_count(0)
    page.reload()
    expect(cell(page, "location")).to_have_text("Berlin")
    expect(cell(page, "location", 1)).to_have_text("utrecht")


def test_s_opens_the_stages_which_filter_as_one_types_and_are_no_edit(page: Page) -> None:
    bring(page, 2)
    cell(page, "location").focus()

    page.keyboard.press("s")
    expect(menu(page)).to_contain_text("Move Company 00 to")
    page.keyboard.type("rej")
    expect(menu(page).locator("[role=option][aria-selected=true]")).to_have_text("Rejected")
    page.keyboard.press("Enter")
    expect(cell(page, "status")).to_have_text("Rejected")
    expect(page.locator("#messages")).to_contain_text("Moved Engineer at Company 00 to Rejected.")
    assert focused(page) == "location"
    page.keyboard.press("u")
    expect(cell(page, "status")).to_have_text("Saved")

    page.keyboard.press("s")
    page.keyboard.type("alz")
    expect(menu(page).locator("[role=status]")).to_have_text(
        "No stage begins with “alz”. Enter writes “salz” into Location of Company 00."
    )
    page.keyboard.press("Escape")
    expect(menu(page)).to_have_count(0)
    expect(cell(page, "location")).to_have_text("")
    assert focused(page) == "location"
    page.keyboard.press("s")
    page.keyboard.type("In")
    page.keyboard.press("Tab")
    expect(cell(page, "status")).to_have_text("Interviewing")
    assert focused(page) == "location"


def test_letters_act_on_the_selected_rows_and_never_edit_a_cell(page: Page) -> None:
    bring(page, 3)
    cell(page, "title").focus()
    page.keyboard.press("x")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("x")
    expect(page.locator("#bulk")).to_contain_text("2 selected")
    page.locator("#bulk >> text=Apply").click()  # no value is chosen by itself
    expect(page.locator("#bulk-problem")).to_contain_text("Choose one of: Saved")
    expect(page.locator("tr[data-version='1']")).to_have_count(3)

    cell(page, "title", 1).focus()
    page.keyboard.press("s")
    page.keyboard.type("no r")
    page.keyboard.press("Enter")
    expect(page.locator("#messages")).to_contain_text("2 moved to No response.")
    expect(cell(page, "status", 2)).to_have_text("Saved")

    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("q")
    expect(menu(page).locator("[role=status]")).to_contain_text("No command begins with “q”.")
    page.keyboard.press("Escape")
    expect(page.locator(".editor")).to_have_count(0)
    page.keyboard.press("m")
    page.keyboard.press("Enter")  # to the stages
    page.keyboard.type("off")
    page.keyboard.press("Enter")
    expect(cell(page, "status", 2)).to_have_text("Offer")
    page.keyboard.press("d")
    page.keyboard.press("Enter")
    expect(page.locator("#messages")).to_contain_text("2 deleted.")
    page.keyboard.press("u")
    expect(page.locator("#record-rows > tr")).to_have_count(3)


def test_in_a_cell_a_letter_alone_is_the_command(page: Page) -> None:
    bring(page, 1)
    cell(page, "location").focus()
    page.keyboard.press("x")
    expect(page.locator("#bulk")).to_contain_text("1 selected")
    page.keyboard.press("x")
    expect(page.locator("#record-rows :checked")).to_have_count(0)

    page.keyboard.press("e")
    page.keyboard.type("Hamburg")  # a capital goes on with no word
    page.keyboard.press("Enter")
    expect(cell(page, "location")).to_have_text("Hamburg")
    page.keyboard.press("e")
    page.keyboard.type("ssen")
    expect(page.locator(".editor .aside")).to_have_text("Press ↓ to leave out “e”.")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(cell(page, "location")).to_have_text("ssen")

    page.keyboard.press("n")
    page.keyboard.type("Initech")
    expect(page.locator("#new-company")).to_have_value("Initech")
    page.keyboard.press("Escape")
    cell(page, "location").focus()
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.wait_for_url("**/contacts")


@pytest.mark.parametrize("key", ["Enter", "Tab"])
def test_n_says_what_enter_does_with_small_letters(page: Page, key: str) -> None:
    bring(page, 1)
    cell(page, "location").focus()
    page.keyboard.press("n")
    page.keyboard.type("ice")

    expect(page.locator("#quick-add")).to_contain_text("Enter writes “nice” into Location.")
    page.keyboard.press(key)

    expect(cell(page, "location")).to_have_text("nice" if key == "Enter" else "")
    expect(page.locator("#quick-add")).to_be_visible(visible=key == "Tab")
