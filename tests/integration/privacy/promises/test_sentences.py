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
from tmr.operations.doctor.local_checks import CheckContext, links
from tmr.operations.doctor.report import OFF as OFF_STATE
from tmr.privacy.promises.processors import processors
from tmr.privacy.promises.promises import Promise, promises_of
from tmr.privacy.promises.this_installation import facts_of, in_words
from tmr.repository.access.disclosures import PublicCounts
from tmr.repository.database.installation_facts import Rotation, Standing

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
CONTEXT = CheckContext(None, None, int, list, frozenset(), "tmr_app", dt.datetime.now(dt.UTC))


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
        ("P26", {"keyring": "{}"}, "by hand here", "Within a day"),
        ("P26", {}, "kept for a week, with your address and not sealed", "nothing left on the disk"),
        ("P26", WITH_MAIL, "Within a day", "not sealed"),
        ("P19", {}, "told in your log", "email"),
        ("P29", {"security_contact": "a@example.org"}, "tmr doctor fails", "an email"),
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


def test_p26_a_keyring_that_was_found_unwritable_is_rotated_by_hand(settings: Settings) -> None:
    """Seen failing with the settings asked alone: "within a day" for a keyring that nothing here may write."""
    found = Rotation(reason="the keyring cannot be written")
    told = next(each for each in promises_of(settings, found).promise if each.id == "P26")
    standing = Standing(found, None, None, PublicCounts([], 0, None))
    keys = {fact.what: fact.words for fact in facts_of(settings, standing, is_kit_here=False, release="x")}["Keys"]

    assert "by hand here" in told.kept
    assert "by hand" in keys
    assert "within a day" not in keys


@pytest.mark.parametrize("standing", [None, Rotation()])
def test_p26_a_rotation_by_hand_is_said_before_one_is_due(settings: Settings, standing: Rotation | None) -> None:
    changed = msgspec.structs.replace(settings, rotates_by_hand=True)
    facts = facts_of(changed, Standing(standing, None, None, PublicCounts([], 0, None)), is_kit_here=False, release="x")

    assert "by hand" in next(fact.words for fact in facts if fact.what == "Keys")


def test_p11_every_length_of_time_is_told_to_the_minute() -> None:
    """Seen failing with 149 minutes told as 2 hours."""
    minutes = {"day": 1_440, "hour": 60, "minute": 1}
    for count in range(1, 60 * 24 * 31):
        words = in_words(dt.timedelta(minutes=count)).replace(",", "").split()
        pairs = list(zip(words[::2], words[1::2], strict=True))
        assert sum(int(number) * minutes[unit.removesuffix("s")] for number, unit in pairs) == count, words
        assert all((number == "1") != unit.endswith("s") for number, unit in pairs)
    assert in_words(dt.timedelta(minutes=149)) == "2 hours 29 minutes"


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("postgresql+psycopg://a@/tmr?host=db1.example.net,db2.example.net", "db1.example.net, db2.example.net"),
        ("postgresql+psycopg://a@localhost/tmr?host=db.example.net", "db.example.net"),
        ("postgresql+psycopg://a@db.example.net/tmr?hostaddr=192.0.2.1", "db.example.net, 192.0.2.1"),
        ("postgresql+psycopg://a@localhost/tmr", "this machine"),
        ("postgresql+psycopg://a@/tmr?host=/run/postgresql", "this machine"),
    ],
)
def test_p01_p05_every_host_of_the_database_is_named(settings: Settings, url: str, named: str) -> None:
    """Seen failing with the host before the path alone: other machines were called this one."""
    changed = msgspec.structs.replace(settings, database_url=url, migration_url=url)
    context = msgspec.structs.replace(CONTEXT, settings=changed)

    assert processors(changed)[0].host == named
    assert named in next(links(context)).seen
    assert (next(links(context)).state == OFF_STATE) == (named == "this machine")


def test_p01_every_host_that_a_sign_in_may_ask_is_named(settings: Settings) -> None:
    """Seen failing at Google, which publishes its endpoints on several hosts."""
    for changes in (AT_GOOGLE, ELSEWHERE):
        changed = msgspec.structs.replace(settings, **changes)
        assert processors(changed)[2].host == ", ".join(changed.provider.hosts)
    assert "oauth2.googleapis.com" in AT_GOOGLE["provider"].hosts


@pytest.mark.parametrize(("changes", "what"), [({}, "emails go"), (HTTPS, "messages to the operator go")])
def test_p04_where_mail_goes_without_a_server_is_said_once_and_the_same(settings, changes, what: str) -> None:
    changed = msgspec.structs.replace(settings, mail_url=None, **changes)
    standing = Standing(None, None, None, PublicCounts([], 0, None))
    facts = facts_of(changed, standing, is_kit_here=False, release="x")

    assert what in processors(changed)[1].host
    assert "folder on this machine for a week, not sealed" in next(one.words for one in facts if one.what == "Mail")
