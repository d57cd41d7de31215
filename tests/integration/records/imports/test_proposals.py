"""What a person can change about a proposal, and what rows bring beside their records."""

import csv
import io

import pytest

from tests.support.factories import table
from tests.support.kinds import RecordForms
from tests.support.people import counts
from tests.support.workbooks import workbook


@pytest.fixture
def record_forms(alice) -> RecordForms:
    return RecordForms(alice)


def lines(*rows: str) -> bytes:
    return "\n".join(rows).encode()


PEOPLE = lines(
    "Company,Role,Status,Recruiter,Recruiter Email",
    "Globex,Engineer,Applied,Ann Roe,ann@globex.example",
    "Globex,Analyst,Offer,Ann Roe,ann@globex.example",
    "Initech,Clerk,Applied,,",
)


def test_people_beside_applications_become_contacts_once_and_are_linked(record_forms) -> None:
    result = record_forms.alice.bring(PEOPLE)
    [contact] = record_forms.ids("contacts")

    page = record_forms.page("contacts", contact)

    assert result["added"] == 3
    assert "Globex · Engineer" in page
    assert "Globex · Analyst" in page


def test_a_person_who_is_there_already_is_linked_and_not_added(record_forms) -> None:
    record_forms.add("contacts", name="Ann Roe", email="ann@globex.example", notes="met in May")

    record_forms.alice.bring(PEOPLE)

    [contact] = record_forms.ids("contacts")
    page = record_forms.page("contacts", contact)
    assert "met in May" in page
    assert "Globex · Engineer" in page


def test_undo_takes_contacts_and_timelines_along(record_forms) -> None:
    content = lines(
        "Company,Role,Date,Status,Recruiter",
        "Globex,Engineer,2026-03-04,Applied,Ann",
        "Globex,Engineer,2026-03-12,Interview,Ann",
        "Globex,Engineer,2026-04-02,Offer,Ann",
    )
    place = record_forms.alice.upload(content).headers["Location"]
    record_forms.alice.post(place)
    assert len(record_forms.ids("events")) == 3

    record_forms.alice.post(f"{place}/undo")

    assert [record_forms.ids(plural) for plural in ("applications", "contacts", "events")] == [set(), set(), set()]


def test_a_duplicate_is_named_and_can_be_added_anyway(alice) -> None:
    alice.add(company="Globex", title="Engineer")
    content = table({"company": "Globex", "title": "Engineer", "status": "applied"}, {"company": "B", "title": "C"})
    place = alice.upload(content).headers["Location"]

    page = alice.get(place).text
    alice.post(place, **{"add.2": "1"})

    assert "Row 2: Globex · Engineer – you already have it" in page
    assert counts(alice.get(place).text, "import-result") == {"added": 2, "updated": 0, "skipped": 0, "rejected": 0}


def test_skipped_rows_are_named_in_the_result_and_come_back_as_a_file(alice) -> None:
    alice.add(company="Globex", title="Engineer")
    content = table(
        {"company": "Globex", "title": "Engineer", "notes": "=1+1"}, {"company": "B", "title": "C", "notes": ""}
    )
    place = alice.upload(content).headers["Location"]
    alice.post(place)

    page = alice.get(place).text
    answer = alice.get(f"{place}/left/0")
    [left] = csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")))

    assert "Row 2: Globex · Engineer – you already have it" in page
    assert (left["company"], left["title"], left["notes"]) == ("Globex", "Engineer", "'=1+1")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="rows-to-mend.csv"'
    assert alice.get(f"{place}/left/1").status_code == 404


def test_rows_that_were_left_are_nobody_elses(alice, bob) -> None:
    alice.add(company="Globex", title="Engineer")
    place = alice.upload(table({"company": "Globex", "title": "Engineer"}, {"company": "B", "title": "C"})).headers[
        "Location"
    ]
    alice.post(place)

    assert bob.get(f"{place}/left/0").status_code == 404


def test_an_update_shows_what_it_changes_and_leaves_the_name_alone(alice) -> None:
    alice.add(company="Globex Inc", title="Engineer", url="https://g.example/1", location="")
    content = table({"company": "Globex", "title": "Engineer", "url": "https://g.example/1", "location": "Rome"})
    place = alice.upload(content).headers["Location"]

    page = " ".join(alice.post(place, duplicates="update", only="preview").text.split())
    alice.post(place, duplicates="update")

    assert "Location <ins>Rome</ins>" in page
    assert "Company <del>" not in page
    assert "Globex Inc,Engineer,saved,Rome" in alice.csv()


def test_another_row_can_be_the_header_or_none(alice) -> None:
    content = lines("Alpha,Beta,Gamma", "Company,Role,Status", "Globex,Engineer,Applied", "Initech,Clerk,Offer")
    place = alice.upload(content).headers["Location"]

    none = alice.post(place, header="0").text
    again = alice.post(place, header="2").text
    alice.post(place)

    assert "Column 1" in none
    assert 'value="2" selected' in again
    assert alice.csv().count("\r\n") == 3
    assert "Above the header: “Alpha Beta Gamma”." in alice.get(place).text


def test_a_sheet_can_be_left_out_and_is_named(record_forms) -> None:
    content = workbook(
        Jobs=[["Company", "Role", "Status"], ["Globex", "Engineer", "Applied"]],
        Old=[["Company", "Role", "Status"], ["Initech", "Clerk", "Rejected"], ["Hooli", "Clerk", "Rejected"]],
    )
    place = record_forms.alice.upload(content, "jobs.xlsx").headers["Location"]

    record_forms.alice.post(place, **{"1.use": "no"})

    page = record_forms.alice.get(place).text
    assert "Old: 2 rows left out." in page
    assert len(record_forms.ids("applications")) == 1


