"""Own fields in the grid: typed into a cell, pasted as a range, copied, undone; declared without JavaScript."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import cell, sign_up
from tests.browser.grid.test_ranges import bring, copied, expect_said, paste, stored


def declare(page: Page, label: str, of_type: str, choices: str = "") -> str:
    """Declare a field for applications, and return its name."""
    page.goto("/settings/fields?kind=applications")
    page.fill("#label", label)
    page.select_option("#type", of_type)
    if choices:
        page.fill("#choices", choices)
    page.click("button:has-text('Add field')")
    found = page.locator(f"details.own-field:has(summary:has-text('{label}'))")
    expect(found).to_be_visible()
    return found.get_attribute("id") or ""


def test_own_columns_are_typed_into_pasted_copied_and_undone(page: Page) -> None:
    mood, fee, team = (
        declare(page, "Mood", "choice", "Good\nSo so\nBad"),
        declare(page, "Visa fee", "money"),
        declare(page, "Team size", "number"),
    )
    bring(page, 2)

    cell(page, mood).focus()
    page.keyboard.press("Enter")
    page.locator("td .editor select").select_option(label="So so")
    page.keyboard.press("Enter")
    expect(cell(page, mood)).to_have_text("So so")

    cell(page, mood).focus()
    paste(page, "Bad\t€90\t12.5\nGood\tmuch\t1,234")
    expect(cell(page, team, 1)).to_have_text("1,234")
    expect(cell(page, fee)).to_have_text("90\u00a0EUR")
    expect(page.locator("#messages")).to_contain_text("much")
    assert [(row["Mood"], row["Visa fee"], row["Team size"]) for row in stored(page)] == [
        ("Bad", "90 EUR", "12.5"),
        ("Good", "", "1234"),
    ]

    cell(page, mood).focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown"):
        page.keyboard.press(f"Shift+{key}")
    assert copied(page) == ["Bad\t90 EUR\t12.5", "Good\t\t1,234"]
    figures = ["Sum 1,246.5, Average 623, 2 numbers", "EUR: Sum 90, Average 90, 1 number"]
    expect(page.locator(".range-figures span")).to_have_text(figures)
    expect_said(page, ". ".join(["2 by 3 cells, Mood to Team size", *figures]))
    page.keyboard.press("Escape")
    expect(page.locator(".range-figures")).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(cell(page, mood)).to_have_text("So so")
    expect(cell(page, team, 1)).to_have_text("")


def test_a_field_is_declared_filled_and_deleted_without_javascript(open_page, email: str) -> None:
    page = sign_up(open_page(java_script_enabled=False), email)
    name = declare(page, "Mascot", "text")
    page.goto("/applications?new=1")
    page.fill("#new-company", "Globex")
    page.fill("#new-title", "Engineer")
    page.click("button:has-text('Add')")

    page.goto("/applications")
    cell(page, "company").locator("a").click()
    page.goto(f"{page.url}?edit={name}")
    page.fill(f"#edit-{name}", "Axolotl")
    page.locator(f"#property-{name}-form button:has-text('Save')").click()
    expect(page.locator(f"#property-{name}")).to_contain_text("Axolotl")

    page.goto("/settings/fields")
    page.click("summary:has-text('Mascot')")
    page.click("button:has-text('Delete field')")
    page.click("#messages button:has-text('Undo')")
    expect(page.locator("details.own-field summary")).to_contain_text("1 value")
