"""The app over TLS as it serves it itself: cookies bound to the host, passkeys, TLS 1.3 only."""

import base64
import hashlib
import os
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.sync_api import Browser, expect

from tests.browser.conftest import CHROMIUM, FLAGS, sign_up, wait_until_it_answers
from tests.browser.test_accounts import SECURITY, arrive_at, free_port, virtual_authenticator


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def certificate(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tls")
    issued = authority.issue_cert("localhost")
    issued.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    issued.private_key_pem.write_to_path(folder / "key.pem")
    return folder / "cert.pem", folder / "key.pem"


@pytest.fixture(scope="module")
def secure(authority, certificate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    environ = {**os.environ, "TMR_DATA_DIR": str(tmp_path_factory.mktemp("secure") / "var"), "TMR_WORKERS": "1"}
    command = [sys.executable, "-m", "tmr", "serve", "--port", str(port)]
    command += ["--tls-cert", str(certificate[0]), "--tls-key", str(certificate[1])]
    process = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True)
    assert f"https://localhost:{port}" in process.stdout.readline()
    wait_until_it_answers(f"https://localhost:{port}/healthz", trusting(authority))
    yield f"https://localhost:{port}"
    process.terminate()
    process.wait(120)


def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture
def browser_over_tls(certificate, playwright) -> Iterator[Browser]:
    """A Chromium that trusts this one certificate."""
    key = x509.load_pem_x509_certificate(certificate[0].read_bytes()).public_key()
    spki = hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()
    flag = f"--ignore-certificate-errors-spki-list={base64.b64encode(spki).decode()}"
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS.split(), flag])
    yield browser
    browser.close()


def test_a18_s8_passkeys_and_host_bound_cookies_over_tls(secure, browser_over_tls, email: str) -> None:
    context = browser_over_tls.new_context(base_url=secure)
    page = sign_up(context.new_page(), email)
    cookies = {cookie["name"]: cookie for cookie in context.cookies()}
    assert all(name.startswith("__Host-") and cookie["secure"] for name, cookie in cookies.items())
    assert {"__Host-tmr", "__Host-tmr-form", "__Host-tmr-device"} <= set(cookies)

    virtual_authenticator(page)
    page.goto(SECURITY)
    page.click("button:has-text('Add passkey')")
    expect(page.locator("#recovery-codes li")).to_have_count(10)
    page.goto(SECURITY)
    page.click("button:has-text('Sign out')")
    page.goto("/login?next=/import")
    page.click("button:has-text('Sign in with a passkey')")
    arrive_at(page, secure, "/import")


def test_t1_tls_1_3_is_taken_and_1_2_is_not(secure, authority) -> None:
    port = int(secure.rsplit(":", 1)[1])
    for version, is_taken in ((ssl.TLSVersion.TLSv1_3, True), (ssl.TLSVersion.TLSv1_2, False)):
        context = trusting(authority)
        context.minimum_version = context.maximum_version = version
        with socket.create_connection(("localhost", port)) as raw:
            try:
                with context.wrap_socket(raw, server_hostname="localhost") as wrapped:
                    assert wrapped.version() == "TLSv1.3"
                    assert is_taken
            except ssl.SSLError:
                assert not is_taken
