"""Excel workbooks: which sheets are read, and what their cells become."""

import datetime as dt

import openpyxl
import pytest
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from tests.support.paths import SAMPLES
from tests.support.workbooks import MAIN, changed, far, first_rows, repacked, rows_of, sheets_of, with_xml, workbook
from tmr.domain.importing.readers.workbooks.link_formulas import without_formula
from tmr.domain.importing.readers.workbooks.sheet import left_out_of

CASES = SAMPLES / "import-cases"
HEADER = ["Company", "Role", "Status", "Link"]


def cell(place: str, text: str, formula: str = "") -> str:
    escaped = formula.replace("&", "&amp;").replace("<", "&lt;")
    return f'<c r="{place}" t="str"><f>{escaped}</f><v>{text}</v></c>'


def test_a_sheet_that_is_a_chart_is_named_and_left_out() -> None:
    sheets = sheets_of((CASES / "x1-chart-sheet.xlsx").read_bytes())

    assert [(sheet.name, sheet.rows, sheet.left_out) for sheet in sheets] == [
        ("Applications", 4, ""),
        ("Chart", 0, "a chart"),
    ]


def test_the_words_of_drop_downs_are_left_out() -> None:
    sheets = sheets_of((CASES / "x2-drop-down-sheet.xlsx").read_bytes())

    assert [(sheet.name, sheet.left_out) for sheet in sheets] == [
        ("Applications", ""),
        ("Drop Downs", "a list of drop-down words"),
    ]


def test_every_sheet_with_a_table_is_read_though_no_header_is_known() -> None:
    sheets = sheets_of((CASES / "x3-second-sheet-lost.xlsx").read_bytes())

    assert [(sheet.name, sheet.rows, sheet.left_out) for sheet in sheets] == [
        ("Applications", 4, ""),
        ("Archive 2025", 5, ""),
    ]
    assert rows_of(sheets[1])[1] == ["Old 1", "Job 1", "Sent", "2025-05-01"]


def test_a_link_behind_a_word_is_written_beside_it() -> None:
    rows = first_rows((CASES / "x5-linked-words.xlsx").read_bytes())

    assert [row[4] for row in rows] == [
        "Link",
        "[Posting](https://jobs.example/2)",
        "[Posting](https://jobs.example/3)",
        "[Posting](https://jobs.example/4)",
    ]


def test_rows_that_only_the_template_filled_in_are_dropped_and_counted() -> None:
    [sheet] = sheets_of((CASES / "x7-filled-down-rows.xlsx").read_bytes())

    assert (sheet.rows, sheet.template_rows) == (3, 300)
    assert rows_of(sheet)[2] == ["Rejected", "Tarn Systems", "Data Engineer", "2026-03-05", "No", "11"]


def test_a_merged_cell_holds_for_each_of_its_rows() -> None:
    rows = first_rows((CASES / "x8-merged-company.xlsx").read_bytes())

    assert [row[0] for row in rows] == ["Company", "Company 1", "Company 1", "Company 1", "Company 2"]


def test_a_title_over_the_whole_width_stays_one_cell() -> None:
    def merge(made: openpyxl.Workbook) -> None:
        made.active.merge_cells("A1:D2")

    rows = first_rows(workbook(merge, Jobs=[["My search"], [], HEADER, ["A", "B", "Applied", ""]]))

    assert [len(row) for row in rows] == [1, 0, 4, 3]


def test_a_header_of_two_lines_names_its_columns_in_both() -> None:
    def merge(made: openpyxl.Workbook) -> None:
        made.active.merge_cells("A1:A2")
        made.active.merge_cells("B1:C1")

    rows = first_rows(workbook(merge, Jobs=[["Company", "Dates"], ["", "Applied", "Heard"], ["A", "1 May", "2 May"]]))

    assert rows[:2] == [["Company", "Dates"], ["Company", "Applied", "Heard"]]


