"""Passkeys that unlock records, in a real browser: its derivation, one touch, by keys alone, and without scripts."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import cell, sign_up
from tests.browser.lock.test_locking_by_hand import lock_in_another_tab, turn_on
from tests.browser.records.test_failed_saves import edit
from tests.browser.records.test_keyboard import add
from tests.browser.test_without_javascript import add as add_without_script
from tests.support.people import PASSWORD

LOCK = "/settings/privacy/lock"
LOCKED = "Your records are locked"
# Keeps what the authenticator gave to the page, so that the test can look for it in what was sent.
WATCHED = """() => {
    globalThis.outputs = [];
    const get = navigator.credentials.get.bind(navigator.credentials);
    navigator.credentials.get = async (options) => {
      const credential = await get(options);
      const output = credential.getClientExtensionResults().prf?.results?.first;
      if (output) outputs.push([...new Uint8Array(output)]);
      return credential;
    };
}"""


def authenticator(page: Page, *, has_prf: bool) -> None:
    """A platform authenticator whose person says yes, with or without the extension that makes secrets."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "ctap2Version": "ctap2_1", "transport": "internal", "hasResidentKey": True}
    options |= {"hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True}
    session.send("WebAuthn.addVirtualAuthenticator", {"options": {**options, "hasPrf": has_prf}})


def add_passkey(page: Page) -> None:
    page.goto("/settings/security")
    page.fill("#label", "Laptop")
    page.click("button:has-text('Add passkey')")
    expect(page.locator("#recovery-codes li")).to_have_count(10)


def let_in(page: Page) -> None:
    page.goto(LOCK)
    page.locator("#lock-passkeys button", has_text="Let this passkey unlock my records").click()


def press(page: Page, words: str) -> None:
    """Go to the button by Tab, and press it."""
    button = page.locator("main button", has_text=words)
    for _ in range(60):
        if button.evaluate("button => button === document.activeElement"):
            return page.keyboard.press("Enter")
        page.keyboard.press("Tab")
    raise AssertionError(f"no Tab reaches {words}")


def bodies(page: Page) -> list[str]:
    """What the page sends from now on."""
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.post_data or ""))
    return sent


@pytest.fixture
def locked(page: Page) -> Page:
    """A person whose records are locked and open here, with a passkey of an authenticator with PRF that is let in."""
    authenticator(page, has_prf=True)
    add(page, "Globex", "Engineer")
    add_passkey(page)
    turn_on(page)
    let_in(page)
    expect(page.locator("#lock-passkeys")).to_contain_text("Unlocks your records since")
    return page


def test_signing_in_with_it_opens_the_records_and_one_touch_unlocks_them(locked: Page) -> None:
    locked.click("button:has-text('Sign out')")
    locked.goto("/login?next=/applications")
    locked.click("button:has-text('Sign in with a passkey')")
    expect(locked.locator("h1")).to_have_text("Applications")
    expect(cell(locked, "company")).to_contain_text("Globex")

    locked.click("nav.side button:has-text('Lock now')")
    locked.goto("/applications")
    expect(locked.locator("h1")).to_have_text(LOCKED)
    locked.click("main button:has-text('Unlock with a passkey')")
    expect(cell(locked, "company")).to_contain_text("Globex")


def test_proof_4_the_output_of_the_prf_never_leaves_the_browser(locked: Page) -> None:
    locked.click("nav.side button:has-text('Lock now')")
    locked.evaluate(WATCHED)
    sent = bodies(locked)
    locked.evaluate("addEventListener('pagehide', () => localStorage.outputs = JSON.stringify(outputs))")
    locked.click("main button:has-text('Unlock with a passkey')")
    expect(locked.locator("nav.side button:has-text('Lock now')")).to_be_visible()

    [output] = locked.evaluate("JSON.parse(localStorage.outputs)")
    assert len(output) == 32
    said = "".join(sent)
    assert re.search(r"unlock_secret=[\w-]{43}(&|$)", said)  # the control: what is derived of it was sent
    raw = locked.evaluate("bytes => btoa(String.fromCharCode(...bytes))", output)
    for form in (raw, raw.replace("+", "-").replace("/", "_").rstrip("="), bytes(output).hex()):
        assert form.rstrip("=") not in said
    assert "prf" not in said


def test_by_keys_alone_a_passkey_is_let_in_unlocks_and_is_ended(locked: Page) -> None:
    locked.goto(LOCK)
    press(locked, "No longer unlock")
    expect(locked.locator("#messages")).to_contain_text("no longer unlocks your records")
    press(locked, "Let this passkey unlock my records")
    expect(locked.locator("#messages")).to_contain_text("unlocks your records from now on")
    locked.keyboard.press("g")
    locked.keyboard.press("l")
    expect(locked.locator("h1")).to_have_text(LOCKED)
    locked.locator("h1").click()

    press(locked, "Unlock with a passkey")

    expect(locked.locator("nav.side button:has-text('Lock now')")).to_be_visible()


