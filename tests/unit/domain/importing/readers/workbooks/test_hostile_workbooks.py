"""Workbooks that were made to cost time and memory, and large ones that were not."""

import contextlib
import random
import tracemalloc

import pytest

from tests.support.measuring.processor_time import takes_at_most
from tests.support.workbooks import changed, far, rows_of, sheets_of, with_xml, workbook
from tmr.domain.importing.errors import FileRefusedError
from tmr.domain.importing.readers.workbooks import sheet as sheet_limits
from tmr.domain.importing.readers.workbooks.drop_downs import ReadSheet, sorted_out
from tmr.domain.importing.readers.workbooks.sheet import Budget, Grid, Range

# Hardly shrinks, so that the archive does not look like the bomb that it is.
NOISE = f"<!--{random.Random(1).randbytes(250_000).hex()}-->"
HOSTILE = {
    "a cell far away": lambda: with_xml(far(1, "A") + far(1_048_576, "XFD")),
    "a million links": lambda: with_xml(
        far(1, "A"), NOISE + "<hyperlinks>" + '<hyperlink ref="A1:GR20000" r:id="r1"/>' * 300_000 + "</hyperlinks>"
    ),
    "a million relationships": lambda: with_xml(
        far(1, "A"),
        rels="<Relationships>"
        + "".join(f'<Relationship Id="{n}" Type="/hyperlink" Target="x"/>' for n in range(300_000))
        + "</Relationships>",
    ),
    "one part of comments by many relationships": lambda: with_xml(
        far(1, "A"),
        rels="<Relationships>"
        + "".join(f'<Relationship Id="{n}" Type="/comments" Target="sheet1.xml"/>' for n in range(150_000))
        + "</Relationships>"
        + NOISE,
    ),
    "links over all cells": lambda: with_xml(
        "".join(far(n, "A") for n in range(1, 19_000)),
        '<hyperlinks><hyperlink ref="A1:XFD1048576" r:id="r1"/></hyperlinks>' * 1_000,
        rels='<Relationships><Relationship Id="r1" Type="/hyperlink" Target="https://a.example"/></Relationships>',
    ),
    "merged cells over all cells": lambda: with_xml(
        "".join(far(n, "B") for n in range(1, 19_000)) + far(1, "A"), '<mergeCell ref="A1:XFD1048576"/>' * 500_000
    ),
    "a row of a great many cells": lambda: with_xml("<row>" + "<c/><c s='1'/>" * 2_000_000 + "</row>" + NOISE),
    "many texts": lambda: with_xml(far(1, "A"), strings="<sst>" + "<si><t>a</t></si>" * 3_000_000 + NOISE + "</sst>"),
    "one text that many cells show": lambda: with_xml(
        "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 3_000)),
        strings="<sst><si><t>" + "x" * 50_000 + "</t></si></sst>",
    ),
    "entities": lambda: with_xml(
        far(1, "A"), strings='<!DOCTYPE s [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><sst><si><t>&b;</t></si></sst>'
    ),
    "a formula of many cells": lambda: with_xml(
        "".join(
            f'<row r="{n}"><c r="A{n}"><f>HYPERLINK({"A1&amp;" * 3_000}"x")</f><v>1</v></c></row>'
            for n in range(1, 3_000)
        ),
        NOISE,
    ),
    "one formula in many cells, of a cell with a long text": lambda: with_xml(
        f'<row r="1"><c r="A1" t="str"><v>https://a.example/{"x" * 50_000}</v></c>'
        f'<c r="B1"><f t="shared" si="0">HYPERLINK({"$A$1&amp;" * 95}"x")</f></c></row>'
        + "".join(f'<row r="{n}"><c r="B{n}"><f t="shared" si="0"/></c></row>' for n in range(2, 100))
    ),
    "marks without an end": lambda: with_xml(
        far(1, "A"), "<dataValidations><dataValidation type='list'><formula1>" + "'" * 60_000 + "</formula1>"
    ),
    "a sheet that is nowhere": lambda: changed(
        workbook(Jobs=[["a", "b"], [1, 2]]), "xl/_rels/workbook.xml.rels", "/xl/worksheets/", "/../../../etc/"
    ),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_f2_a_hostile_workbook_costs_little_and_is_refused_or_read(what: str) -> None:
    content = HOSTILE[what]()
    assert len(content) < 4_000_000

    tracemalloc.start()
    read = []
    with takes_at_most(hashes=125), contextlib.suppress(FileRefusedError):  # tracing takes most of it
        read = sheets_of(content)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert all(sheet.rows <= 20_000 for sheet in read)
    assert peak < 320 * 1024 * 1024


def test_f3_a_relationship_that_leaves_the_archive_finds_nothing() -> None:
    with pytest.raises(FileRefusedError, match="damaged"):
        sheets_of(HOSTILE["a sheet that is nowhere"]())


def test_ten_thousand_rows_are_read_fast_and_in_little_memory() -> None:
    rows = "".join(
        f'<row r="{n}"><c r="A{n}" t="s"><v>{n % 500}</v></c><c r="B{n}" t="s"><v>{n % 400}</v></c>'
        f'<c r="C{n}" t="s"><v>1</v></c><c r="D{n}" t="inlineStr"><is><t>Posting</t></is></c><c r="E{n}"><v>{n}</v></c>'
        f'<c r="F{n}" t="str"><f>HYPERLINK("https://a.example/"&amp;E{n},"Go")</f><v>Go</v></c>'
        f'<c r="G{n}" t="b"><v>1</v></c><c r="H{n}"><v>1.5</v></c></row>'
        for n in range(1, 10_001)
    )
    links = "".join(f'<hyperlink ref="D{n}" r:id="r{n}"/>' for n in range(1, 10_001))
    targets = "".join(
        f'<Relationship Id="r{n}" Type="/hyperlink" Target="https://jobs.example/{n}" TargetMode="External"/>'
        for n in range(1, 10_001)
    )
    strings = "<sst>" + "".join(f"<si><t>Text {n}</t></si>" for n in range(500)) + "</sst>"
    content = with_xml(
        rows,
        f"<hyperlinks>{links}</hyperlinks>",
        strings=strings,
        rels=f"<Relationships>{targets}</Relationships>",
    )

    with takes_at_most(hashes=20):
        [sheet] = sheets_of(content)
    tracemalloc.start()
    sheets_of(content)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert sheet.rows == 10_000
    assert rows_of(sheet)[-1] == [
        "Text 0",
        "Text 0",
        "Text 1",
        "[Posting](https://jobs.example/10000)",
        "10000",
        "[Go](https://a.example/10000)",
        "Yes",
        "1.5",
    ]
    assert peak < 60 * 1024 * 1024


def test_f2_formulas_that_stand_in_many_cells_are_refused_by_their_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seen failing: a formula of 190 pieces was read once for each of 400,000 cells, which takes over a minute."""
    monkeypatch.setattr(sheet_limits, "MAX_PIECES", 1_000)
    grid = Grid(Budget())
    for row in range(6):
        grid.link_by_formula(row, 0, f"HYPERLINK({'A1&' * 95}", 1)

    with pytest.raises(FileRefusedError, match="too large"):
        grid.finish()


def test_f2_drop_down_lists_that_name_many_sheets_take_no_square_of_them() -> None:
    """Seen failing with 2 s: each range was compared with all, and the lists of a workbook can name 5,000,000."""
    lists = frozenset(f"S{number}!$A$2:$A$9" for number in range(8_000))

    with takes_at_most(hashes=2):
        [sheet] = sorted_out([ReadSheet("Jobs", [["Company", "Title"], ["A", "B"]], lists=lists)])

    assert not sheet.left_out


def test_f2_cells_merged_far_down_cost_no_more_than_others() -> None:
    """Seen failing with 4 s: all rows above were passed over for each, and a workbook can have 300,000 of them."""
    grid = Grid(Budget())
    for row in range(19_000):
        grid.put(row, 0, "x")
    for _ in range(100_000):
        grid.merge(Range(18_990, 0, 18_991, 0))
    with takes_at_most(hashes=4):
        rows, _ = grid.finish()

    assert len(rows) == 19_000
