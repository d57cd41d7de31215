"""Columns of numbers are added up, each currency and period apart."""

from decimal import Decimal

import pytest

from tests.support.factories import application, values_of
from tmr.crypto.padding import unpad
from tmr.domain.columns.totals import Total, of_row, totals_of
from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import FieldType
from tmr.domain.kinds import KINDS
from tmr.domain.kinds.application import APPLICATION
from tmr.domain.record import Scanned
from tmr.repository.records.codec import decode_slots, encode_summary


def totals(kind: Kind, *records: dict) -> dict[str, list[Total]]:
    wholes = (application(**values) if kind is APPLICATION else values_of(kind, **values) for values in records)
    rows = [Scanned(b"", decode_slots(unpad(encode_summary(kind, whole)))) for whole in wholes]
    return {found.field.name: found.totals for found in totals_of(kind, kind.columns, map(of_row, rows))}


def test_amounts_of_different_currencies_and_periods_are_not_added_up() -> None:
    found = totals(
        APPLICATION,
        {"salary_min": "60000", "salary_currency": "EUR", "salary_period": "year"},
        {"salary_min": "70000.5", "salary_currency": "EUR", "salary_period": "year"},
        {"salary_min": "5000", "salary_currency": "EUR", "salary_period": "month"},
        {"salary_min": "90000", "salary_currency": "USD"},
        {"salary_min": "1"},
        {"salary_currency": "GBP"},
    )

    assert found["salary_min"] == [
        Total("EUR / year", 2, Decimal("130000.5")),
        Total("", 1, Decimal(1)),
        Total("EUR / month", 1, Decimal(5000)),
        Total("USD", 1, Decimal(90000)),
    ]
    assert found["salary_min"][0].average == Decimal("65000.25")


def test_nothing_is_counted_where_nothing_is() -> None:
    found = totals(APPLICATION, {"excitement": 0}, {"excitement": 3}, {})

    assert found["excitement"] == [Total("", 2, Decimal(3))]
    assert found["salary_min"] == []
    assert "status" not in found
    assert totals(APPLICATION) == {"salary_min": [], "excitement": []}


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.plural)
def test_every_unit_is_a_field_that_lists_hold(kind: Kind) -> None:
    assert {unit for field in kind.fields for unit in field.units} <= {field.name for field in kind.summary}
    assert all(field.type.is_number for field in kind.fields if field.units)


def test_a_number_can_carry_its_unit_itself() -> None:
    assert [FieldType().unit(value) for value in ("1200 EUR", "1200", None, 3)] == ["EUR", "", "", ""]
