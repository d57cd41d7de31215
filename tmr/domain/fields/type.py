"""What a field can hold: how each type is read from text, kept, sorted and written back."""

import datetime as dt
import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import ClassVar
from urllib.parse import urlsplit

import msgspec

from tmr.domain.fields.amounts import canonical_amount, read_amount
from tmr.domain.fields.folding import fold, searchable
from tmr.domain.pipeline.pipeline import DEFAULT_PIPELINE, Pipeline

Wire = str | int | list[str] | None
SortKey = str | int | Decimal


class ValueRefusedError(ValueError):
    """What was typed cannot be this field's value; the message says what would be."""


class FieldType:
    """Plain text on one line; the base of the other types.

    ``parse`` returns the value as it is kept (None when empty) and is the left inverse of ``write``.
    """

    control = "text_field"
    max_length = 300

    def parse(self, text: str) -> Wire:
        """Read what a person typed or a file holds, or raise ``ValueRefusedError``."""
        line = " ".join(text.split())
        return self._within_length(line) or None

    def write(self, value: Wire) -> str:
        """Return the text of ``value`` for a form, a CSV cell or a search."""
        return "" if value is None else str(value)

    def label(self, value: Wire) -> str:
        """Return what people read for ``value``."""
        return self.write(value)

    def sort_key(self, value: Wire) -> SortKey:
        """Return what ``value`` is sorted by; never called with None."""
        return searchable(str(value))

    def _within_length(self, text: str) -> str:
        if "\0" in text or not is_text(text):
            raise ValueRefusedError("This has a character that can't be saved. Remove it and try again.")
        if len(text) > self.max_length:
            raise ValueRefusedError(f"This is too long: {len(text):,} characters. The limit is {self.max_length:,}.")
        return text


class LongText(FieldType):
    """Text of many lines, kept as typed but for the form of its line ends."""

    control = "text_area"
    max_length = 50_000

    def parse(self, text: str) -> Wire:
        lines = text.replace("\r\n", "\n").replace("\r", "\n")
        return self._within_length(lines) if lines.strip() else None


class Url(FieldType):
    """A web address, http or https only."""

    control = "url_field"
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


class Choice(FieldType):
    """One word of a fixed list; accents, case and separators are folded."""

    control = "choice_field"

    def __init__(self, *labels: str) -> None:
        self.options = tuple((label.lower(), label) for label in labels)
        self._labels = dict(self.options)
        self._by_word = {fold(word): key for key, label in self.options for word in (key, label)}
        self._order = {key: position for position, (key, _) in enumerate(self.options)}

    def parse(self, text: str) -> Wire:
        if not text.strip():
            return None
        key = self._by_word.get(fold(text))
        if key is None:
            raise ValueRefusedError(f"Choose one of: {', '.join(label for _, label in self.options)}.")
        return key

    def label(self, value: Wire) -> str:
        return self._labels.get(str(value), str(value)) if value is not None else ""

    def sort_key(self, value: Wire) -> SortKey:
        return self._order.get(str(value), len(self._order))


class StageChoice(Choice):
    """A stage of a person's pipeline, by any word that names it."""

    control = "stage_field"

    def __init__(self, pipeline: Pipeline = DEFAULT_PIPELINE) -> None:
        super().__init__()
        self.pipeline = pipeline
        self.options = tuple((stage.key, stage.label) for stage in pipeline.active)
        self._labels = {stage.key: stage.label for stage in pipeline.stages}
        self._order = dict(pipeline.order)

    def parse(self, text: str) -> Wire:
        if not text.strip():
            return None
        stage = self.pipeline.find(text)
        if stage is None:
            raise ValueRefusedError(f"Choose one of: {', '.join(label for _, label in self.options)}.")
        return stage.key


class PastStage(StageChoice):
    """A stage that an application was in once: retired ones, and those of another pipeline, are kept as they are."""

    def parse(self, text: str) -> Wire:
        if text in self.pipeline.by_key:
            return text
        stage = self.pipeline.find(text)
        return stage.key if stage else (self._within_length(" ".join(text.split()))[:60] or None)


class Flag(Choice):
    """Yes or no; empty is neither."""

    words: ClassVar[dict[str, str]] = {"true": "yes", "1": "yes", "on": "yes", "false": "no", "0": "no", "off": "no"}

    def __init__(self) -> None:
        super().__init__("Yes", "No")

    def parse(self, text: str) -> Wire:
        return super().parse(self.words.get(text.strip().lower(), text))


