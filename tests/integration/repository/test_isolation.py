"""[C1] Every route and verb with another account's ids answers as for an unknown id, and changes nothing."""

import re
import uuid

import pytest

from tests.support.routes import addresses, one_of_everything
from tmr.domain.kinds import KINDS


@pytest.fixture
def belongings(alice, admin, services, clock) -> dict[str, str]:
    return one_of_everything(alice, admin, services, clock)


def routes(app) -> list[tuple[str, str]]:
    """Every route with an id in it, for each verb."""
    rules = [rule for rule in app.url_map.iter_rules() if any(name.endswith("_id") for name in rule.arguments)]
    return [(rule.rule, verb) for rule in rules for verb in sorted((rule.methods or set()) & {"GET", "POST"})]


def snapshot(admin) -> list[object]:
    tables = (
        "records",
        "record_versions",
        "record_links",
        "files",
        "file_chunks",
        "imports",
        "import_chunks",
        "undo_steps",
    )
    tables += (
        "record_counts",
        "sessions",
        "passkeys",
        "external_identities",
        "calendar_feeds",
        "access_tokens",
        "coach_links",
        "reminders",
        "support_grants",
        "exports",
    )
    return [
        admin.execute(f"SELECT md5(string_agg(t::text, '' ORDER BY t::text)) FROM {name} t").fetchone()
        for name in tables
    ]


def call(person, verb: str, address: str, *, htmx: bool):
    fields = {"version": "1", "title": "Stolen", "action": "delete", "duplicates": "add", "kind": "contacts"}
    if verb == "GET":
        return person.htmx_get(address) if htmx else person.get(address)
    return person.post(address, htmx=htmx, **fields)


@pytest.mark.parametrize("htmx", [False, True])
def test_c1_a_strangers_ids_are_unknown_ids(app, alice, bob, belongings, admin, htmx: bool) -> None:
    before, checked = snapshot(admin), 0

    for rule, verb in routes(app):
        unknown = {**dict.fromkeys(belongings, str(uuid.uuid4())), "number": "1", "position": "0", "stage": "applied"}
        for theirs, nobodys in zip(addresses(rule, belongings), addresses(rule, unknown), strict=True):
            answer, other = call(bob, verb, theirs, htmx=htmx), call(bob, verb, nobodys, htmx=htmx)
            assert answer.status_code == other.status_code == 404, (verb, theirs)
            assert stable(answer.text) == stable(other.text)
            assert "Secret role" not in answer.text
            checked += 1

    assert checked >= 4 * len(KINDS)
    assert snapshot(admin) == before


def stable(page: str) -> str:
    return re.sub(r'(nonce|value)="[^"]*"', "", page)


def test_c1_bulk_with_a_strangers_ids_changes_nothing(alice, bob, belongings, admin) -> None:
    bobs_record, before = bob.add(), snapshot(admin)

    for action in ({"action": "delete"}, {"action": "set", "field": "status", "value": "offer"}):
        answer = bob.post("/applications/bulk", ids=[bobs_record, belongings["record_id"]], **action)
        assert answer.status_code == 404

    assert snapshot(admin)[0] == before[0] or bob.version(bobs_record) == "1"
    assert bob.ids() == {bobs_record}


def test_c1_visitors_are_sent_to_sign_in_everywhere(app, alice, visitor, belongings, admin) -> None:
    before = snapshot(admin)

    for rule in app.url_map.iter_rules():
        access = app.view_functions[rule.endpoint].access
        if access == "public" or access.startswith("access token"):  # for scripts: tests/integration/api/
            continue
        for address in addresses(rule.rule, belongings):
            for verb in sorted((rule.methods or set()) & {"GET", "POST"}):
                answer = visitor.get(address) if verb == "GET" else visitor.post(address)
                assert answer.status_code == 303, (verb, address)
                assert answer.headers["Location"].startswith("/login")

    assert snapshot(admin) == before


def test_p16_exports_hold_own_records_only(alice, bob, belongings) -> None:
    bob.add(company="Bobs", title="Own")

    assert "Secret role" not in bob.csv()
    assert b"Secret role" not in bob.post("/settings/privacy/export").data


@pytest.mark.parametrize(
    "path",
    [
        "//applications",
        "/Applications",
        "/applications/",
        "/applications.",
        "/%61pplications/",
        "/applications/..",
        "/applications%2f",
    ],
)
def test_c2_odd_spellings_of_a_path_stay_guarded(alice, visitor, path: str) -> None:
    alice.add(company="Secret GmbH")

    assert "Secret" not in visitor.get(path).text
