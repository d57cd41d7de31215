"""A real Chromium against a real server: `tmr serve` in a process of its own, on the database of this test process."""

import hashlib
import os
import re
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from tests.browser.lock.journey import turn_on
from tests.conftest import libpq
from tests.support.devices.authenticator import Authenticator
from tests.support.people import PASSWORD
from tmr.operations.database.embedded import EmbeddedServer

CHROMIUM = os.environ.get("TMR_TEST_CHROMIUM", "")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
START_SECONDS = 120
# Waiting ends as soon as a page is as it should be: only a page that never comes to that takes so long.
PATIENCE_MILLISECONDS = 30_000
expect.set_options(timeout=PATIENCE_MILLISECONDS)
STEP_MILLISECONDS, MOST_STEPS = 20, 3_000


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.browser)
            if not CHROMIUM:
                item.add_marker(pytest.mark.skip(reason="no Chromium was found"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Have the journeys of a module that says so made twice: the second time with the lock on from the sign-up."""
    if getattr(metafunc.module, "ALSO_LOCKED", False):
        metafunc.parametrize("lock_at_sign_up", [False, True], ids=["unlocked", "locked"], indirect=True)


@pytest.fixture(autouse=True)
def lock_at_sign_up(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether everyone who signs up has the lock on; with ``TMR_TEST_LOCKED=1`` all the journeys are made so."""
    if getattr(request, "param", False):
        monkeypatch.setenv("TMR_TEST_LOCKED", "1")


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("served") / "var"
    environ = {**os.environ, "TMR_DATA_DIR": str(folder), "TMR_PORT": str(port), "TMR_WORKERS": "1"}
    process = subprocess.Popen([sys.executable, "-m", "tmr", "serve"], env=environ, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert f"http://localhost:{port}" in process.stdout.readline()
    wait_until_it_answers(f"http://localhost:{port}/healthz")
    os.environ["TMR_TEST_SERVED"] = str(folder)
    yield f"http://localhost:{port}"
    process.terminate()
    process.wait(120)


def wait_until_it_answers(url: str, context: ssl.SSLContext | None = None) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(url, context=context, timeout=START_SECONDS).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"{url} does not answer")


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
    yield browser
    browser.close()


class Watch:
    """What a page did that it should not: messages on the console, requests elsewhere, content in storages."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.console: list[str] = []
        self.elsewhere: list[str] = []
        self.requests: list[str] = []
        context.on("console", lambda message: self.console.append(message.text))
        context.on("weberror", lambda error: self.console.append(str(error.error)))
        context.on("request", lambda request: self._note(request.url, address))

    def _note(self, url: str, address: str) -> None:
        self.requests.append(url)
        if not url.startswith(address + "/"):
            self.elsewhere.append(url)

    def unexpected(self) -> list[str]:
        """Messages on the console but for the browser's own lines: an answer of 4xx, a sign-out, and a test that had
        the focus in a field of a page that just came before the browser put it into the first one."""
        usual = r"status of 4\d\d|^Clear-Site-Data header on|^Autofocus processing was blocked"
        usual += "|^Service Worker registration blocked"  # where a test asks for none
        return [text for text in self.console if not re.search(usual, text)]


def type_when_scripts_run(page: Page) -> None:
    """Have keys wait for a page that a link opened: its markup is there before its scripts can hear a key."""
    for name in ("press", "type"):
        setattr(page.keyboard, name, _once_loaded(page, getattr(page.keyboard, name)))


def _once_loaded(page: Page, act: Callable[..., None]) -> Callable[..., None]:
    def patient(*args: object, **named: object) -> None:
        page.wait_for_load_state("domcontentloaded")
        act(*args, **named)

    return patient


@contextmanager
def watched_pages(chromium: Browser, address: str) -> Iterator[Callable[..., Page]]:
    """Opens pages in contexts of their own; at the end no page may have erred or spoken to another origin."""
    opened: list[tuple[BrowserContext, Watch]] = []

    def make(**options: object) -> Page:
        usual = {"viewport": {"width": 1440, "height": 900}, "locale": "en-GB"}  # whatever this machine's own is
        context = chromium.new_context(base_url=address, **{**usual, **options})
        context.set_default_timeout(PATIENCE_MILLISECONDS)
        opened.append((context, Watch(context, address)))
        page = context.new_page()
        type_when_scripts_run(page)
        page.watch = opened[-1][1]
        return page

    yield make
    for context, watch in opened:
        context.close()
        assert watch.elsewhere == []
        if not getattr(watch, "may_err", False):
            assert watch.unexpected() == []


@pytest.fixture
def open_page(chromium: Browser, address: str) -> Iterator[Callable[..., Page]]:
    with watched_pages(chromium, address) as make:
        yield make


def new_email(name: str) -> str:
    """An address that nothing else uses, and no limit that anybody has reached."""
    served = EmbeddedServer(Path(os.environ["TMR_TEST_SERVED"]))
    with psycopg.connect(libpq(served.admin_url), autocommit=True) as admin:
        admin.execute("TRUNCATE limits")
    return hashlib.sha256(name.encode()).hexdigest()[:12] + "@example.org"


@pytest.fixture
def email(address: str, request: pytest.FixtureRequest) -> str:
    return new_email(request.node.nodeid)


def sign_up(page: Page, email: str) -> Page:
    page.goto("/signup")
    page.fill("#email", email)
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("nav.side")
    if os.environ.get("TMR_TEST_LOCKED"):
        turn_on(page)
    page.goto("/applications")
    return page


def sign_in(page: Page, email: str) -> Page:
    page.goto("/login")
    page.fill("#email", email)
    page.fill("#password", PASSWORD)
    page.click("button:has-text('Sign in')")
    page.wait_for_selector("nav.side")
    page.goto("/applications")
    return page


@pytest.fixture
def page(open_page, email: str) -> Page:
    """A person who just signed up, at 1440 px."""
    return sign_up(open_page(), email)


def appoint(email: str) -> None:
    """Make the person with this address support."""
    environ = {**os.environ, "TMR_DATA_DIR": os.environ["TMR_TEST_SERVED"]}
    subprocess.run([sys.executable, "-m", "tmr", "account", "appoint", email], env=environ, check=True)


def authenticator_on(page: Page) -> Authenticator:
    """The app of a person who reads the secret off the page, as soon as it is there."""
    return Authenticator(page.locator("#totp-secret").inner_text())


def wait_until(page: Page, is_so: Callable[[], object]) -> None:
    """Wait for something that the page does by itself; a test that waits for ever would hide all that come after it.

    Not `page.wait_for_function`: what is not so at once, it evaluates in the page itself, whose policy forbids that.
    """
    for _ in range(MOST_STEPS):
        if is_so():
            return
        page.wait_for_timeout(STEP_MILLISECONDS)
    raise AssertionError("What the test waits for has not come.")


def cell(page: Page, field: str, row: int = 0):
    return page.locator("#record-rows > tr").nth(row).locator(f"td[data-field={field}]")


def focused(page: Page) -> str:
    return page.evaluate("document.activeElement.dataset.field ?? document.activeElement.name ?? ''")
