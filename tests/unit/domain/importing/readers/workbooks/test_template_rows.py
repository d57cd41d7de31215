"""Rows that nobody wrote: what a template fills in down to its end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmr.domain.importing.readers.workbooks.template_rows import without_template_rows

REAL = [
    ["Status", "Company", "Role", "Sent", "Days"],
    ["Applied", "Bluefin", "Engineer", "TRUE", "12"],
    ["Offer", "Tarn", "Analyst", "FALSE", "11"],
]


@pytest.mark.parametrize(
    ("template", "count"),
    [
        (["N/A", "", "", "FALSE", "0"], 1),
        (["", "", "", "No"], 40),
        (["", "", "", "☐", "#REF!"], 2),
        (["", "", "", "", "$0.00"], 2),
        (["", "", "", "-", "1899-12-30"], 2),
        (["Not applied", "", "", "FALSE"], 3),
        (["Not applied", "", "", "FALSE", "46355"], 30),
        (["Not applied"], 30),
    ],
)
def test_rows_of_the_template_are_dropped_and_counted(template: list[str], count: int) -> None:
    assert without_template_rows([*REAL, *[template] * count]) == (REAL, count)


def test_numbers_that_go_on_are_the_templates_too() -> None:
    rows = [["#", "Company", "Role"], *[[str(n), f"C{n}", f"R{n}"] for n in range(1, 9)]]

    assert without_template_rows([*rows, *[[str(n), "", ""] for n in range(9, 50)]]) == (rows, 41)


@pytest.mark.parametrize(
    "last",
    [
        [["", "", "", "TRUE"]] * 2,
        [["Saved", "Globex"]],
        [["Saved"]] * 2,
        [["", "Globex", "Engineer"]] * 9,
        [["", "", "", "", "https://a.example"]] * 9,
        [["N/A", "", "", "FALSE", "0"], ["Total", "2"]],
    ],
)
def test_a_row_with_a_word_of_its_own_stays(last: list[list[str]]) -> None:
    assert without_template_rows([*REAL, *last]) == ([*REAL, *last], 0)


def test_a_name_in_each_row_is_no_default() -> None:
    names = [["Company", "Role"], *[[f"C{n}", "Engineer"] for n in range(9)], *[["Globex", ""]] * 5]

    assert without_template_rows(names)[1] == 0


def test_rows_between_others_and_the_header_stay() -> None:
    between = [*REAL, ["N/A", "", "", "FALSE", "0"], *REAL[1:]]

    assert without_template_rows(between) == (between, 0)
    assert without_template_rows([["0", "N/A"]]) == ([["0", "N/A"]], 0)
    assert without_template_rows([]) == ([], 0)


def test_empty_rows_at_the_end_are_dropped_but_not_counted() -> None:
    assert without_template_rows([*REAL, [], ["", ""], ["", "", "", "FALSE"], []]) == (REAL, 1)


WORDS = st.sampled_from(["", "", "0", "FALSE", "N/A", "Applied", "Acme", "7", "8", "2026-03-04"])


@given(st.lists(st.lists(WORDS, max_size=4), max_size=30))
def test_every_row_is_kept_counted_or_empty(rows: list[list[str]]) -> None:
    kept, count = without_template_rows(rows)

    assert rows[: len(kept)] == kept
    assert count == sum(any(row) for row in rows[len(kept) :])
    assert kept[:1] == rows[:1]
