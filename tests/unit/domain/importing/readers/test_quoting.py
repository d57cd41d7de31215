"""Quotes in tables: as CSV has them, and as people type them; no text is lost, whatever they are."""

import csv
import io
import tracemalloc
from collections.abc import Iterator
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.measuring.processor_time import takes_at_most
from tmr.domain.importing.errors import FileRefusedError
from tmr.domain.importing.readers.delimited import DELIMITERS, MAX_ROWS, Table, body
from tmr.domain.importing.readers.quoting import read_rows


def rows(text: str, delimiter: str = ",") -> list[list[str]]:
    return list(read_rows(io.StringIO(text, newline=""), delimiter))


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('a,"b, c",d\n', [["a", "b, c", "d"]]),
        ('"say ""hi""",x\n', [['say "hi"', "x"]]),
        ('"a\nb",c\nd,e\n', [["a\nb", "c"], ["d", "e"]]),
        ('"Great fit" said Pat,ok\nc,d\n', [['"Great fit" said Pat', "ok"], ["c", "d"]]),
        ('"Great fit" said Pat,ok,"x, y"\n', [['"Great fit" said Pat', "ok", "x, y"]]),
        ('"Great fit" said "Pat",ok\n', [['"Great fit" said "Pat"', "ok"]]),
        ('"Great fit" said Pat,"line\ntwo",x\nc,d\n', [['"Great fit" said Pat', "line\ntwo", "x"], ["c", "d"]]),
        ('"A,B\nC,D\n', [['"A', "B"], ["C", "D"]]),
        ('"A,B\n"C",D\n', [['"A', "B"], ["C", "D"]]),
        ('"A,B\nC,"D"\n', [['"A', "B"], ["C", "D"]]),
        ('x,"A\ny,z\n', [["x", '"A'], ["y", "z"]]),
        ('"He said "hi, you" to me",x\n', [['He said "hi, you" to me', "x"]]),
        ('5" disk,a "b" c\n', [['5" disk', 'a "b" c']]),
        ('"5" disk,x\n', [['"5" disk', "x"]]),
        ('"A"x,B\n', [['"A"x', "B"]]),
        ('""x"",B\n', [['""x""', "B"]]),
        ('"","""",""""""\n', [["", '"', '""']]),
        ('"","a" b\n', [["", '"a" b']]),
        ('"a" b,\n', [['"a" b', ""]]),
        ('a,"\n', [["a", '"']]),
        ('"', [['"']]),
        ('"a', [['"a']]),
        ('a,b\n"c\nd', [["a", "b"], ['"c'], ["d"]]),
    ],
)
def test_a_quote_that_closes_no_cell_is_an_ordinary_character(
    text: str, expected: list[list[str]], line_end: str
) -> None:
    read = rows(text.replace("\n", line_end))

    assert read == [[cell.replace("\n", line_end) for cell in row] for row in expected]


CELLS = st.text(st.sampled_from("ab \"'\n\r,;\t|é株"), max_size=12)


@pytest.mark.parametrize("delimiter", DELIMITERS)
@given(
    st.lists(st.lists(CELLS, min_size=1, max_size=6), max_size=8), st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL])
)
def test_what_the_csv_module_writes_comes_back(delimiter: str, written: list[list[str]], quoting: int) -> None:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=delimiter, quoting=quoting, lineterminator="\r\n").writerows(written)

    assert rows(buffer.getvalue(), delimiter) == written


@pytest.mark.parametrize("delimiter", DELIMITERS)
@given(st.text(st.sampled_from('ab """\n\r,,;\t|é'), max_size=80))
def test_every_other_character_of_any_text_comes_back(delimiter: str, text: str) -> None:
    ignored = str.maketrans("", "", f'"\r\n{delimiter}')

    assert "".join(cell for row in rows(text, delimiter) for cell in row).translate(ignored) == text.translate(ignored)


@given(st.text(st.sampled_from('ab """\n,,'), max_size=80))
def test_what_is_proper_csv_is_read_as_the_csv_module_reads_it(text: str) -> None:
    try:
        strict = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error:
        return

    assert rows(text) == strict


def test_what_is_too_large_is_refused() -> None:
    table = Table(",", ["a", "b"], -1)
    for text in ("a," + "x" * 70_000, '"' + "x" * 70_000 + '",a', "," * 4_000, "a\0,b", '"a" b,\0'):
        with pytest.raises(FileRefusedError):
            list(body(io.StringIO(text, newline=""), table))


@pytest.mark.parametrize("quote", ["", '"'])
def test_ten_thousand_rows_take_a_moment_and_little_memory(quote: str) -> None:
    line = ",".join(f"{quote}cell {number} of it{quote}" for number in range(9)) + "\r\n"

    def lines() -> Iterator[str]:
        yield '"Great fit" said Pat,x\r\n'
        for _ in range(10_000):
            yield line

    with takes_at_most(hashes=1.6):
        assert sum(1 for _ in read_rows(lines(), ",")) == 10_001
    tracemalloc.start()
    for _ in read_rows(lines(), ","):
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 100_000


@pytest.mark.parametrize(
    "line",
    [
        *[
            '"a\n',
            '"a","b\n',
            '"Great" x,y\n',
            'a,"b" c,d\n',
            '"\n',
            '"""\n',
            '""x\n',
            '"a""\n',
            ',"a\n',
            '"",\n',
            '"a"",\n',
        ],
        *[' "a' * 900 + "\n", '"a,' * 150 + "\n", '"a"",' * 150 + "\n", '"a "b' * 900 + "\n", '"' * 3_001 + "\n"],
        *['"a ' + ' "b' * 9_000 + "\n", ',"a' * 190 + '"b' * 8_000 + "\n", '"a' + "\n" * 500, '"""a,' * 190 + "\n"],
    ],
)
def test_no_file_takes_long(line: str) -> None:
    text = line * (400_000 // len(line))
    with takes_at_most(hashes=4):
        for _ in islice(read_rows(io.StringIO(text, newline=""), ","), MAX_ROWS):
            pass
