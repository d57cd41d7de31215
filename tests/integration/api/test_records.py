"""Records for scripts: the same rules as on the pages, and answers as the description says."""

import io
import json
import zipfile
from functools import partial

import jsonschema
import pytest

from tests.integration.api.test_tokens import bearer, make_token
from tests.integration.records.own_fields.test_declaring import declare
from tests.support.factories import one_of_each
from tests.support.measuring.processor_time import hash_seconds, least_cpu_seconds
from tests.support.paths import ROOT
from tmr.domain.kinds import KINDS
from tmr.privacy.export import run
from tmr.repository.records import counts
from tmr.web.session import reading
from tmr.web.session.turns.searches import search_turns

DESCRIPTION = json.loads((ROOT / "docs" / "openapi.json").read_text())


class Script:
    """A program with a token, which checks each answer against the description."""

    def __init__(self, app, token: str) -> None:
        self.client, self.headers = app.test_client(use_cookies=False), bearer(token)

    def get(self, path: str, **query: str):
        return self._checked("get", path, self.client.get(f"/api/v1/{path}", query_string=query, headers=self.headers))

    def post(self, path: str, values: object = None, **more):
        sent = more or {"json": values}
        return self._checked("post", path, self.client.post(f"/api/v1/{path}", headers=self.headers, **sent))

    def _checked(self, verb: str, path: str, answer):
        described = DESCRIPTION["paths"][f"/api/v1/{path}"][verb]["responses"][str(answer.status_code)]
        for content_type, content in described.get("content", {}).items():
            assert answer.content_type == content_type
            if "schema" in content:
                schema = {**content["schema"], "components": DESCRIPTION["components"]}
                jsonschema.Draft202012Validator(schema).validate(answer.get_json(force=True))
        return answer


@pytest.fixture
def script(app, alice) -> Script:
    return Script(app, make_token(alice))


def test_the_description_has_every_route_and_no_other(app) -> None:
    routes = {
        (f"/api/v1/{plural}" if "<kind:kind>" in rule.rule else rule.rule, verb.lower())
        for rule in app.url_map.iter_rules()
        for verb in (rule.methods or set()) & {"GET", "POST"}
        for plural in KINDS
        if rule.rule.startswith("/api/")
    }

    assert {(path, verb) for path, verbs in DESCRIPTION["paths"].items() for verb in verbs} == routes
    assert {path.partition("/api/v1/")[2] for path in DESCRIPTION["paths"]} == {*KINDS, "export"}
    jsonschema.Draft202012Validator.check_schema({"$defs": DESCRIPTION["components"]["schemas"]})


def test_p21_what_is_read_of_each_kind_can_be_added_again(script: Script, alice, services, clock) -> None:
    own = declare(alice, "Team size", "number", "applications")
    with services.repository.for_owner(alice.owner) as uow:
        one_of_each(uow, clock())
        uow.commit()

    for plural, kind in KINDS.items():
        [item] = script.get(plural).json["items"]
        fixed = ("id", "version", "created_at", "updated_at", *(field.name for field in kind.fields if field.is_fixed))
        sent = {name: value for name, value in item.items() if name not in fixed}
        if plural == "applications":
            sent |= {own: 12, "tags": ["a", "b"], "salary_min": 65000.5, "notes": "ü" * 40_000}

        added = script.post(plural, sent)

        assert added.status_code == 201, added.text
        stored = added.json
        assert added.headers["Location"].endswith(f"/{plural}/{stored['id']}")
        assert alice.get(f"/{plural}/{stored['id']}").status_code == 200
        assert script.get(plural).json["total"] == 2 or plural == "events"  # a status that was added is an entry
        if plural == "applications":
            assert (stored[own], stored["tags"], stored["salary_min"]) == ("12", ["a", "b"], "65000.5")
            assert stored["notes"] == "ü" * 40_000


