"""The first minute: from sign-up to the first application, and a look around with sample data."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import cell
from tests.support.people import PASSWORD


def test_after_sign_up_three_keys_beside_the_text_lead_to_the_first_application(open_page, email: str) -> None:
    page = open_page()
    page.goto("/")
    page.click("text=Start your search")
    page.keyboard.type(email)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("nav.side")
    pressed = []

    def press(key: str) -> None:
        pressed.append(key)
        page.keyboard.press(key)

    press("n")
    expect(page.locator("#quick-add [name=company]")).to_be_focused()
    page.keyboard.type("Globex")
    press("Tab")
    page.keyboard.type("Engineer")
    press("Enter")

    expect(cell(page, "company")).to_contain_text("Globex")
    assert len(pressed) <= 6


def test_the_posting_is_added_with_its_link_and_its_text_by_the_keyboard(page: Page) -> None:
    page.keyboard.press("n")
    page.fill("#new-company", "Globex")
    page.fill("#new-title", "Engineer")
    page.fill("#new-url", "https://globex.example/jobs/1")
    page.fill("#new-job_description", "A long text\nof two lines")
    page.locator("#new-job_description").press("Control+Enter")

    expect(cell(page, "company")).to_contain_text("Globex")
    expect(page.locator("#new-job_description")).to_have_value("")
    cell(page, "company").locator("a").first.click()
    expect(page.locator("body")).to_contain_text("of two lines")


def test_a_refused_password_stays_where_it_was_typed(open_page, email: str) -> None:
    page = open_page()
    page.watch.may_err = True  # browsers log an answer of 422 as an error
    page.goto("/signup")
    page.fill("#email", email)
    page.fill("#password", "too short")
    page.keyboard.press("Enter")

    expect(page.locator("#password-error")).to_contain_text("at least 12 characters")
    expect(page.locator("#password")).to_be_focused()
    expect(page.locator("#password")).to_have_value("too short")
    page.keyboard.press("End")
    page.keyboard.type(" a longer one is a sentence")
    expect(page.locator("#password-error")).to_be_hidden()
    expect(page.locator("#password-strength")).to_have_text("Very strong")
    page.keyboard.press("Enter")
    page.wait_for_selector("nav.side")


def test_a_password_can_be_shown_and_is_masked_again_when_it_is_sent(open_page) -> None:
    page = open_page()
    page.watch.may_err = True
    page.goto("/login")
    page.fill("#email", "nobody@example.org")
    page.fill("#password", "Is it right")

    page.click("[data-reveal]")
    shown = page.get_attribute("#password", "type")
    page.locator("#password").press("Enter")
    page.wait_for_selector("#password-error")

    assert shown == "text"
    assert page.get_attribute("#password", "type") == "password"


def test_sample_data_is_one_click_there_and_one_click_away(page: Page) -> None:
    page.goto("/applications")
    page.click("text=Try it with sample data")
    expect(page.locator(".samples")).to_be_visible()
    page.goto("/board")
    page.click("text=Remove sample data")

    expect(page.locator("#messages")).to_contain_text("Sample data removed.")
    expect(page.locator(".samples")).to_have_count(0)
