"""What an account can have a few of: requests at the same time do not get more of it than one after the other."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.people import Browser, Person
from tmr.auth.tokens.routes import MAX_TOKENS
from tmr.domain.fields.own_changes import MOST_OF_A_KIND as MOST_FIELDS
from tmr.domain.saved_views import MOST_OF_A_KIND as MOST_VIEWS
from tmr.privacy.coach.links import MAX_LINKS
from tmr.privacy.support.grants import MOST_GRANTS
from tmr.records.planning.feeds import MAX_FEEDS

AT_ONCE = 3
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
CAPS = {
    "access_tokens": ("/settings/tokens", {"scope": "read"}, MAX_TOKENS),
    "coach_links": ("/settings/coach", {"label": "Maria"}, MAX_LINKS),
    "calendar_feeds": ("/settings/calendar", {"level": "busy"}, MAX_FEEDS),
    "support_grants": ("/settings/privacy/support-grants", {"scope": "records", "hours": "1"}, MOST_GRANTS),
    "saved_views": ("/applications/views", {"name": "Mine {at}", "query": "q={at}"}, MOST_VIEWS),
    "own_fields": ("/settings/fields", {"kind": "applications", "type": "text", "label": "Mine {at}"}, MOST_FIELDS),
}


def same_browser(alice: Person) -> Browser:
    """Another client with the same cookies, since a client takes one request at a time."""
    other = Browser(alice.app)
    for name in ("tmr", "tmr-form"):
        if cookie := alice.client.get_cookie(name):
            other.client.set_cookie(name, cookie.value)
    return other


@pytest.mark.parametrize("table", CAPS)
def test_w1_no_cap_is_passed_by_requests_at_the_same_time(alice, admin, services, monkeypatch, table: str) -> None:
    """Seen failing without the lock of the account: all of them found the last place."""
    path, fields, most = CAPS[table]
    monkeypatch.setattr(services.limits, "hit", lambda *_args: 0)  # these limits have tests of their own
    token = alice.token("/import")

    def add(browser: Browser, at: int) -> int:
        sent = {name: text.format(at=at) for name, text in fields.items()}
        return browser.client.post(path, data={**sent, "csrf_token": token}).status_code

    def count() -> int:
        return admin.execute(f"SELECT count(*) FROM {table}").fetchone()[0]

    for at in range(most - 1):
        add(alice, at)
    assert count() == most - 1
    browsers = [same_browser(alice) for _ in range(AT_ONCE)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        with admin.transaction():
            admin.execute("SELECT FROM accounts FOR UPDATE")
            running = [pool.submit(add, browser, 100 + at) for at, browser in enumerate(browsers)]
            until = time.monotonic() + 30
            while admin.execute(WAITING).fetchone()[0] < AT_ONCE and time.monotonic() < until:
                if all(one.done() for one in running):
                    break
                time.sleep(0.05)
        answers = [one.result() for one in running]

    assert count() == most, answers
