"""Access tokens: what opens with one, what never does, and what ends it."""

import re

import msgspec
import pytest

from tests.support.people import PASSWORD, Person
from tmr import create_app
from tmr.auth.tokens.routes import MAX_TOKENS
from tmr.operations.jobs.housekeeping import forget_what_is_due
from tmr.web.session.throttling import SCRIPT_BY_TOKEN, TOKEN_BY_ACCOUNT

PAGE = "/settings/tokens"


def make_token(person: Person, scope: str = "both", **fields: str) -> str:
    page = person.post(PAGE, page=PAGE, scope=scope, **fields)
    assert page.status_code == 200, page.text
    return re.search(r'id="token">([^<]+)<', page.text)[1]


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def client(app):
    """A program without a cookie."""
    return app.test_client(use_cookies=False)


def test_a_token_does_what_its_scope_says_and_nothing_more(alice, client) -> None:
    for scope, reads, adds in (("read", 200, 403), ("add", 403, 201), ("both", 200, 201)):
        headers = bearer(make_token(alice, scope))

        assert client.get("/api/v1/tasks", headers=headers).status_code == reads
        assert client.get("/api/v1/export", headers=headers).status_code == reads
        added = client.post("/api/v1/tasks", json={"title": "Call"}, headers=headers)
        assert added.status_code == adds
        assert added.content_type == ("application/json" if adds == 201 else "application/problem+json")


def test_s1_c2_a_token_opens_no_page_and_a_cookie_opens_no_route_for_scripts(app, alice, client) -> None:
    """Seen failing with the guard of pages on a route for scripts, and with the header read where cookies are."""
    headers = bearer(make_token(alice))
    cookie = {"Cookie": f"tmr={alice.client.get_cookie('tmr').value}"}
    checked = 0

    for rule in app.url_map.iter_rules():
        access, path = app.view_functions[rule.endpoint].access, rule.rule.replace("<kind:kind>", "tasks")
        for verb in (rule.methods or set()) & {"GET", "POST"}:
            if access.startswith("access token"):
                refused = client.open(
                    path, method=verb, headers=cookie, json={"title": "x"} if verb == "POST" else None
                )
                assert refused.status_code == 401, path
                assert refused.headers["WWW-Authenticate"].startswith("Bearer")
                checked += 1
            elif access.startswith("signed in") and "<" not in path and verb == "GET":
                assert client.get(path, headers=headers).status_code == 303, path
                checked += 1
    assert checked > 25
    assert client.post(PAGE, data={"scope": "both"}, headers=headers).status_code == 403  # no token against forgery


def test_s7_w4_a14_making_one_needs_a_step_up_is_logged_and_told_by_mail(alice, clock, letters) -> None:
    make_token(alice, label="Nightly copy")

    assert any("An access token for scripts was created" in letter.text for letter in letters())
    assert "Nightly copy: read and add" in alice.get("/settings/security/log").text
    clock.turn(minutes=11)
    refused = alice.post(PAGE, page=PAGE, scope="both")
    assert refused.status_code == 303
    assert refused.headers["Location"] == f"/reauthenticate?next={PAGE}"


def test_a12_it_is_shown_once_and_stored_as_a_hash(alice, admin) -> None:
    token = make_token(alice, label="Copy")

    assert len(token) == len("tmr_") + 43  # 256 bits
    assert token not in alice.get(PAGE).text
    stored = admin.execute("SELECT t::text || l::text FROM access_tokens t, owner_lookups l").fetchone()[0]
    assert token.encode().hex() not in stored
    assert token not in stored
    assert "never used" in alice.get(PAGE).text


def test_p6_it_is_noted_to_the_hour_when_it_was_used_and_ends_by_itself(
    alice, client, clock, admin, job_context
) -> None:
    headers = bearer(make_token(alice, days="30"))
    client.get("/api/v1/tasks", headers=headers)
    first = admin.execute("SELECT used_at FROM access_tokens").fetchone()
    clock.turn(minutes=30)
    client.get("/api/v1/tasks", headers=headers)
    assert admin.execute("SELECT used_at FROM access_tokens").fetchone() == first
    assert "last used" in alice.get(PAGE).text

    clock.turn(days=30)

    assert client.get("/api/v1/tasks", headers=headers).status_code == 401
    forget_what_is_due(job_context)
    assert admin.execute("SELECT count(*) FROM access_tokens").fetchone() == (0,)
    assert admin.execute("SELECT count(*) FROM owner_lookups WHERE kind = 'access'").fetchone() == (0,)


def test_a_revoked_token_opens_nothing_from_the_next_request_on(alice, bob, client) -> None:
    token = make_token(alice)
    revoke = re.search(rf"{PAGE}/[0-9a-f-]{{36}}/revoke", alice.get(PAGE).text)[0]
    assert bob.post(revoke).status_code == 404
    assert client.get("/api/v1/tasks", headers=bearer(token)).status_code == 200

    assert alice.post(revoke).status_code == 303

    assert client.get("/api/v1/tasks", headers=bearer(token)).status_code == 401


def test_w1_requests_and_tokens_are_limited(alice, client, services, clock) -> None:
    token = make_token(alice)
    for _ in range(SCRIPT_BY_TOKEN.hits):
        services.limits.hit(SCRIPT_BY_TOKEN, token, clock())

    refused = client.get("/api/v1/tasks", headers=bearer(token))

    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert refused.content_type == "application/problem+json"
    for _ in range(MAX_TOKENS - 1):
        make_token(alice)
    assert "You already have 10 access tokens" in alice.post(PAGE, page=PAGE, scope="read").text
    for _ in range(TOKEN_BY_ACCOUNT.hits):
        services.limits.hit(TOKEN_BY_ACCOUNT, str(alice.owner), clock())
    assert alice.post(PAGE, page=PAGE, scope="read").status_code == 429


def test_what_was_chosen_wrongly_is_said(alice) -> None:
    refused = alice.post(PAGE, page=PAGE, scope="everything", days="4000")

    assert refused.status_code == 422
    assert "Choose what the script may do" in refused.text
    assert "Choose how long the token works" in refused.text


def test_a_disabled_account_and_one_without_a_factor_that_is_required_answer_nothing(
    alice, app, client, services, admin
) -> None:
    token = make_token(alice)
    strict = msgspec.structs.replace(services.settings, requires_factor=True)
    strict_app = create_app(msgspec.structs.replace(services, settings=strict))
    assert strict_app.test_client().get("/api/v1/tasks", headers=bearer(token)).status_code == 403

    admin.execute("UPDATE accounts SET disabled_at = now()")

    assert client.get("/api/v1/tasks", headers=bearer(token)).status_code == 401


def test_w3_an_erased_account_leaves_no_token(alice, client, admin) -> None:
    token = make_token(alice)

    alice.post("/settings/privacy/erase-account", page="/settings/privacy", password=PASSWORD, email=alice.email)

    assert client.get("/api/v1/tasks", headers=bearer(token)).status_code == 401
    assert admin.execute("SELECT count(*) FROM access_tokens").fetchone() == (0,)
