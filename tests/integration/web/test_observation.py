"""What an operator sees: figures, readiness with its reasons, log lines with an id; and who does not see it."""

import json
import logging
import re
from pathlib import Path

import msgspec
import psycopg
import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from tests.conftest import libpq
from tests.support.people import Browser, Person
from tests.support.servers.served import Served, until
from tmr import create_app
from tmr.operations.database.embedded import EmbeddedServer
from tmr.repository.database.connections import app_engine
from tmr.repository.database.migrate import migrate
from tmr.repository.queue.jobs import defer
from tmr.repository.repository import Repository
from tmr.web.monitoring.observation import JsonLines

CANARY = "Kanarienvogel"


def figures(text: str) -> dict[str, float]:
    """Read the exposition with Prometheus' own parser: the sum of each sample over its labels."""
    totals: dict[str, float] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            totals[sample.name] = totals.get(sample.name, 0) + sample.value
    return totals


def test_requests_pool_queue_and_what_does_not_open_are_counted(app, alice, visitor, services, admin, clock) -> None:
    record = alice.add(company="Globex")
    before = figures(visitor.get("/metrics").text)
    for _ in range(3):
        visitor.get("/healthz")
    admin.execute("UPDATE records SET summary_sealed = set_byte(summary_sealed, 20, 1 # get_byte(summary_sealed, 20))")
    alice.get(f"/applications/{record}")
    admin.execute("DELETE FROM procrastinate_jobs")
    with services.repository._lookup_engine.begin() as connection:
        defer(connection, "publish", {}, "publish")
    clock.turn(minutes=2)
    after = figures(visitor.get("/metrics").text)

    assert after["tmr_requests_total"] - before["tmr_requests_total"] >= 5
    assert after["tmr_request_seconds_count"] - before["tmr_request_seconds_count"] >= 5
    assert after["tmr_decrypt_failures_total"] > before["tmr_decrypt_failures_total"]
    assert after["tmr_queue_jobs"] == 1
    assert 100 < after["tmr_queue_oldest_seconds"] < 200
    assert after["tmr_database_up"] == 1
    assert "tmr_pool_connections" in after
    assert "tmr_backup_age_seconds" not in after


def test_w1_no_figure_has_a_line_more_for_when_it_was_begun(visitor) -> None:
    """Seen failing: a quarter of what it cost to write the figures down, for whoever asked."""
    visitor.get("/login")

    assert [name for name in figures(visitor.get("/metrics").text) if name.endswith("_created")] == []


def test_in_an_empty_queue_nothing_has_waited(visitor, admin) -> None:
    admin.execute("DELETE FROM procrastinate_jobs")

    told = figures(visitor.get("/metrics").text)

    assert (told["tmr_queue_jobs"], told["tmr_queue_oldest_seconds"]) == (0, 0)


def test_the_age_of_the_backup_is_told(services, clock) -> None:
    made = clock()
    app = create_app(msgspec.structs.replace(services, newest_backup=lambda: made))
    clock.turn(hours=3)

    assert figures(Browser(app).get("/metrics").text)["tmr_backup_age_seconds"] == 3 * 3600


def test_l2_p2_figures_hold_names_of_routes_and_no_path_or_content(app, alice, visitor) -> None:
    alice.add(company=CANARY)
    alice.get(f"/applications?q={CANARY}")
    visitor.get(f"/{CANARY}")
    visitor.client.open("/", method=CANARY.upper())
    text = visitor.get("/metrics").text

    assert CANARY.lower() not in text.lower()
    assert 'method="other"' in text
    assert "example.org" not in text
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}", text)


@pytest.mark.parametrize("path", ["/metrics", "/readyz"])
@pytest.mark.parametrize(
    ("address", "headers", "sees"),
    [
        ("127.0.0.1", {}, True),
        ("::1", {}, True),
        ("192.0.2.7", {}, False),
        ("127.0.0.1", {"X-Forwarded-For": "192.0.2.7"}, False),
        ("127.0.0.1", {"Forwarded": "for=192.0.2.7"}, False),
        ("192.0.2.7", {"Authorization": "Bearer open sesame"}, True),
        ("192.0.2.7", {"Authorization": "Bearer open sesam"}, False),
        ("192.0.2.7", {"Authorization": "Bearer "}, False),
        ("192.0.2.7", {"Authorization": "Basic open sesame"}, False),
    ],
)
def test_g1_figures_are_for_this_machine_and_for_who_brings_the_token(services, path, address, headers, sees) -> None:
    settings = msgspec.structs.replace(services.settings, metrics_token="open sesame")
    client = create_app(msgspec.structs.replace(services, settings=settings)).test_client()

    answer = client.get(path, headers=headers, environ_base={"REMOTE_ADDR": address})

    if path == "/metrics":
        assert answer.status_code == (200 if sees else 404)
        unknown = client.get("/nowhere", environ_base={"REMOTE_ADDR": address})
        assert sees or re.sub(r'nonce="[^"]+"', "", answer.text) == re.sub(r'nonce="[^"]+"', "", unknown.text)
    else:
        assert ("schema" in answer.text) == sees


