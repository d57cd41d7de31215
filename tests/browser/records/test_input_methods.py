"""Keys that an input method takes (Japanese, Chinese, Korean): while a word is being composed, no key acts on the page.

Safari ends the composition before it sends the key that ended it: only the code 229 tells that key from a plain one.
"""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import cell, focused
from tests.browser.records.test_keyboard import add

SEND = """(input, { key, ending }) => {
  const isComposing = ending === "composing";
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, isComposing });
  if (ending === "229") {
    Object.defineProperty(event, "keyCode", { value: 229 });
    Object.defineProperty(event, "which", { value: 229 });
  }
  input.dispatchEvent(event);
}"""
CODES = {"Enter": "\r", "Escape": "", "Tab": ""}


def press(page: Page, key: str, ending: str) -> None:
    """Press a key that an input method takes: as Safari sends it, as others do, or as the browser itself gets it."""
    if ending == "real":
        session = page.context.new_cdp_session(page)
        event = {"key": key, "windowsVirtualKeyCode": 229, "code": key, "text": CODES[key]}
        session.send("Input.dispatchKeyEvent", {"type": "keyDown", **event})
        session.send("Input.dispatchKeyEvent", {"type": "keyUp", "key": key, "code": key, "windowsVirtualKeyCode": 229})
        session.detach()
    else:
        page.locator(":focus").evaluate(SEND, {"key": key, "ending": ending})


@pytest.mark.parametrize("ending", ["229", "composing", "real"])
def test_half_a_word_in_a_cell_is_neither_saved_nor_lost(page: Page, ending: str) -> None:
    add(page, "Globex", "Engineer")
    cell(page, "location").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("とうきょ")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))

    for key in ("Enter", "Tab", "Escape"):
        press(page, key, ending)
        expect(cell(page, "location").locator("input[name=location]")).to_have_value("とうきょ")
        expect(cell(page, "location").locator("input[name=location]")).to_be_focused()

    assert sent == []
    page.keyboard.type("う")
    page.keyboard.press("Enter")
    expect(cell(page, "location")).to_have_text("とうきょう")


@pytest.mark.parametrize("ending", ["229", "composing", "real"])
def test_half_a_word_in_the_quick_add_search_palette_and_a_form_stays(page: Page, ending: str) -> None:
    add(page, "Globex", "Engineer")
    sent: list[str] = []

    page.locator("body").press("n")
    page.keyboard.type("とうきょ")
    page.on("request", lambda request: sent.append(request.method))
    for key in ("Enter", "Tab", "Escape"):
        press(page, key, ending)
        expect(page.locator("#new-company")).to_be_focused()
    expect(page.locator("#quick-add")).to_be_visible()
    expect(page.locator("#new-company")).to_have_value("とうきょ")
    assert "POST" not in sent
    page.keyboard.press("Escape")

    page.keyboard.press("Control+k")
    expect(page.locator("dialog.palette input")).to_be_focused()
    page.keyboard.type("うき")
    for key in ("Enter", "Escape", "ArrowDown") if ending != "real" else ("Enter", "Escape"):
        press(page, key, ending)
    expect(page.locator("dialog.palette input")).to_have_value("うき")
    expect(page.locator("dialog.palette [data-chosen]")).to_contain_text("うき")
    page.keyboard.press("Escape")
    expect(page.locator("dialog.palette")).to_have_count(0)

    page.locator("body").press("/")
    page.keyboard.type("とう")
    press(page, "Enter", ending)
    press(page, "Escape", ending)
    expect(page.locator("#search")).to_be_focused()
    expect(page.locator("#search")).to_have_value("とう")


@pytest.mark.parametrize("key", ["ArrowDown", "x", "Delete", "s"])
def test_a_key_of_an_input_method_does_nothing_to_the_grid_or_the_page(page: Page, key: str) -> None:
    add(page, "Globex", "Engineer")
    add(page, "Initech", "Engineer")
    cell(page, "title").focus()

    press(page, key, "229")

    expect(cell(page, "title")).to_be_focused()
    assert focused(page) == "title"
    expect(page.locator("td.editing")).to_have_count(0)
    expect(page.locator(".pick :checked")).to_have_count(0)
    page.evaluate("document.activeElement.blur()")
    page.locator("body").evaluate(SEND, {"key": "?", "ending": "229"})
    expect(page.locator("dialog[open]")).to_have_count(0)
