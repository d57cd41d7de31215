"""The calendar in a real browser: an entry is dragged to another day, and a phone starts with today."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import sign_up


def add_task(page: Page, title: str) -> None:
    page.goto("/calendar/new?add=task")
    page.fill("#title", title)
    page.click("main button:has-text('Add')")
    expect(page.locator("#messages")).to_contain_text("Task added.")


def test_an_entry_is_dragged_to_another_day_and_back_by_undo(page: Page) -> None:
    add_task(page, "Call back")
    entry, today = page.locator(".entry", has_text="Call back"), page.locator("td.today")
    expect(today).to_contain_text("Call back")

    entry.drag_to(page.locator("td[data-day]:not(.today)").first, target_position={"x": 50, "y": 80})

    expect(page.locator("#messages")).to_contain_text("Moved Call back to ")
    expect(page.locator("td[data-day]").first).to_contain_text("Call back")
    page.locator("body").press("u")
    expect(page.locator("td.today")).to_contain_text("Call back")
    expect(page.locator("#messages")).to_contain_text("Undone.")


def test_a_day_is_clicked_to_add_on_it(page: Page) -> None:
    page.goto("/calendar")
    day = page.locator("td[data-day]").nth(10)

    day.click(position={"x": 60, "y": 80})

    expect(page.locator("#starts_at")).to_have_attribute("data-value", f"{page.url[-10:]}T10:00")


def test_a_day_in_words_is_understood_while_it_is_typed(page: Page) -> None:
    page.goto("/calendar/new?add=task")
    page.locator("#title").fill("Call back")
    page.keyboard.press("Tab")
    page.keyboard.type("some day")
    expect(page.locator(".dated + .understood")).to_have_text("Not a date yet")

    page.keyboard.press("Control+a")
    page.keyboard.type("tomorrow")

    expect(page.locator(".dated + .understood")).to_have_text(re.compile(r"^\w+day, \d+ \w+"))
    page.keyboard.press("Enter")
    expect(page.locator("#messages")).to_contain_text("Task added.")


def test_a_phone_starts_with_today(open_page, email: str) -> None:
    page = open_page(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    sign_up(page, email)
    page.goto("/calendar")

    expect(page.locator("td:visible").first).to_contain_text("Today, ")
    expect(page.locator("td:visible").first).to_contain_text("Nothing today")


def test_the_days_are_one_tab_stop_and_the_arrow_keys_go_from_one_to_another(page: Page) -> None:
    add_task(page, "Call back")
    stops = page.locator("#calendar td[data-day] a:not([tabindex='-1'])")
    expect(stops).to_have_count(2)

    page.locator("td.today a.day").focus()
    first = page.evaluate("document.activeElement.closest('td').cellIndex")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowRight" if first < 6 else "ArrowLeft")

    assert page.evaluate("document.activeElement.closest('td').cellIndex") == first + (1 if first < 6 else -1)
    expect(page.locator("td.today a.day")).to_have_attribute("tabindex", "-1")
    expect(stops).to_have_count(1)

    page.locator("td.today .entry").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/tasks/*")
