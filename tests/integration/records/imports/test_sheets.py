"""What a workbook says of its sheets and rows beside their cells."""

import datetime as dt

import openpyxl
from openpyxl.styles import Font

from tests.integration.records.imports.test_import_cases import rows_of
from tests.support.workbooks import workbook
from tmr.domain.importing.reading import bundle as bundles
from tmr.domain.importing.reading.file import read_file
from tmr.records.imports import staging

HEADER = ["Company", "Role", "Status", "Applied"]
JOBS = [HEADER, ["Globex", "Engineer", "Applied", dt.date(2026, 3, 4)], ["Initech", "Clerk", "Applied", None]]
OLD = [HEADER, ["Umbra", "Cook", "Rejected", dt.date(2024, 3, 4)], ["Hooli", "Cook", "Rejected", None]]


def hide_last(made: openpyxl.Workbook) -> None:
    made[made.sheetnames[-1]].sheet_state = "hidden"


def companies(person) -> set[str]:
    return {row["company"] for row in rows_of(person, "applications")}


def test_a_hidden_sheet_is_left_out_by_itself_and_said(alice) -> None:
    place = alice.upload(workbook(hide_last, Jobs=JOBS, Old=OLD), "jobs.xlsx").headers["Location"]
    proposal = alice.get(place).text
    alice.post(place)

    said = "Old: 2 rows left out, because the sheet is hidden."
    assert said in proposal
    assert said in alice.get(place).text
    assert companies(alice) == {"Globex", "Initech"}


def test_a_hidden_sheet_can_be_brought_in(alice) -> None:
    alice.bring(workbook(hide_last, Jobs=JOBS, Old=OLD), "jobs.xlsx", **{"1.use": "yes"})

    assert companies(alice) == {"Globex", "Initech", "Umbra", "Hooli"}


def test_the_only_sheet_with_a_table_is_imported_though_it_is_hidden(alice) -> None:
    alice.bring(workbook(hide_last, Summary=[], Jobs=JOBS), "jobs.xlsx")

    assert companies(alice) == {"Globex", "Initech"}


def test_a_page_that_is_called_a_workbook_is_imported_and_its_other_lines_are_named(alice) -> None:
    rows = [
        ["Job Title", "Employer", "Application Status"],
        ["Clerk", "Globex", "Submitted"],
        ["Cook", "Umbra", "Closed"],
    ]
    table = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    place = alice.upload(f"<html><p>Page 1 of 1</p><table>{table}</table>".encode(), "jobs.xls").headers["Location"]
    alice.post(place)

    assert companies(alice) == {"Globex", "Umbra"}
    assert "Outside the table: “Page 1 of 1”" in alice.get(place).text


def test_rows_and_words_that_are_struck_through_say_so(alice) -> None:
    def strike(made: openpyxl.Workbook) -> None:
        for place in ("A2", "B2", "C2", "D2", "B3"):
            made.active[place].font = Font(strike=True)

    alice.bring(workbook(strike, Jobs=[*JOBS, ["Umbra", "Cook", "Applied", None]]), "jobs.xlsx")

    notes = {row["company"]: row["notes"] for row in rows_of(alice, "applications")}
    assert notes == {"Globex": "Struck through: Yes", "Initech": "Struck through: Clerk", "Umbra": ""}


def test_a_workbook_in_one_xml_document_is_imported(alice) -> None:
    rows = [["Position", "Company", "Status"], ["Clerk", "Globex", "Applied"], ["Cook", "Umbra", "Rejected"]]
    cells = "".join(f"<Row>{''.join(f'<Cell><Data>{cell}</Data></Cell>' for cell in row)}</Row>" for row in rows)
    begin = '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook>'

    alice.bring(f"{begin}<Worksheet><Table>{cells}</Table></Worksheet></Workbook>".encode(), "jobs.xls")

    assert companies(alice) == {"Globex", "Umbra"}


def test_w1_a_sheet_beyond_the_rows_of_one_import_is_named_and_brought_afterwards(alice, monkeypatch) -> None:
    monkeypatch.setattr(bundles, "MOST_ROWS", 3)
    monkeypatch.setattr(staging, "read_apart", read_file)
    content = workbook(Jobs=JOBS, Old=OLD)
    place = alice.upload(content, "jobs.xlsx").headers["Location"]
    proposal = alice.get(place).text
    alice.post(place)

    said = "Old: 2 rows left out, because one import takes"
    assert said in proposal
    assert "To import this, leave out another." in proposal
    assert said in alice.get(place).text
    assert companies(alice) == {"Globex", "Initech"}
    alice.bring(content, "jobs.xlsx", **{"use": "no", "1.use": "yes"})
    assert companies(alice) == {"Globex", "Initech", "Umbra", "Hooli"}
