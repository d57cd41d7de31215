"""The board in a real browser: dragged, by keyboard, by menu; two devices; a thousand cards."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import sign_in


def add(page: Page, company: str, title: str = "Engineer", status: str = "") -> None:
    page.goto("/applications?new=1")
    page.fill("#new-company", company)
    page.fill("#new-title", title)
    if status:
        page.select_option("#new-status", status)
    page.locator("#quick-add button:has-text('Add')").click()
    expect(page.locator("#messages")).to_contain_text("Added ")


def column(page: Page, status: str):
    return page.locator(f"ol[data-status='{status}']")


def card(page: Page, company: str):
    return page.locator("li.card", has_text=company)


@pytest.fixture
def board(page: Page) -> Page:
    add(page, "Globex")
    add(page, "Ørsted")
    page.goto("/board")
    return page


def test_a_card_is_dragged_and_its_move_is_kept_and_undone(board: Page) -> None:
    card(board, "Globex").drag_to(column(board, "applied"))
    expect(column(board, "applied")).to_contain_text("Globex")
    expect(board.locator("#messages")).to_contain_text("Moved ")
    expect(card(board, "Globex")).to_have_attribute("data-version", "2")
    board.reload()
    expect(column(board, "applied")).to_contain_text("Globex")

    card(board, "Globex").drag_to(column(board, "screening"))
    expect(board.locator("#messages")).to_contain_text("Moved ")
    board.locator("body").press("u")
    expect(board.locator("#messages")).to_contain_text("Undone.")
    expect(column(board, "applied")).to_contain_text("Globex")
    card(board, "Globex").locator("a").click()
    expect(board.locator("#panel-events .part")).to_have_count(1)


def test_cards_are_moved_by_keyboard_and_menu_and_the_moves_are_kept(board: Page) -> None:
    board.locator("body").press("ArrowDown")
    expect(card(board, "Ørsted")).to_be_focused()
    board.keyboard.press("Shift+ArrowRight")
    expect(column(board, "applied")).to_contain_text("Ørsted")
    expect(card(board, "Ørsted")).to_be_focused()
    board.keyboard.press("Shift+ArrowRight")
    expect(column(board, "screening")).to_contain_text("Ørsted")
    expect(card(board, "Ørsted")).to_have_attribute("data-version", "3")

    board.keyboard.press("ArrowLeft")
    expect(card(board, "Globex")).to_be_focused()
    board.keyboard.press("s")
    board.locator("#move-menu button:has-text('Offer')").press("Enter")
    expect(column(board, "offer")).to_contain_text("Globex")
    expect(card(board, "Globex")).to_be_focused()
    expect(card(board, "Globex")).to_have_attribute("data-version", "2")  # saved
    board.reload()
    expect(column(board, "offer")).to_contain_text("Globex")
    expect(column(board, "screening")).to_contain_text("Ørsted")


def test_the_cards_are_one_tab_stop_and_the_menu_marks_the_stage_of_the_card(board: Page) -> None:
    stops = "() => [...document.querySelectorAll('.columns *')].filter(({ tabIndex }) => tabIndex >= 0).length"
    assert board.evaluate(stops) == 1

    board.locator(".columns").focus()
    board.keyboard.press("Tab")
    expect(card(board, "Ørsted")).to_be_focused()
    board.keyboard.press("ArrowDown")
    expect(card(board, "Globex")).to_be_focused()
    board.keyboard.press("Shift+ArrowRight")
    assert board.evaluate(stops) == 1
    board.locator(".columns").focus()
    board.keyboard.press("Tab")
    expect(card(board, "Globex")).to_be_focused()

    board.keyboard.press("s")
    expect(board.locator("#move-menu [aria-current]")).to_have_text("Applied")
    assert card(board, "Ørsted").bounding_box()["height"] < 72


def test_two_devices_see_a_conflict_and_lose_no_move(board: Page, open_page, email: str) -> None:
    other = sign_in(open_page(), email)
    other.goto("/board")
    board.locator("body").press("ArrowDown")
    board.keyboard.press("Shift+ArrowRight")
    expect(card(board, "Ørsted")).to_have_attribute("data-version", "2")

    card(other, "Ørsted").drag_to(column(other, "offer"))

    expect(other.locator("#messages")).to_contain_text("changed somewhere else")
    expect(column(other, "saved")).to_contain_text("Ørsted")
    other.reload()
    expect(column(other, "applied")).to_contain_text("Ørsted")


def test_a_lost_connection_puts_the_card_back(board: Page) -> None:
    board.watch.may_err = True
    board.context.set_offline(True)
    board.locator("body").press("ArrowDown")
    board.keyboard.press("Shift+ArrowRight")

    expect(board.locator("#messages")).to_contain_text("You’re offline")
    expect(column(board, "saved")).to_contain_text("Ørsted")
    board.context.set_offline(False)
    board.keyboard.press("Shift+ArrowRight")
    expect(card(board, "Ørsted")).to_have_attribute("data-version", "2")


def test_a_thousand_cards_are_drawn_only_where_they_are_seen_and_move(page: Page) -> None:
    rows = "".join(f"Company {n},Engineer,{'Applied' if n % 2 else 'Saved'}\r\n" for n in range(1_000))
    page.goto("/import")
    content = f"company,title,status\r\n{rows}".encode()
    page.locator("#file").set_input_files({"name": "x.csv", "mimeType": "text/csv", "buffer": content})
    page.click("button:has-text('Preview')")
    page.click("button:has-text('Import 1,000 applications')")
    expect(page.locator("#import-result")).to_have_attribute("data-added", "1000", timeout=60_000)
    page.goto("/board")
    expect(page.locator("li.card")).to_have_count(1_000)

    page.locator("body").press("ArrowDown")
    name = page.locator("li.card:focus b").inner_text()
    page.keyboard.press("Shift+ArrowRight")

    expect(column(page, "applied").locator("li").first).to_contain_text(name)
    expect(page.locator("#messages")).to_contain_text("Moved ")
    styles = page.evaluate("getComputedStyle(document.querySelector('li.card:last-child')).contentVisibility")
    assert styles == "auto"
    assert re.search(r"\d+", column(page, "saved").locator("xpath=..").locator("[data-count]").inner_text())[0] == "499"


def test_cards_are_selected_by_key_and_moved_together(board: Page) -> None:
    """Seen failing: the bar for the selected cards never came."""
    bar = board.locator("#bulk")
    expect(bar).to_be_hidden()
    for count in (1, 2):
        board.keyboard.press("ArrowDown")
        board.keyboard.press("x")
        expect(bar.get_by_role("status")).to_have_text(f"{count} selected:")
    board.keyboard.press("s")
    expect(bar.locator("select[name=value]")).to_be_focused()  # seen failing: the menu moved one card alone
    board.keyboard.type("Scr")
    bar.get_by_role("button", name="Move").press("Enter")

    expect(column(board, "screening").locator("li.card")).to_have_count(2)
    expect(board.locator("#messages")).to_contain_text("2 moved to Screening.")  # seen failing: not said where to
    expect(board.locator("#messages")).to_contain_text("Undo")
