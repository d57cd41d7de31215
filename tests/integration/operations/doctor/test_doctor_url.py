"""What the doctor sees from outside: a server that keeps to TLS 1.3, and servers that do not keep what was promised."""

import datetime as dt
import os
import socket
import ssl
import subprocess
import sys
import threading
import time

import pytest
import trustme
from flask import Flask, Response
from werkzeug.serving import make_server

from tests.integration.operations.test_mail import free_port
from tmr.operations.doctor.remote_checks import HEADERS, Address, checks_of, client_addresses
from tmr.operations.doctor.report import BROKEN, KEPT, examine
from tmr.web.transport.headers import HSTS

GOOD = {
    **HEADERS,
    "Strict-Transport-Security": HSTS,
    "Content-Security-Policy": "default-src 'none'; script-src 'nonce-x'",
}


@pytest.fixture
def authority(tmp_path, monkeypatch):
    """A certificate authority that this process trusts."""
    made = trustme.CA()
    path = tmp_path / "ca.pem"
    made.cert_pem.write_to_path(str(path))
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
        monkeypatch.setenv(name, str(path))
    return made


@pytest.fixture
def serving(authority):
    """Serves one page over TLS with the given settings; returns its address."""
    running = []

    def serve(headers: dict[str, str], oldest: ssl.TLSVersion, body: str = "", name: str = "localhost") -> str:
        app = Flask("outside")
        app.add_url_rule("/", view_func=lambda: Response(body, headers=headers))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(name).configure_cert(context)
        context.minimum_version = oldest
        server = make_server("localhost", 0, app, threaded=True, ssl_context=context)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        running.append(server)
        return f"https://localhost:{server.server_port}"

    yield serve
    for listening in running:
        listening.shutdown()
        listening.server_close()


def broken(address: str) -> set[str]:
    now = dt.datetime.now(dt.UTC)
    return {
        f"{finding.promise} {finding.what}" for finding in examine(checks_of(address, now)) if finding.state == BROKEN
    }


def test_p05_our_own_server_keeps_what_can_be_seen_from_outside(authority, tmp_path) -> None:
    certificate, key, port = tmp_path / "cert.pem", tmp_path / "key.pem", free_port()
    issued = authority.issue_cert("localhost")
    issued.cert_chain_pems[0].write_to_path(str(certificate))
    issued.private_key_pem.write_to_path(str(key))
    environ = {**os.environ, "TMR_DATA_DIR": str(tmp_path / "var"), "TMR_PORT": str(port), "TMR_WORKERS": "1"}
    command = [sys.executable, "-m", "tmr", "serve", "--tls-cert", str(certificate), "--tls-key", str(key)]
    server = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True)
    try:
        wait_until_it_listens(port)
        findings = list(examine(checks_of(f"https://localhost:{port}", dt.datetime.now(dt.UTC))))
    finally:
        server.terminate()
        server.wait(120)

    assert [finding for finding in findings if finding.state == BROKEN] == []
    assert [finding.what for finding in findings if finding.promise == "P05" and finding.state == KEPT] == [
        "TLS 1.3 with a certificate for this name",
        "TLS 1.2 and older are refused",
        "browsers are told to come back by https",
    ]


def wait_until_it_listens(port: int) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("localhost", port), timeout=30).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("nothing listens")


def test_p05_tls_1_2_is_named(serving) -> None:
    assert broken(serving(GOOD, ssl.TLSVersion.TLSv1_2)) == {"P05 TLS 1.2 and older are refused"}


def test_p05_a_certificate_for_another_name_is_named(serving) -> None:
    address = serving(GOOD, ssl.TLSVersion.TLSv1_3, name="elsewhere.example")

    assert "P05 TLS 1.3 with a certificate for this name" in broken(address)


@pytest.mark.parametrize(
    ("header", "value", "named"),
    [
        ("Strict-Transport-Security", "max-age=60", "P05 browsers are told to come back by https"),
        ("Content-Security-Policy", "default-src *", "P01 policy lets pages load from here only"),
        (
            "Content-Security-Policy",
            "default-src 'none'; script-src https://evil.example",
            "P01 policy lets pages load from here only",
        ),
        ("X-Content-Type-Options", "", "P12 security headers"),
    ],
)
def test_p01_p12_each_header_that_is_wrong_is_named(serving, header: str, value: str, named: str) -> None:
    assert broken(serving({**GOOD, header: value}, ssl.TLSVersion.TLSv1_3)) == {named}


@pytest.mark.parametrize("quote", ['"', "'", ""])
def test_p01_a_page_that_loads_from_elsewhere_is_named(serving, quote: str) -> None:
    body = f"<script src={quote}https://evil.example/x.js{quote}></script>"

    assert broken(serving(GOOD, ssl.TLSVersion.TLSv1_3, body)) == {"P01 first page loads nothing from elsewhere"}


BEHIND_A_PROXY = """
from werkzeug.middleware.proxy_fix import ProxyFix

def page(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/html")])
    return [f'<code id="client-address">{environ["REMOTE_ADDR"]}</code>'.encode()]

app = ProxyFix(page, x_for=PROXIES)
"""


@pytest.mark.parametrize(("proxies", "found"), [(0, KEPT), (1, BROKEN)])
def test_w1_p12_a_client_that_can_choose_its_address_is_named(tmp_path, proxies: int, found: str) -> None:
    """Served as the app is: what reaches it through a proxy that lets headers with an underscore pass."""
    (tmp_path / "behind.py").write_text(BEHIND_A_PROXY.replace("PROXIES", str(proxies)))
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port), "behind:app"]
    server = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until_it_listens(port)
        [seen] = client_addresses(Address(f"http://localhost:{port}"))
    finally:
        server.terminate()
        server.wait(60)

    assert seen.state == found
    assert (seen.seen == "believed as it was sent: X-Forwarded-For, X_Forwarded_For") == bool(proxies)


def test_w1_p12_the_page_of_promises_says_from_where_it_is_asked_for(alice) -> None:
    page = alice.client.get("/privacy", environ_base={"REMOTE_ADDR": "198.51.100.7"}).text

    assert '<code id="client-address">198.51.100.7</code>' in page
