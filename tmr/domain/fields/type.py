"""A field, and what its type decides: how it is read, stored, sorted, searched, filtered, shown and written."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import ClassVar
from urllib.parse import quote, urlsplit

import msgspec

from tmr.domain.fields.folding import searchable
from tmr.domain.locales.locale import Locale
from tmr.domain.locales.typed_dates import Typing
from tmr.domain.pipeline.pipeline import Pipeline

Wire = str | int | list[str] | None
SortKey = str | int | Decimal
NUMBERS = frozenset({"amount", "number", "money", "stars", "length", "bytes"})  # how numbers are displayed
Names = Mapping[str, str]  # what linked records are called, by their ids


class ValueRefusedError(ValueError):
    """What was typed cannot be this field's value; the message says what can."""


class FieldType:
    """Plain text on one line; the base of the other types, which are in ``types`` beside this module.

    ``parse`` returns the value as it is stored (None when empty), and reads back what ``write`` returns.
    """

    control = "line"  # the template in templates/controls/fields that draws it
    input_type = "text"
    input_attributes: ClassVar[Mapping[str, object]] = {}
    datalist = ""  # the id of the list of suggestions
    has_blank = True  # whether a list to choose from begins with an empty choice, even where the field has a default
    display = "text"  # the writer in web/display/cells.py
    is_typed_as_shown = True  # a cell's editor can begin with the text that the cell shows
    picker = ""  # the type of the browser's own input that can choose a value beside the text, such as ``date``
    is_past = False  # a day or moment in words is read as one that has been
    is_local = False  # a moment that people read and type in their own zone
    is_dated = False  # lists can be narrowed by it
    is_searched = True  # a search looks into the stored value
    takes_many = False  # a form may send it several times
    keeps_what_is_shown = (
        False  # what a form shows of a value may read back as another one, so what comes back unchanged is left alone
    )
    directions: ClassVar[tuple[str, str]] = (
        "A to Z",
        "Z to A",
    )  # what sorting by it, and the other way round, is called
    filter_name = ""  # in an address, where it is not the name of the field
    max_length = 300

    def parse(self, text: str) -> Wire:
        """Read what a person typed or a file holds, or raise ``ValueRefusedError``."""
        line = " ".join(text.split())
        return self._within_length(line) or None

    def write(self, value: Wire) -> str:
        """Return the text of ``value`` for a form, a CSV cell or a search."""
        return "" if value is None else str(value)

    def read(self, text: str, _typing: Typing) -> str:
        """Return what a person typed in the form that ``parse`` reads; text that means nothing stays as it is."""
        return text

    def typed(self, value: Wire, _locale: Locale, _zone: dt.tzinfo) -> str:
        """Return the text of ``value`` in a form, as that person writes it; ``read`` takes it back."""
        return self.write(value)

    def label(self, value: Wire) -> str:
        """Return what people read for ``value``."""
        return self.write(value)

    def sort_key(self, value: Wire) -> SortKey:
        """Return what ``value`` is sorted by; never called with None."""
        return searchable(str(value))

    def sort_key_with(self, _names: Names) -> Callable[[Wire], SortKey]:
        """Return what values are sorted by; ``_names`` is what linked records are called."""
        return self.sort_key

    def label_with(self, value: Wire, _names: Names) -> str:
        """Return what people read for ``value``; linked records are called as ``_names`` says."""
        return self.label(value)

    def bound(self, _pipeline: Pipeline) -> "FieldType":
        """Return this type for one person's stages."""
        return self

    @property
    def is_number(self) -> bool:
        """Whether values are amounts of something: lists can be narrowed to some of them, and add them up."""
        return self.display in NUMBERS

    def number(self, value: Wire) -> Decimal | None:
        """Return the number in a value of a type of numbers; None where it is empty."""
        return None if value is None else Decimal(self.sort_key(value))

    def unit(self, value: Wire) -> str:
        """Return the unit that a number carries itself, such as the currency of ``1200 EUR``; empty without one."""
        return str(value).partition(" ")[2]

    @property
    def filter_options(self) -> Sequence[tuple[str, str]]:
        """The keys and words that a list can be narrowed by; none unless the field holds one word of a list."""
        return ()

    @property
    def quick_options(self) -> Sequence[tuple[str, str]]:
        """The words above a list that narrow it with one click."""
        return self.filter_options

    def filter_word(self, _word: str) -> str | None:
        """Return the key that a word in an address means for a filter, or None where it means nothing."""
        return None

    def filter_test(self, words: Sequence[str]) -> Callable[[Wire], bool]:
        """Return a test of whether a value is among those that a list is narrowed to."""
        return set(words).__contains__  # called for every record, so without a function around it

    def keys_with(self, _term: str, _names: Names) -> set[str] | None:
        """Return the keys whose words contain ``_term``, since people search for what they see; None for plain text."""
        return None

    def control_options(self, _value: str) -> Sequence[tuple[str, str]]:
        """Return the keys and words that a form offers while ``_value`` is chosen."""
        return ()

    def _within_length(self, text: str) -> str:
        if "\0" in text or not is_text(text):
            raise ValueRefusedError("This has a character that can't be saved. Remove it and try again.")
        if len(text) > self.max_length:
            raise ValueRefusedError(f"This is too long: {len(text):,} characters. The limit is {self.max_length:,}.")
        return text


def is_text(text: str) -> bool:
    """Whether ``text`` can be written in UTF-8: it holds no lone surrogate."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def is_web_address(url: str) -> bool:
    """Whether ``url`` is absolute, http or https, names a host, and has no white space or controls."""
    if " " in url or not url.isprintable():  # the only white space that is printable is the blank
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


class Opening(msgspec.Struct, frozen=True):
    """The link that the value of a field becomes.

    It reads ``words`` on the record's page (the value itself if they are empty), and ``short`` on an application's page
    (no link if that is empty). ``scheme`` comes before the value in the address; without one, only a value that is a
    web address becomes a link.
    """

    words: str = ""
    short: str = ""
    scheme: str = ""

    def address(self, value: str) -> str:
        """Return where ``value`` leads to; what is in it is one address or number, and adds nothing to the link."""
        return self.scheme + quote(value.replace(" ", ""), safe="@+()")


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One field of a kind of record; see ``Kind``."""

    name: str
    label: str
    number: int
    type: FieldType
    section: str = "summary"
    is_required: bool = False
    missing: str = ""
    stand_in: str = ""
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
    short_label: str = ""
    not_below: str = ""
    units: Sequence[str] = ()
    is_headline: bool = False
    is_in_panel: bool = False
    opens: Opening | None = None
    role: str = ""
    is_own: bool = False

    @property
    def header(self) -> str:
        """What its column is called in an export: a person's own field by its label, which they know it by."""
        return self.label if self.is_own else self.name
