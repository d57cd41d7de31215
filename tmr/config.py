"""Typed settings, read from the environment once and checked at start."""

import os
import re
from collections.abc import Mapping
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from tmr.database_address import hosts_elsewhere, parameters_of, unknown_parameters, with_verified_name
from tmr.errors import OperatorError

GOOGLE = "https://accounts.google.com"
GOOGLE_HOSTS = ("accounts.google.com", "oauth2.googleapis.com", "www.googleapis.com", "openidconnect.googleapis.com")
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")
LIBPQ_ELSEWHERE = ("PGHOST", "PGHOSTADDR", "PGSERVICE", "PGSERVICEFILE")  # they would bypass the checks below


class SettingsError(OperatorError):
    """A setting is wrong; the message names it and says what is accepted."""


class Provider(msgspec.Struct, frozen=True):
    """A sign-in provider that speaks OpenID Connect."""

    issuer: str
    client_id: str
    client_secret: str

    def __repr__(self) -> str:
        return f"Provider(issuer={self.issuer!r})"

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts that the server may connect to for a sign-in there."""
        return GOOGLE_HOSTS if self.issuer == GOOGLE else (urlsplit(self.issuer).netloc.rpartition("@")[2],)


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything an operator can set. Durations are ``timedelta``; paths are absolute."""

    data_dir: Path
    keyring_file: Path
    ledger_file: Path
    keyring: str | None
    database_url: str | None
    migration_url: str | None
    base_url: str
    host: str
    port: int
    workers: int
    proxies: int
    tls_cert: Path | None
    tls_key: Path | None
    tls_self_signed: bool = False
    http_port: int = 0
    has_worker: bool = True
    is_pooled: bool = False
    rotates_by_hand: bool = False
    notices: tuple[str, ...] = ()
    logs_json: bool = False
    metrics_token: str | None = None
    mail_url: str | None
    mail_from: str
    registration: str
    requires_factor: bool
    provider: "Provider | None"
    security_contact: str | None
    backup_target: str | None
    backup_recipient: str | None
    has_own_backups: bool = False
    operator_email: str | None = None
    source_url: str | None = None
    storage_limit: int = 0
    session_idle: timedelta
    session_max: timedelta
    kept_session_idle: timedelta = timedelta(days=7)
    kept_session_max: timedelta = timedelta(days=30)

    def __repr__(self) -> str:
        return f"Settings(data_dir={str(self.data_dir)!r}, base_url={self.base_url!r})"

    @property
    def is_secure(self) -> bool:
        """Whether people reach the app over https, so that cookies are ``__Host-`` and Secure."""
        return self.base_url.startswith("https://")

    @property
    def is_loopback(self) -> bool:
        """Whether the address that people type is one of this machine."""
        return host_of(self.base_url) in LOOPBACK_NAMES

    @property
    def is_open_to_others(self) -> bool:
        """Whether other machines can reach the app: it listens where they can connect, or a proxy passes them on."""
        return not ip_address(self.host).is_loopback or self.proxies > 0

    @property
    def sends_mail(self) -> bool:
        """Whether mail reaches people: by SMTP, or on loopback through the outbox."""
        return bool(self.mail_url) or self.is_loopback

    @property
    def operator(self) -> str | None:
        """The address that mails to the operator go to, if there is one."""
        return self.operator_email or self.security_contact

    @property
    def trusted_hosts(self) -> list[str]:
        """Host names that a request may carry; the loopback names are interchangeable."""
        return list(LOOPBACK_NAMES) if self.is_loopback else [host_of(self.base_url)]


def host_of(url: str) -> str:
    """Return the host name of ``url``, an IPv6 address in its brackets; empty if it is not an address."""
    try:
        name = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return f"[{name}]" if ":" in name else name


