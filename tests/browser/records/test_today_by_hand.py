"""Today by keyboard: each line is done, snoozed, opened and undone with one key."""

import datetime as dt

from playwright.sync_api import Page, expect


def test_one_key_does_snoozes_opens_and_undoes(page: Page) -> None:
    today = dt.datetime.now(dt.UTC).date().isoformat()
    for title in ("First", "Second", "Third"):
        page.goto("/tasks?new=1")
        page.fill("#new-title", title)
        page.fill("#new-due_on", today)
        page.locator("#new-title").press("Enter")
        expect(page.locator("#record-rows")).to_contain_text(title)
    page.goto("/today")
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
    expect(page.locator("dialog.palette li")).to_have_count(2)
    page.keyboard.press("ArrowDown")
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
