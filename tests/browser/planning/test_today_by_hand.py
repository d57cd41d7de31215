"""Today by keyboard: each line is done, snoozed, opened and undone with one key."""

import datetime as dt

from playwright.sync_api import Page, expect

from tests.browser.conftest import sign_up


def add_tasks(page: Page, *titles: str) -> None:
    today = dt.datetime.now(dt.UTC).date().isoformat()
    for title in titles:
        page.goto("/tasks?new=1")
        page.fill("#new-title", title)
        page.fill("#new-due_on", today)
        page.locator("#new-title").press("Enter")
        expect(page.locator("#record-rows")).to_contain_text(title)
    page.goto("/today")


def test_one_key_does_snoozes_opens_and_undoes(page: Page) -> None:
    add_tasks(page, "First", "Second", "Third")
    lines = page.locator("[data-line]")
    expect(lines).to_have_count(3)

    page.locator("body").press("ArrowDown")
    expect(lines.nth(0)).to_be_focused()
    page.keyboard.press("d")
    expect(lines).to_have_count(2)
    expect(page.locator("#messages")).to_contain_text("Done.")
    expect(lines.nth(0)).to_be_focused()
    page.keyboard.press("z")
    expect(lines).to_have_count(1)
    expect(page.locator("#messages")).to_contain_text("Snoozed until tomorrow.")
    page.keyboard.press("u")
    expect(lines).to_have_count(2)
    page.locator("body").press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/tasks/*")


def test_lines_are_selected_by_key_and_done_together(page: Page) -> None:
    add_tasks(page, "First", "Second", "Third")
    lines, bar = page.locator("[data-line]"), page.locator("#today-bulk")
    expect(bar).to_be_hidden()

    page.locator("body").press("ArrowDown")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(bar).to_contain_text("2 selected")
    expect(page.locator("[data-part]")).to_have_js_property("indeterminate", True)
    bar.locator("button:has-text('Done')").click()
    expect(lines).to_have_count(1)
    expect(page.locator("#messages")).to_contain_text("2 done.")
    page.keyboard.press("u")
    expect(lines).to_have_count(3)

    page.locator("body").press("ArrowDown")
    page.keyboard.press("End")
    expect(lines.nth(2)).to_be_focused()
    page.keyboard.press("Shift+X")
    expect(bar).to_contain_text("3 selected")
    page.keyboard.press("d")
    expect(page.locator("#messages")).to_contain_text("3 done.")
    page.keyboard.press("u")
    expect(lines).to_have_count(3)

    page.locator("[data-part]").check()
    expect(bar).to_contain_text("3 selected")
    expect(bar.locator("[data-close-picked]")).to_be_hidden()
    bar.locator("summary").click()
    bar.locator("button:has-text('Next week')").click()
    expect(page.locator("#messages")).to_contain_text("3 snoozed until next week.")
    expect(page.locator("#today")).to_contain_text("You're all caught up")


def test_the_menu_of_a_line_snoozes_and_closes(page: Page) -> None:
    add_tasks(page, "First", "Second")
    line = page.locator("[data-line]", has_text="First")

    line.hover()
    line.locator("summary").click()
    expect(line.locator("button:has-text('In 3 days')")).to_be_visible()
    page.keyboard.press("Escape")
    expect(line.locator("button:has-text('In 3 days')")).to_be_hidden()
    expect(line.locator("summary")).to_be_focused()
    page.keyboard.press("Enter")
    line.locator("button:has-text('In 3 days')").click()

    expect(page.locator("[data-line]")).to_have_count(1)
    expect(page.locator("#messages")).to_contain_text("Snoozed for 3 days.")


def test_a_follow_up_proposes_the_next_date(page: Page) -> None:
    page.goto("/contacts?new=1")
    page.fill("#new-name", "Ada")
    page.locator("#new-name").press("Enter")
    expect(page.locator("#record-rows")).to_contain_text("Ada")
    page.locator("#record-rows a").first.click()
    page.wait_for_url("**/contacts/*")
    page.goto(f"{page.url.partition('?')[0]}?edit=all")
    page.fill("#follow_up_on", "2020-01-01")
    page.click("button:has-text('Save')")
    expect(page.locator("#messages")).to_contain_text("Saved")
    page.goto("/today")
    page.locator("[data-done]").click()

    page.click("#messages button:has-text('1 week')")

    expect(page.locator("#messages")).to_contain_text("Next follow-up: ")
    expect(page.locator("#today")).to_contain_text("in 7 days")


def test_a_double_click_does_one_line_once_and_offers_to_undo_it(page: Page) -> None:
    """Seen failing: the second click asked for the same again, which was said to have changed somewhere else."""
    add_tasks(page, "First", "Second")

    page.locator("[data-line] [data-done]").first.dblclick()

    expect(page.locator("[data-line]")).to_have_count(1)
    expect(page.locator("#messages")).to_contain_text("Done.")
    expect(page.locator("#messages")).not_to_contain_text("changed somewhere else")
    page.locator("#messages button:has-text('Undo')").click()
    expect(page.locator("[data-line]")).to_have_count(2)


def swipe(page: Page, line: int, start: int, end: int) -> None:
    box = page.locator("[data-line]").nth(line).bounding_box()
    touch, y = page.context.new_cdp_session(page), box["y"] + box["height"] / 2
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": start, "y": y}]})
    for step in range(1, 9):
        x = start + (end - start) * step / 8
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": x, "y": y}]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_a_swipe_does_or_snoozes_a_line(open_page, email: str) -> None:
    page = open_page(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    sign_up(page, email)
    add_tasks(page, "First", "Second")
    lines = page.locator("[data-line]")

    swipe(page, 0, 120, 170)
    expect(lines).to_have_count(2)
    swipe(page, 0, 120, 260)
    expect(page.locator("#messages")).to_contain_text("Done.")
    expect(lines).to_have_count(1)
    swipe(page, 0, 260, 100)
    expect(page.locator("#messages")).to_contain_text("Snoozed until tomorrow.")


def test_anywhere_is_one_key_away(page: Page) -> None:
    page.goto("/applications?new=1")
    page.fill("#new-company", "Kiezlicht")
    page.fill("#new-title", "Engineer")
    page.keyboard.press("Enter")
    expect(page.locator("#record-rows")).to_contain_text("Kiezlicht")
    page.keyboard.press("Escape")

    page.keyboard.press("Control+k")
    page.keyboard.type("insi")
    page.keyboard.press("Enter")
    page.wait_for_url("**/insights")
    page.keyboard.press("Control+k")
    page.keyboard.type("kiez")
    expect(page.locator("dialog.palette li")).to_have_count(2)  # what was found, and the offer to search for it
    page.keyboard.press("Enter")
    page.wait_for_url("**/applications/*")