class Date(FieldType):
    """A calendar date, kept as ``YYYY-MM-DD``."""

    control = "date_field"

    def parse(self, text: str) -> Wire:
        if not text.strip():
            return None
        try:
            date = dt.date.fromisoformat(text.strip())
        except ValueError:
            raise ValueRefusedError("Enter the date as year-month-day, for example 2026-11-24.") from None
        if not 1900 <= date.year <= 2200:
            raise ValueRefusedError("Enter a year between 1900 and 2200.")
        return date.isoformat()

    def sort_key(self, value: Wire) -> SortKey:
        return str(value)


class Amount(FieldType):
    """An amount of money without its currency: up to 12 digits and two decimals, kept as canonical text."""

    control = "amount_field"

    def parse(self, text: str) -> Wire:
        if not text.strip():
            return None
        amount = read_amount(text)
        if amount is None:
            raise ValueRefusedError("Enter the amount in numbers, for example 65000 or 65k, without the currency.")
        if amount >= 10**12:
            raise ValueRefusedError("An amount can have at most 12 digits.")
        return canonical_amount(amount)

    def sort_key(self, value: Wire) -> SortKey:
        return Decimal(str(value))


class Currency(FieldType):
    """A currency's three-letter code (ISO 4217), any that has the form."""

    control = "currency_field"
    symbols: ClassVar[dict[str, str]] = {
        "€": "EUR",
        "$": "USD",
        "£": "GBP",
        "¥": "JPY",
        "₹": "INR",
        "₩": "KRW",
        "zł": "PLN",
    }

    def parse(self, text: str) -> Wire:
        code = self.symbols.get(text.strip(), text.strip()).upper()
        if code and not re.fullmatch(r"[A-Z]{3}", code):
            raise ValueRefusedError("Enter the currency's three-letter code, for example EUR or USD.")
        return code or None


class Rating(FieldType):
    """A whole number from 0 to 5; 0 is a value of its own, empty is none."""

    control = "rating_field"
    options = tuple((str(n), str(n)) for n in range(6))

    def parse(self, text: str) -> Wire:
        bare = text.strip()
        if not bare:
            return None
        try:
            number = Decimal(bare)
        except InvalidOperation:
            number = Decimal(-1)
        if not number.is_finite() or number not in range(6):
            raise ValueRefusedError("Choose a whole number from 0 to 5.")
        return int(number)

    def sort_key(self, value: Wire) -> SortKey:
        return int(str(value))


class Tags(FieldType):
    """Up to 20 short words, kept in the order given, each once."""

    control = "tags_field"
    separators = re.compile(r"[;,|\n]")
    max_tags = 20
    max_length = 40

    def parse(self, text: str) -> Wire:
        words = [self._within_length(" ".join(word.split())) for word in self.separators.split(text)]
        unique: dict[str, str] = {}
        for word in filter(None, words):
            unique.setdefault(searchable(word), word)
        tags = list(unique.values())
        if len(tags) > self.max_tags:
            raise ValueRefusedError(f"You can add at most {self.max_tags} tags.")
        return tags or None

    def write(self, value: Wire) -> str:
        return "; ".join(value) if isinstance(value, list) else ""

    def sort_key(self, value: Wire) -> SortKey:
        return searchable(self.write(value))


class Email(FieldType):
    """An address for mail; only its form is checked."""

    control = "email_field"

    def parse(self, text: str) -> Wire:
        address = self._within_length(text.strip().removeprefix("mailto:"))
        if address and not re.fullmatch(r"[^\s@<>\"]+@[^\s@<>\"]+", address):
            raise ValueRefusedError("Enter an email address, for example ada@example.org.")
        return address or None


class Size(FieldType):
    """A whole number of bytes."""

    control = "size_field"

    def parse(self, text: str) -> Wire:
        if text.strip() and not (text.isascii() and text.isdigit() and len(text) < 16):
            raise ValueRefusedError("This is not a number of bytes.")
        return int(text) if text.strip() else None

    def sort_key(self, value: Wire) -> SortKey:
        return int(str(value))


def is_text(text: str) -> bool:
    """Whether ``text`` can be written in UTF-8: it holds no lone surrogate."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def is_web_address(url: str) -> bool:
    """Whether ``url`` is absolute, http or https, names a host, and holds no white space or controls."""
    if any(char.isspace() or not char.isprintable() for char in url):
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One field of a kind of record; see ``Kind``."""

    name: str
    label: str
    number: int
    type: FieldType
    section: str = "summary"
    is_required: bool = False
    missing: str = ""
    default: str = ""
    hint: str = ""
    aliases: Sequence[str] = ()
    words: str = ""
    is_column: bool = True
    is_shown: bool = True
    is_quick: bool = False
    is_due: bool = False
    is_fixed: bool = False
    together: Sequence[str] = ()
    not_below: str = ""
