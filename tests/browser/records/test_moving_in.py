"""A list moves in: from the first page to the grid in at most six clicks, on any device, with and without scripts."""

import csv
import io
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import sign_up

ALSO_LOCKED = True

HEADER = ["Employer", "Role", "Where", "Date sent", "Where it's at", "Pay", "Posting", "Recruiter", "Mood"]
STATUSES = ["✅ Applied", "Rejected on 3/4", "Phone interview", "Application sent", "Ghosted", ""]


def spreadsheet() -> bytes:
    """30 rows of 9 columns, as a person keeps them: marks, words beside dates and pay, a month between the rows."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADER)
    for number in range(30):
        row = [f"Company {number}", ["Engineer", "Analyst"][number % 2], "Oslo", f"2026-03-{number % 28 + 1:02}"]
        row += [STATUSES[number % 6], ["$90k-$100k", "up to 80k", "competitive"][number % 3]]
        writer.writerow([*row, f"https://jobs.example/{number}", "Ann Roe" if number % 5 == 0 else "", "good"])
        if number == 9:
            writer.writerow(["APRIL", *[""] * 8])
    return text.getvalue().encode()


class Hand:
    """Clicks on a page, and counts."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.clicks = 0

    def click(self, selector: str) -> None:
        self.page.locator(selector).filter(visible=True).first.click()
        self.clicks += 1


@pytest.mark.parametrize(
    "device",
    [
        pytest.param({}, id="desktop"),
        pytest.param({"java_script_enabled": False}, id="without scripts"),
        pytest.param({"viewport": {"width": 360, "height": 740}, "has_touch": True}, id="phone"),
    ],
)
def test_thirty_rows_move_in_with_at_most_six_clicks(open_page, email: str, tmp_path: Path, device: dict) -> None:
    path = tmp_path / "my applications.csv"
    path.write_bytes(spreadsheet())
    page = sign_up(open_page(**device), email)
    hand = Hand(page)

    page.goto("/today")
    hand.click("main a[href='/import']")
    page.set_input_files("input[type=file]", path)
    hand.clicks += 1
    hand.click("button:has-text('Preview')")
    expect(page.locator("#import-counts")).to_have_attribute("data-added", "30")
    expect(page.get_by_text("a heading (“APRIL”)")).to_be_visible()
    expect(page.locator(".first-records > li").first).to_contain_text("Company 0 · Engineer")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    hand.click("button:has-text('Import 30 applications')")
    expect(page.locator("#import-result")).to_have_attribute("data-added", "30")
    hand.click("a:has-text('View your applications')")

    expect(page.locator("#record-rows > tr").first).to_contain_text("Company 27")  # applied to last
    assert hand.clicks <= 6
