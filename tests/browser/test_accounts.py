"""Signing in as people do it: passkeys of a real browser, an authenticator app, mail; with scripts and without."""

import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.browser.conftest import authenticator_on, sign_up, wait_until_it_answers
from tests.support.people import PASSWORD

SECURITY = "/settings/security"
NEW = "seven lamps beside the quiet harbour"


def virtual_authenticator(page: Page) -> None:
    """A platform authenticator whose person says yes (WebDriver BiDi has none; this is Chromium's own)."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def arrive(page: Page, path: str) -> None:
    expect(page).to_have_url(re.compile(rf"^http://localhost:\d+{path}$"))


def arrive_at(page: Page, address: str, path: str) -> None:
    expect(page).to_have_url(f"{address}{path}")


def test_a18_a_passkey_signs_in_alone_and_confirms(page: Page, email: str) -> None:
    virtual_authenticator(page)
    page.goto(SECURITY)
    page.fill("#label", "Laptop")
    page.click("button:has-text('Add passkey')")
    expect(page.locator("#recovery-codes li")).to_have_count(10)
    page.click("text=I have saved them")
    expect(page.locator("#passkeys")).to_contain_text("Laptop")

    page.click("button:has-text('Sign out')")
    page.goto("/login?next=/import")
    page.click("button:has-text('Sign in with a passkey')")
    arrive(page, "/import")

    page.goto("/reauthenticate?next=/settings/privacy")
    page.click("button:has-text('Use a passkey')")
    arrive(page, "/settings/privacy")
    expect(page.locator("#messages")).to_contain_text("Confirmed.")


def test_a18_a_passkey_is_the_second_step(page: Page, email: str) -> None:
    virtual_authenticator(page)
    page.goto(SECURITY)
    page.click("button:has-text('Add passkey')")
    expect(page.locator("#recovery-codes li")).to_have_count(10)
    page.goto(SECURITY)
    page.click("button:has-text('Sign out')")
    page.goto("/login")
    page.fill("#email", email)
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    arrive(page, "/login/2fa")

    page.click("button:has-text('Use a passkey')")

    arrive(page, "/")


def test_a_missing_passkey_is_reported_and_the_page_goes_on(open_page) -> None:
    page = open_page()
    virtual_authenticator(page)
    page.goto("/login")

    page.click("button:has-text('Sign in with a passkey')")

    expect(page.locator("form[data-passkey] [role=alert]")).to_contain_text("Nothing was changed")
    expect(page.locator("button:has-text('Sign in with a passkey')")).to_be_enabled()


def type_into(page: Page, field: str, text: str) -> None:
    """Type as a person does: once the page has put the focus into its field."""
    expect(page.locator(field)).to_be_focused()
    page.fill(field, text)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_the_journey_with_an_authenticator_app(open_page, email: str, scripts: bool) -> None:
    page = sign_up(open_page(java_script_enabled=scripts), email)
    page.goto(SECURITY)
    page.click("text=Add an authenticator app")
    app = authenticator_on(page)
    type_into(page, "#code", "000000")
    page.click("button:has-text('Turn on')")
    expect(page.locator("#code-error")).to_contain_text("That code is wrong")
    type_into(page, "#code", app.code())
    page.click("button:has-text('Turn on')")
    expect(page.locator("#recovery-codes li")).to_have_count(10)
    recovery = page.locator("#recovery-codes code").first.inner_text()
    page.goto(SECURITY)
    page.click("button:has-text('Sign out')")

    page.goto("/login")
    type_into(page, "#email", email)
    page.fill("#password", PASSWORD)
    page.click("button:has-text('Sign in'):not(:has-text('passkey'))")
    arrive(page, "/login/2fa")
    type_into(page, "#code", "000000")
    page.keyboard.press("Enter")
    expect(page.locator("#code-error")).to_be_visible()
    type_into(page, "#code", app.code(1))
    page.keyboard.press("Enter")
    arrive(page, "/")

    page.goto("/reauthenticate?next=/settings/security")
    type_into(page, "#code", recovery)
    page.keyboard.press("Enter")
    arrive(page, "/settings/security")
    page.click("text=Remove app")
    expect(page.locator("#messages")).to_contain_text("removed")
    page.goto("/settings/security/log")
    expect(page.locator(".security-log")).to_contain_text("Authenticator app removed")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_the_journey_of_a_forgotten_password(open_page, email: str, outbox: Path, scripts: bool) -> None:
    page = sign_up(open_page(java_script_enabled=scripts), email)
    page.click("button:has-text('Sign out')")
    page.goto("/login")
    page.click("text=Forgot your password?")
    page.fill("#email", email)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Check your email")

    page.goto(link_to(outbox, email))
    page.fill("#password", "short")
    page.click("button:has-text('Set password')")
    expect(page.locator("#password-error")).to_contain_text("at least 12")
    page.fill("#password", NEW)
    page.click("button:has-text('Set password')")
    arrive(page, "/login")
    expect(page.locator("#messages")).to_contain_text("Your new password is set")
    page.fill("#email", email)
    page.fill("#password", NEW)
    page.keyboard.press("Enter")
    arrive(page, "/")


@pytest.fixture
def outbox(address: str) -> Path:
    return Path(os.environ["TMR_TEST_SERVED"]) / "outbox"


def link_to(outbox: Path, email: str) -> str:
    """The newest link that was mailed to this address, once the worker has sent it."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        mails = sorted(outbox.glob("*.eml"), key=lambda path: path.stat().st_mtime) if outbox.exists() else []
        texts = [path.read_text() for path in mails if f"To: {email}" in path.read_text()]
        links = re.findall(r"^(http://localhost:\d+/reset/[\w-]+)", texts[-1], re.M) if texts else []
        if links:
            return links[0]
        time.sleep(0.05)
    raise AssertionError("no mail came")


