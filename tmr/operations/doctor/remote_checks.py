"""What the doctor checks from outside: the address that people use."""

import datetime as dt
import hashlib
import re
import socket
import ssl
import tempfile
from collections.abc import Iterator
from functools import cached_property
from urllib.parse import urlsplit

import requests

from tmr.operations.doctor.report import Check, Finding, absent, finding, unknown

TIMEOUT_SECONDS = 8
# What would let a page load from elsewhere: a host, a scheme or a star; the target of a form loads nothing.
_OPENINGS = re.compile(r"(?:^|;)(?!\s*form-action)[^;]*(?:unsafe-|\*|\w+:(?!//)|https?://|\s[\w-]+\.[\w.-]+)")
SELF_SIGNED = (18, 19)  # what OpenSSL calls a certificate, or one in its chain, that signs for itself
INVENTED_ADDRESS = "192.0.2.77"  # of a network that is for examples only (RFC 5737)
# Servers read the second like the first, and most proxies know the first only.
FORWARDING = ("X-Forwarded-For", "X_Forwarded_For")
_SEEN_FROM = re.compile(r'id="client-address">([^<]*)<')
YEAR_SECONDS = 31_536_000
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def checks_of(url: str, now: dt.datetime) -> list[tuple[str, str, Check]]:
    """Return every check of an address with its promise and its name."""
    address = Address(url.rstrip("/"))
    return [
        ("P05", "TLS", lambda: tls(address)),
        ("P05", "plain http", lambda: plain_http(address)),
        ("P01", "other origins", lambda: other_origins(address)),
        ("P12", "headers", lambda: headers(address)),
        ("P12", "addresses of clients", lambda: client_addresses(address)),
        ("P29", "security.txt", lambda: security_txt(address, now)),
    ]


class Address:
    """An address that people use. A self-signed certificate is read once, and from then on trusted."""

    def __init__(self, url: str) -> None:
        self.url = url
        parts = urlsplit(url)
        self.is_https, self.netloc = parts.scheme == "https", parts.netloc
        self.host, self.port = parts.hostname or "", parts.port or (443 if self.is_https else 80)

    @cached_property
    def own_certificate(self) -> str:
        """Return the certificate in PEM form if it is self-signed, else nothing."""
        if not self.is_https:
            return ""
        try:
            _shake_hands(self, ssl.create_default_context())
        except ssl.SSLCertVerificationError as error:
            return ssl.get_server_certificate((self.host, self.port)) if error.verify_code in SELF_SIGNED else ""
        except (ssl.SSLError, OSError):
            return ""  # each check says for itself what it meets
        return ""

    def context(self) -> ssl.SSLContext:
        """Return what verifies the name, and the certificate as far as that can be done."""
        context = ssl.create_default_context(cadata=self.own_certificate or None)
        if self.own_certificate:
            context.check_hostname = False
        return context

    def get(self, path: str = "/", sent: dict[str, str] | None = None) -> requests.Response:
        """Ask for a page; ``sent`` is what the headers of the request say."""
        if not self.own_certificate:
            return requests.get(self.url + path, headers=sent, timeout=TIMEOUT_SECONDS)
        with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
            file.write(self.own_certificate)
            file.flush()
            return requests.get(self.url + path, headers=sent, timeout=TIMEOUT_SECONDS, verify=file.name)


def tls(address: Address) -> Iterator[Finding]:
    """Check which versions of TLS are accepted; the certificate must fit the name."""
    if not address.is_https:
        yield absent("P05", "TLS", f"{address.url} is plain http, for this machine only")
        return
    newest = _handshake(address, ssl.TLSVersion.TLSv1_3, is_verified=True)
    if address.own_certificate:
        fingerprint = hashlib.sha256(ssl.PEM_cert_to_DER_cert(address.own_certificate)).hexdigest()
        words = f"self-signed; compare its SHA-256 by hand: {fingerprint}"
        yield unknown("P05", "certificate", words)
    yield finding("P05", "TLS 1.3 with a certificate for this name", newest, is_kept=newest.startswith("TLSv1.3"))
    older = _handshake(address, ssl.TLSVersion.TLSv1_2, is_verified=False)
    yield finding("P05", "TLS 1.2 and older are refused", older, is_kept=older.startswith("refused"))
    sent = address.get().headers.get("Strict-Transport-Security", "")
    age = re.search(r"max-age=(\d+)", sent)
    is_long = bool(age and int(age[1]) >= YEAR_SECONDS and "includesubdomains" in sent.lower())
    yield finding("P05", "browsers are told to come back by https", sent or "no header", is_kept=is_long)


