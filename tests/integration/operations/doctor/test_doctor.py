"""`tmr doctor` on a sound installation, and on one broken in each way that it can report."""

import datetime as dt
import json
import os
import shutil
import subprocess
import sys
import uuid
from pathlib import Path
from types import SimpleNamespace

import msgspec
import psycopg
import pytest

from tests.support.people import Person
from tmr.config import Settings
from tmr.operations.backups.names import name_of, recognised
from tmr.operations.backups.targets import Directory
from tmr.operations.doctor.local_checks import CheckContext, checks_of
from tmr.operations.doctor.report import BROKEN, KEPT, OFF, UNKNOWN, Finding, as_table, examine
from tmr.privacy.erasure.ledger import bring_together
from tmr.repository.access.legal_orders import Order
from tmr.repository.database.connections import across_owners_engine, app_engine
from tmr.repository.database.inspection import Inspection, rows_without_owner
from tmr.repository.database.installation_facts import KIT_IS_HERE, BackupsState
from tmr.wiring.keyring import load_keyring
from tmr.wiring.services import publish_erasures


@pytest.fixture
def context(settings: Settings, server, services, alice: Person, clock) -> CheckContext:
    """An installation with an account and a record, its ledger written."""
    alice.add(company="Ørsted")
    publish_erasures(settings, services.repository, clock())
    keyring, app = load_keyring(settings), app_engine(server.app_url, pool_size=1)
    inspection = Inspection(across_owners_engine(server.migration_url), keyring)
    check_context = CheckContext(
        settings, inspection, lambda: rows_without_owner(app), list, keyring.kek_ids, "tmr_app", clock()
    )
    yield check_context
    app.dispose()


def seen(context: CheckContext) -> list[Finding]:
    return list(examine(checks_of(context)))


def broken(context: CheckContext) -> list[Finding]:
    return [finding for finding in seen(context) if finding.state == BROKEN]


def test_p14_a_kit_that_was_moved_away_is_the_copy_of_the_keyring(context: CheckContext) -> None:
    settings = msgspec.structs.replace(context.settings, has_own_backups=True)

    def copy(*, is_kit_here: bool) -> str:
        looked = msgspec.structs.replace(context, settings=settings, is_kit_here=is_kit_here)
        return next(finding.state for finding in seen(looked) if finding.what == "copy of the keyring")

    assert (copy(is_kit_here=True), copy(is_kit_here=False)) == (OFF, KEPT)


def test_p14_the_place_of_backups_is_named_without_a_password(context: CheckContext, tmp_path: Path) -> None:
    for target, named in ((str(tmp_path), f"at {tmp_path}"), ("s3://k:S3CRET@roles/one", "at s3://roles/one")):
        settings = msgspec.structs.replace(context.settings, backup_target=target)
        newest = msgspec.structs.replace(context, settings=settings, backups=list)
        assert [found.seen for found in seen(newest) if found.what == "newest backup"] == [f"there is none {named}"]


def test_p26_an_earlier_target_that_was_not_told_of_erasures_is_named(context: CheckContext) -> None:
    context.backups_state = lambda: BackupsState(unreached={"/mnt/old": context.now})

    [found] = [found for found in seen(context) if found.what == "backups at an earlier target"]

    assert (found.promise, found.state) == ("P26", UNKNOWN)
    assert "/mnt/old could not be reached" in found.seen


@pytest.mark.parametrize(("free_mb", "state"), [(400, BROKEN), (600, KEPT)])
def test_p14_a_disk_that_is_nearly_full_is_told(
    context: CheckContext, monkeypatch, tmp_path: Path, free_mb: int, state: str
) -> None:
    disk = SimpleNamespace(total=50_000 * 1024**2, free=free_mb * 1024**2)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: disk)
    places = {"database_url": None, "backup_target": str(tmp_path)}
    looked = msgspec.structs.replace(context, settings=msgspec.structs.replace(context.settings, **places))

    told = [found for found in seen(looked) if found.what.startswith("room on the disk of ")]

    assert [found.what.removeprefix("room on the disk of ") for found in told] == [
        str(context.settings.data_dir),
        str(tmp_path),
    ]
    assert {(found.promise, found.state, found.seen) for found in told} == {("P14", state, f"{free_mb} MB free")}


