"""Sum, count and average of the columns of a list that hold numbers; amounts in different units are never added up."""

from collections.abc import Callable, Iterable
from decimal import Decimal

import msgspec

from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Field, Wire
from tmr.domain.ordering import value_at
from tmr.domain.record import Record, Scanned

Read = Callable[[Field], Wire]  # the value of a field of one record


class Total(msgspec.Struct, frozen=True):
    """What a column holds in one unit, such as ``EUR / year``: how many numbers, and what they come to."""

    unit: str
    count: int
    sum: Decimal

    @property
    def average(self) -> Decimal:
        """Return the sum by the count."""
        return self.sum / self.count


class Totals(msgspec.Struct, frozen=True):
    """One column with its total in each unit, the most frequent one first."""

    field: Field
    totals: list[Total]


def fields_of_totals(kind: Kind, fields: Iterable[Field]) -> list[Field]:
    """Return those of these fields that hold numbers, with those of their units."""
    numbers = [field for field in fields if field.type.is_number]
    return [*numbers, *(kind.by_name[name] for field in numbers for name in field.units)]


def totals_of(kind: Kind, fields: Iterable[Field], reads: Iterable[Read]) -> list[Totals]:
    """Return the totals of those fields that hold numbers, over the records whose values ``reads`` return."""
    columns = [(field, [kind.by_name[name] for name in field.units]) for field in fields if field.type.is_number]
    sums: list[dict[str, list[Decimal]]] = [{} for _ in columns]
    for read in reads if columns else ():
        for (field, units), found in zip(columns, sums, strict=True):
            value = read(field)
            number = field.type.number(value)
            if number is not None:
                words = [field.type.unit(value), *(unit.type.write(read(unit)) for unit in units)]
                found.setdefault(" / ".join(filter(None, words)), []).append(number)
    return [_totals(field, found) for (field, _), found in zip(columns, sums, strict=True)]


def of_record(record: Record) -> Read:
    """Return what reads the values of a record."""
    values = record.values
    return lambda field: values[field.name]


def of_row(row: Scanned) -> Read:
    """Return what reads the values of an opened summary."""
    summary = row.summary
    return lambda field: value_at(summary, field.number)


def _totals(field: Field, found: dict[str, list[Decimal]]) -> Totals:
    totals = [Total(unit, len(numbers), sum(numbers, Decimal())) for unit, numbers in found.items()]
    return Totals(field, sorted(totals, key=lambda total: (-total.count, total.unit)))