def test_a_cell_that_was_typed_into_while_locked_saves_itself_after_the_touch(locked: Page) -> None:
    locked.goto("/applications")
    lock_in_another_tab(locked)

    edit(locked, "title", "Typed while locked")
    expect(locked.locator("#unlock_password")).to_be_focused()
    locked.keyboard.press("Shift+Tab")
    expect(locked.locator("#messages button:has-text('Unlock with a passkey')")).to_be_focused()
    locked.keyboard.press("Enter")

    expect(cell(locked, "title")).to_have_text("Typed while locked")
    locked.reload()
    expect(cell(locked, "title")).to_have_text("Typed while locked")


def test_an_authenticator_without_prf_signs_in_says_so_plainly_and_opens_nothing(page: Page, email: str) -> None:
    authenticator(page, has_prf=False)
    add(page, "Globex", "Engineer")
    add_passkey(page)
    turn_on(page)

    let_in(page)
    problem = page.locator("#lock-passkeys [role=alert]:visible")
    expect(problem).to_contain_text("This passkey can’t unlock records")
    expect(page.locator("#lock-passkeys")).to_contain_text("leaves your records locked")
    page.click("button:has-text('Sign out')")
    page.goto("/login?next=/applications")
    page.click("button:has-text('Sign in with a passkey')")

    expect(page.locator("h1")).to_have_text(LOCKED)
    expect(page.locator("main button:has-text('Unlock with a passkey')")).to_have_count(0)


def test_p30_records_are_locked_with_a_passkey_in_place_of_a_password(page: Page, email: str) -> None:
    authenticator(page, has_prf=True)
    add(page, "Globex", "Engineer")
    add_passkey(page)
    lock_by_passkey(page)

    unlock_by_passkey_alone(page)
    page.goto("/applications")
    expect(cell(page, "company")).to_contain_text("Globex")


def lock_by_passkey(page: Page) -> str:
    """Turn the lock on with the one passkey; return the recovery code."""
    page.goto(LOCK)
    page.click("button:has-text('Use a passkey, and show my code')")
    code = page.locator("#recovery-code").inner_text()
    page.fill("#recovery_code", code)
    page.click("main button:has-text('Lock my records')")
    expect(page.locator("#lock-state")).to_have_attribute("data-state", "locked")
    return code


def unlock_by_passkey_alone(page: Page) -> None:
    page.click("nav.side button:has-text('Lock now')")
    expect(page.locator("main input[type=password]")).to_have_count(0)
    expect(page.locator("main button:has-text('Unlock with a passkey')")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("nav.side button:has-text('Lock now')")).to_be_visible()


def test_p30_a_touch_of_the_passkey_seals_the_records_under_a_new_key(page: Page, email: str) -> None:
    authenticator(page, has_prf=True)
    add(page, "Globex", "Engineer")
    add_passkey(page)
    code = lock_by_passkey(page)

    page.goto(LOCK)
    page.click("button:has-text('Seal my records under a new key, with a passkey')")
    new_code = page.locator("#recovery-code").inner_text()
    page.fill("#recovery_code", new_code)
    page.click("main button:has-text('Seal my records under a new key')")
    expect(page.locator("#messages")).to_contain_text("Your records are locked")

    unlock_by_passkey_alone(page)
    page.goto("/applications")
    expect(cell(page, "company")).to_contain_text("Globex")
    page.click("nav.side button:has-text('Lock now')")
    for typed, opens in ((code, False), (new_code, True)):
        page.goto("/unlock")
        expect(page.locator("h1")).to_have_text(LOCKED)
        page.fill("#unlock_code", typed)
        page.locator("main button", has_text="Unlock").last.click()
        expect(page.locator("nav.side button:has-text('Lock now')")).to_have_count(int(opens))


def test_without_javascript_the_password_and_the_code_stay_and_no_dead_button_is_shown(
    locked: Page, email: str, open_page
) -> None:
    page = open_page(java_script_enabled=False)
    page.context.add_cookies(locked.context.cookies())
    page.goto("/settings")
    page.click("nav.side button:has-text('Lock now')")

    expect(page.locator("h1")).to_have_text(LOCKED)
    expect(page.locator("main button:has-text('Unlock with a passkey')")).to_be_hidden()
    page.fill("#unlock_password", PASSWORD)
    page.click("main form[data-state=locked] button[type=submit]")
    expect(page.locator("nav.side button:has-text('Lock now')")).to_be_visible()
    page.goto(LOCK)
    expect(page.locator("#lock-passkeys")).to_contain_text("needs JavaScript")
    page.click("#lock-passkeys button:has-text('No longer unlock')")
    expect(page.locator("#lock-passkeys")).to_contain_text("leaves your records locked")


@pytest.mark.parametrize("width", [360, 1440])
def test_the_forms_fit_a_phone_and_a_desk(open_page, email: str, width: int) -> None:
    page = sign_up(open_page(viewport={"width": width, "height": 800}), email)
    authenticator(page, has_prf=True)
    add_without_script(page, "Globex")
    add_passkey(page)
    turn_on(page)
    let_in(page)
    expect(page.locator("#lock-passkeys")).to_contain_text("Unlocks your records since")
    for path in (LOCK, "/settings/security", "/unlock"):
        if path == "/unlock":
            token = page.locator("input[name=csrf_token]").first.get_attribute("value")
            assert page.request.post("/lock", form={"csrf_token": token}).status == 423
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