@pytest.mark.parametrize("target", [None, "/elsewhere"])
def test_p07_the_private_key_of_earlier_backups_is_found_too(context: CheckContext, target: str | None) -> None:
    settings = msgspec.structs.replace(context.settings, backup_target=target, has_own_backups=False)
    looked = msgspec.structs.replace(context, settings=settings, is_kit_here=True)

    assert [found.state for found in seen(looked) if f"{found.promise} {found.what}" == KIT_IS_HERE] == [BROKEN]


def test_a_whole_installation_is_whole(context: CheckContext) -> None:
    findings = seen(context)

    assert [finding for finding in findings if finding.state == BROKEN] == []
    assert {finding.promise for finding in findings if finding.state == KEPT} >= {
        "P02",
        "P06",
        "P08",
        "P16",
        "P17",
        "P18",
        "P20",
        "P24",
    }
    assert "Every promise that was checked is kept." in as_table(findings)


BREAKS = {
    "ALTER TABLE records ADD COLUMN note text": ("P02", "records.note", "ALTER TABLE records DROP COLUMN note"),
    "UPDATE records SET detail_sealed = 'plain words'::bytea": ("P06", "records.detail_sealed", ""),
    "UPDATE accounts SET password_hash = 'correct horse'": ("P08", "1 of them not bcrypt", ""),
    "UPDATE accounts SET password_hash = regexp_replace(password_hash, '2b.12', '2b$10')": ("P08", "1 of them", ""),
    "ALTER TABLE records NO FORCE ROW LEVEL SECURITY": (
        "P16",
        "without it: records",
        "ALTER TABLE records FORCE ROW LEVEL SECURITY",
    ),
    "ALTER TABLE files DISABLE ROW LEVEL SECURITY": ("P16", "files", "ALTER TABLE files ENABLE ROW LEVEL SECURITY"),
    "CREATE POLICY open ON records USING (true)": ("P16", "policy open on records", "DROP POLICY open ON records"),
    "ALTER POLICY kept ON records TO public": (
        "P16",
        "policy kept on records",
        "ALTER POLICY kept ON records TO tmr_keeper",
    ),
    "ALTER ROLE tmr_owner SUPERUSER": (
        "P16",
        "what tmr_backup, tmr_keeper, tmr_stats see",
        "ALTER ROLE tmr_owner NOSUPERUSER",
    ),
    "ALTER ROLE tmr_app BYPASSRLS": ("P17", "strong True", "ALTER ROLE tmr_app NOBYPASSRLS"),
    "GRANT tmr_backup TO tmr_app": ("P17", "tmr_backup", "REVOKE tmr_backup FROM tmr_app"),
    "UPDATE security_events SET happened_at = now() - interval '1 day'": ("P18", "broken: ", ""),
    "GRANT SELECT (owner_id) ON accounts TO tmr_stats": (
        "P20",
        "can touch accounts",
        "REVOKE SELECT (owner_id) ON accounts FROM tmr_stats",
    ),
    "CREATE POLICY claimed ON records USING (current_setting('tmr.owner', true) <> '')": (
        "P16",
        "more: policy claimed on records",
        "DROP POLICY claimed ON records",
    ),
    "GRANT tmr_admin TO tmr_app": ("P17", "tmr_admin", "REVOKE tmr_admin FROM tmr_app"),
    "GRANT DELETE ON security_events TO tmr_app": (
        "P16",
        "more: tmr_app may DELETE security_events",
        "REVOKE DELETE ON security_events FROM tmr_app",
    ),
    "GRANT UPDATE (is_support) ON accounts TO tmr_app": (
        "P16",
        "tmr_app may UPDATE accounts.is_support",
        "REVOKE UPDATE (is_support) ON accounts FROM tmr_app",
    ),
    "GRANT TRUNCATE ON records TO tmr_app": ("P16", "TRUNCATE", "REVOKE TRUNCATE ON records FROM tmr_app"),
    "CREATE MATERIALIZED VIEW seen AS SELECT * FROM records": ("P16", "relation seen", "DROP MATERIALIZED VIEW seen"),
    "GRANT SELECT ON key_wraps TO tmr_keeper": (
        "P16",
        "tmr_keeper may SELECT key_wraps",
        (
            "REVOKE SELECT ON key_wraps FROM tmr_keeper; "
            "GRANT SELECT (owner_id, key_id, kind, kek_id) ON key_wraps TO tmr_keeper; "
            "GRANT SELECT (expires_at, used_at, idle_seconds) ON key_wraps TO tmr_keeper"
        ),
    ),
    "CREATE FUNCTION peek() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM records'": (
        "P16",
        "function peek",
        "DROP FUNCTION peek",
    ),
    "UPDATE records SET deleted_at = now() - interval '1 hour'": ("P24", "1 deleted records", ""),
    "INSERT INTO security_reports VALUES (gen_random_uuid(), now() - interval '2 days', now() - interval '1 day')": (
        "P29",
        "1 of them overdue",
        "",
    ),
    "INSERT INTO wrapping_keys VALUES ('k9', now()); UPDATE key_wraps SET kek_id = 'k9'": ("P06", "missing: k9", ""),
    "INSERT INTO erasures VALUES ('x', 'account', now() - interval '1 day')": ("P26", "1 missing", ""),
}


