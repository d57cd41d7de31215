"""Tables in HTML, which sites export as .xls."""

import contextlib
import tracemalloc

import pytest

from tests.support.measuring.processor_time import takes_at_most
from tests.support.workbooks import rows_of
from tmr.domain.importing.errors import FileRefusedError
from tmr.domain.importing.readers.workbooks.html_tables import is_page, sheets_of_page

EXCEL = """<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><meta charset="utf-8">
<style>td { mso-number-format: "<td>" }</style><title>Export</title></head><body><h1>My applications</h1>
<!-- <table><tr><td>old</td></tr></table> -->
<table border=1><caption>2026</caption><tr><th>Company</th><th>Role</th><th>Link</th><th>Notes</th></tr>
<tr><td rowspan=2>Tarn &amp; Co</td><td>Clerk</td><td><a href="https://tarn.example/1?a=1&amp;b=2">Apply</a></td>
<td>first<br>second <b>line</b></td></tr>
<tr><td>Cook</td><td></td><td>5 &lt; 6</td></tr>
<tr><td colspan="2">Elm<td>https://elm.example/2<td>x</table></body></html>"""


def test_a_page_becomes_the_rows_of_its_table() -> None:
    [sheet], outside = sheets_of_page(EXCEL.encode())

    assert rows_of(sheet) == [
        ["Company", "Role", "Link", "Notes"],
        ["Tarn & Co", "Clerk", "[Apply](https://tarn.example/1?a=1&b=2)", "first\nsecond line"],
        ["Tarn & Co", "Cook", "", "5 < 6"],
        ["Elm", "", "https://elm.example/2", "x"],
    ]
    assert outside == ["My applications", "2026"]


def test_several_tables_and_one_within_another_are_sheets_of_their_own() -> None:
    table = "<table><tr><td>Company<td>Role<tr><td>{}<td>Cook</table>"
    page = f"<table><tr><td>menu<td>{table.format('Elm')}</table>{table.format('Oak')}"

    sheets, _ = sheets_of_page(page.encode())

    assert [(sheet.name, sheet.left_out) for sheet in sheets] == [
        ("Table 1", "not a table"),
        ("Table 2", ""),
        ("Table 3", ""),
    ]


@pytest.mark.parametrize(
    ("content", "is_html"),
    [
        (EXCEL.encode(), True),
        (EXCEL.encode("utf-16"), True),
        (b"\xef\xbb\xbf\n<TABLE><tr>", True),
        (b"<!DOCTYPE html>\n<html>", True),
        (b"Company,Notes\nElm,<table>", False),
        (b"<b>Company</b>,Role\n", False),
    ],
)
def test_a_page_is_known_by_its_beginning(content: bytes, *, is_html: bool) -> None:
    assert is_page(content) == is_html


HOSTILE = {
    "tags that never end": "<td " * 400_000,
    "quotes that never end": "<table><tr>" + "<td a='" * 300_000,
    "comments that never end": "<table>" + "<!-- >" * 400_000,
    "tables in tables": "<table><tr><td>" * 100_000,
    "wide cells": "<table>" + "<tr><td colspan=200 rowspan=20000>x" * 20_000,
    "scripts": "<table>" + "<script></script>" * 100_000,
    "rows below a cell that reaches over all of them": "<table><tr>"
    + "<td rowspan=20000 colspan=200>" * 4_000
    + "<tr>" * 100_000,
    "a name with parts": "<" + "a:" * 60_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_page_is_read_or_refused_in_little_time(name: str) -> None:
    with takes_at_most(hashes=20), contextlib.suppress(FileRefusedError):
        sheets_of_page(f"<html>{HOSTILE[name]}".encode())


@pytest.mark.parametrize("attributes", ["a" + "x" * 3_000_000, "a" + " b='c'" * 500_000], ids=["endless", "many"])
def test_f2_a_long_tag_takes_little_memory(attributes: str) -> None:
    """Seen failing with 700 MB for 3 MB: each character of a tag was remembered, in case it had to go back there."""
    tracemalloc.start()
    with contextlib.suppress(FileRefusedError):
        sheets_of_page(f"<html><table {attributes}".encode())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 60 * 1024 * 1024


def test_f2_a_page_of_a_million_lines_is_refused() -> None:
    """Seen failing: each line outside of the tables was kept, at many times its size."""
    with pytest.raises(FileRefusedError, match="too large"):
        sheets_of_page(f"<html>{'<p>ab' * 600_000}".encode())


def test_f2_a_reference_to_a_number_that_is_no_character_is_read_as_the_mark_for_that() -> None:
    """Seen failing: Python refuses to read numbers of more than 4,300 digits, and the answer was a 500."""
    [sheet], outside = sheets_of_page(
        f"<p>&#{'1' * 5_000};</p><table><tr><td>Company<td>Role<tr><td>A&#{'1' * 5_000};<td>&#66;</table>".encode()
    )

    assert rows_of(sheet)[1] == ["A\ufffd", "B"]
    assert outside == ["\ufffd"]


def test_f2_a_long_line_outside_of_tables_takes_little_memory() -> None:
    """Seen failing with 800 MB for 30 MB: each of its words was kept to put single blanks between them."""
    tracemalloc.start()
    _, outside = sheets_of_page(f"<html>{'ab ' * 1_000_000}".encode())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert outside[0].startswith("ab ab")
    assert peak < 40 * 1024 * 1024
