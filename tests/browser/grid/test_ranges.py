"""Ranges of cells: selected by key and mouse, copied, cut, pasted, filled and cleared, each undone as one."""

import csv
import io
import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import cell, focused, sign_up, wait_until
from tests.support.factories import table
from tests.support.paths import SAMPLES

CLIPBOARD = SAMPLES / "clipboard"
FIELDS = ["location", "work_mode", "salary_min", "applied_on", "follow_up_on", "tags"]
CELLS = list(csv.DictReader((CLIPBOARD / "cells.csv").open()))


def bring(page: Page, count: int, **values: str) -> None:
    """Import so many applications and show them in the order of their companies."""
    rows = ({"company": f"Company {n:02}", "title": "Engineer", "status": "saved", **values} for n in range(count))
    page.goto("/import")
    page.locator("#file").set_input_files({"name": "x.csv", "mimeType": "text/csv", "buffer": table(*rows)})
    page.locator("button:has-text('Preview')").click()
    page.locator(f"button:has-text('Import {count} application')").click()
    expect(page.locator("#import-result")).to_have_attribute("data-added", str(count))
    page.goto("/applications?sort=company")


def stored(page: Page) -> list[dict[str, str]]:
    answer = page.request.get("/export/applications.csv").text().removeprefix("\ufeff")
    return sorted(csv.DictReader(io.StringIO(answer)), key=lambda row: row["company"])


def selected(page: Page) -> int:
    return page.locator("td[aria-selected=true]").count()


def expect_said(page: Page, words: str) -> None:
    """Wait until a range is announced in these words: its sums come with a script of their own."""
    expect(page.locator("body > .sr[role=status]")).to_have_text(words)


def paste(page: Page, text: str = "", html: str = "") -> None:
    """Paste what another program left on the clipboard."""
    page.evaluate(
        """([text, html]) => {
            const clipboardData = new DataTransfer();
            if (text) clipboardData.setData("text/plain", text);
            if (html) clipboardData.setData("text/html", html);
            const event = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
            (document.activeElement ?? document.body).dispatchEvent(event);
        }""",
        [text, html],
    )


def copied(page: Page) -> list[str]:
    """The lines that Ctrl C puts on the clipboard as plain text."""
    page.evaluate("addEventListener('copy', (event) => { copied = event.clipboardData.getData('text/plain') })")
    page.keyboard.press("Control+c")
    return page.evaluate("copied").split("\n")


def test_a_range_is_made_by_keys_and_announced(page: Page) -> None:
    bring(page, 3)
    cell(page, "company").focus()

    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    assert (selected(page), focused(page)) == (4, "company")
    expect_said(page, "2 by 2 cells, Company to Title")
    page.keyboard.press("Shift+End")
    page.keyboard.press("Shift+PageDown")
    assert selected(page) == 30
    expect_said(page, "3 by 10 cells, Company to Excitement")
    page.keyboard.press("Shift+Home")
    assert selected(page) == 3
    expect_said(page, "3 by 1 cells, Company")
    page.keyboard.press("Escape")
    assert selected(page) == 0

    page.keyboard.press("ArrowRight")
    page.keyboard.press("Control+Shift+ArrowDown")
    assert (selected(page), focused(page)) == (3, "title")
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+a")
    assert selected(page) == 30
    page.keyboard.press("ArrowDown")
    assert (selected(page), focused(page)) == (0, "company")
    expect(page.locator("table[data-grid]")).to_have_attribute("aria-multiselectable", "true")


def test_a_range_is_made_with_the_mouse(page: Page) -> None:
    bring(page, 3)
    cell(page, "title").click()

    cell(page, "location", 2).click(modifiers=["Shift"])
    assert (selected(page), focused(page)) == (9, "title")

    cell(page, "status", 1).hover()
    page.mouse.down()
    cell(page, "work_mode", 2).hover()
    page.mouse.up()
    assert (selected(page), focused(page)) == (6, "status")
    cell(page, "company", 2).locator("a").hover()  # a link that is dragged stays where it is
    page.mouse.down()
    cell(page, "title", 0).hover()
    page.mouse.up()
    assert (selected(page), focused(page)) == (6, "company")
    cell(page, "location").click()
    assert selected(page) == 0