@pytest.mark.parametrize(
    ("text", "url", "shown"),
    [
        ("https://jobs.example/1", "https://jobs.example/1", "https://jobs.example/1"),
        ("jobs.example/1/", "https://jobs.example/1", "https://jobs.example/1"),
        ("https://jobs.example/ab…", "https://jobs.example/abcdef", "https://jobs.example/abcdef"),
        ("Acme", "https://acme.example/a b", "[Acme](https://acme.example/a%20b)"),
        ("Engineer [Remote]", "https://acme.example", "[Engineer [Remote]](https://acme.example)"),
        ("pat@acme.example", "mailto:pat@acme.example?subject=Hi", "pat@acme.example"),
        ("Pat", "mailto:pat@acme.example", "Pat <pat@acme.example>"),
        ("Email", "mailto:pat@acme.example", "pat@acme.example"),
        ("Wiki", "https://acme.example/a_(b)", "[Wiki](https://acme.example/a_%28b%29)"),
        ("CV", "file:///C:/cv.docx", "CV"),
        ("CV", "cv.docx", "CV"),
        ("Run", "javascript:alert(1)", "Run"),
        (
            "https://jobs.example/1",
            "https://www.google.example/url?q=https%3A%2F%2Fjobs.example%2F1&sa=D",
            "https://jobs.example/1",
        ),
        ("Two\nlines", "https://acme.example", "Two\nlines\nhttps://acme.example"),
    ],
)
def test_a_link_and_what_shows_it_become_one_text(text: str, url: str, shown: str) -> None:
    def link(made: openpyxl.Workbook) -> None:
        made.active["D2"].hyperlink = url
        made.active["D2"].value = text

    rows = first_rows(workbook(link, Jobs=[HEADER, ["A", "B", "Applied", text]]))

    assert rows[1][3] == shown


def test_a_link_goes_on_behind_the_hash_and_one_within_the_workbook_is_none() -> None:
    rels = '<Relationships><Relationship Id="r1" Type="t/hyperlink" Target="https://a.example" TargetMode="External"/>'
    after = (
        '<hyperlinks><hyperlink ref="A2" r:id="r1" location="/jobs/1"/><hyperlink ref="B2" location="Sheet2!A1"/>'
        '<hyperlink ref="C2:D9" r:id="r1"/><hyperlink ref="nonsense" r:id="r1"/></hyperlinks>'
    )
    row = "".join(f'<c r="{place}" t="inlineStr"><is><t>x</t></is></c>' for place in ("A2", "B2", "C2", "D2"))

    rows = first_rows(with_xml(f"<row>{row}</row>" + far(1, "A"), after, rels=rels + "</Relationships>"))

    assert rows[1] == ["[x](https://a.example#/jobs/1)", "x", "[x](https://a.example)", "[x](https://a.example)"]


def test_a_link_behind_a_header_does_not_hide_its_words() -> None:
    def link(made: openpyxl.Workbook) -> None:
        for place in ("A1", "A2"):
            made.active[place].hyperlink = "https://a.example"

    assert [row[0] for row in first_rows(workbook(link, Jobs=[HEADER, ["A", "B", "Applied", ""]]))] == [
        "Company",
        "[A](https://a.example)",
    ]


def test_a_formula_that_is_only_a_text_is_followed_too() -> None:
    formula = '=HYPERLINK("https://a.example", "Go")'

    assert without_formula(formula) == "[Go](https://a.example)"
    assert without_formula("=1+1") == "=1+1"
    assert without_formula("=HYPERLINK(A1)") == "=HYPERLINK(A1)"


@pytest.mark.parametrize(
    ("formula", "shown"),
    [
        ('HYPERLINK("https://jobs.example/1","Posting")', "[Posting](https://jobs.example/1)"),
        ('HYPERLINK("https://jobs.example/1";"Posting")', "[Posting](https://jobs.example/1)"),
        ('HYPERLINK("https://jobs.example/1")', "[Posting](https://jobs.example/1)"),
        ('HYPERLINK("https://jobs.example/"&A2,"Posting")', "[Posting](https://jobs.example/Acme)"),
        ('HYPERLINK(CONCATENATE("https://jobs.example/",$A$2), "Posting")', "[Posting](https://jobs.example/Acme)"),
        ('IFERROR(HYPERLINK("https://jobs.example/1","Posting"),"")', "[Posting](https://jobs.example/1)"),
        ('HYPERLINK("https://jobs.example/1",VLOOKUP(A2,Z:Z,1))', "[Posting](https://jobs.example/1)"),
        ('HYPERLINK(VLOOKUP(A2,Z:Z,1),"Posting")', "Posting"),
        ('HYPERLINK("#Sheet2!A1","Posting")', "Posting"),
        ('HYPERLINK("https://jobs.example/1', "Posting"),
        ("HYPERLINK(", "Posting"),
    ],
)
def test_a_formula_that_makes_a_link_is_followed(formula: str, shown: str) -> None:
    rows = '<row r="1"><c r="A1" t="str"><v>Company</v></c><c r="B1" t="str"><v>Link</v></c></row>'

    read = first_rows(with_xml(f'{rows}<row r="2">{cell("A2", "Acme")}{cell("B2", "Posting", formula)}</row>'))

    assert read[1] == ["Acme", shown]


