"""What changes ways into an account holds it before anything else of it, so that no two wait for each other."""

import threading
import time

import psycopg
import pytest

from tests.support.devices.authenticator import enrol
from tests.support.locked import LOCK_PAGE, lock
from tests.support.people import PASSWORD, Person
from tests.support.routes import one_of_everything

# What a transaction has changed, or holds to change it; reading takes an ``AccessShareLock``, which keeps out nobody.
HELD = """
    SELECT DISTINCT coalesce(c.relname, l.locktype)
      FROM pg_locks l JOIN pg_stat_activity a USING (pid) LEFT JOIN pg_class c ON c.oid = l.relation
     WHERE a.wait_event_type = 'Lock' AND l.granted
       AND (l.mode IN ('RowShareLock', 'RowExclusiveLock') AND c.relkind = 'r' OR l.locktype = 'advisory')
"""
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
DOORS = {
    "/lock": {"where": "everywhere"},
    "/logout": {},
    "/reauthenticate": {"code": "{code}"},
    "/settings/calendar": {"label": "x", "level": "busy"},
    "/settings/calendar/{feed_id}/revoke": {},
    "/settings/coach": {"label": "x", "days": "7"},
    "/settings/coach/{link_id}/revoke": {},
    "/settings/privacy/erase-data": {"password": PASSWORD, "confirm": "delete"},
    "/settings/privacy/lock/password": {"password": PASSWORD},
    "/settings/privacy/lock/begin-again": {},
    "/settings/privacy/unlock-for-good": {},
    "/settings/privacy/support-grants": {"scope": "records", "hours": "24"},
    "/settings/privacy/support-grants/{grant_id}/revoke": {},
    "/settings/profile/keep-address": {},
    "/settings/security/identities/{identity_id}/unlink": {},
    "/settings/security/passkeys/{passkey_id}/remove": {},
    "/settings/security/password": {"current": PASSWORD, "password": "seven lamps beside the quiet harbour"},
    "/settings/security/recovery-codes": {},
    "/settings/sessions/{session_id}/revoke": {},
    "/settings/sessions/revoke-others": {},
    "/settings/tokens": {"label": "x", "scope": "both"},
    "/settings/tokens/{token_id}/revoke": {},
    "/unlock": {"unlock_password": PASSWORD},
}
WHILE_CLOSED = "/unlock", f"{LOCK_PAGE}/begin-again"


def held_while_it_waits(admin: psycopg.Connection, person: Person, path: str, fields: dict[str, str]) -> set[str]:
    """Return what a request has changed or holds by the time at which it waits for the account; it is let go then."""
    answers = []
    thread = threading.Thread(target=lambda: answers.append(person.client.post(path, data=fields)), daemon=True)
    with admin.transaction():
        admin.execute("SELECT FROM accounts WHERE owner_id = %s FOR UPDATE", (person.owner,))
        thread.start()
        deadline = time.monotonic() + 60
        while thread.is_alive() and not admin.execute(WAITING).fetchone()[0]:
            assert time.monotonic() < deadline
        assert thread.is_alive(), "it did not wait"
        held = {row[0] for row in admin.execute(HELD)}
    thread.join(60)
    assert answers[0].status_code in (200, 303), answers[0].text
    return held - {"accounts"}


@pytest.mark.parametrize("path", DOORS)
def test_w3_what_waits_for_the_account_holds_nothing_else_of_it(
    alice, admin: psycopg.Connection, services, clock, path: str
) -> None:
    _authenticator, codes = enrol(alice, clock)
    ids = {**one_of_everything(alice, admin, services, clock), "code": codes[0]}
    lock(services.repository, alice.owner, clock(), PASSWORD)
    if path not in WHILE_CLOSED:
        alice.post("/unlock", page="/unlock", unlock_password=PASSWORD)
    fields = {name: value.format(**ids) for name, value in DOORS[path].items()}
    fields["csrf_token"] = alice.token("/settings")
    clock.turn(minutes=2)  # so that the use of the session is noted

    assert held_while_it_waits(admin, alice, path.format(**ids), fields) == set()