def plain_http(address: Address) -> Iterator[Finding]:
    """Check what plain http answers, if the address is https at its usual port."""
    if not address.is_https or address.port != 443:
        yield absent("P05", "plain http redirects", "not at the usual port")
        return
    try:
        answer = requests.get(f"http://{address.host}/", timeout=TIMEOUT_SECONDS, allow_redirects=False)
    except requests.ConnectionError:
        yield finding("P05", "plain http", "nothing listens", is_kept=True)
        return
    leads = answer.headers.get("Location", "")
    is_kept = answer.status_code in (301, 302, 307, 308) and leads.startswith("https://")
    yield finding("P05", "plain http redirects", f"{answer.status_code} {leads}", is_kept=is_kept)


def other_origins(address: Address) -> Iterator[Finding]:
    """Check whether the first page could load anything from elsewhere."""
    answer = address.get()
    policy = answer.headers.get("Content-Security-Policy", "")
    is_closed = "default-src 'none'" in policy and not _OPENINGS.search(policy)
    yield finding("P01", "policy lets pages load from here only", policy[:80] or "no header", is_kept=is_closed)
    places = re.findall(
        r"""<(?:script|link|img|iframe)[^>]+(?:src|href)=["']?(?:https?:)?//([^/"'>\s]+)""", answer.text
    )
    foreign = sorted({place for place in places if place != address.netloc})
    yield finding(
        "P01", "first page loads nothing from elsewhere", ", ".join(foreign) or "nothing", is_kept=not foreign
    )


def headers(address: Address) -> Iterator[Finding]:
    """Check that the security headers are there."""
    sent = address.get().headers
    missing = [name for name, value in HEADERS.items() if sent.get(name) != value]
    seen = f"missing or changed: {', '.join(missing)}" if missing else f"{len(HEADERS)} headers as they should be"
    yield finding("P12", "security headers", seen, is_kept=not missing)


def client_addresses(address: Address) -> Iterator[Finding]:
    """Check that a client cannot choose the address that limits count it by: a proxy must write that header itself."""
    what = "clients cannot choose their address"
    believed = []
    for name in FORWARDING:
        seen = _SEEN_FROM.search(address.get("/privacy", {name: INVENTED_ADDRESS}).text)
        if seen is None:
            yield unknown("P12", what, "the page does not say from where it was asked for")
            return
        if seen[1] == INVENTED_ADDRESS:
            believed.append(name)
    words = f"believed as it was sent: {', '.join(believed)}" if believed else "what they say of it is not believed"
    yield finding("P12", what, words, is_kept=not believed)


def security_txt(address: Address, now: dt.datetime) -> Iterator[Finding]:
    """Check that security.txt is there and valid (RFC 9116)."""
    answer = address.get("/.well-known/security.txt")
    if answer.status_code == 404:
        yield absent("P29", "security.txt", "there is none")
        return
    fields = dict(line.split(": ", 1) for line in answer.text.splitlines() if ": " in line)
    expires = dt.datetime.fromisoformat(fields.get("Expires", "1970-01-01T00:00:00Z").replace("Z", "+00:00"))
    is_kept = answer.status_code == 200 and "Contact" in fields and expires > now
    yield finding("P29", "security.txt", f"contact {fields.get('Contact')}, until {expires:%Y-%m-%d}", is_kept=is_kept)


def _handshake(address: Address, version: ssl.TLSVersion, *, is_verified: bool) -> str:
    """Return the version and cipher that a handshake with this version at the most comes to, or why it is refused."""
    context = address.context()
    if not is_verified:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = min(version, ssl.TLSVersion.TLSv1_2)
    context.maximum_version = version
    try:
        return _shake_hands(address, context)
    except ssl.SSLError as error:
        return f"refused: {error.reason or error}"


def _shake_hands(address: Address, context: ssl.SSLContext) -> str:
    with (
        socket.create_connection((address.host, address.port), timeout=TIMEOUT_SECONDS) as raw,
        context.wrap_socket(raw, server_hostname=address.host) as wrapped,
    ):
        return f"{wrapped.version()} {wrapped.cipher()[0]}"  # type: ignore[index]
