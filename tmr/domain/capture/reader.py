"""Reads whatever a person brings: a mail if it looks like one, else a posting."""

import datetime as dt
import re
from typing import Any

import msgspec

from tmr.domain.capture.mail.kinds import OTHER
from tmr.domain.capture.mail.letter import is_mail
from tmr.domain.capture.mail.parts import decode
from tmr.domain.capture.mail.reader import Mail, read_mail
from tmr.domain.capture.page.markup import is_markup
from tmr.domain.capture.posting.reader import Posting, read_posting

_CHARSET = re.compile(rb"charset\s{0,9}=\s{0,9}[\"']?([\w-]{2,30})", re.IGNORECASE)
_SURROGATES = re.compile("[\ud800-\udfff]")
_GREETING = re.compile(
    r"\s*(?:hi|hello|dear|hallo|guten (?:tag|morgen)|sehr geehrte|liebe[rs]?"
    r"|bonjour|cher|chère|madame|hola|estimad[oa])\b",
    re.IGNORECASE,
)


class Captured(msgspec.Struct, frozen=True, tag=True):
    """What was read: a posting or a mail."""

    posting: Posting | None = None
    mail: Mail | None = None


def read_captured(content: bytes, url: str, now: dt.datetime, zone: str) -> Captured:
    """Read a mail or a posting; ``url`` is the address of a posting if that is known.

    ``now`` is when it was brought, by the clock of the person, whose time zone is ``zone``. Every text in what is
    returned can be written as UTF-8.
    """
    read: Captured = _without_surrogates(_read(content, url, now, zone))
    return read


def _read(content: bytes, url: str, now: dt.datetime, zone: str) -> Captured:
    if is_mail(content):
        return Captured(mail=read_mail(content, now, zone))
    text = _text(content)
    if not url and not is_markup(text) and _GREETING.match(text):
        mail = read_mail(content, now, zone)
        if mail.kind != OTHER:
            return Captured(mail=mail)
    return Captured(posting=read_posting(text, url))


def _without_surrogates(value: Any) -> Any:
    """Return what was read with a mark for each half of a character, which JSON and some charsets can say."""
    if isinstance(value, str):
        return _SURROGATES.sub("\ufffd", value)
    if isinstance(value, dict):
        return {key: _without_surrogates(one) for key, one in value.items()}
    if isinstance(value, msgspec.Struct):
        names = value.__struct_fields__
        return type(value)(**{name: _without_surrogates(getattr(value, name)) for name in names})
    return value


def _text(content: bytes) -> str:
    """Return a page or a text in its charset: what a browser has pasted is UTF-8 whatever the page says."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        said = _CHARSET.search(content[:2_000])
        return decode(content, said[1].decode() if said else "")
