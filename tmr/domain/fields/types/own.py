"""The types that only a person's own fields have: a line of text, a number, money, and one of their own choices."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from typing import ClassVar

import msgspec

from tmr.domain.fields.amounts import canonical_amount, read_amount
from tmr.domain.fields.folding import fold, searchable
from tmr.domain.fields.type import FieldType, Names, SortKey, ValueRefusedError, Wire
from tmr.domain.fields.types.choices import Choice, shortened
from tmr.domain.fields.types.numbers import Currency
from tmr.domain.locales.locale import NO_BREAK, Locale
from tmr.domain.locales.typed_dates import Typing

_SPACES = re.compile(r"[\s'’_]")
_GROUPS_OF_POINTS = re.compile(r"-?[1-9]\d{0,2}(\.\d{3})+", re.ASCII)
_GROUPS_OF_COMMAS = re.compile(r"-?[1-9](?:\d{0,2}(,\d{3})+|\d?(,\d\d)+,\d{3})", re.ASCII)  # lakhs too: 12,34,567
_DECIMAL = re.compile(r"-?\d{1,15}(?:[.,]\d{1,6})?", re.ASCII)
_MONEY = re.compile(r"([^\d\s.,'’-]{0,3})\s*([\d][\d\s.,'’_]*[kKmM]?)\s*([^\d\s.,'’-]{0,3})", re.ASCII)


class Line(FieldType):
    """Text on one line, with more room than a name needs."""

    max_length = 1_000


class Number(FieldType):
    """A number of up to 15 digits and six decimals, kept as canonical text.

    The canonical text never has exactly three decimals, since that is how people group thousands: 3.725 is kept as
    ``3.7250``, which every locale reads as the same number.
    """

    input_attributes: ClassVar = {"inputmode": "decimal"}
    display = "number"
    directions: ClassVar[tuple[str, str]] = ("lowest first", "highest first")
    is_typed_as_shown = False

    def read(self, text: str, typing: Typing) -> str:
        return with_decimal_point(text) if typing.locale.decimal == "," else text

    def typed(self, value: Wire, locale: Locale, _zone: dt.tzinfo) -> str:
        return shown_number(str(value), locale) if value else ""

    def parse(self, text: str) -> Wire:
        bare = _without_groups(_bare(text))
        if not bare:
            return None
        if not _DECIMAL.fullmatch(bare):
            raise ValueRefusedError("Enter a number, for example 12, 3.5 or -40.")
        return _canonical(Decimal(bare.replace(",", ".")))

    def sort_key(self, value: Wire) -> SortKey:
        return Decimal(str(value))


class Money(FieldType):
    """An amount with its currency, kept as ``1200 EUR``; an amount alone is one too. Nothing converts."""

    input_attributes: ClassVar = {"placeholder": "1200 EUR"}
    display = "money"
    directions: ClassVar[tuple[str, str]] = ("lowest first", "highest first")
    is_typed_as_shown = False

    def typed(self, value: Wire, locale: Locale, _zone: dt.tzinfo) -> str:
        return shown_money(str(value), locale) if value else ""

    def parse(self, text: str) -> Wire:
        bare = " ".join(text.split())
        if not bare:
            return None
        match = _MONEY.fullmatch(bare) if len(bare) <= 40 else None
        amount = read_amount(match[2]) if match else None
        if match is None or amount is None or (match[1] and match[3]):
            raise ValueRefusedError("Enter an amount and its currency, for example 1200 EUR or $65k.")
        if amount >= 10**12:
            raise ValueRefusedError("An amount can have at most 12 digits.")
        currency = Currency().parse(match[1] or match[3])
        return " ".join(filter(None, (canonical_amount(amount), str(currency or ""))))

    def sort_key(self, value: Wire) -> SortKey:
        return Decimal(str(value).partition(" ")[0])


class OwnChoice(msgspec.Struct, frozen=True):
    """One choice of a person's own field: its key in storage, which never changes, and what people read.

    A retired choice is offered no more; the records that have it keep it.
    """

    key: str
    label: str
    is_retired: bool = False


class OwnChoices(Choice):
    """One choice of a person's own list, by its words; exports carry the words, since the keys mean nothing outside."""

    is_searched = False  # people search for the words, never for the keys

    def __init__(self, choices: Sequence[OwnChoice]) -> None:
        super().__init__()
        self.options = tuple((choice.key, choice.label) for choice in choices if not choice.is_retired)
        self._labels = {choice.key: choice.label for choice in choices}
        self._order = {choice.key: position for position, choice in enumerate(choices)}
        self._choices = tuple(choices)

    @cached_property
    def _by_label(self) -> Mapping[str, str]:
        """Keys by what people type; made when something is read, since pages that only show have no use for it."""
        in_order = sorted(self._choices, key=lambda choice: not choice.is_retired)
        return {fold(choice.label): choice.key for choice in reversed(in_order)}

    def parse(self, text: str) -> Wire:
        bare = text.strip()
        if not bare:
            return None
        key = bare if bare in self._labels else self._by_label.get(fold(bare))
        if key is None:
            listed = ", ".join(label for _, label in self.options[:20])
            raise ValueRefusedError(f"Choose one of: {listed}." if listed else "This field has no choices yet.")
        return key

    def write(self, value: Wire) -> str:
        return self.label(value)

    def keys_with(self, term: str, _names: Names) -> set[str] | None:
        return {key for key, label in self._labels.items() if term in searchable(label)}

    def control_options(self, value: str) -> Sequence[tuple[str, str]]:
        """Return the words of the choices, with the current one even if it is retired, or is none of them."""
        labels = [label for _, label in self.options]
        current = [] if not value or value in labels else [(value, shortened(value))]
        return [*current, *((label, label) for label in labels)]