def load_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the ``TMR_…`` variables.

    Raises:
        SettingsError: a value is malformed, or two contradict each other.
    """
    return _refuse_half_a_database(Settings(**_storage(environ), **_serving(environ), **_access(environ)))


def _storage(environ: Mapping[str, str]) -> dict[str, Any]:
    if environ.get("TMR_RATELIMIT_URL"):
        raise SettingsError("Leave TMR_RATELIMIT_URL unset: counters are kept in PostgreSQL, shared by all machines.")
    data_dir = Path(environ.get("TMR_DATA_DIR") or "var").absolute()
    keyring_file = _keyring_file(environ, data_dir)
    return {
        "data_dir": data_dir,
        "keyring_file": keyring_file,
        "ledger_file": keyring_file.with_name(keyring_file.name + ".erasures"),
        "keyring": environ.get("TMR_KEYRING") or None,
        "database_url": _database_url(environ, "TMR_DATABASE_URL"),
        "migration_url": _database_url(environ, "TMR_MIGRATION_URL"),
        **_backups(environ, data_dir),
        "storage_limit": _number(environ, "TMR_STORAGE_LIMIT_MB", 2_000, 10, 1_000_000) * 1024 * 1024,
    }


def _backups(environ: Mapping[str, str], data_dir: Path) -> dict[str, Any]:
    target, recipient = environ.get("TMR_BACKUP_TARGET") or None, environ.get("TMR_BACKUP_RECIPIENT") or None
    if target == "off":  # also with a recipient: else "off" would be a folder's name
        return {"backup_target": None, "backup_recipient": None}
    if not target and not recipient and not environ.get("TMR_DATABASE_URL"):
        backups_folder = str(data_dir.with_name(data_dir.name + ".backups"))
        return {"backup_target": backups_folder, "backup_recipient": None, "has_own_backups": True}
    if bool(target) != bool(recipient):
        raise SettingsError(
            "Set TMR_BACKUP_TARGET and TMR_BACKUP_RECIPIENT together, or neither; or the target to off."
        )
    if target and "://" in target and not target.startswith("s3://"):
        raise SettingsError("TMR_BACKUP_TARGET must be a directory or an address such as s3://bucket/prefix.")
    if target and "://" not in target and Path(target).absolute().is_relative_to(data_dir):
        raise SettingsError("TMR_BACKUP_TARGET must be outside TMR_DATA_DIR: losing one must not mean losing both.")
    if recipient and not (recipient.startswith("age1") and recipient.isalnum() and len(recipient) == 62):
        raise SettingsError("TMR_BACKUP_RECIPIENT must be an age public key, age1 and 58 letters and digits.")
    return {"backup_target": target, "backup_recipient": recipient}


def _serving(environ: Mapping[str, str]) -> dict[str, Any]:
    port = _number(environ, "TMR_PORT", 8000, 0, 65535)
    tls = _tls(environ)
    base_url = _base_url(environ, port, "https" if tls["tls_cert"] or tls["tls_self_signed"] else "http")
    return {
        **tls,
        "base_url": base_url,
        "http_port": _http_port(environ, base_url),
        **_running(environ),
        "host": _host(environ),
        "port": port,
        "workers": _number(environ, "TMR_WORKERS", 2, 1, 64),
        "proxies": _number(environ, "TMR_PROXIES", 0, 0, 8),
        **_mailing(environ, base_url),
    }


def _host(environ: Mapping[str, str]) -> str:
    host = environ.get("TMR_HOST") or "127.0.0.1"
    try:
        return str(ip_address("127.0.0.1" if host == "localhost" else host.strip("[]")))
    except ValueError:
        raise SettingsError(f"TMR_HOST must be an IP address such as 127.0.0.1 or 0.0.0.0, not {host!r}.") from None


def _running(environ: Mapping[str, str]) -> dict[str, Any]:
    return {
        "logs_json": _one_of(environ, "TMR_LOG", ("plain", "json")) == "json",
        "rotates_by_hand": _one_of(environ, "TMR_KEY_ROTATION", _rotations(environ)) == "by-hand",
        "is_pooled": _is_pooled(environ),
        "notices": _notices(environ),
        "has_worker": _one_of(environ, "TMR_WORKER", ("1", "0")) == "1",
        "metrics_token": environ.get("TMR_METRICS_TOKEN") or None,
    }


def _is_pooled(environ: Mapping[str, str]) -> bool:
    """Whether a pooler sits in front of the database: as set, or as the host's name says (Neon's ``…-pooler.…``)."""
    is_named_so = "-pooler." in host_of(environ.get("TMR_DATABASE_URL") or "")
    return _one_of(environ, "TMR_DATABASE_POOLED", ("1", "0") if is_named_so else ("0", "1")) == "1"


def _notices(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return which settings were changed on reading, as lines for the terminal."""
    raised = [
        name
        for name in ("TMR_DATABASE_URL", "TMR_MIGRATION_URL")
        if "sslmode=require" in (environ.get(name) or "") and "verify-full" in (_database_url(environ, name) or "")
    ]
    words = "sslmode=require is raised to verify-full, with the system's certificates"
    return (f"{' and '.join(raised)}: {words}.",) if raised else ()


