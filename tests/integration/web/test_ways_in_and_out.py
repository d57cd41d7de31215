"""Every way in or out is listed, and has the step-up, limit, log entry and notice that the list says."""

import re

import pytest

from tests.promises.rights.test_p18_support import allow, enter
from tests.support.devices.authenticator import enrol
from tests.support.paths import ROOT
from tests.support.people import Person
from tmr.domain import security_events
from tmr.domain.security_events import WORDS, EventType
from tmr.operations.accounts import Operator
from tmr.web.session.throttling import EXPORT_BY_ACCOUNT

PAGE = (ROOT / "docs" / "how-it-works" / "ways-in-and-out.md").read_text().partition("## Ways in and out")[2]
ROWS = [
    [cell.strip() for cell in line.strip("| ").split(" | ")]
    for line in PAGE.splitlines()
    if re.match(r"\| (GET|POST|command) ", line)
]
EVENTS = {
    event_type.name: event_type for event_type in vars(security_events).values() if isinstance(event_type, EventType)
}
CONFIRMED = ("signed in, confirmed", "support, confirmed")


def guards(app) -> dict[str, str]:
    return {
        f"{verb} {rule.rule}": app.view_functions[rule.endpoint].access
        for rule in app.url_map.iter_rules()
        for verb in (rule.methods or set()) & {"GET", "POST"}
    }


def test_w4_every_guarded_door_and_every_public_form_that_opens_an_account_is_listed(app) -> None:
    doors, listed = guards(app), {row[0] for row in ROWS}

    assert {door for door, access in doors.items() if access in CONFIRMED} <= listed
    assert {door for door in listed if not door.startswith("command")} <= set(doors)
    public = {door for door, access in doors.items() if access == "public" and door.startswith("POST")}
    assert public - listed == {
        "POST /auth/google",  # sets out only: the callback is the way in
        "POST /forgot",  # mails the link that is the way in
        "POST /login/2fa/resend",
        "POST /login/passkey/options",
        "POST /security/report",  # leads into no account
    }


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_w4_s7_step_up_log_and_notice_are_as_listed(app, row: list[str]) -> None:
    door, step_up, limit, entry, notice, *_ends = row
    access = guards(app).get(door, "")

    assert (step_up.startswith("yes")) == (access in CONFIRMED), access
    assert limit
    names = [name for name in re.findall(r"[a-z]+(?:-[a-z]+)+", entry) if name in EVENTS]
    assert names or entry.startswith("none: ") or "exported" in entry or "confirmed" in entry or "ledger" in entry
    assert notice.startswith("no: ") or notice.split(",")[0] in WORDS or notice == "a farewell"
    if notice in EVENTS and notice != "new-device":  # whose mail is one of its own
        assert EVENTS[notice].is_mailed


@pytest.mark.parametrize("kind", ["applications", "contacts", "interviews", "tasks", "offers", "documents"])
def test_w4_s7_a14_exporting_one_kind_needs_a_step_up_and_is_logged(alice, clock, kind: str) -> None:
    assert alice.get(f"/export/{kind}.csv").status_code == 200
    log = alice.get("/settings/security/log").text
    clock.turn(minutes=11)
    later = alice.get(f"/export/{kind}.csv")

    assert "Records of one kind were exported" in log
    assert kind in log
    assert later.status_code == 303
    assert later.headers["Location"].startswith("/reauthenticate")


def test_w4_exports_are_limited(alice, services, clock) -> None:
    for _ in range(EXPORT_BY_ACCOUNT.hits):
        services.limits.hit(EXPORT_BY_ACCOUNT, str(alice.owner), clock())

    assert alice.get("/export/tasks.csv").status_code == 429


def test_w4_s7_a_calendar_feed_needs_a_step_up_and_is_logged(alice, clock) -> None:
    assert alice.post("/settings/calendar", page="/settings/calendar", level="busy").status_code == 200
    assert "A calendar link was created" in alice.get("/settings/security/log").text
    clock.turn(minutes=11)

    answer = alice.post("/settings/calendar", page="/settings/calendar", level="busy")

    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/reauthenticate")
    page = alice.get("/settings/calendar").text
    assert page.count("/revoke") == 1
    assert "/reauthenticate?next=/settings/calendar" in page  # before anything is typed that would be lost
    assert "Create link" not in page


def test_p7_a_look_of_support_names_who_looked(alice, app, services, job_context, clock) -> None:
    sam = Person(app, "sam@example.org").sign_up()
    Operator(services.repository, job_context.across_owners, clock(), sends_mail=True).appoint(sam.email)
    enrol(sam, clock)

    sam.get(enter(sam, allow(alice)) + "/applications")

    assert alice.get("/settings/security/log").text.count("by sam@example.org") == 2
