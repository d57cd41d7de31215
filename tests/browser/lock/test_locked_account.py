"""Locking one's records as a person does it: on, locked, unlocked, off again; with scripts and without."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import sign_up
from tests.browser.lock.journey import let_a_week_pass, lock_in_another_tab, turn_on, unlock
from tests.support.people import PASSWORD

PAGE = "/settings/privacy/lock"
STATE = "#lock-state"
PRESSES = 300


def add(page: Page, company: str) -> None:
    page.goto("/applications")
    page.locator(".bar >> text=New").click()
    page.fill("#new-company", company)
    page.fill("#new-title", "Engineer")
    page.click("button:has-text('Add')")
    expect(page.locator("#record-rows")).to_contain_text(company)


def show_code(page: Page) -> str:
    page.goto("/settings/privacy")
    page.click("a:has-text('Lock my records…')")
    expect(page.locator(STATE)).to_have_attribute("data-state", "off")
    page.fill("#password", PASSWORD)
    page.click("button:has-text('Show my recovery code')")
    return page.locator("#recovery-code").inner_text()


def type_back(page: Page, code: str) -> None:
    page.fill("#recovery_code", code)
    page.click("main button:has-text('Lock my records')")


def lock_now(page: Page) -> None:
    """Lock the records again, as the button of the menu does."""
    token = page.locator("input[name=csrf_token]").first.get_attribute("value")
    assert page.request.post("/lock", form={"csrf_token": token}).status == 423


def test_p30_records_are_locked_unlocked_and_unlocked_for_good(page: Page, email: str) -> None:
    add(page, "Narwhal")
    code = show_code(page)
    type_back(page, "abcd-efgh-jkmn-pqrs-tuvw-xyz1-2345-6789")
    expect(page.locator("#recovery_code-error")).to_be_visible()
    type_back(page, code)

    expect(page.locator(STATE)).to_have_attribute("data-state", "locked")  # the page asks for the batches by itself
    expect(page.locator(STATE)).to_have_attribute("data-rotation", "due")
    page.goto("/applications")
    expect(page.locator("#record-rows")).to_contain_text("Narwhal")

    # Locked, the list asks for the password or the code in its place.
    lock_now(page)
    page.goto("/applications")
    expect(page.locator("h1")).to_have_text("Your records are locked")
    page.fill("#unlock_password", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#record-rows")).to_contain_text("Narwhal")

    # Under another key, with another code, nothing is lost.
    page.goto(PAGE)
    page.fill("#key_password", PASSWORD)
    page.click("button:has-text('Seal my records under a new key')")
    new = page.locator("#recovery-code").inner_text()
    assert new != code
    page.fill("#recovery_code", new)
    page.click("button:has-text('Seal my records under a new key')")
    expect(page.locator(STATE)).to_have_attribute("data-state", "locked")
    page.goto("/applications")
    expect(page.locator("#record-rows")).to_contain_text("Narwhal")

    page.goto(PAGE)
    page.click("button:has-text('Turn the lock off')")
    expect(page.locator(STATE)).to_have_attribute("data-state", "off")


@pytest.mark.parametrize("width", [360, 1440])
def test_without_javascript_it_is_a_button_and_the_code_unlocks(open_page, email: str, width: int) -> None:
    size = {"width": width, "height": 800}
    page = sign_up(open_page(java_script_enabled=False, viewport=size), email)
    add(page, "Narwhal")
    code = show_code(page)
    type_back(page, code.upper().replace("-", " "))
    expect(page.locator(STATE)).to_have_attribute("data-state", "resealing")
    for _ in range(PRESSES):  # until the worker has made a backup
        page.locator("#lock-progress button").click()
        if page.locator("#lock-progress").count() == 0:
            break
        page.wait_for_timeout(200)
    expect(page.locator(STATE)).to_have_attribute("data-state", "locked")

    lock_now(page)
    page.goto("/applications")
    expect(page.locator("h1")).to_have_text("Your records are locked")
    page.locator("summary:has-text('recovery code')").click()
    page.fill("#unlock_code", code)
    page.click("button:has-text('Unlock')")
    expect(page).to_have_url(re.compile(r"/applications$"))
    expect(page.locator("#record-rows")).to_contain_text("Narwhal")
    assert page.evaluate("document.documentElement.scrollWidth") <= width

    page.goto(PAGE)
    page.click("button:has-text('Turn the lock off')")
    expect(page.locator(STATE)).to_have_attribute("data-state", "off")


def test_who_has_neither_password_nor_code_begins_again_a_week_later(page: Page) -> None:
    add(page, "Narwhal")
    turn_on(page)
    lock_in_another_tab(page)
    page.goto(PAGE)
    page.click("button:has-text('Begin again in seven days')")
    expect(page.locator("#again-state")).to_have_attribute("data-state", "begun")
    page.click("button:has-text('Stop it, and keep my records')")
    expect(page.locator("#again-state")).to_have_count(0)
    page.goto("/applications")
    unlock(page)
    expect(page.locator("#record-rows")).to_contain_text("Narwhal")

    lock_in_another_tab(page)
    page.goto(PAGE)
    page.click("button:has-text('Begin again in seven days')")
    expect(page.locator("#again-state")).to_have_attribute("data-state", "begun")
    let_a_week_pass(page)
    page.goto(PAGE)
    expect(page.locator(STATE)).to_have_attribute("data-state", "off")
    page.goto("/applications")
    expect(page.locator("main")).to_contain_text("Your search starts here")
    add(page, "Globex")