@pytest.mark.parametrize("statement", BREAKS)
def test_each_break_in_the_database_is_named(context: CheckContext, admin: psycopg.Connection, statement: str) -> None:
    promise, words, mend = BREAKS[statement]
    admin.execute(statement)
    try:
        findings = broken(context)
    finally:
        if mend:
            admin.execute(mend)
        if "POLICY kept" in statement:
            admin.execute("ALTER POLICY kept ON records TO tmr_keeper, tmr_backup")

    assert [finding.promise for finding in findings if words in finding.seen] == [promise], findings


def test_what_an_extension_brings_is_left_out_and_the_same_without_one_is_named(context: CheckContext, admin) -> None:
    """A cluster's extension has views in ``public`` that everybody may read."""
    admin.execute("CREATE VIEW citus_tables AS SELECT 1 AS shards; GRANT SELECT ON citus_tables TO PUBLIC")
    admin.execute("CREATE FUNCTION citus_peek() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'")
    try:
        named = {finding.promise for finding in broken(context)}
        admin.execute("ALTER EXTENSION plpgsql ADD VIEW citus_tables")
        admin.execute("ALTER EXTENSION plpgsql ADD FUNCTION citus_peek")
        left = broken(context)
        admin.execute("ALTER EXTENSION plpgsql DROP VIEW citus_tables")
        admin.execute("ALTER EXTENSION plpgsql DROP FUNCTION citus_peek")
    finally:
        admin.execute("DROP VIEW citus_tables")
        admin.execute("DROP FUNCTION citus_peek")

    assert named == {"P02", "P16", "P20"}
    assert left == []


def test_a_keyring_that_all_can_read_is_named(context: CheckContext, settings: Settings) -> None:
    settings.keyring_file.chmod(0o644)
    try:
        findings = broken(context)
    finally:
        settings.keyring_file.chmod(0o600)

    assert [(finding.promise, finding.seen) for finding in findings] == [("P06", "var.keyring, mode 0644")]


