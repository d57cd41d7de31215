"""OpenDocument spreadsheets: sheets, values, links and what repeats."""

import io
import zipfile

import pytest

from tests.support.measuring.processor_time import takes_at_most
from tests.support.workbooks import rows_of, sheets_of
from tmr.domain.importing.errors import FileRefusedError
from tmr.domain.importing.readers.archives import Archive
from tmr.domain.importing.readers.workbooks.sheet import Sheet

SPACES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{prefix}:1.0"'
    for prefix in ("office", "table", "text", "style")
)


def document(tables: str, before: str = "", styles: str = "") -> bytes:
    content = (
        f'<?xml version="1.0"?><office:document-content {SPACES} xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'xmlns:calcext="c" xmlns:draw="d"><office:automatic-styles>{styles}</office:automatic-styles>'
        f"<office:body><office:spreadsheet>{before}{tables}</office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        zipped.writestr("content.xml", content)
    return made.getvalue()


def table(*rows: str, name: str = "Jobs", more: str = "") -> str:
    return f'<table:table table:name="{name}"{more}>{"".join(rows)}</table:table>'


def row(*cells: str, repeated: int = 1) -> str:
    return f'<table:table-row table:number-rows-repeated="{repeated}">{"".join(cells)}</table:table-row>'


def text(words: str, **attributes: object) -> str:
    named = "".join(f' table:{name.replace("_", "-")}="{value}"' for name, value in attributes.items())
    return f'<table:table-cell office:value-type="string"{named}><text:p>{words}</text:p></table:table-cell>'


def value(kind: str, shown: str = "x", **attributes: str) -> str:
    named = "".join(f' office:{name.replace("_", "-")}="{value}"' for name, value in attributes.items())
    return f'<table:table-cell office:value-type="{kind}"{named}><text:p>{shown}</text:p></table:table-cell>'


def first_rows(*rows: str) -> list[list[str]]:
    return rows_of(sheets_of(document(table(*rows)))[0])


HEADER = row(text("Company"), text("Link"))


def test_values_are_read_as_they_are_stored() -> None:
    cells = (
        value("float", "65,000.00", value="65000"),
        value("percentage", "15%", value="0.15"),
        value("currency", "$65,000", value="65000", currency="USD"),
        value("date", "03/04/26", date_value="2026-03-04"),
        value("date", "x", date_value="2026-03-04T14:30:00"),
        value("date", "x", date_value="2026-03-04T00:00:00"),
        value("time", "x", time_value="PT14H30M00S"),
        value("boolean", "TRUE", boolean_value="true"),
        text("a<text:s text:c='2'/>b<text:line-break/>c</text:p><text:p>d"),
        '<table:table-cell office:value-type="string" calcext:value-type="error"><text:p>#</text:p></table:table-cell>',
        text("Err:508"),
        text("Pat<office:annotation><text:p>a comment</text:p></office:annotation>"),
    )

    assert first_rows(HEADER, row(*cells))[1] == [
        *("65000", "15%", "65000", "2026-03-04", "2026-03-04 14:30:00", "2026-03-04", "14:30:00", "Yes"),
        *("a  b\nc\nd", "", "", "Pat", "a comment"),
    ]


def test_links_are_written_beside_their_words() -> None:
    def link(words: str, url: str = "https://a.example") -> str:
        return f'<text:a xlink:href="{url}">{words}</text:a>'

    formula = "of:=HYPERLINK(&quot;https://a.example/&quot;&amp;[.A2];&quot;Go&quot;)"
    cells = (text("Acme"), text(link("Posting")), text(link("https://a.example")), text("Go", formula=formula))
    several = text(f"{link('one')}, {link('two', 'https://b.example')}")

    assert first_rows(row(text("Company"), text("Link")), row(*cells, several))[1] == [
        "Acme",
        "[Posting](https://a.example)",
        "https://a.example",
        "[Go](https://a.example/Acme)",
        "[one](https://a.example), [two](https://b.example)",
    ]


def test_what_repeats_is_written_as_often_and_merged_cells_hold_for_their_rows() -> None:
    rows = first_rows(
        HEADER,
        row(text("Acme", number_rows_spanned=2), text("1")),
        row("<table:covered-table-cell/>", text("2")),
        row('<table:table-cell table:number-columns-repeated="2"/>', text("x", number_columns_repeated=2), repeated=2),
    )

    assert rows == [["Company", "Link"], ["Acme", "1"], ["Acme", "2"], *[["", "", "x", "x"]] * 2]


def test_repeats_without_end_cost_nothing_if_they_are_empty() -> None:
    empty = '<table:table-cell table:number-columns-repeated="1000000000"/>'
    no = value("boolean", "FALSE", boolean_value="false")
    with takes_at_most(hashes=8):
        [sheet] = sheets_of(
            document(
                table(HEADER, row(text("Acme"), text("x"), empty), row(no, repeated=10**9), row(empty, repeated=10**9))
            )
        )

        assert rows_of(sheet) == [["Company", "Link"], ["Acme", "x"]]


@pytest.mark.parametrize(
    "tables",
    [
        table(HEADER, row(text("Acme"), repeated=10**9)),
        table(HEADER, row(text("Acme", number_columns_repeated=10**9))),
        table(HEADER, row(text("Acme", number_columns_repeated=190), repeated=20_000)),
        table(HEADER, row(*[text("x") for _ in range(20_000)])),
        table(HEADER, row(text("x" * 70_000))),
        "".join(table(HEADER) for _ in range(2_000)),
    ],
)
def test_f2_what_is_larger_than_a_table_is_refused(tables: str) -> None:
    with takes_at_most(hashes=20), pytest.raises(FileRefusedError):
        sheets_of(document(tables))


@pytest.mark.parametrize("content", ["", "<a>", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'])
def test_f2_what_is_damaged_or_declares_entities_is_refused(content: str) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as zipped:
        zipped.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        zipped.writestr("content.xml", content)

    with pytest.raises(FileRefusedError, match="damaged"):
        sheets_of(made.getvalue())


def named(sheets: list[Sheet]) -> list[tuple[str, str]]:
    return [(sheet.name, sheet.left_out) for sheet in sheets]


def test_sheets_are_left_out_as_in_other_workbooks() -> None:
    hidden = (
        '<style:style style:name="h" style:family="table"><style:table-properties table:display="false"/></style:style>'
    )
    condition = "of:cell-content-is-in-list([$'My words'.$A$1:.$A$9];[$'My words'.$B$1:.$B$9])"
    lists = (
        '<table:content-validations><table:content-validation table:name="v" '
        f'table:condition="{condition}"/></table:content-validations>'
    )
    content = document(
        table(HEADER, row(text("Acme"), text("x", content_validation_name="v")))
        + table(row(text("Sent"), text("Full")), row(text("Gone")), name="My words")
        + table(HEADER, row(text("1"), text("2")), name="Sums", more=' table:style-name="h"')
        + table(name="Empty"),
        lists,
        hidden,
    )

    assert Archive(io.BytesIO(content)).is_workbook
    assert named(sheets_of(content)) == [
        ("Jobs", ""),
        ("My words", "a list of drop-down words"),
        ("Sums", "hidden"),
        ("Empty", "empty"),
    ]


def test_of_many_sheets_twenty_are_read() -> None:
    sheets = sheets_of(document("".join(table(HEADER, row(text("A"), text("B")), name=f"S{n}") for n in range(22))))

    assert [sheet.left_out for sheet in sheets] == [""] * 20 + ["more than 20 sheets"] * 2


def test_ten_thousand_rows_are_read_fast() -> None:
    filled = (row(text(f"C{n}"), *[text(f"words {n}") for _ in range(8)]) for n in range(10_000))
    content = document(table(HEADER, *filled))

    with takes_at_most(hashes=20):
        [sheet] = sheets_of(content)

        assert sheet.rows == 10_001


def test_comments_on_cells_stand_beside_their_row() -> None:
    note = (
        '<office:annotation><dc:creator xmlns:dc="dc">Me</dc:creator><text:p>met at a fair</text:p>'
        "<text:p>twice</text:p></office:annotation>"
    )
    commented = f'<table:table-cell office:value-type="string">{note}<text:p>A</text:p></table:table-cell>'

    [sheet] = sheets_of(document(table(row(text("Company"), text("Role")), row(commented, text("Engineer")))))

    assert rows_of(sheet) == [["Company", "Role", "Comment"], ["A", "Engineer", "met at a fair\ntwice"]]


def test_a_number_keeps_its_percent_sign_and_the_zeros_in_front() -> None:
    cells = [value("percentage", "85 %", value="0.85"), value("float", "00045", value="45"), value("float", value="4")]

    [sheet] = sheets_of(document(table(row(text("Fit"), text("Req"), text("Hours")), row(*cells))))

    assert rows_of(sheet)[1] == ["85%", "00045", "4"]


def test_what_is_struck_through_says_so_in_a_column_of_its_own() -> None:
    style = (
        '<style:style style:name="s" style:family="table-cell">'
        '<style:text-properties style:text-line-through-style="solid"/></style:style>'
    )
    struck = text("Acme", style_name="s"), text("x", style_name="s")
    content = document(table(HEADER, row(*struck), row(text("Beta"), text("y"))), styles=style)

    assert rows_of(sheets_of(content)[0]) == [
        ["Company", "Link", "Struck through"],
        ["Acme", "x", "Yes"],
        ["Beta", "y"],
    ]