def test_a_formula_that_was_never_calculated_still_shows_its_words() -> None:
    rows = first_rows(
        workbook(Jobs=[["Company", "Link"], ["A", '=HYPERLINK("https://a.example","Go")'], ["B", "=1+1"]])
    )

    assert rows[1:] == [["A", "[Go](https://a.example)"], ["B"]]


def test_a_formula_that_was_filled_down_names_the_cells_of_its_own_row() -> None:
    rows = "".join(
        f'<row r="{n}"><c r="A{n}"><v>{n}</v></c><c r="B{n}" t="str">{formula}<v>Go</v></c></row>'
        for n, formula in (
            (1, '<f t="shared" ref="B1:B2" si="0">HYPERLINK("https://a.example/"&amp;A1,"Go")</f>'),
            (2, '<f t="shared" si="0"/>'),
        )
    )

    assert [row[1] for row in first_rows(with_xml(rows))] == ["[Go](https://a.example/1)", "[Go](https://a.example/2)"]


def test_dates_times_numbers_checkboxes_and_errors_are_shown_as_a_person_sees_them() -> None:
    moment = dt.datetime(2026, 12, 1, 14, 30, tzinfo=dt.UTC).replace(tzinfo=None)
    values: list[object] = [dt.date(2026, 3, 4), moment, dt.time(14, 30), 65000.0, 37.125, True, False, "#REF!", "x"]

    rows = first_rows(workbook(Jobs=[list("abcdefghi"), values]))

    assert rows[1] == ["2026-03-04", "2026-12-01 14:30:00", "14:30:00", "65000", "37.1250", "Yes", "No", "", "x"]


def test_errors_without_a_number_and_texts_in_several_styles_are_read() -> None:
    rows = (
        '<row><c t="e"><v>#N/A</v></c><c t="inlineStr"><is><r><t>Plat</t></r><r><t>form</t></r><rPh><t>x</t></rPh></is>'
        '</c><c t="s"><v>0</v></c><c><v>n/k</v></c><c t="d"><v>2026-03-04T00:00:00</v></c></row>'
        "<row><c><v>2</v></c></row>"
    )
    strings = "<sst><si><t>a_x000D_\nb</t><rPh><t>ignored</t></rPh></si></sst>"

    content = with_xml(rows, strings=strings)

    assert first_rows(content) == [["", "Platform", "a\nb", "n/k", "2026-03-04"], ["2"]]


def test_days_may_count_from_1904() -> None:
    def change(made: openpyxl.Workbook) -> None:
        made.epoch = openpyxl.utils.datetime.MAC_EPOCH

    assert first_rows(workbook(change, Jobs=[["a", "b"], [dt.date(2026, 3, 4), 1]]))[1][0] == "2026-03-04"


def test_hidden_rows_and_columns_are_kept() -> None:
    def hide(made: openpyxl.Workbook) -> None:
        made.active.row_dimensions[2].hidden = True
        made.active.column_dimensions["B"].hidden = True

    assert len(first_rows(workbook(hide, Jobs=[["Company", "Role"], ["A", "B"], ["C", "D"]]))) == 3


def hidden(made: openpyxl.Workbook) -> None:
    made[made.sheetnames[-1]].sheet_state = "hidden"


def test_a_hidden_sheet_of_applications_is_read_and_another_is_left_out_by_name() -> None:
    jobs, numbers = [["Company", "Role"], ["A", "B"]], [["Week", "Count"], ["2026-03-04", 3]]

    read = sheets_of(workbook(hidden, Jobs=jobs, Old=[["Company", "Job title"], ["C", "D"]]))
    left_out = sheets_of(workbook(hidden, Jobs=jobs, Sums=numbers))

    assert [sheet.left_out for sheet in read] == ["", ""]
    assert [sheet.left_out for sheet in left_out] == ["", "hidden"]


