"""Fields that hold a calendar date."""

import datetime as dt
from typing import ClassVar

import msgspec

from tmr.domain.fields.type import FieldType, SortKey, ValueRefusedError, Wire
from tmr.domain.locales.locale import Locale
from tmr.domain.locales.typed_dates import Typing, read_date


class Date(FieldType):
    """A calendar date, kept as ``YYYY-MM-DD``; words are read as of the past where ``is_past`` says so."""

    control = "dated"
    picker = "date"
    input_attributes: ClassVar = {"placeholder": "tomorrow, in 2 weeks"}
    display = "date"
    is_dated = True
    directions: ClassVar[tuple[str, str]] = ("earliest first", "latest first")
    is_typed_as_shown = False

    def __init__(self, *, is_past: bool = False) -> None:
        self.is_past = is_past
        if is_past:
            self.input_attributes = {"placeholder": "today, last fri"}  # type: ignore[misc]

    def read(self, text: str, typing: Typing) -> str:
        if _iso_date(text) is not None:
            return text
        date = read_date(text, msgspec.structs.replace(typing, is_past=self.is_past))
        return date.isoformat() if date else text

    def typed(self, value: Wire, locale: Locale, _zone: dt.tzinfo) -> str:
        return locale.date(dt.date.fromisoformat(str(value))) if value else ""

    def parse(self, text: str) -> Wire:
        if not text.strip():
            return None
        date = _iso_date(text)
        if date is None:
            raise ValueRefusedError("This is not a date. Try 24 Nov 2026, 2026-11-24, tomorrow, fri or in 2 weeks.")
        if not 1900 <= date.year <= 2200:
            raise ValueRefusedError("Enter a year between 1900 and 2200.")
        return date.isoformat()

    def sort_key(self, value: Wire) -> SortKey:
        return str(value)


def _iso_date(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text.strip())
    except ValueError:
        return None
