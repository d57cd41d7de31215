"""Logs with one row a step: nothing that a row says is lost, and new steps of stored applications are added."""

import csv
import io

from tests.integration.records.imports.test_import_cases import rows_of


def lines(*rows: str) -> bytes:
    return "\n".join(rows).encode()


HEADER = "Date,Company,Role,Status,Location,Notes"
LOG = (
    "2026-03-04,Globex,Engineer,Applied,Oslo,",
    "2026-03-12,Globex,Engineer,Interview,,",
    "2026-03-05,Initech,Clerk,Applied,,",
    "2026-03-15,Initech,Clerk,Interview,,",
)
LATER = ("2026-03-22,Globex,Engineer,Offer,,by phone", "2026-03-23,Initech,Clerk,Rejected,,")


def test_a_log_brought_again_names_each_row_and_says_which_steps_are_new(alice) -> None:
    alice.bring(lines(HEADER, *LOG))
    place = alice.upload(lines(HEADER, *LOG, *LATER)).headers["Location"]
    alice.post(place)

    page = alice.get(place).text
    left = list(csv.DictReader(io.StringIO(alice.get(f"{place}/left/0").data.decode("utf-8-sig"))))

    assert "Row 3: Globex · Engineer – you already have it" in page
    assert "Row 6: Globex · Engineer – you already have it, but not this step" in page
    assert len(left) == 6


def test_an_update_adds_the_new_steps_of_a_log_on_their_own_days(alice) -> None:
    alice.bring(lines(HEADER, *LOG))

    alice.bring(lines(HEADER, *LOG, *LATER), duplicates="update")
    events = sorted((row["to_stage"], row["happened_at"][:10], row["text"]) for row in rows_of(alice, "events"))

    assert {row["status"] for row in rows_of(alice, "applications")} == {"offer", "rejected"}
    assert events == [
        ("applied", "2026-03-04", ""),
        ("applied", "2026-03-05", ""),
        ("interviewing", "2026-03-12", ""),
        ("interviewing", "2026-03-15", ""),
        ("offer", "2026-03-22", "by phone"),
        ("rejected", "2026-03-23", ""),
    ]


def test_each_person_of_a_log_becomes_a_contact(alice) -> None:
    alice.bring(
        lines(
            "Date,Company,Role,Status,Recruiter,Recruiter Email",
            "2026-03-04,Globex,Engineer,Applied,Ann Roe,ann@globex.example",
            "2026-03-12,Globex,Engineer,Interview,Bo Lind,bo@globex.example",
            "2026-03-20,Globex,Engineer,Rejected,Ann Roe,ann@globex.example",
        )
    )

    assert {row["email"] for row in rows_of(alice, "contacts")} == {"ann@globex.example", "bo@globex.example"}


def test_two_people_may_share_an_email_address(alice) -> None:
    alice.bring(
        lines(
            "Company,Role,Status,Recruiter,Recruiter Email",
            "Globex,Engineer,Applied,Ann Roe,jobs@globex.example",
            "Globex,Analyst,Applied,Bo Lind,jobs@globex.example",
            "Globex,Clerk,Applied,Bo Lind,jobs@globex.example",
        )
    )

    assert sorted(row["name"] for row in rows_of(alice, "contacts")) == ["Ann Roe", "Bo Lind"]


def test_the_parts_and_titles_of_a_persons_name_are_one_name(alice) -> None:
    alice.bring(
        lines(
            "Firma,Anrede,Titel,Vorname,Nachname,E-Mail,Stelle als,Bewerbung verschickt,Termin",
            "Globex,Frau,Dr.,Anna,Roth,roth@globex.example,Laborantin,04.03.2026,20.03.2026 10:00",
            "Initech,Herr,,Jan,Kern,,Technikerin,15.03.2026,",
            "Umbra,Frau,Prof.,,,,Planerin,16.03.2026,",
        )
    )
    applications = {row["company"]: row for row in rows_of(alice, "applications")}

    assert {row["name"] for row in rows_of(alice, "contacts")} == {"Frau Dr. Anna Roth", "Herr Jan Kern"}
    assert [row["title"] for row in applications.values()] == ["Laborantin", "Technikerin", "Planerin"]
    assert "Termin: 20.03.2026 10:00" in applications["Globex"]["notes"]
    assert "Contact: Frau Prof." in applications["Umbra"]["notes"]


def test_titles_make_no_two_people_one_and_no_person_two(alice) -> None:
    alice.bring(
        lines(
            "Company,Role,Status,Contact,Contact email",
            "Globex,Engineer,Applied,Frau Dr. Roth,jobs@globex.example",
            "Globex,Analyst,Applied,Frau Dr. Kern,jobs@globex.example",
            "Initech,Clerk,Applied,Dr. Ada Ek,",
            "Initech,Cook,Applied,Ada Ek,",
        )
    )

    assert sorted(row["name"] for row in rows_of(alice, "contacts")) == ["Dr. Ada Ek", "Frau Dr. Kern", "Frau Dr. Roth"]