def _rotations(environ: Mapping[str, str]) -> tuple[str, str]:
    """Return the values of TMR_KEY_ROTATION, the default first: an external database may serve several machines."""
    return ("by-hand", "by-itself") if environ.get("TMR_DATABASE_URL") else ("by-itself", "by-hand")


def _tls(environ: Mapping[str, str]) -> dict[str, Any]:
    certificate, key = environ.get("TMR_TLS_CERT"), environ.get("TMR_TLS_KEY")
    is_self_signed = _one_of(environ, "TMR_TLS_SELF_SIGNED", ("0", "1")) == "1"
    if bool(certificate) != bool(key):
        raise SettingsError("Set TMR_TLS_CERT and TMR_TLS_KEY together, or neither.")
    if certificate and is_self_signed:
        raise SettingsError("Set TMR_TLS_CERT or TMR_TLS_SELF_SIGNED, not both.")
    return {
        "tls_cert": _file("TMR_TLS_CERT", certificate),
        "tls_key": _file("TMR_TLS_KEY", key),
        "tls_self_signed": is_self_signed,
    }


def _http_port(environ: Mapping[str, str], base_url: str) -> int:
    port = _number(environ, "TMR_HTTP_PORT", 0, 0, 65535)
    if port and not base_url.startswith("https://"):
        raise SettingsError("TMR_HTTP_PORT redirects to https, so TMR_BASE_URL must be https.")
    return port


def _mailing(environ: Mapping[str, str], base_url: str) -> dict[str, Any]:
    return {
        "mail_url": _mail_url(environ),
        "source_url": _source_url(environ),
        "operator_email": _email("TMR_OPERATOR_EMAIL", environ.get("TMR_OPERATOR_EMAIL") or ""),
        "mail_from": environ.get("TMR_MAIL_FROM") or f"trackmyroles@{host_of(base_url).strip('[]')}",
        "security_contact": _security_contact(environ, base_url),
    }


def _access(environ: Mapping[str, str]) -> dict[str, Any]:
    return {
        "registration": _one_of(environ, "TMR_REGISTRATION", ("open", "invite", "closed")),
        "requires_factor": _one_of(environ, "TMR_REQUIRE_MFA", ("0", "1")) == "1",
        "provider": _provider(environ),
        "session_idle": _minutes(environ, "TMR_SESSION_IDLE", 60, 60 * 24 * 7),
        "session_max": _minutes(environ, "TMR_SESSION_MAX", 60 * 24, 60 * 24 * 30),
    }


def _refuse_half_a_database(settings: Settings) -> Settings:
    if (settings.database_url is None) != (settings.migration_url is None):
        raise SettingsError(
            "Set TMR_DATABASE_URL and TMR_MIGRATION_URL together: the first serves requests, the second "
            "runs migrations as the owner of the tables. Set neither to use the embedded PostgreSQL."
        )
    return settings


def _keyring_file(environ: Mapping[str, str], data_dir: Path) -> Path:
    path = Path(environ.get("TMR_KEYRING_FILE") or data_dir.with_name(data_dir.name + ".keyring")).absolute()
    if path.is_relative_to(data_dir):
        raise SettingsError("TMR_KEYRING_FILE must be outside TMR_DATA_DIR: a copy of the data must not hold its keys.")
    return path


def _database_url(environ: Mapping[str, str], name: str) -> str | None:
    url = environ.get(name)
    if not url:
        return None
    scheme, separator, rest = url.partition("://")
    if not separator or scheme not in ("postgresql", "postgres", "postgresql+psycopg"):
        raise SettingsError(f"{name} must start with postgresql://.")
    return _verified(name, "postgresql+psycopg://" + rest, environ)


def verified_database_url(name: str, url: str) -> str:
    """Return the address of a database, with TLS if it is on another machine; ``name`` is what an error calls it."""
    return _database_url({name: url}, name) or ""