def sample(program: str) -> list[tuple[str, str]]:
    """What a program puts on the clipboard, as (text, HTML); and its text alone, which some ways of pasting leave."""
    text, markup = (CLIPBOARD / f"{program}.tsv").read_bytes().decode(), CLIPBOARD / f"{program}.html"
    return [(text, markup.read_text()), (text, "")] if markup.exists() else [(text, "")]


def held(page: Page) -> list[dict[str, str]]:
    return [{name: row[name] for name in CELLS[0]} for row in stored(page)]


def test_a_rectangle_goes_in_from_each_program_and_comes_out_unchanged(page: Page) -> None:
    bring(page, 20)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    messages = page.locator("#messages")

    for text, html in [form for program in ("excel", "sheets", "libreoffice", "numbers") for form in sample(program)]:
        cell(page, "location").focus()
        paste(page, text, html)
        expect(cell(page, "location", 19)).to_have_text("Leeds")
        expect(messages).to_contain_text("107 cells changed.")
        assert held(page) == CELLS
        assert selected(page) == 120
        lines = copied(page)
        assert (len(lines), lines[0]) == (20, "Berlin\tRemote\t85000 EUR\t1 Mar 2026\t\tpython; sql")
        page.keyboard.press("Delete")
        expect(cell(page, "location", 19)).to_have_text("")
        expect(messages).to_contain_text("107 cells changed.")
        assert not any(value for row in held(page) for value in row.values())

    page.keyboard.press("Control+v")  # what was copied here goes in as well as what others write
    expect(cell(page, "location", 19)).to_have_text("Leeds")
    assert held(page) == CELLS
    page.keyboard.press("u")
    expect(cell(page, "location", 19)).to_have_text("")
    expect(messages).to_contain_text("20 changed back")


def test_cut_fill_and_paste_over_cells_undo_as_one_each(page: Page) -> None:
    bring(page, 4)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    messages = page.locator("#messages")
    cell(page, "title").focus()
    page.keyboard.type("Platform engineer")
    page.keyboard.press("Enter")
    expect(cell(page, "title")).to_have_text("Platform engineer")

    page.keyboard.press("ArrowUp")
    page.keyboard.press("Control+Shift+ArrowDown")
    page.keyboard.press("Control+d")
    expect(messages).to_contain_text("3 cells changed.")
    expect(cell(page, "title", 3)).to_have_text("Platform engineer")
    assert focused(page) == "title"

    cell(page, "location").focus()
    paste(page, "Utrecht\nGent\n")
    expect(cell(page, "location", 1)).to_have_text("Gent")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Escape")
    cell(page, "location", 2).focus()
    page.keyboard.press("Control+d")  # alone, a cell takes what is above it
    expect(cell(page, "location", 2)).to_have_text("Gent")

    page.keyboard.press("Control+Home")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Control+r")
    expect(cell(page, "title")).to_have_text("Company 00")

    cell(page, "location").focus()
    page.keyboard.press("Control+Shift+ArrowDown")
    page.keyboard.press("Control+x")
    expect(messages).to_contain_text("3 cells changed.")
    expect(cell(page, "location")).to_have_text("")
    cell(page, "title").focus()
    page.keyboard.press("Control+v")
    expect(cell(page, "title", 1)).to_have_text("Gent")
    expect(messages).to_contain_text("3 cells changed, 1 left: Title of Company 03 can’t be empty.")
    page.keyboard.press("u")
    expect(cell(page, "title", 1)).to_have_text("Platform engineer")