def test_the_list_is_filtered_sorted_and_paged_as_in_a_browser(script: Script) -> None:
    for number in range(5):
        script.post("applications", {"company": f"C{number}", "title": "T", "status": "saved" if number else "applied"})

    saved = script.get("applications", status="saved", sort="-company", per_page="3")
    rest = script.client.get(saved.json["next"], headers=script.headers)

    assert [item["company"] for item in saved.json["items"]] == ["C4", "C3", "C2"]
    assert [item["company"] for item in rest.json["items"]] == ["C1"]
    assert (saved.json["total"], saved.json["pages"], rest.json["next"]) == (4, 2, None)
    assert script.get("applications", q="C0").json["total"] == 1
    assert script.get("applications").json["total"] == 5
    refused = script.get("applications", **{"from": "nonsense"})
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["from"])


def test_adding_has_what_follows_from_it_and_can_be_undone(script: Script, alice) -> None:
    added = script.post("applications", {"company": "Ørsted", "title": "Engineer", "status": "applied"}).json

    assert added["applied_on"]
    assert [entry["to_stage"] for entry in script.get("events").json["items"]] == ["applied"]
    assert alice.post("/undo").status_code == 303
    assert script.get("applications").json["total"] == 0


WRONG: list[tuple[dict, set[str]]] = [
    ({"company": "A"}, {"title"}),
    ({"company": "A", "title": "T", "owner_id": "x", "id": "x", "version": 7}, {"owner_id", "id", "version"}),
    ({"company": "A", "title": "T", "excitement": 9, "applied_on": "12/11/2026"}, {"excitement", "applied_on"}),
    ({"company": "A\u0000", "title": "x" * 400}, {"company", "title"}),
    ({"company": "A", "title": "T", "status": "no stage"}, {"status"}),
]


def test_c3_i9_what_is_wrong_is_said_field_by_field_and_nothing_is_kept(script: Script) -> None:
    for sent, errors in WRONG:
        refused = script.post("applications", sent)

        assert refused.status_code == 422
        assert set(refused.json["errors"]) == errors
    assert script.get("applications").json["total"] == 0


def test_i9_a_body_that_is_no_object_of_fields_is_refused(script: Script) -> None:
    for body in (b"", b"{", b"[]", b'{"company": {"a": 1}}', b'{"a":' * 50_000, b"\xff", b'"x"'):
        assert script.post("applications", data=body, content_type="application/json").status_code == 400


def test_i9_f2_other_types_and_large_bodies_are_refused(script: Script, client_without_token) -> None:
    form = {"data": "company=A&title=B", "content_type": "application/x-www-form-urlencoded"}
    assert script.post("applications", **form).status_code == 415
    large = {"company": "A", "title": "T", "notes": "x" * (1024 * 1024)}
    assert script.post("applications", large).status_code == 413
    refused = client_without_token.post("/api/v1/applications", json={"notes": "x" * 70_000})
    assert (refused.status_code, refused.content_type) == (413, "application/problem+json")


@pytest.fixture
def client_without_token(app):
    return app.test_client(use_cookies=False)


def test_c1_a_link_to_another_persons_record_is_refused(script: Script, bob) -> None:
    theirs = bob.add()

    refused = script.post("interviews", {"application_id": theirs})

    assert set(refused.json["errors"]) == {"application_id"}


def test_c1_w1_a_script_opens_nothing_by_a_session_or_a_password(script: Script, alice, services) -> None:
    """Seen failing: a cookie beside the token took a connection that was never given back."""
    form = {"data": {"unlock_password": "x", "company": "Acme"}, "headers": script.headers}

    refused = [alice.client.post("/api/v1/applications", **form).status_code for _ in range(4)]

    assert refused == [415] * 4
    assert services.repository.connections_in_use() == 0
    assert not services.repository._shares._held


