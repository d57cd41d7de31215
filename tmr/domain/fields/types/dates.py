"""Fields that hold a calendar date."""

import datetime as dt

from tmr.domain.fields.type import FieldType, SortKey, ValueRefusedError, Wire


class Date(FieldType):
    """A calendar date, kept as ``YYYY-MM-DD``."""

    input_type = "date"
    display = "date"
    is_dated = True
    is_typed_as_shown = False

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
