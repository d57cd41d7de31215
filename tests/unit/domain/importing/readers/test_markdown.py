"""Tables in Markdown."""

import csv
import io

import pytest

from tests.support.measuring.processor_time import takes_at_most
from tests.support.paths import SAMPLES
from tmr.domain.importing.errors import FileRefusedError
from tmr.domain.importing.readers.markdown import csv_of_markdown, is_markdown_table, tables_of_markdown

CASE = (SAMPLES / "import-cases" / "r5-markdown-table.md").read_text()


def rows_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(tables_of_markdown(text)[0], newline="")))


def test_a_table_becomes_rows_with_its_links_and_without_its_marks() -> None:
    assert is_markdown_table(CASE)
    assert rows_of(CASE)[1:] == [
        ["1", "2026-03-04", "Bluefin Labs", "Platform Engineer", "Applied", "[Apply](https://bluefin.example/jobs/1)"],
        [
            "2",
            "2026-03-05",
            "[Tarn Systems](https://tarn.example)",
            "Data Engineer",
            "Rejected",
            "https://tarn.example/jobs/2",
        ],
    ]
    assert tables_of_markdown(CASE)[1] == ["# Applications"]


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("**Acme**", "Acme"),
        ("*Acme* and _Globex_", "Acme and Globex"),
        ("__Acme__ ~~gone~~", "Acme gone"),
        ("`a_b_c` snake_case_name", "a_b_c snake_case_name"),
        (r"C\|D \*x\* \_y\_", "C|D *x* _y_"),
        ("`a\\|b`", "a|b"),
        ("**[Acme](https://a.example/x_y_z)**", "[Acme](https://a.example/x_y_z)"),
        ('[**A**](<https://a.example> "Title")', "[A](https://a.example)"),
        ("<https://a.example/a_b_c>", "https://a.example/a_b_c"),
        ("<pat@a.example>", "<pat@a.example>"),
        ("one<br>two", "one\ntwo"),
        ("5 * 3 * 2", "5 * 3 * 2"),
        ("[Wiki](https://a.example/x_(y))", "[Wiki](https://a.example/x_(y))"),
    ],
)
def test_marks_are_put_aside(cell: str, shown: str) -> None:
    assert rows_of(f"| a | b |\n|---|---|\n| {cell} | x |")[1] == [shown, "x"]


def test_tables_with_one_header_are_joined_and_other_lines_are_named() -> None:
    text = "# March\n\n```\n| a | b |\n|:--|--:|\n| 1 | 2 |\n```\n\n## April\na | b\n--|--\n3 | 4\n\nThe end"

    assert rows_of(text) == [["a", "b"], ["1", "2"], ["3", "4"]]
    assert tables_of_markdown(text)[1] == ["# March", "## April", "The end"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Company|Role\nA|B\n",
        "a,b\n---,---\n",
        "| a | b |\n| - |\n",
        "a\n---\nb",
        "| a | b |\n| x | --- |\n",
        "|\n" * 9,
    ],
)
def test_other_texts_are_no_tables(text: str) -> None:
    assert not is_markdown_table(text)


def test_a_file_keeps_its_encoding() -> None:
    text = "| Firma | Stelle |\n|---|---|\n| Müller | Prüfer |\n"

    assert csv_of_markdown(text.encode("cp1252"), "cp1252")[0].decode("cp1252") == "Firma,Stelle\r\nMüller,Prüfer\r\n"
    assert csv_of_markdown(text.encode("utf-16"))[0].decode("utf-16") == "Firma,Stelle\r\nMüller,Prüfer\r\n"
    assert csv_of_markdown(b"Company|Role\nA|B\n") == (b"", [])


@pytest.mark.parametrize(
    "cell", ["`" * 90_000, "[" * 90_000, "*a" * 45_000, "[a](b " * 15_000, "_ " * 45_000, "~~a" * 30_000]
)
def test_f2_marks_without_an_end_cost_little(cell: str) -> None:
    with takes_at_most(hashes=8):
        tables_of_markdown(f"| a | b |\n|---|---|\n| {cell} | x |\n|{' ' * 90_000}- x\n")


def test_f2_far_too_many_rows_are_refused_while_they_are_read() -> None:
    """Seen failing: the marks in each of 10 million rows were put aside first, which took minutes."""
    with pytest.raises(FileRefusedError, match="more than 20,000 rows"):
        tables_of_markdown("|a|b|\n|-|-|\n" + "|a|b\n" * 22_000)


def test_f2_far_too_many_lines_are_refused() -> None:
    """Seen failing: the lines of a file of 30 MB took 780 MB of memory."""
    with pytest.raises(FileRefusedError, match="more than 20,000 rows"):
        tables_of_markdown("|a|b|\n|-|-|\n|a|b|\n" + "\r\f" * 300_000)


def test_f2_brackets_that_never_close_take_little_time() -> None:
    """Seen failing with 3 s: from each bracket that is escaped the rest of the cell was looked at."""
    with takes_at_most(hashes=4):
        tables_of_markdown("|a|b|\n|-|-|\n|" + "\\[" * 10_000 + "|x|\n")