def _verified(name: str, text: str, environ: Mapping[str, str]) -> str:
    """Ask for TLS with a verified name on the way to another machine, unless the address does so itself."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError) as error:
        raise SettingsError(f"{name} must be an address such as postgresql://user:password@host/database.") from error
    asked = parameters_of(url)
    elsewhere = [variable for variable in LIBPQ_ELSEWHERE if environ.get(variable)]
    if elsewhere or {"service", "servicefile"} & set(asked):
        raise SettingsError(f"{name} must contain its host, not use {' or '.join(elsewhere) or 'a service file'}.")
    if unknown := unknown_parameters(url):
        raise SettingsError(f"{name} has a parameter that PostgreSQL does not know: {', '.join(unknown)}.")
    if not hosts_elsewhere(url):
        return text
    modes = asked.get("sslmode", ())
    if modes not in ((), ("require",), ("verify-full",)):
        raise SettingsError(
            f"{name} leads to another machine: its sslmode must be verify-full, require (which is raised to it), or "
            "left out."
        )
    return with_verified_name(url)


def _file(name: str, text: str | None) -> Path | None:
    if text and not Path(text).is_file():
        raise SettingsError(f"{name}: there is no file {text}.")
    return Path(text).absolute() if text else None


def _base_url(environ: Mapping[str, str], port: int, default_scheme: str) -> str:
    url = (environ.get("TMR_BASE_URL") or f"{default_scheme}://localhost:{port}").rstrip("/")
    scheme, _, rest = url.partition("://")
    if scheme not in ("http", "https") or not host_of(url) or set(rest) & set("/?#@"):
        raise SettingsError("TMR_BASE_URL must be an address such as https://roles.example.org, without a path.")
    if scheme == "http" and host_of(url) not in LOOPBACK_NAMES:
        raise SettingsError("TMR_BASE_URL must be https: plain http is accepted on localhost only.")
    return url


def _mail_url(environ: Mapping[str, str]) -> str | None:
    url = environ.get("TMR_MAIL_URL")
    if not url:
        return None
    if url.partition("://")[0] not in ("smtp", "smtps") or not host_of(url):
        raise SettingsError("TMR_MAIL_URL must look like smtps://user:password@mail.example.org, or smtp://host:587.")
    return url


def _provider(environ: Mapping[str, str]) -> Provider | None:
    client_id, secret = environ.get("TMR_GOOGLE_CLIENT_ID"), environ.get("TMR_GOOGLE_CLIENT_SECRET")
    if not client_id and not secret:
        return None
    if not client_id or not secret:
        raise SettingsError("Set TMR_GOOGLE_CLIENT_ID and TMR_GOOGLE_CLIENT_SECRET together, or neither.")
    issuer = (environ.get("TMR_GOOGLE_ISSUER") or GOOGLE).rstrip("/")
    if not issuer.startswith("https://") and host_of(issuer) not in LOOPBACK_NAMES:
        raise SettingsError("TMR_GOOGLE_ISSUER must be https: plain http is accepted on localhost only.")
    return Provider(issuer, client_id, secret)


def _security_contact(environ: Mapping[str, str], base_url: str) -> str | None:
    default = "security@localhost" if host_of(base_url) in LOOPBACK_NAMES else ""  # its mail goes to the outbox
    contact = (environ.get("TMR_SECURITY_CONTACT") or "").removeprefix("mailto:")
    return _email("TMR_SECURITY_CONTACT", contact or default)


def _source_url(environ: Mapping[str, str]) -> str | None:
    url = environ.get("TMR_SOURCE_URL") or None
    if url and (urlsplit(url).scheme not in ("http", "https") or not host_of(url)):
        raise SettingsError("TMR_SOURCE_URL must be an address such as https://example.org/trackmyroles.")
    return url


def _email(name: str, text: str) -> str | None:
    if text and not re.fullmatch(r"[^@\s<>\",;]+@[^@\s<>\",;]+", text):
        raise SettingsError(f"{name} must be an email address.")
    return text or None


def _one_of(environ: Mapping[str, str], name: str, accepted: tuple[str, ...]) -> str:
    """Return a setting that has a few values; the first is the default."""
    value = environ.get(name) or accepted[0]
    if value not in accepted:
        raise SettingsError(f"{name} must be {', '.join(accepted[:-1])} or {accepted[-1]}, not {value!r}.")
    return value


def _minutes(environ: Mapping[str, str], name: str, default: int, high: int) -> timedelta:
    return timedelta(minutes=_number(environ, name, default, 1, high))


def _number(environ: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = environ.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
        raise SettingsError(f"{name} must be a whole number from {low} to {high}, not {text!r}.")
    return int(text)
