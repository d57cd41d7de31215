"""`tmr serve` over TLS: a certificate of its own, TLS 1.3 and nothing older, plain http only to say where it is."""

import datetime as dt
import json
import socket
import ssl
import subprocess
import urllib.request
from http.client import HTTPException
from pathlib import Path

import pytest
import requests

from tests.support.servers.served import Served, free_port, until
from tmr.crypto.certificates import self_signed

MODERN = {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"}  # RFC 8446, B.4
NOW = dt.datetime(2026, 11, 25, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory):
    http, https = free_port(), free_port()
    folder = tmp_path_factory.mktemp("lan") / "var"
    made = Served(
        folder,
        *("--tls-self-signed", "--http-port", str(http), "--no-worker"),
        TMR_PORT=str(https),
        TMR_BASE_URL=f"https://localhost:{https}",
        TMR_WORKERS="1",
    )
    made.http = f"http://localhost:{http}"
    made.url = f"https://localhost:{https}"
    made.certificate = folder / "tls" / "self-signed.pem"
    made.start(is_web=False)
    until(lambda: get(made, "/healthz").status_code == 200, 120, made.log)
    until(lambda: requests.get(made.http, allow_redirects=False, timeout=30).status_code == 301, 120, made.log)
    yield made
    made.stop()


def get(served: Served, path: str) -> requests.Response:
    return requests.get(served.url + path, verify=str(served.certificate), timeout=30, allow_redirects=False)


def test_t2_only_modern_suites_with_forward_secrecy_are_spoken(served: Served) -> None:
    context = ssl.create_default_context(cafile=str(served.certificate))
    with (
        socket.create_connection(("localhost", served.port)) as raw,
        context.wrap_socket(raw, server_hostname="localhost") as wrapped,
    ):
        assert wrapped.version() == "TLSv1.3"  # every suite of it is AEAD over an ephemeral exchange
        assert wrapped.cipher()[0] in MODERN
    offered = ssl.create_default_context(cafile=str(served.certificate))
    offered.maximum_version = ssl.TLSVersion.TLSv1_2
    offered.set_ciphers("ALL:@SECLEVEL=0")
    with socket.create_connection(("localhost", served.port)) as raw, pytest.raises(ssl.SSLError):
        offered.wrap_socket(raw, server_hostname="localhost")


def test_t2_testssl_finds_tls_1_3_alone_and_nothing_worse_than_information(served: Served, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    looks = ["--protocols", "--pfs", "--cipher-per-proto", "--vulnerable"]
    quiet = ["--quiet", "--color", "0", "--warnings", "off", "--ip", "127.0.0.1", "--jsonfile", str(report)]
    subprocess.run(["testssl", *quiet, *looks, served.url], check=True, capture_output=True)

    findings = {finding["id"]: finding for finding in json.loads(report.read_text())}
    findings.pop("engine_problem", None)  # of the program's own openssl
    assert {
        finding["id"]: finding["finding"] for finding in findings.values() if finding["severity"] not in ("OK", "INFO")
    } == {}
    offered = {name: findings[name]["finding"] for name in ("SSLv2", "SSLv3", "TLS1", "TLS1_1", "TLS1_2")}
    assert set(offered.values()) == {"not offered"}
    assert findings["TLS1_3"]["finding"].startswith("offered")
    assert len(findings) > 25  # it did look


def test_the_certificate_is_named_by_its_fingerprint_and_kept_private(served: Served) -> None:
    folder = served.certificate.parent
    _, key, fingerprint = self_signed(folder, ["localhost", "127.0.0.1", "::1"], dt.datetime.now(dt.UTC))

    assert fingerprint in served.log.read_text()
    assert key.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_certificate_is_renewed_for_other_names_and_before_it_expires(tmp_path: Path) -> None:
    def made(names: list[str], now: dt.datetime) -> str:
        return self_signed(tmp_path, names, now)[2]

    first = made(["roles.lan", "192.168.1.7"], NOW)

    assert made(["192.168.1.7", "roles.lan"], NOW + dt.timedelta(days=360)) == first
    second = made(["roles.lan"], NOW)
    assert second != first
    assert made(["roles.lan"], NOW + dt.timedelta(days=370)) != second
    odd = made(["2001:DB8:0:0::1", "müller.local"], NOW)
    assert made(["2001:db8::1", "müller.local"], NOW) == odd
    (tmp_path / "self-signed.pem").write_text("not a certificate")
    assert made(["roles.lan"], NOW)


@pytest.mark.parametrize(
    ("path", "to"),
    [
        ("/", "/"),
        ("/applications?q=a%20b&page=2", "/applications?q=a%20b&page=2"),
        ("//evil.example/x", "/evil.example/x"),
        ("/%0d%0aSet-Cookie:%20a=b", "/%0d%0aSet-Cookie:%20a=b"),
    ],
)
def test_t3_a_page_over_plain_http_is_sent_to_https_whatever_host_was_asked_for(served: Served, path, to) -> None:
    with socket.create_connection(("localhost", int(served.http.rsplit(":", 1)[1]))) as raw:
        raw.sendall(f"GET {path} HTTP/1.1\r\nHost: evil.example\r\n\r\n".encode())
        head = raw.makefile("rb").read().decode().split("\r\n")

    assert head[0].split()[1] == "301"
    assert f"Location: {served.url}{to}" in head
    assert not any(line.startswith("Set-Cookie") for line in head)


@pytest.mark.parametrize("verb", ["POST", "PUT", "DELETE"])
def test_t3_a_form_over_plain_http_is_refused(served: Served, verb: str) -> None:
    answer = requests.request(verb, served.http + "/login", data={"email": "a"}, allow_redirects=False, timeout=30)

    assert answer.status_code == 403
    assert "Location" not in answer.headers


def test_t3_every_answer_over_https_asks_to_stay_there(served: Served) -> None:
    for path in ("/", "/nowhere", "/login"):
        assert "max-age=63072000; includeSubDomains" in get(served, path).headers["Strict-Transport-Security"]


def test_t3_plain_http_to_the_tls_port_gets_no_page(served: Served) -> None:
    with pytest.raises((OSError, HTTPException)):
        urllib.request.urlopen(f"http://localhost:{served.port}/", timeout=30)


def test_without_a_worker_there_is_none(served: Served) -> None:
    assert served.workers() == []