def test_words_that_drop_downs_of_other_sheets_offer_are_left_out_whatever_they_are_called() -> None:
    def offer(made: openpyxl.Workbook) -> None:
        for column, range_ in (("C", "'My words'!$A$2:$A$4"), ("D", "Kinds")):
            validation = DataValidation(type="list", formula1=f"={range_}", allow_blank=True)
            validation.add(f"{column}2:{column}100")
            made["Jobs"].add_data_validation(validation)
        made.defined_names["Kinds"] = DefinedName("Kinds", attr_text="'My words'!$B$2:$B$3")

    words = [["Stage", "Kind"], ["Sent", "Full"], ["Talk", "Half"], ["Gone", ""]]
    jobs = [["Company", "Role", "Status", "Kind"], ["A", "B", "Sent", "Full"]]

    assert [sheet.left_out for sheet in sheets_of(workbook(offer, Jobs=jobs, My_words=words))] == [
        "",
        "a list of drop-down words",
    ]
    assert [sheet.left_out for sheet in sheets_of(workbook(Jobs=jobs, My_words=words))] == ["", ""]


@pytest.mark.parametrize(
    "name", ["Lists", "Dropdowns", "Data Validation", "Listen", "Listas", "DROP-DOWN LISTS", "_Options 2"]
)
def test_lists_are_known_by_their_name_in_several_languages(name: str) -> None:
    jobs, words = [["Company", "Role"], ["A", "B"]], [["Status", "Source"], ["Applied", "LinkedIn"], ["Offer", ""]]

    assert [sheet.left_out != "" for sheet in sheets_of(workbook(Jobs=jobs, **{name.replace(" ", "_"): words}))] == [
        False,
        True,
    ]


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("Lists", [["Company", "Role"], ["Acme", "Engineer"], ["Globex", "Analyst"]]),
        ("Options", [["Company", "Applied"], ["Acme", "2026-03-04"]]),
        ("Lists", [["Who", "Mail"], ["Pat", "pat@acme.example"]]),
        ("Archive", [["Status", "Source"], ["Applied", "LinkedIn"]]),
        ("Job List", [["Status", "Source"], ["Applied", "LinkedIn"]]),
    ],
)
def test_a_small_sheet_of_records_is_not_taken_for_a_list(name: str, rows: list[list[object]]) -> None:
    content = workbook(Jobs=[["Company", "Role"], ["A", "B"]], **{name.replace(" ", "_"): rows})

    assert [sheet.left_out for sheet in sheets_of(content)] == ["", ""]


def test_companies_that_a_drop_down_offers_are_records_too() -> None:
    def offer(made: openpyxl.Workbook) -> None:
        validation = DataValidation(type="list", formula1="=Companies!$A$2:$A$4")
        validation.add("A2:A100")
        made["Jobs"].add_data_validation(validation)

    companies = [["Company", "Size", "Note"], ["Acme", "Big", "Nice"], ["Globex", "Small", "Far"]]
    content = workbook(offer, Jobs=[["Company", "Role"], ["Acme", "B"]], Companies=companies)

    assert [sheet.left_out for sheet in sheets_of(content)] == ["", ""]


def test_the_only_sheet_is_never_a_list() -> None:
    content = workbook(Lists=[["Status", "Company"], ["Applied", "Acme"]], Empty=[])

    assert [(sheet.left_out, sheet.rows) for sheet in sheets_of(content)] == [("", 2), ("empty", 0)]


def test_a_column_alone_is_a_table_only_if_there_is_no_other() -> None:
    column = [["Company"], ["Acme"], ["Globex"]]

    assert [sheet.left_out for sheet in sheets_of(workbook(Jobs=column))] == [""]
    assert [sheet.left_out for sheet in sheets_of(workbook(Jobs=column, Other=[["a", "b"], [1, 2]]))] == [
        "not a table",
        "",
    ]


def test_of_many_sheets_twenty_are_read_and_all_are_named() -> None:
    def chart(made: openpyxl.Workbook) -> None:
        drawn = BarChart()
        drawn.add_data(Reference(made.worksheets[0], min_col=1, min_row=1, max_row=2))
        made.create_chartsheet("Chart", 0).add_chart(drawn)

    sheets = sheets_of(workbook(chart, **{f"S{n}": [["Company", "Role"], [n, "B"]] for n in range(25)}))

    assert [sheet.name for sheet in sheets] == ["Chart", *(f"S{n}" for n in range(25))]
    assert [sheet.left_out for sheet in sheets] == ["a chart", *[""] * 20, *["more than 20 sheets"] * 5]


