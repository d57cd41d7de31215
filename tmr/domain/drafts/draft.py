"""Emails drafted from a person's own templates: placeholders are filled in, and a mail program opens the result."""

import re
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from urllib.parse import quote

import msgspec

from tmr.domain.fields.type import is_text

TEMPLATE = "message template"  # the type of the documents that hold one
SUBJECT = re.compile(r"\s*(?P<word>Subject|Betreff|Objet|Asunto)\s*:\s*(?P<words>[^\n]*)\n?", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"\{((?:[^\W\d_]| ){1,30})\}")
LONGEST_LINK = 1_900  # characters: some mail programs cut a longer one off
LONGEST = 10_000  # of a draft


class Language(msgspec.Struct, frozen=True):
    """The template that comes with the app in one language, its name, and how the language calls placeholders.

    ``subject`` is the word before the subject; ``date_pattern`` is empty where dates are as the person has them.
    """

    name: str
    title: str
    subject: str
    text: str
    placeholders: dict[str, str]
    date_pattern: str = ""


class Draft(msgspec.Struct, frozen=True):
    """A subject and a text with their placeholders filled in; ``unknown`` are those that nothing was known for."""

    subject: str
    text: str
    unknown: tuple[str, ...] = ()

    def link(self, address: str = "") -> str:
        """Return the address that opens this draft in a mail program; nothing is sent by it."""
        to = quote(address, safe="@+") if is_plain_address(address) else ""
        lines = self.text.replace("\n", "\r\n")
        return f"mailto:{to}?subject={quote(self.subject, safe='')}&body={quote(lines, safe='')}"


def draft_of(template: str, values: Mapping[str, str]) -> Draft:
    """Return the draft that a template makes of these values, which are by the names of their placeholders.

    A value is never looked through for placeholders itself. One without a value stays as it is.
    """
    unknown: dict[str, None] = {}
    own_words = language_of(template).placeholders

    def fill(match: re.Match[str]) -> str:
        said = " ".join(match[1].lower().split())
        value = values.get(own_words.get(said, said)) or values.get(said)
        if not value:
            unknown[said] = None
        return value or match[0]

    first = SUBJECT.match(template)
    subject, text = (first["words"], template[first.end() :]) if first else ("", template)
    filled = [_PLACEHOLDER.sub(fill, part)[:LONGEST].strip() for part in (subject, text)]
    return Draft(" ".join(filled[0].split()), filled[1], tuple(unknown))


def language_of(template: str) -> Language:
    """Return the language that the word before the subject is of; English where there is none."""
    first = SUBJECT.match(template)
    word = first["word"].lower() if first else ""
    return next((one for one in LANGUAGES.values() if one.subject.lower() == word), LANGUAGES["en"])


def is_plain_address(address: str) -> bool:
    """Whether ``address`` is one address and nothing else: no list, no header, no parameter."""
    return is_text(address) and bool(re.fullmatch(r"[^\s,;:<>()\[\]\\\"?&%=@]+@[^\s,;:<>()\[\]\\\"?&%=@]+", address))


def _languages() -> dict[str, Language]:
    path = files("tmr.domain.drafts") / "templates.toml"
    return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), dict[str, Language])


LANGUAGES = _languages()
