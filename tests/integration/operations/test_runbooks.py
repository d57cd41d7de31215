"""Secrets that others keep too are changed: the runbook of each, as docs/running/keys.md has it.

The order is the same for all: a new one is made on the other side, the variable set, the app started again, the old one
withdrawn. Each test goes through it, and ends with the old one refused.
"""

import asyncio
import datetime as dt
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import boto3
import msgspec
import psycopg
import pyrage
import pytest
import requests
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from sqlalchemy import make_url

from tests.conftest import libpq
from tests.support.backups import YES, Keys, another_machine, backups, opened_by_age, quiet
from tests.support.people import Person
from tests.support.servers.provider import CLIENT_ID, CLIENT_SECRET, Provider, set_out
from tests.support.servers.served import Served, free_port, until
from tmr import config, create_app
from tmr.config import load_settings
from tmr.operations.backups.targets import TargetError, target_of
from tmr.operations.database.embedded import EmbeddedServer
from tmr.operations.mail import make_mailer
from tmr.repository.queue.mails import Mail, WaitingMail
from tmr.wiring.restoring import Opening, restore_backup
from tmr.wiring.services import prepare, publish_erasures

OLD, NEW = "the old one", "the new one"


@pytest.fixture
def own_server(tmp_path):
    """A separate server, as a provider runs it, with the app's schema."""
    settings = load_settings({"TMR_DATA_DIR": str(tmp_path / "database")})
    prepare(settings).leave()
    server = EmbeddedServer(settings.data_dir)
    server.join()
    yield server
    server.leave()


def with_password(url: str, password: str) -> str:
    address = make_url(url).set(password="PASSWORD").render_as_string(hide_password=False)
    return libpq(address.replace("PASSWORD", quote(password)))


def test_g4_passwords_of_the_databases_roles_are_changed(own_server: EmbeddedServer, tmp_path: Path) -> None:
    def addresses(app: str, owner: str) -> dict[str, str]:
        return {
            "TMR_DATABASE_URL": with_password(own_server.app_url, app),
            "TMR_MIGRATION_URL": with_password(own_server.migration_url, owner),
            "TMR_KEYRING_FILE": str(tmp_path / "database.keyring"),
        }

    was = addresses(make_url(own_server.app_url).password, make_url(own_server.migration_url).password)
    with Served(tmp_path / "web", "--workers", "1", **was) as served:
        ada = Person(served, "ada@example.org").sign_up()
        ada.add(company="Globex")
        with psycopg.connect(libpq(own_server.admin_url), autocommit=True) as admin:
            admin.execute(f"ALTER ROLE tmr_app PASSWORD '{NEW}'")
            admin.execute(f"ALTER ROLE tmr_owner PASSWORD '{NEW} too'")
        still = ada.get("/applications").status_code
        served.stop()
        refused = served.tmr("migrate")
        served.environ |= addresses(NEW, f"{NEW} too")
        served.start()
        after = ada.get("/applications")

    assert still == 200  # connections that are open stay open
    assert refused.returncode == 2
    assert "cannot be reached" in refused.stderr
    assert make_url(own_server.app_url).password not in refused.stderr
    assert "Globex" in after.text


def test_g4_the_certificate_and_its_key_are_changed(tmp_path: Path) -> None:
    port, files = free_port(), (tmp_path / "cert.pem", tmp_path / "key.pem")

    def issue() -> trustme.CA:
        authority = trustme.CA()
        issued = authority.issue_cert("localhost")
        issued.cert_chain_pems[0].write_to_path(files[0])
        issued.private_key_pem.write_to_path(files[1])
        return authority

    def is_trusted_by(authority: trustme.CA) -> bool:
        authority.cert_pem.write_to_path(tmp_path / "ca.pem")
        try:
            url = f"https://localhost:{port}/healthz"
            return requests.get(url, verify=str(tmp_path / "ca.pem"), timeout=30).status_code == 200
        except requests.exceptions.SSLError:
            return False

    first = issue()
    options = ["--tls-cert", str(files[0]), "--tls-key", str(files[1]), "--no-worker", "--workers", "1"]
    served = Served(tmp_path / "var", *options, TMR_PORT=str(port), TMR_BASE_URL=f"https://localhost:{port}")
    served.start(is_web=False)
    until(lambda: is_trusted_by(first), 120, served.log)
    second = issue()
    served.stop()
    served.start(is_web=False)
    until(lambda: is_trusted_by(second), 120, served.log)
    old = is_trusted_by(first)
    served.stop()

    assert not old


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # loopback has none here
def test_g4_the_password_of_the_mail_server_is_changed() -> None:
    taken, passwords = [], {OLD.encode()}

    class Inbox:
        async def handle_DATA(self, _server, _session, envelope) -> str:  # noqa: N802
            await asyncio.sleep(0)
            taken.append(envelope.content)
            return "250 kept"

    def authenticate(_server, _session, _envelope, _mechanism, credentials) -> AuthResult:
        is_good = credentials.login == b"roles@example.org" and credentials.password in passwords
        return AuthResult(success=is_good, handled=False)  # the server says no by itself

    rules = {"auth_require_tls": False, "auth_required": True, "authenticator": authenticate}
    controller = Controller(Inbox(), hostname="127.0.0.1", port=free_port(), **rules)
    controller.start()
    waiting = WaitingMail(uuid4(), dt.datetime.now(dt.UTC), Mail("o@example.org", "code", {"code": "1234 5678"}))

    def send(password: str) -> bool:
        place = f"{quote('roles@example.org')}:{quote(password)}@127.0.0.1:{controller.port}"
        try:
            make_mailer(load_settings({"TMR_MAIL_URL": f"smtp://{place}"})).send(waiting)
        except OSError:
            return False
        return True

    before = send(OLD)
    passwords.add(NEW.encode())  # most servers take one password only: then mail waits in the queue until the restart
    after = send(NEW)
    passwords.remove(OLD.encode())
    refused = send(OLD)
    controller.stop()

    assert (before, after, refused) == (True, True, False)
    assert len(taken) == 2


