"""The way to a database elsewhere: TLS, with the certificate and the name verified, or no connection."""

from pathlib import Path

import pytest
import trustme
from sqlalchemy.exc import OperationalError

from tests.support.servers.pooler import Pooler
from tmr.config import load_settings
from tmr.repository.database.connections import app_engine


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def pooler(server, authority):
    with Pooler(server, tls=authority.issue_cert("localhost")) as running:
        yield running


def connects(url: str, authority: trustme.CA, folder: Path) -> bool:
    authority.cert_pem.write_to_path(folder / "ca.pem")
    url += f"?sslmode=verify-full&sslrootcert={folder / 'ca.pem'}"
    settings = load_settings({"TMR_DATABASE_URL": url, "TMR_MIGRATION_URL": url})
    engine = app_engine(settings.database_url, pool_size=1)
    try:
        with engine.connect() as connection:
            return connection.exec_driver_sql("SELECT 1").scalar() == 1
    finally:
        engine.dispose()


def test_t4_the_right_certificate_and_name_are_taken(pooler: Pooler, authority, tmp_path: Path) -> None:
    assert connects(pooler.url.replace("127.0.0.1", "localhost"), authority, tmp_path)


def test_t4_another_authority_gets_no_connection(pooler: Pooler, tmp_path: Path) -> None:
    with pytest.raises(OperationalError, match="certificate verify failed"):
        connects(pooler.url.replace("127.0.0.1", "localhost"), trustme.CA(), tmp_path)


def test_t4_another_name_gets_no_connection(pooler: Pooler, authority, tmp_path: Path) -> None:
    with pytest.raises(OperationalError, match="does not match host name"):
        connects(pooler.url, authority, tmp_path)


def test_t4_a_server_without_tls_gets_no_connection(server, authority, tmp_path: Path) -> None:
    with Pooler(server) as plain, pytest.raises(OperationalError, match="does not support SSL"):
        connects(plain.url, authority, tmp_path)
