"""`tmr database init` on a server as a provider hands it out: an administrator who is no superuser."""

import os
import re
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests.conftest import FAST, libpq
from tmr.operations.database.embedded import EmbeddedServer


@pytest.fixture
def admin_url(tmp_path: Path):
    """A user who may make roles and databases, as on a managed PostgreSQL, where nothing of ours is yet."""
    server = EmbeddedServer(tmp_path / "var", settings=FAST)
    server.join()
    with psycopg.connect(libpq(server.admin_url), autocommit=True) as admin, admin.cursor() as cursor:
        cursor.execute("CREATE ROLE provider LOGIN CREATEROLE CREATEDB PASSWORD 'secret'")
    with psycopg.connect(libpq(server._url("tmr_admin", server._access().admin, "postgres")), autocommit=True) as admin:
        admin.execute("DROP DATABASE tmr")
        admin.execute("DROP ROLE tmr_owner")
    yield libpq(server._url("provider", "secret", "postgres"))
    server.leave()


def tmr(folder: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    values = {**os.environ, "TMR_DATA_DIR": str(folder / "other"), **environ}
    typed = "correct horse battery staple\n"
    return subprocess.run(
        [sys.executable, "-m", "tmr", *arguments], env=values, capture_output=True, text=True, input=typed
    )


def test_it_makes_what_migrations_and_requests_need_and_refuses_to_do_it_twice(admin_url: str, tmp_path: Path) -> None:
    to = tmp_path / "database.env"

    done = tmr(tmp_path, "database", "init", "--admin-url", admin_url, "--to", str(to))

    assert done.returncode == 0, done.stderr
    assert to.stat().st_mode & 0o777 == 0o600
    made = dict(re.findall(r"^(TMR_\w+)=(.+)$", to.read_text(), re.M))
    keyring = tmp_path / "other.keyring"
    assert tmr(tmp_path, "keys", "init").returncode == 0
    migrated = tmr(tmp_path, "migrate", **made, TMR_KEYRING_FILE=str(keyring))
    assert migrated.returncode == 0, migrated.stderr
    assert tmr(tmp_path, "account", "create", "a@example.org", **made).returncode == 0
    with psycopg.connect(made["TMR_MIGRATION_URL"]) as owner:
        assert owner.execute("SELECT rolinherit FROM pg_roles WHERE rolname = 'tmr_owner'").fetchone() == (False,)
        assert owner.execute("SELECT count(*) FROM accounts").fetchone() == (0,)
    again = tmr(tmp_path, "database", "init", "--admin-url", admin_url)
    assert again.returncode == 2
    assert "Nothing was changed" in again.stderr
    assert "secret" not in done.stdout + done.stderr + again.stderr


def test_t4_the_administrators_way_to_another_machine_is_verified_too(tmp_path: Path) -> None:
    refused = tmr(tmp_path, "database", "init", "--admin-url", "postgresql://a:b@db.example.org/x?sslmode=disable")

    assert refused.returncode == 2
    assert "verify-full" in refused.stderr
