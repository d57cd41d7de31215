"""What the Dockerfile makes, without Docker: the package from what it copies, on a read-only root."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest
import requests

from tests.conftest import libpq
from tests.support.paths import ROOT
from tests.support.people import Person
from tests.support.servers.served import Served, until
from tmr.config import load_settings
from tmr.operations.database.embedded import EmbeddedServer
from tmr.wiring.services import prepare

# In a mount space of its own; what is tried in between must fail.
READ_ONLY = """
cd / && mount --bind "$0" "$0" && mount -o remount,bind,ro / && ! touch /var/lib/tmr-postgres 2>/dev/null && exec "$@"
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package as the image's first stage installs it, from the files that the Dockerfile copies and no others."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("image")
    lines = [line.split()[1:] for line in (ROOT / "Dockerfile").read_text().splitlines() if line.startswith("COPY")]
    for *names, _ in (line for line in lines if not line[0].startswith("--")):
        for name in names:
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            copy(ROOT / name, source / name)
    install = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--target"]
    subprocess.run([*install, str(target), "."], cwd=source, check=True, capture_output=True)
    return target


def test_the_package_holds_every_file_of_the_app(package: Path) -> None:
    def files(folder: Path) -> set[str]:
        paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
        return {str(path) for path in paths if "__pycache__" not in path.parts}

    assert files(ROOT / "tmr") <= files(package / "tmr")


@pytest.mark.skipif(os.getuid() != 0, reason="only root can make its root read-only")
def test_p13_it_runs_on_a_read_only_root_and_writes_to_tmp_alone(package: Path, tmp_path: Path) -> None:
    settings = load_settings({"TMR_DATA_DIR": str(tmp_path / "database")})
    prepare(settings).leave()
    database = EmbeddedServer(settings.data_dir)
    database.join()
    environ = {
        "TMR_DATABASE_URL": libpq(database.app_url),
        "TMR_MIGRATION_URL": libpq(database.migration_url),
        "TMR_KEYRING": settings.keyring_file.read_text(),
        "PYTHONPATH": str(package),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": "/nonexistent",
    }
    asked = [sys.executable, "-c", "import tmr; print(tmr.__file__)"]
    where = subprocess.run(asked, cwd="/", env={**os.environ, **environ}, capture_output=True, text=True, check=True)
    assert where.stdout.startswith(str(package))
    served = Served(tmp_path / "image", "--workers", "1", **environ)
    served.command = ["unshare", "--mount", "sh", "-c", READ_ONLY, tempfile.gettempdir(), *served.command]
    with served:
        ada = Person(served, "ada@example.org").sign_up()
        ada.add(company="Globex")
        until(lambda: requests.get(served.url + "/readyz", timeout=30).status_code == 200, 120, served.log)
        with psycopg.connect(libpq(database.admin_url), autocommit=True) as admin:
            sent = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'refused' AND status = 'todo'"
            Person(served, ada.email).sign_in("wrong horse battery staple")
            until(lambda: admin.execute(sent).fetchone() == (0,), 120, served.log)
    database.leave()

    assert "Read-only" not in served.log.read_text()
    assert "Traceback" not in served.log.read_text()