def test_i6_a_page_of_another_site_gets_nothing(script: Script) -> None:
    elsewhere = {**script.headers, "Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}

    asked = script.client.options("/api/v1/tasks", headers={**elsewhere, "Access-Control-Request-Method": "POST"})
    sent = script.client.post("/api/v1/tasks", json={"title": "x"}, headers=elsewhere)

    assert sent.status_code == 403
    assert not [name for name, _value in (*asked.headers, *sent.headers) if name.startswith("Access-Control")]


def test_w1_limits_of_records_storage_and_turns_hold_for_scripts(script: Script, alice, services, monkeypatch) -> None:
    """Seen failing without a turn at searching, and with the counts of the claim left out."""
    monkeypatch.setattr(reading, "TURN_SECONDS", 0.0)
    script.post("tasks", {"title": "One"})
    assert search_turns.take(alice.owner, 0)
    assert script.get("tasks", q="One").status_code == 503
    monkeypatch.setattr(reading, "MANY_RECORDS", 0)
    assert script.get("tasks").status_code == 503
    search_turns.give_back(alice.owner)
    assert script.get("tasks", q="One").status_code == 200
    assert services.repository.connections_in_use() == 0
    assert reading._searches._taken.total() == 0

    monkeypatch.setattr(counts, "MOST_RECORDS", 1)
    refused = script.post("tasks", {"title": "Two"})

    assert refused.status_code == 422
    assert "at most" in refused.json["errors"]["room"]


def test_w1_a_request_with_a_wrong_token_costs_little(app) -> None:
    client, most = app.test_client(use_cookies=False), hash_seconds() * 0.21

    def call() -> None:
        assert client.get("/api/v1/tasks", headers=bearer("a" * 5_000)).status_code == 401

    assert least_cpu_seconds(call, enough=most) <= most


def test_p4_a_script_keeps_a_copy_that_the_log_names(script: Script, alice) -> None:
    script.post("tasks", {"title": "Call"})

    answer = script.get("export")

    names = zipfile.ZipFile(io.BytesIO(answer.data)).namelist()
    assert {"tasks.csv", "applications.json", "account.json", "manifest.json"} <= set(names)
    assert "Everything was exported" in alice.get("/settings/security/log").text


def test_a_large_copy_is_prepared_by_the_queue(script: Script, alice, services, clock, monkeypatch) -> None:
    monkeypatch.setattr("tmr.api.export.LARGE_BYTES", -1)
    script.post("tasks", {"title": "Call"})

    first = script.get("export")
    assert (first.status_code, first.headers["Retry-After"]) == (202, "60")
    assert script.get("export").status_code == 202
    with services.repository.for_owner(alice.owner) as uow:
        export_id = uow.exports.current(clock()).id
    run.build(partial(services.repository.for_owner, alice.owner), export_id, clock)

    ready = script.get("export")

    assert "tasks.csv" in zipfile.ZipFile(io.BytesIO(ready.data)).namelist()
    assert alice.get("/settings/security/log").text.count("Everything was exported") == 1
    clock.turn(hours=2)
    assert script.get("export").status_code == 202


def test_p4_a_script_that_takes_an_export_of_the_owner_is_in_the_log(
    script: Script, alice, services, clock, monkeypatch
) -> None:
    """Seen failing: only the request of the owner was in it."""
    for module in ("tmr.api.export", "tmr.privacy.export.routes"):
        monkeypatch.setattr(f"{module}.LARGE_BYTES", -1)
    script.post("tasks", {"title": "Call"})
    alice.post("/settings/privacy/export", page="/settings/privacy")
    with services.repository.for_owner(alice.owner) as uow:
        export_id = uow.exports.current(clock()).id
    run.build(partial(services.repository.for_owner, alice.owner), export_id, clock)
    clock.turn(minutes=1)

    answers = [script.get("export"), script.get("export")]

    assert [answer.status_code for answer in answers] == [200, 200]
    log = alice.get("/settings/security/log").text
    assert log.count("Everything was exported") == 2
