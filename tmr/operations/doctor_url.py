"""What the doctor looks at from outside: the address that people use."""

import datetime as dt
import re
import socket
import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

import requests

from tmr.operations.doctor import Check, Finding, absent, finding

TIMEOUT_SECONDS = 8
# What would let a page load from elsewhere: a host, a scheme or a star; the target of a form loads nothing.
_OPENINGS = re.compile(r"(?:^|;)(?!\s*form-action)[^;]*(?:unsafe-|\*|\w+:(?!//)|https?://|\s[\w-]+\.[\w.-]+)")
YEAR_SECONDS = 31_536_000
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def checks_of(url: str, now: dt.datetime) -> list[tuple[str, str, Check]]:
    """Return every check of an address with the promise and the name it goes by."""
    address = url.rstrip("/")
    return [
        ("P05", "TLS", lambda: tls(address)),
        ("P05", "plain http", lambda: plain_http(address)),
        ("P01", "other origins", lambda: other_origins(address)),
        ("P12", "headers", lambda: headers(address)),
        ("P29", "security.txt", lambda: security_txt(address, now)),
    ]


def tls(address: str) -> Iterator[Finding]:
    """See which versions of TLS are accepted; the certificate must fit the name."""
    parts = urlsplit(address)
    if parts.scheme != "https":
        yield absent("P05", "TLS", f"{address} is plain http, for this machine only")
        return
    host, port = parts.hostname or "", parts.port or 443
    newest = _handshake(host, port, ssl.TLSVersion.TLSv1_3, is_verified=True)
    yield finding("P05", "TLS 1.3 with a certificate for this name", newest, is_kept=newest.startswith("TLSv1.3"))
    older = _handshake(host, port, ssl.TLSVersion.TLSv1_2, is_verified=False)
    yield finding("P05", "TLS 1.2 and older are refused", older, is_kept=older.startswith("refused"))
    sent = _get(address).headers.get("Strict-Transport-Security", "")
    age = re.search(r"max-age=(\d+)", sent)
    is_long = bool(age and int(age[1]) >= YEAR_SECONDS and "includesubdomains" in sent.lower())
    yield finding("P05", "browsers are told to come back by https", sent or "no header", is_kept=is_long)


def plain_http(address: str) -> Iterator[Finding]:
    """See what plain http answers, where the address is https at its usual port."""
    parts = urlsplit(address)
    if parts.scheme != "https" or parts.port not in (None, 443):
        yield absent("P05", "plain http redirects", "not at the usual port")
        return
    try:
        answer = _get(f"http://{parts.hostname}/", redirects=False)
    except requests.ConnectionError:
        yield finding("P05", "plain http", "nothing listens", is_kept=True)
        return
    leads = answer.headers.get("Location", "")
    is_kept = answer.status_code in (301, 302, 307, 308) and leads.startswith("https://")
    yield finding("P05", "plain http redirects", f"{answer.status_code} {leads}", is_kept=is_kept)


def other_origins(address: str) -> Iterator[Finding]:
    """See whether the first page could load anything from elsewhere."""
    answer = _get(address)
    policy = answer.headers.get("Content-Security-Policy", "")
    is_closed = "default-src 'none'" in policy and not _OPENINGS.search(policy)
    yield finding("P01", "policy lets pages load from here only", policy[:80] or "no header", is_kept=is_closed)
    places = re.findall(
        r"""<(?:script|link|img|iframe)[^>]+(?:src|href)=["']?(?:https?:)?//([^/"'>\s]+)""", answer.text
    )
    own = urlsplit(address).netloc
    foreign = sorted({place for place in places if place != own})
    yield finding(
        "P01", "first page loads nothing from elsewhere", ", ".join(foreign) or "nothing", is_kept=not foreign
    )


def headers(address: str) -> Iterator[Finding]:
    """See whether the security headers are there."""
    sent = _get(address).headers
    missing = [name for name, value in HEADERS.items() if sent.get(name) != value]
    seen = f"missing or changed: {', '.join(missing)}" if missing else f"{len(HEADERS)} headers as they should be"
    yield finding("P12", "security headers", seen, is_kept=not missing)


def security_txt(address: str, now: dt.datetime) -> Iterator[Finding]:
    """See whether security.txt is there and valid (RFC 9116)."""
    answer = _get(f"{address}/.well-known/security.txt")
    if answer.status_code == 404:
        yield absent("P29", "security.txt", "there is none")
        return
    fields = dict(line.split(": ", 1) for line in answer.text.splitlines() if ": " in line)
    expires = dt.datetime.fromisoformat(fields.get("Expires", "1970-01-01T00:00:00Z").replace("Z", "+00:00"))
    is_kept = answer.status_code == 200 and "Contact" in fields and expires > now
    yield finding("P29", "security.txt", f"contact {fields.get('Contact')}, until {expires:%Y-%m-%d}", is_kept=is_kept)


def _handshake(host: str, port: int, version: ssl.TLSVersion, *, is_verified: bool) -> str:
    """Return the version and cipher that a handshake with this version at the most comes to, or why it is refused."""
    context = ssl.create_default_context()
    if not is_verified:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = min(version, ssl.TLSVersion.TLSv1_2)
    context.maximum_version = version
    try:
        with (
            socket.create_connection((host, port), timeout=TIMEOUT_SECONDS) as raw,
            context.wrap_socket(raw, server_hostname=host) as wrapped,
        ):
            return f"{wrapped.version()} {wrapped.cipher()[0]}"  # type: ignore[index]
    except ssl.SSLError as error:
        return f"refused: {error.reason or error}"


def _get(url: str, *, redirects: bool = True) -> requests.Response:
    return requests.get(url, timeout=TIMEOUT_SECONDS, allow_redirects=redirects)
