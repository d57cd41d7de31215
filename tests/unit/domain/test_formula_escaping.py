"""Formulas are neutralised on the way out and restored on the way in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmr.domain.fields.formula_escaping import neutralise, restore


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a", "\tx", "\rx", "＝1", "＋1", "－1", "＠a", "'=1", "''=1"])
def test_f1_formulas_get_one_quote(text: str) -> None:
    assert neutralise(text) == "'" + text
    assert restore(neutralise(text)) == text


@pytest.mark.parametrize("text", ["", "Globex", "'tis", "O'Neill", "1-1", " =1"])
def test_f1_other_text_is_left_alone(text: str) -> None:
    assert neutralise(text) == text
    assert restore(text) == text


@given(st.text(st.sampled_from("'=+-@\t\r＝ab"), max_size=6))
def test_f1_restoring_is_the_exact_inverse(text: str) -> None:
    assert restore(neutralise(text)) == text
