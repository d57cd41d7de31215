"""Finding a text without its case is as a regular expression would, and costs no product of both lengths."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.measuring.processor_time import takes_at_most
from tmr.records.cells.finding import Finder

LETTERS = st.text("aAbBÄäßẞσςΣİiI .*\\", max_size=12)


@given(LETTERS.filter(bool), LETTERS, LETTERS, st.booleans())
def test_it_replaces_what_a_regular_expression_would(find: str, text: str, new: str, is_case_kept: bool) -> None:
    finder = Finder(find, is_case_kept=is_case_kept)
    pattern = re.compile(re.escape(find), 0 if is_case_kept else re.IGNORECASE)
    if not is_case_kept and "İ" in find + text:  # a regular expression takes it for an i
        return

    assert finder.replaced(text, new) == pattern.sub(lambda _: new, text)
    assert finder.replaced(text, new, 1) == pattern.sub(lambda _: new, text, count=1)
    assert finder.first(text) == (found.start() if (found := pattern.search(text)) else -1)


@pytest.mark.parametrize(
    ("text", "new"), [("İSTANBUL İs", "x İSTANBUL İs"), ("ΟΔΟΣ", "x ΟΔΟΣ"), ("STRAẞE", "x STRAẞE")]
)
def test_a_letter_that_grows_when_small_moves_no_place(text: str, new: str) -> None:
    assert Finder("find", is_case_kept=False).replaced(f"FIND {text}", "x") == new


@pytest.mark.parametrize("is_case_kept", [True, False])
def test_w1_a_text_that_begins_everywhere_costs_no_more_than_any_other(is_case_kept: bool) -> None:
    """Seen failing with a regular expression: 10 MB of one letter took 11 s."""
    finder = Finder("a" * 299 + "b", is_case_kept=is_case_kept)

    with takes_at_most(hashes=4):
        assert finder.first("a" * 10_000_000) == -1
