"""The page of a record, when an answer comes after a person has gone on."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import focused
from tests.browser.late.holding import Late
from tests.browser.records.test_application_page import open_form, panel

PLACE = r"/applications/[\w-]+$"


def edit(page: Page, label: str) -> None:
    page.locator("#properties-more > summary").click()
    page.locator("#properties-more a", has_text=label).click()


def test_what_is_typed_while_another_change_is_answered_stays_and_keeps_the_focus(application: Page) -> None:
    """Seen failing: the form of the title was gone, the note lost the focus, and each change was a conflict with the
    one before."""
    page = application
    late = Late(page, PLACE)
    edit(page, "Location")
    page.locator("#edit-location").fill("Delft")
    page.keyboard.press("Enter")
    late.wait_for(1)
    page.locator("#record-title a").click()
    page.locator("#edit-title").fill("Engine ")
    late.answer()
    expect(page.locator("#property-location")).to_contain_text("Delft")
    page.keyboard.type("builder")
    expect(page.locator("#edit-title")).to_have_value("Engine builder")

    page.locator("#record-steps > form button[value=screening]").click()
    late.wait_for(1)
    page.locator("#edit-title").press("Enter")
    page.locator("#new-event-text").click()
    page.keyboard.type("Some ")
    late.open()
    expect(page.locator("#record-title")).to_have_text("Engine builder")
    page.keyboard.type("words")
    expect(page.locator("#new-event-text")).to_have_value("Some words")


def test_a_form_that_comes_late_leaves_the_focus_to_someone_who_types(application: Page) -> None:
    """Seen failing: the words went into the property."""
    page = application
    late = Late(page, r"\?edit=location", "GET")
    edit(page, "Location")
    late.wait_for(1)
    page.locator("#new-event-text").click()
    page.keyboard.type("Some ")
    late.open()
    expect(page.locator("#edit-location")).to_be_visible()
    page.keyboard.type("words")
    expect(page.locator("#new-event-text")).to_have_value("Some words")


def test_two_changes_of_one_part_both_show_and_what_is_added_twice_is_added_once(application: Page) -> None:
    """Seen failing: the second answer was dropped."""
    page = application
    late = Late(page, r"/(tasks|events)(/[\w-]+)?$")
    late.open()
    for title in ("One", "Two"):
        open_form(page, "tasks")
        page.fill("#new-task-title", title)
        page.keyboard.press("Enter")
        expect(panel(page, "tasks").locator(".part", has_text=title)).to_be_visible()

    late.close()
    for task in (0, 1):
        panel(page, "tasks").locator(".part .done-box").nth(task).click()
    late.wait_for(2)
    late.open()
    expect(panel(page, "tasks").locator(".done-box.done")).to_have_count(2)

    late.close()
    page.fill("#new-event-text", "A note")
    for _ in range(2):
        page.locator("#new-event-text").press("Control+Enter")
    late.wait_for(1)
    late.open()
    expect(panel(page, "events").locator(".bubble")).to_have_text(["A note"])
    expect(page.locator("#new-event-text")).to_have_value("")
    assert focused(page) in ("text", "")
