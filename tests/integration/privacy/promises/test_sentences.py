"""What /privacy promises is built from the settings: no sentence claims what is not so on this installation (P04).

Seen failing with the sentences written out in the file: TLS 1.3 on plain http, an hour and a day with other limits,
certificates of a hosting provider with a self-signed one, and backups "once the operator sets a place".
"""

import datetime as dt
import re
from pathlib import Path

import msgspec
import pytest

from tests.support.people import Browser
from tmr import create_app
from tmr.config import GOOGLE, Provider, Settings
from tmr.privacy.promises.promises import Promise, promises_of

HTTPS = {"base_url": "https://roles.example.org"}
CERTIFICATE = {**HTTPS, "tls_cert": Path("cert.pem"), "tls_key": Path("key.pem")}
SELF_SIGNED = {**HTTPS, "tls_self_signed": True}
OFF = {"backup_target": None, "backup_recipient": None}
OWN = {"backup_target": "/var.backups", "has_own_backups": True}
BUCKET = {"backup_target": "s3://roles/one", "backup_recipient": "age1"}
SHORT = {"session_idle": dt.timedelta(hours=10), "session_max": dt.timedelta(days=7)}
ELSEWHERE = {"provider": Provider("https://id.example.org", "id", "secret")}
AT_GOOGLE = {"provider": Provider(GOOGLE, "id", "secret")}
WITH_MAIL = {**HTTPS, "mail_url": "smtps://mail.example.org"}


def promise(settings: Settings, number: str, **changes: object) -> Promise:
    told = promises_of(msgspec.structs.replace(settings, **changes))
    return next(each for each in told.promise if each.id == number)


@pytest.mark.parametrize(
    ("number", "changes", "is_said", "is_not"),
    [
        ("P05", {}, "plain http, for the machine that it runs on alone", "TLS 1.3 only"),
        ("P05", {"host": "0.0.0.0", "proxies": 1}, "can be read on the way", "TLS 1.3 only"),
        ("P05", CERTIFICATE, "The server accepts TLS 1.3 only", "proxy"),
        ("P05", {**HTTPS, "proxies": 1}, "TLS ends at the proxy", "The server accepts"),
        ("P07", OFF, "Backups are off here", "age file"),
        ("P07", OWN, "until the operator has moved it away", "off"),
        ("P07", BUCKET, "a key of the operator's", "moved it away"),
        ("P10", {"provider": None}, "Not offered here", "PKCE"),
        ("P10", AT_GOOGLE, "PKCE, at Google", "Not offered"),
        ("P10", ELSEWHERE, "PKCE, at id.example.org", "at Google"),
        ("P11", {}, "After 1 hour without activity, and after 1 day in total", "10 hours"),
        ("P11", SHORT, "After 10 hours without activity, and after 7 days in total", "1 hour"),
        ("P13", {}, "There is no certificate", "automatic certificates"),
        ("P13", SELF_SIGNED, "self-signed", "provider"),
        ("P13", CERTIFICATE, "the operator installs", "automatic certificates"),
        ("P13", {**HTTPS, "proxies": 1}, "Certificates come from the proxy or the hosting provider", "self-signed"),
        ("P14", OFF, "Backups are off here", "automatic backups"),
        ("P14", OWN, "A backup is made every day, to a folder", "once the operator"),
        ("P14", BUCKET, "every day, to the S3 bucket roles", "once the operator"),
        ("P19", {**HTTPS, "mail_url": None}, "told in your log", "email"),
        ("P19", WITH_MAIL, "told by email, in your log", "{"),
        ("P26", {}, "Within a day", "by hand"),
        ("P26", {"rotates_by_hand": True}, "by hand here", "Within a day"),
        ("P29", {"security_contact": None}, "no contact", "24 hours"),
        ("P29", {**WITH_MAIL, "security_contact": "a@example.org"}, "an email six hours before", "no contact"),
        ("P29", {**HTTPS, "mail_url": None, "security_contact": "a@example.org"}, "tmr doctor fails", "an email"),
    ],
)
def test_p04_a_promise_says_what_is_so_with_these_settings(
    settings: Settings, number: str, changes: dict[str, object], is_said: str, is_not: str
) -> None:
    told = promise(settings, number, **changes)
    words = " ".join(" ".join((told.title, told.kept, told.check)).split())

    assert is_said in words
    assert is_not not in words


@pytest.mark.parametrize("changes", [{}, OFF, BUCKET, CERTIFICATE, SELF_SIGNED, SHORT, ELSEWHERE, WITH_MAIL])
def test_p11_the_page_never_contradicts_itself(services, changes: dict[str, object]) -> None:
    changed = msgspec.structs.replace(services.settings, **changes)
    app = create_app(msgspec.structs.replace(services, settings=changed))
    page = Browser(app).client.get("/privacy", base_url=changed.base_url).text
    text = " ".join(re.sub(r"<[^>]+>", " ", page).split())

    assert not re.search(r"[{}]", text)
    assert "ertified-grade" not in text
    for idle in ("1 hour without activity", "10 hours without activity"):
        assert (idle in text) == idle.startswith("10" if changes is SHORT else "1 ")
    assert not re.search(r"\ban hour without|\ba day in total", text)
    if not changed.backup_target:
        assert "made daily" not in text
        assert "automatic backups" not in text