def test_g1_without_a_token_an_empty_one_opens_nothing(app) -> None:
    client = app.test_client()
    for value in ("Bearer ", "Bearer None", "Bearer"):
        headers, place = {"Authorization": value}, {"REMOTE_ADDR": "192.0.2.7"}
        assert client.get("/metrics", headers=headers, environ_base=place).status_code == 404


def test_readiness_names_its_reasons(app, services, server, visitor, admin) -> None:
    assert visitor.get("/readyz").text == "ready\ndatabase: ok\nschema: ok\n"
    [version] = admin.execute("SELECT version_num FROM alembic_version").fetchone()
    admin.execute("UPDATE alembic_version SET version_num = '0003'")
    try:
        old = visitor.get("/readyz")
        admin.execute("UPDATE alembic_version SET version_num = '9999'")
        newer = visitor.get("/readyz")  # the next release has migrated, and its machines are on their way
        done = migrate(server.migration_url, server.app_url)
    finally:
        admin.execute("UPDATE alembic_version SET version_num = %s", [version])
    gone = app_engine("postgresql+psycopg://tmr_app:x@/tmr?host=/nowhere")
    away = msgspec.structs.replace(services, repository=Repository(gone, gone, services.repository._keyring))
    lost = Browser(create_app(away)).get("/readyz")

    assert (old.status_code, lost.status_code, newer.status_code, done) == (503, 503, 200, False)
    assert "schema: is 0003, and this release needs" in old.text
    assert "database: does not answer" in lost.text
    assert lost.headers["Retry-After"] == "5"


def test_l2_a_log_line_is_one_object_that_nothing_can_forge(app) -> None:
    record = logging.LogRecord("tmr", logging.ERROR, "", 1, 'a\r\n{"level": "x"}\x1b[2J %s', ("é",), None)

    line = JsonLines().format(record)

    assert line.isprintable()
    assert json.loads(line)["says"].startswith("a\r\n")


def test_two_web_processes_add_up_and_log_each_request_with_an_id_and_no_path(tmp_path: Path) -> None:
    with Served(tmp_path / "var", "--workers", "2", TMR_LOG="json") as served:
        until(lambda: len(served.web_processes()) == 2, 120, served.log)
        person = Person(served, "ada@example.org").sign_up()
        person.add(company=CANARY)
        person.get(f"/applications?q={CANARY}")
        for _ in range(40):
            requests.get(served.url + "/healthz", timeout=60).raise_for_status()
        answer = requests.get(served.url + "/metrics", timeout=60)
        served.web_processes()[0].kill()
        until(lambda: len(served.web_processes()) == 2, 120, served.log)
        again = requests.get(served.url + "/metrics", timeout=60)
    lines = [json.loads(line) for line in served.log.read_text().splitlines() if line.startswith("{")]

    counted = figures(answer.text)
    assert 'tmr_requests_total{method="GET",route="pages.health",status="200"}' in answer.text
    assert counted["tmr_requests_total"] >= 44
    assert figures(again.text)["tmr_requests_total"] >= counted["tmr_requests_total"]
    ids = [line["request"] for line in lines if line["says"] == "answered"]
    assert len(ids) == len(set(ids)) >= 44
    assert answer.headers["X-Request-Id"] in ids
    assert CANARY not in served.log.read_text()
    assert "example.org" not in served.log.read_text()


def test_what_does_not_open_in_the_worker_is_counted_too(tmp_path: Path) -> None:
    with Served(tmp_path / "var", "--workers", "1") as served:
        ada = Person(served, "ada@example.org").sign_up()
        with psycopg.connect(libpq(EmbeddedServer(served.folder).admin_url), autocommit=True) as admin:
            admin.execute(
                "UPDATE accounts SET email_sealed = set_byte(email_sealed, 40, 255 - get_byte(email_sealed, 40))"
            )
        Person(served, ada.email).post("/forgot", page="/forgot", email=ada.email)

        def counted() -> float:
            return figures(requests.get(served.url + "/metrics", timeout=60).text)["tmr_decrypt_failures_total"]

        until(lambda: counted() >= 1, 120, served.log)


def test_the_role_of_the_app_reads_the_version_and_the_queue(server) -> None:
    with psycopg.connect(server.app_url.replace("+psycopg", ""), autocommit=True) as app:
        assert app.execute("SELECT version_num FROM alembic_version").fetchone()


def test_a_backup_target_that_fails_takes_no_other_figure_along(services) -> None:
    def unreachable():
        raise OSError

    app = create_app(msgspec.structs.replace(services, newest_backup=unreachable))

    shown = figures(Browser(app).get("/metrics").text)
    assert shown["tmr_database_up"] == 1
    assert "tmr_backup_age_seconds" not in shown