def test_an_overdue_notice_is_named(context: CheckContext, services, alice: Person, clock) -> None:
    with services.repository.for_owner(uuid.UUID(alice.client.get_cookie("tmr").value.partition(".")[0])) as uow:
        uow.legal_orders.add(Order("x", "y"), clock() - dt.timedelta(hours=2), clock())
        uow.commit()

    assert [finding.promise for finding in broken(context)] == ["P19"]


def test_a_broken_ledger_is_named(context: CheckContext, settings: Settings, services, clock) -> None:
    text = settings.ledger_file.read_text()
    settings.ledger_file.write_text("tmr-erasures/1 7\n")
    try:
        findings = broken(context)
    finally:
        settings.ledger_file.write_text(text)

    assert [finding.promise for finding in findings] == ["P26"]
    bring_together(services.repository, settings.ledger_file, clock())


@pytest.mark.parametrize(
    ("ages", "promises"),
    [([1], []), ([25, 49], []), ([27], ["P14"]), ([1, 24 * 31], ["P26"]), ([], ["P14"])],
)
def test_backups_too_old_or_missing_are_named(context: CheckContext, tmp_path: Path, ages, promises) -> None:
    for age in ages:
        (tmp_path / name_of("data", context.now - dt.timedelta(hours=age))).write_bytes(b"x")
    (tmp_path / "something else").write_bytes(b"x")
    settings = msgspec.structs.replace(context.settings, backup_target=str(tmp_path), backup_recipient="age1")
    context.settings, context.backups = settings, lambda: recognised(Directory(tmp_path).list())

    assert [finding.promise for finding in broken(context)] == promises


def test_links_to_other_machines_must_be_verified(context: CheckContext) -> None:
    def with_settings(**changes) -> list[tuple[str, str]]:
        context.settings = msgspec.structs.replace(context.settings, **changes)
        return [(finding.promise, finding.what) for finding in broken(context)]

    url = "postgresql+psycopg://a:b@db.example/x"
    assert with_settings(database_url=url) == [("P05", "link to the database (database)")]
    assert with_settings(database_url=f"{url}?sslmode=require") == [("P05", "link to the database (database)")]
    assert with_settings(database_url=f"{url}?sslmode=verify-full") == []


def test_p05_plain_http_that_others_can_reach_breaks_a_promise(context: CheckContext) -> None:
    """Seen failing with TMR_HOST=0.0.0.0, which was "for this machine only"."""

    def address(**changes: object) -> str:
        context.settings = msgspec.structs.replace(context.settings, **changes)
        [found] = [finding for finding in seen(context) if finding.what == "address"]
        return found.state

    assert address(host="127.0.0.1") == OFF
    assert address(host="0.0.0.0") == BROKEN
    assert address(host="127.0.0.1", proxies=1) == BROKEN
    assert address(base_url="https://roles.example.org") == KEPT


def test_what_cannot_be_looked_at_is_unknown_and_the_rest_is_looked_at(context: CheckContext) -> None:
    def fails() -> int:
        raise ConnectionError("gone")

    context.rows_without_owner = fails

    [finding] = [finding for finding in seen(context) if finding.state == UNKNOWN]

    assert (finding.promise, finding.seen) == ("P16", "could not be checked: ConnectionError: gone")


def test_from_the_command_line_it_changes_nothing_and_says_so_by_its_status(
    alice, data_dir, admin, services, settings
) -> None:
    publish_erasures(settings, services.repository, services.clock())
    command = [sys.executable, "-m", "tmr", "doctor", "--json"]
    environ = {**os.environ, "TMR_DATA_DIR": str(data_dir)}

    done = subprocess.run(command, env=environ, capture_output=True, text=True)
    told = json.loads(done.stdout)
    admin.execute("UPDATE accounts SET password_hash = 'x'")
    again = subprocess.run([*command[:-1]], env=environ, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout + done.stderr
    assert {finding["state"] for finding in told["findings"]} == {KEPT, OFF}
    assert again.returncode == 1
    assert "P08" in again.stdout
    assert "alice" not in done.stdout + again.stdout
