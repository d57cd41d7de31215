"""What a search asks for every day, by keyboard alone and by touch on a phone, each in a few steps.

A step is a key or a tap; the text that somebody types is none.
"""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import sign_up

ALSO_LOCKED = True

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}


class Hands:
    """A person at a page, whose steps are counted job by job."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.steps = 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.steps += 1

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)

    def tap(self, place: str | Locator) -> None:
        (self.page.locator(place) if isinstance(place, str) else place).first.tap()
        self.steps += 1

    def go(self, place: str) -> None:
        """Go somewhere by the palette: the two keys of a place have to come soon after one another."""
        self.press("Control+k")
        self.type(place)
        expect(self.page.locator("[data-chosen]")).to_contain_text(place)
        self.press("Enter")
        self.page.wait_for_url(f"**/{place.lower()}")

    def has_done(self, job: str, most: int) -> None:
        assert self.steps <= most, f"{job}: {self.steps} steps"
        self.steps = 0


def with_samples(page: Page, email: str) -> Hands:
    sign_up(page, email)
    page.goto("/today")
    page.locator("text=Try it with sample data").click()
    expect(page.locator("[data-line]").first).to_be_visible()
    return Hands(page)


def said(page: Page, words: str) -> None:
    expect(page.locator("#messages")).to_contain_text(words)


def test_the_ten_jobs_by_keyboard(open_page, email: str) -> None:
    page = open_page()
    hands = with_samples(page, email)

    hands.press("n")
    expect(page.locator("#new-company")).to_be_focused()
    hands.type("Weißdorn")
    hands.press("Tab")
    hands.type("Baker")
    hands.press("Tab", "Tab")
    hands.type("https://weissdorn.example/jobs/1")
    hands.press("Tab")
    hands.type("We bake before dawn.")
    hands.press("Control+Enter")
    said(page, "Added Baker at Weißdorn.")
    expect(page.locator("tr[data-added]")).to_contain_text("Weißdorn")
    hands.has_done("log from a posting", 6)

    hands.press("Escape", "Shift+ArrowDown", "Shift+ArrowDown", "s")
    hands.type("rej")
    hands.press("Enter")
    said(page, "3 moved to Rejected.")
    hands.has_done("move three to rejected", 5)

    hands.press("u")
    said(page, "3 changed back.")
    hands.has_done("undo a mistake", 1)

    hands.press("Control+k")
    hands.type("signe")
    expect(page.locator("[data-chosen]")).to_contain_text("Signe Havmand")
    hands.press("Enter")
    expect(page.locator("h1")).to_have_text("Signe Havmand")
    hands.has_done("who was that?", 2)

    hands.go("Today")
    card = page.locator(".interview-card")
    hands.press("ArrowDown")
    expect(card).to_be_focused()
    hands.press("p", "Enter")
    expect(card.locator(".done-box.done")).to_have_count(1)
    hands.has_done("prepare for tomorrow", 5)

    hands.press("ArrowUp", "r")
    expect(page.locator("#reschedule-at")).to_be_focused()
    page.locator("#reschedule-at").fill("in 2 days 14:30")
    hands.press("Enter")
    said(page, "Saved")
    expect(page.locator(".interview-card")).to_be_visible()
    hands.has_done("reschedule", 3)

    hands.press("ArrowDown", "End", "Shift+X", "d")
    said(page, "followed up.")
    hands.has_done("follow up with all the silent", 4)

    hands.press("Control+k")
    hands.type("compare")
    hands.press("Enter")
    expect(page.locator("h1")).to_have_text("Compare offers")
    hands.has_done("compare offers", 2)

    page.goto("/applications?status=applied")
    page.locator("td[data-lead] a").first.click()
    page.wait_for_url("**/applications/*")
    hands.press("d")
    expect(page.locator("#new-document-name")).to_be_focused()
    hands.type("Résumé, platform")
    hands.press("Enter")
    expect(page.locator("#panel-documents .part")).to_contain_text("Résumé, platform")
    hands.has_done("attach the résumé sent", 2)

    hands.go("Activity")
    expect(page.locator(".log")).not_to_have_count(0)
    hands.has_done("what happened last week", 2)


def test_the_ten_jobs_by_touch_on_a_phone(open_page, email: str) -> None:
    page = open_page(**PHONE)
    hands = with_samples(page, email)

    hands.tap("nav.side >> text=Applications")
    page.wait_for_url("**/applications")
    hands.tap(".bar >> text=New")
    page.fill("#new-company", "Weißdorn")
    page.fill("#new-title", "Baker")
    page.fill("#new-url", "https://weissdorn.example/jobs/1")
    hands.tap("#quick-add >> text=Add")
    said(page, "Added Baker at Weißdorn.")
    hands.has_done("log from a posting", 3)
    page.locator("[data-cancel]").tap()

    boxes = page.locator("#record-rows input[type=checkbox]")
    for row in range(3):
        hands.tap(boxes.nth(row))
    page.locator("[data-bulk-value] select").select_option("Rejected")
    hands.tap("#bulk >> text=Apply")
    said(page, "3 moved to Rejected.")
    hands.has_done("move three to rejected", 4)

    hands.tap("#messages >> text=Undo")
    said(page, "3 changed back.")
    hands.has_done("undo a mistake", 1)

    hands.tap("nav.side >> text=Menu")
    page.wait_for_url("**/more")
    hands.tap("main >> text=Search")
    page.fill("#search", "signe")
    hands.tap("#found a:has-text('Signe Havmand')")
    expect(page.locator("h1")).to_have_text("Signe Havmand")
    hands.has_done("who was that?", 3)

    hands.tap("nav.side >> text=Today")
    page.wait_for_url("**/today")
    hands.tap(".interview-card .done-box")
    expect(page.locator(".interview-card .done-box.done")).to_have_count(1)
    hands.has_done("prepare for tomorrow", 2)

    hands.tap(".interview-card .reschedule > summary")
    page.fill("#reschedule-at", "in 2 days 14:30")
    hands.tap(".interview-card .reschedule >> text=Save")
    said(page, "Saved")
    hands.has_done("reschedule", 2)

    hands.tap(page.locator("[data-part]").last)
    hands.tap("#today-bulk [data-verb-of-picked]")
    said(page, "followed up.")
    hands.has_done("follow up with all the silent", 2)

    hands.tap("nav.side >> text=Menu")
    page.wait_for_url("**/more")
    hands.tap("main >> text=Offers")
    hands.tap("main >> text=Compare")
    expect(page.locator("h1")).to_have_text("Compare offers")
    hands.has_done("compare offers", 3)

    page.goto("/applications?status=applied")
    page.locator("td[data-lead] a").first.tap()
    page.wait_for_url("**/applications/*")
    hands.tap(page.locator(".segment", has_text="Details"))
    hands.tap("#panel-documents .adding > summary")
    page.fill("#new-document-name", "Résumé, platform")
    hands.tap("#new-document-form button[type=submit]")
    expect(page.locator("#panel-documents .part")).to_contain_text("Résumé, platform")
    hands.has_done("attach the résumé sent", 3)

    hands.tap("nav.side >> text=Menu")
    page.wait_for_url("**/more")
    hands.tap("main >> text=Activity")
    page.wait_for_url(re.compile("/activity"))
    hands.has_done("what happened last week", 2)
