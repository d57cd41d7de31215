"""The promises in plain words, how each is kept, and how anyone can check it; read from its page.

What depends on the settings of an installation is put into the sentences here, so that none claims what is not so.
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from tmr.config import GOOGLE, Settings, host_of
from tmr.privacy.promises.this_installation import in_words, rotates_by_hand
from tmr.repository.database.installation_facts import Rotation

PAGE = Path(__file__).with_name("promises.toml")


class Promise(msgspec.Struct, frozen=True):
    """One promise. Tests and ``tmr doctor`` name it by its id."""

    id: str
    title: str
    kept: str
    check: str


class Retention(msgspec.Struct, frozen=True):
    """How long one sort of data is stored."""

    what: str
    duration: str


class Limit(msgspec.Struct, frozen=True):
    """One thing that is not promised."""

    words: str


class Promises(msgspec.Struct, frozen=True):
    """All that the page says; its fields are named like the tables of the file."""

    promise: tuple[Promise, ...]
    retention: tuple[Retention, ...]
    limit: tuple[Limit, ...]


def promises_of(settings: Settings, rotation: Rotation | None = None) -> Promises:
    """Return what an installation with these settings promises, how long data is stored, and what is not promised.

    All are in the order of the page. ``rotation`` is what was noted of the wrapping key last.
    """
    return msgspec.convert(_filled(_page(), _words(settings, rotation)), Promises)


def promise_count() -> int:
    """Return how many promises the page has, with any settings."""
    return len(_page()["promise"])


@cache
def _page() -> dict[str, Any]:
    return tomllib.loads(PAGE.read_text(encoding="utf-8"))


def _filled(part: Any, words: dict[str, str]) -> Any:
    if isinstance(part, str):
        return part.format_map(words)
    if isinstance(part, list):
        return [_filled(each, words) for each in part]
    return {name: _filled(each, words) for name, each in part.items()}


def _words(settings: Settings, rotation: Rotation | None) -> dict[str, str]:
    idle, most = in_words(settings.session_idle), in_words(settings.session_max)
    kept_idle, kept_most = in_words(settings.kept_session_idle), in_words(settings.kept_session_max)
    return {
        **_words_of_transport(settings),
        **_words_of_backups(settings),
        **_words_of_reports(settings),
        "provider": _provider(settings),
        "sessions": f"After {idle} without activity, and after {most} in total. If you choose to stay signed in, after "
        f"{kept_idle} and {kept_most}.",
        "session_kept": f"{idle} without activity, {most} in total; {kept_idle} and {kept_most} if you stay signed in",
        "told_by": f"{'by email, ' if settings.mail_url else ''}in your log and on your privacy page",
        "rotation": _rotation(settings, rotation),
    }


def _words_of_transport(settings: Settings) -> dict[str, str]:
    overload = "Protection from overload"
    if not settings.is_secure:
        return {
            "transport_title": "TLS 1.3 in transit, once there is an https address.",
            "transport": f"There is none here: {settings.base_url} is plain http, {_who_can_reach(settings)}.",
            "transport_check": "Look at the address in your browser.",
            "overload_title": f"{overload}.",
            "certificate": "There is no certificate, since this address is plain http.",
        }
    has_own = settings.tls_cert is not None or settings.tls_self_signed
    ended_before = (
        "Browsers are told to always use https. TLS ends at the proxy or the hosting provider in front of the server, "
        "which has to be set to accept TLS 1.3 only."
    )
    return {
        "transport_title": "TLS 1.3 in transit.",
        "transport": "The server accepts TLS 1.3 only and tells browsers to always use https."
        if has_own
        else ended_before,
        "transport_check": "openssl s_client -tls1_2 to this address is refused. tmr doctor --url tries it.",
        "overload_title": f"{overload}." if settings.tls_cert else f"{overload}, and automatic certificates.",
        "certificate": _certificate(settings),
    }


def _who_can_reach(settings: Settings) -> str:
    if settings.is_open_to_others:
        return "and other machines can reach it, so what is sent can be read on the way"
    return "for the machine that it runs on alone"


def _certificate(settings: Settings) -> str:
    if settings.tls_self_signed:
        return "The certificate is self-signed and renewed by the server: compare its fingerprint with the operator's."
    if settings.tls_cert:
        return "The certificate is one that the operator installs and renews."
    return "Certificates come from the proxy or the hosting provider in front of the server."


def _words_of_backups(settings: Settings) -> dict[str, str]:
    target, storage = settings.backup_target, "PostgreSQL with encrypted storage"
    if not target:
        return {
            "storage_title": f"{storage}.",
            "backups": "Backups are off here: if this machine is lost, everything on it is lost.",
            "backup_key": "Backups are off here, so there is nothing to open.",
            "backup_check": "tmr doctor says that backups are off.",
            "backups_kept": "none are made here",
        }
    place = f"to the S3 bucket {urlsplit(target).hostname}" if target.startswith("s3://") else "to a folder"
    key = (
        "The private key that opens it belongs somewhere else: until the operator has moved it away, “This "
        "installation” above says that this promise is not kept yet."
        if settings.has_own_backups
        else "It is sealed for a key of the operator's, which this server does not need and is not given."
    )
    return {
        "storage_title": f"{storage} and automatic backups.",
        "backups": f"A backup is made every day, {place}.",
        "backup_key": f"A backup is an age file. {key}",
        "backup_check": "tmr doctor says how old the newest backup is. The standard age program opens it with that "
        "key, and only with that key.",
        "backups_kept": "30 days at most",
    }


def _words_of_reports(settings: Settings) -> dict[str, str]:
    if not settings.security_contact:
        return {
            "reports_title": "Security reports are welcome.",
            "reports": "The operator has set no contact here, so no report can be sent.",
            "reports_check": "There is no /.well-known/security.txt.",
        }
    reminder = "The operator gets an email six hours before, and tmr" if settings.mail_url else "tmr"
    return {
        "reports_title": "Security reports are welcome, and answered within 24 hours.",
        "reports": f"Each report gets a time by which an answer is due. {reminder} doctor fails if one is overdue.",
        "reports_check": "See the contact in /.well-known/security.txt.",
    }


def _provider(settings: Settings) -> str:
    if settings.provider is None:
        return "Not offered here: no sign-in provider is set up."
    name = "Google" if settings.provider.issuer == GOOGLE else host_of(settings.provider.issuer)
    return f"OpenID Connect with PKCE, at {name}. We keep none of its tokens."


def _rotation(settings: Settings, rotation: Rotation | None) -> str:
    what = "The key that wrapped them is replaced and destroyed too, so that nothing left in the database's files opens"
    if rotates_by_hand(settings, rotation):
        by_hand = (
            f"{what}: the operator does that by hand here, and “This installation” above says since when it is due."
        )
        return by_hand + _words_of_outbox(settings)
    return f"Within a day t{what[1:]}." + _words_of_outbox(settings)


def _words_of_outbox(settings: Settings) -> str:
    if settings.mail_url:
        return ""
    return (
        " Messages to you in the folder that takes the place of a mail server are deleted, but for the one that says "
        "that your account is gone: it is kept for a week, with your address and not sealed."
        if settings.is_loopback
        else ""
    )