def shown_number(canonical: str, locale: Locale) -> str:
    """Return a number, kept as canonical text, as people of a place write it."""
    sign, digits = ("-", canonical[1:]) if canonical.startswith("-") else ("", canonical)
    whole, _, decimals = digits.partition(".")
    return sign + locale.amount(".".join(filter(None, (whole, decimals.rstrip("0")))))


def shown_money(canonical: str, locale: Locale) -> str:
    """Return an amount with its currency as people of a place write it."""
    amount, _, currency = canonical.partition(" ")
    return NO_BREAK.join(filter(None, (locale.amount(amount), currency)))


def with_decimal_point(text: str) -> str:
    """Return a number that has a comma before its decimals as ``Number.parse`` reads it; what is none stays one."""
    bare = _bare(text)
    return bare.replace(".", "") if _GROUPS_OF_POINTS.fullmatch(bare) else _with_point(bare)


def _bare(text: str) -> str:
    return _SPACES.sub("", text).replace("−", "-").removeprefix("+")


def _with_point(bare: str) -> str:
    """Return a number whose only separator is a comma with a point instead."""
    return bare.replace(",", ".") if bare.count(",") == 1 and "." not in bare else bare


def _without_groups(bare: str) -> str:
    """Return a number with no separator but that of its decimals: of two different ones, that is the last."""
    if "," in bare and "." in bare:
        last = max(bare.rindex(","), bare.rindex("."))
        whole, decimals = bare[:last], bare[last + 1 :]
        is_grouped = (_GROUPS_OF_COMMAS if bare[last] == "." else _GROUPS_OF_POINTS).fullmatch(whole)
        return f"{re.sub('[.,]', '', whole)}.{decimals}" if is_grouped else bare
    if _GROUPS_OF_COMMAS.fullmatch(bare) or (bare.count(".") > 1 and _GROUPS_OF_POINTS.fullmatch(bare)):
        return re.sub("[.,]", "", bare)
    return bare


def _canonical(number: Decimal) -> str:
    text = f"{number:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    whole, _, decimals = text.partition(".")
    if len(decimals) == 3:
        text += "0"
    return "0" if Decimal(text) == 0 else f"{'-' if whole.startswith('-') else ''}{text.lstrip('-')}"