@pytest.mark.parametrize("path", ["/signup", SECURITY])
def test_p28_the_strength_of_a_new_password_shows_while_it_is_typed_and_asks_nobody(
    open_page, email: str, path
) -> None:
    page = open_page()
    if path != "/signup":
        sign_up(page, email)
    page.watch.requests.clear()
    page.goto(path)
    page.wait_for_load_state("networkidle")
    field, words = page.locator("#password"), page.locator("#password-strength")
    assert not any("zxcvbn" in address for address in page.watch.requests)
    with page.expect_response("**/vendor-zxcvbn-ts-language-common.*"):  # the same file for everyone, before typing
        field.focus()
    page.watch.requests.clear()

    for typed, said in [
        ("short", "7 more characters"),
        ("abcdefghijkl", "Add a digit and a symbol"),
        ("aaaaaaaaaaaaaaaa", "easy to guess"),
        ("correct horse battery staple", "Very strong"),
    ]:
        field.fill(typed)
        expect(words).to_contain_text(said)

    # Chromium fetches the icon of the app whenever it likes; its address says nothing of what is typed.
    icon = page.evaluate("document.querySelector('link[rel=icon][type=\"image/svg+xml\"]').href")
    assert [address for address in page.watch.requests if address != icon] == []
    assert page.locator("meter.strength").get_attribute("value") == "4"


def test_p10_signing_in_with_a_provider_under_the_pages_own_policy(with_provider, chromium) -> None:
    """Chromium checks the redirect of a form against form-action too."""
    context = chromium.new_context(base_url=with_provider)
    page = context.new_page()
    page.goto("/login?next=/import")

    page.click("button:has-text('Sign in with localhost')")
    page.fill("input[name=sub]", "grace")
    page.click("button:has-text('Authorize')")

    expect(page).to_have_url(re.compile(rf"^{with_provider}/import$"))
    page.goto(SECURITY)
    expect(page.locator("body")).to_contain_text("grace@example.org")
    context.close()


@pytest.mark.parametrize("with_provider", [""], indirect=True, ids=["no slash"])
def test_p1_a_window_keeps_a_posting_while_a_provider_signs_in_in_a_tab_of_its_own(with_provider, chromium) -> None:
    """The provider's page took the place of the window before, and what it had was lost."""
    context = chromium.new_context(base_url=with_provider)
    window = context.new_page()
    window.goto("/capture#capture=1&text=Title:%20Baker%0ACompany:%20Crumb")

    with context.expect_page() as opened:
        window.click("button:has-text('Sign in with localhost')")
    tab = opened.value
    tab.fill("input[name=sub]", "grace")
    assert "Crumb" not in tab.url
    tab.click("button:has-text('Authorize')")
    expect(tab).to_have_url(re.compile(rf"^{with_provider}/capture$"))
    window.evaluate("dispatchEvent(new Event('focus'))")

    expect(window.locator("#capture-form [name=company]")).to_have_value("Crumb")
    assert window.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    context.close()


@pytest.fixture(params=["", "/"], ids=["no slash", "slash"])
def with_provider(request, tmp_path: Path):
    """A server with an independent provider beside it."""
    app_port, port = free_port(), free_port()
    mock = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)]
    environ = {**os.environ, "TMR_DATA_DIR": str(tmp_path / "var"), "TMR_PORT": str(app_port), "TMR_WORKERS": "1"}
    environ |= {"TMR_GOOGLE_CLIENT_ID": "x", "TMR_GOOGLE_CLIENT_SECRET": "y"}
    environ["TMR_GOOGLE_ISSUER"] = f"http://localhost:{port}{request.param}"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    processes = [subprocess.Popen(mock, **quiet)]
    processes.append(subprocess.Popen([sys.executable, "-m", "tmr", "serve"], env=environ, **quiet))
    wait_until_it_answers(f"http://localhost:{port}/.well-known/openid-configuration")
    user = {"email": "grace@example.org", "email_verified": True}
    requests.put(f"http://localhost:{port}/users/grace", json=user, timeout=60)
    wait_until_it_answers(f"http://localhost:{app_port}/healthz")
    yield f"http://localhost:{app_port}"
    for process in processes:
        process.terminate()
        process.wait(120)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]
