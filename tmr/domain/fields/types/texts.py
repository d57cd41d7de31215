"""Fields that hold text: of many lines, an address, tags."""

import re
from collections.abc import Callable, Sequence
from typing import ClassVar

from tmr.domain.fields.folding import searchable
from tmr.domain.fields.type import FieldType, SortKey, ValueRefusedError, Wire, is_web_address


class LongText(FieldType):
    """Text of many lines, kept as typed but for the form of its line ends."""

    control = "lines"
    is_typed_as_shown = False
    max_length = 50_000

    def parse(self, text: str) -> Wire:
        lines = text.replace("\r\n", "\n").replace("\r", "\n")
        return self._within_length(lines) if lines.strip() else None


class Url(FieldType):
    """A web address, http or https only."""

    input_attributes: ClassVar = {"inputmode": "url", "autocapitalize": "off", "spellcheck": "false"}
    is_typed_as_shown = False
    max_length = 2_000

    def parse(self, text: str) -> Wire:
        url = self._within_length(text.strip())
        if not url:
            return None
        if re.match(r"[\w.-]+\.[a-z]{2,}(/|$)", url, re.IGNORECASE | re.ASCII):
            url = "https://" + url
        if not is_web_address(url):
            raise ValueRefusedError("Enter a web address that starts with https:// or http:// and has no spaces.")
        return url


class Email(FieldType):
    """An address for mail; only its form is checked."""

    input_attributes: ClassVar = {"inputmode": "email", "autocapitalize": "off", "spellcheck": "false"}

    def parse(self, text: str) -> Wire:
        address = self._within_length(text.strip().removeprefix("mailto:"))
        if address and not re.fullmatch(r"[^\s@<>\"]+@[^\s@<>\"]+", address):
            raise ValueRefusedError("Enter an email address, for example ada@example.org.")
        return address or None


class Tags(FieldType):
    """Up to 20 short words, kept in the order given, each once."""

    display = "tags"
    filter_name = "tag"
    takes_many = True
    separators = re.compile(r"[;,|\n]")
    max_tags = 20
    max_length = 40

    def parse(self, text: str) -> Wire:
        words = (self._within_length(" ".join(word.split())) for word in self.separators.split(text))
        unique: dict[str, str] = {}
        for word in dict.fromkeys(filter(None, words)):
            unique.setdefault(searchable(word), word)
            if len(unique) > self.max_tags:  # before the next one is read: a form can hold a hundred thousand
                raise ValueRefusedError(f"You can add at most {self.max_tags} tags.")
        return list(unique.values()) or None

    def write(self, value: Wire) -> str:
        return "; ".join(value) if isinstance(value, list) else ""

    def sort_key(self, value: Wire) -> SortKey:
        return searchable(self.write(value))

    def filter_word(self, word: str) -> str | None:
        return " ".join(word.split())[:60]

    def filter_test(self, words: Sequence[str]) -> Callable[[Wire], bool]:
        wanted = {searchable(word) for word in words}
        return lambda value: isinstance(value, list) and any(searchable(tag) in wanted for tag in value)
