"""[I10] What a client says of its way here, of the host and of the verb changes nothing, on any route.

Seen failing with one proxy trusted by default, with one more believed than is configured, with one page that answers
any host, and with one route deep in the app that also takes PUT.
"""

import re
import uuid

import msgspec
import pytest

from tests.support.people import Browser
from tests.support.routes import addresses, one_of_everything
from tmr import create_app

ELSEWHERE = "evil.example"
FORWARDED = {
    "usual": {
        "X-Forwarded-For": "203.0.113.9",
        "X-Forwarded-Host": ELSEWHERE,
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Port": "9999",
        "X-Forwarded-Prefix": "/evil",
    },
    "other": {
        "Forwarded": f"for=203.0.113.9;host={ELSEWHERE};proto=https",
        "Via": f"1.1 {ELSEWHERE}",
        "X-Real-Ip": "203.0.113.9",
        "Fly-Client-Ip": "203.0.113.9",
        "X-Host": ELSEWHERE,
        "X-Forwarded-Server": ELSEWHERE,
        "X-Forwarded-Scheme": "https",
        "X-Forwarded-Ssl": "on",
        "X-Original-Url": "/login",
        "X-Rewrite-Url": "/login",
        "X-Script-Name": "/evil",
        "X-Http-Method-Override": "DELETE",
    },
}
# Figures are for this machine alone, and a request that came through a proxy is not known to be from here.
FOR_THIS_MACHINE = ("/metrics", "/readyz")
OTHER_VERBS = ("PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "PROPFIND", "EVIL")


@pytest.fixture
def everything(alice, admin, services, clock) -> dict[str, str]:
    return one_of_everything(alice, admin, services, clock)


def walk(app, verb: str, ids: dict[str, str]) -> list[str]:
    """Return every address that answers this verb."""
    rules = [rule.rule for rule in app.url_map.iter_rules() if verb in (rule.methods or ())]
    return [address for rule in rules for address in addresses(rule, ids)]


def seen(answer) -> tuple[object, ...]:
    """Return all of an answer but what is random in each."""
    changing = r'(nonce|value|data-csrf)="[^"]*"'
    headers = {
        name: re.sub(r"'nonce-[^']+'", "", value)
        for name, value in answer.headers
        if name not in ("X-Request-Id", "X-Csrf-Token", "Set-Cookie", "Content-Length")
    }
    cookies = [re.sub(r"=[^;]*", "", cookie, count=1) for cookie in answer.headers.getlist("Set-Cookie")]
    is_text = answer.mimetype.startswith("text/") or answer.mimetype.endswith(("json", "javascript"))
    content = re.sub(changing, "", answer.text) if is_text else answer.data
    return answer.status_code, headers, cookies, content


@pytest.mark.parametrize("headers", FORWARDED.values(), ids=FORWARDED)
def test_i10_forwarded_headers_change_nothing(app, alice, visitor, everything, headers: dict[str, str]) -> None:
    checked = 0
    for address in walk(app, "GET", everything):
        if address in FOR_THIS_MACHINE:
            continue
        for browser in (alice, visitor):
            browser.get(address)  # the first answer may show a notice, which is then gone
            plain, forwarded = browser.get(address), browser.get(address, headers=headers)
            assert seen(forwarded) == seen(plain), address
            checked += 1

    assert checked >= 100


@pytest.mark.parametrize("path", FOR_THIS_MACHINE)
def test_i10_a_forwarded_header_never_shows_more(visitor, path: str) -> None:
    elsewhere = {"REMOTE_ADDR": "198.51.100.7"}
    plain = visitor.get(path, environ_base=elsewhere)

    for headers in ({"X-Forwarded-For": "127.0.0.1"}, {"X-Real-Ip": "127.0.0.1"}, {"Forwarded": "for=127.0.0.1"}):
        assert seen(visitor.get(path, environ_base=elsewhere, headers=headers)) == seen(plain)


def test_i10_forwarded_addresses_are_neither_counted_nor_kept(app, alice, services, clock) -> None:
    stranger = Browser(app)
    token = stranger.token("/login")
    codes = [
        stranger.client.post(
            "/login",
            data={"email": f"n{n}@example.org", "password": "wrong", "csrf_token": token},
            headers={"X-Forwarded-For": f"203.0.113.{n}", "Forwarded": f"for=203.0.113.{n}"},
        ).status_code
        for n in range(11)
    ]
    with services.repository.for_owner(alice.owner) as uow:
        known = {session.device.address for session in uow.sessions.list(clock())}

    assert codes == [422] * 10 + [429]
    assert known == {"127.0.0.1"}


def test_i10_absolute_links_use_the_configured_host(app, alice, letters) -> None:
    stranger = Browser(app)
    headers = {name: value for group in FORWARDED.values() for name, value in group.items()}
    data = {"email": alice.email, "csrf_token": stranger.token("/forgot")}

    assert stranger.client.post("/forgot", data=data, headers={**headers, "Host": "localhost:1"}).status_code == 200

    [letter] = letters()
    assert ELSEWHERE not in letter.message.as_string()
    assert set(re.findall(r"https?://[^/\s\"<]+", letter.text + letter.html)) == {"http://localhost:8000"}


def test_i10_as_many_proxies_are_believed_as_are_configured(services, alice, clock) -> None:
    behind = create_app(
        msgspec.structs.replace(services, settings=msgspec.structs.replace(services.settings, proxies=1))
    )
    person = type(alice)(behind, alice.email)
    data = {"email": alice.email, "password": "wrong", "csrf_token": person.token("/login")}

    def guess(forwarded: str) -> int:
        headers = {"X-Forwarded-For": forwarded}
        return person.client.post("/login", data={**data, "email": f"{uuid.uuid4()}@example.org"}, headers=headers)

    codes = [guess(f"192.0.2.{n}, 198.51.100.7").status_code for n in range(11)]

    assert codes == [422] * 10 + [429]  # what the client put in front of the proxy's word is not believed
    assert guess("198.51.100.8").status_code == 422


def test_i10_another_host_is_refused(visitor) -> None:
    assert visitor.get("/", headers={"Host": ELSEWHERE}).status_code == 400
    for name in ("localhost:1", "127.0.0.1:8000", "[::1]:8000"):
        assert visitor.get("/", headers={"Host": name}).status_code == 200


def test_i10_another_host_is_refused_on_every_route(app, alice, visitor, everything) -> None:
    for address in walk(app, "GET", everything):
        for browser in (alice, visitor):
            assert browser.get(address, headers={"Host": ELSEWHERE}).status_code == 400, address


@pytest.mark.parametrize("verb", OTHER_VERBS)
def test_i10_other_verbs_are_refused(app, alice, visitor, everything, admin, verb: str) -> None:
    def stored() -> list[tuple]:
        return admin.execute("SELECT id, version, deleted_at FROM records ORDER BY id").fetchall()

    before, token = stored(), alice.token("/import")
    for address in sorted({*walk(app, "GET", everything), *walk(app, "POST", everything)}):
        for browser in (alice, visitor):
            answer = browser.client.open(address, method=verb, headers={"X-CSRF-Token": token})
            assert answer.status_code == 405, (verb, address)
            assert set(answer.headers.get("Allow", "").split(", ")) <= {"GET", "HEAD", "POST", "OPTIONS"}, address

    assert before == stored() != []
