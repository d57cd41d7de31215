"""On a phone: rows are small cards, a tap opens the record, and every field can be edited there."""

from playwright.sync_api import expect

from tests.browser.conftest import cell, sign_up

ALSO_LOCKED = True


def test_the_main_job_can_be_done_by_touch(open_page, email: str) -> None:
    page = open_page(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    sign_up(page, email)
    page.locator(".bar >> text=New").tap()
    page.fill("#new-company", "Globex")
    page.fill("#new-title", "Engineer")
    page.locator("#quick-add button").tap()
    expect(cell(page, "company")).to_have_text("Globex")
    page.locator("[data-cancel]").tap()

    at = page.locator("#record-rows > tr").bounding_box()
    assert at["height"] < 72
    page.touchscreen.tap(at["x"] + at["width"] / 2, at["y"] + at["height"] - 8)  # anywhere on the card but on its box
    page.wait_for_url("**/applications/*")
    page.go_back()

    page.locator("#record-rows input[type=checkbox]").tap()
    page.locator("#bulk >> text=Delete").tap()
    expect(page.locator("text=Your search starts here")).to_be_visible()
    page.locator("#messages >> text=Undo").tap()
    expect(page.locator("#record-rows > tr")).to_have_count(1)
    cell(page, "company").locator("a").tap()
    page.wait_for_url("**/applications/*")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360

    page.locator(".segment", has_text="Details").tap()
    page.locator("#properties-more > summary").tap()
    page.locator("#properties-more a", has_text="Location").tap()
    page.locator("#edit-location").fill("Bern")
    page.locator("#property-location-form button").tap()
    expect(page.locator("#property-location .value")).to_contain_text("Bern")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360

    page.goto(page.url.split("?")[0] + "?edit=all")
    page.locator("#fields [name=location]").fill("Berlin")
    page.locator("#fields [name=company]").evaluate("field => field.scrollIntoView()")
    save = page.locator("#fields .end button")
    middle = "button => { const at = button.getBoundingClientRect(); return [at.x + at.width / 2, at.y + 8] }"
    assert save.evaluate(f"button => button.contains(document.elementFromPoint(...({middle})(button)))")  # not the bar
    save.tap()
    expect(page.locator("#messages")).to_contain_text("Saved.")
