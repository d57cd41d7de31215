"""Which sign begins decimals: told by a column, by the others of its file, then by what is usual."""

from collections import Counter

import pytest

from tmr.domain.importing.readers.decimals import COMMA, POINT, comma_columns, decimal_sign


@pytest.mark.parametrize(
    ("cell", "sign"),
    [
        ("1.234", ""),
        ("1,234", ""),
        ("12", ""),
        ("twelve.5", ""),
        ("12.5", POINT),
        ("-0,125", COMMA),
        ("0.125", POINT),
        ("1234.567", POINT),
        ("1.234.567", COMMA),
        ("1 234,5", COMMA),
        ("12,34,567", POINT),
        ("1.234,56", COMMA),
        ("1,234.56", POINT),
    ],
)
def test_a_number_shows_its_sign_or_could_be_either(cell: str, sign: str) -> None:
    assert decimal_sign(cell) == sign


def test_a_column_goes_by_itself_then_by_the_others_then_by_what_is_usual() -> None:
    shown = {1: Counter({COMMA: 2, POINT: 1}), 2: Counter(), 3: Counter({POINT: 1})}

    assert comma_columns(shown, POINT) == [1]
    assert comma_columns({1: Counter({COMMA: 1}), 2: Counter()}, POINT) == [1, 2]
    assert comma_columns({1: Counter(), 2: Counter({POINT: 1})}, COMMA) == []
    assert comma_columns({1: Counter()}, COMMA) == [1]