def test_a_summary_beside_a_good_sheet_is_left_out_by_itself(record_forms) -> None:
    content = workbook(
        Jobs=[["Company", "Role", "Status"], ["Globex", "Engineer", "Applied"], ["Hooli", "Clerk", "Offer"]],
        Summary=[["Status", "Count"], ["Applied", "8"], ["Rejected", "4"], ["Offer", "1"], ["Ghosted", "2"]],
        Contacts=[["Name", "Email", "Company"], ["Ann", "ann@globex.example", "Globex"]],
    )

    assert record_forms.alice.bring(content, "jobs.xlsx")["added"] == 3
    assert len(record_forms.ids("contacts")) == 1


def test_letters_that_were_guessed_are_shown_and_can_be_read_again(alice) -> None:
    content = "Firma;Stelle;Ort\nMüller;Prüfer;Köln\nJäger;Verkäufer;Düren\n".encode("cp1252")
    place = alice.upload(content).headers["Location"]

    guessed = alice.get(place).text
    other = alice.post(place, encoding="mac_roman").text
    alice.post(place, encoding="cp1252")
    alice.post(place)

    assert "Müller · Prüfer · Köln" in guessed
    assert "Müller" not in other
    assert "Müller,Prüfer" in alice.csv()


def test_a_kind_under_which_every_row_would_fail_is_not_proposed(alice) -> None:
    content = lines("Application,Type,Date and time,Interviewers", "Nowhere Ltd,Video,2026-03-04 10:00,Ann")

    page = alice.get(alice.upload(content).headers["Location"]).text

    assert '<option value="applications" selected>' in " ".join(page.split())


def test_a_row_with_a_date_and_no_status_is_applied_unless_the_person_says_otherwise(alice) -> None:
    content = lines("Company,Role,Date Applied", "Globex,Engineer,2026-03-04", "Initech,Clerk,2026-03-05")
    place = alice.upload(content).headers["Location"]

    page = " ".join(alice.get(place).text.split())
    alice.post(place, **{"status.": "saved"})

    assert "2 rows with the day of the application" in page
    assert alice.csv().count(",saved,") == 2


def test_w2_what_an_import_leaves_behind_is_bounded(alice) -> None:
    rows = [{"company": f"C{number}", "title": "T", "notes": "x" * 2_000} for number in range(400)]
    alice.bring(table(*rows))
    place = alice.upload(table(*rows)).headers["Location"]

    alice.post(place)

    page = alice.get(place).text
    assert counts(page, "import-result")["skipped"] == 400
    assert "There are more such rows than are kept." in page
    assert 200 * 1024 < len(alice.get(f"{place}/left/0").data) < 600 * 1024


def test_the_text_around_a_table_in_markdown_is_named(alice) -> None:
    content = lines(
        "# Search", "Ask Bo about Initech.", "", "| Company | Role |", "| - | - |", "| Globex | Clerk |", "", "- rest"
    )
    place = alice.upload(content, "list.md").headers["Location"]

    page = alice.get(place).text

    assert "Outside the table: “Ask Bo about Initech.”" in page
    assert "Outside the table: “- rest”" in page


def test_a_person_with_a_row_of_their_own_keeps_what_it_says(record_forms) -> None:
    content = workbook(
        Applications=[["Company", "Role", "Status", "Recruiter"], ["Globex", "Clerk", "Applied", "Ann Roe"]],
        People=[["Name", "Company", "Email", "Phone"], ["Ann Roe", "Globex", "ann@globex.example", "+47 555 0100"]],
    )

    record_forms.alice.bring(content, "list.xlsx")
    [contact] = record_forms.ids("contacts")
    page = record_forms.page("contacts", contact)

    assert "ann@globex.example" in page
    assert "Globex · Clerk" in page


def test_a_sheet_of_interviews_beside_applications_is_linked_with_them(record_forms) -> None:
    content = workbook(
        Applications=[["Company", "Role", "Status", "Applied"], ["Globex", "Clerk", "Applied", "2026-03-04"]],
        Interviews=[
            ["Company", "Position", "Round", "Date", "Time", "Interviewer", "Outcome"],
            ["Globex", "Clerk", "Technical", "2026-03-12", "14:30", "Bo Lind", "Passed"],
        ],
    )

    record_forms.alice.bring(content, "list.xlsx")
    [interview] = record_forms.ids("interviews")
    page = record_forms.form("interviews", interview)

    assert "Bo Lind" in page
    assert "2026-03-12T14:30" in page
    assert len(record_forms.ids("applications")) == 1


def test_a_board_becomes_applications(alice) -> None:
    result = alice.bring(lines("To apply,Applied,Rejected", "Globex – Clerk,Initech – Cook,", ",,Hooli – Buyer"))

    assert result["added"] == 3


def test_what_a_column_without_a_field_tells_apart_is_another_role(alice) -> None:
    result = alice.bring(
        lines(
            "Company,Role,Team,Status",
            "Globex,Engineer,Search,Applied",
            "Globex,Engineer,Maps,Applied",
            "Globex,Engineer,Maps,Applied",
        )
    )

    assert (result["added"], result["skipped"]) == (2, 1)


def test_a_sheet_with_a_line_of_text_is_named_with_it(alice) -> None:
    content = workbook(
        Jobs=[["Company", "Role", "Status"], ["Globex", "Clerk", "Applied"]], Notes=[["Ask the museum in May"]]
    )
    place = alice.upload(content, "list.xlsx").headers["Location"]

    assert "Notes: 1 row, not a table: “Ask the museum in May”." in alice.get(place).text