def test_every_place_has_its_two_keys(page: Page) -> None:
    places = {"h": "today", "c": "contacts", "i": "interviews", "t": "tasks", "f": "offers", "d": "documents"}
    others = {"b": "board", "k": "calendar", "n": "insights", "y": "activity", "a": "applications"}
    for key, path in {**places, **others}.items():
        page.keyboard.press("g")
        page.keyboard.press(key)
        page.wait_for_url(f"**/{path}")


def test_rows_are_pasted_into_the_grid_and_undone(page: Page) -> None:
    page.goto("/contacts")
    page.evaluate(
        """() => {
            const data = new DataTransfer();
            data.setData("text/plain", "Ada Lovelace\\tAnalytical\\nCharles Babbage\\tEngines");
            document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
        }"""
    )
    expect(page.locator("#record-rows > tr")).to_have_count(2)
    expect(page.locator("#messages")).to_contain_text("2 added.")
    page.locator("body").press("u")
    expect(page.locator("#record-rows > tr")).to_have_count(0)


def test_an_interview_is_edited_in_the_grid_time_and_link_included(page: Page) -> None:
    for company in ("Globex", "Initech"):
        page.goto("/applications?new=1")
        page.fill("#new-company", company)
        page.fill("#new-title", "Engineer")
        page.keyboard.press("Enter")
        expect(page.locator("#record-rows")).to_contain_text(company)
    page.goto("/interviews?new=1")
    page.fill("#new-application_id", "Globex · Engineer")
    page.select_option("#new-kind", "video")
    page.fill("#new-starts_at", "2026-12-01T14:30")
    page.locator("#new-place").press("Enter")
    expect(page.locator("#record-rows")).to_contain_text("1 Dec, 14:30")
    page.keyboard.press("Escape")

    cell = page.locator("td[data-field=application_id]")
    cell.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Control+a")
    page.keyboard.type("initech")
    page.keyboard.press("Enter")
    expect(cell).to_have_text("Initech · Engineer")
    start = page.locator("td[data-field=starts_at]")
    start.focus()
    page.keyboard.press("Enter")
    start.locator("input[name=starts_at]").fill("2026-12-02T09:00")
    page.keyboard.press("Enter")
    expect(start).to_have_text("2 Dec, 09:00")