def test_what_does_not_fit_is_named_and_nothing_leaves_the_page(page: Page) -> None:
    page.watch.may_err = True
    bring(page, 3)
    messages = page.locator("#messages")
    cell(page, "location", 1).focus()
    page.context.set_offline(True)
    page.keyboard.type("Typed on the train")
    page.keyboard.press("Enter")
    expect(cell(page, "location", 1).locator(".problem")).to_contain_text("offline")
    page.context.set_offline(False)

    cell(page, "status", 0).focus()
    paste(page, "Offer\tA\nfoo\tB\nApplied\tC\nRejected\tD")

    expect(messages).to_contain_text("4 cells changed, 1 left: Status of Company 01: “foo” is no stage.")
    expect(messages).to_contain_text("1 cell that is not saved yet stayed.")
    expect(messages).to_contain_text("1 row goes beyond the last row of this page.")
    expect(cell(page, "location", 1).locator("input[name=location]")).to_have_value("Typed on the train")
    expect(cell(page, "status", 2)).to_have_text("Applied")
    cell(page, "location", 1).locator("button:has-text('Retry')").click()
    expect(cell(page, "location", 1)).to_have_text("Typed on the train")

    cell(page, "tags").focus()
    paste(page, "a; b\t3\tbeyond")
    expect(messages).to_contain_text("2 cells changed. 1 column beyond the last one was left out.")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+Home")
    paste(page, "Ørsted\tEngineer\nGlobex\tAnalyst\nInitech\tLead\nHooli\tClerk")
    expect(messages).to_contain_text("5 cells changed.")
    messages.locator("text=Add it as a record").click()
    expect(messages).to_contain_text("1 added.")
    paste(page, "Company\tTitle\nPied Piper\tFounder\nAviato\tCEO")
    expect(messages).to_contain_text("2 added.")
    expect(page.locator("#record-rows > tr")).to_have_count(6)


@pytest.mark.parametrize("script", ["comes late", "is there"])
def test_changes_that_follow_at_once_are_made_in_their_order(page: Page, script: str) -> None:
    """Seen failing where the script that reads a table comes late: what was pasted went where the range was by then."""
    bring(page, 2)
    held: list[Route] = []
    if script == "comes late":
        page.route(re.compile(r"/later\.[^/]*js"), lambda route: held.append(route))
        page.reload()
    cell(page, "location").focus()
    page.keyboard.press("Shift+ArrowDown")

    for text in "ABC":
        paste(page, text)
    page.keyboard.press("Escape")
    page.keyboard.type("Delft")
    page.keyboard.press("Enter")
    if script == "comes late":
        wait_until(page, lambda: held and page.query_selector("td.saving"))
    for route in held:
        route.continue_()

    expect(cell(page, "location", 1)).to_have_text("C")
    expect(page.locator("#messages")).to_contain_text("Saved.")
    expect(cell(page, "location")).to_have_text("Delft")
    expect(page.locator("tr[data-version='5']")).to_have_count(1)


def test_one_value_fills_a_range_and_a_range_is_filled_several_times_over(page: Page) -> None:
    bring(page, 4)
    cell(page, "status").focus()
    page.keyboard.press("Control+Shift+ArrowDown")
    paste(page, "applied")
    expect(cell(page, "status", 3)).to_have_text("Applied")

    cell(page, "location").focus()
    page.keyboard.press("Control+Shift+ArrowDown")
    paste(page, "Gent\nLyon")
    expect(cell(page, "location", 3)).to_have_text("Lyon")
    expect(cell(page, "location", 2)).to_have_text("Gent")
    paste(page, "", "<table><tr><td>A<br>B</td></tr></table>")
    expect(cell(page, "location", 2)).to_have_text("A B")


def test_on_a_touch_screen_a_long_press_begins_a_range_and_a_tap_extends_it(open_page, email: str) -> None:
    page = sign_up(open_page(has_touch=True, is_mobile=True, viewport={"width": 1000, "height": 900}), email)
    bring(page, 3)
    box = cell(page, "location").bounding_box()
    touch = page.context.new_cdp_session(page)
    point = {"x": box["x"] + 10, "y": box["y"] + 10}

    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    bar = page.get_by_role("toolbar", name="Cells")
    expect(bar).to_be_visible()
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    cell(page, "work_mode", 2).tap()
    assert (selected(page), focused(page)) == (6, "location")
    bar.locator("text=Clear").tap()
    expect(page.locator("#messages")).to_contain_text("Nothing was changed")

    bar.locator("text=Paste").tap()
    expect(page.locator("#messages")).to_contain_text("Your browser doesn’t let this page read the clipboard.")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("navigator.clipboard.writeText('Leeds\\tRemote\\nYork\\tHybrid')")
    bar.locator("text=Paste").tap()
    expect(page.locator("#messages")).to_contain_text("4 cells changed.")
    expect(cell(page, "work_mode", 1)).to_have_text("Hybrid")
    bar.locator("text=Done").tap()
    expect(bar).to_have_count(0)
    assert selected(page) == 0
