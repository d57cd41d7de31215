"""One real PostgreSQL per test process, emptied between tests; the app with a clock that tests can turn."""

import datetime as dt
import os
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import msgspec
import psycopg
import pytest
from flask import Flask
from sqlalchemy import event

from tests.support.factories import new_account
from tests.support.letters import Letter, PostOffice, carry_out
from tests.support.people import Browser, Person
from tests.support.servers import given
from tests.support.servers.pooler import ServerBehindPooler
from tmr import create_app
from tmr.config import Settings, load_settings
from tmr.operations.database.embedded import EmbeddedServer
from tmr.operations.jobs.context import JobContext
from tmr.operations.mail import Mailer
from tmr.repository.database.across_owners import AcrossOwners
from tmr.repository.database.connections import across_owners_engine
from tmr.repository.database.migrate import migrate
from tmr.repository.schema import OWNED
from tmr.web.monitoring.metrics import Installation
from tmr.web.services import EXTENSION, Services
from tmr.wiring.keyring import check_keys, load_keyring, make_keyring
from tmr.wiring.services import build

os.environ.setdefault("TMR_BACKUP_TARGET", "off")  # the commands and servers of tests, but for those on backups
FAST = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


# The files that take longest, which begin first: else one process goes on with them long after the other is done.
LONG = (
    "test_faults",
    "test_pages",
    "test_keys",
    "test_p16_only_the_user",
    "test_backups",
    "test_queue",
    "test_failover",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: LONG.index(item.path.stem) if item.path.stem in LONG else len(LONG))
    if given.URL:
        given.skip_what_it_cannot_run(items)


class Clock:
    """A clock that stands still until it is turned."""

    def __init__(self) -> None:
        self.now = dt.datetime.now(dt.UTC)

    def __call__(self) -> dt.datetime:
        return self.now

    def turn(self, **duration: float) -> None:
        self.now += dt.timedelta(**duration)


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tmr") / "var"


@pytest.fixture(scope="session")
def settings(data_dir: Path) -> Settings:
    made = load_settings({"TMR_DATA_DIR": str(data_dir), "TMR_BACKUP_TARGET": "off"})
    data_dir.mkdir(parents=True)
    make_keyring(made)
    return made


@pytest.fixture(scope="session")
def server(data_dir: Path, settings: Settings) -> Iterator[EmbeddedServer | given.GivenServer]:
    if given.URL:
        running = given.GivenServer()
    elif os.environ.get("TMR_TEST_POOLED") == "1":
        running = ServerBehindPooler(data_dir, settings=FAST)
    else:
        running = EmbeddedServer(data_dir, settings=FAST)
    running.join()
    migrate(running.migration_url, running.app_url)
    if given.URL:
        running.settle()
    check_keys(load_keyring(settings), AcrossOwners(across_owners_engine(running.migration_url)))
    yield running
    running.leave()


@pytest.fixture
def admin(server: EmbeddedServer) -> Iterator[psycopg.Connection]:
    """The superuser: sees the raw columns, past every policy."""
    with psycopg.connect(libpq(server.admin_url), autocommit=True) as connection:
        yield connection


@pytest.fixture
def database(server: EmbeddedServer, admin: psycopg.Connection, settings: Settings) -> EmbeddedServer:
    """The server with empty tables, and no ledger of erasures beside the keyring, which would fill them again."""
    settings.ledger_file.unlink(missing_ok=True)
    names = admin.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' "
        "AND tablename NOT IN ('alembic_version', 'wrapping_keys')"
    ).fetchall()
    admin.execute("SET lock_timeout = '10s'")  # fail rather than wait for a transaction that a test left open
    full = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for (name,) in names)
    if given.URL and given.is_cluster():  # where the next line would be for one node only
        admin.execute(f"TRUNCATE {', '.join(name for (name,) in names)} CASCADE")
        full = "SELECT '' WHERE false"
    with admin.transaction():
        admin.execute("SET LOCAL session_replication_role = replica")  # rows go in any order; truncating takes longer
        for (name,) in admin.execute(full).fetchall():
            admin.execute(f"DELETE FROM {name}")
    admin.execute("DELETE FROM wrapping_keys")
    admin.execute("INSERT INTO wrapping_keys VALUES ('k1', now())")
    return server


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def shared_parts(settings: Settings, server: EmbeddedServer) -> Services:
    services = build(settings, server.app_url)
    refuse_unowned_queries(services)
    remembered = {"hash_password": Once(services.hash_password), "verify_password": Once(services.verify_password)}
    return msgspec.structs.replace(services, **remembered)


