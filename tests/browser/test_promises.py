"""Promises in the browser: no request elsewhere and nothing in storages on any page; support's view; deletion."""

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.architecture.test_routes import ROUTES
from tests.browser.conftest import appoint, authenticator_on, sign_up, wait_until
from tests.support.people import PASSWORD

PLACES = [line.split()[1] for line in ROUTES.strip().splitlines() if line.startswith("GET") and "<" not in line]
# Not a page each: a redirect, downloads, and an image, whose viewer in the browser asks for a style of its own.
SKIPPED = {"/auth/google/callback", "/settings/privacy/exports", "/settings/security/log.csv", "/favicon.ico"}
STORED = """async () => [localStorage.length, sessionStorage.length, (await indexedDB.databases()).length,
    ...(await Promise.all((await caches.keys()).map(async (name) => (await (await caches.open(name)).keys())
        .map((request) => new URL(request.url).pathname)))).flat()]"""


# Over 20 seconds: every page there is, each until the network has been quiet for half a second.
def test_p01_p1_p3_no_page_speaks_to_another_origin_or_keeps_content(page: Page, address: str) -> None:
    """Every page without an id, and those of a record; the fixture fails on any request elsewhere, too."""
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto("/today")
    page.click("text=Try it with sample data")
    expect(page.locator("[data-line]").first).to_be_visible()
    visited = 0
    for place in PLACES:
        if place not in SKIPPED:
            page.goto(place)
            page.wait_for_load_state("networkidle")
            stored = page.evaluate(STORED) if page.url.startswith("http") else []
            assert stored in ([], [0, 0, 0], [0, 0, 0, "/offline"]), place  # the worker is installed in the background
            visited += 1

    assert visited > 30
    assert [url for url in requests if not url.startswith(f"{address}/")] == []
    assert len(requests) > 100


def flaws(page: Page) -> list[str]:
    page.evaluate("Promise.all(document.getAnimations().map((animation) => animation.finished))")
    # To describe every node that passes as well would take axe most of its time.
    violations = Axe().run(page, options={"resultTypes": ["violations"]})["violations"]
    return [f"{violation['id']}: {violation['nodes'][0]['html'][:120]}" for violation in violations]


@pytest.mark.parametrize("has_script", [True, False])
def test_p24_an_account_is_deleted_in_the_browser(open_page, email: str, *, has_script: bool) -> None:
    page = open_page(java_script_enabled=has_script)
    page.watch.may_err = not has_script
    sign_up(page, email)
    page.goto("/settings/privacy")
    page.click("text=Delete account…")
    page.fill("#email", email)
    page.fill("#password", "not the password")
    page.click("button:has-text('Delete account')")
    expect(page.locator("#password-error")).to_contain_text("Nothing was deleted")
    page.fill("#email", email)
    page.fill("#password", PASSWORD)

    page.click("button:has-text('Delete account')")

    expect(page.locator("main")).to_contain_text("is deleted")
    page.goto("/login")
    page.fill("#email", email)
    page.fill("#password", PASSWORD)
    page.click("button:has-text('Sign in')")
    expect(page.locator("#password-error")).to_be_visible()


def test_p18_support_looks_under_a_grant_with_a_banner_until_it_is_revoked(open_page, email: str) -> None:
    person = sign_up(open_page(), email)
    person.goto("/applications?new=1")
    person.fill("#new-company", "Ørsted")
    person.fill("#new-title", "Engineer")
    person.locator("#quick-add button:has-text('Add')").press("Enter")
    expect(person.locator("#record-rows")).to_contain_text("Ørsted")
    person.goto("/settings/privacy/support-grants")
    person.check("input[value=records]")
    person.click("text=Allow and get the code")
    code = person.locator("#support-code").inner_text()
    support = sign_up(open_page(), f"support-{email}")
    appoint(f"support-{email}")
    support.goto("/settings/security/totp")
    support.fill("#code", authenticator_on(support).code())
    support.click("button:has-text('Turn on')")
    expect(support.locator("#recovery-codes li")).to_have_count(10)

    support.goto("/support")
    support.fill("#code", code)
    support.keyboard.press("Enter")
    expect(support.locator(".support-banner")).to_contain_text("read-only")
    assert flaws(support) == []
    support.click("text=Applications")
    support.click("text=Ørsted · Engineer")
    expect(support.locator("dl")).to_contain_text("Engineer")
    assert flaws(support) == []
    person.goto("/settings/security/log")
    expect(person.locator("main")).to_contain_text("Support looked at your account: applications, one of them")
    person.goto("/settings/privacy")
    person.click("button:has-text('Revoke')")
    expect(person.locator("#messages")).to_contain_text("Support access ended")

    assert support.goto(support.url).status == 404


def test_without_a_connection_there_is_a_page_of_ours_and_no_content(page: Page) -> None:
    page.watch.may_err = True
    page.goto("/applications")
    page.evaluate("navigator.serviceWorker.ready")
    wait_until(page, lambda: page.evaluate("Boolean(navigator.serviceWorker.controller)"))
    page.context.set_offline(True)

    page.goto("/applications")

    expect(page.locator("h1")).to_have_text("You're offline")
    assert page.evaluate(STORED) == [0, 0, 0, "/offline"]
    page.context.set_offline(False)
    page.click("text=Try again")
    expect(page.locator("h1")).to_have_text("Applications")


def test_t5_a_page_is_compressed_unless_the_worker_has_to_ask_for_it(page: Page) -> None:
    page.goto("/applications")
    page.evaluate("navigator.serviceWorker.ready")
    wait_until(page, lambda: page.evaluate("Boolean(navigator.serviceWorker.controller)"))

    by_browser = page.goto("/applications")
    page.evaluate("navigator.serviceWorker.ready.then((worker) => worker.navigationPreload.disable())")
    by_worker = page.goto("/.well-known/change-password")

    expect(page.locator("h1")).to_have_text("Settings")
    assert by_browser.header_value("Content-Encoding") in ("gzip", "br", "zstd")
    assert by_worker.header_value("Content-Encoding") is None


def test_a_form_sent_as_a_page_keeps_its_text_without_a_connection(open_page) -> None:
    page = open_page()
    page.watch.may_err = True
    page.goto("/security/report")
    page.fill("#report", "A long report")
    page.context.set_offline(True)

    page.click("main button.primary")

    expect(page.locator("#messages")).to_contain_text("You’re offline. Not saved yet, your text is still here.")
    expect(page.locator("#report")).to_have_value("A long report")
    page.context.set_offline(False)
    page.locator("#messages").get_by_text("Try again").click()
    expect(page.locator("h1")).to_contain_text("Thank you")


def test_what_was_typed_in_a_list_can_be_sent_again(page: Page) -> None:
    page.watch.may_err = True
    page.keyboard.press("n")
    page.fill("#new-company", "Globex")
    page.fill("#new-title", "Engineer")
    page.context.set_offline(True)

    page.locator("#new-title").press("Enter")

    expect(page.locator("#messages")).to_contain_text("You’re offline. Not saved yet, your text is still here.")
    expect(page.locator("#new-company")).to_have_value("Globex")
    page.context.set_offline(False)
    page.locator("#messages").get_by_text("Try again").click()
    expect(page.locator("#record-rows")).to_contain_text("Globex")
