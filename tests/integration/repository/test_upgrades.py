"""A filled installation of an earlier release goes through the migrations whole, and its export still imports.

The rows, keyring and export in ``tests/samples/installation-…`` were made once by that release. They are never made
again: what no longer reads them breaks what people keep.
"""

import gzip
import re
import zipfile
from pathlib import Path

import psycopg
import pytest

from tests.conftest import FAST, libpq
from tests.support.paths import SAMPLES
from tests.support.people import Person
from tmr import create_app
from tmr.config import Settings, load_settings
from tmr.domain.kinds import KINDS
from tmr.operations.database.embedded import EmbeddedServer
from tmr.repository.database.migrate import HEAD, downgrade, migrate
from tmr.wiring.services import build, prepare

SAMPLES = sorted((SAMPLES).glob("installation-*"))


@pytest.fixture(params=SAMPLES, ids=lambda path: path.name)
def sample(request) -> Path:
    return request.param


@pytest.fixture
def settings_of(sample: Path, tmp_path: Path) -> Settings:
    """The data directory and the keyring as that release left them."""
    settings = load_settings({"TMR_DATA_DIR": str(tmp_path / "var"), "TMR_BACKUP_TARGET": "off"})
    server = EmbeddedServer(settings.data_dir, settings=FAST)
    server.join()
    migrate(server.migration_url, server.app_url)
    version = sample.name.rpartition("-")[2]
    if version != HEAD:
        downgrade(server.migration_url, version)
    with psycopg.connect(libpq(server.admin_url)) as admin:
        admin.execute("SET session_replication_role = replica")
        script = gzip.decompress((sample / "rows.sql.gz").read_bytes()).decode()
        unknown = r"^\\(un)?restrict .*$|^SET transaction_timeout = 0;$"  # to psycopg, and to an older server
        admin.execute(re.sub(unknown, "", script, flags=re.M).encode())
    server.leave()
    settings.keyring_file.write_bytes((sample / "keyring.json").read_bytes())
    settings.keyring_file.chmod(0o600)
    return settings


def accounts(sample: Path) -> list[tuple[str, str]]:
    lines = (sample / "passwords.txt").read_text().splitlines()
    return [tuple(line.split(" ", 1)) for line in lines]


def test_every_record_of_every_account_opens_after_the_migrations(settings_of: Settings, sample: Path) -> None:
    database = prepare(settings_of)
    try:
        app = create_app(build(settings_of, database.app_url))
        for number, (email, password) in enumerate(accounts(sample)):
            person = Person(app, email)
            where = person.sign_in(password).headers["Location"]
            assert where == ("/" if number == 0 else "/login/2fa")
        repository = build(settings_of, database.app_url).repository
        counts = {}
        for email, _ in accounts(sample):
            with repository.for_owner(repository.find_owner(email)) as uow:
                assert uow.account.email() == email
                assert uow.log.is_whole()
                opened = {kind.plural: len(list(uow.records.everything(kind))) for kind in uow.kinds.values()}
                counts[email] = {kind.plural: uow.records.counts.of(kind) for kind in KINDS.values()}
                assert opened == counts[email]
                assert [linked.identity.subject for linked in uow.identities.list()] in ([], ["1"])
                assert uow.feeds.list() or email.startswith("ada")
        assert counts["ada@example.org"]["applications"] == 60
        assert all(counts["byron@example.org"].values())
    finally:
        database.leave()


def test_its_export_goes_into_a_new_account_of_this_release(alice, sample: Path) -> None:
    content = (sample / "export.zip").read_bytes()
    with zipfile.ZipFile(sample / "export.zip") as zipped:
        rows = zipped.read("applications.csv").decode("utf-8-sig").count("\r\n") - 1

    counts = alice.bring(content, "export.zip")

    assert rows >= 60
    assert counts["rejected"] == counts["skipped"] == 0
    assert len(alice.ids()) == 60
    assert counts["added"] > 200
    assert ">Not this time<" not in alice.get("/board").text  # nobody had chosen that name
