"""Every action is a link or a form: the main job with JavaScript off."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import cell, sign_up
from tests.support.paths import SAMPLES
from tests.support.people import PASSWORD

ALSO_LOCKED = True


def add(page: Page, company: str) -> None:
    page.goto("/applications")
    page.locator(".bar >> text=New").click()
    page.fill("#new-company", company)
    page.fill("#new-title", "Engineer")
    page.click("button:has-text('Add')")


def test_the_main_job_works_without_javascript(open_page, email: str) -> None:
    page = sign_up(open_page(java_script_enabled=False), email)
    add(page, "Globex")
    add(page, "Initech")
    expect(page.locator("#record-rows > tr")).to_have_count(2)

    # A field that is missing: its error is shown beside it, and what was typed stays.
    page.locator(".bar >> text=New").click()
    page.fill("#new-company", "Half")
    page.click("button:has-text('Add')")
    expect(page.locator("#title-error")).to_be_visible()
    expect(page.locator("#new-company")).to_have_value("Half")

    # A record's page shows what is there; each property of it is a link to its form.
    page.goto("/applications")
    cell(page, "company").locator("a").click()
    page.locator("#properties-more > summary").click()
    page.locator("#properties-more a:has-text('Location')").click()
    page.fill("#edit-location", "Ghent")
    page.locator("#property-location-form button:has-text('Save')").click()
    expect(page.locator("#property-location")).to_contain_text("Ghent")
    page.locator("#record-steps > form button[value=screening]").click()
    expect(page.locator(".steps [aria-current=step]").first).to_contain_text("Screening")
    page.click("#messages button:has-text('Undo')")
    page.goto(f"{page.url}?edit=location")
    page.fill("#edit-location", "")
    page.locator("#property-location-form button:has-text('Save')").click()

    # Every field is edited in the form of all.
    page.goto("/applications")
    cell(page, "company").locator("a").click()
    page.locator("summary[aria-label='More actions']").click()
    page.locator("text=Edit details").click()
    page.fill("#notes", "\nfirst line stays")
    page.select_option("#status", "offer")
    page.click("button:has-text('Save')")
    expect(page.locator("#messages")).to_contain_text("Saved.")
    page.goto(f"{page.url}?edit=all")
    assert page.input_value("#notes") == "\nfirst line stays"

    # Bulk edit, and its undo.
    page.goto("/applications")
    page.locator("#record-rows input[type=checkbox]").nth(0).check()
    page.locator("#record-rows input[type=checkbox]").nth(1).check()
    page.select_option("#bulk [name=field]", "location")
    page.fill("#bulk [name=value]", "Berlin")
    page.click("#bulk button:has-text('Apply')")
    expect(cell(page, "location", 1)).to_have_text("Berlin")
    page.click("#messages button:has-text('Undo')")
    expect(cell(page, "location", 1)).to_have_text("")

    # Bulk delete, and its undo.
    page.locator("#record-rows input[type=checkbox]").nth(0).check()
    page.click("#bulk button:has-text('Delete')")
    expect(page.locator("#record-rows > tr")).to_have_count(1)
    page.click("#messages button:has-text('Undo')")
    expect(page.locator("#record-rows > tr")).to_have_count(2)

    # Search, sort, filter.
    page.fill("#search", "first line")
    page.press("#search", "Enter")
    expect(page.locator("#record-rows > tr")).to_have_count(1)
    page.goto("/applications")
    page.locator("th >> text=Company").click()
    expect(cell(page, "company")).to_have_text("Globex")
    page.locator(".chip >> text=Offer").click()
    expect(page.locator("#record-rows > tr")).to_have_count(1)


def test_import_export_and_erasing_work_without_javascript(open_page, email: str) -> None:
    page = sign_up(open_page(java_script_enabled=False), email)
    page.goto("/import")
    page.locator("#file").set_input_files(SAMPLES / "jobsync.csv")
    page.click("button:has-text('Preview')")
    page.click("button:has-text('Import 30 applications')")
    expect(page.locator("#import-result")).to_have_attribute("data-added", "30")
    page.click("text=Undo this import")
    expect(page.locator("#import-result")).to_contain_text("Import undone")

    page.goto("/settings/privacy")
    with page.expect_download():
        page.click("button:has-text('Export everything')")
    page.click("a:has-text('Delete all data')")
    page.fill("#password", PASSWORD)
    page.click("button:has-text('Delete all data')")
    expect(page.locator("#messages")).to_contain_text("deleted")
    page.click("button:has-text('Sign out')")
    expect(page.locator("text=Start your search")).to_be_visible()
