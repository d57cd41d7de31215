"""Fields that hold a number: an amount and its currency, a rating, a size."""

import datetime as dt
import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import ClassVar

from tmr.domain.fields.amounts import canonical_amount, read_amount
from tmr.domain.fields.type import FieldType, SortKey, ValueRefusedError, Wire
from tmr.domain.locales.locale import Locale


class Amount(FieldType):
    """An amount of money without its currency: up to 12 digits and two decimals, kept as canonical text."""

    input_attributes: ClassVar = {"inputmode": "decimal"}
    display = "amount"
    directions: ClassVar[tuple[str, str]] = ("lowest first", "highest first")
    is_typed_as_shown = False

    def typed(self, value: Wire, locale: Locale, _zone: dt.tzinfo) -> str:
        return locale.amount(str(value)) if value else ""

    def parse(self, text: str) -> Wire:
        if not text.strip():
            return None
        amount = read_amount(text)
        if amount is None:
            raise ValueRefusedError("Enter an amount, for example 65000, 65k or 65k EUR.")
        if amount >= 10**12:
            raise ValueRefusedError("An amount can have at most 12 digits.")
        return canonical_amount(amount)

    def sort_key(self, value: Wire) -> SortKey:
        return Decimal(str(value))


class Currency(FieldType):
    """A currency's three-letter code (ISO 4217), any that has the form."""

    input_attributes: ClassVar = {"size": 4, "placeholder": "EUR"}
    is_typed_as_shown = False
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

    control = "choice"
    display = "stars"
    directions: ClassVar[tuple[str, str]] = ("lowest first", "highest first")
    is_typed_as_shown = False
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

    def control_options(self, _value: str) -> Sequence[tuple[str, str]]:
        return self.options


class Size(FieldType):
    """A whole number of bytes."""

    display = "bytes"
    directions: ClassVar[tuple[str, str]] = ("smallest first", "largest first")
    is_typed_as_shown = False

    def parse(self, text: str) -> Wire:
        if text.strip() and not (text.isascii() and text.isdigit() and len(text) < 16):
            raise ValueRefusedError("This is not a number of bytes.")
        return int(text) if text.strip() else None

    def sort_key(self, value: Wire) -> SortKey:
        return int(str(value))
