"""What the foot of a list says: sum, average and count of its numbers, for the whole list and not its page alone."""

from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Decimal

import msgspec

from tmr.domain.columns.totals import Read, Total, Totals, totals_of
from tmr.domain.fields.amounts import canonical_amount
from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Field
from tmr.web.display.cells import length_words
from tmr.web.display.filters import size
from tmr.web.display.locales import current_locale, number

MOST_AT_ONCE = 1_000  # records of a list that has its totals at once; those of a longer one are asked for
_LARGE = 100  # from here on an average has no decimals


class Figures(msgspec.Struct, frozen=True):
    """One line of the foot, in words; a rating has no ``sum``, since stars do not add up."""

    unit: str
    sum: str
    average: str
    count: int


class FootCell(msgspec.Struct, frozen=True):
    """The foot of a column: a line for each unit, none where it holds no number."""

    field: Field
    lines: list[Figures]


def foot_of(kind: Kind, columns: Iterable[Field], reads: Iterable[Read]) -> list[FootCell]:
    """Return the foot of each column that holds numbers."""
    return [_foot(totals) for totals in totals_of(kind, columns, reads)]


def _foot(totals: Totals) -> FootCell:
    return FootCell(totals.field, [_figures(totals.field, total) for total in totals.totals])


def _figures(field: Field, total: Total) -> Figures:
    sum_words = "" if field.type.display == "stars" else _words(field, total.sum)
    return Figures(total.unit, sum_words, _words(field, _rounded(total.average)), total.count)


def _rounded(average: Decimal) -> Decimal:
    return average.quantize(Decimal(1) if abs(average) >= _LARGE else Decimal("0.1"), ROUND_HALF_EVEN)


def _words(field: Field, amount: Decimal) -> str:
    if field.type.display == "length":
        return length_words(round(amount))
    if field.type.display == "bytes":
        return size(round(amount))
    if field.type.display == "stars":
        return number(float(amount), 1)
    sign = "−" if amount < 0 else ""
    return sign + current_locale().amount(canonical_amount(abs(amount)))