class Once:
    """bcrypt, asked once for each question of a process and answered from memory then: it takes a quarter of a second.

    So whoever chooses the same password has the same hash in these tests. How it is hashed, and that each hash has a
    salt of its own, is asked of the functions themselves in `tests/unit/auth/test_password_rule.py`.
    """

    def __init__(self, real: partial) -> None:
        self._real = real
        self._known: dict[tuple, object] = {}
        self.keywords = real.keywords

    def __call__(self, password: str, *others: str | None) -> object:
        question = (password, *others)
        if question not in self._known:
            self._known[question] = self._real(*question)
        return self._known[question]


@pytest.fixture
def services(shared_parts: Services, database: EmbeddedServer, clock: Clock) -> Services:
    return msgspec.structs.replace(shared_parts, clock=clock)


@pytest.fixture
def post_office() -> PostOffice:
    return PostOffice()


@pytest.fixture
def job_context(services: Services, server: EmbeddedServer, post_office: PostOffice, clock: Clock) -> JobContext:
    """What the queue's worker works with, its clock the one of the tests."""
    across_owners = AcrossOwners(across_owners_engine(server.migration_url))
    return JobContext(
        services.repository,
        across_owners,
        services.limits,
        Mailer(services.settings, post_office),
        clock,
        services.publish_erasures,
    )


@pytest.fixture
def letters(job_context: JobContext, post_office: PostOffice, admin: psycopg.Connection):
    """Carries out what the queue holds for mail, and returns what was sent so far."""

    def deliver() -> list[Letter]:
        carry_out(job_context, admin)
        return post_office.letters

    return deliver


@pytest.fixture(scope="session")
def shared_app(shared_parts: Services) -> Flask:
    return create_app(shared_parts)


@pytest.fixture
def app(services: Services, shared_app: Flask) -> Flask:
    """The one app of this process, with the clock of this test: to make one takes longer than most tests do."""
    shared_app.extensions[EXTENSION] = services
    shared_app.extensions["tmr-metrics"] = Installation(services)
    return shared_app


@pytest.fixture
def visitor(app) -> Browser:
    return Browser(app)


@pytest.fixture
def alice(app) -> Person:
    return Person(app, "alice@example.org").sign_up()


@pytest.fixture
def bob(app) -> Person:
    return Person(app, "bob@example.org").sign_up()


@pytest.fixture
def owner(services: Services, clock: Clock):
    """An account made without hashing a password, for tests below the web."""
    return services.repository.add_account(new_account("o@example.org"), clock())


@pytest.fixture
def other_owner(services: Services, clock: Clock):
    return services.repository.add_account(new_account("p@example.org"), clock())


def libpq(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


def refuse_unowned_queries(services: Services) -> None:
    """Fail any query on a table with an owner in a transaction that has not set one."""
    owned = re.compile(r"\b(?:FROM|INTO|UPDATE|JOIN)\s+(" + "|".join(table.name for table in OWNED) + r")\b", re.I)
    engine = services.repository._engine

    @event.listens_for(engine, "before_cursor_execute")
    def check(connection, cursor, statement, parameters, context, executemany) -> None:
        match = owned.search(statement)
        if match:
            row = cursor.connection.execute("SELECT current_setting('tmr.owner', true)").fetchone()
            assert (row or [""])[0], f"{match[1]} was queried without an owner"


@pytest.fixture
def storage(monkeypatch):
    """The environment is what S3 clients read their place and credentials from."""
    import boto3

    from tests.support.servers.storage import Storage

    made = Storage()
    for name, value in {
        "AWS_ENDPOINT_URL_S3": made.url,
        "AWS_ACCESS_KEY_ID": "tmr",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    boto3.client("s3").create_bucket(Bucket="roles")
    yield made
    made.server.shutdown()
    made.server.server_close()