def test_g4_the_secret_of_the_sign_in_provider_is_changed(services) -> None:
    provider = Provider()
    provider.secrets = {OLD, NEW}

    def arrive(secret: str) -> int:
        configured = config.Provider(provider.issuer, CLIENT_ID, secret)
        settings = msgspec.structs.replace(services.settings, provider=configured)
        ada = Person(create_app(msgspec.structs.replace(services, settings=settings)), "ada@example.org")
        ada.get(provider.agree(set_out(ada)))
        return ada.get("/applications").status_code

    both = [arrive(OLD), arrive(NEW)]
    provider.secrets.remove(OLD)
    then = [arrive(OLD), arrive(NEW)]
    provider.server.shutdown()
    provider.server.server_close()

    assert both == [200, 200]
    assert then == [303, 200]
    assert CLIENT_SECRET not in provider.secrets


def test_g4_the_keys_of_the_storage_are_changed(alice, settings, server, storage, tmp_path, monkeypatch, clock) -> None:
    keys = Keys(tmp_path)
    boto3.client("s3").create_bucket(Bucket="rotated")

    def create(key: str) -> bool:
        clock.turn(seconds=2)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", key)
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)  # as after a restart
        try:
            backups(settings, server, target_of("s3://rotated")).create(keys.recipient, clock, quiet)
        except TargetError as error:
            return "(AccessDenied)" not in str(error)
        return True

    storage.accepted = {"tmr", "tmr-2"}
    before, after = create("tmr"), create("tmr-2")
    storage.accepted.remove("tmr")
    refused, later = create("tmr"), create("tmr-2")

    assert (before, after, refused, later) == (True, True, False, True)


def test_g4_a_backups_private_key_is_changed(alice, services, settings, server, tmp_path, clock) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    old, new, place = Keys(tmp_path / "old"), Keys(tmp_path / "new"), tmp_path / "away"
    publish_erasures(services.settings, services.repository, clock())
    made = backups(settings, server, target_of(str(place)))
    made.create(old.recipient, clock, quiet)
    [first] = place.glob("data-*")
    clock.turn(seconds=2)
    made.create(new.recipient, clock, quiet)
    [keys_file] = place.glob("keys-*")

    assert opened_by_age(keys_file, new)
    assert opened_by_age(first, old)
    with pytest.raises(pyrage.DecryptError):  # so what the old pair opens is noise from now on
        pyrage.decrypt(keys_file.read_bytes(), [old.identity])
    assert (
        restore_backup(another_machine(settings, tmp_path), str(place), Opening(new.file), None, quiet, YES).rows[
            "accounts"
        ]
        == 1
    )
    clock.turn(days=31)
    assert first.name in made.prune(clock())


def test_g4_the_metrics_token_is_changed(services) -> None:
    def status(token: str, brought: str) -> int:
        settings = msgspec.structs.replace(services.settings, metrics_token=token)
        client = create_app(msgspec.structs.replace(services, settings=settings)).test_client()
        place = {"REMOTE_ADDR": "192.0.2.7"}
        return client.get("/metrics", headers={"Authorization": f"Bearer {brought}"}, environ_base=place).status_code

    assert [status(OLD, OLD), status(NEW, NEW), status(NEW, OLD)] == [200, 200, 404]
