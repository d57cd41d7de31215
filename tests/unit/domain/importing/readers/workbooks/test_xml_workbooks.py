"""Workbooks in one XML document, as Excel 2003 saved them."""

import tracemalloc

import pytest

from tests.support.measuring.processor_time import takes_at_most
from tests.support.workbooks import rows_of
from tmr.domain.importing.errors import FileRefusedError
from tmr.domain.importing.readers.archives import sheets_of_xml_workbook
from tmr.domain.importing.readers.workbooks.excel.xml_2003 import is_xml_workbook


def cell(text: str, kind: str = "String", more: str = "") -> str:
    return f'<Cell {more}><Data ss:Type="{kind}">{text}</Data></Cell>'


def row(*cells: str) -> str:
    return f"<Row>{''.join(cells)}</Row>"


def book(*rows: str, more: str = "") -> bytes:
    return (
        '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
        f'<Worksheet ss:Name="Jobs"><Table>{"".join(rows)}</Table></Worksheet>{more}</Workbook>'
    ).encode()


HEADER = row(cell("Company"), cell("Role"), cell("Applied On"), cell("Rating"))


def test_cells_are_read_as_they_are_stored() -> None:
    old = f'<Worksheet ss:Name="Old"><Table>{HEADER}{row(cell("X"), cell("Y"))}</Table>'
    old += "<WorksheetOptions><Visible>SheetHidden</Visible></WorksheetOptions></Worksheet>"
    content = book(
        HEADER,
        row(
            cell("Tarn &amp; Co", more='ss:MergeDown="1"'),
            cell("Clerk", more='ss:HRef="https://tarn.example/1"'),
            cell("2026-03-04T00:00:00.000", "DateTime"),
            cell("4", "Number"),
        ),
        row(cell("Cook", more='ss:Index="2"'), cell("1", "Boolean", 'ss:Index="4"')),
        more=old,
    )

    jobs, hidden = sheets_of_xml_workbook(content)

    assert is_xml_workbook(content)
    assert (jobs.name, hidden.name, hidden.is_hidden) == ("Jobs", "Old", True)
    assert rows_of(jobs)[1:] == [
        ["Tarn & Co", "[Clerk](https://tarn.example/1)", "2026-03-04", "4"],
        ["Tarn & Co", "Cook", "", "Yes"],
    ]


@pytest.mark.parametrize(
    "content",
    [
        book("<Row ss:Index='x'/>"),
        book(HEADER)[:-20],
        book(row(cell("x", more='ss:Index="99999999"'))),
        book(row(cell("x", "Number"))),
        book("<Row>" + cell("x") * 300 + "</Row>"),
        book(row(cell("x" * 70_000))),
        book(HEADER).replace(b"<Workbook", b'<!DOCTYPE x [<!ENTITY a "b">]><Workbook', 1),
    ],
)
def test_f2_what_is_damaged_or_too_large_is_refused(content: bytes) -> None:
    with takes_at_most(hashes=8), pytest.raises(FileRefusedError):
        sheets_of_xml_workbook(content)


def test_other_xml_is_no_workbook() -> None:
    assert not is_xml_workbook(b'<?xml version="1.0"?><html><body/></html>')
    assert not is_xml_workbook(b"Company,Role\n<Workbook>,x\n")


@pytest.mark.parametrize(
    "inside",
    [
        "<a>" * 1_500_000,
        "".join(f"<a{number}/>" for number in range(400_000)),
        "<a " + " ".join(f"a{number}='x'" for number in range(400_000)) + "/>",
    ],
    ids=["elements in elements", "many names", "many attributes"],
)
def test_f2_what_the_parser_itself_would_keep_is_limited(inside: str) -> None:
    """Seen failing: 4 MB of elements in each other took 120 MB, which no limit on cells counts."""
    content = book(HEADER, more=inside)
    tracemalloc.start()
    with pytest.raises(FileRefusedError):
        sheets_of_xml_workbook(content)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 40 * 1024 * 1024


def test_f2_a_comment_far_away_takes_no_time() -> None:
    """Seen failing: the name of a column with 4,000 digits took a thousand times as long, for each comment in it."""
    far = f'<Cell ss:Index="{"9" * 4_000}"/>' + "<Cell><Comment>x</Comment></Cell>" * 2_000
    with takes_at_most(hashes=4):
        [sheet] = sheets_of_xml_workbook(book(HEADER, row(cell("x")), f"<Row>{far}</Row>"))

        assert len(sheet.comments[0]) < 100
