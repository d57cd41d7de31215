"""What the journeys of a locked account share: the lock turned on, records that close in the middle, and unlocking."""

import datetime as dt
import os
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import psycopg
from playwright.sync_api import Page, expect

from tests.conftest import libpq
from tests.support.locked import lock
from tests.support.people import PASSWORD
from tmr.config import load_settings
from tmr.operations.database.embedded import EmbeddedServer
from tmr.wiring.services import build


def owner_of(page: Page) -> UUID:
    cookie = next(kept["value"] for kept in page.context.cookies() if kept["name"] == "tmr")
    return UUID(cookie.partition(".")[0])


def turn_on(page: Page) -> None:
    """Turn the lock on for the account that this page is signed in to, and open the records in it."""
    settings = load_settings({"TMR_DATA_DIR": os.environ["TMR_TEST_SERVED"], "TMR_BACKUP_TARGET": "off"})
    repository = build(settings, EmbeddedServer(settings.data_dir).app_url).repository
    lock(repository, owner_of(page), dt.datetime.now(dt.UTC), PASSWORD)
    page.goto("/unlock")
    unlock(page)
    page.wait_for_selector("nav.side")
    page.goto("/applications")
    expect(page.locator("h1")).to_have_text("Applications")


def unlock(page: Page) -> None:
    page.fill("main input[type=password]", PASSWORD)
    page.locator("main form[data-state=locked] button[type=submit], main [data-unlock] button[type=submit]").click()


def lock_in_another_tab(page: Page) -> None:
    tab = page.context.new_page()
    tab.goto("/settings")
    tab.click("nav.side button:has-text('Lock now')")
    expect(tab.locator("h1")).to_have_text("Your records are locked")
    tab.close()


def leave_alone(page: Page) -> None:
    """Let the records close because nobody was there for a day; and forget how often they were unlocked."""
    idle = "UPDATE key_wraps SET used_at = used_at - interval '1 day' WHERE kind = 'unlock' AND owner_id = %s"
    with _administrator() as admin:
        assert admin.execute(idle, (owner_of(page),)).rowcount
        admin.execute("TRUNCATE limits")


def let_a_week_pass(page: Page) -> None:
    """Let what waits for a week be due, and done as the worker does it every hour."""
    due = "UPDATE data_keys SET begins_again_at = begins_again_at - interval '7 days' WHERE owner_id = %s"
    with _administrator() as admin:
        admin.execute(due, (owner_of(page),))
    environ = {**os.environ, "TMR_DATA_DIR": os.environ["TMR_TEST_SERVED"]}
    subprocess.run([sys.executable, "-m", "tmr", "upkeep"], env=environ, check=True, stdout=subprocess.DEVNULL)


def _administrator() -> psycopg.Connection:
    served = EmbeddedServer(Path(os.environ["TMR_TEST_SERVED"]))
    return psycopg.connect(libpq(served.admin_url), autocommit=True)
