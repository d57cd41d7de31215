"""What a script asks for: a parameter that is not understood is refused, locked records and large pages are said."""

import json

import pytest

from tests.integration.api.test_records import Script
from tests.integration.api.test_tokens import make_token
from tests.support.locked import lock
from tests.support.people import PASSWORD
from tmr.web.session.downloads import BY_ACCOUNT, WHOLE_BYTES

EXPORTS = ("exported", "kind-exported", "proof-exported")


@pytest.fixture
def script(app, alice) -> Script:
    return Script(app, make_token(alice))


@pytest.mark.parametrize(
    ("plural", "query", "named"),
    [
        ("applications", {"compny": "Globex"}, "compny"),
        ("applications", {"company": "Globex"}, "company"),
        ("applications", {"view": "all"}, "view"),
        ("applications", {"status": "rejctd"}, "status"),
        ("applications", {"status": ["rejected", "rejctd"]}, "status"),
        ("applications", {"sort": "nonsense"}, "sort"),
        ("applications", {"sort": "company,title,location,status"}, "sort"),
        ("applications", {"group": "company"}, "group"),
        ("applications", {"date": "company"}, "date"),
        ("applications", {"from": "nonsense"}, "from"),
        ("applications", {"salary_min.from": "much"}, "salary_min.from"),
        ("applications", {"page": "two"}, "page"),
        ("applications", {"per_page": "0"}, "per_page"),
        ("applications", {"q": ["a", "b"]}, "q"),
        ("applications", {"q": "x" * 201}, "q"),
        ("tasks", {"status": "rejected"}, "status"),
        ("interviews", {"status": "rejected"}, "status"),
        ("contacts", {"status": "rejected"}, "status"),
    ],
)
def test_i9_what_is_not_understood_is_refused_by_its_name(script: Script, plural: str, query, named: str) -> None:
    refused = script.get(plural, **query)

    assert (refused.status_code, list(refused.json["errors"])) == (422, [named])


def test_what_is_understood_is_not_refused(script: Script) -> None:
    for plural, query in (
        ("applications", {"status": ["open", "rejected"], "tag": "x", "per_page": "500"}),
        ("applications", {"sort": "-applied_on,company"}),
        ("applications", {"group": "status", "from": "2026-01-01", "date": "deadline_on", "q": "", "status": ""}),
        ("applications", {"company.has": "Glob", "salary_min.from": "65k", "page": "3"}),
        ("tasks", {"status": "done"}),
        ("interviews", {"outcome": "passed"}),
    ):
        assert script.get(plural, **query).status_code == 200, query


def test_locked_records_are_said_and_no_export_is_noted(script: Script, alice, services, clock) -> None:
    alice.add(company="Narwhal")
    alice.csv()  # which confirms
    with services.repository.for_owner(alice.owner) as uow:
        before = len([entry for entry in uow.log.list() if entry.event.name in EXPORTS])
    lock(services.repository, alice.owner, clock(), PASSWORD)

    closed = [script.get("applications").status_code]
    closed += [script.post("tasks", {"title": "Call"}).status_code, script.get("export").status_code]
    closed += [script.client.head("/api/v1/export", headers=script.headers).status_code]
    closed += [alice.get("/export/applications.csv").status_code]
    closed += [alice.client.head("/export/applications.csv").status_code]
    closed += [alice.post("/settings/privacy/export").status_code, alice.get("/report?format=csv").status_code]

    assert closed == [423] * len(closed)
    with services.repository.for_owner(alice.owner) as uow:
        noted = [entry for entry in uow.log.list() if entry.event.name in EXPORTS]
    assert len(noted) == before


def test_w1_a_large_page_keeps_its_place_until_it_is_taken(script: Script, clock) -> None:
    for number in range(8):
        script.post("applications", {"company": f"C{number}", "title": "T", "notes": "x" * 45_000})

    waiting = [_ask(script) for _ in range(BY_ACCOUNT)]

    assert _ask(script).status_code == 429
    assert _ask(script, per_page="1").status_code == 429  # it is not made first
    whole = b"".join(waiting[0].response)
    assert len(whole) > WHOLE_BYTES
    assert len(json.loads(whole)["items"]) == 8
    for answer in waiting:
        answer.close()
    assert _ask(script, per_page="1").status_code == 200


def _ask(script: Script, **query: str):
    return script.client.get("/api/v1/applications", query_string=query, headers=script.headers, buffered=False)