def test_sheets_of_one_name_are_kept_apart() -> None:
    content = workbook(Jobs=[["a", "b"], [1, 2]], Other=[["a", "b"], [1, 2]])
    listed = changed(content, "xl/workbook.xml", 'name="Other"', 'name="jobs"')

    assert [sheet.name for sheet in sheets_of(listed)] == ["Jobs", "jobs (2)"]


def test_a_workbook_of_the_strict_format_is_read() -> None:
    content = workbook(Jobs=[["Company", "Role"], ["A", "B"]])
    for part in ("xl/workbook.xml", "xl/worksheets/sheet1.xml"):
        content = changed(content, part, MAIN, "http://purl.oclc.org/ooxml/spreadsheetml/main")

    assert first_rows(content) == [["Company", "Role"], ["A", "B"]]


def test_what_a_template_fills_down_to_the_end_of_the_sheet_is_no_large_table() -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c><c r="B{n}"><v>2</v></c></row>' for n in (1, 2))
    filled = "".join(f'<row r="{n}"><c r="B{n}" t="b"><v>0</v></c></row>' for n in range(3, 60_000))

    [sheet] = sheets_of(with_xml(rows + filled))

    assert sheet.rows == 2
    assert sheet.template_rows > 10_000


def test_comments_on_cells_stand_beside_their_row_and_others_are_named() -> None:
    def comment(made: openpyxl.Workbook) -> None:
        sheet = made["Jobs"]
        sheet["A2"].comment = Comment("met the founder", "me")
        sheet["B2"].comment = Comment("asks for Go", "me")
        sheet["B1"].comment = Comment("as advertised", "me")

    content = workbook(comment, Jobs=[["Company", "Role", "Status"], ["A", "Engineer", "Applied"], ["B", "Clerk", ""]])

    [sheet] = sheets_of(content)

    assert rows_of(sheet) == [
        ["Company", "Role", "Status", "Comment"],
        ["A", "Engineer", "Applied", "met the founder\nasks for Go"],
        ["B", "Clerk"],
    ]
    assert [left.left_out for left in left_out_of([sheet])] == ["comment on B1: “as advertised”"]


def test_a_thread_on_a_cell_is_read_and_what_only_points_to_it_is_not() -> None:
    thread = '<ThreadedComments><threadedComment ref="A2"><text>ask Bo</text></threadedComment></ThreadedComments>'
    older = (
        '<comments><commentList><comment ref="A2"><text><t>[Threaded comment] ask Bo</t></text></comment>'
        '<comment ref="B2"><text><r><t>two </t></r><r><t>parts</t></r></text></comment></commentList></comments>'
    )
    content = with_xml(
        "".join(
            f'<row r="{at}"><c r="A{at}" t="str"><v>{left}</v></c><c r="B{at}" t="str"><v>{right}</v></c></row>'
            for at, left, right in ((1, "Company", "Role"), (2, "A", "B"))
        ),
        rels=f'<Relationships xmlns="{MAIN}"><Relationship Id="r1" Type="x/comments" Target="/xl/comments1.xml"/>'
        '<Relationship Id="r2" Type="x/threadedComment" Target="../threadedComments/t1.xml"/></Relationships>',
    )

    content = repacked(content, **{"xl/comments1.xml": older, "xl/threadedComments/t1.xml": thread})

    assert first_rows(content)[1] == ["A", "B", "ask Bo\ntwo parts"]


@pytest.mark.parametrize(
    ("style", "value", "shown"),
    [
        ("00000", 45, "00045"),
        ("00000", 1234567, "1234567"),
        ("000-00", 1234, "012-34"),
        ("0%", 0.85, "85%"),
        ("0.00 %", 0.0725, "7.25%"),
        ("0.00", 0.85, "0.85"),
        ("#,##0", 45, "45"),
    ],
)
def test_a_number_is_what_its_cell_shows(style: str, value: float, shown: str) -> None:
    def change(made: openpyxl.Workbook) -> None:
        made["Jobs"]["B2"].number_format = style

    assert first_rows(workbook(change, Jobs=[["Company", "Req"], ["A", value]]))[1] == ["A", shown]
